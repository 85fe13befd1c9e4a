//! Messages that go out in several frames (RFC 6455 section 5.4): long ones that are packed piece
//! by piece, and those that the user has cut.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::OutFrame;
use crate::core::event::Split;
use crate::core::frame::Frames;

/// A message of which the first frame is out, and not the last.
#[derive(Debug)]
pub(super) struct Pieces {
    pub frame: OutFrame,
    pub how: How,
    /// Heads of its frames so far.
    pub frames: Box<Frames>,
}

#[derive(Debug)]
pub(super) enum How {
    /// Packed as it goes out.
    Packed {
        /// Bytes of the message that were packed.
        done: usize,
        /// What they were packed to.
        packed: u64,
    },
    Cut(Cut),
}

/// A payload that is cut into frames.
#[derive(Debug)]
pub(super) struct Cut {
    /// What is left of it.
    rest: Bytes,
    sizes: Split,
    /// Frames so far.
    frames: usize,
    /// Size on the wire of all of it, if it was packed.
    pub packed: Option<NonZeroU32>,
}

impl Cut {
    /// `wire` is the payload as it goes out, packed or not.
    pub(super) fn new(wire: Bytes, sizes: Split, packed: Option<NonZeroU32>) -> Cut {
        Cut { rest: wire, sizes, frames: 0, packed }
    }

    /// The next frame's payload, and whether it is the last one. Sizes beyond the end of the
    /// payload are left out; a zero makes an empty frame there too.
    pub(super) fn next(&mut self) -> (Bytes, bool) {
        let size = match &self.sizes {
            Split::Every(size) => (*size).max(1),
            Split::Sizes(sizes) => sizes.get(self.frames).copied().unwrap_or(usize::MAX),
        };
        self.frames += 1;
        let piece = self.rest.split_to(size.min(self.rest.len()));
        let more = match &self.sizes {
            Split::Sizes(sizes) => sizes.get(self.frames) == Some(&0),
            Split::Every(_) => false,
        };
        (piece, self.rest.is_empty() && !more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(payload: &'static str, sizes: Split) -> Vec<String> {
        let mut cut = Cut::new(Bytes::from_static(payload.as_bytes()), sizes, None);
        let mut out = Vec::new();
        loop {
            let (piece, last) = cut.next();
            out.push(String::from_utf8(piece.to_vec()).unwrap());
            if last {
                return out;
            }
        }
    }

    #[test]
    fn sizes_are_kept_and_what_is_left_goes_into_one_more() {
        let list = |sizes: &[usize]| Split::Sizes(sizes.to_vec());
        for (payload, sizes, want) in [
            ("abcdef", Split::Every(4), &["abcd", "ef"][..]),
            ("abcd", Split::Every(4), &["abcd"]),
            ("", Split::Every(4), &[""]),
            ("abc", Split::Every(0), &["a", "b", "c"]),
            ("abcdef", list(&[1, 2]), &["a", "bc", "def"]),
            ("abcdef", list(&[0, 2, 0, 9]), &["", "ab", "", "cdef"]),
            ("abc", list(&[3, 0, 0, 7]), &["abc", "", ""]),
            ("abc", list(&[2, 5, 5]), &["ab", "c"]),
            ("abc", list(&[]), &["abc"]),
            ("", list(&[0, 0]), &["", ""]),
        ] {
            assert_eq!(cut(payload, sizes.clone()), want, "{sizes:?}");
        }
    }
}
