//! One line of typed hexadecimal, as far as it can be read: for a view that shows the bytes beside the
//! digits while they are typed, wrong and half ones too. What is sent is read by
//! [`parse_hex`](super::parse_hex), which forgives nothing.

use std::ops::Range;

/// What a line holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HexRow {
    /// A byte for each pair of digits; `None` where something else stands.
    pub bytes: Vec<Option<u8>>,
    /// Bytes of the line that are wrong: no digit, or a digit without its second.
    pub wrong: Vec<Range<usize>>,
}

/// Reads a line.
#[must_use]
pub fn hex_row(line: &str) -> HexRow {
    let mut row = HexRow::default();
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < bytes.len() {
        let prefix =
            matches!(bytes[at], b'0' | b'\\') && matches!(bytes.get(at + 1), Some(b'x' | b'X'));
        match bytes[at] {
            byte if is_between(byte) => at += 1,
            _ if prefix => at += 2,
            _ => match (digit(at), digit(at + 1)) {
                (Some(high), Some(low)) => {
                    row.bytes.push(u8::try_from(high << 4 | low).ok());
                    at += 2;
                }
                _ => {
                    // Two signs that stand together are meant as one byte.
                    let pair = bytes[at].is_ascii()
                        && bytes.get(at + 1).is_some_and(|b| b.is_ascii() && !is_between(*b));
                    let least = if pair { at + 2 } else { at + 1 };
                    let end = (least..=bytes.len()).find(|end| line.is_char_boundary(*end));
                    let end = end.unwrap_or(bytes.len());
                    row.bytes.push(None);
                    row.wrong.push(at..end);
                    at = end;
                }
            },
        }
    }
    row
}

/// What may stand between bytes.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b';' | b'-')
}

/// A byte as a letter beside its digits; a dot for what is none.
#[must_use]
pub fn letter_of(byte: Option<u8>) -> char {
    match byte {
        Some(byte @ 0x20..=0x7E) => char::from(byte),
        Some(_) => '.',
        None => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_read_and_the_rest_is_marked() {
        let row = hex_row("48 65,6C0x21 zz 7 日");
        assert_eq!(row.bytes, [Some(0x48), Some(0x65), Some(0x6c), Some(0x21), None, None, None]);
        assert_eq!(row.wrong, [13..15, 16..17, 18..21]);
        let letters: String = row.bytes.iter().map(|byte| letter_of(*byte)).collect();
        assert_eq!(letters, "Hel!???");
    }

    #[test]
    fn what_is_sound_is_read_as_it_is_sent() {
        for text in ["", "00 ff 10", "0x01, 0X02", "de:ad:be:ef", "\\x41\\x42"] {
            let row = hex_row(text);
            assert!(row.wrong.is_empty(), "{text}");
            let bytes: Vec<u8> = row.bytes.into_iter().flatten().collect();
            assert_eq!(bytes, crate::payload::parse_hex(text).unwrap(), "{text}");
        }
    }
}
