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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessed_places_are_in_order_and_agree() {
        let filter = Filter::new(
            &[crate::core::message::Direction::In],
            &[crate::core::message::MessageKind::Text],
            false,
        );
        for rows in 1..60u32 {
            for shown in 0..=rows {
                let mut counts = [0; CLASSES];
                counts[0] = u16::try_from(shown).unwrap();
                counts[9] = u16::try_from(rows - shown).unwrap();
                let part = Part {
                    first: 1,
                    at: Micros(0),
                    gap: 0,
                    rows,
                    written: rows,
                    counts,
                    before: [0; CLASSES],
                    extent: None,
                    held: None,
                };
                assert_eq!(part.rank(filter, 0), 0);
                assert_eq!(part.rank(filter, rows as usize), u64::from(shown));
                assert_eq!(part.select(filter, u64::from(shown)), None);
                for k in 0..u64::from(shown) {
                    let index = part.select(filter, k).unwrap();
                    assert_eq!(part.rank(filter, index), k);
                    assert_eq!(part.rank(filter, index + 1), k + 1);
                }
                assert_eq!(part.is_exact(filter), shown == 0 || shown == rows);
            }
        }
    }

    #[test]
    fn a_segment_on_disk_costs_little() {
        assert!(size_of::<Part>() <= 192, "{}", size_of::<Part>());
    }
}
