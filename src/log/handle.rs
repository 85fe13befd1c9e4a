//! What writers and readers of a log hold.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::counters::{Rate, Totals};
use super::entry::{Entry, Note};
use super::export::{CopyAs, export_masked};
use super::ring::Ring;
use super::segment::{SMALL, Segment, detach};
use super::stats::Survey;
use super::view::View;
use crate::core::message::Message;
use crate::core::secret::Masker;
use crate::core::time::Micros;

/// Messages that are added under one lock: some ten microseconds.
const BATCH: usize = 256;

/// Rows that are read under one lock when many are asked for.
const READ_BATCH: u64 = 1024;

/// A log, shared. Cloning is cheap, and all clones are the same log.
#[derive(Clone, Debug)]
pub struct LogHandle {
    ring: Arc<Mutex<Ring>>,
    /// Secrets that went out with the attempts whose messages are here.
    masker: Arc<Mutex<Masker>>,
}

/// Numbers about the whole log.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Number of the first row that is kept.
    pub first: u64,
    /// Number that the next row will get; `first` if nothing is kept.
    pub end: u64,
    /// Bytes held in memory, with what keeping them costs.
    pub held_bytes: usize,
    pub budget: usize,
    /// Rows thrown away to stay within the budget since the log was cleared.
    pub evicted: u64,
    /// Bytes that they held.
    pub evicted_bytes: u64,
    pub totals: Totals,
}

impl Stats {
    /// Rows that are kept, notes too.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.end - self.first
    }
}

/// Where a window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The newest row is the last one of the window.
    Newest,
    /// This row of what the filter shows, from 0.
    Row(u64),
    /// The row with this number or, if it is not shown or kept, the next one that is.
    Number(u64),
}

/// A part of what a filter shows, read in one moment.
#[derive(Clone, Debug)]
pub struct Window {
    /// Row of the first entry among those that the filter shows, from 0.
    pub row: u64,
    /// How many rows the filter shows.
    pub rows: u64,
    pub entries: Vec<Entry>,
    pub stats: Stats,
}

impl Window {
    /// Shown rows behind the window: how many arrived below.
    #[must_use]
    pub fn below(&self) -> u64 {
        self.rows - self.row - self.entries.len() as u64
    }
}

impl LogHandle {
    /// An empty log that holds at most about `budget` bytes. The newest segment is kept whatever
    /// it holds, so one message that is larger than the budget can be read until the next one.
    #[must_use]
    pub fn new(budget: usize) -> LogHandle {
        LogHandle { ring: Arc::new(Mutex::new(Ring::new(budget))), masker: Arc::default() }
    }

    /// Takes note of secrets, which are masked in what is [exported](LogHandle::export). What is
    /// kept, shown and searched stays as it came.
    pub fn know(&self, secrets: &Masker) {
        self.masker.lock().unwrap_or_else(PoisonError::into_inner).join(secrets);
    }

    /// The rows as text that may leave the program, with every secret of the attempts masked by
    /// its value: servers say tokens back. The second value tells whether one was.
    #[must_use]
    pub fn export(&self, entries: &[Entry], form: CopyAs) -> (String, bool) {
        let masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        export_masked(entries, form, &masker)
    }

    /// Nothing that is done under the lock can leave the ring half-changed in a way that matters
    /// more than losing the log would, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds messages in order.
    pub fn append(&self, messages: &[Message]) {
        for batch in messages.chunks(BATCH) {
            // Copying large payloads takes its time, so it is done before the lock is taken.
            let large: Vec<Bytes> = batch
                .iter()
                .filter(|message| message.payload.len() > SMALL)
                .map(|message| detach(&message.payload))
                .collect();
            let gone = {
                let mut ring = self.lock();
                ring.append(batch, &mut large.into_iter());
                ring.evict()
            };
            drop(gone);
        }
    }

    /// Adds a line of ours.
    pub fn note(&self, at: Micros, note: Note) {
        let gone = {
            let mut ring = self.lock();
            ring.note(at, note);
            ring.evict()
        };
        drop(gone);
    }

    /// Throws all rows away and begins the counters anew. Numbers go on where they were.
    pub fn clear(&self) {
        let gone = self.lock().clear();
        drop(gone);
    }

    /// Changes the bound on memory; what is above it goes at once.
    pub fn set_budget(&self, bytes: usize) {
        let gone = {
            let mut ring = self.lock();
            ring.budget = bytes;
            ring.evict()
        };
        drop(gone);
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        stats(&self.lock())
    }

    /// Messages and bytes in a second over the last three seconds.
    #[must_use]
    pub fn rate(&self, now: Micros) -> Rate {
        self.lock().meter.rate(now)
    }

    /// Sizes, compression and rates over time of all messages since the log was cleared; about
    /// 30 KiB are copied.
    #[must_use]
    pub fn survey(&self) -> Survey {
        Survey::clone(&self.lock().meter.survey)
    }

    /// The row with this number, if it is still kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Entry> {
        self.lock().entry(number)
    }

    /// All kept rows with these numbers that the filter shows. Payloads are shared, not copied,
    /// but for the newest ones.
    #[must_use]
    pub fn read(&self, view: impl Into<View>, numbers: Range<u64>) -> Vec<Entry> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.read(self, numbers);
        }
        let mut out = Vec::new();
        let mut from = numbers.start;
        loop {
            let ring = self.lock();
            // The lock is let go of between batches, so rows may have been thrown away meanwhile.
            from = from.max(ring.first());
            let to = from.saturating_add(READ_BATCH).min(numbers.end).min(ring.end());
            if from >= to {
                return out;
            }
            let row = ring.row_of(filter, from);
            let count = ring.row_of(filter, to) - row;
            out.extend(ring.read(filter, row, usize::try_from(count).unwrap_or(usize::MAX)));
            from = to;
        }
    }

    /// Up to `height` rows of what the filter shows, with everything needed to draw them.
    #[must_use]
    pub fn window(&self, view: impl Into<View>, anchor: Anchor, height: usize) -> Window {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.window(self, anchor, height);
        }
        let ring = self.lock();
        let rows = ring.rows(filter);
        // Never past the last full page: a window has `height` rows if there are so many.
        let last = rows.saturating_sub(height as u64);
        let row = match anchor {
            Anchor::Newest => last,
            Anchor::Row(row) => row.min(last),
            Anchor::Number(number) => ring.row_of(filter, number).min(last),
        };
        let entries = ring.read(filter, row, height);
        Window { row, rows, entries, stats: stats(&ring) }
    }

    /// How many rows the filter shows.
    #[must_use]
    pub fn rows(&self, view: impl Into<View>) -> u64 {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.rows(self);
        }
        self.lock().rows(filter)
    }

    /// How many shown rows come before this number: its row, if it is shown.
    #[must_use]
    pub fn row_of(&self, view: impl Into<View>, number: u64) -> u64 {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.row_of(self, number);
        }
        self.lock().row_of(filter, number)
    }

    /// Number of the entry in this row of what the filter shows.
    #[must_use]
    pub fn number_at(&self, view: impl Into<View>, row: u64) -> Option<u64> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.number_at(self, row);
        }
        self.lock().number_at(filter, row)
    }

    /// Number of the first kept row that came at this time or later, or of the last one if all
    /// came before. Rows are in order of time but for steps of a clock, over which the answer is
    /// one of the places that fit. `None` if nothing is kept.
    #[must_use]
    pub fn number_at_time(&self, at: Micros) -> Option<u64> {
        self.lock().number_at_time(at)
    }

    /// How many shown rows came after this number.
    #[must_use]
    pub fn count_after(&self, view: impl Into<View>, number: u64) -> u64 {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.count_after(self, number);
        }
        let ring = self.lock();
        ring.rows(filter) - ring.row_of(filter, number.saturating_add(1))
    }

    /// Number of the shown row that is `by` rows further down (up, if negative) than `number`,
    /// stopping at either end. `None` if nothing is shown.
    #[must_use]
    pub fn step_from(&self, view: impl Into<View>, number: u64, by: i64) -> Option<u64> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.step_from(self, number, by);
        }
        let ring = self.lock();
        let last = ring.rows(filter).checked_sub(1)?;
        let row = ring.row_of(filter, number);
        // If the row itself is not shown, the next one takes its place; going down from where it
        // was is then one step less.
        let here = ring.number_at(filter, row.min(last)) == Some(number);
        let by = if by > 0 && !here { by - 1 } else { by };
        ring.number_at(filter, row.saturating_add_signed(by).min(last))
    }

    /// The rows with these numbers, those that are still kept.
    pub(super) fn entries(&self, numbers: &[u64]) -> Vec<Entry> {
        numbers
            .chunks(READ_BATCH as usize)
            .flat_map(|batch| {
                let ring = self.lock();
                batch.iter().filter_map(|number| ring.entry(*number)).collect::<Vec<_>>()
            })
            .collect()
    }

    pub(super) fn share(&self, number: u64) -> Option<Arc<Segment>> {
        self.lock().share(number)
    }

    /// First kept number, first number of the segment that is written to, and the number behind
    /// the last.
    pub(super) fn bounds(&self) -> (u64, u64, u64) {
        let ring = self.lock();
        (ring.first(), ring.tail_first(), ring.end())
    }
}

fn stats(ring: &Ring) -> Stats {
    Stats {
        first: ring.first(),
        end: ring.end(),
        held_bytes: ring.held(),
        budget: ring.budget,
        evicted: ring.evicted,
        evicted_bytes: ring.evicted_bytes,
        totals: ring.totals,
    }
}
