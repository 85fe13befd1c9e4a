//! Beginnings of messages for the record, by which a diagnosis knows the protocol that is spoken.
//!
//! What we send may be a login, so fields with secret names and long opaque words are masked here,
//! whatever protocol it is; of binary only the first bytes are kept, before any password begins.

use std::borrow::Cow;

use bytes::Bytes;

use super::{FIRST_MESSAGES, PREVIEW_BYTES, PREVIEW_CELLS, Session};
use crate::core::evidence::SentMessage;
use crate::core::message::MessageKind;
use crate::core::sanitize;
use crate::core::secret::{self, Masker, is_sensitive_name};
use crate::core::time::Micros;

/// Bytes of a binary message that are shown: enough for the head of an MQTT packet.
const BINARY_BYTES: usize = 12;

/// Words of this many characters that mix letters and digits are keys, tokens or data.
const OPAQUE_CHARS: usize = 24;

/// The beginning of a message that went out, as bytes.
#[derive(Debug)]
pub(super) struct Start {
    at_us: u64,
    kind: MessageKind,
    bytes: u64,
    head: Bytes,
    last_byte: Option<u8>,
}

impl Start {
    fn new(at_us: u64, kind: MessageKind, payload: &Bytes) -> Start {
        // A short payload is shared; a long one would be held in memory for its beginning.
        let head = match payload.get(..PREVIEW_BYTES) {
            Some(head) => Bytes::copy_from_slice(head),
            None => payload.clone(),
        };
        let bytes = payload.len() as u64;
        Start { at_us, kind, bytes, head, last_byte: payload.last().copied() }
    }

    /// As the record shows it.
    pub(super) fn record(&self, masker: &Masker) -> SentMessage {
        let start = if self.kind == MessageKind::Text {
            let text = masker.mask(&String::from_utf8_lossy(&self.head));
            let text = mask_words(&mask_fields(&text));
            sanitize::preview(text.as_bytes(), true, PREVIEW_CELLS)
        } else {
            let head = &self.head[..self.head.len().min(BINARY_BYTES)];
            head.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
        };
        SentMessage {
            at_us: self.at_us,
            kind: self.kind,
            bytes: self.bytes,
            start,
            last_byte: self.last_byte,
        }
    }
}

impl Session<'_> {
    /// Takes note of a message of ours that went out.
    pub(super) fn note_sent(&mut self, at_us: u64, kind: MessageKind, payload: &Bytes) {
        let start = Start::new(at_us, kind, payload);
        if self.facts.first_sent.len() < FIRST_MESSAGES {
            self.facts.first_sent.push(start.record(&self.recorder.masker));
        }
        self.last_sent = Some(start);
    }

    /// Takes note of one of the first messages that came.
    pub(super) fn note_first_received(&mut self, at: Micros, kind: MessageKind, payload: &[u8]) {
        let preview = self.preview(kind, payload);
        if self.facts.first_received.is_empty() {
            self.facts.first_message_received_us = Some(self.recorder.us(at));
        }
        self.facts.first_received.push(preview);
        self.facts.first_received_kinds.push(kind);
    }
}

fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_sensitive_name(name) || lower.starts_with("pass") || lower.contains("bearer")
}

/// Masks the values of JSON members and of `name:value` lines whose names speak of secrets. The
/// text may be cut anywhere, and need not be JSON.
fn mask_fields(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    let mut name = "";
    while let Some(found) = text[at..].find('"') {
        let begin = at + found + 1;
        let end = string_end(text, begin);
        let inner = &text[begin..end];
        let after = text[(end + 1).min(text.len())..].trim_start();
        if after.starts_with(':') {
            name = inner;
        } else if !name.is_empty() || inner.contains('\\') {
            // JSON within a string (ActionCable, Pusher) hides whole.
            let nested = inner.contains("\\\"")
                && inner.split('"').any(|piece| is_secret(piece.trim_end_matches('\\')));
            if is_secret(name) || nested {
                out.push_str(&text[done..begin]);
                out.push_str(&secret::mask_value(inner));
                done = end;
            }
            name = "";
        }
        at = (end + 1).min(text.len());
    }
    out.push_str(&text[done..]);
    if out.starts_with(['{', '[']) || !out.contains('\n') {
        return out.into();
    }
    let lines: Vec<Cow<'_, str>> = out
        .split('\n')
        .map(|line| match line.split_once(':') {
            Some((name, value)) if is_secret(name) => {
                format!("{name}:{}", secret::mask_value(value)).into()
            }
            _ => Cow::Borrowed(line),
        })
        .collect();
    lines.join("\n").into()
}

/// Where the string that begins at `begin` ends: at its closing mark, or with the text.
fn string_end(text: &str, begin: usize) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(begin) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Masks words that look like keys or tokens.
fn mask_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.+/=~".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let mixed = word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic());
        if word.len() >= OPAQUE_CHARS && mixed {
            out.push_str(&secret::mask_value(word));
        } else {
            out.push_str(word);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Start::new(7, MessageKind::Text, &Bytes::copy_from_slice(text.as_bytes()))
            .record(&Masker::default())
            .start
    }

    #[test]
    fn secrets_of_logins_are_masked() {
        for text in [
            r#"{"type":"auth","access_token":"hunter2"}"#,
            r#"{"type":"connection_init","payload":{"Authorization":"Bearer hunter2"}}"#,
            r#"{"op":2,"d":{ "token" : "hunter2", "intents": 1}}"#,
            r#"{"command":"subscribe","identifier":"{\"channel\":\"X\",\"token\":\"hunter2\"}"}"#,
            "CONNECT\naccept-version:1.2\nlogin:me\npasscode:hunter2\n\n\0",
            "{\"token\":\"hunter2",
            "{\"token\":\"a\\\"hunter2",
            "PASS oauth:hunter2hunter2hunter2hunter2",
            r#"[5,"hunter2hunter2hunter2hunter2",{}]"#,
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn the_rest_stays_readable() {
        for text in [
            r#"{"type":"connection_init","payload":{}}"#,
            r#"[1,"realm1",{"roles":{"subscriber":{}}}]"#,
            r#"["1","1","room:lobby","phx_join",{}]"#,
            "subscribe orders",
            "40",
        ] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(
            shown("{\"protocol\":\"json\",\"version\":1}\u{1e}"),
            r#"{"protocol":"json","version":1}\x1e"#
        );
        assert_eq!(shown("CONNECT\nhost:a\n\n\0"), "CONNECT⏎host:a⏎⏎\\x00");
    }

    #[test]
    fn of_binary_only_the_head_is_kept() {
        let packet = Bytes::from_static(
            b"\x10\x1a\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02id\x00\x04user\x00\x07hunter2",
        );
        let record = Start::new(7, MessageKind::Binary, &packet).record(&Masker::default());
        assert_eq!(record.start, "10 1a 00 04 4d 51 54 54 04 c2 00 3c");
        assert_eq!((record.bytes, record.last_byte), (packet.len() as u64, Some(b'2')));
    }

    #[test]
    fn a_long_payload_is_not_held() {
        let long = Bytes::from(vec![b'a'; 1 << 20]);
        let start = Start::new(0, MessageKind::Text, &long);
        assert_eq!((start.head.len(), start.bytes), (PREVIEW_BYTES, 1 << 20));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}", cut in 0_usize..60) {
            let cut = text.floor_char_boundary(cut);
            let _ = shown(&text[..cut]);
            let _ = shown(&format!("{{\"token\":\"{text}"));
        }
    }
}
