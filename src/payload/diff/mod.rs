//! What differs between two messages: by path in JSON, by line in text, by row of a dump in binary.
//!
//! Bounded in time and memory: where a comparison would take too long, it becomes coarser, and
//! [`Diff::limited`] says so.

mod align;
mod bytes;
mod json;
mod lines;

use super::classify::classify;
use super::convert::text_of;
use super::kind::Kind;
use super::lens::tree;
use crate::core::progress::Progress;

/// Rows that are listed.
const MOST_ROWS: usize = 10_000;

/// Bytes of a value or line that a row holds.
const MOST_SHOWN: usize = 4096;

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// In both, for orientation.
    Same,
    /// Only in the second.
    Added,
    /// Only in the first.
    Removed,
    /// In both and not the same.
    Changed,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffRow {
    /// What there is to say.
    pub mark: Mark,
    /// What the first message has there; empty if nothing. Cut after a few KiB, not escaped.
    pub left: String,
    /// What the second message has there.
    pub right: String,
    /// JSONPath of the place, in the message that has it; only for JSON.
    pub path: Option<String>,
    /// What should be said of the change, such as that it is the same number.
    pub note: Option<&'static str>,
}

/// The differences of two messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// What kind of comparison was made and what it found, `JSON: 2 changed, 1 added`.
    pub summary: String,
    /// In the order of the messages. For JSON only what differs; for text with lines around it.
    pub rows: Vec<DiffRow>,
    /// More differs than is listed, or the comparison was coarse, or was stopped.
    pub limited: bool,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        !self.limited && self.rows.iter().all(|row| row.mark == Mark::Same)
    }
}

/// Compares two messages.
#[must_use]
pub fn diff(a: &[u8], a_is_text: bool, b: &[u8], b_is_text: bool, progress: &Progress) -> Diff {
    if a == b && a_is_text == b_is_text {
        let summary = "the two are the same, byte by byte".to_owned();
        return Diff { summary, rows: Vec::new(), limited: false };
    }
    let (left, right) = (classify(a, a_is_text), classify(b, b_is_text));
    if left == Kind::Json && right == Kind::Json {
        let trees = (parse(a, progress), parse(b, progress));
        if let (Some(left), Some(right)) = trees {
            return json::diff(&left, &right, progress).finish("JSON", progress);
        }
    }
    let is_text = |bytes: &[u8], flag: bool| flag || std::str::from_utf8(bytes).is_ok();
    if is_text(a, a_is_text) && is_text(b, b_is_text) {
        return lines::diff(&text_of(a), &text_of(b), progress).finish("text", progress);
    }
    bytes::diff(a, b, progress).finish("binary", progress)
}

/// The tree of a text that is JSON throughout.
fn parse(payload: &[u8], progress: &Progress) -> Option<tree::Tree> {
    let tree = tree::json::parse(text_of(payload).into_owned(), progress).ok()?;
    tree.problem().is_none().then_some(tree)
}

/// Rows being listed.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<DiffRow>,
    counts: [usize; 3],
    limited: bool,
}

impl Rows {
    fn push(&mut self, mark: Mark, left: &str, right: &str, path: Option<String>) {
        self.push_noted(mark, left, right, path, None);
    }

    fn push_noted(
        &mut self,
        mark: Mark,
        left: &str,
        right: &str,
        path: Option<String>,
        note: Option<&'static str>,
    ) {
        match mark {
            Mark::Same => {}
            Mark::Changed => self.counts[0] += 1,
            Mark::Added => self.counts[1] += 1,
            Mark::Removed => self.counts[2] += 1,
        }
        if self.is_full() {
            self.limited = true;
            return;
        }
        self.rows.push(DiffRow { mark, left: cut(left), right: cut(right), path, note });
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= MOST_ROWS
    }

    fn finish(mut self, what: &str, progress: &Progress) -> Diff {
        self.limited |= progress.is_cancelled();
        let words = ["changed", "added", "removed"];
        let found: Vec<String> = self
            .counts
            .iter()
            .zip(words)
            .filter(|(count, _)| **count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let mut summary = match found.is_empty() {
            true if self.limited => format!("{what}: stopped before a difference was found"),
            true => format!("{what}: no difference but in blanks or the kind of message"),
            false => format!("{what}: {}", found.join(", ")),
        };
        if self.limited && !found.is_empty() {
            summary.push_str(" or more");
        }
        Diff { summary, rows: self.rows, limited: self.limited }
    }
}

fn cut(text: &str) -> String {
    if text.len() <= MOST_SHOWN {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MOST_SHOWN)])
}

#[cfg(test)]
mod tests;
