//! Reading the files of an earlier session: which rows they hold, whatever became of the files.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{Extent, FILE_HEAD, LogFile};
use super::format::{HEAD, Head, MAGIC};
use super::session::{self, Facts, Found};
use crate::log::filter::CLASSES;
use crate::log::part::Part;

/// Bytes that are read at once to find heads of chunks. Small chunks stand many to a piece; of
/// large ones only the head is read.
const PIECE: usize = 4096;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) file: Arc<LogFile>,
    pub(super) parts: Vec<Part>,
    /// Bytes that are no whole chunk: of one that was being written when the program was killed,
    /// or of damaged ones.
    pub(super) unreadable: u64,
    /// Chunks that were passed over because of damage in the middle of the file.
    pub(super) damaged: bool,
}

/// The last session of a request that is not being written.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) facts: Facts,
    /// Files to be read yet, oldest first.
    files: Vec<PathBuf>,
}

impl Earlier {
    /// Looks for it below the folder of the workspace's sessions.
    pub(super) fn find(sessions: &Path, request: &str) -> Option<Earlier> {
        session::list(sessions)
            .into_iter()
            .rev()
            .filter(|found| found.facts.request == request && !found.is_live())
            .find_map(Earlier::of)
    }

    fn of(found: Found) -> Option<Earlier> {
        let files: Vec<PathBuf> = found.files().into_iter().map(|(path, _)| path).collect();
        (!files.is_empty()).then_some(Earlier { facts: found.facts, files })
    }

    /// The session in this folder, whoever writes it.
    pub(super) fn in_folder(folder: &Path) -> io::Result<Earlier> {
        let mut files = session::files(folder)?;
        Ok(Earlier {
            facts: session::facts(folder)?,
            files: files.drain(..).map(|(path, _)| path).collect(),
        })
    }

    /// Reads the newest file that was not read yet.
    pub(super) fn next(&mut self) -> Option<io::Result<Scanned>> {
        Some(scan(self.files.pop()?))
    }
}

/// A file in pieces.
struct Pieces {
    file: File,
    piece: Vec<u8>,
    /// Where the piece begins in the file.
    at: u64,
}

impl Pieces {
    /// At least `count` bytes from `at` on, if there are so many.
    fn read(&mut self, at: u64, count: usize) -> io::Result<&[u8]> {
        let end = self.at + self.piece.len() as u64;
        if at < self.at || at + count as u64 > end {
            self.file.seek(SeekFrom::Start(at))?;
            self.piece.clear();
            let mut limited = (&mut self.file).take(count.max(PIECE) as u64);
            limited.read_to_end(&mut self.piece)?;
            self.at = at;
        }
        let offset = usize::try_from(at - self.at).unwrap_or(usize::MAX);
        Ok(self.piece.get(offset..).unwrap_or_default())
    }
}

/// Finds the whole chunks of a file. What is damaged is passed over.
pub(super) fn scan(path: PathBuf) -> io::Result<Scanned> {
    let file = File::open(&path)?;
    let len = file.metadata()?.len();
    let log_file = Arc::new(LogFile::new(path, len));
    let mut scanned =
        Scanned { file: Arc::clone(&log_file), parts: Vec::new(), unreadable: 0, damaged: false };
    let mut pieces = Pieces { file, piece: Vec::new(), at: 0 };
    if !pieces.read(0, FILE_HEAD.len())?.starts_with(FILE_HEAD) {
        scanned.unreadable = len;
        scanned.damaged = len >= FILE_HEAD.len() as u64;
        return Ok(scanned);
    }
    let mut at = FILE_HEAD.len() as u64;
    while at < len {
        let head = Head::read(pieces.read(at, HEAD)?);
        let whole = head.filter(|head| head.len() <= len - at);
        let next = scanned.parts.last().map_or(0, Part::end);
        if let Some(head) = whole.filter(|head| head.first >= next) {
            add(&mut scanned.parts, &log_file, &head, at);
            at += head.len();
            continue;
        }
        match find_head(&mut pieces, at + 1, len)? {
            Some(found) => {
                scanned.damaged = true;
                scanned.unreadable += found - at;
                at = found;
            }
            None => {
                scanned.unreadable += len - at;
                break;
            }
        }
    }
    Ok(scanned)
}

/// Adds a chunk to the segment that it goes on with, or as the first one of another.
fn add(parts: &mut Vec<Part>, file: &Arc<LogFile>, head: &Head, at: u64) {
    if let Some(last) = parts.last_mut()
        && let end = last.end()
        && let Some(extent) = &mut last.extent
        && end == head.first
        && head.segment != head.first
        && extent.offset + extent.len == at
        && let Some(counts) = sum(&last.counts, &head.counts)
    {
        extent.len += head.len();
        last.counts = counts;
        last.rows += head.rows;
        last.written = last.rows;
        return;
    }
    if let Some(last) = parts.last_mut() {
        last.gap = head.first.saturating_sub(last.end());
    }
    parts.push(Part {
        first: head.first,
        at: head.at,
        gap: 0,
        rows: head.rows,
        written: head.rows,
        // No chunk has more rows than that.
        counts: head.counts.map(|count| u16::try_from(count).unwrap_or(u16::MAX)),
        before: [0; CLASSES],
        extent: Some(Extent { file: Arc::clone(file), offset: at, len: head.len() }),
        held: None,
    });
}

fn sum(a: &[u16; CLASSES], b: &[u32; CLASSES]) -> Option<[u16; CLASSES]> {
    let mut out = *a;
    for (sum, more) in out.iter_mut().zip(b) {
        *sum = sum.checked_add(u16::try_from(*more).ok()?)?;
    }
    Some(out)
}

/// The next place from `at` on where a chunk begins.
fn find_head(pieces: &mut Pieces, mut at: u64, len: u64) -> io::Result<Option<u64>> {
    const STEP: usize = 1024 * 1024;
    let finder = memchr::memmem::Finder::new(&MAGIC);
    while at + HEAD as u64 <= len {
        let bytes = pieces.read(at, STEP)?;
        let mut from = 0;
        let mut found = None;
        while let Some(offset) = finder.find(bytes.get(from..).unwrap_or_default()) {
            let place = from + offset;
            if bytes.len() - place < HEAD {
                // It may go on in the next piece.
                break;
            }
            if Head::read(&bytes[place..]).is_some() {
                found = Some(at + place as u64);
                break;
            }
            from = place + 1;
        }
        if found.is_some() {
            return Ok(found);
        }
        if bytes.len() < HEAD {
            break;
        }
        at += (bytes.len() - (HEAD - 1)) as u64;
    }
    Ok(None)
}
