//! Frames as the wire carries them (RFC 6455 section 5.2): what a message was made of, and frames
//! that are made by hand.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::message::{Direction, MessageKind};

/// Heads that are kept of one message: the first ones and the last one. Whoever splits a message
/// into a million pieces must not fill our memory with their heads.
pub const HEADS: usize = 64;

/// The header of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameHead {
    pub fin: bool,
    /// The three reserved bits, RSV1 as 4.
    pub rsv: u8,
    /// 0 to 15; 0 goes on with a message that was begun.
    pub opcode: u8,
    /// The key, if the payload is masked.
    pub mask: Option<[u8; 4]>,
    /// Whether the payload is masked; the key of frames of the past is not always kept.
    pub masked: bool,
    /// Bytes of the header itself, the key too: 2 to 14. More than the length asks for if the
    /// length is written in more bytes than it needs, which section 5.2 forbids.
    pub header: u8,
    /// Payload bytes on the wire.
    pub length: u64,
}

/// The frames of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// The first ones, up to [`HEADS`] of them; the last of these is the message's last frame, if
    /// it was whole.
    pub heads: Vec<FrameHead>,
    /// How many there were.
    pub count: u64,
}

impl Frames {
    /// The one frame of a message that was not split, as everybody makes it: shortest form of the
    /// length, masked from a client only.
    #[must_use]
    pub fn single(
        direction: Direction,
        kind: MessageKind,
        payload: usize,
        packed: Option<NonZeroU32>,
    ) -> Frames {
        let length = packed.map_or(payload as u64, |wire| u64::from(wire.get()));
        let masked = direction == Direction::Out;
        let head = FrameHead {
            fin: true,
            rsv: if packed.is_some() { 4 } else { 0 },
            opcode: opcode(kind),
            mask: None,
            masked,
            header: header_size(length, masked),
            length,
        };
        Frames { heads: vec![head], count: 1 }
    }

    /// Adds a frame behind the others.
    pub fn push(&mut self, head: FrameHead) {
        self.count += 1;
        if self.heads.len() == HEADS {
            self.heads.pop();
        }
        self.heads.push(head);
    }
}

/// Opcode of the first frame of such a message (RFC 6455 section 11.8).
#[must_use]
pub fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => 1,
        MessageKind::Binary => 2,
        MessageKind::Close => 8,
        MessageKind::Ping => 9,
        MessageKind::Pong => 10,
    }
}

/// Bytes of the shortest header for a payload of this length.
#[must_use]
pub fn header_size(length: u64, masked: bool) -> u8 {
    let size = match length {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    };
    size + if masked { 4 } else { 0 }
}

/// A frame that is made by hand, right or wrong, for testing a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    pub fin: bool,
    /// The three reserved bits, RSV1 as 4.
    pub rsv: u8,
    /// 0 to 15.
    pub opcode: u8,
    /// A client must mask (RFC 6455 section 5.3).
    pub masked: bool,
    pub payload: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_an_ordinary_message_follows_from_it() {
        for (payload, packed, masked, header, rsv) in [
            (5, None, false, 2, 0),
            (126, None, true, 8, 0),
            (70_000, NonZeroU32::new(80), false, 2, 4),
        ] {
            let direction = if masked { Direction::Out } else { Direction::In };
            let frames = Frames::single(direction, MessageKind::Text, payload, packed);
            let head = frames.heads[0];
            assert_eq!((head.header, head.rsv, head.masked, head.opcode), (header, rsv, masked, 1));
        }
    }

    #[test]
    fn of_many_frames_the_first_and_the_last_are_kept() {
        let mut frames = Frames::default();
        for length in 0..1000 {
            let head = FrameHead {
                length,
                ..Frames::single(Direction::In, MessageKind::Text, 0, None).heads[0]
            };
            frames.push(head);
        }
        assert_eq!((frames.count, frames.heads.len()), (1000, HEADS));
        assert_eq!(frames.heads[HEADS - 2].length, HEADS as u64 - 2);
        assert_eq!(frames.heads[HEADS - 1].length, 999);
    }
}
