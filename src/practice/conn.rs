//! One accepted connection: the socket, plain or under TLS, with its buffers.
//!
//! Everything above works on [`Conn`]: bytes that arrived and were not used yet, bytes that wait
//! to be sent, and one operation that moves both ways at once, so that a peer which only sends or
//! only reads cannot jam us, and so that a pong is on its way while a flood is being written.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// How much room a read offers the kernel.
const READ_SIZE: usize = 64 * 1024;
/// The most room for a read, when a long frame is known to be coming.
const READ_SIZE_MAX: usize = 1024 * 1024;
/// Above this many unsent bytes nothing more is read: the peer has to take its answers first.
const OUTPUT_HIGH: usize = 1024 * 1024;
/// Above this many unused bytes nothing more is read while a bulk write is going on.
const INPUT_HIGH: usize = 1024 * 1024;
/// How long a finished connection waits for the peer's own end before the socket goes.
const LINGER: Duration = Duration::from_secs(1);

/// A TCP socket, or TLS over one.
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    fn has_client_certificate(&self) -> bool {
        match self {
            Wire::Plain(_) => false,
            Wire::Tls(tls) => tls.get_ref().1.peer_certificates().is_some(),
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(tls) => tls.get_ref().0,
        }
    }

    fn tcp_mut(&mut self) -> &mut TcpStream {
        match self {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(tls) => tls.get_mut().0,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// How a handler wants its connection to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Send what is queued, end TLS and TCP in order, and wait a moment for the peer to do the same.
    Finish,
    /// A FIN and nothing before it: no close frame, no TLS close_notify.
    Drop,
    /// A RST.
    Reset,
}

/// What one step of moving bytes did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// So many bytes arrived; none means that the peer has ended its side.
    Read(usize),
    /// So many bytes left.
    Wrote(usize),
}

/// A connection with its buffers.
pub(super) struct Conn {
    wire: Wire,
    /// Bytes that arrived and were not used yet.
    pub(super) input: BytesMut,
    /// Bytes to be sent; they leave with [`Conn::exchange`] or [`Conn::drain`].
    pub(super) output: BytesMut,
    /// How many more bytes the user of `input` knows to be coming; reads get more room by it.
    pub(super) expected: usize,
}

impl Conn {
    /// Whether the peer showed a certificate in TLS; one that is not good never comes this far.
    pub(super) fn has_client_certificate(&self) -> bool {
        self.wire.has_client_certificate()
    }

    pub(super) fn new(wire: Wire) -> Conn {
        Conn { wire, input: BytesMut::new(), output: BytesMut::new(), expected: 0 }
    }

    fn make_room(&mut self) {
        self.input.reserve(self.expected.clamp(READ_SIZE, READ_SIZE_MAX));
    }

    /// Reads once, whatever comes; 0 when the peer has ended its side. Cancel-safe.
    pub(super) async fn fill(&mut self) -> io::Result<usize> {
        self.make_room();
        self.wire.read_buf(&mut self.input).await
    }

    /// Moves bytes whichever way is possible first: queued ones out, new ones in. Cancel-safe:
    /// what has left is no longer in `output`, what has come is in `input`.
    pub(super) async fn exchange(&mut self) -> io::Result<Moved> {
        self.make_room();
        let Conn { wire, input, output, .. } = self;
        poll_fn(|cx| {
            if !output.is_empty() {
                if let Poll::Ready(done) = Pin::new(&mut *wire).poll_write(cx, output) {
                    let count = written(done)?;
                    output.advance(count);
                    return Poll::Ready(Ok(Moved::Wrote(count)));
                }
            } else if let Poll::Ready(Err(error)) = Pin::new(&mut *wire).poll_flush(cx) {
                return Poll::Ready(Err(error));
            }
            if output.len() < OUTPUT_HIGH {
                let read = pin!(wire.read_buf(input)).poll(cx);
                return read.map_ok(Moved::Read);
            }
            Poll::Pending
        })
        .await
    }

    /// As [`Conn::exchange`], for bytes that are not queued: sends some of `bulk`, or reads.
    /// Reading has the first turn, so that a ping in the middle of a flood is noticed.
    pub(super) async fn exchange_bulk(&mut self, bulk: &[u8]) -> io::Result<Moved> {
        let Conn { wire, input, .. } = self;
        poll_fn(|cx| {
            if input.len() < INPUT_HIGH {
                input.reserve(READ_SIZE);
                if let Poll::Ready(read) = pin!(wire.read_buf(input)).poll(cx) {
                    return Poll::Ready(read.map(Moved::Read));
                }
            }
            let wrote = Pin::new(&mut *wire).poll_write(cx, bulk);
            wrote.map(|done| written(done).map(Moved::Wrote))
        })
        .await
    }

    /// Sends everything queued. Cancel-safe.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            let count = written(self.wire.write(&self.output).await)?;
            self.output.advance(count);
        }
        self.wire.flush().await
    }

    /// Sends everything queued and then these bytes.
    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.drain().await?;
        self.wire.write_all(bytes).await?;
        self.wire.flush().await
    }

    /// Carries bytes between this connection and another until both sides have ended.
    pub(super) async fn carry(&mut self, onward: &mut TcpStream) -> io::Result<()> {
        self.drain().await?;
        onward.write_all(&self.input).await?;
        self.input.clear();
        tokio::io::copy_bidirectional(&mut self.wire, onward).await?;
        Ok(())
    }

    /// Reads and forgets until the peer ends its side or the connection fails.
    pub(super) async fn wait_for_end(&mut self) {
        loop {
            self.input.clear();
            match self.fill().await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Makes the coming drop of the socket a RST.
    pub(super) fn reset(&self) {
        // Failing here means that the socket is dead already, which is what was wanted.
        let _ = self.wire.tcp().set_zero_linger();
    }

    /// Ends the connection in the way the handler asked for.
    pub(super) async fn end(mut self, end: End) {
        let ended = match end {
            End::Finish => match self.drain().await {
                Ok(()) => self.wire.shutdown().await,
                Err(error) => Err(error),
            },
            End::Drop => self.wire.tcp_mut().shutdown().await,
            End::Reset => return self.reset(),
        };
        if ended.is_ok() {
            // A socket closed with unread bytes sends a RST, which may destroy what we sent last.
            let _ = tokio::time::timeout(LINGER, self.wait_for_end()).await;
        }
    }
}

fn written(done: io::Result<usize>) -> io::Result<usize> {
    match done? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        count => Ok(count),
    }
}
