//! Waits on loopback for the one answer that the browser brings (RFC 8252 section 7.3).
//!
//! Whoever is on this machine can connect, so nothing that comes is believed before its state is
//! ours (RFC 6749 section 10.12); requests are small and few at a time, and browsers that open
//! connections ahead of need hold nothing up. The port is closed with the first answer.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::form_urlencoded;

/// The path of the answer.
const PATH: &str = "/callback";

/// Longest request head that is read.
const LONGEST_HEAD: usize = 32 * 1024;

/// The most connections at a time.
const MOST: usize = 16;

/// How long a connection may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What the browser brought.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Brought {
    Code(String),
    /// RFC 6749 section 4.1.2.1.
    Refused {
        error: String,
        description: Option<String>,
    },
    /// An answer to somebody else's question.
    Stranger,
}

pub(super) struct Listener {
    tcp: TcpListener,
    port: u16,
}

impl Listener {
    /// Listens on this port of 127.0.0.1; 0 takes a free one.
    pub(super) async fn bind(port: u16) -> io::Result<Listener> {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = tcp.local_addr()?.port();
        Ok(Listener { tcp, port })
    }

    /// Where the browser is to come.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// The first answer; the port is closed with it.
    pub(super) async fn answer(self, state: &str) -> io::Result<Brought> {
        let mut open = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.tcp.accept(), if open.len() < MOST => {
                    let (tcp, _) = accepted?;
                    open.push(tokio::time::timeout(LIMIT, serve(tcp, state)));
                }
                Some(served) = open.next() => {
                    // One that failed or took too long was not the browser's answer.
                    if let Ok(Ok(Some(brought))) = served {
                        return Ok(brought);
                    }
                }
            }
        }
    }
}

/// Reads a request and answers it; `None` if it was another one than the answer.
async fn serve(mut tcp: TcpStream, state: &str) -> io::Result<Option<Brought>> {
    let mut head = Vec::new();
    while memchr::memmem::find(&head, b"\r\n\r\n").is_none() {
        if head.len() > LONGEST_HEAD {
            return reply(&mut tcp, "431 Request Header Fields Too Large", "Too large").await;
        }
        if tcp.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    if method != Some("GET") {
        return reply(&mut tcp, "405 Method Not Allowed", "Only GET is answered here.").await;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(brought) = (path == PATH).then(|| read(query, state)).flatten() else {
        return reply(&mut tcp, "404 Not Found", "There is nothing here.").await;
    };
    let text = match &brought {
        Brought::Code(_) => "wsdeck has its answer. Close this page and go back to the terminal.",
        Brought::Refused { .. } => {
            "Access was not given; wsdeck tells why. Close this page and go back to the terminal."
        }
        Brought::Stranger => {
            "This answer belongs to another question than wsdeck's, and is not used."
        }
    };
    // The answer has come, also if the browser does not wait for the page.
    let _ = reply(&mut tcp, "200 OK", text).await;
    Ok(Some(brought))
}

/// The answer in a query; `None` if there is none.
fn read(query: &str, state: &str) -> Option<Brought> {
    let get = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    let (code, error) = (get("code"), get("error"));
    if code.is_none() && error.is_none() {
        return None;
    }
    if get("state").as_deref() != Some(state) {
        return Some(Brought::Stranger);
    }
    Some(match (error, code) {
        (Some(error), _) => Brought::Refused { error, description: get("error_description") },
        (None, code) => Brought::Code(code.unwrap_or_default()),
    })
}

/// A page without anything from outside in it.
async fn reply(tcp: &mut TcpStream, status: &str, text: &str) -> io::Result<Option<Brought>> {
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>wsdeck</title><p style=\"font:16px sans-serif\">\
         {text}</p>\n"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: \
         default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n",
        page.len()
    );
    tcp.write_all(head.as_bytes()).await?;
    tcp.write_all(page.as_bytes()).await?;
    tcp.shutdown().await?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(port: u16, target: &str) -> String {
        let mut tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        tcp.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn one_answer_is_taken_and_the_port_is_closed() {
        let listener = Listener::bind(0).await.unwrap();
        let port = listener.port;
        let waiting = tokio::spawn(async move { listener.answer("s").await.unwrap() });
        // A connection that says nothing holds nobody up.
        let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        assert!(get(port, "/favicon.ico").await.starts_with("HTTP/1.1 404 "));
        assert!(get(port, "/callback").await.starts_with("HTTP/1.1 404 "));
        let long = format!("/callback?x={}", "y".repeat(2 * LONGEST_HEAD));
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (mut reader, mut writer) = refused.into_split();
        // The end of it may meet a closed connection.
        let _ = writer.write_all(format!("GET {long} HTTP/1.1\r\n").as_bytes()).await;
        let mut start = [0; 12];
        if reader.read_exact(&mut start).await.is_ok() {
            assert_eq!(&start, b"HTTP/1.1 431");
        }
        let page = get(port, "/callback?code=a%2Fb&state=s").await;
        assert!(page.contains("go back to the terminal"), "{page}");
        assert!(waiting.await.unwrap() == Brought::Code("a/b".into()));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
    }

    #[test]
    fn an_answer_counts_only_with_our_state() {
        let refused = |error: &str, description: Option<&str>| Brought::Refused {
            error: error.into(),
            description: description.map(str::to_owned),
        };
        for (query, expected) in [
            ("", None),
            ("state=s", None),
            ("code=c&state=s", Some(Brought::Code("c".into()))),
            ("code=c&state=t", Some(Brought::Stranger)),
            ("code=c", Some(Brought::Stranger)),
            ("error=access_denied", Some(Brought::Stranger)),
            ("error=e&error_description=a+b&state=s", Some(refused("e", Some("a b")))),
            ("error=e&code=c&state=s", Some(refused("e", None))),
        ] {
            assert!(read(query, "s") == expected, "{query}");
        }
    }
}
