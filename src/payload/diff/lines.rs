//! Texts compared line by line.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::align::{Step, align};
use super::{Mark, Rows};
use crate::core::progress::Progress;

/// Lines of a text that are compared.
const MOST_LINES: usize = 200_000;

/// Lines shown around a difference.
const AROUND: usize = 3;

pub(super) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn cut_up(text: &str) -> (Vec<&str>, Vec<u64>) {
    let lines: Vec<&str> = text.split('\n').take(MOST_LINES).collect();
    let hashes = lines.iter().map(hash).collect();
    (lines, hashes)
}

pub(super) fn diff(a: &str, b: &str, progress: &Progress) -> Rows {
    let ((left, hashes_a), (right, hashes_b)) = (cut_up(a), cut_up(b));
    let (steps, exact) = align(&hashes_a, &hashes_b, progress);
    let mut rows = Rows { limited: !exact, ..Rows::default() };
    rows.limited |= left.len() == MOST_LINES || right.len() == MOST_LINES;
    let mut at = 0;
    while at < steps.len() {
        let same = steps[at..].iter().take_while(|step| matches!(step, Step::Same(..))).count();
        let (first, last) = (at == 0, at + same == steps.len());
        // Lines before a difference and behind one; what lies between is counted.
        let before = if last { 0 } else { AROUND };
        let behind = if first { 0 } else { AROUND };
        for (place, step) in steps[at..at + same].iter().enumerate() {
            if let Step::Same(i, _) = step {
                if place < behind || place + before >= same {
                    rows.push(Mark::Same, left[*i], left[*i], None);
                } else if place == behind {
                    let text = format!("… {} equal lines", same - behind - before);
                    rows.push(Mark::Same, &text, &text, None);
                }
            }
        }
        at += same;
        let run = steps[at..].iter().take_while(|step| !matches!(step, Step::Same(..)));
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for step in run {
            at += 1;
            match step {
                Step::Removed(i) => removed.push(left[*i]),
                Step::Added(j) => added.push(right[*j]),
                Step::Same(..) => {}
            }
        }
        let both = removed.len().min(added.len());
        for (left, right) in removed.iter().zip(&added) {
            rows.push(Mark::Changed, left, right, None);
        }
        removed[both..].iter().for_each(|line| rows.push(Mark::Removed, line, "", None));
        added[both..].iter().for_each(|line| rows.push(Mark::Added, "", line, None));
        if rows.is_full() {
            rows.limited |= at < steps.len();
            break;
        }
    }
    rows
}
