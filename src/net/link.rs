//! The byte stream to the peer: a plain [`Pipe`] or TLS over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::dial::tls::Recorded;
use super::pipe::Pipe;

/// What the opening handshake and the frames go over.
#[derive(Debug)]
pub(super) enum Link {
    Plain(Pipe),
    Tls(Box<TlsStream<Recorded<Pipe>>>),
}

impl Link {
    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Link::Tls(_))
    }
}

impl AsyncRead for Link {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Link::Plain(pipe) => Pin::new(pipe).poll_read(cx, buf),
            Link::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Link::Plain(pipe) => Pin::new(pipe).poll_write(cx, buf),
            Link::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Link::Plain(pipe) => Pin::new(pipe).poll_flush(cx),
            Link::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Link::Plain(pipe) => Pin::new(pipe).poll_shutdown(cx),
            Link::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
