//! Whether a text is well formed, and if not, where and why in plain words.
//!
//! A warning for a person who types, never a gate: what is wrong here may be what they want to
//! send. A text of nothing but blanks has no problem, so that an empty composer is quiet.

mod html;
mod json;
mod xml;

use super::kind::Kind;
use super::problem::Problem;
use super::watch::Watch;
use crate::core::progress::Progress;

/// Checks a text.
///
/// # Errors
/// The first problem. For HTML only what is a clear slip: a tag, comment or element that is not
/// closed, an end tag without its start. Text is always well formed, and so is
/// [`Kind::Binary`] here: how its bytes are typed is judged by [`super::convert::parse_binary`].
pub fn validate(kind: Kind, text: &str) -> Result<(), Problem> {
    validate_watched(kind, text, &Progress::default())
}

/// As [`validate`], for a long text: says how many bytes are through, and ends early if it is
/// cancelled. The result means nothing then.
///
/// # Errors
/// As [`validate`].
pub fn validate_watched(kind: Kind, text: &str, progress: &Progress) -> Result<(), Problem> {
    if text.trim_start_matches('\u{FEFF}').trim().is_empty() {
        return Ok(());
    }
    match kind {
        Kind::Json => json::validate(text, progress),
        Kind::Xml => xml::validate(text, Watch::new(progress, 0)),
        Kind::Html => html::validate(text, Watch::new(progress, 0)),
        Kind::Text | Kind::Binary => Ok(()),
    }
}

const TOO_DEEP: &str = "elements are nested too deep here to be checked further";

/// A name for a message: cut when it is long, since a text can be one name of a megabyte.
fn short(name: &str) -> String {
    const LONGEST: usize = 40;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
