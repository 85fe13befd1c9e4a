//! A server that plays what a row of the table says, byte for byte, to whoever connects.
//!
//! It is apart from the practice server's scripts because it answers any number of connections,
//! unmasks what the client sends, and knows the closing handshake, so that most rows are one line.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One thing that the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Reads the request's head.
    Head,
    /// Reads this many bytes.
    Read(usize),
    /// Writes these bytes.
    Bytes(Vec<u8>),
    /// Writes these bytes one by one, each in a segment of its own, so many milliseconds apart.
    ByteByByte(Vec<u8>, u64),
    /// Writes these bytes again and again until the client is gone.
    Forever(Vec<u8>),
    /// Reads nothing and says nothing until the client is gone.
    Deaf,
    /// Answers the head that was read with a lawful 101, with these header lines added.
    Upgrade(&'static str),
    /// The same in HTTP/1.0, as an old proxy makes of it.
    UpgradeInHttp10,
    /// Reads until so many text or binary messages have come.
    Hear(usize),
    /// Reads until the client's close frame, and answers it.
    Bye,
    /// Ends the stream with a RST.
    Reset,
    /// Reads until the client ends the stream.
    Hold,
}

/// A listening peer. Dropping it ends it and its connections.
pub struct Peer {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// Listens on a free port of loopback and plays `acts` to each connection.
    pub async fn start(acts: Vec<Act>) -> Peer {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let acts: Arc<[Act]> = acts.into();
        let task = tokio::spawn(async move {
            let mut served = tokio::task::JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                // A client that goes away midway is what some rows are about.
                served.spawn(play(tcp, Arc::clone(&acts)));
            }
        });
        Peer { addr, task }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

async fn play(tcp: TcpStream, acts: Arc<[Act]>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut talk = Talk { tcp, head: Vec::new() };
    for act in acts.iter() {
        match act {
            Act::Head => talk.read_head().await?,
            Act::Read(count) => {
                let mut bytes = vec![0; *count];
                talk.tcp.read_exact(&mut bytes).await?;
            }
            Act::Bytes(bytes) => talk.tcp.write_all(bytes).await?,
            Act::ByteByByte(bytes, apart) => {
                for byte in bytes {
                    talk.tcp.write_all(&[*byte]).await?;
                    // The pace is the fault.
                    tokio::time::sleep(Duration::from_millis(*apart)).await;
                }
            }
            Act::Forever(bytes) => loop {
                talk.tcp.write_all(bytes).await?;
                // One that the client reads as fast as it comes must not keep the others waiting.
                tokio::task::yield_now().await;
            },
            Act::Deaf => std::future::pending().await,
            Act::Upgrade(lines) => {
                let head = switching("1.1", &accept(&talk.head), lines);
                talk.tcp.write_all(head.as_bytes()).await?;
            }
            Act::UpgradeInHttp10 => {
                let head = switching("1.0", &accept(&talk.head), "");
                talk.tcp.write_all(head.as_bytes()).await?;
            }
            Act::Hear(count) => {
                let mut heard = 0;
                while heard < *count {
                    let (first, _) = talk.read_frame().await?;
                    heard += usize::from(first & 0x80 != 0 && first & 8 == 0);
                }
            }
            Act::Bye => loop {
                let (first, payload) = talk.read_frame().await?;
                if first & 0x0F == 8 {
                    talk.tcp.write_all(&frame(0x88, &payload)).await?;
                    break;
                }
            },
            Act::Reset => {
                talk.tcp.set_zero_linger()?;
                return Ok(());
            }
            Act::Hold => return talk.drain().await,
        }
    }
    // Closing with bytes unread would make the system send a RST.
    talk.tcp.shutdown().await?;
    talk.drain().await
}

struct Talk {
    tcp: TcpStream,
    head: Vec<u8>,
}

impl Talk {
    async fn read_head(&mut self) -> io::Result<()> {
        self.head.clear();
        while !self.head.ends_with(b"\r\n\r\n") {
            self.head.push(self.tcp.read_u8().await?);
        }
        Ok(())
    }

    /// First byte and unmasked payload of the client's next frame.
    async fn read_frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let first = self.tcp.read_u8().await?;
        let length = match self.tcp.read_u8().await? & 0x7F {
            126 => u64::from(self.tcp.read_u16().await?),
            127 => self.tcp.read_u64().await?,
            short => u64::from(short),
        };
        let mut mask = [0; 4];
        self.tcp.read_exact(&mut mask).await?;
        let mut payload = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.tcp.read_exact(&mut payload).await?;
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        Ok((first, payload))
    }

    async fn drain(&mut self) -> io::Result<()> {
        let mut rest = [0; 4096];
        while self.tcp.read(&mut rest).await? > 0 {}
        Ok(())
    }
}

/// The accept value for the key in a request's head (RFC 6455 section 4.2.2).
fn accept(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let key = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map_or("", |(_, value)| value.trim());
    let joined = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::engine::general_purpose::STANDARD.encode(Sha1::digest(joined))
}

fn switching(version: &str, accept: &str, lines: &str) -> String {
    format!(
        "HTTP/{version} 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
    )
}

/// A frame as a server sends it: unmasked, the length in its shortest form.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        short @ 0..=125 => out.push(u8::try_from(short).expect("at most 125")),
        medium @ 126..=65535 => {
            out.push(126);
            out.extend(u16::try_from(medium).expect("at most 65535").to_be_bytes());
        }
        long => {
            out.push(127);
            out.extend((long as u64).to_be_bytes());
        }
    }
    out.extend(payload);
    out
}

/// A text message.
pub fn text(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// A close frame.
pub fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend(reason.as_bytes());
    frame(0x88, &payload)
}

/// A reply with a body, after which the server hangs up.
pub fn reply(status: &str, headers: &str, body: &str) -> Vec<Act> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    vec![Act::Head, Act::Bytes(head.into_bytes())]
}

/// Bytes in place of a reply.
pub fn answer(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    vec![Act::Head, Act::Bytes(bytes.into())]
}

/// Opens, sends this, and serves until the client closes.
pub fn stays(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    vec![Act::Head, Act::Upgrade(""), Act::Bytes(bytes.into()), Act::Bye]
}

/// Opens, sends this, and ends the stream.
pub fn leaves(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    vec![Act::Head, Act::Upgrade(""), Act::Bytes(bytes.into())]
}

/// Opens, waits for one message, sends this, and ends the stream.
pub fn leaves_after_one(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    vec![Act::Head, Act::Upgrade(""), Act::Hear(1), Act::Bytes(bytes.into())]
}

/// Opens, waits for one message, sends this, and serves until the client closes.
pub fn stays_after_one(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    vec![Act::Head, Act::Upgrade(""), Act::Hear(1), Act::Bytes(bytes.into()), Act::Bye]
}
