//! From the bytes of a message to text and back.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::beautify::beautify_lossy;
use super::binary::{parse_base64, parse_hex, to_base64, to_hex};
use super::classify::describe_binary;
use super::hexdump::{WIDTH, hexdump, hexdump_line_count};
use super::kind::{BinaryForm, Kind};
use super::problem::Problem;

/// Lines of dump in the laid-out view of a binary message; the hex view has all of them.
const DUMP_LINES: usize = 256;

/// The text of a message; bytes that are not UTF-8 become `\xNN`, so that nothing is hidden.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing into a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// A message laid out for reading: JSON, XML and HTML indented as far as they go, text as it is,
/// binary as what it seems to be and the beginning of its dump.
pub fn pretty(kind: Kind, bytes: &[u8]) -> String {
    if kind != Kind::Binary {
        return beautify_lossy(kind, &text_of(bytes));
    }
    let mut out = describe_binary(bytes);
    for line in hexdump(bytes, 0, DUMP_LINES) {
        out.push('\n');
        out.push_str(&line);
    }
    if hexdump_line_count(bytes.len()) > DUMP_LINES {
        // Writing into a String cannot fail.
        let _ = write!(out, "\n… {} bytes more", bytes.len() - DUMP_LINES * WIDTH);
    }
    out
}

/// The bytes a person typed for a binary message.
///
/// # Errors
/// Where the typed text is wrong. For [`BinaryForm::File`] the text is a path, which this module
/// cannot read: that is an error as well, so that a path is never sent in place of a file.
pub fn parse_binary(form: BinaryForm, text: &str) -> Result<Vec<u8>, Problem> {
    match form {
        BinaryForm::Hex => parse_hex(text),
        BinaryForm::Base64 => parse_base64(text),
        BinaryForm::File => Err(Problem::at(text, 0, "this is a path: its file was not read")),
    }
}

/// Bytes as a person would type them; `None` for a file, which has a path and not a text.
pub fn write_binary(form: BinaryForm, bytes: &[u8]) -> Option<String> {
    match form {
        BinaryForm::Hex => Some(to_hex(bytes, true)),
        BinaryForm::Base64 => Some(to_base64(bytes)),
        BinaryForm::File => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_shown() {
        assert_eq!(text_of(b"a\xffb"), "a\\xffb");
        assert!(matches!(text_of("é".as_bytes()), Cow::Borrowed("é")));
    }

    #[test]
    fn messages_are_laid_out() {
        assert_eq!(
            pretty(Kind::Json, b"{\"a\":[1,\xff]}"),
            "{\n  \"a\": [\n    1,\n    \\xff\n  ]\n}"
        );
        assert_eq!(pretty(Kind::Text, b"as  it is"), "as  it is");
        let dump = pretty(Kind::Binary, &[0; 5000]);
        assert!(dump.starts_with("binary, 4.9 KiB\n00000000  00 "), "{dump}");
        assert!(dump.ends_with("|\n… 904 bytes more"), "{dump}");
    }

    #[test]
    fn binary_input_goes_by_its_form() {
        assert_eq!(parse_binary(BinaryForm::Hex, "41").unwrap(), b"A");
        assert_eq!(parse_binary(BinaryForm::Base64, "QQ").unwrap(), b"A");
        assert!(parse_binary(BinaryForm::File, "/tmp/x").is_err());
        assert_eq!(write_binary(BinaryForm::Hex, b"AB").as_deref(), Some("41 42"));
        assert_eq!(write_binary(BinaryForm::File, b"AB"), None);
    }
}
