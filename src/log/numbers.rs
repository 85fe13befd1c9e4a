//! An ordered set of row numbers: what a search or a sieve has found.
//!
//! Numbers stand in buckets of 4096: up to 256 of them as a list of what distinguishes them, more
//! as a bitmap, so that a bucket costs at most 512 bytes. Ten million hits one after the other
//! take 1.3 MB, and scattered ones two bytes each. Each bucket knows how many come before it, so
//! that the place of a number and the number of a place are found by halving.

use std::collections::VecDeque;
use std::ops::Range;

/// Numbers in a bucket, as a power of two.
const BUCKET_BITS: u32 = 12;

/// Numbers in a bucket.
const BUCKET: usize = 1 << BUCKET_BITS;

/// Numbers in a list; a longer one becomes a bitmap of the same size.
const LIST: usize = 256;

const WORDS: usize = BUCKET / 64;

/// The numbers, each at most once.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    buckets: VecDeque<Bucket>,
    total: u64,
}

#[derive(Debug)]
struct Bucket {
    /// What its numbers have in common: the number without its last bits.
    index: u64,
    /// Numbers in all buckets before this one, counted from an arbitrary start, which moves when
    /// older numbers are added.
    before: i64,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// The last bits, ascending.
    List(Vec<u16>),
    Bits {
        words: Box<[u64; WORDS]>,
        count: u32,
    },
}

fn index_of(number: u64) -> u64 {
    number >> BUCKET_BITS
}

fn low_of(number: u64) -> usize {
    // The mask keeps twelve bits.
    (number & (BUCKET as u64 - 1)) as usize
}

impl Held {
    fn len(&self) -> usize {
        match self {
            Held::List(list) => list.len(),
            Held::Bits { count, .. } => *count as usize,
        }
    }

    /// How many are below `low`.
    fn rank(&self, low: usize) -> usize {
        match self {
            Held::List(list) => list.partition_point(|at| usize::from(*at) < low),
            Held::Bits { words, .. } => {
                let (word, bit) = (low / 64, low % 64);
                let whole: u32 = words[..word.min(WORDS)].iter().map(|w| w.count_ones()).sum();
                let part = words.get(word).map_or(0, |w| (w & ((1 << bit) - 1)).count_ones());
                (whole + part) as usize
            }
        }
    }

    /// The one at place `k` from 0.
    fn select(&self, k: usize) -> Option<usize> {
        match self {
            Held::List(list) => list.get(k).map(|low| usize::from(*low)),
            Held::Bits { words, .. } => {
                let mut left = k;
                for (at, word) in words.iter().enumerate() {
                    let here = word.count_ones() as usize;
                    if left < here {
                        let mut word = *word;
                        for _ in 0..left {
                            word &= word - 1;
                        }
                        return Some(at * 64 + word.trailing_zeros() as usize);
                    }
                    left -= here;
                }
                None
            }
        }
    }

    fn has(&self, low: usize) -> bool {
        match self {
            Held::List(list) => list.binary_search_by_key(&low, |at| usize::from(*at)).is_ok(),
            Held::Bits { words, .. } => words[low / 64] >> (low % 64) & 1 == 1,
        }
    }

    /// Adds one; false if it was there.
    fn insert(&mut self, low: usize) -> bool {
        match self {
            Held::List(list) => {
                let key = |at: &u16| usize::from(*at);
                let place = match list.last() {
                    Some(last) if usize::from(*last) < low => list.len(),
                    _ => match list.binary_search_by_key(&low, key) {
                        Ok(_) => return false,
                        Err(place) => place,
                    },
                };
                if list.len() < LIST {
                    // Twelve bits fit.
                    list.insert(place, low as u16);
                    return true;
                }
                let mut words = Box::new([0u64; WORDS]);
                for at in list.iter().map(key).chain([low]) {
                    words[at / 64] |= 1 << (at % 64);
                }
                *self = Held::Bits { words, count: LIST as u32 + 1 };
                true
            }
            Held::Bits { words, count } => {
                let (word, bit) = (&mut words[low / 64], 1u64 << (low % 64));
                if *word & bit != 0 {
                    return false;
                }
                *word |= bit;
                *count += 1;
                true
            }
        }
    }

    /// Removes those below `low`; how many they were.
    fn drop_below(&mut self, low: usize) -> usize {
        let gone = self.rank(low);
        match self {
            Held::List(list) => drop(list.drain(..gone)),
            Held::Bits { words, count } => {
                let (word, bit) = (low / 64, low % 64);
                words[..word.min(WORDS)].fill(0);
                if let Some(word) = words.get_mut(word) {
                    *word &= !((1 << bit) - 1);
                }
                *count -= gone as u32;
            }
        }
        gone
    }

    fn bytes(&self) -> usize {
        match self {
            Held::List(list) => list.capacity() * size_of::<u16>(),
            Held::Bits { .. } => size_of::<[u64; WORDS]>(),
        }
    }
}

impl Numbers {
    pub(super) fn len(&self) -> u64 {
        self.total
    }

    /// Adds numbers that are all behind those of this set, or all before them; ascending.
    pub(super) fn extend(&mut self, numbers: &[u64]) {
        let is_older = match (numbers.last(), self.select(0)) {
            (Some(new), Some(first)) => *new < first,
            _ => false,
        };
        if is_older {
            numbers.iter().rev().for_each(|number| self.push_older(*number));
        } else {
            numbers.iter().for_each(|number| self.push_newer(*number));
        }
    }

    fn push_newer(&mut self, number: u64) {
        let index = index_of(number);
        let before = match self.buckets.back() {
            Some(last) if last.index == index => None,
            Some(last) => Some(last.before + last.held.len() as i64),
            None => Some(0),
        };
        if let Some(before) = before {
            self.buckets.push_back(Bucket { index, before, held: Held::List(Vec::new()) });
        }
        if let Some(last) = self.buckets.back_mut()
            && last.held.insert(low_of(number))
        {
            self.total += 1;
        }
    }

    fn push_older(&mut self, number: u64) {
        let index = index_of(number);
        let before = match self.buckets.front() {
            Some(first) if first.index == index => None,
            Some(first) => Some(first.before),
            None => Some(0),
        };
        if let Some(before) = before {
            self.buckets.push_front(Bucket { index, before, held: Held::List(Vec::new()) });
        }
        if let Some(first) = self.buckets.front_mut()
            && first.held.insert(low_of(number))
        {
            // What comes behind keeps its counts, and so the start moves.
            first.before -= 1;
            self.total += 1;
        }
    }

    /// Forgets the numbers below `first`.
    pub(super) fn prune(&mut self, first: u64) {
        while let Some(bucket) =
            self.buckets.pop_front_if(|bucket| (bucket.index + 1) << BUCKET_BITS <= first)
        {
            self.total -= bucket.held.len() as u64;
        }
        if let Some(front) = self.buckets.front_mut()
            && front.index == index_of(first)
        {
            let gone = front.held.drop_below(low_of(first));
            front.before += gone as i64;
            self.total -= gone as u64;
            if front.held.len() == 0 {
                self.buckets.pop_front();
            }
        }
    }

    /// How many are below `number`.
    pub(super) fn rank(&self, number: u64) -> u64 {
        let Some(start) = self.buckets.front().map(|bucket| bucket.before) else { return 0 };
        let index = index_of(number);
        let place = self.buckets.partition_point(|bucket| bucket.index < index);
        let rank = match self.buckets.get(place) {
            Some(bucket) if bucket.index == index => {
                bucket.before - start + bucket.held.rank(low_of(number)) as i64
            }
            Some(bucket) => bucket.before - start,
            None => return self.total,
        };
        u64::try_from(rank).unwrap_or(0)
    }

    /// The one at place `k` from 0.
    pub(super) fn select(&self, k: u64) -> Option<u64> {
        let start = self.buckets.front()?.before;
        let k = i64::try_from(k).ok()?;
        let place = self.buckets.partition_point(|bucket| bucket.before - start <= k);
        let bucket = self.buckets.get(place.checked_sub(1)?)?;
        let within = usize::try_from(k - (bucket.before - start)).ok()?;
        Some((bucket.index << BUCKET_BITS) + bucket.held.select(within)? as u64)
    }

    pub(super) fn has(&self, number: u64) -> bool {
        let index = index_of(number);
        let place = self.buckets.partition_point(|bucket| bucket.index < index);
        self.buckets
            .get(place)
            .is_some_and(|bucket| bucket.index == index && bucket.held.has(low_of(number)))
    }

    /// The first one above `number`.
    pub(super) fn after(&self, number: u64) -> Option<u64> {
        self.select(self.rank(number.checked_add(1)?))
    }

    /// The last one below `number`.
    pub(super) fn before(&self, number: u64) -> Option<u64> {
        self.select(self.rank(number).checked_sub(1)?)
    }

    /// Place among all, from 1, of a number that is here.
    pub(super) fn place(&self, number: u64) -> Option<u64> {
        self.has(number).then(|| self.rank(number) + 1)
    }

    pub(super) fn between(&self, numbers: Range<u64>) -> Vec<u64> {
        self.places(self.rank(numbers.start), self.rank(numbers.end))
    }

    /// Those at the places from `start` to before `end`.
    pub(super) fn places(&self, start: u64, end: u64) -> Vec<u64> {
        (start..end.min(self.total)).map_while(|k| self.select(k)).collect()
    }

    /// Bytes that the set takes.
    #[cfg_attr(not(test), expect(dead_code, reason = "what the tests hold to its bound"))]
    pub(super) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<Bucket>()
            + self.buckets.iter().map(|bucket| bucket.held.bytes()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_million_hits_take_less_than_two_megabytes() {
        let mut numbers = Numbers::default();
        for start in (1..10_000_001u64).step_by(4096) {
            let batch: Vec<u64> = (start..(start + 4096).min(10_000_001)).collect();
            numbers.extend(&batch);
        }
        assert_eq!(numbers.len(), 10_000_000);
        assert!(numbers.bytes() < 2_000_000, "{}", numbers.bytes());
        assert_eq!(numbers.select(9_999_999), Some(10_000_000));
        assert_eq!(numbers.place(5_000_001), Some(5_000_001));
    }

    #[test]
    fn both_ends_grow_from_within_one_bucket() {
        let mut numbers = Numbers::default();
        numbers.extend(&[10_000, 10_001]);
        numbers.extend(&[9_000, 9_500]);
        numbers.extend(&[20_000]);
        numbers.extend(&[1, 8_999]);
        assert_eq!(numbers.between(0..u64::MAX), [1, 8_999, 9_000, 9_500, 10_000, 10_001, 20_000]);
        assert_eq!(numbers.place(10_000), Some(5));
        assert_eq!(numbers.before(9_000), Some(8_999));
        assert_eq!(numbers.after(10_001), Some(20_000));
        assert_eq!((numbers.after(20_000), numbers.before(1)), (None, None));
        numbers.prune(9_500);
        assert_eq!(numbers.between(0..u64::MAX), [9_500, 10_000, 10_001, 20_000]);
        assert_eq!(numbers.place(20_000), Some(4));
        numbers.prune(30_000);
        assert_eq!((numbers.len(), numbers.before(u64::MAX)), (0, None));
    }

    proptest! {
        /// Grows from the middle in both directions and loses its oldest, as a search does.
        #[test]
        fn agrees_with_a_tree(
            steps in prop::collection::vec((0u8..5, 1u64..3_000, 1u64..20), 1..40),
            start in 50_000u64..60_000,
            asked in prop::collection::vec(0u64..120_000, 1..20),
        ) {
            let (mut low, mut high) = (start, start);
            let mut numbers = Numbers::default();
            let mut naive = BTreeSet::new();
            for (kind, span, stride) in steps {
                match kind {
                    0..=1 => {
                        let found: Vec<u64> = (high..high + span).step_by(stride as usize).collect();
                        numbers.extend(&found);
                        naive.extend(found);
                        high += span;
                    }
                    2..=3 => {
                        let from = low.saturating_sub(span);
                        let found: Vec<u64> = (from..low).step_by(stride as usize).collect();
                        numbers.extend(&found);
                        naive.extend(found);
                        low = from;
                    }
                    _ => {
                        let first = (low + span).min(high);
                        numbers.prune(first);
                        naive = naive.split_off(&first);
                        low = first;
                    }
                }
                prop_assert_eq!(numbers.len(), naive.len() as u64);
            }
            let all: Vec<u64> = naive.iter().copied().collect();
            prop_assert_eq!(numbers.between(0..u64::MAX), &all[..]);
            for number in asked {
                prop_assert_eq!(numbers.rank(number), naive.range(..number).count() as u64);
                prop_assert_eq!(numbers.has(number), naive.contains(&number));
                prop_assert_eq!(numbers.after(number), naive.range(number + 1..).next().copied());
                prop_assert_eq!(numbers.before(number), naive.range(..number).next_back().copied());
            }
        }
    }
}
