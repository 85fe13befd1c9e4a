//! Looking for a text in what the detail shows.

use crate::app::model::SearchLine;
use crate::core::progress::Progress;
use crate::log::Pattern;

/// Places that are kept; more are only counted.
pub const MOST_HITS: usize = 1_000_000;

/// A place where the pattern was found: bytes of what was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub at: usize,
    pub len: usize,
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In order, the first [`MOST_HITS`].
    pub hits: Vec<Hit>,
    /// How many there are.
    pub total: u64,
}

/// The search line of the detail and what it found.
#[derive(Debug, Default)]
pub struct Find {
    pub line: Option<SearchLine>,
    pub pattern: Option<Pattern>,
    /// Why the pattern cannot be used.
    pub problem: Option<String>,
    pub found: Found,
    /// Place among the hits of the one that was gone to.
    pub at: Option<usize>,
    /// Of a search that runs beside the loop.
    pub running: Option<Progress>,
    /// Names the running search.
    pub stamp: u64,
}

impl Find {
    /// Forgets what was found; a search that runs is stopped.
    pub fn reset(&mut self) {
        self.stamp += 1;
        if let Some(progress) = self.running.take() {
            progress.cancel();
        }
        self.found = Found::default();
        self.at = None;
    }

    /// Hits that begin in this range of bytes, or before it and reach into it by less than `slack`.
    #[must_use]
    pub fn hits_in(&self, range: std::ops::Range<usize>, slack: usize) -> &[Hit] {
        let hits = &self.found.hits;
        let first = hits.partition_point(|hit| hit.at < range.start.saturating_sub(slack));
        let end = hits.partition_point(|hit| hit.at < range.end);
        &hits[first.min(end)..end]
    }
}
