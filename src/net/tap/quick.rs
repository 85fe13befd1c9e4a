//! The short way of ordinary messages: a text or binary message in one whole frame is taken
//! straight from the read buffer, its payload a slice of it.
//!
//! A flood is made of such messages, and the message layer above costs more for each than the
//! socket does. Everything else goes to that layer as before: control frames, fragments, reserved
//! bits, masks, lengths in more bytes than they need, text that is no UTF-8, messages that are
//! longer than the buffer or the limit, and every frame where compression was agreed on. It is
//! handed one frame at a time ([`Walker::rest_of_frame`]), so that it never holds bytes of a frame
//! that could have gone the short way, and both keep the order of the wire.
//!
//! [`Walker::rest_of_frame`]: super::walker::Walker::rest_of_frame

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::io::poll_read_buf;

use super::walker::{MAX_HEADER, header_len, payload_len};
use super::{StreamEnd, Tap};
use crate::core::message::MessageKind;

/// Bytes that are read at once. Larger reads cost more than they gain: what was read should still
/// be in the processor's cache when it is looked at.
pub(super) const READ: usize = 128 * 1024;

/// Frames that are longer than this go the long way.
const LONGEST: usize = READ / 2;

/// What became of the next frame.
#[derive(Debug)]
pub(crate) enum Quick {
    Message(MessageKind, Bytes),
    /// Nothing more is here yet; the task is woken when there is.
    Pending,
    /// The next bytes, or the end of the stream, are the message layer's.
    LongWay,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Tap<S> {
    /// The next message, if it is an ordinary one.
    pub(crate) fn poll_quick(&mut self, cx: &mut Context<'_>) -> Quick {
        if self.unpacker.is_some() || !self.walker.is_between_messages() {
            return Quick::LongWay;
        }
        loop {
            let need = match self.quick_frame() {
                Ok(message) => return message,
                Err(need) => need,
            };
            if self.over.is_some() {
                return Quick::LongWay;
            }
            if self.reads_left == 0 {
                cx.waker().wake_by_ref();
                return Quick::Pending;
            }
            self.reads_left -= 1;
            match self.fill(cx, need) {
                Poll::Pending => return Quick::Pending,
                Poll::Ready(()) => {}
            }
        }
    }

    /// The message at the start of the buffer; `Err` with how many bytes it takes if it is not
    /// whole yet.
    fn quick_frame(&mut self) -> Result<Quick, usize> {
        let Some(&[first, second]) = self.buffer.first_chunk::<2>() else { return Err(2) };
        let kind = match first {
            0x81 => MessageKind::Text,
            0x82 => MessageKind::Binary,
            _ => return Ok(Quick::LongWay),
        };
        // Masked frames, and those of eight bytes of length, are none of these.
        let (header, length) = match second {
            ..126 => (2, usize::from(second)),
            126 => {
                let Some(&[_, _, high, low]) = self.buffer.first_chunk::<4>() else {
                    return Err(4);
                };
                (4, usize::from(u16::from_be_bytes([high, low])))
            }
            _ => return Ok(Quick::LongWay),
        };
        if header == 4 && length < 126
            || header + length > LONGEST
            || length as u64 > self.walker.max_payload()
        {
            return Ok(Quick::LongWay);
        }
        let whole = header + length;
        let Some(frame) = self.buffer.get(..whole) else { return Err(whole) };
        if kind == MessageKind::Text && simdutf8::basic::from_utf8(&frame[header..]).is_err() {
            return Ok(Quick::LongWay);
        }
        self.walker.step_over([first, second], header, length, self.read_at);
        let mut frame = self.buffer.split_to(whole);
        frame.advance(header);
        Ok(Quick::Message(kind, frame.freeze()))
    }

    /// Reads more behind what the buffer holds, which is to hold `need` bytes at least.
    pub(super) fn fill(&mut self, cx: &mut Context<'_>, need: usize) -> Poll<()> {
        // A frame that was cut off moves to the start of a new buffer, or of the old one if all of
        // its messages are gone.
        if self.buffer.capacity() < need.max(READ / 4) {
            self.buffer.reserve(READ);
        }
        match ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.buffer)) {
            Ok(0) => {
                self.end = Some(StreamEnd::Orderly);
                self.over = Some(Ok(()));
            }
            Ok(_) => self.read_at = self.clock.now(),
            Err(error) => {
                if error.kind() == io::ErrorKind::UnexpectedEof {
                    self.end = Some(StreamEnd::Torn);
                }
                self.over = Some(Err(error));
            }
        }
        Poll::Ready(())
    }

    /// Hands the message layer what is next for it: bytes of one frame, or the end of the stream.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() && self.over.is_none() {
            let ahead = usize::try_from(self.walker.payload_ahead()).unwrap_or(usize::MAX);
            if ahead > LONGEST && self.unpacker.is_none() {
                // A long payload needs no stop in our buffer.
                return self.poll_straight(cx, buf, ahead);
            }
            ready!(self.fill(cx, 1));
        }
        if self.buffer.is_empty() {
            return Poll::Ready(match self.over.take() {
                // The end is the end, however often it is asked for.
                Some(Ok(())) | None => {
                    self.over = Some(Ok(()));
                    Ok(())
                }
                Some(Err(error)) => Err(error),
            });
        }
        // What is unpacked is walked over later, so the walker does not know where this stands.
        let here = match self.unpacker {
            Some(_) => self.buffer.len(),
            None => self.walker.rest_of_frame(&self.buffer),
        };
        let here = here.min(buf.remaining());
        buf.put_slice(&self.buffer[..here]);
        self.buffer.advance(here);
        Poll::Ready(Ok(()))
    }

    /// Reads at most `most` bytes past our buffer.
    pub(super) fn poll_straight(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        most: usize,
    ) -> Poll<io::Result<()>> {
        let room = buf.remaining().min(most);
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part));
        let read = part.filled().len();
        buf.advance(read);
        self.note_end(&result, room > 0 && read == 0);
        if read > 0 {
            self.read_at = self.clock.now();
        }
        Poll::Ready(result)
    }
}

/// Bytes of the frame at the start of `bytes` that are there, its header in front of it; all of
/// them if the header is not whole.
pub(super) fn frame_here(bytes: &[u8]) -> usize {
    let Some(second) = bytes.get(1) else { return bytes.len() };
    let header = header_len(*second);
    if bytes.len() < header {
        return bytes.len();
    }
    let mut head = [0; MAX_HEADER];
    head[..header].copy_from_slice(&bytes[..header]);
    let length = usize::try_from(payload_len(&head)).unwrap_or(usize::MAX);
    header.saturating_add(length).min(bytes.len())
}
