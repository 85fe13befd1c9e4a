//! Messages of the wrong kind, and too many of them.

use crate::core::evidence::{End, EndedBy, Evidence, SessionFacts};
use crate::core::finding::Confidence;
use crate::core::message::MessageKind;
use crate::diagnose::dialect::{self, ended_by_peer, heard};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::ws::{closed, story};
use crate::diagnose::{see, words};

use super::dialect::severity;

/// Kind of the last message that was sent.
fn last_sent(session: &SessionFacts) -> Option<MessageKind> {
    match &session.last_sent {
        Some(message) => Some(message.kind),
        None if session.sent.binary == 0 && session.sent.text > 0 => Some(MessageKind::Text),
        None if session.sent.text == 0 && session.sent.binary > 0 => Some(MessageKind::Binary),
        None => None,
    }
}

/// Ended after a message of this kind, by a server that says so or whose protocol has only the
/// other one.
fn unwanted(e: &Evidence, kind: MessageKind) -> Option<(&SessionFacts, &End, String, Confidence)> {
    let (session, end) = see::end(e)?;
    (ended_by_peer(e) && last_sent(session) == Some(kind)).then_some(())?;
    if closed(e).is_some_and(|(_, _, code)| code == 1003) {
        let reason = match end.reason_received.trim() {
            "" => String::new(),
            reason => format!(" with the reason {}", words::said_in(reason, 80)),
        };
        let why = format!(
            "It closed with 1003, “unsupported data”{reason}, after a {} message.",
            kind.name()
        );
        return Some((session, end, why, Confidence::Certain));
    }
    let (dialect, known) = dialect::all().find_map(|(_, dialect)| {
        let other = dialect.kind.filter(|own| *own != kind)?;
        debug_assert!(!other.is_control());
        Some((dialect, dialect.known(e).filter(|known| known.surely)?))
    })?;
    let soon = !session.answered_last_message
        && matches!(end.by, EndedBy::Peer | EndedBy::PeerDropped | EndedBy::Reset);
    soon.then_some(())?;
    let why = format!("{} {} has no {} messages.", known.why, dialect.name, kind.name());
    Some((session, end, why, Confidence::Likely))
}

fn other_kind(e: &Evidence, sent: MessageKind, wanted: &str) -> Option<Draft> {
    let (session, end, why, sureness) = unwanted(e, sent)?;
    Some(
        certain(format!("The server wants {wanted} messages, and {} was sent.", sent.name()))
            .confidence(sureness)
            .because(why)
            .because(story(session, end)),
    )
}

pub(super) fn binary_wanted(e: &Evidence) -> Option<Draft> {
    Some(
        other_kind(e, MessageKind::Text, "binary")?
            .hint("Choose binary in the composer, and write the bytes as hex or base64.")
            .hint("Send a file if the data lies in one."),
    )
}

pub(super) fn text_wanted(e: &Evidence) -> Option<Draft> {
    Some(
        other_kind(e, MessageKind::Binary, "text")?
            .hint("Choose JSON or text in the composer, and send it again."),
    )
}

const TOO_MANY: &[&str] = &[
    "rate limit",
    "ratelimit",
    "rate_limit",
    "too many requests",
    "too many messages",
    "slow down",
    "throttl",
];

/// Words about too many messages.
fn too_many(text: &str) -> bool {
    let lower = text.to_lowercase();
    TOO_MANY.iter().any(|words| lower.contains(words))
}

pub(super) fn rate_limited(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let reason = session.end.as_ref().map(|end| end.reason_received.as_str());
    let text = match reason.filter(|reason| too_many(reason)) {
        Some(reason) => reason,
        // Anybody may talk about limits; an error message is short and says so.
        None => heard(session).find(|text| {
            too_many(text) && (text.to_lowercase().contains("error") || text.contains("429"))
        })?,
    };
    let rate = match &session.end {
        Some(end) => {
            let seconds = see::open_us(session, end).max(1_000_000) / 1_000_000;
            format!(
                "{} went out in {}.",
                words::count(session.sent.messages(), "message"),
                words::span(seconds * 1_000_000)
            )
        }
        None => String::new(),
    };
    Some(
        likely(format!(
            "The server says {}: too many messages were sent.",
            words::said_in(dialect::words_of(text), 80)
        ))
        .confidence(Confidence::Certain)
        .severity(severity(e))
        .because(rate)
        .because(match &session.end {
            Some(end) if ended_by_peer(e) => story(session, end),
            _ => String::new(),
        })
        .hint("Send more slowly, or several things in one message.")
        .hint("Wait before the next attempt, and longer each time."),
    )
}
