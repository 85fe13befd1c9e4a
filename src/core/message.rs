//! One entry of the message log as the transport reports it.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::frame::Frames;
use super::time::Micros;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    In,
    Out,
}

/// What a message is (RFC 6455 section 5.2, opcodes 1, 2, 8, 9, 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
}

impl MessageKind {
    pub const ALL: [MessageKind; 5] = [
        MessageKind::Text,
        MessageKind::Binary,
        MessageKind::Ping,
        MessageKind::Pong,
        MessageKind::Close,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            MessageKind::Text => "text",
            MessageKind::Binary => "binary",
            MessageKind::Ping => "ping",
            MessageKind::Pong => "pong",
            MessageKind::Close => "close",
        }
    }

    #[must_use]
    pub fn is_control(self) -> bool {
        !matches!(self, MessageKind::Text | MessageKind::Binary)
    }
}

/// A message or control frame, sent or received, with its whole payload.
///
/// The payload of [`MessageKind::Text`] is valid UTF-8. That of a close frame is as on the wire:
/// empty, or a code in two bytes and then the reason (see [`Message::close`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When its last byte was read from, or handed to, the operating system.
    pub at: Micros,
    pub direction: Direction,
    pub kind: MessageKind,
    pub payload: Bytes,
    /// Payload bytes on the wire, over all frames, of a message that was compressed (RFC 7692);
    /// `None` if it went as it is. At most [`u32::MAX`].
    pub packed: Option<NonZeroU32>,
    /// The frames that it went in; `None` for one frame as everybody makes it, whose header
    /// follows from the rest (see [`Message::frames`]).
    pub split: Option<Arc<Frames>>,
}

impl Message {
    /// The frames that it went in.
    #[must_use]
    pub fn frames(&self) -> Frames {
        match &self.split {
            Some(frames) => Frames::clone(frames),
            None => Frames::single(self.direction, self.kind, self.payload.len(), self.packed),
        }
    }

    /// The payload as text, if it is a text message.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if self.kind == MessageKind::Text { std::str::from_utf8(&self.payload).ok() } else { None }
    }

    /// Code and raw reason of a close frame. `None` if it is no close frame or carries no code,
    /// which RFC 6455 calls 1005.
    #[must_use]
    pub fn close(&self) -> Option<(u16, &[u8])> {
        if self.kind != MessageKind::Close {
            return None;
        }
        let (code, reason) = self.payload.split_first_chunk::<2>()?;
        Some((u16::from_be_bytes(*code), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_frame_may_carry_no_code() {
        let mut message = Message {
            at: Micros(0),
            direction: Direction::In,
            kind: MessageKind::Close,
            payload: Bytes::new(),
            packed: None,
            split: None,
        };
        assert_eq!(message.close(), None);
        message.payload = Bytes::from_static(&[0x0f, 0xa1, b'h', b'i']);
        assert_eq!(message.close(), Some((4001, b"hi".as_slice())));
    }
}
