//! What differs between two messages.

use std::sync::Arc;

use crate::payload::diff::{Diff, DiffRow, Mark};

/// What the messages of the tab are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The entry of this number, which was marked.
    Marked(u64),
    /// The one before of the same direction and kind.
    Previous,
}

/// A comparison that was made.
#[derive(Clone, Debug)]
pub struct Compared {
    pub diff: Arc<Diff>,
    /// Number of the entry on the left.
    pub left: u64,
    /// Number of the entry on the right: the one in the detail.
    pub right: u64,
    /// Place of the difference that was gone to, among the rows of the comparison.
    pub at: Option<usize>,
}

impl Compared {
    /// Lines that a row takes when both sides stand below each other.
    #[must_use]
    pub fn lines(row: &DiffRow, beside: bool) -> usize {
        if row.mark == Mark::Changed && !beside { 2 } else { 1 }
    }

    /// Lines of all rows.
    #[must_use]
    pub fn len(&self, beside: bool) -> usize {
        self.diff.rows.iter().map(|row| Self::lines(row, beside)).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diff.rows.is_empty()
    }

    /// Goes to the next difference, or the one before; round at the ends. Its first line.
    pub fn step(&mut self, forward: bool, beside: bool) -> Option<usize> {
        let rows = &self.diff.rows;
        let differs = |at: &usize| rows.get(*at).is_some_and(|row| row.mark != Mark::Same);
        let here = self.at;
        let next = if forward {
            let from = here.map_or(0, |at| at + 1);
            (from..rows.len()).find(differs).or_else(|| (0..rows.len()).find(differs))
        } else {
            let to = here.unwrap_or(rows.len());
            (0..to).rev().find(differs).or_else(|| (0..rows.len()).rev().find(differs))
        };
        self.at = next;
        next.map(|at| rows[..at].iter().map(|row| Self::lines(row, beside)).sum())
    }
}
