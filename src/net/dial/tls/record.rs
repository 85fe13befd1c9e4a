//! The stream under TLS: keeps the first bytes that come from the peer, and the ClientHello that
//! went out.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Probe, wire};
use crate::core::limits::{FIRST_BYTES, MAX_HELLO};

#[derive(Debug)]
pub(in crate::net) struct Recorded<S> {
    stream: S,
    probe: Arc<Probe>,
    kept: usize,
    /// Whether the peer has answered; what is written then is no longer the ClientHello.
    answered: bool,
}

impl<S> Recorded<S> {
    pub(super) fn new(stream: S, probe: Arc<Probe>) -> Recorded<S> {
        Recorded { stream, probe, kept: 0, answered: false }
    }

    /// Notes what of `bytes` was written: as long as it is part of the ClientHello, and an alert.
    fn note_written(&self, bytes: &[u8]) {
        if let Some(alert) = wire::alert(bytes) {
            self.probe.with(|seen| seen.clear_alert_sent = Some(alert));
        } else if !self.answered {
            self.probe.with(|seen| {
                let room = MAX_HELLO.saturating_sub(seen.hello.len());
                seen.hello.extend_from_slice(&bytes[..bytes.len().min(room)]);
            });
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let from = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        this.answered = true;
        if this.kept < FIRST_BYTES {
            let fresh = &buf.filled()[from..];
            let here = fresh.len().min(FIRST_BYTES - this.kept);
            this.kept += here;
            this.probe.with(|seen| seen.first.extend_from_slice(&fresh[..here]));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?;
        this.note_written(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, bufs))?;
        let mut left = written;
        for buf in bufs {
            let here = left.min(buf.len());
            this.note_written(&buf[..here]);
            left -= here;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
