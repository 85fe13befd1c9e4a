//! What the messages of a log come to: sizes, compression, fragments, from the first to the last.

use super::series::Series;
use crate::core::message::{Direction, Message};
use crate::core::time::Micros;

/// Size classes: empty, then one for each power of two up to 2 GiB and all above.
pub const CLASSES: usize = 33;

/// The largest size of a class; the last one has no bound.
#[must_use]
pub fn class_most(class: usize) -> u64 {
    if class + 1 >= CLASSES { u64::MAX } else { (1 << class) - 1 }
}

fn class_of(bytes: usize) -> usize {
    // 0 is a class of its own, 1 the next, 2 and 3 the one after.
    ((usize::BITS - bytes.leading_zeros()) as usize).min(CLASSES - 1)
}

/// One way's messages, text and binary, without control frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub messages: u64,
    pub bytes: u64,
    pub largest: u64,
    /// Messages that were compressed, their bytes unpacked and on the wire.
    pub packed: u64,
    pub packed_bytes: u64,
    pub wire_bytes: u64,
    /// Messages in other frames than one as everybody makes it, and the frames of these.
    pub split: u64,
    pub split_frames: u64,
    /// Messages by size.
    pub sizes: [u64; CLASSES],
}

impl Default for Way {
    fn default() -> Way {
        Way {
            messages: 0,
            bytes: 0,
            largest: 0,
            packed: 0,
            packed_bytes: 0,
            wire_bytes: 0,
            split: 0,
            split_frames: 0,
            sizes: [0; CLASSES],
        }
    }
}

impl Way {
    fn add(&mut self, message: &Message) {
        let bytes = message.payload.len() as u64;
        self.messages += 1;
        self.bytes += bytes;
        self.largest = self.largest.max(bytes);
        self.sizes[class_of(message.payload.len())] += 1;
        if let Some(wire) = message.packed {
            self.packed += 1;
            self.packed_bytes += bytes;
            self.wire_bytes += u64::from(wire.get());
        }
        if let Some(frames) = &message.split {
            self.split += 1;
            self.split_frames += frames.count;
        }
    }

    /// Payload bytes as they went over the wire.
    #[must_use]
    pub fn on_wire(&self) -> u64 {
        self.bytes - self.packed_bytes + self.wire_bytes
    }

    /// Frames of all messages.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.messages - self.split + self.split_frames
    }
}

/// What was added to a log since it was last cleared, also of rows that are no longer kept.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub received: Way,
    pub sent: Way,
    pub series: Series,
    /// Times of the first and the last message, control frames too.
    pub first: Option<Micros>,
    pub last: Option<Micros>,
}

impl Survey {
    pub(in crate::log) fn add(&mut self, message: &Message) {
        self.first.get_or_insert(message.at);
        self.last = Some(message.at);
        self.series.add(message.at, message.direction, message.payload.len());
        if !message.kind.is_control() {
            match message.direction {
                Direction::In => self.received.add(message),
                Direction::Out => self.sent.add(message),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::frame::Frames;
    use crate::core::message::MessageKind;
    use std::num::NonZeroU32;
    use std::sync::Arc;

    #[test]
    fn sizes_have_their_classes() {
        for (bytes, class) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (1023, 10), (1024, 11)] {
            assert_eq!(class_of(bytes), class);
            assert!(bytes as u64 <= class_most(class));
            assert!(class == 0 || bytes as u64 > class_most(class - 1));
        }
        assert_eq!(class_of(usize::MAX), CLASSES - 1);
    }

    #[test]
    fn what_was_compressed_or_split_is_counted_beside_the_whole() {
        let mut survey = Survey::default();
        let message = Message {
            at: Micros(5_000_000),
            direction: Direction::In,
            kind: MessageKind::Text,
            payload: vec![b'x'; 100].into(),
            packed: None,
            split: None,
        };
        survey.add(&message);
        survey.add(&Message { packed: NonZeroU32::new(10), ..message.clone() });
        let frames = Frames { heads: Vec::new(), count: 4 };
        survey.add(&Message { split: Some(Arc::new(frames)), ..message.clone() });
        survey.add(&Message { kind: MessageKind::Ping, at: Micros(6_000_000), ..message });
        let way = survey.received;
        assert_eq!((way.messages, way.bytes, way.on_wire(), way.frames()), (3, 300, 210, 6));
        assert_eq!(way.sizes[7], 3);
        assert_eq!(survey.last, Some(Micros(6_000_000)));
        assert_eq!(survey.sent, Way::default());
    }
}
