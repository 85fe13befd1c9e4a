//! Chunks: rows as bytes, and back.
//!
//! All numbers are little-endian. A chunk is a head of [`HEAD`] bytes and a body:
//!
//! | at | bytes | what |
//! | --- | --- | --- |
//! | 0 | 4 | [`MAGIC`] |
//! | 4 | 4 | CRC-32 of the head from byte 8 on |
//! | 8 | 4 | CRC-32 of the body |
//! | 12 | 4 | rows |
//! | 16 | 8 | number of the first row of the segment that the chunk is a part of |
//! | 24 | 8 | number of the chunk's first row |
//! | 32 | 8 | time of that row, microseconds since 1970 |
//! | 40 | 8 | bytes of the body |
//! | 48 | 4 | large payloads |
//! | 52 | 4 | bytes of the notes |
//! | 56 | 4 | bytes of the frames |
//! | 60 | 4 | 0 |
//! | 64 | 4 x 11 | rows of each class: received text, binary, ping, pong, close; sent ones likewise; notes |
//!
//! The body is: for each row [`ROW`] bytes (time 8, length 4, bytes on the wire if it was
//! compressed 4, class 1, whether the payload is a large one 1, nothing 2); the length of each
//! large payload in 8 bytes; the notes as a JSON list; the frames of split messages; the small
//! payloads one behind the other; the large ones.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use crate::core::frame::{FrameHead, Frames};
use crate::core::time::Micros;
use crate::log::entry::Note;
use crate::log::filter::{CLASSES, NOTE_CLASS};
use crate::log::segment::{Segment, Slot, Table};

/// What a chunk begins with.
pub(super) const MAGIC: [u8; 4] = *b"WdCk";

/// Bytes of a chunk's head.
pub(super) const HEAD: usize = 64 + 4 * CLASSES;

/// Bytes of a row beside its payload.
pub(super) const ROW: usize = 20;

/// More rows than any chunk of ours holds.
const MOST_ROWS: u32 = u16::MAX as u32;

/// The head of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) body_crc: u32,
    pub(super) rows: u32,
    pub(super) segment: u64,
    pub(super) first: u64,
    pub(super) at: Micros,
    pub(super) body: u64,
    large: u32,
    notes: u32,
    frames: u32,
    pub(super) counts: [u32; CLASSES],
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

impl Head {
    /// Bytes of the whole chunk.
    pub(super) fn len(&self) -> u64 {
        HEAD as u64 + self.body
    }

    /// The head that these bytes begin with; `None` if they do not, or it was damaged.
    pub(super) fn read(bytes: &[u8]) -> Option<Head> {
        let bytes = bytes.get(..HEAD)?;
        if bytes[..4] != MAGIC || u32_at(bytes, 4)? != crc32fast::hash(&bytes[8..]) {
            return None;
        }
        let mut counts = [0; CLASSES];
        for (index, count) in counts.iter_mut().enumerate() {
            *count = u32_at(bytes, 64 + 4 * index)?;
        }
        let head = Head {
            body_crc: u32_at(bytes, 8)?,
            rows: u32_at(bytes, 12)?,
            segment: u64_at(bytes, 16)?,
            first: u64_at(bytes, 24)?,
            at: Micros(u64_at(bytes, 32)?),
            body: u64_at(bytes, 40)?,
            large: u32_at(bytes, 48)?,
            notes: u32_at(bytes, 52)?,
            frames: u32_at(bytes, 56)?,
            counts,
        };
        let sum = counts.iter().try_fold(0u32, |sum, count| sum.checked_add(*count))?;
        let plausible = (1..=MOST_ROWS).contains(&head.rows)
            && sum == head.rows
            && head.segment <= head.first
            && head.first < u64::MAX >> 8
            && head.body < u64::MAX >> 8;
        plausible.then_some(head)
    }

    fn write(&self, out: &mut [u8]) {
        out[..4].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&self.body_crc.to_le_bytes());
        out[12..16].copy_from_slice(&self.rows.to_le_bytes());
        for (at, value) in [(16, self.segment), (24, self.first), (32, self.at.0), (40, self.body)]
        {
            out[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        for (at, value) in [(48, self.large), (52, self.notes), (56, self.frames), (60, 0)] {
            out[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        for (index, count) in self.counts.iter().enumerate() {
            out[64 + 4 * index..68 + 4 * index].copy_from_slice(&count.to_le_bytes());
        }
        let crc = crc32fast::hash(&out[8..HEAD]);
        out[4..8].copy_from_slice(&crc.to_le_bytes());
    }
}

/// A chunk as it goes to disk. The payloads are those of the segment, not copies.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Head, rows, notes and frames.
    pub(super) front: Vec<u8>,
    pub(super) payloads: Vec<Bytes>,
}

impl Chunk {
    pub(super) fn len(&self) -> u64 {
        self.payloads.iter().fold(self.front.len() as u64, |sum, bytes| sum + bytes.len() as u64)
    }
}

/// The rows of a segment from `from` on, as a part of the segment that begins at `segment_first`.
pub(super) fn encode(segment_first: u64, segment: &Segment, from: usize) -> Chunk {
    let table = &segment.table;
    let slots = &table.slots[from..];
    let mut front = vec![0; HEAD];
    let mut counts = [0u32; CLASSES];
    let (mut large, mut notes) = (Vec::new(), Vec::new());
    let (mut start, mut end) = (None, 0);
    front.reserve(slots.len() * ROW + 64);
    for slot in slots {
        if slot.class == NOTE_CLASS {
            notes.extend(table.notes.get(slot.place as usize));
        } else if slot.large {
            large.extend(table.large.get(slot.place as usize).cloned());
        } else {
            start.get_or_insert(slot.place as usize);
            end = slot.end();
        }
        counts[usize::from(slot.class)] += 1;
        front.extend_from_slice(&slot.at.0.to_le_bytes());
        front.extend_from_slice(&slot.len.to_le_bytes());
        front.extend_from_slice(&slot.packed.map_or(0, NonZeroU32::get).to_le_bytes());
        front.extend_from_slice(&[slot.class, u8::from(slot.large), 0, 0]);
    }
    for payload in &large {
        front.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    }
    let before_notes = front.len();
    if !notes.is_empty() {
        // Notes are plain values, for which this cannot fail.
        front.extend_from_slice(&serde_json::to_vec(&notes).unwrap_or_default());
    }
    let before_frames = front.len();
    for (index, frames) in table.splits.iter().filter(|(index, _)| *index >= from) {
        encode_frames(&mut front, *index - from, frames);
    }
    let small = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let (note_bytes, frame_bytes) = (before_frames - before_notes, front.len() - before_frames);
    let large_count = small(large.len());
    let mut payloads = Vec::with_capacity(large.len() + 1);
    if let Some(start) = start {
        payloads.push(segment.shared_block().slice(start..end));
    }
    payloads.extend(large);
    let mut chunk = Chunk { front, payloads };
    let mut crc = crc32fast::Hasher::new();
    crc.update(&chunk.front[HEAD..]);
    chunk.payloads.iter().for_each(|payload| crc.update(payload));
    let head = Head {
        body_crc: crc.finalize(),
        rows: small(slots.len()),
        segment: segment_first,
        first: table.first + from as u64,
        at: slots.first().map_or(Micros(0), |slot| slot.at),
        body: chunk.len() - HEAD as u64,
        large: large_count,
        notes: small(note_bytes),
        frames: small(frame_bytes),
        counts,
    };
    head.write(&mut chunk.front[..HEAD]);
    chunk
}

fn encode_frames(out: &mut Vec<u8>, index: usize, frames: &Frames) {
    let small = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    out.extend_from_slice(&small(index).to_le_bytes());
    out.extend_from_slice(&small(frames.heads.len()).to_le_bytes());
    out.extend_from_slice(&frames.count.to_le_bytes());
    for head in &frames.heads {
        let bits = u8::from(head.fin)
            | u8::from(head.masked) << 1
            | u8::from(head.mask.is_some()) << 2
            | (head.rsv & 7) << 4;
        out.extend_from_slice(&[bits, head.opcode, head.header, 0]);
        out.extend_from_slice(&head.mask.unwrap_or_default());
        out.extend_from_slice(&head.length.to_le_bytes());
    }
}

/// Takes bytes off the front, or nothing if there are not so many.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(front)
}

fn decode_frames(mut bytes: &[u8], base: usize, into: &mut Table) -> Option<()> {
    while !bytes.is_empty() {
        let front = take(&mut bytes, 16)?;
        let index = u32_at(front, 0)? as usize;
        let heads = take(&mut bytes, (u32_at(front, 4)? as usize).checked_mul(16)?)?;
        let heads = heads
            .chunks_exact(16)
            .filter_map(|head| {
                Some(FrameHead {
                    fin: head[0] & 1 != 0,
                    rsv: head[0] >> 4 & 7,
                    opcode: head[1],
                    mask: (head[0] & 4 != 0).then(|| head[4..].first_chunk().copied()).flatten(),
                    masked: head[0] & 2 != 0,
                    header: head[2],
                    length: u64_at(head, 8)?,
                })
            })
            .collect();
        let frames = Frames { heads, count: u64_at(front, 8)? };
        into.splits.push((base + index, Arc::new(frames)));
    }
    Some(())
}

/// A segment that is put together from its chunks.
#[derive(Debug)]
pub(super) struct Builder {
    table: Table,
    /// The small payloads so far: one chunk's as it was read, or a copy of several.
    block: Block,
    /// Why rows could not be read.
    why: Option<String>,
    lost: u64,
}

#[derive(Debug)]
enum Block {
    One(Bytes),
    Many(Vec<u8>),
}

impl Block {
    fn len(&self) -> usize {
        match self {
            Block::One(bytes) => bytes.len(),
            Block::Many(bytes) => bytes.len(),
        }
    }
}

impl Builder {
    /// For a segment that begins at this number.
    pub(super) fn new(first: u64) -> Builder {
        Builder {
            table: Table::new(first, [0; CLASSES]),
            block: Block::One(Bytes::new()),
            why: None,
            lost: 0,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.table.len()
    }

    /// Adds a chunk, or rows that say that it was damaged.
    pub(super) fn add(&mut self, head: &Head, body: &Bytes) {
        let sound = crc32fast::hash(body) == head.body_crc && self.decode(head, body).is_some();
        if !sound {
            self.lose(&head.counts, "its checksum is wrong: the file was damaged");
        }
    }

    /// Adds rows of these classes whose contents are lost.
    pub(super) fn lose(&mut self, counts: &[u32; CLASSES], why: &str) {
        for (class, count) in (0u8..).zip(counts) {
            for _ in 0..*count {
                self.table.slots.push(Slot::damaged(class));
                self.table.counts[usize::from(class)] += 1;
                self.lost += 1;
            }
        }
        self.why.get_or_insert_with(|| why.to_owned());
    }

    /// Rows of each class so far.
    pub(super) fn counts(&self) -> &[u64; CLASSES] {
        &self.table.counts
    }

    pub(super) fn finish(mut self, before: [u64; CLASSES]) -> Segment {
        self.table.before = before;
        self.table.damage = self
            .why
            .map(|why| Note::Dropped { count: 1, why: format!("it cannot be read back, {why}") });
        let block = match self.block {
            Block::One(bytes) => bytes,
            Block::Many(bytes) => Bytes::from(bytes),
        };
        Segment::new(self.table, block)
    }

    /// Adds the rows of a body whose checksum is right; nothing if it is not well-formed.
    fn decode(&mut self, head: &Head, body: &Bytes) -> Option<()> {
        let mut rest: &[u8] = body;
        let rows = take(&mut rest, (head.rows as usize).checked_mul(ROW)?)?;
        let sizes = take(&mut rest, (head.large as usize).checked_mul(8)?)?;
        let notes = take(&mut rest, head.notes as usize)?;
        let notes: Vec<Note> =
            if notes.is_empty() { Vec::new() } else { serde_json::from_slice(notes).ok()? };
        let frames = take(&mut rest, head.frames as usize)?;

        let base = self.table.len();
        let (mut block, mut large, mut note) = (0usize, 0usize, 0usize);
        let mut counts = [0u32; CLASSES];
        let mut slots = Vec::with_capacity(head.rows as usize);
        let index = |at: usize, offset: usize| u32::try_from(at.checked_add(offset)?).ok();
        for row in rows.chunks_exact(ROW) {
            let class = row[16];
            *counts.get_mut(usize::from(class))? += 1;
            let (is_note, is_large) = (class == NOTE_CLASS, row[17] != 0);
            let len = if is_note || is_large { 0 } else { u32_at(row, 8)? };
            let place = if is_note {
                note += 1;
                index(note - 1, self.table.notes.len())?
            } else if is_large {
                large += 1;
                index(large - 1, self.table.large.len())?
            } else {
                let place = index(block, self.block.len())?;
                block = block.checked_add(len as usize)?;
                place
            };
            slots.push(Slot {
                at: Micros(u64_at(row, 0)?),
                place,
                len,
                packed: NonZeroU32::new(u32_at(row, 12)?),
                class,
                large: is_large && !is_note,
            });
        }
        if counts != head.counts || note != notes.len() || large != head.large as usize {
            return None;
        }
        let start = body.len() - rest.len();
        take(&mut rest, block)?;
        let mut payloads = Vec::with_capacity(large);
        for size in sizes.chunks_exact(8) {
            let size = usize::try_from(u64_at(size, 0)?).ok()?;
            let at = body.len() - rest.len();
            take(&mut rest, size)?;
            payloads.push(body.slice(at..at + size));
        }
        let splits = self.table.splits.len();
        if !rest.is_empty() || decode_frames(frames, base, &mut self.table).is_none() {
            self.table.splits.truncate(splits);
            return None;
        }
        let block = body.slice(start..start + block);
        match &mut self.block {
            Block::One(old) if old.is_empty() => self.block = Block::One(block),
            Block::One(old) => {
                let mut both = Vec::with_capacity(old.len() + block.len());
                both.extend_from_slice(old);
                both.extend_from_slice(&block);
                self.block = Block::Many(both);
            }
            Block::Many(old) => old.extend_from_slice(&block),
        }
        self.table.slots.append(&mut slots);
        self.table.notes.extend(notes);
        self.table.large.append(&mut payloads);
        for (sum, count) in self.table.counts.iter_mut().zip(counts) {
            *sum += u64::from(count);
        }
        Some(())
    }
}
