//! Texts laid out for reading, and stripped of their layout.
//!
//! Only whitespace changes, and only where it means nothing: the order and doubling of keys, the
//! text of numbers, escapes, attributes, comments and CDATA stay as they were typed.

mod html;
mod json;
mod xml;

use super::kind::Kind;
use super::problem::Problem;
use super::validate::validate;

/// The text laid out with two blanks a level. Text and binary come back as they are.
///
/// # Errors
/// The first problem of JSON or XML that is not well formed; laying out what cannot be read may
/// move the very thing a person is looking for. HTML is laid out as far as it goes.
pub fn beautify(kind: Kind, text: &str) -> Result<String, Problem> {
    if matches!(kind, Kind::Json | Kind::Xml) {
        validate(kind, text)?;
    }
    Ok(beautify_lossy(kind, text))
}

/// As [`beautify`], as far as it goes, for what was received: cut-off or broken text is laid out
/// up to and past the fault, with all of its characters except whitespace between tokens.
pub fn beautify_lossy(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Json => json::beautify(text),
        Kind::Xml => xml::beautify(text),
        Kind::Html => html::beautify(text),
        Kind::Text | Kind::Binary => text.to_owned(),
    }
}

/// The text without the whitespace between its tokens. For XML only in elements that hold nothing
/// but elements; for HTML only next to block-level tags, elsewhere runs between tags become one
/// blank.
///
/// # Errors
/// As [`beautify`].
pub fn minify(kind: Kind, text: &str) -> Result<String, Problem> {
    if matches!(kind, Kind::Json | Kind::Xml) {
        validate(kind, text)?;
    }
    Ok(match kind {
        Kind::Json => json::minify(text),
        Kind::Xml => xml::minify(text),
        Kind::Html => html::minify(text),
        Kind::Text | Kind::Binary => text.to_owned(),
    })
}

/// Text being laid out.
#[derive(Debug)]
struct Layout {
    out: String,
    /// Bytes of indentation that may still be spent. A megabyte of `[` would otherwise become a
    /// terabyte of blanks; when this is used up, lines start at the margin.
    budget: usize,
}

impl Layout {
    fn for_input(len: usize) -> Self {
        Layout { out: String::with_capacity(len + len / 2), budget: len * 4 + (1 << 20) }
    }

    /// A new line, indented; no line break at the beginning of the text.
    fn line(&mut self, depth: usize) {
        const BLANKS: &str = "                                                                ";
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let mut blanks = depth.saturating_mul(2);
        if blanks > self.budget {
            self.budget = 0;
            return;
        }
        self.budget -= blanks;
        while blanks > 0 {
            let take = blanks.min(BLANKS.len());
            self.out.push_str(&BLANKS[..take]);
            blanks -= take;
        }
    }
}
