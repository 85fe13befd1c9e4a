//! Where a cursor may stand: the boundaries of grapheme clusters (UAX #29) in a rope.
//!
//! A boundary can depend on text far before it (flags pair up from the start of their run, marks pile up on a base
//! without end). To stay bounded, two limits are part of the definition here: context is read from at most
//! two times [`LOOK_BACK`] characters back, and a cluster of more than [`LONGEST`] characters is cut at multiples of that
//! number. Both are far outside of what is written by people.

use std::ops::{ControlFlow, Range};

use ropey::Rope;
use unicode_segmentation::UnicodeSegmentation;

const LOOK_BACK: usize = 64;

/// A cluster that goes on for more than so many characters is cut.
pub(super) const LONGEST: usize = 256;

/// Characters read at once by [`walk`]; more than two of the longest clusters, so that each window has a boundary.
const WINDOW: usize = 4 * LONGEST;

/// Characters that never join with another plain one, whatever stands around: between two of them is a boundary.
pub(super) fn plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\n'
        | '\u{c0}'..='\u{24f}' | '\u{391}'..='\u{3c9}' | '\u{400}'..='\u{481}'
        | '\u{3041}'..='\u{3094}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}')
}

/// A place at or before `at` from which segmentation gives the right answer for `at`.
fn anchor(rope: &Rope, at: usize) -> usize {
    let base = if at < 2 * LOOK_BACK { 0 } else { (at - LOOK_BACK) / LOOK_BACK * LOOK_BACK };
    let mut before = rope.chars_at(at);
    let mut right = rope.get_char(at);
    let mut here = at;
    while here > base {
        let left = before.prev();
        if left.is_some_and(plain) && right.is_some_and(plain) {
            return here;
        }
        right = left;
        here -= 1;
    }
    here
}

/// Whether the text itself has a boundary at `at`, before the cut of endless clusters.
fn natural(rope: &Rope, at: usize) -> bool {
    if at == 0 || at >= rope.len_chars() {
        return true;
    }
    let from = anchor(rope, at);
    if from == at {
        return true;
    }
    let text: String = rope.slice(from..=at).chunks().collect();
    let mut here = from;
    for cluster in text.graphemes(true) {
        if here >= at {
            break;
        }
        here += cluster.chars().count();
    }
    here == at
}

/// Whether a cursor may stand before the character `at`.
pub(super) fn is_boundary(rope: &Rope, at: usize) -> bool {
    natural(rope, at)
        || (at.is_multiple_of(LONGEST) && (at - LONGEST + 1..at).all(|near| !natural(rope, near)))
}

/// The first boundary after `at`; the text's end if there is none.
pub(super) fn next(rope: &Rope, at: usize) -> usize {
    let len = rope.len_chars();
    let mut here = at + 1;
    while here < len && !is_boundary(rope, here) {
        here += 1;
    }
    here.min(len)
}

/// The last boundary before `at`; 0 if there is none.
pub(super) fn prev(rope: &Rope, at: usize) -> usize {
    let mut here = at.min(rope.len_chars()).saturating_sub(1);
    while here > 0 && !is_boundary(rope, here) {
        here -= 1;
    }
    here
}

/// The last boundary at or before `at`.
pub(super) fn floor(rope: &Rope, at: usize) -> usize {
    let at = at.min(rope.len_chars());
    if is_boundary(rope, at) { at } else { prev(rope, at) }
}

/// The first boundary at or after `at`.
pub(super) fn ceil(rope: &Rope, at: usize) -> usize {
    let at = at.min(rope.len_chars());
    if is_boundary(rope, at) { at } else { next(rope, at) }
}

/// One grapheme cluster as [`walk`] finds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cluster<'a> {
    /// Its text.
    pub text: &'a str,
    /// Index of its first character.
    pub char: usize,
    /// How many characters it has.
    pub chars: usize,
    /// Offset of its first byte.
    pub byte: usize,
}

/// Goes through the clusters of a range that starts at a boundary, until the visitor breaks.
pub(super) fn walk(
    rope: &Rope,
    range: Range<usize>,
    mut visit: impl FnMut(Cluster<'_>) -> ControlFlow<()>,
) {
    let end = range.end.min(rope.len_chars());
    let mut at = range.start;
    let mut window = WINDOW / 4;
    let mut text = String::new();
    while at < end {
        let stop = if end - at <= window {
            end
        } else {
            match floor(rope, at + window) {
                stop if stop > at => stop,
                _ => at + window,
            }
        };
        window = WINDOW;
        text.clear();
        text.extend(rope.slice(at..stop).chunks());
        let mut byte = rope.char_to_byte(at);
        let mut left = text.as_str();
        while let Some(cluster) = first_cluster(left) {
            // Endless clusters are cut where `is_boundary` cuts them.
            let cluster = if cluster.len() <= LONGEST {
                cluster
            } else {
                let room = LONGEST - at % LONGEST;
                let cut = cluster.char_indices().nth(room);
                cluster.get(..cut.map_or(cluster.len(), |(cut, _)| cut)).unwrap_or(cluster)
            };
            let chars = if cluster.len() == 1 { 1 } else { cluster.chars().count() };
            let found = Cluster { text: cluster, char: at, chars, byte };
            if visit(found).is_break() {
                return;
            }
            at += chars;
            byte += cluster.len();
            left = left.get(cluster.len()..).unwrap_or("");
        }
    }
}

/// The cluster at the start of a text, without the full rules where two plain characters meet or a tab stands.
fn first_cluster(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let alone = |c: char| plain(c) || c == '\t';
    if first == '\t' || (plain(first) && chars.next().is_none_or(alone)) {
        return text.get(..first.len_utf8());
    }
    text.graphemes(true).next()
}

/// Counts the clusters of a range that starts at a boundary.
pub(super) fn count(rope: &Rope, range: Range<usize>) -> usize {
    let mut n = 0;
    walk(rope, range, |_| {
        n += 1;
        ControlFlow::Continue(())
    });
    n
}
