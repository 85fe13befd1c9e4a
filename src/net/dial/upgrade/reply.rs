//! The reply's head: read up to our limits, parsed, and recorded as it came.

use std::io;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;

use super::{facts, stream_failure};
use crate::core::evidence::{Failure, FailureKind, HttpProblem, ReplyFacts};
use crate::core::limits::{FIRST_BYTES, MAX_REPLY_HEAD, MAX_REPLY_HEADERS};
use crate::core::sanitize;
use crate::core::secret::{is_sensitive_name, mask_value};
use crate::core::stage::Stage;
use crate::core::url;
use crate::net::link::Link;
use crate::net::recorder::Recorder;

/// Interim replies that are remembered; a server that sends more is only read past.
const INTERIM: usize = 16;

/// The head of the final reply.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub status: u16,
    pub reason: String,
    /// As on the wire, but for bytes that are no UTF-8.
    headers: Vec<(String, String)>,
}

impl Head {
    /// Values of all headers of that name, in order.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    #[cfg(test)]
    pub(super) fn for_test(status: u16, headers: Vec<(String, String)>) -> Head {
        Head { status, reason: String::new(), headers }
    }
}

/// A head with how many bytes it took.
struct Parsed {
    head: Head,
    version: String,
    len: usize,
}

fn failure(problem: HttpProblem, text: impl Into<String>) -> Failure {
    Failure { stage: Stage::Http, kind: FailureKind::Http(problem), text: text.into() }
}

/// Reads up to the end of the final head. Returns it with what came behind it.
pub(super) async fn read(
    link: &mut Link,
    write_error: Option<io::Error>,
    recorder: &mut Recorder,
) -> Result<(Head, BytesMut), Failure> {
    let mut buffer = BytesMut::with_capacity(4096);
    let mut interim = Vec::new();
    loop {
        let result = link.read_buf(&mut buffer).await;
        let now = recorder.elapsed();
        let http = facts(recorder);
        match result {
            Ok(n @ 1..) => {
                http.received += n as u64;
                http.first_byte_us.get_or_insert(now);
            }
            Ok(_) => return Err(ended(&buffer, None, write_error, recorder)),
            Err(error) => return Err(ended(&buffer, Some(error), write_error, recorder)),
        }
        if interim.is_empty() && !begins_as_http(&buffer) {
            keep_first_bytes(&buffer, recorder);
            return Err(failure(HttpProblem::NotHttp, "the answer is not HTTP"));
        }
        while let Some(parsed) = parse(&buffer).map_err(|(problem, text)| {
            keep_first_bytes(&buffer, recorder);
            failure(problem, text)
        })? {
            let raw = buffer.split_to(parsed.len);
            if (100..200).contains(&parsed.head.status) && parsed.head.status != 101 {
                if interim.len() < INTERIM {
                    interim.push(parsed.head.status);
                }
                continue;
            }
            record(&parsed, &raw, interim, recorder);
            return Ok((parsed.head, buffer));
        }
        if buffer.len() > MAX_REPLY_HEAD {
            keep_first_bytes(&buffer, recorder);
            let text = format!("the reply's head is longer than {MAX_REPLY_HEAD} bytes");
            return Err(failure(HttpProblem::TooLarge, text));
        }
    }
}

/// Whether the bytes can be the beginning of an HTTP/1 reply.
fn begins_as_http(bytes: &[u8]) -> bool {
    let word = b"HTTP/";
    let bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    let n = bytes.len().min(word.len());
    bytes[..n] == word[..n] || bytes == b"\r"
}

fn keep_first_bytes(bytes: &[u8], recorder: &mut Recorder) {
    let kept = &bytes[..bytes.len().min(FIRST_BYTES)];
    let text = recorder.masker.mask(&String::from_utf8_lossy(kept));
    let http = facts(recorder);
    // As hexadecimal digits a secret would not be found by the masker, so a text that holds one is
    // only kept as text.
    let secret = text != String::from_utf8_lossy(kept);
    http.first_bytes_hex = (!secret).then(|| crate::net::hex(kept));
    http.first_bytes_text = Some(if secret {
        sanitize::escape(&text).into_owned()
    } else {
        sanitize::escape_bytes(kept).into_owned()
    });
}

/// The stream ended or failed before the head was whole.
fn ended(
    buffer: &[u8],
    error: Option<io::Error>,
    write_error: Option<io::Error>,
    recorder: &mut Recorder,
) -> Failure {
    if !buffer.is_empty() {
        keep_first_bytes(buffer, recorder);
    }
    match (error, write_error) {
        (Some(error), _) | (None, Some(error)) if buffer.is_empty() => {
            let failure = stream_failure(&error);
            note_alert(&error, recorder);
            failure
        }
        (Some(error), _) => stream_failure(&error),
        (None, _) => {
            // Over TLS an end without close_notify is an error of the stream.
            if let Some(tls) = &mut recorder.evidence.tls {
                tls.close_notify = true;
            }
            failure(
                HttpProblem::Eof,
                if buffer.is_empty() {
                    "the server closed the connection without an answer"
                } else {
                    "the server closed the connection in the middle of the reply's head"
                },
            )
        }
    }
}

/// An alert that comes after the TLS handshake belongs to its record.
fn note_alert(error: &io::Error, recorder: &mut Recorder) {
    if let Some(rustls::Error::AlertReceived(alert)) = crate::net::errors::tls_error(error)
        && let Some(probe) = &recorder.tls
    {
        probe.alert_received(*alert);
    }
}

fn parse(bytes: &[u8]) -> Result<Option<Parsed>, (HttpProblem, String)> {
    let mut headers = vec![httparse::EMPTY_HEADER; MAX_REPLY_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    // Lenient where a lenient reading is safe: the record should show what there is.
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true);
    let len = match config.parse_response(&mut response, bytes) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(len)) => len,
        Err(httparse::Error::TooManyHeaders) => {
            let text = format!("the reply has more than {MAX_REPLY_HEADERS} header lines");
            return Err((HttpProblem::TooLarge, text));
        }
        Err(error) => {
            return Err((HttpProblem::Malformed, format!("the reply's head is broken: {error}")));
        }
    };
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Some(Parsed {
        head: Head {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            headers: response
                .headers
                .iter()
                .map(|header| (header.name.to_owned(), lossy(header.value)))
                .collect(),
        },
        version: format!("HTTP/1.{}", response.version.unwrap_or_default()),
        len,
    }))
}

fn record(parsed: &Parsed, raw: &[u8], interim: Vec<u16>, recorder: &mut Recorder) {
    let headers = parsed
        .head
        .headers
        .iter()
        .map(|(name, value)| (recorder.clean(name), shown_value(name, value, recorder)))
        .collect();
    let reply = ReplyFacts {
        version: parsed.version.clone(),
        status: parsed.head.status,
        reason: recorder.clean(&parsed.head.reason),
        headers,
        raw_head: raw_head(raw, recorder),
        interim,
        clock_skew_ms: parsed.head.values("Date").next().and_then(|date| skew(date, recorder)),
        ..ReplyFacts::default()
    };
    facts(recorder).reply = Some(reply);
}

fn shown_value(name: &str, value: &str, recorder: &Recorder) -> String {
    if is_sensitive_name(name) {
        mask_value(&recorder.clean(value))
    } else if name.eq_ignore_ascii_case("location") {
        recorder.clean(&url::masked(value))
    } else {
        recorder.clean(value)
    }
}

/// The head as text: a line each, secrets masked, escaped.
fn raw_head(raw: &[u8], recorder: &Recorder) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(text.len());
    let mut secret = false;
    for line in text.trim_end().split('\n') {
        let line = line.trim_end_matches('\r');
        let folded = line.starts_with([' ', '\t']);
        match line.split_once(':') {
            // The continuation of a secret is as secret as its beginning.
            _ if folded && secret => out.push_str(crate::core::secret::MASK),
            Some((name, value)) if !folded && !out.is_empty() => {
                secret = is_sensitive_name(name.trim());
                out.push_str(&recorder.clean(name));
                out.push_str(": ");
                out.push_str(&shown_value(name.trim(), value.trim(), recorder));
            }
            _ => out.push_str(&recorder.clean(line)),
        }
        out.push('\n');
    }
    out
}

/// The server's clock minus ours in milliseconds. `Date` counts whole seconds, so half of one is
/// added.
fn skew(date: &str, recorder: &Recorder) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::parse(date.trim()).ok()?;
    let theirs = zoned.timestamp().as_millisecond() + 500;
    let ours = i64::try_from(recorder.now().0 / 1000).ok()?;
    Some(theirs - ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_told_apart() {
        assert!(begins_as_http(b"HTT") && begins_as_http(b"HTTP/1.1 101"));
        assert!(!begins_as_http(b"SSH-2.0-OpenSSH") && !begins_as_http(b"\x15\x03\x01"));
        assert!(parse(b"HTTP/1.1 200 OK\r\nA: b\r\n").unwrap().is_none());
        let parsed = parse(b"HTTP/1.1 401 No\r\nA : 1\r\na: 2\r\n\r\nbody").unwrap().unwrap();
        assert_eq!((parsed.head.status, parsed.len), (401, 32));
        assert_eq!(parsed.head.values("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(parse(b"HTTP/9 x\r\n\r\n").err().map(|e| e.0), Some(HttpProblem::Malformed));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(MAX_REPLY_HEADERS + 1));
        assert_eq!(parse(many.as_bytes()).err().map(|e| e.0), Some(HttpProblem::TooLarge));
    }
}
