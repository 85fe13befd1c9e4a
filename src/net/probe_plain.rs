//! A look at a port below HTTP: connect, say a few bytes or none, and hear what comes. For probes;
//! everything is bounded in time and bytes, and nothing but what is given goes out.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::errors::{io_problem, io_text};
use crate::core::evidence::IoProblem;
use crate::core::limits::FIRST_BYTES;

/// How a look at a port ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeardKind {
    /// No TCP connection; `TimedOut` if that took too long.
    Unconnected(IoProblem),
    /// Bytes came, see [`Heard::bytes`].
    Spoke,
    /// The peer ended the stream before a byte.
    Closed,
    /// As that, by a reset.
    Reset,
    /// Connected, and as quiet as we were until the time was up.
    Quiet,
}

/// What a look at a port has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub kind: HeardKind,
    /// The first bytes that came, at most [`FIRST_BYTES`].
    pub bytes: Vec<u8>,
    /// The operating system's error in words; empty if there was none.
    pub text: String,
}

impl Heard {
    fn new(kind: HeardKind) -> Heard {
        Heard { kind, bytes: Vec::new(), text: String::new() }
    }
}

/// Connects within `limit`, sends `say`, and listens for the rest of `limit` but at most for
/// `wait`. The first bytes end it; of a connection that is only to be tried, `wait` is zero.
pub async fn listen(address: SocketAddr, say: &[u8], wait: Duration, limit: Duration) -> Heard {
    let deadline = Instant::now() + limit;
    let mut tcp = match timeout_at(deadline, TcpStream::connect(address)).await {
        Err(_) => return Heard::new(HeardKind::Unconnected(IoProblem::TimedOut)),
        Ok(Err(error)) => {
            let kind = HeardKind::Unconnected(io_problem(&error));
            return Heard { text: io_text(&error), ..Heard::new(kind) };
        }
        Ok(Ok(tcp)) => tcp,
    };
    if wait.is_zero() {
        return Heard::new(HeardKind::Quiet);
    }
    let until = deadline.min(Instant::now() + wait);
    let mut bytes = vec![0; FIRST_BYTES];
    let exchange = async {
        // A peer that has closed already is told of by the read.
        let _ = tcp.write_all(say).await;
        tcp.read(&mut bytes).await
    };
    match timeout_at(until, exchange).await {
        Err(_) => Heard::new(HeardKind::Quiet),
        Ok(Ok(0)) => Heard::new(HeardKind::Closed),
        Ok(Ok(count)) => {
            bytes.truncate(count);
            Heard { bytes, ..Heard::new(HeardKind::Spoke) }
        }
        Ok(Err(error)) => Heard { text: io_text(&error), ..Heard::new(HeardKind::Reset) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::script::{RawServer, Step};

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn what_a_port_does_by_itself() {
        let server = |steps: Vec<Step>| async { RawServer::start(steps).await.unwrap() };
        let ssh =
            server(vec![Step::Accept, Step::Write(b"SSH-2.0-x\r\n".to_vec()), Step::Hold]).await;
        let heard = listen(ssh.addr(), b"", LONG, LONG).await;
        assert_eq!((heard.kind, &heard.bytes[..]), (HeardKind::Spoke, &b"SSH-2.0-x\r\n"[..]));
        let closing = server(vec![Step::Accept, Step::CloseNow]).await;
        assert_eq!(listen(closing.addr(), b"", LONG, LONG).await.kind, HeardKind::Closed);
        // Everybody is refused once the only connection was taken.
        let refused = listen(closing.addr(), b"", LONG, LONG).await.kind;
        assert_eq!(refused, HeardKind::Unconnected(IoProblem::Refused));
        let quiet = server(vec![Step::Accept, Step::Hold]).await;
        let heard = listen(quiet.addr(), b"", Duration::from_millis(30), LONG).await;
        assert_eq!(heard.kind, HeardKind::Quiet);
    }

    #[tokio::test]
    async fn only_what_is_given_goes_out() {
        let steps =
            vec![Step::Accept, Step::Read(3), Step::Write(b"\x05\x00".to_vec()), Step::ReadToEnd];
        let server = RawServer::start(steps).await.unwrap();
        let heard = listen(server.addr(), b"\x05\x01\x00", LONG, LONG).await;
        assert_eq!(heard.bytes, b"\x05\x00");
        assert_eq!(server.finished().await.unwrap(), b"\x05\x01\x00");
    }
}
