//! The segments in order, with the bound on what they hold in memory.
//!
//! From the front on stand segments that are on disk only, then those that are in memory because
//! they are new; of these the older ones may be on disk as well. A segment of the first kind that
//! is looked at is read back into a small cache (see [`super::disk`]). Without a disk there are
//! only segments in memory, and the oldest one is thrown away when there is no more room.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::counters::{Meter, Totals};
use super::disk::{Disk, Stored};
use super::entry::{Entry, Note, Row};
use super::filter::{CLASSES, Filter};
use super::part::Part;
use super::segment::{SMALL, Segment, Tail};
use crate::core::message::Message;
use crate::core::time::Micros;

/// What the counts of rows before the first segment begin with, so that older segments can be put
/// in front later on.
const BEFORE: [u64; CLASSES] = [1 << 40; CLASSES];

/// All kept rows. Held behind the lock of [`super::LogHandle`].
#[derive(Debug)]
pub(super) struct Ring {
    pub(super) parts: VecDeque<Part>,
    pub(super) tail: Tail,
    /// Index of the first part that is in memory because it is new.
    pub(super) resident: usize,
    /// Bytes held by the parts from there on.
    pub(super) resident_weight: usize,
    pub(super) budget: usize,
    /// Rows thrown away to stay within the budgets, and the bytes that they held.
    pub(super) evicted: u64,
    pub(super) evicted_bytes: u64,
    /// Numbers between the first and the last that no row has.
    pub(super) gaps: u64,
    rift: Option<Rift>,
    pub(super) totals: Totals,
    pub(super) meter: Meter,
    pub(super) disk: Disk,
}

/// Rows that were thrown away between those on disk and those in memory: the disk failed. What
/// stands before counts as if it came after them.
#[derive(Debug)]
struct Rift {
    /// Number behind the rows that are gone.
    end: u64,
    gone: [u64; CLASSES],
}

impl Ring {
    pub(super) fn new(budget: usize) -> Ring {
        Ring {
            parts: VecDeque::new(),
            tail: Tail::new(1, BEFORE),
            resident: 0,
            resident_weight: 0,
            budget,
            evicted: 0,
            evicted_bytes: 0,
            gaps: 0,
            rift: None,
            totals: Totals::default(),
            meter: Meter::default(),
            disk: Disk::default(),
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

    pub(super) fn seal(&mut self) {
        let empty = Tail::new(self.tail.table.end(), [0; CLASSES]);
        let (segment, next) = std::mem::replace(&mut self.tail, empty).seal();
        let weight = segment.weight();
        self.resident_weight += weight;
        let mut part = Part::of(segment);
        self.disk.sealed(&mut part, weight);
        self.parts.push_back(part);
        self.tail = next;
        self.note_complete();
    }

    /// Makes room in memory until the rest is within the budget: what is on disk is only let go
    /// of, what is on its way there stays, and without a disk the oldest rows are thrown away. The
    /// newest segment stays whatever it holds. The caller frees what it gets, after it has let go
    /// of the lock.
    pub(super) fn evict(&mut self) -> Vec<Arc<Segment>> {
        let mut gone = Vec::new();
        while self.held() > self.budget {
            if self.resident < self.disk.complete {
                if let Some(segment) = self.parts[self.resident].held.take() {
                    self.resident_weight -= segment.weight();
                    gone.push(segment);
                }
                self.resident += 1;
            } else if self.disk.is_on() {
                break;
            } else {
                let Some(segment) = self.throw_away() else { break };
                gone.push(segment);
            }
        }
        gone
    }

    /// Throws the oldest segment away that is in memory only.
    fn throw_away(&mut self) -> Option<Arc<Segment>> {
        let index = self.disk.complete;
        let mut part = self.parts.remove(index)?;
        self.evicted += u64::from(part.rows);
        if let Some(before) = index.checked_sub(1) {
            let numbers = part.end() - part.first;
            self.parts[before].gap += numbers;
            self.gaps += u64::from(part.rows);
            let rift = self.rift.get_or_insert(Rift { end: 0, gone: [0; CLASSES] });
            rift.end = part.end();
            for (sum, count) in rift.gone.iter_mut().zip(part.counts) {
                *sum += u64::from(count);
            }
        } else {
            self.gaps -= part.gap;
        }
        let segment = part.held.take()?;
        self.resident_weight -= segment.weight();
        self.evicted_bytes += segment.weight() as u64;
        Some(segment)
    }

    /// Takes the oldest segment out, which is on disk.
    pub(super) fn take_oldest(&mut self) -> Option<Part> {
        let part = self.parts.pop_front()?;
        self.disk.complete = self.disk.complete.saturating_sub(1);
        self.gaps -= part.gap;
        self.evicted += u64::from(part.rows);
        self.evicted_bytes += part.extent.as_ref().map_or(0, |extent| extent.len);
        if self.resident > 0 {
            self.resident -= 1;
            self.disk.cache.forget(part.first);
        } else if let Some(segment) = &part.held {
            self.resident_weight -= segment.weight();
        }
        Some(part)
    }

    /// Puts segments of an earlier time in front, which are on disk.
    pub(super) fn put_in_front(&mut self, older: Vec<Part>) {
        for mut part in older.into_iter().rev() {
            let begin = self.parts.front().map_or(&self.tail.table.before, |part| &part.before);
            let mut before = *begin;
            for (sum, count) in before.iter_mut().zip(part.counts) {
                *sum -= u64::from(count);
            }
            part.before = before;
            self.gaps += part.gap;
            self.parts.push_front(part);
            self.resident += 1;
            self.disk.complete += 1;
        }
    }

    /// Begins at this number. Only for a log without rows.
    pub(super) fn begin_at(&mut self, number: u64) {
        self.tail = Tail::new(number, BEFORE);
    }

    /// Throws everything away and begins the counters anew; numbers go on.
    pub(super) fn clear(&mut self) -> (VecDeque<Part>, Tail) {
        let tail = Tail::new(self.tail.table.end(), BEFORE);
        self.resident = 0;
        self.resident_weight = 0;
        self.evicted = 0;
        self.evicted_bytes = 0;
        self.gaps = 0;
        self.rift = None;
        self.totals = Totals::default();
        self.meter = Meter::default();
        self.disk.clear();
        (std::mem::take(&mut self.parts), std::mem::replace(&mut self.tail, tail))
    }

    /// Bytes held, but for the index.
    pub(super) fn held(&self) -> usize {
        self.resident_weight + self.disk.cache.weight() + self.tail.weight()
    }

    /// Bytes of what is known of the segments beside their contents.
    pub(super) fn index_weight(&self) -> usize {
        self.parts.capacity() * size_of::<Part>()
    }

    /// Number of the first kept row, or of the next one to come if there is none.
    pub(super) fn first(&self) -> u64 {
        self.parts.front().map_or(self.tail.table.first, |part| part.first)
    }

    /// First number of the segment that is written to.
    pub(super) fn tail_first(&self) -> u64 {
        self.tail.table.first
    }

    /// Number that the next row will get.
    pub(super) fn end(&self) -> u64 {
        self.tail.table.end()
    }

    /// Segment that holds this number, or the nearest one.
    pub(super) fn segment_of(&self, number: u64) -> usize {
        self.parts.partition_point(|part| part.end() <= number)
    }

    /// Rows that the filter shows before this segment, over what the log began with.
    fn before(&self, filter: Filter, segment: usize) -> u64 {
        let (first, before) = match self.parts.get(segment) {
            Some(part) => (part.first, &part.before),
            None => (self.tail.table.first, &self.tail.table.before),
        };
        let gone = match &self.rift {
            Some(rift) if first < rift.end => filter.sum(&rift.gone),
            _ => 0,
        };
        filter.sum(before) + gone
    }

    fn rank(&self, filter: Filter, segment: usize, number: u64) -> u64 {
        match self.parts.get(segment) {
            Some(part) => part.rank(filter, part.index_of(number)),
            None => self.tail.table.rank(filter, self.tail.table.index_of(number)),
        }
    }

    /// The row with this number; [`Row::Pending`] if it is on disk, and then it is asked for,
    /// before all others if it is `urgent`.
    pub(super) fn entry(&mut self, number: u64, urgent: bool) -> Option<Entry> {
        if !(self.first()..self.end()).contains(&number) {
            return None;
        }
        let segment = self.segment_of(number);
        let Some(part) = self.parts.get(segment) else {
            return Some(self.tail.entry(self.tail.table.index_of(number)));
        };
        let index = part.index_of(number);
        if index >= part.rows as usize {
            return None;
        }
        let first = part.first;
        if let Some(held) = &part.held {
            let entry = held.entry(index);
            self.disk.cache.used(first);
            return Some(entry);
        }
        let at = part.at;
        if urgent {
            self.disk.cache.want_first(first);
        } else {
            self.disk.cache.want(first);
        }
        Some(Entry { number, at, row: Row::Pending })
    }

    /// Rows that are shown.
    pub(super) fn rows(&self, filter: Filter) -> u64 {
        let tail = self.parts.len();
        self.before(filter, tail) + self.tail.table.rank(filter, self.tail.table.len())
            - self.before(filter, 0)
    }

    /// Shown rows before this number: the row that it is on, if it is shown.
    pub(super) fn row_of(&mut self, filter: Filter, number: u64) -> u64 {
        let segment = self.segment_of(number);
        self.want_exact(filter, segment);
        self.before(filter, segment) + self.rank(filter, segment, number) - self.before(filter, 0)
    }

    /// Asks for the contents of a segment whose rows' places are only guessed.
    fn want_exact(&mut self, filter: Filter, segment: usize) {
        if let Some(part) = self.parts.get(segment)
            && !part.is_exact(filter)
        {
            self.disk.cache.want(part.first);
        }
    }

    /// Segment of the shown row number `row` from 0, and how many shown rows of that segment come
    /// before it. `None` if there are not so many.
    fn locate(&self, filter: Filter, row: u64) -> Option<(usize, u64)> {
        let target = row.checked_add(self.before(filter, 0))?;
        // The parts are in order, so halving finds the first one that reaches the row.
        let (mut low, mut high) = (0, self.parts.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.before(filter, middle) + self.parts[middle].shown(filter) <= target {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Some((low, target.checked_sub(self.before(filter, low))?))
    }

    /// Number of the shown row `row`.
    pub(super) fn number_at(&mut self, filter: Filter, row: u64) -> Option<u64> {
        let (segment, k) = self.locate(filter, row)?;
        self.want_exact(filter, segment);
        match self.parts.get(segment) {
            Some(part) => Some(part.first + part.select(filter, k)? as u64),
            None => {
                let table = &self.tail.table;
                Some(table.first + table.select(filter, k)? as u64)
            }
        }
    }

    /// Number of the first row that came at this time or later, or of the last row if all came
    /// before; `None` if there are no rows. If its segment is on disk only, that comes instead.
    pub(super) fn number_at_time(&self, at: Micros) -> Option<Result<u64, Stored>> {
        let last = self.end().checked_sub(1).filter(|last| *last >= self.first())?;
        // The last segment that began before the time holds its row, or ends just before it.
        let began = self.parts.partition_point(|part| part.at < at);
        let in_tail = self.tail.table.first_at().is_some_and(|first| first < at);
        let segment = if in_tail { self.parts.len() } else { began.saturating_sub(1) };
        let number = match self.parts.get(segment) {
            None => self.tail.table.first + self.tail.table.index_at(at) as u64,
            Some(Part { held: Some(held), .. }) => {
                held.table.first + held.table.index_at(at) as u64
            }
            Some(part) => return Some(Err(Stored::of(part)?)),
        };
        Some(Ok(number.min(last)))
    }

    /// Up to `count` shown rows from `row` on. Those that are on disk only are
    /// [`Row::Pending`], and their segments are asked for.
    pub(super) fn read(&mut self, filter: Filter, row: u64, count: usize) -> Vec<Entry> {
        let mut out = Vec::new();
        while out.len() < count {
            let at = row + out.len() as u64;
            let Some((segment, k)) = self.locate(filter, at) else { break };
            let Some(part) = self.parts.get(segment) else {
                let Some(from) = self.tail.table.select(filter, k) else { break };
                let slots = self.tail.table.slots.iter().enumerate().skip(from);
                let shown = slots.filter(|(_, slot)| filter.has(slot.class));
                let left = count - out.len();
                out.extend(shown.take(left).map(|(index, _)| self.tail.entry(index)));
                break;
            };
            let before = out.len();
            let left = count - before;
            if let Some(held) = &part.held {
                let Some(from) = held.table.select(filter, k) else { break };
                let slots = held.table.slots.iter().enumerate().skip(from);
                let shown = slots.filter(|(_, slot)| filter.has(slot.class));
                out.extend(shown.take(left).map(|(index, _)| held.entry(index)));
                self.disk.cache.used(part.first);
            } else {
                let shown = (k..part.shown(filter)).take(left);
                out.extend(shown.filter_map(|k| part.select(filter, k)).map(|index| Entry {
                    number: part.first + index as u64,
                    at: part.at,
                    row: Row::Pending,
                }));
                self.disk.cache.want(part.first);
            }
            if out.len() == before {
                break;
            }
        }
        out
    }

    /// The segment that holds `number`, for reading without the lock. `None` if the number is not
    /// kept.
    pub(super) fn share(&self, number: u64) -> Option<Share> {
        if !(self.first()..self.end()).contains(&number) {
            return None;
        }
        let Some(part) = self.parts.get(self.segment_of(number)) else {
            let copy = self.tail.snapshot(self.tail.table.index_of(number));
            return Some(Share::Held(Arc::new(copy)));
        };
        match &part.held {
            Some(segment) if part.gap == segment.table.gap => {
                Some(Share::Held(Arc::clone(segment)))
            }
            Some(segment) => Some(Share::Held(Arc::new(segment.with_gap(part.gap)))),
            None => Stored::of(part).map(Share::Stored),
        }
    }
}

/// A segment to be read without the lock.
#[derive(Debug)]
pub(super) enum Share {
    Held(Arc<Segment>),
    /// It has to be read from disk.
    Stored(Stored),
}
