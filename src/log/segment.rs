//! A run of rows. Small payloads stand one behind the other in one block of bytes: a payload of
//! the transport is a slice of its read buffer, and keeping the slice would keep 128 KiB alive.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use super::entry::{Entry, Note, Row};
use super::filter::{CLASSES, Filter, NOTE_CLASS, class_of, class_parts};
use super::query::Facts;
use crate::core::frame::{FrameHead, Frames};
use crate::core::message::Message;
use crate::core::time::Micros;

/// Payloads up to this size are copied into the segment's block.
pub(super) const SMALL: usize = 4 * 1024;

/// Larger payloads up to this size get an allocation of their own; still larger ones are kept as
/// they came, since what they may share is small beside them.
const COPIED: usize = 1024 * 1024;

/// Bytes of small payloads in a segment.
const BLOCK: usize = 256 * 1024;

/// Rows in a segment.
const ROWS: usize = 4096;

/// Bytes that each large payload costs beside itself.
const LARGE_COST: usize = 64;

/// One row: 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) at: Micros,
    /// Where the payload begins in the block, or its index among the large ones or the notes.
    pub(super) place: u32,
    /// Length in the block.
    pub(super) len: u32,
    /// As in [`Message::packed`](crate::core::message::Message::packed).
    pub(super) packed: Option<NonZeroU32>,
    pub(super) class: u8,
    pub(super) large: bool,
}

impl Slot {
    /// The row of a message that could not be read back; its class is known all the same.
    pub(super) fn damaged(class: u8) -> Slot {
        Slot { at: Micros(0), place: u32::MAX, len: 0, packed: None, class, large: true }
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.large && self.place == u32::MAX
    }

    /// Its payload stands in the block.
    pub(super) fn is_small(&self) -> bool {
        !self.large && self.class != NOTE_CLASS
    }

    pub(super) fn end(&self) -> usize {
        self.place as usize + self.len as usize
    }
}

/// Payload of a row, borrowed from its segment.
#[derive(Debug)]
pub(super) enum Held<'a> {
    Block(std::ops::Range<usize>),
    Large(&'a Bytes),
    Note(&'a Note),
}

/// The rows without the block of bytes.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Number of the first row.
    pub(super) first: u64,
    pub(super) slots: Vec<Slot>,
    pub(super) large: Vec<Bytes>,
    pub(super) notes: Vec<Note>,
    /// Frames of the messages that were not sent in one, by index.
    pub(super) splits: Vec<(usize, Arc<Frames>)>,
    /// Numbers behind the last row that no row has: those rows were lost.
    pub(super) gap: u64,
    /// What stands in the place of rows that could not be read back.
    pub(super) damage: Option<Note>,
    /// Bytes held by `large`, `notes` and `splits`.
    aside: usize,
    /// Rows of each class in all segments before this one, also those thrown away.
    pub(super) before: [u64; CLASSES],
    pub(super) counts: [u64; CLASSES],
}

impl Table {
    pub(super) fn new(first: u64, before: [u64; CLASSES]) -> Table {
        Table {
            first,
            slots: Vec::new(),
            large: Vec::new(),
            notes: Vec::new(),
            splits: Vec::new(),
            gap: 0,
            damage: None,
            aside: 0,
            before,
            counts: [0; CLASSES],
        }
    }

    /// Number behind that of the last row: where the next segment begins.
    pub(super) fn end(&self) -> u64 {
        self.first + self.slots.len() as u64 + self.gap
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Index of the row with this number or, if it is not here, of the nearest end.
    pub(super) fn index_of(&self, number: u64) -> usize {
        usize::try_from(number.saturating_sub(self.first)).map_or(self.len(), |i| i.min(self.len()))
    }

    /// When the first row came; `None` if there is none.
    pub(super) fn first_at(&self) -> Option<Micros> {
        self.slots.first().map(|slot| slot.at)
    }

    /// Index of the first row that came at this time or later. Rows are in order of time but for
    /// steps of a clock, over which the answer is one of the places that fit.
    pub(super) fn index_at(&self, at: Micros) -> usize {
        self.slots.partition_point(|slot| slot.at < at)
    }

    pub(super) fn held(&self, slot: &Slot) -> Held<'_> {
        let place = slot.place as usize;
        if let Some(note) = self.damage.as_ref().filter(|_| slot.is_damaged()) {
            Held::Note(note)
        } else if slot.class == NOTE_CLASS {
            Held::Note(&self.notes[place])
        } else if slot.large {
            Held::Large(&self.large[place])
        } else {
            Held::Block(place..slot.end())
        }
    }

    /// Rows that the filter shows among the first `index`.
    pub(super) fn rank(&self, filter: Filter, index: usize) -> u64 {
        if filter.is_all() {
            return index as u64;
        }
        if index == self.len() {
            return filter.sum(&self.counts);
        }
        self.slots[..index].iter().filter(|slot| filter.has(slot.class)).count() as u64
    }

    /// Index of the shown row number `k` from 0; `None` if there are not so many.
    pub(super) fn select(&self, filter: Filter, k: u64) -> Option<usize> {
        let k = usize::try_from(k).ok()?;
        if filter.is_all() {
            return (k < self.len()).then_some(k);
        }
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| filter.has(slot.class))
            .nth(k)
            .map(|(index, _)| index)
    }

    fn entry(&self, index: usize, block: impl FnOnce(std::ops::Range<usize>) -> Bytes) -> Entry {
        let slot = &self.slots[index];
        let row = match (self.held(slot), class_parts(slot.class)) {
            (Held::Note(note), _) => Row::Note(note.clone()),
            (Held::Block(range), Some((direction, kind))) => {
                let (packed, split) = (slot.packed, self.split(index));
                Row::Message { direction, kind, payload: block(range), packed, split }
            }
            (Held::Large(payload), Some((direction, kind))) => {
                let (packed, split) = (slot.packed, self.split(index));
                Row::Message { direction, kind, payload: payload.clone(), packed, split }
            }
            (_, None) => Row::Note(Note::Separator(String::new())),
        };
        Entry { number: self.first + index as u64, at: slot.at, row }
    }

    fn split(&self, index: usize) -> Option<Arc<Frames>> {
        let place = self.splits.binary_search_by_key(&index, |(index, _)| *index).ok()?;
        Some(Arc::clone(&self.splits[place].1))
    }

    /// Bytes held, without the block.
    fn weight(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
            + self.large.capacity() * size_of::<Bytes>()
            + self.notes.capacity() * size_of::<Note>()
            + self.aside
    }
}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) table: Table,
    block: Vec<u8>,
}

impl Tail {
    pub(super) fn new(first: u64, before: [u64; CLASSES]) -> Tail {
        Tail { table: Table::new(first, before), block: Vec::new() }
    }

    /// Whether a payload of this size belongs into a new segment.
    pub(super) fn is_full_for(&self, size: usize) -> bool {
        let block = if size <= SMALL { size } else { 0 };
        self.table.len() >= ROWS
            || self.block.len() + block > BLOCK
            || self.table.aside >= BLOCK && !self.table.slots.is_empty()
    }

    /// Adds a message whose payload is small.
    pub(super) fn push_small(&mut self, message: &Message) {
        let Message { at, direction, kind, payload, packed, split } = message;
        // Both fit by far: the block is bounded by BLOCK.
        let place = u32::try_from(self.block.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.block.extend_from_slice(payload);
        let class = class_of(*direction, *kind);
        self.note_split(split.as_ref());
        self.push(Slot { at: *at, place, len, packed: *packed, class, large: false });
    }

    /// Adds a message whose payload stands for itself, as `payload` holds it.
    pub(super) fn push_large(&mut self, message: &Message, payload: Bytes) {
        let Message { at, direction, kind, packed, split, .. } = message;
        let place = u32::try_from(self.table.large.len()).unwrap_or(u32::MAX);
        self.table.aside += payload.len() + LARGE_COST;
        self.table.large.push(payload);
        let class = class_of(*direction, *kind);
        self.note_split(split.as_ref());
        self.push(Slot { at: *at, place, len: 0, packed: *packed, class, large: true });
    }

    pub(super) fn push_note(&mut self, at: Micros, note: Note) {
        let place = u32::try_from(self.table.notes.len()).unwrap_or(u32::MAX);
        self.table.aside += note.held();
        self.table.notes.push(note);
        self.push(Slot { at, place, len: 0, packed: None, class: NOTE_CLASS, large: false });
    }

    /// Keeps the frames of the row that is about to be added.
    fn note_split(&mut self, split: Option<&Arc<Frames>>) {
        if let Some(frames) = split {
            self.table.aside += size_of::<Frames>() + frames.heads.len() * size_of::<FrameHead>();
            self.table.splits.push((self.table.slots.len(), Arc::clone(frames)));
        }
    }

    fn push(&mut self, slot: Slot) {
        self.table.counts[usize::from(slot.class)] += 1;
        self.table.slots.push(slot);
    }

    /// The row, its payload copied: small ones only, so it is quick.
    pub(super) fn entry(&self, index: usize) -> Entry {
        self.table.entry(index, |range| Bytes::copy_from_slice(&self.block[range]))
    }

    /// The rows from `index` on as a segment of their own, copied.
    pub(super) fn snapshot(&self, index: usize) -> Segment {
        let mut table = Table::new(self.table.first + index as u64, self.table.before);
        let start = self.table.slots[index..]
            .iter()
            .find(|slot| slot.is_small())
            .map_or(self.block.len(), |slot| slot.place as usize);
        // Large payloads and notes keep their indices; these clones are counted references.
        table.large.clone_from(&self.table.large);
        table.notes.clone_from(&self.table.notes);
        table.splits = self
            .table
            .splits
            .iter()
            .filter(|(at, _)| *at >= index)
            .map(|(at, frames)| (at - index, Arc::clone(frames)))
            .collect();
        table.slots = self.table.slots[index..].to_vec();
        table.counts = self.table.counts;
        for slot in &self.table.slots[..index] {
            table.before[usize::from(slot.class)] += 1;
            table.counts[usize::from(slot.class)] -= 1;
        }
        let offset = u32::try_from(start).unwrap_or(u32::MAX);
        for slot in &mut table.slots {
            if slot.is_small() {
                slot.place -= offset;
            }
        }
        Segment { table, block: Bytes::copy_from_slice(&self.block[start..]) }
    }

    /// Ends the segment and gives back what is behind it.
    pub(super) fn seal(self) -> (Segment, Tail) {
        let Tail { mut table, mut block } = self;
        let mut before = table.before;
        for (sum, count) in before.iter_mut().zip(table.counts) {
            *sum += count;
        }
        let mut next = Tail::new(table.end(), before);
        // Whoever filled one segment will likely fill another one.
        if block.len() > BLOCK / 2 {
            next.block.reserve_exact(BLOCK);
        }
        next.table.slots.reserve_exact(table.len().next_power_of_two().min(ROWS));
        // An allocation that is mostly empty would be held for nothing.
        if block.capacity() > block.len() + block.len() / 4 {
            block.shrink_to_fit();
        }
        if table.slots.capacity() > table.len() + table.len() / 4 {
            table.slots.shrink_to_fit();
        }
        table.large.shrink_to_fit();
        table.notes.shrink_to_fit();
        (Segment { table, block: Bytes::from(block) }, next)
    }

    /// Bytes held.
    pub(super) fn weight(&self) -> usize {
        size_of::<Tail>() + self.table.weight() + self.block.capacity()
    }
}

/// A segment that does not change any more.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) table: Table,
    block: Bytes,
}

impl Segment {
    /// A segment as it was read back.
    pub(super) fn new(table: Table, block: Bytes) -> Segment {
        Segment { table, block }
    }

    /// The same with so many lost rows behind it.
    pub(super) fn with_gap(&self, gap: u64) -> Segment {
        let mut table = self.table.clone();
        table.gap = gap;
        Segment { table, block: self.block.clone() }
    }

    /// The small payloads as they are held.
    pub(super) fn shared_block(&self) -> &Bytes {
        &self.block
    }

    pub(super) fn entry(&self, index: usize) -> Entry {
        self.table.entry(index, |range| self.block.slice(range))
    }

    /// What a filter on contents looks at, of the row at `index`.
    pub(super) fn with_facts<T>(&self, index: usize, look: impl FnOnce(Facts<'_>) -> T) -> T {
        let slot = &self.table.slots[index];
        let note;
        let payload: &[u8] = match self.table.held(slot) {
            Held::Block(range) => &self.block[range],
            Held::Large(payload) => payload,
            Held::Note(held) => {
                note = held.text();
                note.as_bytes()
            }
        };
        look(Facts {
            number: self.table.first + index as u64,
            at: slot.at,
            message: class_parts(slot.class),
            payload,
        })
    }

    /// All small payloads, one behind the other in the order of their rows.
    pub(super) fn block(&self) -> &[u8] {
        &self.block
    }

    pub(super) fn weight(&self) -> usize {
        size_of::<Segment>() + self.table.weight() + self.block.len()
    }
}

/// `payload` so that keeping it keeps nothing much larger alive.
pub(super) fn detach(payload: &Bytes) -> Bytes {
    if payload.len() <= COPIED { Bytes::copy_from_slice(payload) } else { payload.clone() }
}
