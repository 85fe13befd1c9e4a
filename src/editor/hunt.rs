//! Search through a text that may be very long. What is near the cursor is found on the spot, within a
//! budget of bytes; what is further is left to work on a snapshot of the text that reports how far it is and can be
//! stopped.

use std::ops::{ControlFlow, Range};

use ropey::Rope;

use super::search::{Direction, Query};
use super::text::Editor;
use crate::core::progress::Progress;

/// Bytes between two looks at whether to go on: about a millisecond.
const SLICE: usize = 2 * 1024 * 1024;

/// What a look around the cursor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// The characters of the match.
    Hit(Range<usize>),
    /// There is none in the whole text.
    Nowhere,
    /// There is none near; the rest of the text was not looked at.
    Unknown,
}

impl Editor {
    /// As [`find`](Self::find), but looks at no more than so many bytes.
    pub fn find_near(
        &self,
        query: &Query,
        from: usize,
        direction: Direction,
        budget: usize,
    ) -> Near {
        let rope = self.rope();
        let len = rope.len_bytes();
        if len <= budget {
            let found = self.find(query, from, direction);
            return found.map_or(Near::Nowhere, Near::Hit);
        }
        let from = rope.char_to_byte(from.min(self.len_chars()));
        let hit = match direction {
            Direction::Forward => query.first(rope, from..from.saturating_add(budget).min(len)),
            Direction::Backward => query.last(rope, from.saturating_sub(budget)..from),
        };
        hit.map_or(Near::Unknown, |hit| Near::Hit(self.chars_of(&hit)))
    }

    /// The character that stands at a byte found by [`find_far`] in a snapshot of this very text.
    pub fn chars_at(&self, bytes: &Range<usize>) -> Range<usize> {
        let len = self.len_bytes();
        self.chars_of(&(bytes.start.min(len)..bytes.end.min(len)))
    }
}

/// The match that [`Editor::find`] would give, in bytes. `None` as well if it was stopped.
pub fn find_far(
    query: &Query,
    rope: &Rope,
    from: usize,
    direction: Direction,
    progress: &Progress,
) -> Option<Range<usize>> {
    let len = rope.len_bytes();
    let from = from.min(len);
    progress.set_total(len as u64);
    let parts = match direction {
        Direction::Forward => [from..len, 0..from],
        Direction::Backward => [0..from, from..len],
    };
    for part in parts {
        let mut left = part;
        while !left.is_empty() {
            if progress.is_cancelled() {
                return None;
            }
            let take = left.len().min(SLICE);
            let hit = match direction {
                Direction::Forward => {
                    let slice = left.start..left.start + take;
                    left.start = slice.end;
                    query.first(rope, slice)
                }
                Direction::Backward => {
                    let slice = left.end - take..left.end;
                    left.end = slice.start;
                    query.last(rope, slice)
                }
            };
            if hit.is_some() {
                return hit;
            }
            progress.add(take as u64);
        }
    }
    None
}

/// How many matches there are in the whole text; `None` if it was stopped.
pub fn count_all(query: &Query, rope: &Rope, progress: &Progress) -> Option<usize> {
    let len = rope.len_bytes();
    progress.set_total(len as u64);
    let (mut at, mut count) = (0, 0);
    while at < len {
        if progress.is_cancelled() {
            return None;
        }
        let stop = at.saturating_add(SLICE).min(len);
        // A match that begins in a slice may end behind it; the next one begins after that.
        let mut end = stop;
        query.scan(rope, at..stop, |hit| {
            count += 1;
            end = end.max(hit.end);
            ControlFlow::Continue(())
        });
        at = end;
        progress.set_done(at as u64);
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::{Case, Mode};

    fn long() -> Editor {
        // Hits on both sides of the borders of slices, and one across each.
        let filler = "x".repeat(SLICE - 2);
        Editor::with_text(Mode::Text, &format!("né {filler}needle{filler} needle{filler}needle"))
    }

    #[test]
    fn far_and_near_come_to_the_same_hits() {
        let editor = long();
        let rope = editor.rope();
        for pattern in ["needle", "nee?dle", "e+"] {
            let query = Query::regex(pattern, Case::Sensitive).unwrap();
            for from in [0, 5, SLICE, SLICE + 3, 2 * SLICE, editor.len_chars()] {
                let byte = rope.char_to_byte(from);
                for direction in [Direction::Forward, Direction::Backward] {
                    let far = find_far(&query, rope, byte, direction, &Progress::default());
                    let near = editor.find(&query, from, direction);
                    assert_eq!(far.map(|hit| editor.chars_at(&hit)), near, "{pattern} {from}");
                }
            }
            let whole = editor.count_matches(&query, 0..editor.len_chars(), usize::MAX);
            assert_eq!(count_all(&query, rope, &Progress::default()), Some(whole.matches));
        }
    }

    #[test]
    fn a_look_around_stays_within_its_budget() {
        let editor = long();
        let query = Query::literal("needle", Case::Sensitive).unwrap();
        let near = |from, budget| editor.find_near(&query, from, Direction::Forward, budget);
        assert_eq!(near(0, 1024), Near::Unknown);
        let first = editor.find(&query, 0, Direction::Forward).unwrap();
        assert_eq!(near(first.start - 100, 1024), Near::Hit(first));
        let absent = Query::literal("absent", Case::Sensitive).unwrap();
        assert_eq!(editor.find_near(&absent, 0, Direction::Forward, usize::MAX), Near::Nowhere);
    }

    #[test]
    fn work_that_is_stopped_finds_nothing() {
        let editor = long();
        let query = Query::literal("needle", Case::Sensitive).unwrap();
        let progress = Progress::default();
        progress.cancel();
        assert_eq!(find_far(&query, editor.rope(), 0, Direction::Forward, &progress), None);
        assert_eq!(count_all(&query, editor.rope(), &progress), None);
        assert_eq!(progress.done(), 0);
    }
}
