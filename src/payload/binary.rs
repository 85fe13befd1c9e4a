//! Bytes typed as hexadecimal or base64, and written so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::problem::Problem;

/// Bytes from hexadecimal digits of either case. Blanks, line breaks, commas, colons, semicolons
/// and hyphens may stand between bytes, and `0x` or `\x` before one, so that what is copied from a
/// dump, an array literal or a MAC address is understood. The two digits of a byte stand together.
///
/// # Errors
/// Points at the first character that is neither, or at a digit without its second.
pub fn parse_hex(text: &str) -> Result<Vec<u8>, Problem> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let mut at = 0;
    while at < bytes.len() {
        let prefixed = matches!(bytes.get(at + 1), Some(b'x' | b'X'));
        match bytes[at] {
            b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b';' | b'-' => at += 1,
            b'0' | b'\\' if prefixed => {
                at += 2;
                if bytes.get(at).copied().and_then(digit).is_none() {
                    let prefix = &text[at - 2..at];
                    let message = format!("two hexadecimal digits are missing after {prefix}");
                    return Err(Problem::at(text, at, message));
                }
                // Read here, so that a second prefix is not taken for another byte.
                out.push(byte_at(text, at)?);
                at += 2;
            }
            _ => {
                out.push(byte_at(text, at)?);
                at += 2;
            }
        }
    }
    Ok(out)
}

/// Bytes from base64. Blanks and line breaks are skipped, both alphabets are understood (`+/` and
/// the URL-safe `-_`, RFC 4648 sections 4 and 5), padding may be missing.
///
/// # Errors
/// Points at the first wrong character, at data after the padding, or at the end when the text
/// stops one character into a group.
pub fn parse_base64(text: &str) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut group, mut have) = (0u32, 0u8);
    let mut padding = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        let value = match byte {
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            b'=' => {
                padding += 1;
                if have < 2 || usize::from(have) + padding > 4 {
                    return Err(Problem::at(text, at, "there is nothing for this = to fill up"));
                }
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return Err(wrong_character(text, at, "not a base64 character")),
        };
        if padding > 0 {
            return Err(Problem::at(text, at, "there is more after the padding (=)"));
        }
        group = group << 6 | u32::from(value);
        have += 1;
        if have == 4 {
            out.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, have) = (0, 0);
        }
    }
    match have {
        1 => {
            return Err(Problem::at(
                text,
                text.trim_end().len(),
                "the last group has one character; it needs at least two",
            ));
        }
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => {}
    }
    Ok(out)
}

/// Lower-case hexadecimal. Grouped: a blank between bytes and sixteen bytes a line; otherwise one
/// run of digits.
pub fn to_hex(bytes: &[u8], grouped: bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * if grouped { 3 } else { 2 });
    for (i, byte) in bytes.iter().enumerate() {
        if grouped && i > 0 {
            out.push(if i % 16 == 0 { '\n' } else { ' ' });
        }
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// Base64 with the standard alphabet and padding, on one line.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The byte whose two digits stand at `at`.
fn byte_at(text: &str, at: usize) -> Result<u8, Problem> {
    let bytes = text.as_bytes();
    let Some(high) = digit(bytes[at]) else {
        return Err(wrong_character(text, at, "not a hexadecimal digit"));
    };
    if let Some(low) = bytes.get(at + 1).copied().and_then(digit) {
        return Ok(high << 4 | low);
    }
    Err(match text[at + 1..].chars().next() {
        Some(c) if c.is_alphanumeric() => wrong_character(text, at + 1, "not a hexadecimal digit"),
        _ => {
            Problem::at(text, at, format!("the digit {} has no second one", char::from(bytes[at])))
        }
    })
}

fn wrong_character(text: &str, at: usize, what: &str) -> Problem {
    // Named by number unless it is plain: the message is drawn, and may hold anything.
    let name = match text[at..].chars().next() {
        Some(c) if c.is_ascii_graphic() => format!("{c} is {what}"),
        Some(c) if c.is_alphanumeric() => format!("{c} (U+{:04X}) is {what}", u32::from(c)),
        Some(c) => format!("the character U+{:04X} is {what}", u32::from(c)),
        None => format!("the end is {what}"),
    };
    Problem::at(text, at, name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hex_is_understood_in_many_forms() {
        for text in [
            "deadbeef",
            "DE AD BE EF",
            "de:ad:be:ef",
            "DE-AD-be-ef",
            "0xde, 0xad, 0xBE, 0Xef",
            "0xdeadbeef",
            "\\xde\\xad\\xbe\\xef",
            "de ad\r\n\tbe ef\n",
        ] {
            assert_eq!(parse_hex(text).unwrap(), [0xde, 0xad, 0xbe, 0xef], "{text:?}");
        }
        assert_eq!(parse_hex(" \n ").unwrap(), b"");
        assert_eq!(parse_hex("00 0x0x01").unwrap_err().column, 7);
    }

    #[test]
    fn hex_problems_point_at_the_character() {
        for (text, line, column, message) in [
            ("de\nag", 2, 2, "g is not a hexadecimal digit"),
            ("de zz", 1, 4, "z is not a hexadecimal digit"),
            ("de a", 1, 4, "the digit a has no second one"),
            ("d e", 1, 1, "the digit d has no second one"),
            ("0x", 1, 3, "two hexadecimal digits are missing after 0x"),
            ("日", 1, 1, "日 (U+65E5) is not a hexadecimal digit"),
            ("d日", 1, 2, "日 (U+65E5) is not a hexadecimal digit"),
            ("aa\u{202E}", 1, 3, "the character U+202E is not a hexadecimal digit"),
        ] {
            let problem = parse_hex(text).unwrap_err();
            let got = (problem.line, problem.column, problem.message.as_str());
            assert_eq!(got, (line, column, message), "{text:?}");
        }
    }

    #[test]
    fn base64_is_understood_in_many_forms() {
        for text in ["+/8B", "-_8B", " +/\n8 B\r\n"] {
            assert_eq!(parse_base64(text).unwrap(), [0xfb, 0xff, 0x01], "{text:?}");
        }
        for text in ["QQ==", "QQ", "QQ=", "Q Q = ="] {
            assert_eq!(parse_base64(text).unwrap(), b"A", "{text:?}");
        }
        assert_eq!(parse_base64("QUI").unwrap(), b"AB");
        assert_eq!(parse_base64("").unwrap(), b"");
    }

    #[test]
    fn base64_problems_point_at_the_character() {
        for (text, line, column, message) in [
            ("QU\nJ*", 2, 2, "* is not a base64 character"),
            ("QQ==QQ==", 1, 5, "there is more after the padding (=)"),
            ("=", 1, 1, "there is nothing for this = to fill up"),
            ("QQ===", 1, 5, "there is nothing for this = to fill up"),
            ("QUJDR\n", 1, 6, "the last group has one character; it needs at least two"),
        ] {
            let problem = parse_base64(text).unwrap_err();
            let got = (problem.line, problem.column, problem.message.as_str());
            assert_eq!(got, (line, column, message), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(&parse_hex(&to_hex(&bytes, true)).unwrap(), &bytes);
            prop_assert_eq!(&parse_hex(&to_hex(&bytes, false)).unwrap(), &bytes);
            prop_assert_eq!(&parse_base64(&to_base64(&bytes)).unwrap(), &bytes);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            for result in [parse_hex(&text), parse_base64(&text)] {
                if let Err(problem) = result { prop_assert!(text.is_char_boundary(problem.byte)); }
            }
        }
    }
}
