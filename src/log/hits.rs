//! Numbers of the rows that a search found, in order, with a bound on how many are listed.

use std::collections::VecDeque;
use std::ops::Range;

/// Rows that are counted together once they are no longer listed, as a power of two.
const BUCKET_BITS: u32 = 12;

/// The newest hits by number, and how many older ones there are.
#[derive(Debug)]
pub(super) struct Hits {
    listed: VecDeque<u64>,
    /// Hits before the listed ones: bucket and count, oldest first.
    older: VecDeque<(u64, u64)>,
    older_count: u64,
    limit: usize,
}

impl Hits {
    pub(super) fn new(limit: usize) -> Hits {
        Hits { listed: VecDeque::new(), older: VecDeque::new(), older_count: 0, limit }
    }

    /// Adds a hit behind all others.
    pub(super) fn push_newer(&mut self, number: u64) {
        self.listed.push_back(number);
        if self.listed.len() > self.limit
            && let Some(number) = self.listed.pop_front()
        {
            let bucket = number >> BUCKET_BITS;
            match self.older.back_mut() {
                Some((last, count)) if *last == bucket => *count += 1,
                _ => self.older.push_back((bucket, 1)),
            }
            self.older_count += 1;
        }
    }

    /// Adds a hit before all others.
    pub(super) fn push_older(&mut self, number: u64) {
        if self.older.is_empty() && self.listed.len() < self.limit {
            self.listed.push_front(number);
            return;
        }
        let bucket = number >> BUCKET_BITS;
        match self.older.front_mut() {
            Some((first, count)) if *first == bucket => *count += 1,
            _ => self.older.push_front((bucket, 1)),
        }
        self.older_count += 1;
    }

    /// Forgets the hits of rows before `first`. Of those that are only counted, some that shared
    /// a bucket with a kept row stay counted.
    pub(super) fn prune(&mut self, first: u64) {
        while let Some((_, count)) =
            self.older.pop_front_if(|(bucket, _)| (*bucket + 1) << BUCKET_BITS <= first)
        {
            self.older_count -= count;
        }
        while self.listed.pop_front_if(|number| *number < first).is_some() {}
        // Older rows than a listed one cannot be kept if that one is not.
        if self.listed.front().is_none_or(|number| *number == first) {
            self.older.clear();
            self.older_count = 0;
        }
    }

    pub(super) fn total(&self) -> u64 {
        self.older_count + self.listed.len() as u64
    }

    /// First listed hit behind `number`.
    pub(super) fn after(&self, number: u64) -> Option<u64> {
        let index = self.listed.partition_point(|hit| *hit <= number);
        self.listed.get(index).copied()
    }

    /// Last listed hit before `number`.
    pub(super) fn before(&self, number: u64) -> Option<u64> {
        let index = self.listed.partition_point(|hit| *hit < number);
        self.listed.get(index.checked_sub(1)?).copied()
    }

    /// Place of a hit among all, from 1.
    pub(super) fn place(&self, number: u64) -> Option<u64> {
        let index = self.listed.binary_search(&number).ok()?;
        Some(self.older_count + index as u64 + 1)
    }

    pub(super) fn between(&self, numbers: Range<u64>) -> Vec<u64> {
        let from = self.listed.partition_point(|hit| *hit < numbers.start);
        self.listed.range(from..).copied().take_while(|hit| *hit < numbers.end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_listed_and_the_others_counted() {
        let mut hits = Hits::new(3);
        for number in [10_000, 10_001] {
            hits.push_newer(number);
        }
        for number in [9_000, 8_999, 1] {
            hits.push_older(number);
        }
        assert_eq!(hits.total(), 5);
        assert_eq!(hits.between(0..u64::MAX), [9_000, 10_000, 10_001]);
        assert_eq!(hits.place(9_000), Some(3));
        assert_eq!(hits.place(8_999), None);
        hits.push_newer(10_002);
        assert_eq!(hits.total(), 6);
        assert_eq!(hits.place(10_000), Some(4));
        assert_eq!(hits.before(10_000), None);
        assert_eq!(hits.after(10_000), Some(10_001));
        hits.prune(4_096);
        assert_eq!(hits.total(), 5);
        hits.prune(10_001);
        assert_eq!(hits.between(0..u64::MAX), [10_001, 10_002]);
        assert_eq!(hits.total(), 2);
    }
}
