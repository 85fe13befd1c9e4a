//! The tap: a thin stream between the message layer (tokio-tungstenite) and the link.
//!
//! What comes in passes through unchanged while the [`walker`] reads the frame headers along; what
//! goes out is queued as whole frames in the [`outbox`], so that we know when each frame was
//! handed over, a large message does not stop a pong or the reading, and no second copy of it is
//! made. The message layer above joins fragments, judges frames and text, and answers pings; the
//! pongs it writes by itself are taken apart and queued like any other frame.
//!
//! Compression (RFC 7692) is done here: frames in are unpacked behind the walker ([`unpack`]),
//! messages out are packed in the outbox ([`pack`]). The layer above never sees RSV1, and the
//! walker and its records see the frames as they are on the wire. Where compression was not
//! agreed on there is neither, and RSV1 is what it always was, a fault.

mod cut;
mod outbox;
mod pack;
mod pongs;
mod quick;
mod splits;
mod unpack;
mod walker;

use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) use outbox::{CutShort, FileSend, OutFrame, Sent};
use outbox::{Outbox, read_control};
use pack::Packer;
use pongs::Pongs;
pub(crate) use quick::Quick;
pub(crate) use unpack::Unpackable;
use unpack::Unpacker;
use walker::Walker;

use super::clock::Clock;
use crate::core::event::{PongPolicy, Split, TransferId};
use crate::core::evidence::{DeflateFacts, FrameRecord, Violation};
use crate::core::frame::{Frames, RawFrame};
use crate::core::message::{Direction, MessageKind};
use crate::core::time::Micros;

/// How the incoming stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// In good order: with FIN, and over TLS with `close_notify`.
    Orderly,
    /// Over TLS: with FIN and without `close_notify`.
    Torn,
}

/// A frame's header breaks the protocol, and the message layer waits for its payload, which may
/// never come: text that was taken for a header announces any length.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{}", .0.words())]
pub(crate) struct Broken(pub Violation);

/// The stream that the message layer reads from and writes to.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    stream: S,
    /// What was read and not yet looked at; at first the bytes that came behind the reply's head.
    buffer: BytesMut,
    /// The stream has ended or failed behind what the buffer holds, which the message layer has
    /// not been told.
    over: Option<io::Result<()>>,
    walker: Walker,
    /// A very long frame that is being handed on in fragments.
    cutting: Option<cut::Cutting>,
    /// There if compression was agreed on.
    unpacker: Option<Box<Unpacker>>,
    outbox: Outbox,
    pongs: Pongs,
    clock: Clock,
    read_at: Micros,
    end: Option<StreamEnd>,
    /// Reads that are left until the session has had its turn.
    reads_left: usize,
}

/// Reads in a row. The message layer goes on reading until a message is whole, and one of a
/// million empty fragments never is: without a bound nobody else would get a turn.
const READS: usize = 4;

impl<S> Tap<S> {
    /// `max_payload` is the largest message that the layer above accepts; `deflate` what was
    /// agreed on of compression.
    pub(crate) fn new(
        stream: S,
        early: Bytes,
        max_payload: u64,
        deflate: Option<&DeflateFacts>,
        clock: Clock,
    ) -> Tap<S> {
        Tap {
            stream,
            buffer: BytesMut::from(&*early),
            over: None,
            walker: Walker::new(max_payload, deflate.is_some()),
            cutting: None,
            unpacker: deflate.map(|agreed| Box::new(Unpacker::new(agreed, max_payload))),
            outbox: Outbox::new(clock, deflate.and_then(Packer::new)),
            pongs: Pongs::default(),
            clock,
            read_at: clock.now(),
            end: None,
            reads_left: READS,
        }
    }

    /// Lets the message layer read on; called at each turn of the session.
    pub(crate) fn allow_reads(&mut self) {
        self.reads_left = READS;
    }

    /// When bytes last came in.
    pub(crate) fn read_at(&self) -> Micros {
        self.read_at
    }

    pub(crate) fn end(&self) -> Option<StreamEnd> {
        self.end
    }

    /// Bytes on the wire of the message with this number (from 0, over text and binary messages),
    /// if it was compressed. Asked once for each message, in order.
    pub(crate) fn packed_size(&mut self, number: u64) -> Option<NonZeroU32> {
        self.unpacker.as_mut()?.packed_size(number)
    }

    /// The frames of the message with this number, as [`Tap::packed_size`] counts, if it did not
    /// come in one ordinary frame. Asked once for each message, in order.
    pub(crate) fn split_of(&mut self, number: u64) -> Option<Arc<Frames>> {
        self.walker.splits.take(number)
    }

    /// Payload of the first close frame that came, as on the wire.
    pub(crate) fn close_payload(&self) -> Option<&[u8]> {
        self.walker.close_payload()
    }

    /// What the first frame breaks that is not in order.
    pub(crate) fn violation(&self) -> Option<Violation> {
        self.walker.violation()
    }

    /// The stream ended inside a frame.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.walker.is_inside_frame()
    }

    /// Frames in and frames out.
    pub(crate) fn frames(&self) -> (u64, u64) {
        (self.walker.ring.count, self.outbox.ring.count)
    }

    /// The last frames each way, in the order of time. See [`Walker::records`].
    pub(crate) fn records(&self, started: Micros, blame_latest: Option<u64>) -> Vec<FrameRecord> {
        let mut out = self.walker.records(started, blame_latest);
        out.extend(self.outbox.ring.iter().map(|h| h.record(Direction::Out, started)));
        out.sort_by_key(|record| record.at_us);
        out
    }

    /// Queues a frame; false if a close frame went before it.
    pub(crate) fn push(&mut self, frame: OutFrame) -> bool {
        self.outbox.push(frame)
    }

    /// Queues a message in frames of these sizes. As [`Tap::push`].
    pub(crate) fn push_cut(&mut self, frame: OutFrame, sizes: Split) -> bool {
        self.outbox.push_cut(frame, sizes)
    }

    /// Queues a file as a message. As [`Tap::push`].
    pub(crate) fn push_file(&mut self, file: FileSend) -> bool {
        self.outbox.push_file(file)
    }

    /// Stops sending a file.
    pub(crate) fn cancel_file(&mut self, id: TransferId) {
        self.outbox.cancel_file(id);
    }

    /// Tells of every file that is not out that it was stopped.
    pub(crate) fn stop_files(&mut self) {
        self.outbox.stop_files();
    }

    /// Queues a frame as it is. As [`Tap::push`].
    pub(crate) fn push_raw(&mut self, frame: RawFrame) -> bool {
        self.outbox.push_raw(frame)
    }

    /// Ends our half of the stream behind all that waits. As [`Tap::push`].
    pub(crate) fn end_half(&mut self) -> bool {
        self.outbox.end_half()
    }

    /// When our half of the stream was ended by [`Tap::end_half`].
    pub(crate) fn half_ended(&self) -> Option<Micros> {
        self.outbox.half_ended()
    }

    /// Our half of the stream has ended or is about to, and nothing more can be sent.
    pub(crate) fn is_half_ending(&self) -> bool {
        self.outbox.is_half_ending()
    }

    /// A close frame waits or is out.
    pub(crate) fn is_closing(&self) -> bool {
        self.outbox.is_closing()
    }

    /// How pings of the peer are answered from now on.
    pub(crate) fn set_pongs(&mut self, policy: PongPolicy) {
        for pong in self.pongs.set(policy, self.clock.now()) {
            self.outbox.push(pong);
        }
    }

    /// How many pongs were held since that was chosen, and since the connection is open.
    pub(crate) fn pongs_held(&self) -> (u64, u64) {
        self.pongs.held()
    }

    /// Sends delayed pongs whose time has come; how long until the next one is due.
    pub(crate) fn release_pongs(&mut self) -> Option<Duration> {
        if !self.pongs.has_delayed() {
            return None;
        }
        let now = self.clock.now();
        while let Some(pong) = self.pongs.pop_due(now) {
            self.outbox.push(pong);
        }
        self.pongs.next_due(now)
    }

    /// Queues a close frame ahead of all that was not begun, which is dropped.
    pub(crate) fn push_close_now(&mut self, payload: Bytes) {
        self.outbox.push_close_now(payload);
    }

    /// Messages that were queued and did not go out whole.
    pub(crate) fn unsent(&self) -> usize {
        self.outbox.unsent()
    }

    /// When the peer last took bytes, if some wait for it to take more.
    pub(crate) fn write_stalled_since(&self) -> Option<Micros> {
        self.outbox.stalled_since()
    }

    pub(crate) fn take_sent(&mut self) -> std::vec::Drain<'_, Sent> {
        self.outbox.take_sent()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Tap<S> {
    /// See [`Outbox::poll_drain`].
    pub(crate) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        messages: bool,
    ) -> Poll<io::Result<usize>> {
        self.outbox.poll_drain(cx, &mut self.stream, messages)
    }

    /// Reads and throws away, after the connection's last frame. `Ready(Ok(0))` at the end.
    pub(crate) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [0; 8 * 1024];
        let mut buf = ReadBuf::new(&mut scratch);
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf));
        self.note_end(&result, buf.filled().is_empty());
        result.map(|()| buf.filled().len()).into()
    }

    /// Lets through what was read behind `from`, up to the first frame that is to be unpacked.
    /// False if nothing is left.
    fn pass(&mut self, buf: &mut ReadBuf<'_>, from: usize) -> bool {
        let fresh = &buf.filled()[from..];
        let passing = match &mut self.unpacker {
            None => fresh.len(),
            Some(unpacker) => {
                let passing = unpacker.pass(fresh);
                unpacker.put_aside(&fresh[passing..]);
                passing
            }
        };
        let offset = self.walker.offset();
        self.walker.walk(&fresh[..passing], self.read_at);
        self.walker.complete_bad(&fresh[..passing], offset);
        buf.set_filled(from + passing);
        passing > 0
    }

    /// Gives what was unpacked. `None` if more must be read first.
    fn unpack(&mut self, buf: &mut ReadBuf<'_>) -> Option<io::Result<()>> {
        let unpacker = self.unpacker.as_mut()?;
        let offset = self.walker.offset();
        let used = unpacker.work();
        self.walker.walk(used, self.read_at);
        self.walker.complete_bad(used, offset);
        let ready = unpacker.ready();
        if !ready.is_empty() {
            let here = ready.len().min(buf.remaining());
            buf.put_slice(&ready[..here]);
            unpacker.give(here);
            return Some(Ok(()));
        }
        let fault = unpacker.fault()?;
        Some(Err(io::Error::new(io::ErrorKind::InvalidData, fault.clone())))
    }

    fn note_end(&mut self, result: &io::Result<()>, nothing: bool) {
        match result {
            Ok(()) if nothing => self.end = Some(StreamEnd::Orderly),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.end = Some(StreamEnd::Torn);
            }
            _ => {}
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(violation) = this.walker.violation() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, Broken(violation))));
        }
        while this.reads_left > 0 {
            // What was read already costs nobody a turn.
            this.reads_left -= usize::from(this.buffer.is_empty());
            if let Some(result) = this.unpack(buf) {
                return Poll::Ready(result);
            }
            if this.unpacker.is_none() && ready!(this.poll_cut(cx, buf))? {
                return Poll::Ready(Ok(()));
            }
            let from = buf.filled().len();
            ready!(this.poll_frame(cx, buf))?;
            if buf.filled().len() == from || this.pass(buf, from) {
                return Poll::Ready(Ok(()));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Only for what the message layer writes by itself: pongs, and answers to a close frame.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some((frame, used)) = read_control(buf) else {
            return Poll::Ready(Err(io::Error::other("the message layer wrote no control frame")));
        };
        if frame.kind == MessageKind::Close {
            // The session answers close frames: it knows which one went first, and more codes.
        } else if this.outbox.has_control_room() {
            if let Some(pong) = this.pongs.answer(frame, this.clock.now()) {
                this.outbox.push(pong);
            }
        } else {
            // Polled again by the session's task after each write; no waker is needed.
            return Poll::Pending;
        }
        Poll::Ready(Ok(used))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
