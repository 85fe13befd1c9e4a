//! The segments in order, with the bound on what they hold.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::counters::{Meter, Totals};
use super::entry::{Entry, Note};
use super::filter::{CLASSES, Filter};
use super::segment::{SMALL, Segment, Table, Tail};
use crate::core::message::Message;
use crate::core::time::Micros;

/// All kept rows. Held behind the lock of [`super::LogHandle`].
#[derive(Debug)]
pub(super) struct Ring {
    sealed: VecDeque<Arc<Segment>>,
    tail: Tail,
    /// Bytes held by `sealed`.
    sealed_weight: usize,
    pub(super) budget: usize,
    /// Rows thrown away to stay within the budget, and the bytes that they held.
    pub(super) evicted: u64,
    pub(super) evicted_bytes: u64,
    pub(super) totals: Totals,
    pub(super) meter: Meter,
}

impl Ring {
    pub(super) fn new(budget: usize) -> Ring {
        Ring {
            sealed: VecDeque::new(),
            tail: Tail::new(1, [0; CLASSES]),
            sealed_weight: 0,
            budget,
            evicted: 0,
            evicted_bytes: 0,
            totals: Totals::default(),
            meter: Meter::default(),
        }
    }

    /// Adds messages. `large` gives the payloads of those that are not small, in order.
    pub(super) fn append(&mut self, messages: &[Message], large: &mut impl Iterator<Item = Bytes>) {
        for message in messages {
            let Message { direction, kind, payload, .. } = message;
            let size = payload.len();
            if self.tail.is_full_for(size) {
                self.seal();
            }
            if size <= SMALL {
                self.tail.push_small(message);
            } else {
                let payload = large.next().unwrap_or_else(|| payload.clone());
                self.tail.push_large(message, payload);
            }
            self.totals.add(*direction, *kind, size);
            self.meter.message(message);
        }
    }

    pub(super) fn note(&mut self, at: Micros, note: Note) {
        if self.tail.is_full_for(0) {
            self.seal();
        }
        self.tail.push_note(at, note);
    }

    fn seal(&mut self) {
        let empty = Tail::new(self.tail.table.end(), [0; CLASSES]);
        let (segment, next) = std::mem::replace(&mut self.tail, empty).seal();
        self.sealed_weight += segment.weight();
        self.sealed.push_back(Arc::new(segment));
        self.tail = next;
    }

    /// Throws the oldest segments away until the rest is within the budget. The newest segment
    /// stays whatever it holds. The caller frees what it gets, after it has let go of the lock.
    pub(super) fn evict(&mut self) -> Vec<Arc<Segment>> {
        let mut gone = Vec::new();
        while self.held() > self.budget
            && let Some(segment) = self.sealed.pop_front()
        {
            self.sealed_weight -= segment.weight();
            self.evicted += segment.table.len() as u64;
            self.evicted_bytes += segment.weight() as u64;
            gone.push(segment);
        }
        gone
    }

    /// Throws everything away and begins the counters anew; numbers go on.
    pub(super) fn clear(&mut self) -> (VecDeque<Arc<Segment>>, Tail) {
        let tail = Tail::new(self.tail.table.end(), [0; CLASSES]);
        self.sealed_weight = 0;
        self.evicted = 0;
        self.evicted_bytes = 0;
        self.totals = Totals::default();
        self.meter = Meter::default();
        (std::mem::take(&mut self.sealed), std::mem::replace(&mut self.tail, tail))
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.sealed_weight + self.tail.weight()
    }

    /// Number of the first kept row, or of the next one to come if there is none.
    pub(super) fn first(&self) -> u64 {
        self.sealed.front().map_or(self.tail.table.first, |segment| segment.table.first)
    }

    /// First number of the segment that is written to.
    pub(super) fn tail_first(&self) -> u64 {
        self.tail.table.first
    }

    /// Number that the next row will get.
    pub(super) fn end(&self) -> u64 {
        self.tail.table.end()
    }

    fn segments(&self) -> usize {
        self.sealed.len() + 1
    }

    fn table(&self, segment: usize) -> &Table {
        self.sealed.get(segment).map_or(&self.tail.table, |sealed| &sealed.table)
    }

    /// Segment that holds this number, or the nearest one.
    fn segment_of(&self, number: u64) -> usize {
        self.sealed.partition_point(|segment| segment.table.end() <= number)
    }

    pub(super) fn entry(&self, number: u64) -> Option<Entry> {
        (self.first()..self.end()).contains(&number).then(|| {
            let segment = self.segment_of(number);
            self.entry_at(segment, self.table(segment).index_of(number))
        })
    }

    fn entry_at(&self, segment: usize, index: usize) -> Entry {
        match self.sealed.get(segment) {
            Some(sealed) => sealed.entry(index),
            None => self.tail.entry(index),
        }
    }

    /// Rows that are shown.
    pub(super) fn rows(&self, filter: Filter) -> u64 {
        self.row_of(filter, self.end())
    }

    /// Shown rows before this number: the row that it is on, if it is shown.
    pub(super) fn row_of(&self, filter: Filter, number: u64) -> u64 {
        let segment = self.segment_of(number);
        let table = self.table(segment);
        filter.sum(&table.before) + table.rank(filter, table.index_of(number))
            - filter.sum(&self.table(0).before)
    }

    /// Place of the shown row number `row` from 0.
    fn locate(&self, filter: Filter, row: u64) -> Option<(usize, usize)> {
        let target = row.checked_add(filter.sum(&self.table(0).before))?;
        let segment = self.sealed.partition_point(|segment| {
            filter.sum(&segment.table.before) + filter.sum(&segment.table.counts) <= target
        });
        let table = self.table(segment);
        let index = table.select(filter, target - filter.sum(&table.before))?;
        Some((segment, index))
    }

    /// Number of the shown row `row`.
    pub(super) fn number_at(&self, filter: Filter, row: u64) -> Option<u64> {
        let (segment, index) = self.locate(filter, row)?;
        Some(self.table(segment).first + index as u64)
    }

    /// Number of the first row that came at this time or later, or of the last row if all came
    /// before; `None` if there are no rows.
    pub(super) fn number_at_time(&self, at: Micros) -> Option<u64> {
        let last = self.end().checked_sub(1).filter(|last| *last >= self.first())?;
        // The last segment that began before the time holds its row, or ends just before it.
        let began = self.sealed.partition_point(|s| s.table.first_at().is_some_and(|t| t < at));
        let in_tail = self.tail.table.first_at().is_some_and(|t| t < at);
        let segment = if in_tail { self.sealed.len() } else { began.saturating_sub(1) };
        let table = self.table(segment);
        Some((table.first + table.index_at(at) as u64).min(last))
    }

    /// Up to `count` shown rows from `row` on.
    pub(super) fn read(&self, filter: Filter, row: u64, count: usize) -> Vec<Entry> {
        let mut out = Vec::new();
        let Some((start, mut from)) = self.locate(filter, row) else { return out };
        for segment in start..self.segments() {
            let slots = &self.table(segment).slots;
            for (index, slot) in slots.iter().enumerate().skip(from) {
                if out.len() == count {
                    return out;
                }
                if filter.has(slot.class) {
                    out.push(self.entry_at(segment, index));
                }
            }
            from = 0;
        }
        out
    }

    /// The segment that holds `number`, for reading without the lock: shared if it is sealed,
    /// else a copy of its rows from `number` on. `None` if the number is not kept.
    pub(super) fn share(&self, number: u64) -> Option<Arc<Segment>> {
        if !(self.first()..self.end()).contains(&number) {
            return None;
        }
        Some(match self.sealed.get(self.segment_of(number)) {
            Some(segment) => Arc::clone(segment),
            None => Arc::new(self.tail.snapshot(self.tail.table.index_of(number))),
        })
    }
}
