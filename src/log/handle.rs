//! What writers and readers of a log hold.

use std::future::Future;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::counters::{Rate, Totals};
use super::disk::{self, DiskOptions, Early, Stored};
use super::entry::{Entry, Note};
use super::export::{CopyAs, export_masked, masked};
use super::filter::Filter;
use super::ring::{Ring, Share};
use super::segment::{SMALL, Segment, detach};
use super::shared::Shared;
use super::stats::Survey;
use super::view::View;
use crate::core::message::Message;
use crate::core::secret::Masker;
use crate::core::time::Micros;

/// Messages that are added under one lock: some ten microseconds.
const BATCH: usize = 256;

/// Bytes that may be read from disk at once by who waits for it.
const AT_ONCE: u64 = 1024 * 1024;

/// A log, shared. Cloning is cheap, and all clones are the same log.
#[derive(Clone, Debug)]
pub struct LogHandle {
    owner: Arc<Owner>,
    /// Secrets that went out with the attempts whose messages are here.
    masker: Arc<Mutex<Masker>>,
}

/// Ends the log's threads with the last of its handles.
#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.lock().disk.close();
        self.shared.work.notify_all();
        self.shared.wanted.notify_all();
    }
}

/// Resolves when a log can take more; see [`LogHandle::ready`].
#[derive(Debug)]
pub struct Ready<'a> {
    log: &'a LogHandle,
}

impl Future for Ready<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.log.lock().is_congested(Some(cx.waker())) { Poll::Pending } else { Poll::Ready(()) }
    }
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
    /// Bytes of memory that tell where on disk the rest is; not a part of the budget.
    pub index_bytes: usize,
    /// Bytes of rows on disk.
    pub disk_bytes: u64,
    /// Rows before this number are those of an earlier session.
    pub restored: u64,
    /// Numbers between the first and the last that no row has: those rows were lost.
    pub gaps: u64,
    /// Rows thrown away to stay within the budgets since the log was cleared.
    pub evicted: u64,
    /// Bytes that they held.
    pub evicted_bytes: u64,
    pub totals: Totals,
}

impl Stats {
    /// Rows that are kept, notes too.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.end - self.first - self.gaps
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
        let shared = Arc::new(Shared::new(Ring::new(budget)));
        LogHandle { owner: Arc::new(Owner { shared }), masker: Arc::default() }
    }

    /// The rows of a session that is in this folder, whether it ended, was cut short or is being
    /// written. What is damaged is left out, or says so where it stands. Waits for the disk.
    ///
    /// # Errors
    /// If the folder holds no session, or a file of it cannot be read at all.
    pub fn reopen(folder: &Path, budget: usize) -> io::Result<LogHandle> {
        let log = LogHandle::new(budget);
        disk::reopen(&log.owner.shared, folder)?;
        Ok(log)
    }

    /// Keeps rows waiting until [`LogHandle::keep_on_disk`] has found out with which number they
    /// begin. Called before the first row of a log whose request may have an earlier session.
    pub fn hold(&self) {
        self.lock().disk.hold();
    }

    /// Writes rows to disk from now on. Returns at once; a thread does the work. If the log
    /// was [held](LogHandle::hold), the rows of the request's last session come first.
    pub fn keep_on_disk(&self, options: DiskOptions) {
        disk::begin(&self.owner.shared, options);
    }

    /// The request that the log belongs to has this name in its workspace from now on.
    pub fn belongs_to(&self, request: &str) {
        self.lock().disk.rename(request);
        self.owner.shared.work.notify_one();
    }

    /// Calls this when rows changed by themselves: some were read from disk, or the log itself
    /// had something to say. It is called from threads of the log, so it should be quick.
    pub fn on_growth(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.owner.shared.on_growth(Arc::new(wake));
    }

    /// Resolves when the log can take more rows. Whoever brings many waits for it after each
    /// batch: rows that are not on disk yet stand in memory, and if the disk is slower than they
    /// come, the sender has to be slowed down instead.
    #[must_use]
    pub fn ready(&self) -> Ready<'_> {
        Ready { log: self }
    }

    /// Writes what is left and ends the session. Blocks, but no longer than `most`; whether
    /// everything was written. What is added later stays in memory.
    pub fn finish(&self, most: Duration) -> bool {
        self.lock().disk.close();
        self.owner.shared.work.notify_all();
        self.owner.shared.wanted.notify_all();
        self.wait(most, |ring| !ring.disk.is_on() || ring.disk.is_closed())
    }

    /// Blocks until everything is written, and everything that windows asked for is read; but no
    /// longer than `most`. Whether it is so.
    pub fn settle(&self, most: Duration) -> bool {
        self.lock().disk.hurry();
        self.owner.shared.work.notify_all();
        self.wait(most, |ring| ring.disk.is_settled())
    }

    fn wait(&self, most: Duration, is_done: impl Fn(&Ring) -> bool) -> bool {
        let end = Instant::now() + most;
        let mut ring = self.lock();
        while !is_done(&ring) {
            let Some(left) = end.checked_duration_since(Instant::now()) else { return false };
            let waited = self.owner.shared.done.wait_timeout(ring, left);
            ring = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
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

    /// Whether a secret of the attempts is in these bytes. Linear in them.
    #[must_use]
    pub fn holds_secret(&self, payload: &Bytes) -> bool {
        let masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        !masker.is_empty() && masked(payload, &masker).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.owner.shared.lock()
    }

    /// Lets go of the lock after rows came, and tells the writer if it has to know.
    fn added(&self, mut ring: MutexGuard<'_, Ring>, sealed: usize) {
        let gone = ring.evict();
        let tell = ring.disk.is_on() && (ring.disk.is_idle() || ring.parts.len() != sealed);
        drop(ring);
        if tell {
            self.owner.shared.work.notify_one();
        }
        drop(gone);
    }

    /// Looks at rows, and has those read that are on disk only.
    fn look<T>(&self, at: impl FnOnce(&mut Ring) -> T) -> T {
        let mut ring = self.lock();
        let seen = at(&mut ring);
        let wants = ring.disk.cache.is_wanting();
        drop(ring);
        if wants {
            disk::read_wanted(&self.owner.shared);
        }
        seen
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
            let mut ring = self.lock();
            if ring.disk.is_opening() {
                ring.disk.wait(Early::Messages(batch.to_vec()));
                continue;
            }
            let sealed = ring.parts.len();
            ring.append(batch, &mut large.into_iter());
            self.added(ring, sealed);
        }
    }

    /// Adds a line of ours.
    pub fn note(&self, at: Micros, note: Note) {
        let mut ring = self.lock();
        if ring.disk.is_opening() {
            ring.disk.wait(Early::Note(at, note));
            return;
        }
        let sealed = ring.parts.len();
        ring.note(at, note);
        self.added(ring, sealed);
    }

    /// Throws all rows away, those on disk too, and begins the counters anew. Numbers go on where
    /// they were.
    pub fn clear(&self) {
        let gone = self.lock().clear();
        self.owner.shared.work.notify_one();
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

    /// The row with this number, if it is still kept. Does not wait: a row that is on disk only is
    /// [`Row::Pending`](super::Row::Pending), and is read.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Entry> {
        self.look(|ring| ring.entry(number, true))
    }

    /// All kept rows with these numbers that the filter shows. Payloads are shared, not copied,
    /// but for the newest ones. Waits for the disk, so never on the loop.
    #[must_use]
    pub fn read(&self, view: impl Into<View>, numbers: Range<u64>) -> Vec<Entry> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.read(self, numbers);
        }
        let mut out = Vec::new();
        let mut from = numbers.start;
        loop {
            // The lock is let go of between segments, so rows may have been thrown away meanwhile.
            let (first, _, end) = self.bounds();
            from = from.max(first);
            if from >= numbers.end.min(end) {
                return out;
            }
            let Some(segment) = self.share(from) else { continue };
            let table = &segment.table;
            let range = table.index_of(from)..table.index_of(numbers.end);
            let slots = table.slots.get(range.clone()).unwrap_or_default();
            let shown = range.zip(slots).filter(|(_, slot)| filter.has(slot.class));
            out.extend(shown.map(|(index, _)| segment.entry(index)));
            from = table.end();
        }
    }

    /// Up to `height` rows of what the filter shows, with everything needed to draw them. Does not
    /// wait: rows that are on disk only are [`Row::Pending`](super::Row::Pending), and are read.
    #[must_use]
    pub fn window(&self, view: impl Into<View>, anchor: Anchor, height: usize) -> Window {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.window(self, anchor, height);
        }
        self.look(|ring| window(ring, filter, anchor, height))
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
        self.look(|ring| ring.row_of(filter, number))
    }

    /// Number of the entry in this row of what the filter shows.
    #[must_use]
    pub fn number_at(&self, view: impl Into<View>, row: u64) -> Option<u64> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.number_at(self, row);
        }
        self.look(|ring| ring.number_at(filter, row))
    }

    /// Number of the first kept row that came at this time or later, or of the last one if all
    /// came before. Rows are in order of time but for steps of a clock, over which the answer is
    /// one of the places that fit. `None` if nothing is kept. Reads a piece of a MiB or less if it
    /// has to; of a larger one, which holds a few huge messages, the first row is the answer.
    #[must_use]
    pub fn number_at_time(&self, at: Micros) -> Option<u64> {
        // The lock must not be held while reading.
        let found = self.lock().number_at_time(at)?;
        Some(found.unwrap_or_else(|stored| {
            if stored.len() > AT_ONCE {
                return stored.first();
            }
            let table = stored.load().table;
            (table.first + table.index_at(at) as u64).min(self.stats().end.saturating_sub(1))
        }))
    }

    /// How many shown rows came after this number.
    #[must_use]
    pub fn count_after(&self, view: impl Into<View>, number: u64) -> u64 {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.count_after(self, number);
        }
        self.look(|ring| ring.rows(filter) - ring.row_of(filter, number.saturating_add(1)))
    }

    /// Number of the shown row that is `by` rows further down (up, if negative) than `number`,
    /// stopping at either end. `None` if nothing is shown.
    #[must_use]
    pub fn step_from(&self, view: impl Into<View>, number: u64, by: i64) -> Option<u64> {
        let View { classes: filter, sieve } = view.into();
        if let Some(sieve) = sieve {
            return sieve.step_from(self, number, by);
        }
        self.look(|ring| step_from(ring, filter, number, by))
    }

    /// The rows with these ascending numbers, those that are still kept, for a window: those on
    /// disk only are pending.
    pub(super) fn entries(&self, numbers: &[u64]) -> Vec<Entry> {
        self.look(|ring| {
            ring.disk.cache.begin_window();
            numbers.iter().filter_map(|number| ring.entry(*number, false)).collect()
        })
    }

    /// The same, but waits for those that are on disk.
    pub(super) fn load(&self, numbers: &[u64]) -> Vec<Entry> {
        let mut out = Vec::new();
        let mut shared: Option<Arc<Segment>> = None;
        for number in numbers {
            if shared.as_ref().is_none_or(|segment| segment.table.end() <= *number) {
                shared = self.share(*number);
            }
            let Some(segment) = &shared else { continue };
            let table = &segment.table;
            if (table.first..table.first + table.len() as u64).contains(number) {
                out.push(segment.entry(table.index_of(*number)));
            }
        }
        out
    }

    /// The segment that holds `number`, for reading without the lock: as it is if it is sealed, a
    /// copy of its rows from `number` on if it still grows, and read from disk, which takes its
    /// time, if it is there only. If `number` is that of a lost row, the segment ends behind it.
    /// `None` if the number is not kept.
    pub(super) fn share(&self, number: u64) -> Option<Arc<Segment>> {
        let stored: Stored = match self.lock().share(number)? {
            Share::Held(segment) => return Some(segment),
            Share::Stored(stored) => stored,
        };
        Some(Arc::new(stored.load()))
    }

    /// First kept number, first number of the segment that is written to, and the number behind
    /// the last.
    pub(super) fn bounds(&self) -> (u64, u64, u64) {
        let ring = self.lock();
        (ring.first(), ring.tail_first(), ring.end())
    }
}

fn window(ring: &mut Ring, filter: Filter, anchor: Anchor, height: usize) -> Window {
    ring.disk.cache.begin_window();
    let rows = ring.rows(filter);
    // Never past the last full page: a window has `height` rows if there are so many.
    let last = rows.saturating_sub(height as u64);
    let row = match anchor {
        Anchor::Newest => last,
        Anchor::Row(row) => row.min(last),
        Anchor::Number(number) => ring.row_of(filter, number).min(last),
    };
    let entries = ring.read(filter, row, height);
    Window { row, rows, entries, stats: stats(ring) }
}

fn step_from(ring: &mut Ring, filter: Filter, number: u64, by: i64) -> Option<u64> {
    let last = ring.rows(filter).checked_sub(1)?;
    let row = ring.row_of(filter, number);
    // If the row itself is not shown, the next one takes its place; going down from where it
    // was is then one step less.
    let here = ring.number_at(filter, row.min(last)) == Some(number);
    let by = if by > 0 && !here { by - 1 } else { by };
    ring.number_at(filter, row.saturating_add_signed(by).min(last))
}

fn stats(ring: &Ring) -> Stats {
    Stats {
        first: ring.first(),
        end: ring.end(),
        held_bytes: ring.held(),
        budget: ring.budget,
        index_bytes: ring.index_weight(),
        disk_bytes: ring.disk.bytes(),
        restored: ring.disk.restored,
        gaps: ring.gaps,
        evicted: ring.evicted,
        evicted_bytes: ring.evicted_bytes,
        totals: ring.totals,
    }
}
