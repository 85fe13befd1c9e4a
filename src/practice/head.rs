//! The head of an HTTP request, as its bytes arrived and as it is understood.

use std::io;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::conn::Conn;

/// The longest head that is read; a longer one is answered with 431. Gateways that take large
/// tokens allow 128 KiB, so that much must pass.
pub(super) const HEAD_MAX: usize = 256 * 1024;
/// The most header lines that are understood.
const HEADERS_MAX: usize = 512;
/// Up to this many bytes an incomplete head is looked at already.
const EARLY_LOOK: usize = 4096;
/// First byte of a TLS handshake record (RFC 8446 section 5.1), which no HTTP request begins with.
const TLS_HANDSHAKE: u8 = 0x16;

/// First bytes of a SOCKS dialogue (version 5: RFC 1928; version 4: its first byte, too), which no
/// HTTP request begins with either.
const SOCKS_VERSIONS: [u8; 2] = [4, 5];

/// What came where a request was expected.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A request.
    Request(Head),
    /// The start of a TLS handshake.
    ClientHello,
    /// The start of a SOCKS dialogue.
    Socks,
    /// Something that is not HTTP/1.1.
    Malformed,
    /// More than [`HEAD_MAX`] bytes or [`HEADERS_MAX`] lines without an end.
    TooLarge,
    /// The peer went away first.
    Gone,
}

/// A request head.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// All bytes up to and including the empty line.
    pub(super) raw: Bytes,
    pub(super) method: String,
    /// The request target as it came.
    pub(super) target: String,
    /// Name and value of each header line, in order, the value's outer blanks removed.
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The target's path, still percent-encoded. An absolute target loses scheme and authority.
    pub(super) fn path(&self) -> &str {
        let target = self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path);
        match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => target,
        }
    }

    /// The target's query as it came, without the question mark; empty if there is none.
    pub(super) fn raw_query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first value of a query parameter, decoded (`+` is a blank); a key without `=` has an
    /// empty value.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        self.params(name).next()
    }

    /// Every value of a query parameter, decoded.
    pub(super) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        self.raw_query()
            .split('&')
            .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
            .filter(move |(key, _)| decode(key) == name)
            .map(|(_, value)| decode(value))
    }

    /// A query parameter as a number; the default if it is missing or no number.
    pub(super) fn number(&self, name: &str, default: u64) -> u64 {
        self.param(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// A query parameter as a number with a fraction, not negative and at most a day of seconds.
    pub(super) fn fraction(&self, name: &str, default: f64) -> f64 {
        let value = self.param(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        if value.is_finite() { value.clamp(0.0, 86_400.0) } else { default }
    }

    /// Whether a query parameter is switched on: there, and not `0`, `no` or `false`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| !matches!(value.as_str(), "0" | "no" | "false"))
    }

    /// The first value of a header, whatever its name's case; bytes that are no UTF-8 replaced.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.values(name).next()
    }

    /// Every value of a header.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// The elements of a comma-separated header, over all of its lines.
    pub(super) fn elements(&self, name: &str) -> Vec<String> {
        let split = |value: String| value.split(',').map(|e| e.trim().to_owned()).collect();
        let all = self.values(name).flat_map::<Vec<String>, _>(split);
        all.filter(|element| !element.is_empty()).collect()
    }

    /// Whether this asks for the WebSocket protocol (RFC 6455 section 4.2.1, items 3 and 4).
    pub(super) fn wants_upgrade(&self) -> bool {
        let has = |name, token: &str| {
            self.elements(name).iter().any(|element| element.eq_ignore_ascii_case(token))
        };
        has("upgrade", "websocket") && has("connection", "upgrade")
    }
}

fn decode(text: &str) -> String {
    let blanks = text.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8_lossy().into_owned()
}

/// Reads a request head and leaves what follows it in the connection's input.
pub(super) async fn read(conn: &mut Conn) -> io::Result<Arrival> {
    let mut searched = 0;
    loop {
        if conn.input.first() == Some(&TLS_HANDSHAKE) {
            return Ok(Arrival::ClientHello);
        }
        if conn.input.first().is_some_and(|first| SOCKS_VERSIONS.contains(first)) {
            return Ok(Arrival::Socks);
        }
        if let Some(size) = end_of_head(&conn.input, searched) {
            if size > HEAD_MAX {
                return Ok(Arrival::TooLarge);
            }
            let raw = conn.input.split_to(size).freeze();
            return Ok(understand(raw));
        }
        searched = conn.input.len().saturating_sub(3);
        if conn.input.len() > HEAD_MAX {
            return Ok(Arrival::TooLarge);
        }
        // Something that can be no request is answered before its end, which may never come; and
        // a head whose lines end in bare line feeds has no other end to look for.
        if conn.input.len() < EARLY_LOOK {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            match httparse::Request::new(&mut headers).parse(&conn.input) {
                Ok(httparse::Status::Complete(size)) => {
                    return Ok(understand(conn.input.split_to(size).freeze()));
                }
                Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {}
                Err(_) => return Ok(Arrival::Malformed),
            }
        }
        if conn.fill().await? == 0 {
            return Ok(Arrival::Gone);
        }
    }
}

fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(&bytes[from..], b"\r\n\r\n").map(|at| from + at + 4)
}

fn understand(raw: Bytes) -> Arrival {
    let mut headers = vec![httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(&raw) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Arrival::TooLarge,
        Ok(httparse::Status::Partial) | Err(_) => return Arrival::Malformed,
    }
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return Arrival::Malformed;
    };
    let head = Head {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: request
            .headers
            .iter()
            .map(|header| (header.name.to_owned(), header.value.trim_ascii().to_vec()))
            .collect(),
        raw: raw.clone(),
    };
    Arrival::Request(head)
}

#[cfg(test)]
pub(super) fn parsed(text: &str) -> Head {
    match understand(Bytes::copy_from_slice(text.as_bytes())) {
        Arrival::Request(head) => head,
        other => panic!("{text:?} is no request: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_are_taken_apart() {
        let head = parsed("GET /a/b%20c?x=1&y=a%2Bb+c&x=2&bare&z= HTTP/1.1\r\n\r\n");
        assert_eq!(head.path(), "/a/b%20c");
        assert_eq!(head.raw_query(), "x=1&y=a%2Bb+c&x=2&bare&z=");
        assert_eq!(head.param("x").as_deref(), Some("1"));
        assert_eq!(head.params("x").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(head.param("y").as_deref(), Some("a+b c"));
        assert_eq!(head.param("bare").as_deref(), Some(""));
        assert_eq!(head.param("none"), None);
        assert_eq!((head.number("x", 9), head.number("y", 9)), (1, 9));
        assert!(head.flag("bare") && head.flag("x") && !head.flag("none"));
        let absolute = parsed("GET http://host:80/p?q=http://x/y HTTP/1.1\r\n\r\n");
        assert_eq!((absolute.path(), absolute.raw_query()), ("/p", "q=http://x/y"));
    }

    #[test]
    fn fractions_stay_within_reason() {
        let head = parsed("GET /?a=0.5&b=-1&c=inf&d=x&e=1e9 HTTP/1.1\r\n\r\n");
        let all = ["a", "b", "c", "d", "e"].map(|name| head.fraction(name, 7.0));
        assert_eq!(all, [0.5, 0.0, 7.0, 7.0, 86_400.0]);
    }

    #[test]
    fn an_upgrade_is_recognised_in_any_spelling() {
        let yes =
            "GET / HTTP/1.1\r\nupgrade: h2c, WebSocket\r\nCONNECTION: keep-alive, Upgrade\r\n\r\n";
        assert!(parsed(yes).wants_upgrade());
        for no in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websockets\r\nConnection: Upgrade\r\n\r\n",
        ] {
            assert!(!parsed(no).wants_upgrade(), "{no:?}");
        }
    }
}
