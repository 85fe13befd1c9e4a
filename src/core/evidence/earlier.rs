//! What is remembered of attempts that are over.

use serde::{Deserialize, Serialize};

use super::{EndedBy, Evidence};
use crate::core::time::Micros;

/// What is remembered of an earlier attempt at the same address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EarlierAttempt {
    pub started: Micros,
    /// Id of the first finding, if there was one.
    pub code: Option<String>,
    pub opened: bool,
    /// How long it was open, in microseconds.
    pub open_us: u64,
    /// Silence before it ended, in microseconds.
    pub silence_us: u64,
    /// Who ended it, if it was open.
    pub ended_by: Option<EndedBy>,
    pub close_code: Option<u16>,
    /// Status of the answer to the opening handshake, if one came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Text and binary messages that came in and went out.
    #[serde(default)]
    pub received: u64,
    #[serde(default)]
    pub sent: u64,
    /// Payload bytes of the last message that went out.
    #[serde(default)]
    pub last_sent_bytes: u64,
    /// Time from that message to the end, if nothing came after it, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unanswered_us: Option<u64>,
    /// Payload bytes of the largest message that was answered; see
    /// [`SessionFacts::largest_answered`](super::SessionFacts::largest_answered).
    #[serde(default)]
    pub largest_answered: u64,
}

impl EarlierAttempt {
    /// What is worth remembering of an attempt that is over; `code` is its first finding's id.
    #[must_use]
    pub fn of(evidence: &Evidence, code: Option<String>) -> EarlierAttempt {
        let session = evidence.session.as_ref();
        let end = session.and_then(|session| session.end.as_ref());
        let unanswered_us = session.zip(end).and_then(|(session, end)| {
            let sent = session.last_message_sent_us.filter(|_| !session.answered_last_message)?;
            Some(end.at_us.saturating_sub(sent))
        });
        EarlierAttempt {
            started: evidence.started,
            code,
            opened: evidence.opened(),
            open_us: session
                .zip(end)
                .map_or(0, |(session, end)| end.at_us.saturating_sub(session.opened_us)),
            silence_us: end.map_or(0, |end| end.silence_us),
            ended_by: end.map(|end| end.by),
            close_code: end.and_then(|end| end.code_received),
            status: evidence
                .http
                .as_ref()
                .and_then(|http| http.reply.as_ref())
                .map(|reply| reply.status),
            received: session.map_or(0, |session| session.received.messages()),
            sent: session.map_or(0, |session| session.sent.messages()),
            last_sent_bytes: session.map_or(0, |session| session.last_message_sent_bytes),
            unanswered_us,
            largest_answered: session.map_or(0, |session| session.largest_answered),
        }
    }
}
