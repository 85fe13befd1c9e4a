//! Events as JSON lines. Messages are written by hand, since a flood of them goes through here;
//! tests hold the result against `serde_json`. Everything rare is written by `serde_json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::stamp::Stamps;
use crate::cli::report::Report;
use crate::core::close;
use crate::core::evidence::Evidence;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;

/// Writes events; remembers the second that it wrote last.
#[derive(Debug, Default)]
pub struct JsonLines {
    stamps: Stamps,
}

impl JsonLines {
    /// The connection is open.
    pub fn open(&mut self, at: Micros, evidence: &Evidence, out: &mut Vec<u8>) {
        let facts = evidence.websocket.as_ref();
        let fields = json!({
            "url": evidence.request.used,
            "peer": evidence.tcp.as_ref().and_then(|tcp| tcp.peer),
            "subprotocol": facts.and_then(|facts| facts.subprotocol.as_deref()),
            "extensions": facts.and_then(|facts| facts.extensions.as_deref()),
        });
        self.event("open", at, fields, out);
    }

    /// One message or control frame.
    pub fn message(&mut self, message: &Message, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"t\":\"");
        self.stamps.write(message.at, out);
        out.extend_from_slice(b"\",\"event\":\"");
        out.extend_from_slice(message.kind.name().as_bytes());
        out.extend_from_slice(match message.direction {
            Direction::In => &b"\",\"dir\":\"in\",\""[..],
            Direction::Out => b"\",\"dir\":\"out\",\"",
        });
        match message.kind {
            MessageKind::Text => {
                out.extend_from_slice(b"text\":\"");
                escape_into(&message.payload, out);
                out.push(b'"');
            }
            MessageKind::Binary | MessageKind::Ping | MessageKind::Pong => {
                out.extend_from_slice(b"base64\":\"");
                base64_into(&message.payload, out);
                out.push(b'"');
            }
            MessageKind::Close => close_into(message, out),
        }
        out.extend_from_slice(b",\"bytes\":");
        number_into(message.payload.len(), out);
        if let Some(wire) = message.packed {
            out.extend_from_slice(b",\"wire\":");
            number_into(wire.get() as usize, out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// What was found, and the numbers at the end.
    pub fn end(&mut self, at: Micros, report: &Report, out: &mut Vec<u8>) {
        for finding in &report.findings {
            let fields = serde_json::to_value(finding).unwrap_or_default();
            self.event("finding", at, fields, out);
        }
        let session = report.evidence.session.as_ref();
        let end = session.and_then(|session| session.end.as_ref());
        let counts = session.map(|s| (s.received, s.sent)).unwrap_or_default();
        let fields = json!({
            "open_ms": end.zip(session).map_or(0, |(end, session)| {
                end.at_us.saturating_sub(session.opened_us) / 1000
            }),
            "received": counts.0,
            "sent": counts.1,
            "code": end.map(|end| end.code()),
            "name": end.map(|end| close::code_name(end.code())),
            "ended_by": end.map(|end| end.by),
        });
        self.event("stats", at, fields, out);
    }

    /// `t` and `event`, then the fields of an object.
    fn event(&mut self, event: &str, at: Micros, fields: Value, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"t\":\"");
        self.stamps.write(at, out);
        out.extend_from_slice(b"\",\"event\":\"");
        out.extend_from_slice(event.as_bytes());
        out.push(b'"');
        let text = fields.to_string();
        // Behind the opening brace; an object without fields has only the closing one.
        if text.len() > 2 {
            out.push(b',');
        }
        out.extend_from_slice(text.get(1..).unwrap_or("}").as_bytes());
        out.push(b'\n');
    }
}

fn close_into(message: &Message, out: &mut Vec<u8>) {
    let (code, reason) = message.close().unwrap_or((1005, b""));
    out.extend_from_slice(b"code\":");
    out.extend_from_slice(code.to_string().as_bytes());
    out.extend_from_slice(b",\"name\":\"");
    out.extend_from_slice(close::code_name(code).as_bytes());
    out.extend_from_slice(b"\",\"reason\":\"");
    escape_into(String::from_utf8_lossy(reason).as_bytes(), out);
    out.push(b'"');
}

fn number_into(mut number: usize, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b"0123456789"[number % 10];
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn base64_into(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
}

/// What stands behind the backslash for a byte; 0 for one that stands for itself, `u` for one
/// that is written by its number.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Source bytes that are escaped in one go; the room for the longest escape of each is made
/// beforehand, so that no byte needs a look at the buffer's length.
const CHUNK: usize = 1024;

/// Appends text as the inside of a JSON string, as `serde_json` writes it.
fn escape_into(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.chunks(CHUNK) {
        let start = out.len();
        out.resize(start + chunk.len() * 6, 0);
        let room = &mut out[start..];
        let mut at = 0;
        for &byte in chunk {
            let escape = ESCAPES[usize::from(byte)];
            if escape == 0 {
                room[at] = byte;
                at += 1;
            } else {
                at += escape_byte(byte, escape, &mut room[at..]);
            }
        }
        out.truncate(start + at);
    }
}

#[cold]
fn escape_number(byte: u8, room: &mut [u8]) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    room[..4].copy_from_slice(b"\\u00");
    room[4] = DIGITS[usize::from(byte >> 4)];
    room[5] = DIGITS[usize::from(byte & 15)];
    6
}

fn escape_byte(byte: u8, escape: u8, room: &mut [u8]) -> usize {
    if escape == b'u' {
        return escape_number(byte, room);
    }
    room[0] = b'\\';
    room[1] = escape;
    2
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn line(kind: MessageKind, direction: Direction, payload: &[u8]) -> Value {
        let message = Message {
            at: Micros(1_764_000_082_123_456),
            direction,
            kind,
            payload: Bytes::copy_from_slice(payload),
            packed: None,
            split: None,
        };
        let mut out = Vec::new();
        JsonLines::default().message(&message, &mut out);
        assert_eq!(out.pop(), Some(b'\n'));
        assert!(!out.contains(&b'\n'));
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_kind_has_its_fields() {
        let t = "2025-11-24T16:01:22.123456Z";
        for (kind, direction, payload, expected) in [
            (
                MessageKind::Text,
                Direction::In,
                &b"a\"b"[..],
                json!({"t": t, "event": "text", "dir": "in", "text": "a\"b", "bytes": 3}),
            ),
            (
                MessageKind::Binary,
                Direction::Out,
                b"\x00\xff",
                json!({"t": t, "event": "binary", "dir": "out", "base64": "AP8=", "bytes": 2}),
            ),
            (
                MessageKind::Ping,
                Direction::In,
                b"",
                json!({"t": t, "event": "ping", "dir": "in", "base64": "", "bytes": 0}),
            ),
            (
                MessageKind::Close,
                Direction::In,
                b"\x03\xe9by\xff",
                json!({"t": t, "event": "close", "dir": "in", "code": 1001,
                       "name": "Going Away", "reason": "by\u{fffd}", "bytes": 5}),
            ),
            (
                MessageKind::Close,
                Direction::In,
                b"",
                json!({"t": t, "event": "close", "dir": "in", "code": 1005,
                       "name": "No Status Received", "reason": "", "bytes": 0}),
            ),
        ] {
            assert_eq!(line(kind, direction, payload), expected);
        }
    }

    #[test]
    fn fields_of_an_event_stand_behind_its_name() {
        let mut out = Vec::new();
        JsonLines::default().event("x", Micros(0), json!({}), &mut out);
        assert_eq!(out, b"{\"t\":\"1970-01-01T00:00:00.000000Z\",\"event\":\"x\"}\n");
        out.clear();
        JsonLines::default().event("x", Micros(0), json!({"a": 1}), &mut out);
        assert_eq!(out, b"{\"t\":\"1970-01-01T00:00:00.000000Z\",\"event\":\"x\",\"a\":1}\n");
    }

    proptest! {
        #[test]
        fn text_is_escaped_as_serde_json_does(text in "[\\x00-\\x7f\\PC\u{80}-\u{2100}\u{1f600}]{0,3000}") {
            let mut out = b"\"".to_vec();
            escape_into(text.as_bytes(), &mut out);
            out.push(b'"');
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn numbers_are_decimal(number in any::<usize>()) {
            let mut out = Vec::new();
            number_into(number, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }

        #[test]
        fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut out = b"x".to_vec();
            base64_into(&bytes, &mut out);
            prop_assert_eq!(STANDARD.decode(&out[1..]).unwrap(), bytes);
        }
    }
}
