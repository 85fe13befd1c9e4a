//! The log on disk: rows are written as they come, and read back when somebody looks at them.
//!
//! **Where.** Each log of each run of the program is a *session*: a folder of its own below the
//! folder of its workspace's sessions, for the owner alone (0700, files 0600). It holds
//! `session.json` (workspace, request, begin, end), `lock` (locked as long as the program runs) and
//! the rows in files `00000001.wslog`, `00000002.wslog` and so on. **These files hold what came and
//! went over the wire as it was**, with whatever tokens a server says back: what leaves the program
//! goes through [`export`](super::LogHandle::export), which masks them; these files do not.
//!
//! **Form.** A file begins with the 16 bytes `wsdeck log 1\n` and three zeros, where 1 is the
//! version, and goes on with *chunks*: some rows with everything that is known of them, described
//! by a head and guarded by CRC-32 of head and body ([`mod@format`]). So a file that was cut anywhere
//! can be read up to its last whole chunk, and behind a damaged one reading goes on at the next.
//! The chunks of one segment stand together. A new file is begun every 1/32 of the budget (512 KiB
//! to 256 MiB), so that the oldest one can go when there is no more room.
//!
//! **Writing** is done by a thread of the log's own. It takes sealed segments as they are, which
//! costs the pump nothing, and of the segment that still grows a copy of what is new, four times
//! in a second at most, so that a killed program loses less than half a second. It does not wait
//! for the disk itself (`fsync`): the operating system has the rows, and only a failure of the
//! power takes them. While nothing comes it sleeps. If more than half of the memory's budget (at
//! most 32 MiB) waits to be written, [`LogHandle::ready`](super::LogHandle::ready) makes those who
//! bring rows wait, so the socket is not read and TCP slows the sender down; nothing is lost. If
//! writing fails, a row says so, and the log goes on in memory alone.
//!
//! **Memory.** A segment on disk costs some 180 bytes ([`super::part::Part`]): for messages
//! of 150 bytes, 65 KiB for 100 MiB of log. Contents are let go of, oldest first, when they are on
//! disk and the budget is full. A quarter of it is for segments that were read back.
//!
//! **Reading** for the screen never waits: rows that are not in memory are
//! [`Row::Pending`](super::Row::Pending), another thread reads their segment, and the log tells
//! that it has grown. Until then the places of a filter's rows inside such a segment are guessed
//! from their count, which is known. If one window asks for more than 32 MiB (many huge messages),
//! the rows nearest to its top come, and the one under the cursor whenever it moves. Searching,
//! copying and other scans read from disk directly and leave what the screen needs in memory.
//!
//! **Afterwards.** The next run shows the rows of the last session of the same request above its
//! own, with a line between that says how it ended, and numbers go on. A session of a program that
//! runs is left alone. [`sweep`] bounds what earlier sessions hold.

mod cache;
mod file;
mod format;
mod reader;
mod recover;
mod session;
mod state;
mod writer;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use session::sweep;

pub(super) use file::{Extent, Stored};
pub(super) use state::{Disk, Early};

use super::part::Part;
use super::shared::Shared;
use crate::core::time::Micros;
use recover::Earlier;

/// How a log is kept on disk.
#[derive(Clone, Debug)]
pub struct DiskOptions {
    folder: PathBuf,
    limit: u64,
    workspace: String,
    request: String,
    started: Micros,
    fault: Option<Fault>,
}

impl DiskOptions {
    /// A session below `folder`, which is the folder of one workspace's sessions, that begins now
    /// (`started`) and takes at most about `limit` bytes.
    #[must_use]
    pub fn new(folder: PathBuf, limit: u64, started: Micros) -> DiskOptions {
        DiskOptions {
            folder,
            limit,
            workspace: String::new(),
            request: String::new(),
            started,
            fault: None,
        }
    }

    /// The workspace and the request that the log belongs to, so that the next run finds it.
    #[must_use]
    pub fn of(mut self, workspace: String, request: String) -> DiskOptions {
        (self.workspace, self.request) = (workspace, request);
        self
    }

    /// Lets writing fail when this says so.
    #[cfg(test)]
    pub(super) fn failing(
        mut self,
        fault: impl Fn() -> io::Result<()> + Send + Sync + 'static,
    ) -> DiskOptions {
        self.fault = Some(Fault(Arc::new(fault)));
        self
    }
}

/// A disk that fails, for tests.
#[derive(Clone)]
struct Fault(Arc<dyn Fn() -> io::Result<()> + Send + Sync>);

impl Fault {
    fn check(&self) -> io::Result<()> {
        (self.0)()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fault")
    }
}

/// Puts the rows of a session into a log without rows, to be read. Waits for the disk.
pub(super) fn reopen(shared: &Shared, folder: &Path) -> io::Result<()> {
    let mut session = Earlier::in_folder(folder)?;
    let mut ring = shared.lock();
    while let Some(scanned) = session.next() {
        let mut parts = scanned?.parts;
        if ring.parts.is_empty() {
            ring.begin_at(parts.last().map_or(1, Part::end));
        }
        writer::join(&mut parts, ring.first());
        ring.put_in_front(parts);
    }
    Ok(())
}

/// Begins to write a log. Returns at once.
pub(super) fn begin(shared: &Arc<Shared>, options: DiskOptions) {
    // Rows wait until the writer has begun: none may be thrown away before that.
    shared.lock().disk.hold();
    let its = Arc::clone(shared);
    let begun = std::thread::Builder::new()
        .name("log to disk".into())
        .spawn(move || writer::run(&its, options));
    if let Err(error) = begun {
        let mut ring = shared.lock();
        let gone = ring.open(0);
        drop(gone);
        let gone = ring.disk_failed(&format!("no thread to write it: {error}"));
        ring.disk.closed = true;
        drop(ring);
        drop(gone);
    }
}

/// Begins to read what is asked for, if nobody does yet.
pub(super) fn read_wanted(shared: &Arc<Shared>) {
    let begins = !std::mem::replace(&mut shared.lock().disk.has_reader, true);
    if begins {
        let its = Arc::clone(shared);
        let begun = std::thread::Builder::new()
            .name("log from disk".into())
            .spawn(move || reader::run(&its));
        if begun.is_err() {
            shared.lock().disk.has_reader = false;
        }
    }
    shared.wanted.notify_one();
}

impl Disk {
    /// The writer sleeps until it is told of something.
    pub(super) fn is_idle(&self) -> bool {
        self.idle
    }

    /// The request has this name from now on.
    pub(super) fn rename(&mut self, request: &str) {
        self.request = Some(request.to_owned());
    }

    /// Write everything now.
    pub(super) fn hurry(&mut self) {
        self.hurry = true;
    }

    /// Write everything and end.
    pub(super) fn close(&mut self) {
        self.closing = true;
    }

    /// Everything was written and read, as far as it was asked for.
    pub(super) fn is_settled(&self) -> bool {
        self.cache.is_settled() && (!self.is_on() || self.idle && !self.hurry)
    }

    /// The writer has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests;
