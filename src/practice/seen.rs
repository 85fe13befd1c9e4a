//! The request heads that arrived, kept as bytes so that tests can compare them with what the
//! user typed.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;

/// How many heads are kept.
const COUNT_MAX: usize = 256;
/// How many bytes of heads are kept; at least one head is.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// A request head as it came.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// Its place among all heads since the server started, beginning with 0.
    pub number: u64,
    /// Who sent it.
    pub peer: SocketAddr,
    /// Whether it came through TLS.
    pub tls: bool,
    /// The bytes up to and including the empty line.
    pub raw: Bytes,
}

impl SeenRequest {
    /// The head as text, bytes that are no UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// The request line, without its line end.
    pub fn line(&self) -> String {
        self.text().lines().next().unwrap_or_default().to_owned()
    }

    /// The request target: path and query as they came.
    pub fn target(&self) -> String {
        self.line().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// The header lines in order: name as spelled, value without outer blanks.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = self.text();
        let pairs = text.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    }

    /// The first value of a header, whatever its name's case.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.headers().into_iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The last heads, bounded in number and in bytes.
#[derive(Debug, Default)]
pub(super) struct Seen {
    kept: VecDeque<SeenRequest>,
    bytes: usize,
    count: u64,
}

impl Seen {
    /// Keeps a head and gives the number of heads so far.
    pub(super) fn push(&mut self, peer: SocketAddr, tls: bool, raw: Bytes) -> u64 {
        self.bytes += raw.len();
        self.kept.push_back(SeenRequest { number: self.count, peer, tls, raw });
        self.count += 1;
        while self.kept.len() > COUNT_MAX || (self.bytes > BYTES_MAX && self.kept.len() > 1) {
            let Some(gone) = self.kept.pop_front() else { break };
            self.bytes -= gone.raw.len();
        }
        self.count
    }

    pub(super) fn all(&self) -> Vec<SeenRequest> {
        self.kept.iter().cloned().collect()
    }

    pub(super) fn get(&self, number: u64) -> Option<SeenRequest> {
        self.kept.iter().find(|seen| seen.number == number).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_as_typed() {
        let mut seen = Seen::default();
        let raw =
            Bytes::from_static(b"GET /x?b=2&a HTTP/1.1\r\nhOsT:  h \r\nX-A: 1\r\nx-a: 2\r\n\r\n");
        seen.push(([127, 0, 0, 1], 1).into(), false, raw.clone());
        let first = seen.get(0).expect("kept");
        assert_eq!(first.raw, raw);
        assert_eq!(first.target(), "/x?b=2&a");
        assert_eq!(first.header("x-A").as_deref(), Some("1"));
        let names: Vec<_> = first.headers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["hOsT", "X-A", "x-a"]);
    }

    #[test]
    fn old_heads_make_room() {
        let mut seen = Seen::default();
        let big = Bytes::from(vec![b'x'; 200 * 1024]);
        for _ in 0..COUNT_MAX + 10 {
            seen.push(([127, 0, 0, 1], 1).into(), false, Bytes::from_static(b"x"));
        }
        assert_eq!(seen.all().len(), COUNT_MAX);
        assert_eq!(seen.all()[0].number, 10);
        for _ in 0..100 {
            seen.push(([127, 0, 0, 1], 1).into(), false, big.clone());
        }
        assert!(seen.bytes <= BYTES_MAX && !seen.all().is_empty());
        assert_eq!(seen.get(0).map(|seen| seen.number), None);
    }
}
