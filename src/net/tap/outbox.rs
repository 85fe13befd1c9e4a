//! Frames on their way out: queued, masked (RFC 6455 section 5.3) and written.
//!
//! Payloads are masked piece by piece just before they are written, so that a message of a
//! gigabyte needs no second gigabyte. A control frame goes ahead of messages that wait, but never
//! into the middle of a frame. After a close frame nothing more goes out (section 5.5.1).
//!
//! With compression a message is packed where it is turned into its frame (see [`Packer`]); one
//! that is longer than a piece goes out in fragments, between which control frames may go, as they
//! may between the frames of a message that the user has cut ([`pieces`]) and of a file ([`mod@file`]).

mod begin;
mod file;
mod frame;
mod mask;
mod pieces;
mod queue;
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

use self::file::FileOut;
use self::frame::{Ends, Whole, Writing};
use self::mask::{Masks, mask};
use self::pieces::Pieces;
use super::pack::{PIECE, Packer};
use super::walker::Ring;
use crate::core::event::{Split, Transfer};
use crate::core::frame::{FrameHead, Frames, RawFrame};
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
