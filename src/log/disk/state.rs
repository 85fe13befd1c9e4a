//! What the ring knows of the disk, and what happens to it when something was written or read.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::cache::Cache;
use super::file::{Extent, LogFile, Stored};
use crate::core::message::Message;
use crate::core::time::Micros;
use crate::log::entry::Note;
use crate::log::part::Part;
use crate::log::ring::Ring;
use crate::log::segment::{SMALL, Segment, detach};

/// Bytes that may wait to be written before a connection is read no further.
const MOST_UNWRITTEN: usize = 32 * 1024 * 1024;
const LEAST_UNWRITTEN: usize = 256 * 1024;

/// Least time between two rows that tell of what went for the disk's budget, in microseconds of
/// the rows' own times.
const TELL_EVERY: u64 = 60_000_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In memory only.
    #[default]
    Off,
    /// An earlier session is being looked for; rows wait until it is known with which number they
    /// begin.
    Opening,
    On,
    /// Writing failed; in memory only from there on.
    Failed,
}

/// Rows that came before the log was open.
#[derive(Debug)]
pub(in crate::log) enum Early {
    Messages(Vec<Message>),
    Note(Micros, Note),
}

/// The disk's side of a log.
#[derive(Debug, Default)]
pub(in crate::log) struct Disk {
    state: State,
    /// Segments from the front whose rows are all on disk.
    pub(in crate::log) complete: usize,
    /// Bytes of the sealed segments behind these.
    unwritten: usize,
    /// Rows of the segment that is written to which are on disk, and where.
    tail_rows: usize,
    tail_extent: Option<Extent>,
    /// Files that hold rows, oldest first.
    files: VecDeque<Arc<LogFile>>,
    /// Files to remove.
    doomed: Vec<Arc<LogFile>>,
    /// Bytes that the files may hold.
    limit: u64,
    /// Counts how often the log was cleared.
    epoch: u64,
    /// Rows before this number alone are no reason to begin a session.
    reluctant: u64,
    early: Vec<Early>,
    wakers: Vec<Waker>,
    pub(in crate::log) cache: Cache,
    pub(super) has_reader: bool,
    told: Option<Micros>,
    /// Rows before this number are those of an earlier session.
    pub(in crate::log) restored: u64,
    /// Name of the request, if it was told or changed.
    pub(super) request: Option<String>,
    /// Write what is there without waiting for more.
    pub(super) hurry: bool,
    pub(super) closing: bool,
    pub(super) closed: bool,
    /// The writer waits for anything to happen.
    pub(super) idle: bool,
}

/// What the writer is to do.
#[derive(Debug)]
pub(super) enum Work {
    Write(Rows),
    Remove(Vec<Arc<LogFile>>),
    Rename(String),
    /// Write that the session ended well, and go.
    End,
    /// Rows that can wait a little for more.
    Soon,
    Nothing,
}

/// Rows to be written.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) epoch: u64,
    /// First number of their segment, and whether they are its first rows.
    pub(super) segment_first: u64,
    pub(super) is_first: bool,
    /// They stand here from this index on.
    pub(super) segment: Arc<Segment>,
    pub(super) from: usize,
}

impl Disk {
    /// Rows go to disk.
    pub(in crate::log) fn is_on(&self) -> bool {
        matches!(self.state, State::Opening | State::On)
    }

    pub(in crate::log) fn is_opening(&self) -> bool {
        self.state == State::Opening
    }

    /// Keeps rows waiting until the log is open.
    pub(in crate::log) fn hold(&mut self) {
        if self.state == State::Off {
            self.state = State::Opening;
        }
    }

    pub(in crate::log) fn wait(&mut self, early: Early) {
        self.early.push(early);
    }

    /// A segment was sealed, and is about to be added to the others.
    pub(in crate::log) fn sealed(&mut self, part: &mut Part, weight: usize) {
        part.written = u32::try_from(self.tail_rows).unwrap_or(u32::MAX);
        part.extent = self.tail_extent.take();
        self.tail_rows = 0;
        if self.is_on() {
            self.unwritten += weight;
        }
    }

    /// The log was cleared: its files go.
    pub(in crate::log) fn clear(&mut self) {
        self.complete = 0;
        self.unwritten = 0;
        self.tail_rows = 0;
        self.tail_extent = None;
        self.doomed.extend(self.files.drain(..));
        self.epoch += 1;
        self.told = None;
        self.cache.clear();
        self.wakers.drain(..).for_each(Waker::wake);
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    fn stored(&self) -> u64 {
        self.files.iter().map(|file| file.bytes()).sum()
    }

    /// Bytes of the log on disk.
    pub(in crate::log) fn bytes(&self) -> u64 {
        self.stored()
    }

    pub(super) fn is_over_limit(&self) -> bool {
        self.stored() > self.limit
    }

    pub(super) fn add_file(&mut self, file: Arc<LogFile>) {
        self.files.push_back(file);
    }

    pub(super) fn add_older_file(&mut self, file: Arc<LogFile>) {
        self.files.push_front(file);
    }

    pub(super) fn doom(&mut self, file: Arc<LogFile>) {
        self.doomed.push(file);
    }

    fn wake(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

impl Ring {
    /// Whoever brings messages must wait: the log is not open yet, or the disk is slower than
    /// they come. With a waker to be told when not.
    pub(in crate::log) fn is_congested(&mut self, waker: Option<&Waker>) -> bool {
        let most = (self.budget / 2).clamp(LEAST_UNWRITTEN, MOST_UNWRITTEN);
        let disk = &mut self.disk;
        let must_wait = match disk.state {
            State::Opening => true,
            State::On => disk.unwritten > most,
            State::Off | State::Failed => false,
        };
        if must_wait && let Some(waker) = waker {
            disk.wakers.retain(|other| !other.will_wake(waker));
            disk.wakers.push(waker.clone());
        }
        must_wait
    }

    /// Begins to write, and adds the rows that waited.
    pub(super) fn open(&mut self, limit: u64) -> Vec<Arc<Segment>> {
        self.disk.state = State::On;
        self.disk.limit = limit;
        let held = self.parts.iter().skip(self.disk.complete);
        self.disk.unwritten = held.filter_map(|p| p.held.as_ref()).map(|s| s.weight()).sum();
        for early in std::mem::take(&mut self.disk.early) {
            match early {
                Early::Messages(messages) => {
                    let large = messages.iter().filter(|message| message.payload.len() > SMALL);
                    let mut large = large.map(|message| detach(&message.payload));
                    self.append(&messages, &mut large);
                }
                Early::Note(at, note) => self.note(at, note),
            }
        }
        self.disk.wake();
        self.evict()
    }

    /// What there is so far is no reason to begin a session.
    pub(super) fn be_reluctant(&mut self) {
        self.disk.reluctant = self.end();
    }

    /// What the writer is to do next; `due` if new rows have waited long enough.
    pub(super) fn work(&mut self, due: bool) -> Work {
        let disk = &mut self.disk;
        if !disk.doomed.is_empty() {
            return Work::Remove(std::mem::take(&mut disk.doomed));
        }
        let epoch = disk.epoch;
        if disk.state == State::On {
            if let Some(part) = self.parts.get(disk.complete)
                && let Some(segment) = &part.held
            {
                return Work::Write(Rows {
                    epoch,
                    segment_first: part.first,
                    is_first: part.written == 0,
                    segment: Arc::clone(segment),
                    from: part.written as usize,
                });
            }
            let table = &self.tail.table;
            if table.len() > disk.tail_rows && table.end() > disk.reluctant {
                if !(due || disk.hurry || disk.closing) {
                    return Work::Soon;
                }
                return Work::Write(Rows {
                    epoch,
                    segment_first: table.first,
                    is_first: disk.tail_rows == 0,
                    segment: Arc::new(self.tail.snapshot(disk.tail_rows)),
                    from: 0,
                });
            }
        }
        if let Some(request) = disk.request.take() {
            Work::Rename(request)
        } else if disk.closing {
            Work::End
        } else {
            disk.hurry = false;
            Work::Nothing
        }
    }

    /// Rows were handed to the operating system. Gives back what memory may let go of.
    pub(super) fn wrote(&mut self, rows: &Rows, extent: Extent) -> Vec<Arc<Segment>> {
        if rows.epoch != self.disk.epoch {
            return Vec::new();
        }
        let count = rows.segment.table.len() - rows.from;
        if self.tail.table.first == rows.segment_first {
            self.disk.tail_rows += count;
            Extent::add(&mut self.disk.tail_extent, extent);
        } else {
            // It was sealed in the meantime, or long before.
            let index = self.segment_of(rows.segment_first);
            if let Some(part) = self.parts.get_mut(index)
                && part.first == rows.segment_first
            {
                part.written += u32::try_from(count).unwrap_or(u32::MAX);
                Extent::add(&mut part.extent, extent);
            }
        }
        self.note_complete();
        self.keep_to_limit();
        if !self.is_congested(None) {
            self.disk.wake();
        }
        self.evict()
    }

    /// Takes note of the segments whose last rows are on disk now.
    pub(in crate::log) fn note_complete(&mut self) {
        // After a failure, what is in memory only stands between.
        while self.disk.state == State::On
            && let Some(part) = self.parts.get(self.disk.complete)
            && part.is_written()
        {
            let weight = part.held.as_ref().map_or(0, |segment| segment.weight());
            self.disk.unwritten = self.disk.unwritten.saturating_sub(weight);
            self.disk.complete += 1;
        }
    }

    /// Lets the oldest files go while there are more bytes on disk than there may be.
    fn keep_to_limit(&mut self) {
        let before = self.evicted;
        while self.disk.is_over_limit() && self.disk.files.len() > 1 {
            let Some(oldest) = self.disk.files.pop_front() else { break };
            while let Some(part) = self.parts.front()
                && part.extent.as_ref().is_some_and(|extent| Arc::ptr_eq(&extent.file, &oldest))
            {
                self.take_oldest();
            }
            self.disk.doomed.push(oldest);
        }
        let now = self.newest_at();
        let is_time = self.disk.told.is_none_or(|told| now.0 >= told.0.saturating_add(TELL_EVERY));
        if self.evicted > before && is_time {
            self.disk.told = Some(now);
            let mib = self.disk.limit / (1024 * 1024);
            let why = format!("the oldest went, since {mib} MiB of disk are full (log.disk_mib)");
            self.note(now, Note::Dropped { count: self.evicted, why });
        }
    }

    /// Writing failed. The log goes on in memory alone, and says so.
    pub(super) fn disk_failed(&mut self, why: &str) -> Vec<Arc<Segment>> {
        if !self.disk.is_on() {
            return Vec::new();
        }
        self.disk.state = State::Failed;
        self.disk.unwritten = 0;
        let text = format!(
            "from here on the log is kept in memory alone, where the oldest rows go when it is \
             full: {why}"
        );
        let now = self.newest_at();
        self.note(now, Note::Separator(text));
        self.disk.wake();
        self.evict()
    }

    /// When the newest row came.
    fn newest_at(&self) -> Micros {
        let tail = self.tail.table.slots.last().map(|slot| slot.at);
        tail.or_else(|| self.parts.back().map(|part| part.at)).unwrap_or_default()
    }

    /// The segment to be read next for those who look at it.
    pub(super) fn next_wanted(&mut self) -> Option<Stored> {
        while let Some(first) = self.disk.cache.next(self.budget) {
            let index = self.segment_of(first);
            if let Some(part) = self.parts.get(index)
                && part.first == first
                && part.held.is_none()
                && let Some(stored) = Stored::of(part)
            {
                return Some(stored);
            }
            self.disk.cache.end_loading();
        }
        None
    }

    /// A segment was read back. Gives back what memory may let go of.
    pub(super) fn loaded(&mut self, stored: &Stored, segment: Segment) -> Vec<Arc<Segment>> {
        self.disk.cache.end_loading();
        let index = self.segment_of(stored.first());
        let mut gone = Vec::new();
        if let Some(part) = self.parts.get_mut(index)
            && part.first == stored.first()
            && part.held.is_none()
        {
            self.disk.cache.add(part.first, stored.weight(&segment));
            part.held = Some(Arc::new(segment));
        }
        while let Some(first) = self.disk.cache.excess(self.budget) {
            let index = self.segment_of(first);
            if let Some(part) = self.parts.get_mut(index).filter(|part| part.first == first) {
                gone.extend(part.held.take());
            }
        }
        gone.append(&mut self.evict());
        gone
    }
}
