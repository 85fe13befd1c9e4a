//! The thread that writes a log, and removes its files.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::file::{Extent, LogFile, Writing};
use super::recover::{Earlier, Scanned};
use super::session::{self, Facts, Session};
use super::state::{Rows, Work};
use super::{DiskOptions, format};
use crate::core::sanitize::escape_line;
use crate::core::time::Micros;
use crate::log::entry::Note;
use crate::log::part::Part;
use crate::log::shared::Shared;

/// How long new rows may wait for more before they are written.
const PACE: Duration = Duration::from_millis(250);

/// Sizes of a file at which the next one is begun.
const SMALLEST_FILE: u64 = 512 * 1024;
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// Writes until the log is gone.
pub(super) fn run(shared: &Shared, options: DiskOptions) {
    let mut writer = Writer {
        file_size: (options.limit / 32).clamp(SMALLEST_FILE, LARGEST_FILE),
        options,
        session: None,
        writing: None,
        epoch: 0,
    };
    let earlier = writer.begin(shared);
    if let Some(earlier) = earlier {
        restore_rest(shared, earlier);
    }
    loop {
        match next(shared) {
            Work::Write(rows) => match writer.write(shared, &rows) {
                Ok(Some(extent)) => {
                    let gone = shared.lock().wrote(&rows, extent);
                    drop(gone);
                    shared.done.notify_all();
                }
                Ok(None) => {}
                Err(error) => {
                    let what = writer
                        .session
                        .as_ref()
                        .map_or(&*writer.options.folder, |session| session.folder());
                    let why = format!("writing below {}: {error}", what.display());
                    let gone = shared.lock().disk_failed(&escape_line(&why));
                    drop(gone);
                    shared.done.notify_all();
                    shared.wake();
                }
            },
            Work::Remove(files) => files.iter().for_each(|file| writer.remove(file)),
            Work::Rename(request) => {
                writer.options.request.clone_from(&request);
                if let Some(session) = &mut writer.session {
                    // The log itself is more important than what it is called.
                    let _ = session.rename(request);
                }
            }
            Work::End => break,
            Work::Soon | Work::Nothing => {}
        }
    }
    writer.writing = None;
    if let Some(session) = writer.session.take() {
        let folder = session.folder().to_owned();
        let _ = session.end();
        session::remove_if_empty(&folder);
    }
    shared.lock().disk.closed = true;
    shared.done.notify_all();
}

/// Waits until there is something to do.
fn next(shared: &Shared) -> Work {
    let mut ring = shared.lock();
    let mut since = None;
    loop {
        let due = since.is_some_and(|since: Instant| since.elapsed() >= PACE);
        match ring.work(due) {
            Work::Soon => {
                let left = PACE.saturating_sub(since.get_or_insert_with(Instant::now).elapsed());
                let waited = shared.work.wait_timeout(ring, left);
                ring = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            Work::Nothing => {
                since = None;
                ring.disk.idle = true;
                shared.done.notify_all();
                ring = shared.work.wait(ring).unwrap_or_else(PoisonError::into_inner);
                ring.disk.idle = false;
            }
            work => return work,
        }
    }
}

/// Reads the older files of the earlier session, which stand in front of what is there already.
fn restore_rest(shared: &Shared, mut earlier: Earlier) {
    while let Some(scanned) = earlier.next() {
        let Ok(Scanned { file, mut parts, .. }) = scanned else { continue };
        let mut ring = shared.lock();
        if ring.disk.epoch() > 0 {
            // Cleared meanwhile: these rows are meant as well.
            ring.disk.doom(file);
            continue;
        }
        if ring.disk.closing || ring.disk.is_over_limit() {
            return;
        }
        join(&mut parts, ring.first());
        ring.disk.add_older_file(file);
        ring.put_in_front(parts);
        drop(ring);
        shared.wake();
    }
}

/// Makes rows end where the next ones begin.
pub(super) fn join(parts: &mut Vec<Part>, next: u64) {
    while parts.last().is_some_and(|part| part.end() > next) {
        parts.pop();
    }
    if let Some(last) = parts.last_mut() {
        last.gap = next - last.end();
    }
}

struct Writer {
    options: DiskOptions,
    file_size: u64,
    /// Made with the first row.
    session: Option<Session>,
    writing: Option<Writing>,
    /// Of the rows that are being written.
    epoch: u64,
}

impl Writer {
    /// Opens the log: what the last session left goes before the first row.
    fn begin(&self, shared: &Shared) -> Option<Earlier> {
        let request = &self.options.request;
        let is_empty = shared.lock().end() == 1;
        let mut earlier = (!request.is_empty() && is_empty)
            .then(|| Earlier::find(&self.options.folder, request))
            .flatten();
        let mut newest = None;
        if let Some(earlier) = &mut earlier {
            while newest.is_none()
                && let Some(scanned) = earlier.next()
            {
                newest = scanned.ok().filter(|scanned| !scanned.parts.is_empty());
            }
        }
        let mut ring = shared.lock();
        if let (Some(scanned), Some(earlier)) = (newest, &earlier) {
            let end = scanned.parts.last().map_or(1, Part::end);
            let note = ended(&earlier.facts, &scanned);
            ring.begin_at(end);
            ring.disk.add_file(scanned.file);
            ring.put_in_front(scanned.parts);
            ring.note(self.options.started, note);
            ring.be_reluctant();
            ring.disk.restored = ring.end();
        }
        let gone = ring.open(self.options.limit);
        drop(ring);
        drop(gone);
        shared.wake();
        earlier
    }

    /// Writes rows. `None` if the log was cleared meanwhile.
    fn write(&mut self, shared: &Shared, rows: &Rows) -> io::Result<Option<Extent>> {
        if rows.epoch != self.epoch {
            self.epoch = rows.epoch;
            self.writing = None;
        }
        if rows.is_first && self.writing.as_ref().is_some_and(|w| w.file.bytes() >= self.file_size)
        {
            self.writing = None;
        }
        if let Some(fault) = &self.options.fault {
            fault.check()?;
        }
        let writing = match &mut self.writing {
            Some(writing) => writing,
            None => {
                let session = match &mut self.session {
                    Some(session) => session,
                    None => self.session.insert(Session::create(
                        &self.options.folder,
                        Facts {
                            version: 0,
                            workspace: self.options.workspace.clone(),
                            request: self.options.request.clone(),
                            started: self.options.started,
                            ended: None,
                        },
                    )?),
                };
                let writing = Writing::create(session.next_file())?;
                let mut ring = shared.lock();
                if ring.disk.epoch() != rows.epoch {
                    ring.disk.doom(writing.file);
                    return Ok(None);
                }
                ring.disk.add_file(Arc::clone(&writing.file));
                drop(ring);
                self.writing.insert(writing)
            }
        };
        let chunk = format::encode(rows.segment_first, &rows.segment, rows.from);
        writing.write(&chunk).map(Some)
    }

    fn remove(&mut self, file: &LogFile) {
        if self.writing.as_ref().is_some_and(|writing| writing.file.path() == file.path()) {
            self.writing = None;
        }
        let _ = std::fs::remove_file(file.path());
        let ours = self.session.as_ref().map(Session::folder);
        if let Some(folder) = file.path().parent().filter(|folder| Some(*folder) != ours) {
            session::remove_if_empty(folder);
        }
    }
}

/// The line below the rows of the last session.
fn ended(facts: &Facts, newest: &Scanned) -> Note {
    let mut text = match facts.ended {
        Some(at) => format!("the program ended at {}", at.to_second()),
        None => {
            let last = newest.parts.last().map_or(Micros(0), |part| part.at).max(facts.started);
            format!(
                "the program was killed or crashed after {}; what it had written is above",
                last.to_second()
            )
        }
    };
    if newest.damaged {
        let bytes = newest.unreadable;
        text.push_str(&format!("; the file was damaged, and {bytes} bytes of it are lost"));
    }
    Note::Separator(text)
}
