//! The tap: a thin stream between the message layer (tokio-tungstenite) and the link.
//!
//! What comes in passes through unchanged while the [`walker`] reads the frame headers along; what
//! goes out is queued as whole frames in the [`outbox`], so that we know when each frame was
//! handed over, a large message does not stop a pong or the reading, and no second copy of it is
//! made. The message layer above joins fragments, judges frames and text, and answers pings; the
//! pongs it writes by itself are taken apart and queued like any other frame.
//!
//! Compression (RFC 7692) belongs here: frames in are unpacked behind the walker, messages out are
//! packed in the outbox. The layer above then never sees a reserved bit.

mod outbox;
mod walker;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) use outbox::{OutFrame, Sent};
use outbox::{Outbox, read_control};
use walker::Walker;

use super::clock::Clock;
use crate::core::evidence::{FrameRecord, Violation};
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

/// The stream that the message layer reads from and writes to.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    stream: S,
    /// Bytes that came behind the reply's head.
    early: Bytes,
    walker: Walker,
    outbox: Outbox,
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
    /// `max_payload` is the largest payload of a frame that the layer above accepts.
    pub(crate) fn new(stream: S, early: Bytes, max_payload: u64, clock: Clock) -> Tap<S> {
        Tap {
            stream,
            early,
            walker: Walker::new(max_payload),
            outbox: Outbox::new(clock),
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
        if this.reads_left == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let from = buf.filled().len();
        let early = this.early.len().min(buf.remaining());
        if early > 0 {
            buf.put_slice(&this.early[..early]);
            this.early.advance(early);
        } else {
            let room = buf.remaining();
            let result = ready!(Pin::new(&mut this.stream).poll_read(cx, buf));
            this.note_end(&result, room > 0 && buf.filled().len() == from);
            result?;
        }
        this.reads_left -= 1;
        let fresh = &buf.filled()[from..];
        if !fresh.is_empty() {
            this.read_at = this.clock.now();
            let offset = this.walker.offset();
            this.walker.walk(fresh, this.read_at);
            this.walker.complete_bad(fresh, offset);
        }
        Poll::Ready(Ok(()))
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
            this.outbox.push(frame);
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
