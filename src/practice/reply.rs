//! HTTP replies that are not an upgrade.

use std::io;
use std::time::Duration;

use bytes::BytesMut;

use super::conn::{Conn, End};

/// How the body of a reply goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Framing {
    /// With `Content-Length`.
    #[default]
    Length,
    /// With `Transfer-Encoding: chunked`, in three chunks.
    Chunked,
    /// With neither: the end of the connection ends the body.
    UntilClose,
}

/// A reply under construction.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    pause: Option<Duration>,
}

impl Reply {
    /// A reply with a status and nothing else.
    pub(super) fn new(status: u16) -> Reply {
        let (headers, body) = (Vec::new(), Vec::new());
        Reply { status, headers, body, framing: Framing::Length, pause: None }
    }

    /// Adds a header line. Line breaks become blanks, so that a value from a query cannot end it.
    pub(super) fn header(mut self, name: &str, value: &str) -> Reply {
        let clean = |text: &str| text.replace(['\r', '\n'], " ");
        self.headers.push((clean(name), clean(value)));
        self
    }

    pub(super) fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.body = body.into();
        self.header("Content-Type", kind)
    }

    pub(super) fn json(self, value: &serde_json::Value) -> Reply {
        self.body("application/json", value.to_string())
    }

    pub(super) fn framing(mut self, framing: Framing) -> Reply {
        self.framing = framing;
        self
    }

    /// Waits so long between head and body.
    pub(super) fn pause(mut self, pause: Duration) -> Reply {
        self.pause = Some(pause);
        self
    }

    /// The bytes of the head. Every reply carries a `Date`, because clients judge clocks by it.
    fn head(&self) -> BytesMut {
        let mut head = String::new();
        let mut line = |text: &str| {
            head.push_str(text);
            head.push_str("\r\n");
        };
        line(&format!("HTTP/1.1 {} {}", self.status, reason(self.status)));
        line(&format!("Date: {}", date()));
        line("Server: wsdeck-practice");
        for (name, value) in &self.headers {
            line(&format!("{name}: {value}"));
        }
        match self.framing {
            _ if !has_body(self.status) => {}
            Framing::Length => line(&format!("Content-Length: {}", self.body.len())),
            Framing::Chunked => line("Transfer-Encoding: chunked"),
            Framing::UntilClose => {}
        }
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
            line("Connection: close");
        }
        line("");
        BytesMut::from(head.as_bytes())
    }

    /// Sends the reply; the connection ends after it.
    pub(super) async fn send(self, conn: &mut Conn) -> io::Result<End> {
        let head = self.head();
        conn.output.extend_from_slice(&head);
        if let Some(pause) = self.pause {
            conn.drain().await?;
            tokio::time::sleep(pause).await;
        }
        if has_body(self.status) {
            if self.framing == Framing::Chunked {
                for chunk in self.body.chunks(self.body.len().div_ceil(3).max(1)) {
                    conn.output.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    conn.output.extend_from_slice(chunk);
                    conn.output.extend_from_slice(b"\r\n");
                }
                conn.output.extend_from_slice(b"0\r\n\r\n");
            } else {
                conn.output.extend_from_slice(&self.body);
            }
        }
        conn.drain().await?;
        Ok(End::Finish)
    }
}

/// Whether a status is followed by a body (RFC 9110 section 6.4.1).
fn has_body(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}

/// The time as an HTTP date (RFC 9110 section 5.6.7).
fn date() -> String {
    let now = jiff::Timestamp::now();
    // Years beyond 9999 have no HTTP date; the clock of such a machine is wrong in any case.
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned())
}

/// The usual reason phrase of a status.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        494 => "Request Header Too Large",
        495 => "SSL Certificate Error",
        496 => "SSL Certificate Required",
        497 => "HTTP Request Sent to HTTPS Port",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        511 => "Network Authentication Required",
        520 => "Web Server Returned an Unknown Error",
        521 => "Web Server Is Down",
        522 => "Connection Timed Out",
        523 => "Origin Is Unreachable",
        524 => "A Timeout Occurred",
        525 => "SSL Handshake Failed",
        526 => "Invalid SSL Certificate",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(reply: &Reply) -> String {
        String::from_utf8(reply.head().to_vec()).expect("text")
    }

    #[test]
    fn a_head_says_how_its_body_ends() {
        let reply = Reply::new(403).body("text/plain", "no");
        let text = head(&reply);
        assert!(text.starts_with("HTTP/1.1 403 Forbidden\r\nDate: "), "{text}");
        assert!(text.contains(" GMT\r\n") && text.ends_with("Connection: close\r\n\r\n"), "{text}");
        assert!(text.contains("Content-Length: 2\r\n"));
        assert!(head(&reply.clone().framing(Framing::Chunked)).contains("Transfer-Encoding"));
        let bare = head(&reply.framing(Framing::UntilClose));
        assert!(!bare.contains("Content-Length") && !bare.contains("Transfer-Encoding"));
        assert!(!head(&Reply::new(204)).contains("Content-Length"));
    }

    #[test]
    fn a_value_cannot_break_out_of_its_line() {
        let text = head(&Reply::new(302).header("Location", "/a\r\nSet-Cookie: x"));
        assert!(text.contains("Location: /a  Set-Cookie: x\r\n"), "{text}");
    }
}
