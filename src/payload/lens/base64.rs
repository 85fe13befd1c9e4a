//! Text that is base64: plain, URL-safe, in a `data:` URI (RFC 2397), or a JSON Web Token (RFC 7519).

use super::super::beautify_lossy;
use super::super::binary::parse_base64;
use super::super::kind::Kind;
use super::super::measure::human_bytes;
use super::{Laid, LensProblem, Options, PROBED, automatic, lay_inside};
use crate::core::progress::Progress;
use crate::core::sanitize::{escape_line, truncate_to_width};

/// Shortest text that is taken for base64 without being asked.
const SHORTEST: usize = 8;

/// Cells of a media type or algorithm in a note.
const NAME_CELLS: usize = 40;

/// The text without blanks around it and the quotes of a JSON string.
fn bare(payload: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(payload).ok()?.trim();
    Some(text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text))
}

/// Whether the beginning of it has no character that base64 has not.
pub(super) fn fits(payload: &[u8]) -> bool {
    let head = &payload[..payload.len().min(PROBED)];
    let head = head.trim_ascii();
    let head = head.strip_prefix(b"\"").unwrap_or(head);
    if head.starts_with(b"data:") {
        return true;
    }
    let ours = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=.\r\n\"".contains(byte);
    head.len() >= SHORTEST && head.iter().all(ours)
}

/// The lens: decodes, and lays out what is inside with the lens that suits it.
pub(super) fn lay(
    payload: &[u8],
    options: &Options,
    progress: &Progress,
    layer: usize,
) -> Result<Laid, LensProblem> {
    let Some(text) = bare(payload).filter(|text| !text.is_empty()) else {
        return Err(LensProblem::not("base64", "it is no text", None));
    };
    if let Some(token) = token(text) {
        return Ok(token);
    }
    let (name, data) = match text.strip_prefix("data:").and_then(|uri| uri.split_once(',')) {
        Some((kind, data)) => match kind.strip_suffix(";base64") {
            Some(kind) => (format!("data: {}", short(kind)), data),
            None => {
                let plain: Vec<u8> = percent_encoding::percent_decode_str(data).collect();
                return inside(
                    &plain,
                    format!("data: {}", short(kind)),
                    (options, progress, layer),
                );
            }
        },
        None => ("base64".to_owned(), text),
    };
    let bytes = parse_base64(data).map_err(|problem| {
        let before = data.as_ptr().addr() - payload.as_ptr().addr();
        LensProblem::not("base64", problem.message, Some(before + problem.byte))
    })?;
    inside(&bytes, name, (options, progress, layer))
}

fn inside(
    bytes: &[u8],
    name: String,
    how: (&Options, &Progress, usize),
) -> Result<Laid, LensProblem> {
    let is_text = std::str::from_utf8(bytes).is_ok();
    let note = format!("{name}, {} inside", human_bytes(bytes.len() as u64));
    lay_inside(automatic(bytes, is_text), bytes, is_text, how, note)
}

fn short(name: &str) -> String {
    truncate_to_width(&escape_line(super::tree::labels::head(name)), NAME_CELLS).into_owned()
}

/// Header and claims of a token, as two JSON values; the signature is not looked at.
fn token(text: &str) -> Option<Laid> {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part: &str| {
        let text = String::from_utf8(parse_base64(part).ok()?).ok()?;
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        value.is_object().then_some((text, value))
    };
    let ((header, head), (claims, said)) = (object(header)?, object(claims)?);
    let mut note = "JWT".to_owned();
    if let Some(algorithm) = head.get("alg").and_then(serde_json::Value::as_str) {
        note.push_str(&format!(", {}", short(algorithm)));
    }
    for (claim, words) in [("iat", "issued"), ("nbf", "valid from"), ("exp", "expires")] {
        let time = said.get(claim).and_then(serde_json::Value::as_f64);
        let time = time.and_then(|seconds| jiff::Timestamp::from_second(seconds as i64).ok());
        if let Some(time) = time {
            note.push_str(&format!(", {words} {time}"));
        }
    }
    let signature = parse_base64(signature).map_or(0, |bytes| bytes.len());
    note.push_str(&format!(", signature of {signature} B not verified"));
    let header = beautify_lossy(Kind::Json, &header);
    let claims = beautify_lossy(Kind::Json, &claims);
    Some(Laid::Text { text: format!("{header}\n{claims}"), kind: Kind::Json, note })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn laid(text: &str) -> Result<(String, String), LensProblem> {
        let laid = lay(text.as_bytes(), &Options::default(), &Progress::default(), 1)?;
        Ok((laid.text().to_owned(), laid.note().to_owned()))
    }

    #[test]
    fn what_is_inside_is_laid_out() {
        for (text, inside, note) in [
            ("eyJhIjoxfQ==", "{\n  \"a\": 1\n}", "base64, 7 B inside"),
            (" \"aGVsbG8\"\n", "hello", "base64, 5 B inside"),
            ("data:text/plain;base64,aGk=", "hi", "data: text/plain, 2 B inside"),
            ("data:,a%20b", "a b", "data: , 3 B inside"),
        ] {
            assert_eq!(laid(text).unwrap(), (inside.to_owned(), note.to_owned()), "{text}");
        }
        assert!(laid("_wD_").unwrap().0.starts_with("00000000  ff 00 ff"));
    }

    #[test]
    fn a_token_is_taken_apart() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiZXhwIjoxNTE2MjM5MDIyfQ.AAEC";
        let (text, note) = laid(token).unwrap();
        assert_eq!(
            text,
            "{\n  \"alg\": \"HS256\"\n}\n{\n  \"sub\": \"1\",\n  \"exp\": 1516239022\n}"
        );
        assert_eq!(note, "JWT, HS256, expires 2018-01-18T01:30:22Z, signature of 3 B not verified");
    }

    #[test]
    fn faults_name_their_byte() {
        let LensProblem::NotThis { at, .. } = laid("  QU*J").unwrap_err() else { panic!() };
        assert_eq!(at, Some(4));
        assert!(lay(b"\xff", &Options::default(), &Progress::default(), 1).is_err());
    }

    #[test]
    fn only_its_alphabet_is_taken_for_it() {
        assert!(fits(b"aGVsbG8gd29ybGQ=") && fits(b"data:,x") && fits(b"\"aGVsbG8gd2\""));
        assert!(!fits(b"hello world") && !fits(b"abc") && !fits(b"{\"a\":1}aaaa"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(data:)?[a-zA-Z0-9+/=.,%é\" ]{0,60}") {
            let _ = laid(&text);
            fits(text.as_bytes());
        }
    }
}
