//! Connections on which nothing is said, or nothing gets through.

use crate::core::change::Change;
use crate::core::evidence::{EndedBy, Evidence};
use crate::core::finding::Confidence;
use crate::core::message::MessageKind;
use crate::diagnose::dialect::{self, ended_by_peer};
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::rules::ws::story;
use crate::diagnose::{see, words};

use super::dialect::{prepare, severity};

/// A server that says nothing for less is not called silent, in microseconds.
const QUIET_US: u64 = 1_500_000;
/// Longest time that servers give for the first message, in microseconds.
const DEADLINE_US: u64 = 16_000_000;
/// A write that makes no progress for this long is stalled, in microseconds.
const STALLED_US: u64 = 3_000_000;
/// From this size on, a message is shown by its beginning.
const HUGE: u64 = 16 * 1024 * 1024;

pub(super) fn silence(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    (session.received.messages() == 0 && !session.round_trips_us.is_empty()).then_some(())?;
    let open = match &session.end {
        Some(end) if matches!(end.by, EndedBy::Us | EndedBy::Cut) => see::open_us(session, end),
        Some(_) => return None,
        None => session.last_received_us?.saturating_sub(session.opened_us),
    };
    (open >= QUIET_US).then_some(())?;
    let sent = session.sent.messages();
    Some(
        possible("The connection is alive, and the server says nothing by itself.")
            .info()
            .because(format!(
                "It answered a ping, and no message came in {}; {} went out.",
                words::span(open),
                words::count(sent, "message")
            ))
            .because("Many servers wait for a first message: a login, a subscription, a join.")
            .hint("Send the first message of the protocol.")
            .hint("Check the channel or topic that was subscribed to."),
    )
}

/// Reasons of servers that wanted to hear something sooner.
const UNUSED: &[&str] =
    &["unused", "no subscription", "not subscribed", "must subscribe", "no message received"];

pub(super) fn subscribe_deadline(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (ended_by_peer(e) && session.sent.messages() == 0).then_some(())?;
    let open = see::open_us(session, end);
    (open <= DEADLINE_US).then_some(())?;
    let reason = end.reason_received.to_lowercase();
    let told = UNUSED.iter().any(|part| reason.contains(part));
    let vendor = dialect::all().map(|(_, dialect)| dialect).find(|dialect| {
        let within = dialect.first.as_ref().and_then(|first| first.within_s);
        within.is_some_and(|s| open.abs_diff(s * 1_000_000) <= 1_500_000)
            && dialect.known(e).is_some_and(|known| known.surely)
    });
    let before = e
        .earlier
        .iter()
        .filter(|past| past.opened && past.sent == 0 && past.open_us.abs_diff(open) <= 1_000_000)
        .filter(|past| past.ended_by.is_some_and(|by| by == end.by))
        .count();
    let pattern = before > 0 && open >= 1_000_000;
    (told || vendor.is_some() || pattern).then_some(())?;
    let draft = likely(match end.reason_received.trim() {
        "" => {
            format!("The server closes connections that send nothing within {}.", words::span(open))
        }
        reason => format!(
            "The server says {}: nothing was sent within {}.",
            words::said_in(reason, 80),
            words::span(open)
        ),
    })
    // The same age twice without a message may as well be a limit of age.
    .confidence(match (told, vendor) {
        (true, _) => Confidence::Certain,
        (false, Some(_)) => Confidence::Likely,
        (false, None) => Confidence::Possible,
    })
    .because(story(session, end))
    .because(if pattern {
        format!(
            "{} without a message ended at the same age.",
            words::count(before as u64, "earlier connection")
        )
    } else {
        String::new()
    })
    .hint("Send the first message of the protocol right after opening.");
    Some(match vendor {
        Some(dialect) => prepare(draft, e, dialect),
        None => draft,
    })
}

/// Words of messages that ask for a login.
const ASKS: &[&str] = &[
    "auth_required",
    "auth required",
    "authentication required",
    "authentication_required",
    "please authenticate",
    "must authenticate",
    "login required",
    "not authenticated",
    "not_authenticated",
    "unauthenticated",
];

pub(super) fn first_message_auth(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let asks = |text: &str| {
        let lower = text.to_lowercase();
        ASKS.iter().any(|words| lower.contains(words))
    };
    let reason = session.end.as_ref().map(|end| end.reason_received.as_str());
    let text = session
        .first_received
        .iter()
        .map(String::as_str)
        .find(|text| asks(text))
        .or_else(|| reason.filter(|reason| asks(reason)))?;
    (ended_by_peer(e) || session.sent.messages() == 0).then_some(())?;
    let draft = likely(format!(
        "The server asks for a login in a message: {}.",
        words::said_in(dialect::words_of(text), 80)
    ))
    .severity(severity(e))
    .because(format!("Its message was {}.", words::said_in(text, 120)))
    .because(match &session.end {
        Some(end) => story(session, end),
        None => String::new(),
    })
    .hint("Send the login message of the protocol right after opening.")
    .hint("Check in the documentation whether the token belongs into the handshake instead.");
    Some(if ended_by_peer(e) {
        draft.fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 })
    } else {
        draft
    })
}

pub(super) fn send_stalled(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let stalled = session.write_stalled_us.filter(|us| *us >= STALLED_US && session.unsent > 0)?;
    let waiting = if session.unsent == 1 { "One message" } else { "Several messages" };
    Some(
        certain("The server stopped taking data.")
            .severity(severity(e))
            .because(format!(
                "{waiting} had not gone out whole at the end ({} in all), and for {} not a single \
                 byte of them was taken.",
                session.unsent,
                words::span(stalled)
            ))
            .hint("Send less, and wait for the answers before more.")
            .hint("Read the server's log: its handler may be blocked."),
    )
}

pub(super) fn huge_message(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    (session.largest_received >= HUGE).then_some(())?;
    let text = session.last_received_kind != Some(MessageKind::Binary);
    Some(
        certain(format!("A message of {} came.", words::bytes(session.largest_received)))
            .info()
            .because(if text {
                "Programs that draw, wrap and colour all of such a text stand still; wsdeck shows \
                 what fits the screen and keeps the rest."
            } else {
                "Such a message is shown by its beginning."
            })
            .hint("Save it to a file, or open it in the pager, to see all of it."),
    )
}

/// Reasons of servers that allow one connection for each user or session.
const OTHER: &[&str] = &[
    "another connection",
    "another client",
    "another session",
    "another location",
    "another device",
    "duplicate connection",
    "duplicate login",
    "duplicate session",
    "already connected",
    "replaced by",
    "session replaced",
    "session taken over",
    "too many connections",
    "connection limit",
    "max connections",
];

pub(super) fn other_connection(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    ended_by_peer(e).then_some(())?;
    let says = |text: &str| {
        let lower = text.to_lowercase();
        OTHER.iter().any(|words| lower.contains(words))
    };
    let last = session.last_received.as_deref().filter(|text| {
        says(text)
            && ["error", "disconnect", "close"].iter().any(|w| text.to_lowercase().contains(w))
    });
    let reason = Some(end.reason_received.as_str()).filter(|reason| says(reason));
    let text = reason.or(last)?;
    Some(
        certain(format!(
            "The server says {}: it allows only so many connections.",
            words::said_in(dialect::words_of(text), 80)
        ))
        .because(story(session, end))
        .hint("Close the other connections of this user or key, also those of other programs.")
        .hint("Wait until the server has forgotten connections that were cut.")
        .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
    )
}
