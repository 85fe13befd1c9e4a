//! Colours of JSON. Whether a comma is missing is for [`crate::payload::validate()`] to say.

use memchr::memchr2;

use super::{Class, LineState};

pub(super) fn lex(
    text: &str,
    state: LineState,
    whole: bool,
    each: &mut impl FnMut(usize, Class),
) -> LineState {
    let bytes = text.as_bytes();
    let mut at = 0;
    if let LineState::JsonString { escaped } = state {
        match string(bytes, usize::from(escaped), whole, each) {
            Ok(end) => at = end,
            Err(state) => return state,
        }
    }
    while let Some(&first) = bytes.get(at) {
        let class = match first {
            b'"' => match string(bytes, at + 1, whole, each) {
                Ok(end) => {
                    at = end;
                    continue;
                }
                Err(state) => return state,
            },
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                Class::Text
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                at += 1;
                Class::Punctuation
            }
            _ => {
                let start = at;
                let rest = &bytes[at..];
                at += rest.iter().position(|b| is_delimiter(*b)).unwrap_or(rest.len());
                word(&text[start..at])
            }
        };
        each(at, class);
    }
    LineState::Normal
}

/// The rest of a string: the offset after it, or the state at the end of a text it does not end in.
fn string(
    bytes: &[u8],
    mut at: usize,
    whole: bool,
    each: &mut impl FnMut(usize, Class),
) -> Result<usize, LineState> {
    loop {
        match memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
            Some(found) if bytes[at + found] == b'"' => {
                at += found + 1;
                let next = bytes[at..].iter().find(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
                each(at, if next == Some(&b':') { Class::Key } else { Class::String });
                return Ok(at);
            }
            Some(found) => at += found + 2,
            None if whole => {
                let end = bytes.trim_ascii_end().len().max(1).min(bytes.len());
                each(end, Class::Error);
                each(bytes.len(), Class::Text);
                return Err(LineState::Normal);
            }
            None => {
                each(bytes.len(), Class::String);
                return Err(LineState::JsonString { escaped: at > bytes.len() });
            }
        }
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b' ' | b'\t' | b'\n' | b'\r')
}

fn word(word: &str) -> Class {
    match word {
        "true" | "false" | "null" => Class::Literal,
        _ if is_number(word.as_bytes()) => Class::Number,
        _ => Class::Error,
    }
}

/// RFC 8259 section 6.
fn is_number(word: &[u8]) -> bool {
    fn digits(word: &[u8]) -> Option<&[u8]> {
        let count = word.iter().take_while(|b| b.is_ascii_digit()).count();
        (count > 0).then(|| &word[count..])
    }
    let word = word.strip_prefix(b"-").unwrap_or(word);
    let Some(mut rest) = digits(word) else { return false };
    if word[0] == b'0' && word.len() - rest.len() > 1 {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        match digits(fraction) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            _ => exponent,
        };
        match digits(exponent) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}
