//! JSON, by serde_json's reader without building a value. Its recursion is bounded by its own
//! scratch stack, so depth is no danger.

use memchr::memchr_iter;
use serde::de::IgnoredAny;

use crate::core::progress::Progress;
use crate::payload::problem::Problem;
use crate::payload::watch::{Watch, WatchedBytes};

/// Longer texts are read in a way that can be stopped. It is several times slower.
const LONG: usize = 1024 * 1024;

pub(super) fn validate(text: &str, progress: &Progress) -> Result<(), Problem> {
    if text.len() > LONG {
        let bytes = WatchedBytes::new(text.as_bytes(), Watch::new(progress, 0));
        if serde_json::from_reader::<_, IgnoredAny>(bytes).is_ok() || progress.is_cancelled() {
            return Ok(());
        }
        // The quick way below comes to the same fault, and knows its exact place.
    }
    check(text)
}

fn check(text: &str) -> Result<(), Problem> {
    // A byte order mark is a fault in JSON (RFC 8259 section 8.1), and serde_json says
    // "expected value" to it, which helps nobody.
    if text.starts_with('\u{FEFF}') {
        return Err(Problem::at(text, 0, "the text starts with an invisible byte order mark"));
    }
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else { return Ok(()) };
    let line = memchr_iter(b'\n', text.as_bytes())
        .nth(error.line().wrapping_sub(2))
        .map_or(0, |newline| newline + 1);
    let column = error.column();
    let byte = (line + column.saturating_sub(1)).min(text.len());
    let full = error.to_string();
    let said = full.rsplit_once(" at line ").map_or(full.as_str(), |(said, _)| said);
    if let Some(comma) = trailing_comma(text.as_bytes(), byte) {
        return Err(Problem::at(text, comma, "there is a comma after the last item"));
    }
    Err(if error.is_eof() {
        Problem::at(text, text.len(), plain_words(said))
    } else {
        Problem::at(text, byte, plain_words(said))
    })
}

/// The comma before the closing bracket at `byte`. serde_json names it differently in arrays and
/// objects and points at the bracket.
fn trailing_comma(bytes: &[u8], byte: usize) -> Option<usize> {
    if !matches!(bytes.get(byte), Some(b']' | b'}')) {
        return None;
    }
    let before = bytes[..byte].trim_ascii_end();
    (before.last() == Some(&b',')).then(|| before.len() - 1)
}

fn plain_words(said: &str) -> String {
    match said {
        "EOF while parsing a list" => "the text ends inside an array: ] is missing",
        "EOF while parsing an object" => "the text ends inside an object: } is missing",
        "EOF while parsing a string" => "the text ends inside a string: the closing \" is missing",
        "EOF while parsing a value" => "the text ends where a value should stand",
        "expected `:`" => "a colon is missing after the key",
        "expected `,` or `]`" => "a comma or ] is missing",
        "expected `,` or `}`" => "a comma or } is missing",
        "expected ident" => "not a value: true, false and null are written in lower case",
        "expected value" => "a value should stand here",
        "invalid escape" => "there is no such escape (write \\\\ for a backslash)",
        "invalid number" => "not a number as JSON writes them",
        "number out of range" => "the number is out of range",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a line break or control character stands in a string (write it as an escape)"
        }
        "key must be a string" => "a key must be a string in double quotes",
        "lone leading surrogate in hex escape" => "half of a surrogate pair stands alone",
        "trailing characters" => "there is more after the value",
        "unexpected end of hex escape" => "\\u needs four hexadecimal digits",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validate(text: &str) -> Result<(), Problem> {
        super::validate(text, &Progress::default())
    }

    #[test]
    fn problems_are_placed_and_named() {
        for (text, line, column, message) in [
            ("{\"a\": }", 1, 7, "a value should stand here"),
            ("{\n  \"ñ\": 1,\n}", 2, 9, "there is a comma after the last item"),
            ("[1,]", 1, 3, "there is a comma after the last item"),
            ("[1 2]", 1, 4, "a comma or ] is missing"),
            ("{\"a\" 1}", 1, 6, "a colon is missing after the key"),
            ("{\"a\":1 \"b\":2}", 1, 8, "a comma or } is missing"),
            ("{a:1}", 1, 2, "a key must be a string in double quotes"),
            ("{} x", 1, 4, "there is more after the value"),
            ("[1", 1, 3, "the text ends inside an array: ] is missing"),
            ("{\"a\":1", 1, 7, "the text ends inside an object: } is missing"),
            ("\"日", 1, 3, "the text ends inside a string: the closing \" is missing"),
        ] {
            let problem = validate(text).unwrap_err();
            let got = (problem.line, problem.column, problem.message.as_str());
            assert_eq!(got, (line, column, message), "{text:?}");
        }
        assert_eq!(validate("{\n\"a\\q\": 1}").unwrap_err().line, 2);
        assert_eq!(validate("\u{FEFF}{}").unwrap_err().column, 1);
    }

    #[test]
    fn depth_and_duplicates_are_no_problem() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(validate(&deep), Ok(()));
        assert_eq!(validate("{\"a\":1,\"a\":1e999}"), Ok(()));
    }
}
