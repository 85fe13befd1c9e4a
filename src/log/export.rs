//! Rows as text for the clipboard.

use std::fmt::Write as _;

use bytes::Bytes;

use super::entry::{Entry, Row};
use crate::core::close::code_name;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::sanitize;
use crate::core::secret::Masker;
use crate::payload::{to_base64, to_hex};

/// Cells of a preview line.
const PREVIEW_CELLS: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CopyAs {
    /// A line a row as it is shown: time, direction, beginning of the payload escaped.
    Preview,
    /// Text payloads exactly as they came; binary ones as text if they are UTF-8, else in
    /// hexadecimal.
    Whole,
    Hex,
    Base64,
}

/// The rows as text, a line break between two. Notes are left out of hexadecimal and base64.
#[must_use]
pub fn export_text(entries: &[Entry], form: CopyAs) -> String {
    let mut out = String::new();
    for text in entries.iter().filter_map(|entry| one(entry, form)) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&text);
    }
    out
}

/// As [`export_text`], with secrets masked in the payloads, in hexadecimal and base64 as well.
/// The second value tells whether any was.
pub(super) fn export_masked(entries: &[Entry], form: CopyAs, masker: &Masker) -> (String, bool) {
    let mut was_masked = false;
    let mut shown = entries.to_vec();
    for entry in shown.iter_mut().filter(|_| !masker.is_empty()) {
        match &mut entry.row {
            Row::Message { payload, .. } => {
                if let Some(masked) = masked(payload, masker) {
                    (*payload, was_masked) = (masked, true);
                }
            }
            Row::Note(_) | Row::Pending => {}
        }
    }
    (export_text(&shown, form), was_masked)
}

/// The payload without secrets; `None` if there is none in it. Bytes that are no text are looked
/// through piece by piece.
pub(super) fn masked(payload: &Bytes, masker: &Masker) -> Option<Bytes> {
    let mut out = Vec::with_capacity(payload.len());
    for piece in payload.utf8_chunks() {
        out.extend_from_slice(masker.mask(piece.valid()).as_bytes());
        out.extend_from_slice(piece.invalid());
    }
    (out != payload.as_ref()).then(|| Bytes::from(out))
}

fn one(entry: &Entry, form: CopyAs) -> Option<String> {
    let (direction, kind, payload) = match &entry.row {
        Row::Message { direction, kind, payload, .. } => (*direction, *kind, payload),
        Row::Note(note) => {
            return match form {
                CopyAs::Preview => Some(format!("{}  {}", entry.at, note.text())),
                CopyAs::Whole => Some(note.text()),
                CopyAs::Hex | CopyAs::Base64 => None,
            };
        }
        Row::Pending => return None,
    };
    Some(match form {
        CopyAs::Hex => to_hex(payload, false),
        CopyAs::Base64 => to_base64(payload),
        CopyAs::Whole => match (kind, std::str::from_utf8(payload)) {
            (MessageKind::Close, _) => close_text(entry),
            (_, Ok(text)) => text.to_owned(),
            (_, Err(_)) => to_hex(payload, false),
        },
        CopyAs::Preview => {
            let arrow = match direction {
                Direction::In => "↓",
                Direction::Out => "↑",
            };
            let mut line = format!("{}  {arrow}  ", entry.at);
            if kind != MessageKind::Text {
                let _ = write!(line, "{} ", kind.name());
            }
            line.push_str(&match kind {
                MessageKind::Close => sanitize::escape_line(&close_text(entry)).into_owned(),
                _ => sanitize::preview(payload, kind == MessageKind::Text, PREVIEW_CELLS),
            });
            line.truncate(line.trim_end().len());
            line
        }
    })
}

/// `1000 Normal Closure: reason`.
fn close_text(entry: &Entry) -> String {
    let message = entry.to_message();
    match message.as_ref().and_then(Message::close) {
        None => "without a code".into(),
        Some((code, [])) => format!("{code} {}", code_name(code)),
        Some((code, reason)) => {
            format!("{code} {}: {}", code_name(code), String::from_utf8_lossy(reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Note;
    use super::*;
    use crate::core::time::Micros;

    fn message(kind: MessageKind, payload: &'static [u8]) -> Entry {
        Entry {
            number: 1,
            at: Micros(1_764_000_082_123_456),
            row: Row::Message {
                direction: Direction::In,
                kind,
                payload: Bytes::from_static(payload),
                packed: None,
                split: None,
            },
        }
    }

    #[test]
    fn a_secret_that_came_back_is_masked_in_every_form() {
        let entries = [
            message(MessageKind::Text, b"{\"you\":\"Bearer hunter2-x\"}"),
            message(MessageKind::Binary, b"\xffhunter2-x\xff"),
            message(MessageKind::Close, b"\x03\xe8hunter2-x"),
        ];
        let mut masker = Masker::default();
        for form in [CopyAs::Preview, CopyAs::Whole, CopyAs::Hex, CopyAs::Base64] {
            let (plain, was_masked) = export_masked(&entries, form, &masker);
            assert_eq!((&plain, was_masked), (&export_text(&entries, form), false));
        }
        masker.add("hunter2-x");
        for form in [CopyAs::Preview, CopyAs::Whole, CopyAs::Hex, CopyAs::Base64] {
            let (text, was_masked) = export_masked(&entries, form, &masker);
            let (hex, base64) = (to_hex(b"hunter2-x", false), to_base64(b"hunter2-x"));
            for secret in ["hunter2-x", &hex, base64.trim_end_matches('=')] {
                assert!(was_masked && !text.contains(secret), "{text}");
            }
        }
    }

    #[test]
    fn each_form() {
        let entries = [
            message(MessageKind::Text, b"a\x1b[1m\nb"),
            message(MessageKind::Binary, b"\xff\x00"),
            Entry {
                number: 3,
                at: Micros(0),
                row: Row::Note(Note::Separator("reconnected".into())),
            },
            message(MessageKind::Close, b"\x03\xe8bye"),
            message(MessageKind::Ping, b""),
        ];
        let text = |form| export_text(&entries, form);
        assert_eq!(
            text(CopyAs::Whole),
            "a\x1b[1m\nb\nff00\nreconnected\n1000 Normal Closure: bye\n"
        );
        assert_eq!(text(CopyAs::Hex), "611b5b316d0a62\nff00\n03e8627965\n");
        assert_eq!(text(CopyAs::Base64), "YRtbMW0KYg==\n/wA=\nA+hieWU=\n");
        let preview = text(CopyAs::Preview);
        let lines: Vec<&str> = preview.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[0].starts_with("2025-11-24T16:01:22.123456Z  ↓  a"), "{}", lines[0]);
        assert!(!preview.contains('\x1b'));
        assert!(lines[3].ends_with("close 1000 Normal Closure: bye"), "{}", lines[3]);
        assert!(lines[4].ends_with("ping"), "{}", lines[4]);
    }
}
