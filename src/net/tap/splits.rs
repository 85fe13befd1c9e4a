//! The frames of messages that came in several, or in one that is not as everybody makes it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::walker::Header;
use crate::core::frame::{FrameHead, Frames};

/// Frames by the number of their message. Ordinary messages are not here and cost nothing.
#[derive(Debug, Default)]
pub(super) struct Splits {
    /// The message that is going on.
    open: Frames,
    /// Whole messages, by their numbers from 0 over all text and binary messages.
    whole: VecDeque<(u64, Arc<Frames>)>,
}

impl Splits {
    /// Takes note of a frame of the message that is the `begun`th, from 1, its header of
    /// `size` bytes.
    #[cold]
    pub(super) fn note(&mut self, begun: u64, header: Header, size: usize) {
        self.open.push(FrameHead {
            fin: header.is_fin(),
            rsv: (header.first[0] >> 4) & 7,
            opcode: header.opcode(),
            mask: None,
            masked: header.is_masked(),
            header: u8::try_from(size).unwrap_or(u8::MAX),
            length: header.length,
        });
        if header.is_fin() {
            let frames = Arc::new(std::mem::take(&mut self.open));
            self.whole.push_back((begun.saturating_sub(1), frames));
        }
    }

    /// The frames of the message with this number, if they are told. Asked in order.
    pub(super) fn take(&mut self, number: u64) -> Option<Arc<Frames>> {
        while self.whole.front().is_some_and(|(at, _)| *at < number) {
            self.whole.pop_front();
        }
        self.whole.pop_front_if(|(at, _)| *at == number).map(|(_, frames)| frames)
    }
}

#[cfg(test)]
mod tests {
    use super::super::walker::Walker;
    use crate::core::time::Micros;

    #[test]
    fn only_what_is_unusual_is_told_and_by_its_number() {
        let mut walker = Walker::new(1 << 20, true);
        let bytes = [
            &b"\x81\x01a"[..], // 0: ordinary
            b"\x01\x01b",      // 1: in three frames, a ping between
            b"\x89\x00",
            b"\x00\x00",
            b"\x80\x01c",
            b"\x82\x7e\x00\x01d",  // 2: a length in more bytes than it needs
            b"\xc1\x01e",          // 3: compressed, in one
            b"\x41\x01f\x80\x01g", // 4: compressed, in two
            b"\x82\x7f\0\0\0\0\0\0\0\0", // 5: the same at its longest
        ]
        .concat();
        for byte in bytes {
            walker.walk(&[byte], Micros(0));
        }
        assert_eq!(walker.violation(), None);
        let told: Vec<_> = (0..6)
            .map(|number| {
                walker.splits.take(number).map(|frames| {
                    frames
                        .heads
                        .iter()
                        .map(|h| (h.fin, h.rsv, h.opcode, h.header, h.length))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        assert_eq!(
            told,
            [
                None,
                Some(vec![(false, 0, 1, 2, 1), (false, 0, 0, 2, 0), (true, 0, 0, 2, 1)]),
                Some(vec![(true, 0, 2, 4, 1)]),
                None,
                Some(vec![(false, 4, 1, 2, 1), (true, 0, 0, 2, 1)]),
                Some(vec![(true, 0, 2, 10, 0)]),
            ]
        );
    }
}
