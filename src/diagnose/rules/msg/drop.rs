//! Drops that go with what was sent, or that repeat.

use crate::core::change::Change;
use crate::core::evidence::{EndedBy, Evidence};
use crate::core::finding::Severity;
use crate::diagnose::draft::{Draft, likely, possible};
use crate::diagnose::rules::ws::{SAFE_PING_MS, last_words, story};
use crate::diagnose::{see, words};

/// Whether the other side ended it, and not over a message of its own kind.
fn theirs(by: EndedBy) -> bool {
    matches!(by, EndedBy::PeerDropped | EndedBy::Reset | EndedBy::Peer)
}

/// Opens each time and drops after about the same time.
pub(super) fn not_maintained(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    theirs(end.by).then_some(())?;
    let open = see::open_us(session, end);
    let near = |other: u64| other.abs_diff(open) <= (open / 5).max(2_000_000);
    let before = e
        .earlier
        .iter()
        .filter(|past| past.opened && past.ended_by.is_some_and(theirs) && near(past.open_us))
        .count();
    // Short ones are all near each other, so they need more of them.
    (before >= if open >= 2_000_000 { 1 } else { 3 }).then_some(())?;
    let draft = likely(format!(
        "The connection opens but does not stay: each time it lasted about {}.",
        words::span(open)
    ))
    .because(format!(
        "{} ended after about the same time.",
        words::count(before as u64, "earlier connection")
    ))
    .because(story(session, end));
    // The gateway's limit for an API counts for the open WebSocket too.
    let huawei = e.request.host.ends_with(".huaweicloudapis.com")
        || e.request.host.ends_with(".huaweicloud.com");
    let draft = if huawei {
        draft.hint("Raise the API's time-out in the gateway; it goes up to 60,000 ms.")
    } else {
        draft
    };
    let draft = draft
        .hint("Set a heartbeat.")
        .hint("Ask the operator for time limits of gateway and server.");
    Some(if e.request.heartbeat_ms == 0 && open > SAFE_PING_MS * 1_000 {
        draft.fix("Ping every 20 s", Change::SetHeartbeat { ms: SAFE_PING_MS })
    } else if e.request.heartbeat_ms == 0 && open >= 2_000_000 {
        let ms = (open / 3_000 * 2 / 1_000).max(1) * 1_000;
        draft.fix(format!("Ping every {} s", ms / 1_000), Change::SetHeartbeat { ms })
    } else {
        draft
    })
}

pub(super) fn after_one(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (theirs(end.by) && session.sent.messages() == 1 && session.received.messages() >= 1)
        .then_some(())?;
    let soon = end.silence_us < 2_000_000 && session.answered_last_message;
    soon.then_some(())?;
    let before =
        e.earlier.iter().filter(|past| past.opened && past.ended_by == Some(end.by)).count();
    let severity = if end.is_clean() { Severity::Warning } else { Severity::Error };
    Some(
        likely("The server ended the connection after one message and its answer.")
            .severity(severity)
            .because(if before > 0 {
                "It did so before."
            } else {
                "It is the first time that this was seen; a second time would make it sure."
            })
        .because(story(session, end))
            .because("Handlers that are built like HTTP ones answer once and return, which closes the connection.")
            .because(last_words(session))
            .hint("Keep the handler at the server in a loop that reads the next message.")
            .hint("Reconnect for each message if the server is built that way.")
            .fix("Reconnect by itself, 5 attempts", Change::SetReconnect { attempts: 5 }),
    )
}

pub(super) fn on_send(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    matches!(end.by, EndedBy::PeerDropped | EndedBy::Reset).then_some(())?;
    let sent = session.last_message_sent_us?;
    let gap = end.at_us.saturating_sub(sent);
    (!session.answered_last_message && gap < 2_000_000).then_some(())?;
    let before = e
        .earlier
        .iter()
        .filter(|past| past.ended_by.is_some_and(|by| by != EndedBy::Peer && theirs(by)))
        .filter(|past| past.unanswered_us.is_some_and(|us| us < 2_000_000))
        .count();
    Some(
        likely("The server dropped the connection right after the last message.")
            .because(format!(
                "{} after a message of {} went out, the stream ended, and nothing had come in \
                 between. A handler that fails on the message does that.",
                words::span(gap),
                words::bytes(session.last_message_sent_bytes)
            ))
            .because(match before {
                0 => String::new(),
                n => format!("{} ended so, too.", words::count(n as u64, "earlier connection")),
            })
            .because(story(session, end))
            .hint("Try a smaller message that is surely valid.")
            .hint("Read the server's log for this moment."),
    )
}

/// A reader held up this long is slow, in microseconds.
const SLOW_US: u64 = 5_000_000;

pub(super) fn slow_reader(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    let told = end.reason_received.to_lowercase();
    let says =
        told.contains("slow") || told.contains("queue is full") || told.contains("backpressure");
    (theirs(end.by) && (session.stalled_us >= SLOW_US || says)).then_some(())?;
    Some(
        possible(
            "The server may have dropped the connection because messages were read too slowly.",
        )
        .because(format!("Reading was held up for {} in all.", words::span(session.stalled_us)))
        .because(match end.reason_received.trim() {
            "" => String::new(),
            reason => format!("Its reason is {}.", words::said(reason)),
        })
        .hint("Ask the server for fewer messages, by a filter or a narrower subscription.")
        .hint("Close other programs that keep this machine busy."),
    )
}
