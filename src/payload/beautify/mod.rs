//! Texts laid out for reading, and stripped of their layout.
//!
//! Only whitespace changes, and only where it means nothing: the order and doubling of keys, the
//! text of numbers, escapes, attributes, comments and CDATA stay as they were typed.

mod html;
mod json;
mod xml;

use super::kind::Kind;
use super::problem::Problem;
use super::validate::validate_watched;
use super::watch::Watch;
use crate::core::progress::Progress;

/// The text laid out with two blanks a level. Text and binary come back as they are.
///
/// # Errors
/// The first problem of JSON or XML that is not well formed; laying out what cannot be read may
/// move the very thing a person is looking for. HTML is laid out as far as it goes.
pub fn beautify(kind: Kind, text: &str) -> Result<String, Problem> {
    beautify_watched(kind, text, &Progress::default())
}

/// As [`beautify`], for a long text: says how far it is, and ends early if it is cancelled. The
/// result means nothing then.
///
/// # Errors
/// As [`beautify`].
pub fn beautify_watched(kind: Kind, text: &str, progress: &Progress) -> Result<String, Problem> {
    let done = checked(kind, text, progress)?;
    Ok(laid_out(kind, text, progress, done))
}

/// Judges a text whose layout means something. How many bytes of work that was.
fn checked(kind: Kind, text: &str, progress: &Progress) -> Result<u64, Problem> {
    let len = text.len() as u64;
    let passes = match kind {
        Kind::Xml => 3,
        Kind::Json | Kind::Html => 2,
        Kind::Text | Kind::Binary => 1,
    };
    progress.set_total(passes * len);
    if matches!(kind, Kind::Json | Kind::Xml) {
        validate_watched(kind, text, progress)?;
        return Ok(len);
    }
    Ok(0)
}

/// As [`beautify`], as far as it goes, for what was received: cut-off or broken text is laid out
/// up to and past the fault, with all of its characters except whitespace between tokens.
pub fn beautify_lossy(kind: Kind, text: &str) -> String {
    laid_out(kind, text, &Progress::default(), 0)
}

fn laid_out(kind: Kind, text: &str, progress: &Progress, done: u64) -> String {
    match kind {
        Kind::Json => json::beautify(text, Watch::new(progress, done)),
        Kind::Xml => xml::beautify(text, progress, done),
        Kind::Html => html::beautify(text, progress),
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
    minify_watched(kind, text, &Progress::default())
}

/// As [`minify`], for a long text: says how far it is, and ends early if it is cancelled. The
/// result means nothing then.
///
/// # Errors
/// As [`beautify`].
pub fn minify_watched(kind: Kind, text: &str, progress: &Progress) -> Result<String, Problem> {
    let done = checked(kind, text, progress)?;
    Ok(match kind {
        Kind::Json => json::minify(text, Watch::new(progress, done)),
        Kind::Xml => xml::minify(text, progress, done),
        Kind::Html => html::minify(text, progress),
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
