//! The files that chunks stand in.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::format::{Builder, Chunk, HEAD, Head};
use crate::log::filter::CLASSES;
use crate::log::part::Part;
use crate::log::segment::Segment;

/// What a file begins with: what it is, and the version of its form.
pub(super) const FILE_HEAD: &[u8; 16] = b"wsdeck log 1\n\0\0\0";

/// How the names of these files end.
pub(super) const SUFFIX: &str = "wslog";

/// A file of the log, which may be gone by now.
#[derive(Debug)]
pub(in crate::log) struct LogFile {
    path: PathBuf,
    bytes: AtomicU64,
}

impl LogFile {
    pub(super) fn new(path: PathBuf, bytes: u64) -> LogFile {
        LogFile { path, bytes: AtomicU64::new(bytes) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Where the chunks of a segment stand: one behind the other in one file.
#[derive(Clone, Debug)]
pub(in crate::log) struct Extent {
    pub(super) file: Arc<LogFile>,
    pub(super) offset: u64,
    pub(in crate::log) len: u64,
}

impl Extent {
    /// Takes another chunk in, which stands right behind.
    pub(super) fn add(into: &mut Option<Extent>, chunk: Extent) {
        match into {
            Some(extent) => extent.len += chunk.len,
            None => *into = Some(chunk),
        }
    }

    fn read(&self) -> io::Result<Bytes> {
        let mut file = File::open(&self.file.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(self.len).unwrap_or(usize::MAX))?;
        file.take(self.len).read_to_end(&mut bytes)?;
        Ok(Bytes::from(bytes))
    }
}

/// A segment that is on disk, without its contents: enough to read it without the lock.
#[derive(Clone, Debug)]
pub(in crate::log) struct Stored {
    first: u64,
    gap: u64,
    rows: u32,
    counts: [u16; CLASSES],
    before: [u64; CLASSES],
    extent: Extent,
}

impl Stored {
    pub(in crate::log) fn of(part: &Part) -> Option<Stored> {
        Some(Stored {
            first: part.first,
            gap: part.gap,
            rows: part.rows,
            counts: part.counts,
            before: part.before,
            extent: part.extent.clone()?,
        })
    }

    /// Bytes on disk.
    pub(in crate::log) fn len(&self) -> u64 {
        self.extent.len
    }

    /// Number of the first row.
    pub(in crate::log) fn first(&self) -> u64 {
        self.first
    }

    /// Reads it from disk, which takes its time. Rows that cannot be read say so.
    pub(in crate::log) fn load(&self) -> Segment {
        let mut builder = Builder::new(self.first);
        let mut why = "its place in the file was damaged".to_owned();
        match self.extent.read() {
            Ok(bytes) => {
                let mut at = 0;
                while let Some(head) = bytes.get(at..).and_then(Head::read) {
                    let left = (self.rows as usize).saturating_sub(builder.rows());
                    let is_next = head.first == self.first + builder.rows() as u64
                        && head.rows as usize <= left;
                    let body = at + HEAD;
                    let end = usize::try_from(head.body).ok().and_then(|len| body.checked_add(len));
                    match end.filter(|end| is_next && *end <= bytes.len()) {
                        Some(end) => {
                            builder.add(&head, &bytes.slice(body..end));
                            at = end;
                        }
                        None => break,
                    }
                }
                if at == bytes.len() {
                    why = "the file ends before it".into();
                }
            }
            Err(error) => why = format!("{}: {error}", self.extent.file.path.display()),
        }
        if builder.rows() < self.rows as usize {
            // How many rows of which class are missing is known from the index.
            let mut missing = [0u32; CLASSES];
            for ((left, all), there) in missing.iter_mut().zip(self.counts).zip(builder.counts()) {
                *left = u32::from(all).saturating_sub(u32::try_from(*there).unwrap_or(u32::MAX));
            }
            builder.lose(&missing, &why);
        }
        if *builder.counts() != self.counts.map(u64::from) {
            // Somebody changed the file: what the index counted is what readers count on.
            builder = Builder::new(self.first);
            builder.lose(&self.counts.map(u32::from), "the file was changed");
        }
        let segment = builder.finish(self.before);
        if self.gap > 0 { segment.with_gap(self.gap) } else { segment }
    }

    /// Bytes of memory that holding the loaded segment takes.
    pub(in crate::log) fn weight(&self, segment: &Segment) -> usize {
        segment.weight() + usize::try_from(self.extent.len).unwrap_or(usize::MAX)
            - segment.block().len()
    }
}

/// The file that is written to.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) file: Arc<LogFile>,
    handle: File,
}

impl Writing {
    /// Makes a new file that only its owner can read.
    pub(super) fn create(path: PathBuf) -> io::Result<Writing> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        let mut handle = options.open(&path)?;
        handle.write_all(FILE_HEAD)?;
        Ok(Writing { file: Arc::new(LogFile::new(path, FILE_HEAD.len() as u64)), handle })
    }

    /// Hands a chunk to the operating system.
    pub(super) fn write(&mut self, chunk: &Chunk) -> io::Result<Extent> {
        let offset = self.file.bytes();
        self.handle.write_all(&chunk.front)?;
        for payload in &chunk.payloads {
            self.handle.write_all(payload)?;
        }
        let len = chunk.len();
        self.file.bytes.store(offset + len, Ordering::Relaxed);
        Ok(Extent { file: Arc::clone(&self.file), offset, len })
    }
}

/// Only the owner may read what the options open.
pub(super) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let _ = options;
}

/// Makes a folder and those above it, for the owner alone.
pub(super) fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}
