//! A row of the log as its readers see it.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::core::close::code_name;
use crate::core::evidence::EndedBy;
use crate::core::frame::Frames;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1, in order of arrival, never used twice in a log.
    pub number: u64,
    pub at: Micros,
    pub row: Row,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A message or control frame with its whole payload.
    Message {
        direction: Direction,
        kind: MessageKind,
        payload: Bytes,
        /// As [`Message::packed`].
        packed: Option<NonZeroU32>,
        /// As [`Message::split`].
        split: Option<Arc<Frames>>,
    },
    /// A row whose contents are being read from disk. Whoever draws shows that; the log tells by
    /// its growth when they are there.
    Pending,
    /// A line of ours between the messages.
    Note(Note),
}

/// What happened to the connection, told between the messages. Texts are escaped and have their
/// secrets masked by whoever writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// The connection opened.
    Connected {
        /// The address it is open to, and what was agreed on, in some words.
        detail: String,
    },
    /// It opened again after it was lost; the attempt that did it, from 1.
    Reconnected { attempt: u32, detail: String },
    /// It was lost and will be tried again.
    Retrying { attempt: u32, wait_ms: u64 },
    /// A line with this text.
    Separator(String),
    /// An attempt failed: id of the finding and its sentence.
    Failed { code: Cow<'static, str>, summary: String },
    /// The open connection ended.
    Closed {
        /// As RFC 6455 section 7.1.5 names it, 1005 and 1006 too.
        code: u16,
        reason: String,
        by: EndedBy,
    },
    /// Messages that are not in the log.
    Dropped { count: u64, why: String },
}

impl Entry {
    /// Direction, kind and payload, if it is a message.
    #[must_use]
    pub fn message(&self) -> Option<(Direction, MessageKind, &Bytes)> {
        match &self.row {
            Row::Message { direction, kind, payload, .. } => Some((*direction, *kind, payload)),
            Row::Note(_) | Row::Pending => None,
        }
    }

    #[must_use]
    pub fn note(&self) -> Option<&Note> {
        match &self.row {
            Row::Note(note) => Some(note),
            Row::Message { .. } | Row::Pending => None,
        }
    }

    /// Payload bytes; 0 for a note.
    #[must_use]
    pub fn size(&self) -> usize {
        self.message().map_or(0, |(_, _, payload)| payload.len())
    }

    /// Payload bytes on the wire of a message that was compressed.
    #[must_use]
    pub fn packed(&self) -> Option<NonZeroU32> {
        match &self.row {
            Row::Message { packed, .. } => *packed,
            Row::Note(_) | Row::Pending => None,
        }
    }

    /// The contents are still being read from disk.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.row, Row::Pending)
    }

    /// The row as the transport reported it, if it is a message.
    #[must_use]
    pub fn to_message(&self) -> Option<Message> {
        self.message().map(|(direction, kind, payload)| Message {
            at: self.at,
            direction,
            kind,
            payload: payload.clone(),
            packed: self.packed(),
            split: match &self.row {
                Row::Message { split, .. } => split.clone(),
                Row::Note(_) | Row::Pending => None,
            },
        })
    }
}

impl Note {
    /// The line as it is shown, without the strokes around it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Note::Connected { detail } if detail.is_empty() => "connected".into(),
            Note::Connected { detail } => format!("connected: {detail}"),
            Note::Reconnected { attempt, detail } if detail.is_empty() => {
                format!("reconnected (attempt {attempt})")
            }
            Note::Reconnected { attempt, detail } => {
                format!("reconnected (attempt {attempt}): {detail}")
            }
            Note::Retrying { attempt, wait_ms } => {
                let seconds = *wait_ms as f64 / 1000.0;
                format!("attempt {attempt} in {seconds:.1} s")
            }
            Note::Separator(text) => text.clone(),
            Note::Failed { code, summary } if code.is_empty() => format!("failed: {summary}"),
            Note::Failed { code, summary } => format!("failed: {summary} ({code})"),
            Note::Closed { code, reason, by } => {
                let reason =
                    if reason.is_empty() { String::new() } else { format!(" “{reason}”") };
                format!("closed {code} {}{reason}, {}", code_name(*code), ended_by(*by))
            }
            Note::Dropped { count, why } => {
                let plural = if *count == 1 { "message is" } else { "messages are" };
                format!("{count} {plural} not kept: {why}")
            }
        }
    }

    /// Bytes of text that it holds.
    pub(super) fn held(&self) -> usize {
        match self {
            Note::Connected { detail } | Note::Reconnected { detail, .. } => detail.capacity(),
            Note::Retrying { .. } => 0,
            Note::Separator(text) => text.capacity(),
            Note::Failed { code, summary } => code.len() + summary.capacity(),
            Note::Closed { reason, .. } => reason.capacity(),
            Note::Dropped { why, .. } => why.capacity(),
        }
    }
}

fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Us => "by us",
        EndedBy::Peer => "by the peer",
        EndedBy::PeerDropped => "the peer ended the stream without a close frame",
        EndedBy::Reset => "the stream was reset",
        EndedBy::PeerViolation => "the peer broke the protocol",
        EndedBy::OurLimit => "a message was larger than the limit",
        EndedBy::Cut => "cut by us",
        EndedBy::TimedOut => "no answer in time",
        EndedBy::Network => "the network failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_read_as_sentences() {
        for (note, expected) in [
            (Note::Reconnected { attempt: 2, detail: String::new() }, "reconnected (attempt 2)"),
            (
                Note::Closed { code: 1000, reason: "bye".into(), by: EndedBy::Peer },
                "closed 1000 Normal Closure “bye”, by the peer",
            ),
            (Note::Dropped { count: 1, why: "full".into() }, "1 message is not kept: full"),
            (Note::Retrying { attempt: 3, wait_ms: 1500 }, "attempt 3 in 1.5 s"),
            (Note::Failed { code: "dns/x".into(), summary: "No.".into() }, "failed: No. (dns/x)"),
        ] {
            assert_eq!(note.text(), expected);
        }
    }
}
