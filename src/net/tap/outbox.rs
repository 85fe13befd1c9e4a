//! Frames on their way out: queued, masked (RFC 6455 section 5.3) and written.
//!
//! Payloads are masked piece by piece just before they are written, so that a message of a
//! gigabyte needs no second gigabyte. A control frame goes ahead of messages that wait, but never
//! into the middle of a frame. After a close frame nothing more goes out (section 5.5.1).
//!
//! With compression a message is packed where it is turned into its frame (see [`Packer`]); one
//! that is longer than a piece goes out in fragments, between which control frames may go.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::sync::OwnedSemaphorePermit;

use super::pack::{PIECE, Packer};
use super::walker::{Header, RSV1, Ring};
use crate::core::message::MessageKind;
use crate::core::time::Micros;
use crate::net::clock::Clock;

/// The last frame of a message.
const FIN: u8 = 0x80;

/// Bytes that are masked at once and handed to the stream in one write.
const CHUNK: usize = 128 * 1024;

/// Control frames that may wait; automatic pongs beyond that wait in the layer above, where a
/// newer one takes the place of an older one (section 5.5.3).
const MAX_CONTROLS: usize = 64;

/// A frame that waits to be written.
#[derive(Debug)]
pub(crate) struct OutFrame {
    pub kind: MessageKind,
    pub payload: Bytes,
    /// Share of the owner's budget, given back when it is dropped with the frame.
    #[expect(dead_code, reason = "held for its drop")]
    pub share: Option<OwnedSemaphorePermit>,
}

/// A frame that was handed to the operating system.
#[derive(Debug)]
pub(crate) struct Sent {
    pub at: Micros,
    pub kind: MessageKind,
    /// As it was queued.
    pub payload: Bytes,
    /// Its size over all its frames, if it was compressed.
    pub packed: Option<NonZeroU32>,
}

/// The frame being put into the buffer.
#[derive(Debug)]
struct Writing {
    /// Payload as it goes out, but for its mask.
    wire: Bytes,
    /// Payload bytes that are in the buffer already.
    done: usize,
    key: [u8; 4],
    /// What has gone out with it; `None` for a fragment that is not the last.
    ends: Option<Whole>,
}

/// A message or control frame of which all is on its way.
#[derive(Debug)]
struct Whole {
    frame: OutFrame,
    packed: Option<NonZeroU32>,
}

/// A long message that is being packed and sent in pieces.
#[derive(Debug)]
struct Pieces {
    frame: OutFrame,
    /// Bytes of it that were packed.
    done: usize,
    /// What they were packed to.
    packed: u64,
}

#[derive(Debug)]
pub(super) struct Outbox {
    controls: VecDeque<OutFrame>,
    data: VecDeque<OutFrame>,
    writing: Option<Writing>,
    /// Begun, and not in the frame being written alone.
    pieces: Option<Pieces>,
    packer: Option<Packer>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that the stream has taken.
    taken: usize,
    /// Frames whose last byte lies in the buffer, with the stream offset behind that byte.
    ending: VecDeque<(u64, Whole)>,
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
    sent: Vec<Sent>,
    /// Messages that were dropped for a close frame.
    dropped: usize,
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
            sent: Vec::new(),
            dropped: 0,
            ring: Ring::default(),
            masks: Masks::default(),
            clock,
        }
    }

    /// Queues a message or a control frame behind all others of its kind; a close frame behind
    /// everything. False if a close frame was queued before it.
    pub(super) fn push(&mut self, frame: OutFrame) -> bool {
        match frame.kind {
            MessageKind::Text | MessageKind::Binary if self.close_queued => return false,
            MessageKind::Text | MessageKind::Binary => self.data.push_back(frame),
            MessageKind::Close if self.close_queued => return false,
            MessageKind::Close => {
                self.close_queued = true;
                self.data.push_back(frame);
            }
            MessageKind::Ping | MessageKind::Pong if self.close_encoded => return false,
            MessageKind::Ping | MessageKind::Pong => self.controls.push_back(frame),
        }
        true
    }

    /// Queues a close frame ahead of everything that was not begun, which is dropped. Does nothing
    /// if a close frame is out already.
    pub(super) fn push_close_now(&mut self, payload: Bytes) {
        if self.close_encoded {
            return;
        }
        // A message in pieces is cut off between two of them.
        self.dropped += self.waiting() + usize::from(self.pieces.take().is_some());
        self.data.clear();
        self.controls.clear();
        self.close_queued = true;
        self.data.push_back(OutFrame { kind: MessageKind::Close, payload, share: None });
    }

    fn waiting(&self) -> usize {
        self.data.iter().filter(|frame| !frame.kind.is_control()).count()
    }

    /// Messages that did not go out whole.
    pub(super) fn unsent(&self) -> usize {
        let writing = self.writing.iter().filter_map(|writing| writing.ends.as_ref());
        let begun = writing.chain(self.ending.iter().map(|(_, whole)| whole));
        let begun = begun.filter(|whole| !whole.frame.kind.is_control()).count();
        self.dropped + self.waiting() + usize::from(self.pieces.is_some()) + begun
    }

    /// When the stream last took bytes, if some wait for it to take more.
    pub(super) fn stalled_since(&self) -> Option<Micros> {
        self.wrote_at.filter(|_| self.taken < self.buffer.len())
    }

    pub(super) fn has_control_room(&self) -> bool {
        self.controls.len() < MAX_CONTROLS
    }

    /// The next frame, if it may begin now: its first byte, and what is to be written. `packed`
    /// is the room for packing in this round.
    fn next(&mut self, messages: bool, room: &mut usize) -> Option<(u8, Writing)> {
        if self.close_encoded {
            self.controls.clear();
            self.data.clear();
            return None;
        }
        let key = self.masks.next();
        if let Some(frame) = self.controls.pop_front() {
            return Some((FIN | opcode(frame.kind), Writing::whole(frame, key)));
        }
        if self.pieces.is_some() {
            return self.next_piece(key, room);
        }
        let front = self.data.front()?;
        let is_control = front.kind.is_control();
        if !messages && !is_control {
            return None;
        }
        if let (Some(packer), false) = (&mut self.packer, is_control) {
            let work = front.payload.len().min(PIECE);
            if *room < work {
                return None;
            }
            *room -= work;
            if let Some(wire) = packer.begin(&front.payload) {
                let frame = self.data.pop_front()?;
                let opcode = opcode(frame.kind);
                let packed = wire.len() as u64;
                if frame.payload.len() > PIECE {
                    self.pieces = Some(Pieces { frame, done: PIECE, packed });
                    return Some((RSV1 | opcode, Writing { wire, done: 0, key, ends: None }));
                }
                let ends = Some(Whole { frame, packed: size(packed) });
                return Some((FIN | RSV1 | opcode, Writing { wire, done: 0, key, ends }));
            }
        }
        let frame = self.data.pop_front()?;
        Some((FIN | opcode(frame.kind), Writing::whole(frame, key)))
    }

    /// The next fragment of a message that is packed in pieces.
    fn next_piece(&mut self, key: [u8; 4], room: &mut usize) -> Option<(u8, Writing)> {
        let mut pieces = self.pieces.take()?;
        let end = pieces.frame.payload.len().min(pieces.done + PIECE);
        let is_last = end == pieces.frame.payload.len();
        let work = end - pieces.done;
        if *room < work {
            self.pieces = Some(pieces);
            return None;
        }
        *room -= work;
        let piece = &pieces.frame.payload[pieces.done..end];
        let Some(wire) = self.packer.as_mut().and_then(|packer| packer.piece(piece, is_last))
        else {
            // It cannot be gone on with, and must not look as if it were whole.
            self.dropped += 1;
            self.push_close_now(Bytes::from_static(b"\x03\xF3"));
            return None;
        };
        pieces.packed += wire.len() as u64;
        pieces.done = end;
        if is_last {
            let ends = Some(Whole { packed: size(pieces.packed), frame: pieces.frame });
            return Some((FIN, Writing { wire, done: 0, key, ends }));
        }
        self.pieces = Some(pieces);
        Some((0, Writing { wire, done: 0, key, ends: None }))
    }

    fn fill(&mut self, messages: bool) {
        if self.taken == self.buffer.len() {
            self.buffer.clear();
            self.taken = 0;
        }
        let mut room = PIECE;
        while self.buffer.len() < CHUNK {
            if self.writing.is_none() {
                let Some((first, writing)) = self.next(messages, &mut room) else { return };
                self.close_encoded |= first == FIN | opcode(MessageKind::Close);
                let at = self.clock.now();
                let (header, size) = header(first, &writing, self.encoded, at, &mut self.buffer);
                self.encoded += size;
                self.ring.push(header);
                self.writing = Some(writing);
            }
            let Some(writing) = &mut self.writing else { return };
            let from = self.buffer.len();
            let left = &writing.wire[writing.done..];
            let piece = &left[..left.len().min(CHUNK.saturating_sub(from).max(1))];
            self.buffer.extend_from_slice(piece);
            mask(&mut self.buffer[from..], writing.key, writing.done);
            self.encoded += piece.len() as u64;
            writing.done += piece.len();
            if writing.done == writing.wire.len()
                && let Some(done) = self.writing.take()
                && let Some(whole) = done.ends
            {
                self.ending.push_back((self.encoded, whole));
            }
        }
    }

    /// Writes what there is. With `messages` off, no message is begun (the owner does not take
    /// what was sent before); control frames go on. `Ready(Ok(n))` says that `n` bytes went out;
    /// `Ready(Ok(0))` that nothing is left to do.
    pub(super) fn poll_drain<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        messages: bool,
    ) -> Poll<io::Result<usize>> {
        self.fill(messages);
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
                && let Some((_, whole)) = self.ending.pop_front()
            {
                let Whole { frame, packed } = whole;
                self.sent.push(Sent { at, kind: frame.kind, payload: frame.payload, packed });
            }
            return Poll::Ready(Ok(n));
        }
        if self.unflushed {
            ready!(Pin::new(stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(0))
    }

    /// Frames that went out since the last call, in the order of the wire.
    pub(super) fn take_sent(&mut self) -> std::vec::Drain<'_, Sent> {
        self.sent.drain(..)
    }
}

impl Writing {
    /// A frame that goes as it is.
    fn whole(frame: OutFrame, key: [u8; 4]) -> Writing {
        let wire = frame.payload.clone();
        Writing { wire, done: 0, key, ends: Some(Whole { frame, packed: None }) }
    }
}

fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => 1,
        MessageKind::Binary => 2,
        MessageKind::Close => 8,
        MessageKind::Ping => 9,
        MessageKind::Pong => 10,
    }
}

fn size(bytes: u64) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// Writes a header; returns what is remembered of it and its length.
fn header(
    first: u8,
    writing: &Writing,
    offset: u64,
    at: Micros,
    out: &mut Vec<u8>,
) -> (Header, u64) {
    let from = out.len();
    let length = writing.wire.len();
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(0x80 | short),
        (_, Ok(medium)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&writing.key);
    let first = [out[from], out[from + 1]];
    (Header { at, first, length: length as u64, offset }, (out.len() - from) as u64)
}

/// Masks `bytes`, which begin `phase` bytes into the payload.
fn mask(bytes: &mut [u8], key: [u8; 4], phase: usize) {
    let turned = [key[phase % 4], key[(phase + 1) % 4], key[(phase + 2) % 4], key[(phase + 3) % 4]];
    let word = u64::from(u32::from_ne_bytes(turned));
    let word = word | (word << 32);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (i, byte) in rest.iter_mut().enumerate() {
        *byte ^= turned[i % 4];
    }
}

/// Unpredictable masking keys (section 10.3), drawn from the system in batches.
#[derive(Debug)]
struct Masks {
    pool: [u8; 1024],
    at: usize,
}

impl Default for Masks {
    fn default() -> Self {
        Masks { pool: [0; 1024], at: 1024 }
    }
}

impl Masks {
    fn next(&mut self) -> [u8; 4] {
        if self.at + 4 > self.pool.len() {
            crate::net::random(&mut self.pool);
            self.at = 0;
        }
        let key = &self.pool[self.at..self.at + 4];
        self.at += 4;
        [key[0], key[1], key[2], key[3]]
    }
}

/// Takes the one masked control frame that lies in `bytes` apart, as the message layer writes
/// pongs and close frames by itself. `None` if it is anything else.
pub(super) fn read_control(bytes: &[u8]) -> Option<(OutFrame, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let kind = match first {
        0x88 => MessageKind::Close,
        0x89 => MessageKind::Ping,
        0x8A => MessageKind::Pong,
        _ => return None,
    };
    let length = usize::from(second & 0x7F);
    if length > 125 || second & 0x80 == 0 {
        return None;
    }
    let (&key, rest) = rest.split_first_chunk::<4>()?;
    let mut payload = rest.get(..length)?.to_vec();
    mask(&mut payload, key, 0);
    Some((OutFrame { kind, payload: payload.into(), share: None }, 6 + length))
}

#[cfg(test)]
mod tests;
