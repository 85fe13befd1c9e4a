//! Ends without a closing handshake.

use crate::core::change::Change;
use crate::core::evidence::{End, EndedBy, Evidence, SessionFacts};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// Ping interval that keeps a connection alive through all usual middleboxes, in milliseconds.
pub(in crate::diagnose::rules) const SAFE_PING_MS: u64 = 20_000;

/// Longest time that a pong may take, in microseconds.
const PONG_DUE_US: u64 = 3_000_000;

/// An end this soon after the opening is one “at once”.
const AT_ONCE_US: u64 = 2_000_000;

/// What was exchanged and how long it lasted.
pub(in crate::diagnose::rules) fn story(session: &SessionFacts, end: &End) -> String {
    format!(
        "It was open for {}; {} came in and {} went out. Nothing had moved for {} before the end.",
        words::span(see::open_us(session, end)),
        words::count(session.received.messages(), "message"),
        words::count(session.sent.messages(), "message"),
        words::span(end.silence_us)
    )
}

/// The last message of the server, which often says more than the end.
pub(in crate::diagnose::rules) fn last_words(session: &SessionFacts) -> String {
    match &session.last_received {
        Some(text) => format!("Its last message was {}.", words::said_in(text, 100)),
        None => String::new(),
    }
}

fn at_once(e: &Evidence) -> Option<(&SessionFacts, &End)> {
    let (session, end) = see::end(e)?;
    (session.received.messages() == 0 && see::open_us(session, end) < AT_ONCE_US)
        .then_some((session, end))
}

pub(super) fn fin(e: &Evidence) -> Option<Draft> {
    let (session, end) = at_once(e)?;
    (end.by == EndedBy::PeerDropped).then_some(())?;
    Some(
        certain("The server opened the WebSocket and hung up at once, without a reason.")
            .because(story(session, end))
            .because("No close frame came, so the code 1006 that programs show was never sent by anybody.")
            .hint("Check whether a token, a first message or a subprotocol is needed.")
            .hint("Read the server's log for this moment.")
            .hint("Check that the proxy passes on what comes after the 101."),
    )
}

pub(super) fn rst(e: &Evidence) -> Option<Draft> {
    let (session, end) = at_once(e)?;
    (end.by == EndedBy::Reset).then_some(())?;
    Some(
        certain("The connection was reset right after the WebSocket opened.")
            .because(story(session, end))
            .because("A server that crashes, or a filter on the way, does that.")
            .hint("Read the server's log for this moment.")
            .hint("Check whether a token, a first message or a subprotocol is needed."),
    )
}

pub(super) fn half_open(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    // A peer that talks and answers no ping is alive.
    let heard = session.last_received_us.unwrap_or(session.opened_us);
    let quiet = end.at_us.saturating_sub(heard) >= 1_000_000;
    // One ping before a close that went unanswered as well is no sign of a dead connection.
    let heartbeat = !end.close_sent || session.unanswered_pings >= 3;
    (end.by == EndedBy::TimedOut && session.unanswered_pings > 0 && quiet && heartbeat)
        .then_some(())?;
    let draft = likely("The connection was dead, but nobody had said so.")
        .because(format!(
            "{} got no answer, and nothing came for {}. A router that forgot the connection, a \
             laptop that slept or a server without power leave it in this state.",
            words::count(u64::from(session.unanswered_pings), "ping"),
            words::span(end.silence_us)
        ))
        .hint("Set a heartbeat, so that routers keep the connection in mind.")
        .hint("Set reconnecting in Settings, so that it happens by itself.");
    Some(if e.request.heartbeat_ms == 0 || e.request.heartbeat_ms > SAFE_PING_MS {
        draft.fix("Ping every 20 s", Change::SetHeartbeat { ms: SAFE_PING_MS })
    } else {
        draft.fix("Reconnect by itself, 5 attempts", Change::SetReconnect { attempts: 5 })
    })
}

/// A server that was given time to answer a ping before it was closed.
pub(super) fn deaf(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    let waited = session.ping_waiting_us?;
    let closed = end.close_sent && matches!(end.by, EndedBy::Us | EndedBy::TimedOut);
    (closed && session.unanswered_pings > 0 && waited >= PONG_DUE_US).then_some(())?;
    let draft = certain("The server does not answer pings.")
        .because(format!(
            "{} got no pong, the oldest after {}. Every endpoint must answer them (RFC 6455 section 5.5.3).",
            words::count(u64::from(session.unanswered_pings), "ping"),
            words::span(waited)
        ))
        .because(story(session, end))
        .hint("Check whether the server's event loop is blocked, or its library answers no pings.")
        .hint("Set no heartbeat for this server if messages arrive all the same.");
    Some(if end.close_received {
        draft
    } else {
        draft.because("It did not answer the close frame either.")
    })
}

pub(super) fn ping_unanswered(e: &Evidence) -> Option<Draft> {
    if let Some(deaf) = deaf(e) {
        return Some(deaf);
    }
    let session = e.session.as_ref().filter(|s| s.end.is_none())?;
    (session.unanswered_pings >= 2).then_some(())?;
    let draft = certain("The server does not answer pings.")
        .warning()
        .because(format!(
            "{} got no pong. Every endpoint must answer them (RFC 6455 section 5.5.3).",
            words::count(u64::from(session.unanswered_pings), "ping")
        ))
        .hint("Turn the heartbeat off if messages still arrive.")
        .hint("Reconnect if nothing arrives at all.");
    Some(if e.request.heartbeat_ms == 0 {
        draft
    } else {
        draft.fix("Turn the heartbeat off", Change::SetHeartbeat { ms: 0 })
    })
}

pub(super) fn close_unanswered(e: &Evidence) -> Option<Draft> {
    let (_, end) = see::end(e)?;
    (end.close_sent && !end.close_received && matches!(end.by, EndedBy::Us | EndedBy::TimedOut))
        .then_some(())?;
    let draft = certain("The server did not confirm the close, so the connection was cut.");
    // One that hangs up on the close has at least heard it.
    let draft = if end.by == EndedBy::Us { draft.info() } else { draft };
    Some(
        draft
            .because("The closing handshake wants a close frame from each side (RFC 6455 section 7.1.1).")
            .hint("Leave it at that; nothing was lost that had been read."),
    )
}

pub(super) fn frame_cut(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    // One that was cut from here, since nothing more came, says nothing about the peer.
    let theirs = matches!(end.by, EndedBy::PeerDropped | EndedBy::Reset | EndedBy::Network);
    (end.frame_cut && !end.close_received && theirs).then_some(())?;
    Some(
        certain("The connection broke in the middle of a frame.")
            .because(story(session, end))
            .because(last_words(session))
            .hint("Read the server's log for this moment.")
            .hint("Check whether it happens with large messages only."),
    )
}

pub(super) fn abnormal(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    let dropped = matches!(
        end.by,
        EndedBy::PeerDropped | EndedBy::Reset | EndedBy::Network | EndedBy::TimedOut
    );
    (dropped && !end.close_received && !end.close_sent).then_some(())?;
    let how = match end.by {
        EndedBy::Reset => "by a reset",
        EndedBy::TimedOut => "because no answer came in time",
        EndedBy::Network => "because the network failed",
        _ => "because the other side ended the stream",
    };
    Some(
        certain("The connection broke without a closing handshake.")
            .because(format!(
                "It ended {how}. Programs show that as code 1006, which no server ever sends."
            ))
            .because(story(session, end))
            .because(last_words(session))
            .because(if end.text.is_empty() {
                String::new()
            } else {
                format!("The error was {}.", words::said(&end.text))
            })
            .hint("Compare the time and the silence before the end with those of the next drop.")
            .hint("Set a heartbeat if it happens in silence.")
            .hint("Read the server's log for this moment."),
    )
}
