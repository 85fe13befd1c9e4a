//! Rules over the table of dialects: one waits for its first message, closes with a code of its
//! own, tells an error, or wants its messages ended.

use crate::core::change::Change;
use crate::core::evidence::{EndedBy, Evidence};
use crate::core::finding::{Confidence, Severity};
use crate::core::message::MessageKind;
use crate::diagnose::dialect::{self, Dialect, Known, begins, ended_by_peer, heard, words_of};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::ws::{closed, story};
use crate::diagnose::{see, words};

/// An open connection that is silent for less than this may just be slow, in microseconds.
const QUIET_US: u64 = 1_000_000;

/// Findings that say less than one of a dialect.
pub(super) const OVER: &[&str] = &[
    "msg/binary-wanted",
    "msg/drop-on-send",
    "msg/first-message-auth",
    "msg/not-maintained",
    "msg/one-request-then-close",
    "msg/rate-limited",
    "msg/silence",
    "msg/subscribe-deadline",
    "msg/vendor-error-message",
    "ws/101-then-fin",
    "ws/101-then-rst",
    "ws/close-1000",
    "ws/close-1001",
    "ws/close-1002",
    "ws/close-1003",
    "ws/close-1005",
    "ws/close-1006",
    "ws/close-1007",
    "ws/close-1008",
    "ws/close-1011",
    "ws/close-3000-3999",
    "ws/close-44xx",
    "ws/close-4xxx-unknown",
    "ws/subprotocol-not-chosen",
];

/// An error if the other side ended the connection over it.
pub(super) fn severity(e: &Evidence) -> Severity {
    if ended_by_peer(e) { Severity::Error } else { Severity::Warning }
}

fn login(draft: Draft, login: bool) -> Draft {
    if login {
        draft
            .because("That is a refused login, so trying again by itself would only repeat it.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 })
    } else {
        draft
    }
}

/// Puts the first message into the composer.
pub(super) fn prepare(draft: Draft, e: &Evidence, dialect: &Dialect) -> Draft {
    match (dialect.first_message(e), &dialect.first) {
        (Some(text), Some(first)) => {
            draft.fix(format!("Put {} into the composer", first.what), Change::SetMessage { text })
        }
        _ => draft,
    }
}

/// The last error message that the dialect knows.
pub(super) fn says(e: &Evidence, key: &str) -> Option<Draft> {
    let dialect = dialect::get(key)?;
    let session = e.session.as_ref()?;
    let known = dialect.known(e);
    let surely = known.as_ref().is_some_and(|known| known.surely);
    let (text, row) = heard(session).find_map(|text| Some((text, dialect.says(text, surely)?)))?;
    let draft = certain(format!(
        "{} says {}: {}.",
        dialect.name,
        words::said_in(words_of(text), 80),
        row.meaning
    ))
    .severity(severity(e))
    .because(format!("The message was {}.", words::said_in(text, 120)))
    .because(match see::end(e) {
        Some((session, end)) if ended_by_peer(e) => story(session, end),
        _ => String::new(),
    })
    .hint(format!("{}.", row.check));
    Some(login(draft, row.login))
}

/// A close code of the dialect's own.
pub(super) fn code(e: &Evidence, key: &str) -> Option<Draft> {
    let dialect = dialect::get(key)?;
    let (session, end, code) = closed(e)?;
    let known = dialect.known(e).filter(|known| known.surely || code >= 4000)?;
    let reason = end.reason_received.trim();
    let row = dialect.code(code, reason)?;
    let draft = match reason {
        "" => certain(format!("{} closed with {code}: {}.", dialect.name, row.meaning)),
        _ => certain(format!(
            "{} closed with {code} {}: {}.",
            dialect.name,
            words::said_in(reason, 100),
            row.meaning
        )),
    };
    let sureness = if known.surely { Confidence::Certain } else { Confidence::Likely };
    let draft = draft
        .confidence(sureness)
        .because(known.why)
        .because(story(session, end))
        .hint(format!("{}.", row.check));
    Some(login(draft, row.login))
}

/// It waits for its first message, which was not sent.
pub(super) fn waits(e: &Evidence, key: &str) -> Option<Draft> {
    let dialect = dialect::get(key)?;
    let first = dialect.first.as_ref()?;
    let session = e.session.as_ref()?;
    let known = dialect.known(e)?;
    (!dialect.has_begun(session)).then_some(())?;
    let sent = session.sent.messages();
    // A record that does not show what was sent proves nothing.
    (sent == 0 || !session.first_sent.is_empty()).then_some(())?;
    let only_greeted = session
        .first_received
        .iter()
        .all(|text| begins(text, &dialect.marks.greetings) || dialect.says(text, true).is_some());
    let few = session.received.messages() <= session.first_received.len() as u64;
    (few && if known.surely { only_greeted } else { session.first_received.is_empty() })
        .then_some(())?;
    let draft = unsaid(e, dialect, &known, sent > 0)?;
    let draft = draft
        .because(known.why)
        .because(match first.within_s {
            Some(seconds) => format!("It usually gives up after {seconds} s."),
            None => String::new(),
        })
        .hint(format!("Send {} right after opening.", first.what))
        .hint(match &first.hint {
            Some(hint) => format!("{hint}."),
            None => "Check in the documentation what it expects to hear first.".into(),
        });
    let draft = prepare(draft, e, dialect);
    Some(match dialect.subprotocol_missing(e) {
        Some(name) => draft.fix(
            format!("Offer the subprotocol {name}"),
            Change::AddSubprotocol { name: name.to_owned() },
        ),
        None => draft,
    })
}

/// The verdict of [`waits`], by how the connection went on.
fn unsaid(e: &Evidence, dialect: &Dialect, known: &Known, sent: bool) -> Option<Draft> {
    let first = dialect.first.as_ref()?;
    let session = e.session.as_ref()?;
    let what = if sent {
        format!("{} waits for {}, and what was sent is none.", dialect.name, first.what)
    } else {
        format!("{} waits for {}, and nothing was sent.", dialect.name, first.what)
    };
    let draft = likely(what).severity(severity(e));
    let draft = if known.surely { draft } else { draft.confidence(Confidence::Possible) };
    let Some(end) = &session.end else {
        let heard = session.last_received_us.unwrap_or(session.opened_us);
        return (heard.saturating_sub(session.opened_us) >= QUIET_US)
            .then(|| draft.because("It is open, and nothing is said."));
    };
    let seen = match end.by {
        EndedBy::Peer | EndedBy::PeerDropped | EndedBy::Reset => true,
        EndedBy::Us | EndedBy::Cut | EndedBy::TimedOut => see::open_us(session, end) >= QUIET_US,
        _ => false,
    };
    seen.then(|| draft.because(story(session, end)))
}

/// All that is known of a dialect: its errors, its codes, its first message.
pub(super) fn any(e: &Evidence, key: &str) -> Option<Draft> {
    says(e, key).or_else(|| code(e, key)).or_else(|| waits(e, key))
}

/// A message of ours that lacks its end.
pub(super) fn unended(e: &Evidence, key: &str) -> Option<Draft> {
    let dialect = dialect::get(key)?;
    let end = dialect.end.as_ref()?;
    let session = e.session.as_ref()?;
    let message = session.last_sent.iter().chain(session.first_sent.iter().rev()).find(|m| {
        m.kind == MessageKind::Text
            && begins(&m.start, &end.starts)
            && m.last_byte.is_some_and(|byte| byte != end.byte && !end.or.contains(&byte))
    })?;
    let draft = certain(format!(
        "{} messages end with {}, and one of those sent does not.",
        dialect.name, end.what
    ))
    .severity(severity(e))
    .because(format!(
        "The message {} ends with the byte 0x{:02X}. Without its end a message is not whole, and \
         the server goes on waiting for the rest.",
        words::said_in(&message.start, 80),
        message.last_byte.unwrap_or_default()
    ))
    .hint(format!("Add {} to the end of each message.", end.what));
    let opening = dialect.first.as_ref().is_some_and(|f| begins(&message.start, &f.starts));
    Some(if opening { prepare(draft, e, dialect) } else { draft })
}

/// Dialects that have no finding of their own.
const OTHERS: &[&str] = &["azure-webpubsub", "cdp", "coinbase", "sockjs", "twitch-chat"];

pub(super) fn others(e: &Evidence) -> Option<Draft> {
    OTHERS.iter().find_map(|key| says(e, key).or_else(|| code(e, key)))
}
