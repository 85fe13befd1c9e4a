//! Very long frames, handed to the message layer in fragments.
//!
//! That layer reserves what a header announces before a byte of it has come. A header costs a
//! server ten bytes, so what announces more than [`LONGEST`] is handed on in pieces, and the
//! memory grows with what arrives. The walker and its records see the frame as it is.
//!
//! With compression the unpacker does the same for what is packed; what is not passes there, so it
//! is asked first.

use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Tap;
use super::unpack::push_header;
use super::walker::{MAX_HEADER, header_len, payload_len};
use crate::core::limits::DEFAULT_MAX_MESSAGE;

/// Payloads up to this length are handed on as they are.
pub(super) const LONGEST: u64 = DEFAULT_MAX_MESSAGE as u64;

/// Payload bytes of a fragment.
const PIECE: u64 = 1024 * 1024;

/// A frame that is being handed on in fragments.
#[derive(Debug)]
pub(super) struct Cutting {
    /// First byte of its header, without FIN, for the next fragment.
    first: u8,
    fin: bool,
    /// Bytes of a fragment's header that the layer above has not taken.
    header: BytesMut,
    /// Payload bytes that are still to come of the fragment.
    left: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Tap<S> {
    /// Hands on a part of a very long frame. `Ready(false)` if the next bytes are none of its.
    pub(super) fn poll_cut(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<bool>> {
        if self.cutting.is_none() && !ready!(self.poll_long_header(cx)) {
            return Poll::Ready(Ok(false));
        }
        let Some(cutting) = &mut self.cutting else { return Poll::Ready(Ok(false)) };
        if cutting.left == 0 && cutting.header.is_empty() {
            let ahead = self.walker.payload_ahead();
            cutting.left = ahead.min(PIECE);
            let fin = if cutting.fin && cutting.left == ahead { 0x80 } else { 0 };
            let mut header = Vec::with_capacity(MAX_HEADER);
            push_header(&mut header, fin | cutting.first, cutting.left as usize);
            cutting.header.extend_from_slice(&header);
            cutting.first = 0;
        }
        if !cutting.header.is_empty() {
            let here = cutting.header.len().min(buf.remaining());
            buf.put_slice(&cutting.header.split_to(here));
            return Poll::Ready(Ok(true));
        }
        let most = usize::try_from(cutting.left).unwrap_or(usize::MAX);
        let from = buf.filled().len();
        if self.buffer.is_empty() && self.over.is_none() {
            ready!(self.poll_straight(cx, buf, most))?;
        } else {
            let here = most.min(self.buffer.len()).min(buf.remaining());
            buf.put_slice(&self.buffer[..here]);
            self.buffer.advance(here);
        }
        let fresh = &buf.filled()[from..];
        self.walker.walk(fresh, self.read_at);
        let Some(cutting) = &mut self.cutting else { return Poll::Ready(Ok(true)) };
        cutting.left -= fresh.len() as u64;
        if fresh.is_empty() {
            // The end came; it is told in the usual way.
            self.cutting = None;
            return Poll::Ready(Ok(self.over.is_none()));
        }
        if self.walker.payload_ahead() == 0 {
            self.cutting = None;
        }
        Poll::Ready(Ok(true))
    }

    /// Takes the header of a very long frame, if one is next.
    fn poll_long_header(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.walker.max_payload() <= LONGEST || !self.walker.is_between_frames() {
            return Poll::Ready(false);
        }
        loop {
            let need = match *self.buffer {
                [_, second, ..] if second & 0x7F == 127 => header_len(second),
                [_, _, ..] => return Poll::Ready(false),
                _ => 2,
            };
            if self.buffer.len() >= need {
                let mut header = [0; MAX_HEADER];
                header[..need].copy_from_slice(&self.buffer[..need]);
                let length = payload_len(&header);
                // What is wrong in itself, masked or too long goes the way of what is wrong.
                let is_ours = matches!(header[0], 0 | 1 | 2 | 0x80 | 0x81 | 0x82)
                    && need == 10
                    && (LONGEST + 1..=self.walker.max_payload()).contains(&length);
                if is_ours {
                    self.walker.walk(&header[..need], self.read_at);
                    self.buffer.advance(need);
                    self.cutting = (self.walker.violation().is_none()).then(|| Cutting {
                        first: header[0] & 0x0F,
                        fin: header[0] & 0x80 != 0,
                        header: BytesMut::new(),
                        left: 0,
                    });
                }
                return Poll::Ready(is_ours);
            }
            if self.over.is_some() {
                return Poll::Ready(false);
            }
            ready!(self.fill(cx, need));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Waker;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::net::clock::Clock;

    /// What the message layer reads of a stream of these bytes, `room` at a time.
    fn read(bytes: &[u8], limit: u64, room: usize) -> Vec<u8> {
        let stream = tokio_test_stream(bytes.to_vec());
        let mut tap = Tap::new(stream, Bytes::new(), limit, None, Clock::new());
        let mut cx = Context::from_waker(Waker::noop());
        let mut out = Vec::new();
        loop {
            tap.allow_reads();
            let mut part = vec![0; room];
            let mut buf = ReadBuf::new(&mut part);
            match Pin::new(&mut tap).poll_read(&mut cx, &mut buf) {
                Poll::Ready(Ok(())) if buf.filled().is_empty() => return out,
                Poll::Ready(Ok(())) => out.extend_from_slice(buf.filled()),
                Poll::Ready(Err(_)) => return out,
                Poll::Pending => {}
            }
        }
    }

    fn tokio_test_stream(bytes: Vec<u8>) -> impl AsyncRead + AsyncWrite + Unpin {
        tokio::io::join(std::io::Cursor::new(bytes), tokio::io::sink())
    }

    #[test]
    fn a_header_that_announces_gigabytes_is_handed_on_as_what_has_come() {
        let mut bytes = b"\x82\x01a\x81\x7f\0\0\0\0\x7f\xff\xff\xff".to_vec();
        bytes.extend_from_slice(b"only this");
        let read = read(&bytes, 2 << 30, 4096);
        // The short frame as it was, then a fragment of a mebibyte.
        assert_eq!(&read[..13], b"\x82\x01a\x01\x7f\0\0\0\0\0\x10\0\0");
        assert_eq!(&read[13..], b"only this");
    }

    #[test]
    fn what_is_above_the_limit_or_wrong_is_left_to_be_refused() {
        for header in [&b"\x82\x7f\0\0\0\x01\0\0\0\0"[..], b"\x82\xff\0\0\0\0\x10\0\0\0aaaa"] {
            assert_eq!(read(header, 1 << 30, 4096), header);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn the_payload_comes_whole_in_any_room(extra in 0_usize..3_000_000, room in 20_000_usize..300_000) {
            let length = 64 * 1024 * 1024 + 1 + extra;
            let mut bytes = vec![0x82, 127];
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
            bytes.extend((0..length).map(|n| n.to_le_bytes()[0]));
            bytes.extend_from_slice(b"\x81\x02hi");
            let read = read(&bytes, 1 << 30, room);
            let (mut at, mut payload, mut firsts) = (0, Vec::new(), Vec::new());
            while at < read.len() {
                let size = header_len(read[at + 1]);
                let mut header = [0; MAX_HEADER];
                header[..size].copy_from_slice(&read[at..at + size]);
                firsts.push(read[at]);
                let end = at + size + payload_len(&header) as usize;
                payload.extend_from_slice(&read[at + size..end]);
                at = end;
            }
            prop_assert_eq!(&payload[payload.len() - 2..], b"hi");
            payload.truncate(payload.len() - 2);
            prop_assert!(payload.len() == length);
            prop_assert!(payload.iter().enumerate().all(|(n, b)| *b == n.to_le_bytes()[0]));
            prop_assert_eq!((firsts[0], firsts[firsts.len() - 2], firsts[firsts.len() - 1]), (2, 0x80, 0x81));
            prop_assert!(firsts[1..firsts.len() - 2].iter().all(|f| *f == 0));
        }
    }
}
