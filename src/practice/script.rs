//! A TCP server that follows a script, for tests that need a peer odder than any endpoint.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::upgrade::{accept_value, switching};

/// The most bytes that are recorded; more are read and forgotten.
const RECORD_MAX: usize = 64 * 1024 * 1024;
/// Between two bytes of [`Step::WriteSlowly`]: long enough for each to be a segment of its own.
const SLOW: Duration = Duration::from_millis(1);

/// What the server does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Waits for a connection, which the following steps use; an earlier one is closed.
    Accept,
    /// Reads until an empty line has come.
    ReadHead,
    /// Reads until this many bytes have come since the last step that read.
    Read(usize),
    /// Reads until the peer ends its side.
    ReadToEnd,
    /// Writes these bytes at once.
    Write(Vec<u8>),
    /// Writes these bytes one by one.
    WriteSlowly(Vec<u8>),
    /// Answers the head that was read with a lawful 101.
    UpgradeOk,
    /// Ends its side of the connection (FIN) and closes the socket.
    CloseNow,
    /// Closes the socket with a RST.
    Reset,
    /// Keeps the connection, reading, until the peer ends it or the server is dropped.
    Hold,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    received: Vec<u8>,
    connections: usize,
    /// How the script ended, once it has.
    ended: Option<Result<(), Arc<io::Error>>>,
}

/// A server that plays a script once. Dropping it ends it.
pub struct RawServer {
    addr: SocketAddr,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

impl fmt::Debug for RawServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl RawServer {
    /// Listens on a free port of 127.0.0.1 and starts the script. Steps before the first
    /// [`Step::Accept`] have no connection: begin with one.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(steps: Vec<Step>) -> io::Result<RawServer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let (sender, progress) = watch::channel(Progress::default());
        let task = tokio::spawn(async move {
            let mut player =
                Player { listener: Some(listener), tcp: None, head: Vec::new(), sender };
            let ended = player.play(steps).await.map_err(Arc::new);
            player.sender.send_modify(|progress| progress.ended = Some(ended));
        });
        Ok(RawServer { addr, progress, task })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `ws://` URL of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.addr)
    }

    /// All bytes read so far, of all connections.
    pub fn received(&self) -> Vec<u8> {
        self.progress.borrow().received.clone()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.progress.borrow().connections
    }

    /// Waits until what was read meets a condition, or the script has ended, and gives all bytes
    /// read.
    pub async fn wait_received(&self, condition: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        self.wait(|progress| progress.ended.is_some() || condition(&progress.received)).await
    }

    /// Waits until the script has ended and gives all bytes read.
    ///
    /// # Errors
    /// The error of the socket that ended the script before its last step; UnexpectedEof if the
    /// peer went away while bytes were expected of it.
    pub async fn finished(&self) -> io::Result<Vec<u8>> {
        let received = self.wait(|progress| progress.ended.is_some()).await;
        match &self.progress.borrow().ended {
            Some(Err(error)) => Err(io::Error::new(error.kind(), Arc::clone(error))),
            _ => Ok(received),
        }
    }

    async fn wait(&self, condition: impl Fn(&Progress) -> bool) -> Vec<u8> {
        let mut progress = self.progress.clone();
        match progress.wait_for(|progress| condition(progress)).await {
            Ok(progress) => progress.received.clone(),
            // The task was ended from outside; what it read is still here.
            Err(_) => self.received(),
        }
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The script's state.
struct Player {
    listener: Option<TcpListener>,
    tcp: Option<TcpStream>,
    /// What [`Step::ReadHead`] read last.
    head: Vec<u8>,
    sender: watch::Sender<Progress>,
}

impl Player {
    async fn play(&mut self, steps: Vec<Step>) -> io::Result<()> {
        let last_accept = steps.iter().rposition(|step| *step == Step::Accept);
        for (at, step) in steps.into_iter().enumerate() {
            self.step(step).await?;
            if last_accept == Some(at) {
                // Further connections are refused, not left waiting.
                self.listener = None;
            }
        }
        Ok(())
    }

    async fn step(&mut self, step: Step) -> io::Result<()> {
        match step {
            Step::Accept => {
                self.tcp = None;
                let listener = self.listener.as_ref().ok_or(io::ErrorKind::NotConnected)?;
                let (tcp, _) = listener.accept().await?;
                tcp.set_nodelay(true)?;
                self.tcp = Some(tcp);
                self.sender.send_modify(|progress| progress.connections += 1);
            }
            Step::ReadHead => {
                self.head = self.read_until(|bytes| bytes.ends_with(b"\r\n\r\n")).await?;
            }
            Step::Read(count) => {
                self.read_until(|bytes| bytes.len() >= count).await?;
            }
            Step::ReadToEnd | Step::Hold => {
                let mut buffer = vec![0; 16 * 1024];
                while self.read_some(&mut buffer).await? > 0 {}
            }
            Step::Write(bytes) => self.tcp()?.write_all(&bytes).await?,
            Step::WriteSlowly(bytes) => {
                for byte in bytes {
                    self.tcp()?.write_all(&[byte]).await?;
                    tokio::time::sleep(SLOW).await;
                }
            }
            Step::UpgradeOk => {
                let accept = accept_value(&key(&self.head));
                let head = switching(&[("Sec-WebSocket-Accept", &accept)]);
                self.tcp()?.write_all(&head).await?;
            }
            Step::CloseNow => {
                self.tcp()?.shutdown().await?;
                self.tcp = None;
            }
            Step::Reset => {
                self.tcp()?.set_zero_linger()?;
                self.tcp = None;
            }
        }
        Ok(())
    }

    fn tcp(&mut self) -> io::Result<&mut TcpStream> {
        self.tcp.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    async fn read_some(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.tcp()?.read(into).await?;
        self.sender.send_modify(|progress| {
            let room = RECORD_MAX.saturating_sub(progress.received.len());
            progress.received.extend_from_slice(&into[..count.min(room)]);
        });
        Ok(count)
    }

    /// Reads byte by byte, so that what follows is left for the next step.
    async fn read_until(&mut self, done: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !done(&bytes) {
            if self.read_some(&mut byte).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend(byte);
        }
        Ok(bytes)
    }
}

/// The value of `Sec-WebSocket-Key` in a request head; empty if there is none.
fn key(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let found = pairs.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    found.map_or(String::new(), |(_, value)| value.trim().to_owned())
}
