//! Received messages as plain lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cli::args::BinaryAs;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::sanitize;

/// How plain output looks.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// To a terminal: control characters are escaped.
    pub escaped: bool,
    pub binary_as: BinaryAs,
}

impl Lines {
    /// Appends a received text or binary message; anything else makes no line.
    pub fn message(self, message: &Message, out: &mut Vec<u8>) {
        if message.direction != Direction::In {
            return;
        }
        match message.kind {
            MessageKind::Text if self.escaped => {
                let text = String::from_utf8_lossy(&message.payload);
                out.extend_from_slice(sanitize::escape_multiline(&text).as_bytes());
                out.push(b'\n');
            }
            MessageKind::Text => {
                out.extend_from_slice(&message.payload);
                out.push(b'\n');
            }
            MessageKind::Binary => self.binary(&message.payload, out),
            MessageKind::Ping | MessageKind::Pong | MessageKind::Close => {}
        }
    }

    fn binary(self, payload: &[u8], out: &mut Vec<u8>) {
        match self.binary_as {
            BinaryAs::Base64 => out.extend_from_slice(STANDARD.encode(payload).as_bytes()),
            BinaryAs::Hex => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend(payload.iter().flat_map(|byte| {
                    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
                }));
            }
            BinaryAs::Raw if self.escaped => {
                out.extend_from_slice(sanitize::escape_bytes(payload).as_bytes());
            }
            BinaryAs::Raw => {
                out.extend_from_slice(payload);
                return;
            }
            BinaryAs::Summary => {
                out.extend_from_slice(
                    format!("binary message, {} bytes", payload.len()).as_bytes(),
                );
            }
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::core::time::Micros;

    fn shown(escaped: bool, binary_as: BinaryAs, kind: MessageKind, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let message = Message {
            at: Micros(0),
            direction: Direction::In,
            kind,
            payload: Bytes::copy_from_slice(payload),
            packed: None,
            split: None,
        };
        Lines { escaped, binary_as }.message(&message, &mut out);
        out
    }

    #[test]
    fn each_form() {
        use BinaryAs::{Base64, Hex, Raw, Summary};
        use MessageKind::{Binary, Ping, Text};
        for (escaped, form, kind, payload, expected) in [
            (false, Base64, Text, &b"a\x1b[31m\nb"[..], &b"a\x1b[31m\nb\n"[..]),
            (true, Base64, Text, b"a\x1b[31m\nb", b"a\\x1b[31m\nb\n"),
            (false, Base64, Binary, b"\x00\xff", b"AP8=\n"),
            (false, Hex, Binary, b"\x00\xff", b"00ff\n"),
            (false, Raw, Binary, b"\x00\xff", b"\x00\xff"),
            (true, Raw, Binary, b"\x1b\xff", b"\\x1b\\xff\n"),
            (false, Summary, Binary, b"\x00\xff", b"binary message, 2 bytes\n"),
            (false, Base64, Ping, b"x", b""),
        ] {
            assert_eq!(shown(escaped, form, kind, payload), expected, "{form:?} {kind:?}");
        }
    }

    #[test]
    fn what_we_sent_is_not_printed() {
        let mut out = Vec::new();
        let message = Message {
            at: Micros(0),
            direction: Direction::Out,
            kind: MessageKind::Text,
            payload: Bytes::from_static(b"x"),
            packed: None,
            split: None,
        };
        Lines { escaped: false, binary_as: BinaryAs::Raw }.message(&message, &mut out);
        assert!(out.is_empty());
    }
}
