//! What is known of a segment without looking into it: its place in the log, how many rows of each
//! class it holds, and where it stands on disk.

use std::sync::Arc;

use super::disk::Extent;
use super::filter::{CLASSES, Filter};
use super::segment::Segment;
use crate::core::time::Micros;

/// A sealed segment: in memory, on disk, or both. Some 180 bytes, which is all that a segment costs
/// that is on disk only.
#[derive(Debug)]
pub(super) struct Part {
    /// Number of the first row.
    pub(super) first: u64,
    /// When the first row came.
    pub(super) at: Micros,
    /// Numbers behind the last row that no row has: those rows were lost.
    pub(super) gap: u64,
    pub(super) rows: u32,
    /// How many of the rows are on disk.
    pub(super) written: u32,
    pub(super) counts: [u16; CLASSES],
    /// Rows of each class in all segments before this one, also those thrown away, over the
    /// number that the log's first segment began with.
    pub(super) before: [u64; CLASSES],
    pub(super) extent: Option<Extent>,
    pub(super) held: Option<Arc<Segment>>,
}

impl Part {
    /// A segment that was just sealed.
    pub(super) fn of(segment: Segment) -> Part {
        let table = &segment.table;
        Part {
            first: table.first,
            at: table.first_at().unwrap_or_default(),
            gap: 0,
            rows: u32::try_from(table.len()).unwrap_or(u32::MAX),
            written: 0,
            counts: table.counts.map(|count| u16::try_from(count).unwrap_or(u16::MAX)),
            before: table.before,
            extent: None,
            held: Some(Arc::new(segment)),
        }
    }

    /// Where the next segment begins.
    pub(super) fn end(&self) -> u64 {
        self.first + u64::from(self.rows) + self.gap
    }

    /// Rows that the filter shows.
    pub(super) fn shown(&self, filter: Filter) -> u64 {
        if filter.is_all() {
            return u64::from(self.rows);
        }
        filter.sum(&self.counts.map(u64::from))
    }

    /// All rows are on disk.
    pub(super) fn is_written(&self) -> bool {
        self.written >= self.rows && self.extent.is_some()
    }

    /// Rows that the filter shows among the first `index`. If the segment is on disk only and the
    /// filter shows some of its rows, they are taken to stand at even distances: rank and select
    /// agree with each other, and with the contents once they are there.
    pub(super) fn rank(&self, filter: Filter, index: usize) -> u64 {
        if let Some(segment) = &self.held {
            return segment.table.rank(filter, index);
        }
        let (rows, shown) = (u64::from(self.rows), self.shown(filter));
        let index = (index as u64).min(rows);
        if rows == 0 { 0 } else { (index * shown).div_ceil(rows) }
    }

    /// Index of the shown row number `k` from 0; see [`Part::rank`].
    pub(super) fn select(&self, filter: Filter, k: u64) -> Option<usize> {
        if let Some(segment) = &self.held {
            return segment.table.select(filter, k);
        }
        let (rows, shown) = (u64::from(self.rows), self.shown(filter));
        (k < shown).then(|| usize::try_from(k * rows / shown).unwrap_or(0))
    }

    /// Index of the row with this number or, if it is not here, of the nearest end.
    pub(super) fn index_of(&self, number: u64) -> usize {
        let rows = self.rows as usize;
        usize::try_from(number.saturating_sub(self.first)).map_or(rows, |index| index.min(rows))
    }

    /// The place of the rows is known exactly.
    pub(super) fn is_exact(&self, filter: Filter) -> bool {
        let shown = self.shown(filter);
        self.held.is_some() || shown == 0 || shown == u64::from(self.rows)
    }
}
