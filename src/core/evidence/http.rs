//! The opening handshake as it went over the wire.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpFacts {
    /// The request head as sent, line ends as `\n`, secrets masked.
    pub request: String,
    /// When its last byte was handed over, in microseconds from the start.
    pub sent_us: u64,
    /// When the first byte of the answer came.
    pub first_byte_us: Option<u64>,
    /// First bytes of the answer in hex, kept if they are no HTTP reply.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bytes_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bytes_text: Option<String>,
    /// Bytes received before the attempt ended.
    pub received: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply: Option<ReplyFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplyFacts {
    /// `HTTP/1.1`.
    pub version: String,
    pub status: u16,
    pub reason: String,
    /// In order, case and duplicates kept; values escaped, secrets masked.
    pub headers: Vec<(String, String)>,
    /// The head as received, escaped, line ends as `\n`, secrets masked.
    pub raw_head: String,
    /// Interim replies (1xx without 101) that came before.
    pub interim: Vec<u16>,
    /// The body of a refusal as text, unchunked and unpacked, escaped, secrets masked.
    pub body: String,
    /// Bytes of the body as read, after unpacking.
    pub body_bytes: u64,
    /// The body was longer than what was read, or did not end in time.
    pub body_cut: bool,
    /// The reply's `Date` minus our clock, in milliseconds, if it has one.
    pub clock_skew_ms: Option<i64>,
}

impl ReplyFacts {
    /// First header of that name, without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// Why there is no usable reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpProblem {
    /// A complete reply that is not 101; see [`HttpFacts::reply`].
    Status,
    /// A redirect leads to an address that has redirected before; see
    /// [`Evidence::redirects`](super::Evidence::redirects).
    RedirectLoop,
    /// The answer does not begin as HTTP.
    NotHttp,
    /// It begins as HTTP and breaks its syntax.
    Malformed,
    /// The head is longer than our limit.
    TooLarge,
    /// Closed before the head was whole; see [`HttpFacts::received`].
    Eof,
    Reset,
    Other,
}
