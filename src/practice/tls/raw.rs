//! Answers to a ClientHello that no TLS library would give, byte by byte.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::Way;

/// What breaks TLS that began well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::practice) enum Break {
    /// Every encrypted record has a wrong bit.
    Damage,
    /// The connection ends in the middle of the reply's head, without close_notify.
    Truncate,
}

/// What a peer does that has no TLS.
#[derive(Clone, Debug)]
pub(in crate::practice) enum Answer {
    /// These bytes, once something came in, and the end.
    Bytes(Vec<u8>),
    /// These bytes at once, and then nothing.
    Greet(&'static [u8]),
    Silence,
    Close,
    Reset,
}

impl Answer {
    /// A record with a fatal alert.
    pub(in crate::practice) fn alert(number: u8) -> Answer {
        Answer::Bytes(vec![0x15, 3, 3, 0, 2, 2, number])
    }

    /// The same, in the record's header the number of TLS 1.0.
    pub(in crate::practice) fn alert_in_old_record(number: u8) -> Answer {
        Answer::Bytes(vec![0x15, 3, 1, 0, 2, 2, number])
    }

    /// A ServerHello of that version with the suite TLS_RSA_WITH_AES_128_CBC_SHA and these
    /// extensions.
    pub(in crate::practice) fn server_hello([major, minor]: [u8; 2], extensions: &[u8]) -> Answer {
        let mut body = vec![major, minor];
        // Random; any bytes will do.
        body.extend([0x5a; 32]);
        // No session, the suite, no compression.
        body.extend([0, 0x00, 0x2f, 0]);
        if !extensions.is_empty() {
            body.extend([0, u8::try_from(extensions.len()).unwrap_or(0)]);
            body.extend(extensions);
        }
        let message = [&[2, 0, 0, u8::try_from(body.len()).unwrap_or(0)], &body[..]].concat();
        let length = u8::try_from(message.len()).unwrap_or(0);
        Answer::Bytes([&[0x16, major, minor, 0, length], &message[..]].concat())
    }
}

/// Meets one client.
pub(in crate::practice) async fn play(way: &Way, tcp: TcpStream) -> io::Result<()> {
    match way {
        Way::Raw(answer) => answer_with(answer, tcp).await,
        Way::Broken(config, Break::Damage) => damaged(config, tcp).await,
        Way::Broken(config, Break::Truncate) => truncated(config, tcp).await,
        // Served elsewhere, with the endpoints behind it.
        Way::Served(_) => Ok(()),
    }
}

async fn answer_with(answer: &Answer, mut tcp: TcpStream) -> io::Result<()> {
    let mut hello = vec![0; 16 * 1024];
    if let Answer::Greet(bytes) = answer {
        tcp.write_all(bytes).await?;
    }
    if tcp.read(&mut hello).await? == 0 {
        return Ok(());
    }
    match answer {
        Answer::Reset => {
            tcp.set_zero_linger()?;
            return Ok(());
        }
        Answer::Bytes(bytes) => {
            tcp.write_all(bytes).await?;
            tcp.shutdown().await?;
        }
        Answer::Close => tcp.shutdown().await?,
        Answer::Greet(_) | Answer::Silence => {}
    }
    // Closing with bytes unread would make a reset of it.
    while tcp.read(&mut hello).await? > 0 {}
    Ok(())
}

async fn damaged(config: &Arc<ServerConfig>, tcp: TcpStream) -> io::Result<()> {
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    // The client gives up in the middle of it.
    let mut stream = acceptor.accept(Damaging(tcp)).await?;
    while stream.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

async fn truncated(config: &Arc<ServerConfig>, tcp: TcpStream) -> io::Result<()> {
    let mut stream = TlsAcceptor::from(Arc::clone(config)).accept(tcp).await?;
    let mut request = vec![0; 16 * 1024];
    if stream.read(&mut request).await? == 0 {
        return Ok(());
    }
    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs").await?;
    stream.flush().await?;
    let tcp = stream.get_mut().0;
    tcp.shutdown().await?;
    while tcp.read(&mut request).await? > 0 {}
    Ok(())
}

/// A stream whose encrypted records (content type 23) go out with a wrong bit at the end. The
/// library writes them one by one.
struct Damaging(TcpStream);

impl AsyncRead for Damaging {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Damaging {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut bytes = buf.to_vec();
        if let [23, .., last] = &mut bytes[..] {
            *last ^= 1;
        }
        Pin::new(&mut self.get_mut().0).poll_write(cx, &bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}
