//! Frames on their way out: queued, masked (RFC 6455 section 5.3) and written.
//!
//! Payloads are masked piece by piece just before they are written, so that a message of a
//! gigabyte needs no second gigabyte. A control frame goes ahead of messages that wait, but never
//! into the middle of a frame. After a close frame nothing more goes out (section 5.5.1).
//!
//! With compression a message is packed where it is turned into its frame (see [`Packer`]); one
//! that is longer than a piece goes out in fragments, between which control frames may go, as they
//! may between the frames of a message that the user has cut ([`pieces`]) and of a file ([`file`]).

mod begin;
mod file;
mod frame;
mod mask;
mod pieces;
mod utf8;

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::sync::OwnedSemaphorePermit;

use self::file::{FileOut, close_payload};
use self::frame::{Ends, Whole, Writing};
use self::mask::{Masks, mask};
use self::pieces::Pieces;
use super::pack::{PIECE, Packer};
use super::walker::Ring;
use crate::core::event::{Split, Transfer, TransferId, TransferState};
use crate::core::frame::{FrameHead, Frames, RawFrame, opcode};
use crate::core::message::MessageKind;
use crate::core::time::Micros;
use crate::net::clock::Clock;

pub(crate) use file::FileSend;
pub(super) use mask::read_control;

/// The last frame of a message.
const FIN: u8 = 0x80;

/// Bytes that are masked at once and handed to the stream in one write.
const CHUNK: usize = 128 * 1024;

/// Control frames that may wait; automatic pongs beyond that wait in the layer above, where a
/// newer one takes the place of an older one (section 5.5.3).
const MAX_CONTROLS: usize = 64;

/// Bytes of a frame that are sent to its end before a file is stopped; with more of them to come
/// the connection is cut instead.
const STOP_WITHIN: u64 = 1024 * 1024;

/// A message or control frame that waits to be written.
#[derive(Debug)]
pub(crate) struct OutFrame {
    pub kind: MessageKind,
    pub payload: Bytes,
    /// Share of the owner's budget, given back when it is dropped with the frame.
    #[expect(dead_code, reason = "held for its drop")]
    pub share: Option<OwnedSemaphorePermit>,
}

/// What went out, in the order of the wire.
#[derive(Debug)]
pub(crate) enum Sent {
    /// A message or control frame was handed to the operating system.
    Message {
        at: Micros,
        kind: MessageKind,
        /// As it was queued.
        payload: Bytes,
        /// Its size over all its frames, if it was compressed.
        packed: Option<NonZeroU32>,
        /// Its frames, if it went in several.
        split: Option<Arc<Frames>>,
    },
    /// A frame made by hand was.
    Handmade { at: Micros, head: FrameHead, payload: Bytes },
    /// How far a file is.
    File { at: Micros, transfer: Transfer },
}

/// A message was begun in a frame that cannot be filled.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CutShort(pub String);

/// What waits in the queue of messages.
#[derive(Debug)]
enum Waiting {
    /// A message, or the close frame behind all of them.
    Frame(OutFrame),
    Cut(Box<(OutFrame, Split)>),
    File(Box<FileOut>),
    Handmade(Box<RawFrame>),
}

/// A part of the stream that is in the buffer.
#[derive(Debug)]
enum Ending {
    Whole(Whole),
    Handmade(FrameHead, Bytes),
    /// So many bytes of the file.
    File(u64),
}

/// Whether our half of the stream is to end without a close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Open,
    /// Once all that was queued before is out.
    Ending,
    Ended(Micros),
}

#[derive(Debug)]
pub(super) struct Outbox {
    controls: VecDeque<OutFrame>,
    data: VecDeque<Waiting>,
    writing: Option<Writing>,
    /// A message that was begun, and is not in the frame being written alone.
    pieces: Option<Pieces>,
    /// The file that is going out, until all of it is out.
    file: Option<Box<FileOut>>,
    packer: Option<Packer>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that the stream has taken.
    taken: usize,
    /// What ends in the buffer, with the stream offset behind its last byte.
    ending: VecDeque<(u64, Ending)>,
    /// Stream offset of the end of the buffer.
    encoded: u64,
    /// Stream offset up to which the stream has taken bytes.
    written: u64,
    /// When the stream last took bytes.
    wrote_at: Option<Micros>,
    unflushed: bool,
    /// A close frame waits or is out: no message may be queued behind it.
    close_queued: bool,
    /// A close frame is in the buffer or out: nothing may follow it.
    close_encoded: bool,
    half: Half,
    sent: Vec<Sent>,
    /// Messages that were dropped for a close frame.
    dropped: usize,
    /// Why the frame being written will never be whole.
    broken: Option<CutShort>,
    pub ring: Ring,
    masks: Masks,
    clock: Clock,
}

impl Outbox {
    pub(super) fn new(clock: Clock, packer: Option<Packer>) -> Outbox {
        Outbox {
            controls: VecDeque::new(),
            data: VecDeque::new(),
            writing: None,
            pieces: None,
            file: None,
            packer,
            buffer: Vec::new(),
            taken: 0,
            ending: VecDeque::new(),
            encoded: 0,
            written: 0,
            wrote_at: None,
            unflushed: false,
            close_queued: false,
            close_encoded: false,
            half: Half::Open,
            sent: Vec::new(),
            dropped: 0,
            broken: None,
            ring: Ring::default(),
            masks: Masks::default(),
            clock,
        }
    }

    /// Nothing more is taken: a close frame was queued, or our half of the stream is ending.
    fn is_over(&self) -> bool {
        self.close_queued || self.half != Half::Open
    }

    /// Queues a message or a control frame behind all others of its kind; a close frame behind
    /// everything, or behind the frame being written if that is one of a file. False if a close
    /// frame was queued before it, or our half of the stream is ending.
    pub(super) fn push(&mut self, frame: OutFrame) -> bool {
        match frame.kind {
            MessageKind::Text | MessageKind::Binary | MessageKind::Close if self.is_over() => {
                return false;
            }
            MessageKind::Text | MessageKind::Binary => self.data.push_back(Waiting::Frame(frame)),
            MessageKind::Close => {
                if self.file.as_ref().is_some_and(|file| !file.is_encoded()) {
                    self.push_close_now(frame.payload);
                    return true;
                }
                let files = self.take_files();
                self.tell_stopped(files);
                self.close_queued = true;
                self.data.push_back(Waiting::Frame(frame));
            }
            MessageKind::Ping | MessageKind::Pong
                if self.close_encoded || self.half != Half::Open =>
            {
                return false;
            }
            MessageKind::Ping | MessageKind::Pong => self.controls.push_back(frame),
        }
        true
    }

    /// Queues a message that goes out in frames of these sizes. As [`Outbox::push`].
    pub(super) fn push_cut(&mut self, frame: OutFrame, sizes: Split) -> bool {
        let taken = !self.is_over();
        if taken {
            self.data.push_back(Waiting::Cut(Box::new((frame, sizes))));
        }
        taken
    }

    /// Queues a file as a message. As [`Outbox::push`].
    pub(super) fn push_file(&mut self, file: FileSend) -> bool {
        let taken = !self.is_over();
        if taken {
            self.data.push_back(Waiting::File(Box::new(FileOut::new(file))));
        }
        taken
    }

    /// Queues a frame as it is. As [`Outbox::push`]; one with the opcode of a close frame is one.
    pub(super) fn push_raw(&mut self, frame: RawFrame) -> bool {
        let taken = !self.is_over();
        if taken {
            self.close_queued = frame.opcode == opcode(MessageKind::Close);
            self.data.push_back(Waiting::Handmade(Box::new(frame)));
        }
        taken
    }

    /// Ends our half of the stream when all that was queued so far is out. False if a close frame
    /// was queued before, or it is ending already.
    pub(super) fn end_half(&mut self) -> bool {
        let taken = !self.is_over();
        if taken {
            self.half = Half::Ending;
        }
        taken
    }

    /// When our half of the stream was ended by [`Outbox::end_half`].
    pub(super) fn half_ended(&self) -> Option<Micros> {
        match self.half {
            Half::Ended(at) => Some(at),
            Half::Open | Half::Ending => None,
        }
    }

    /// Our half of the stream has ended or is about to.
    pub(super) fn is_half_ending(&self) -> bool {
        self.half != Half::Open
    }

    /// A close frame waits or is out.
    pub(super) fn is_closing(&self) -> bool {
        self.close_queued
    }

    /// Queues a close frame ahead of everything that was not begun, which is dropped. Does nothing
    /// if a close frame is out already, or our half of the stream is ending.
    pub(super) fn push_close_now(&mut self, payload: Bytes) {
        if self.close_encoded || self.half != Half::Open {
            return;
        }
        // A message in pieces is cut off between two of them.
        self.dropped += self.waiting() + usize::from(self.pieces.take().is_some());
        let mut files = self.take_files();
        if self.file.as_ref().is_some_and(|file| !file.is_encoded()) {
            self.dropped += 1;
            // The frame being written still needs it.
            match (&self.writing, self.file.take()) {
                (Some(Writing { ends: Ends::File, .. }), Some(file)) => {
                    let at = self.clock.now();
                    let transfer = file.told(TransferState::Stopped);
                    self.sent.push(Sent::File { at, transfer });
                    self.file = Some(Box::new(file.only_to_frame_end()));
                }
                (_, file) => files.extend(file),
            }
        }
        self.tell_stopped(files);
        self.data.clear();
        self.controls.clear();
        self.close_queued = true;
        let frame = OutFrame { kind: MessageKind::Close, payload, share: None };
        self.data.push_back(Waiting::Frame(frame));
    }

    /// Stops sending a file; see [`Command::CancelFile`](crate::core::event::Command::CancelFile).
    pub(super) fn cancel_file(&mut self, id: TransferId) {
        let waits = |entry: &Waiting| matches!(entry, Waiting::File(file) if file.id() == id);
        if let Some(place) = self.data.iter().position(waits) {
            if let Some(Waiting::File(file)) = self.data.remove(place) {
                self.tell_stopped(vec![file]);
            }
            return;
        }
        let Some(file) = self.file.take_if(|file| file.id() == id && !file.is_encoded()) else {
            return;
        };
        if !file.is_begun() {
            return self.tell_stopped(vec![file]);
        }
        let left = self.writing.as_ref().map_or(0, |writing| writing.length - writing.done);
        if left > STOP_WITHIN {
            self.broken = Some(CutShort(format!(
                "the file was stopped in the middle of a frame, {left} bytes before its end"
            )));
        }
        self.file = Some(file);
        self.push_close_now(close_payload((1001, "sending a file was stopped")));
    }

    fn take_files(&mut self) -> Vec<Box<FileOut>> {
        if !self.data.iter().any(|entry| matches!(entry, Waiting::File(_))) {
            return Vec::new();
        }
        let (files, rest) = std::mem::take(&mut self.data)
            .into_iter()
            .partition::<VecDeque<_>, _>(|entry| matches!(entry, Waiting::File(_)));
        self.data = rest;
        files
            .into_iter()
            .filter_map(|entry| if let Waiting::File(file) = entry { Some(file) } else { None })
            .collect()
    }

    fn tell_stopped(&mut self, files: Vec<Box<FileOut>>) {
        let at = self.clock.now();
        self.sent.extend(
            files
                .into_iter()
                .map(|file| Sent::File { at, transfer: file.told(TransferState::Stopped) }),
        );
    }

    /// Tells of files that did not go out whole that they are stopped: the connection has ended.
    pub(super) fn stop_files(&mut self) {
        let mut files = self.take_files();
        files.extend(self.file.take().filter(|file| !file.is_last_word_said()));
        self.dropped += files.len();
        self.tell_stopped(files);
    }

    fn waiting(&self) -> usize {
        self.data
            .iter()
            .filter(|entry| match entry {
                Waiting::Frame(frame) => !frame.kind.is_control(),
                Waiting::Cut(_) | Waiting::File(_) => true,
                Waiting::Handmade(_) => false,
            })
            .count()
    }

    /// Messages that did not go out whole.
    pub(super) fn unsent(&self) -> usize {
        let is_message = |whole: &Whole| !whole.frame.kind.is_control();
        let writing = match &self.writing {
            Some(Writing { ends: Ends::Whole(whole), .. }) => is_message(whole),
            _ => false,
        };
        let ending = self
            .ending
            .iter()
            .filter(|(_, ending)| matches!(ending, Ending::Whole(whole) if is_message(whole)))
            .count();
        let file = self.file.as_ref().is_some_and(|file| !file.is_last_word_said());
        self.dropped
            + self.waiting()
            + usize::from(self.pieces.is_some())
            + usize::from(file)
            + usize::from(writing)
            + ending
    }

    /// When the stream last took bytes, if some wait for it to take more.
    pub(super) fn stalled_since(&self) -> Option<Micros> {
        self.wrote_at.filter(|_| self.taken < self.buffer.len())
    }

    pub(super) fn has_control_room(&self) -> bool {
        self.controls.len() < MAX_CONTROLS
    }

    fn fill(&mut self, cx: &mut Context<'_>, messages: bool) {
        if self.taken == self.buffer.len() {
            self.buffer.clear();
            self.taken = 0;
        }
        let mut room = PIECE;
        while self.buffer.len() < CHUNK {
            if self.writing.is_none() {
                let Some((first, writing)) = self.next(cx, messages, &mut room) else { return };
                self.begin(first, writing);
            }
            let Some(writing) = &mut self.writing else { return };
            let from = self.buffer.len();
            let space = CHUNK.saturating_sub(from).max(1);
            let left = usize::try_from(writing.length - writing.done).unwrap_or(usize::MAX);
            let here = left.min(space);
            let phase = (writing.done % 4) as usize;
            if let Ends::File = writing.ends {
                if here > 0 && !self.file_has_bytes(cx) {
                    return;
                }
                let (Some(writing), Some(file)) = (&mut self.writing, &mut self.file) else {
                    return;
                };
                let piece = file.take(here);
                self.buffer.extend_from_slice(piece);
                mask(&mut self.buffer[from..], writing.key, phase);
                let bytes = piece.len() as u64;
                self.encoded += bytes;
                writing.done += bytes;
                self.ending.push_back((self.encoded, Ending::File(bytes)));
                if writing.done == writing.length {
                    self.writing = None;
                }
                continue;
            }
            let done = writing.wire.len() - left;
            self.buffer.extend_from_slice(&writing.wire[done..done + here]);
            mask(&mut self.buffer[from..], writing.key, phase);
            self.encoded += here as u64;
            writing.done += here as u64;
            if here == left
                && let Some(done) = self.writing.take()
            {
                let ending = match done.ends {
                    Ends::Part | Ends::File => continue,
                    Ends::Whole(whole) => Ending::Whole(whole),
                    Ends::Handmade(head, payload) => Ending::Handmade(head, payload),
                };
                self.ending.push_back((self.encoded, ending));
            }
        }
    }

    /// Writes what there is. With `messages` off, no message is begun (the owner does not take
    /// what was sent before); control frames go on. `Ready(Ok(n))` says that `n` bytes went out;
    /// `Ready(Ok(0))` that nothing is left to do.
    ///
    /// # Errors
    /// Of the stream, or [`CutShort`].
    pub(super) fn poll_drain<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        messages: bool,
    ) -> Poll<io::Result<usize>> {
        self.fill(cx, messages);
        if let Some(cut) = &self.broken {
            return Poll::Ready(Err(io::Error::other(cut.clone())));
        }
        if self.taken < self.buffer.len() {
            let n = ready!(Pin::new(stream).poll_write(cx, &self.buffer[self.taken..]))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.taken += n;
            self.written += n as u64;
            self.unflushed = true;
            let at = self.clock.now();
            self.wrote_at = Some(at);
            while self.ending.front().is_some_and(|(end, _)| *end <= self.written)
                && let Some((_, ending)) = self.ending.pop_front()
            {
                self.out(at, ending);
            }
            return Poll::Ready(Ok(n));
        }
        if self.unflushed {
            ready!(Pin::new(&mut *stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        if self.half == Half::Ending && self.is_idle() {
            ready!(Pin::new(stream).poll_shutdown(cx))?;
            self.half = Half::Ended(self.clock.now());
        }
        Poll::Ready(Ok(0))
    }

    fn is_idle(&self) -> bool {
        self.data.is_empty()
            && self.controls.is_empty()
            && self.writing.is_none()
            && self.pieces.is_none()
            && self.file.is_none()
    }

    /// What ended in the buffer was handed to the operating system.
    fn out(&mut self, at: Micros, ending: Ending) {
        match ending {
            Ending::Whole(Whole { frame, packed, split }) => self.sent.push(Sent::Message {
                at,
                kind: frame.kind,
                payload: frame.payload,
                packed,
                split: split.map(|frames| Arc::new(*frames)),
            }),
            Ending::Handmade(head, payload) => {
                self.sent.push(Sent::Handmade { at, head, payload });
            }
            Ending::File(bytes) => {
                let Some(file) = &mut self.file else { return };
                let transfer = file.out(bytes, at);
                if file.is_out() {
                    self.file = None;
                }
                self.sent.extend(transfer.map(|transfer| Sent::File { at, transfer }));
            }
        }
    }

    /// What went out since the last call, in the order of the wire.
    pub(super) fn take_sent(&mut self) -> std::vec::Drain<'_, Sent> {
        self.sent.drain(..)
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod tests;
