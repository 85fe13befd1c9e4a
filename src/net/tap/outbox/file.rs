//! A message that is read from a file while it goes out.
//!
//! A thread reads pieces, and sees to it that a text is UTF-8; a few pieces may wait, so that
//! neither the disk nor the network waits for the other, and the memory is the same for a kilobyte
//! and for a terabyte. Buffers go back to the thread when they are empty.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::utf8::Utf8;
use crate::core::event::{Transfer, TransferId, TransferState};
use crate::core::message::MessageKind;
use crate::core::time::Micros;

/// Most bytes that are read at once. Of frames that are no longer, whole ones are: then a failure
/// is found out between two frames, where the connection can be closed in order.
pub(super) const PIECE: usize = 256 * 1024;

/// Pieces that may wait; one more is being read, and one is being sent.
pub(super) const AHEAD: usize = 2;

/// Microseconds from one word on how far it is to the next.
const TELL_EVERY: u64 = 100_000;

/// A file that is to go out as a message.
#[derive(Debug)]
pub(crate) struct FileSend {
    pub transfer: TransferId,
    pub kind: MessageKind,
    pub path: PathBuf,
    /// Payload bytes of a frame.
    pub frame: usize,
}

/// What the reading thread says.
#[derive(Debug)]
enum Said {
    /// The file is open and has so many bytes.
    Opened(u64),
    Piece(Vec<u8>),
    Failed(Trouble),
}

/// Why a file cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub why: String,
    /// Code and reason of the close frame, if the message was begun.
    pub close: (u16, &'static str),
}

impl Trouble {
    fn reading(why: impl Into<String>) -> Trouble {
        Trouble { why: why.into(), close: (1011, "a file could not be read") }
    }
}

#[derive(Debug)]
struct Source {
    said: mpsc::Receiver<Said>,
    /// Empty buffers on their way back.
    empty: mpsc::Sender<Vec<u8>>,
}

/// A file on its way out.
#[derive(Debug)]
pub(super) struct FileOut {
    what: FileSend,
    name: String,
    source: Option<Source>,
    total: Option<u64>,
    /// The piece being sent, and how much of it is.
    piece: Vec<u8>,
    used: usize,
    /// Payload bytes that are in the buffer or out.
    pub encoded: u64,
    /// Those that are out.
    sent: u64,
    pub frames: u64,
    /// When it was told how far it is.
    told: Option<Micros>,
    /// Only the frame being written is still to be filled; all was told of it.
    stopped: bool,
}

impl FileOut {
    pub(super) fn new(what: FileSend) -> FileOut {
        let name = what.path.file_name().map(|name| name.to_string_lossy().into_owned());
        FileOut {
            name: name.unwrap_or_default(),
            what,
            source: None,
            total: None,
            piece: Vec::new(),
            used: 0,
            encoded: 0,
            sent: 0,
            frames: 0,
            told: None,
            stopped: false,
        }
    }

    pub(super) fn id(&self) -> TransferId {
        self.what.transfer
    }

    pub(super) fn kind(&self) -> MessageKind {
        self.what.kind
    }

    /// Its first frame was begun.
    pub(super) fn is_begun(&self) -> bool {
        self.frames > 0
    }

    /// Stopped behind the frame being written; it was told of.
    pub(super) fn only_to_frame_end(mut self) -> FileOut {
        self.stopped = true;
        self
    }

    /// It only fills a frame that was begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Nothing more is to be told of it.
    pub(super) fn is_last_word_said(&self) -> bool {
        self.stopped || self.is_out()
    }

    /// All of it was handed to the operating system.
    pub(super) fn is_out(&self) -> bool {
        self.is_encoded() && self.sent == self.encoded
    }

    /// All of it is in the buffer.
    pub(super) fn is_encoded(&self) -> bool {
        self.is_begun() && self.total == Some(self.encoded)
    }

    pub(super) fn told(&self, state: TransferState) -> Transfer {
        Transfer {
            id: self.what.transfer,
            kind: self.what.kind,
            name: self.name.clone(),
            sent: self.sent,
            total: self.total.unwrap_or(0),
            frames: self.frames,
            state,
        }
    }

    /// Reads on until there is a byte to send, or the end. Begins to read at the first call.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Trouble>> {
        loop {
            if self.used < self.piece.len() || self.total.is_some_and(|total| total == self.encoded)
            {
                return Poll::Ready(Ok(()));
            }
            let source = self.source.get_or_insert_with(|| begin(&self.what));
            match ready!(source.said.poll_recv(cx)) {
                Some(Said::Opened(total)) => self.total = Some(total),
                Some(Said::Piece(piece)) => {
                    let empty = std::mem::replace(&mut self.piece, piece);
                    self.used = 0;
                    let _ = source.empty.try_send(empty);
                }
                Some(Said::Failed(trouble)) => return Poll::Ready(Err(trouble)),
                None => return Poll::Ready(Err(Trouble::reading("reading it stopped"))),
            }
        }
    }

    /// Size of the next frame, and whether it is the last one.
    pub(super) fn next_frame(&self) -> (u64, bool) {
        let left = self.total.unwrap_or(0).saturating_sub(self.encoded);
        let length = left.min(self.what.frame.max(1) as u64);
        (length, length == left)
    }

    /// The next bytes, at most so many.
    pub(super) fn take(&mut self, most: usize) -> &[u8] {
        let from = self.used;
        self.used = self.piece.len().min(from + most);
        self.encoded += (self.used - from) as u64;
        &self.piece[from..self.used]
    }

    /// So many bytes are out. What is to be told of it, if anything.
    pub(super) fn out(&mut self, bytes: u64, at: Micros) -> Option<Transfer> {
        self.sent += bytes;
        if self.stopped {
            return None;
        }
        if self.is_out() {
            return Some(self.told(TransferState::Done));
        }
        if self.told.is_some_and(|told| at.0.saturating_sub(told.0) < TELL_EVERY) {
            return None;
        }
        self.told = Some(at);
        Some(self.told(TransferState::Running))
    }
}

fn begin(what: &FileSend) -> Source {
    let (say, said) = mpsc::channel(AHEAD);
    let (empty, emptied) = mpsc::channel(AHEAD + 2);
    let (path, kind, frame) = (what.path.clone(), what.kind, what.frame.max(1));
    let piece = if frame > PIECE { PIECE } else { PIECE / frame * frame };
    tokio::task::spawn_blocking(move || {
        match open(&path) {
            Ok((file, total)) => read(file, total, piece, kind, &say, emptied),
            // Whoever is gone does not want to know.
            Err(why) => drop(say.blocking_send(Said::Failed(Trouble::reading(why)))),
        }
    });
    Source { said, empty }
}

fn open(path: &Path) -> Result<(File, u64), String> {
    let words = |error: io::Error| format!("it cannot be opened: {error}");
    // Opening a pipe would wait for whoever writes it.
    if !std::fs::metadata(path).map_err(words)?.is_file() {
        return Err("it is no file with a size, but a folder, a pipe or a device".into());
    }
    let file = File::open(path).map_err(words)?;
    let total = file.metadata().map_err(words)?.len();
    Ok((file, total))
}

/// Reads `total` bytes piece by piece until all are read or nobody wants more.
fn read(
    mut file: impl Read,
    total: u64,
    size: usize,
    kind: MessageKind,
    say: &mpsc::Sender<Said>,
    mut emptied: mpsc::Receiver<Vec<u8>>,
) {
    let mut text = (kind == MessageKind::Text).then(Utf8::default);
    let mut done = 0;
    let mut said = say.blocking_send(Said::Opened(total));
    while said.is_ok() && done < total {
        let mut piece = emptied.try_recv().unwrap_or_default();
        piece.clear();
        let want = (total - done).min(size as u64);
        // All at once: growing step by step would read in small steps.
        piece.reserve_exact(size.min(usize::try_from(want).unwrap_or(size)));
        let result = file.by_ref().take(want).read_to_end(&mut piece);
        done += piece.len() as u64;
        let trouble = match result {
            Err(error) => Some(Trouble::reading(format!("it cannot be read on: {error}"))),
            Ok(_) if (piece.len() as u64) < want => Some(Trouble::reading(format!(
                "it became shorter while it was sent: {total} bytes at first, {done} now"
            ))),
            Ok(_) => text.as_mut().and_then(|text| {
                let bad = text.take(&piece).err();
                bad.or_else(|| text.is_inside().filter(|_| done == total)).map(|at| Trouble {
                    why: format!("it is no text: at byte {at} it is not UTF-8"),
                    close: (1007, "a text that is not UTF-8"),
                })
            }),
        };
        if let Some(trouble) = trouble {
            return drop(say.blocking_send(Said::Failed(trouble)));
        }
        said = say.blocking_send(Said::Piece(piece));
    }
}

/// Payload of the close frame for a message that cannot go on.
pub(super) fn close_payload((code, reason): (u16, &str)) -> Bytes {
    [&code.to_be_bytes()[..], reason.as_bytes()].concat().into()
}
