//! What is searched for in payloads.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

/// Memory that a compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 8 * 1024 * 1024;

/// Bytes of a large payload that are searched between two looks at whether to stop.
const PART: usize = 1024 * 1024;

/// Bytes that are searched again by an expression with the next part.
const OVERLAP: usize = 64 * 1024;

/// Bytes behind a match that decide whether it is one: a character.
const LOOK_AHEAD: usize = 4;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The text itself.
    #[default]
    Plain,
    /// A regular expression in the syntax of the `regex` crate.
    Regex,
}

/// How far behind a range a place that begins in it may reach.
pub const REACH: usize = 64 * 1024;

/// A compiled pattern. Payloads are searched as bytes, binary ones too.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    mode: Mode,
    ignore_case: bool,
    matcher: Matcher,
}

#[derive(Clone, Debug)]
enum Matcher {
    Plain(Box<Finder<'static>>),
    Regex(Regex),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("There is nothing to search for: type some text first.")]
    Empty,
    /// `column` is the character that it is about, from 1, if that is known.
    #[error("This is not a regular expression{}: {message}. Put \\ before a character to find the \
        character itself, or search for plain text.", at(*column))]
    Syntax { column: Option<usize>, message: String },
    #[error("This regular expression is too large: shorten its repetitions.")]
    TooLarge,
}

fn at(column: Option<usize>) -> String {
    column.map(|column| format!(" (character {column})")).unwrap_or_default()
}

impl Pattern {
    /// # Errors
    /// If the text is empty, or no regular expression where one is asked for.
    pub fn new(text: &str, mode: Mode, ignore_case: bool) -> Result<Pattern, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let matcher = match (mode, ignore_case) {
            (Mode::Plain, false) => {
                Matcher::Plain(Box::new(Finder::new(text.as_bytes()).into_owned()))
            }
            (Mode::Plain, true) => Matcher::Regex(compile(&regex::escape(text), true)?),
            (Mode::Regex, _) => Matcher::Regex(compile(text, ignore_case)?),
        };
        Ok(Pattern { source: text.to_owned(), mode, ignore_case, matcher })
    }

    /// The text that it was made of.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    #[must_use]
    pub fn is_match(&self, payload: &[u8]) -> bool {
        match &self.matcher {
            Matcher::Plain(finder) => finder.find(payload).is_some(),
            Matcher::Regex(regex) => regex.is_match(payload),
        }
    }

    /// As [`Pattern::is_match`], but looks now and then whether to stop, and is then false.
    ///
    /// A payload of more than a MiB is searched a MiB at a time. A plain text is found wherever it
    /// stands. Of an expression, a match is missed if even its shortest form is longer than 64 KiB
    /// and runs over the end of such a part.
    #[must_use]
    pub fn is_match_unless(&self, payload: &[u8], stop: &dyn Fn() -> bool) -> bool {
        if payload.len() <= PART + OVERLAP {
            return self.is_match(payload);
        }
        let mut start: usize = 0;
        loop {
            if stop() {
                return false;
            }
            let part = self.plain().map_or(PART, |finder| PART.max(2 * finder.needle().len()));
            let end = start.saturating_add(part).min(payload.len());
            let is_last = end == payload.len();
            let overlap = match &self.matcher {
                Matcher::Plain(finder) => {
                    if finder.find(&payload[start..end]).is_some() {
                        return true;
                    }
                    finder.needle().len().saturating_sub(1)
                }
                Matcher::Regex(regex) => {
                    // What begins before `start` is seen by what looks back. What ends where the
                    // part ends may only fit because of that (`$`, `\b`), so it has to be found
                    // again in the next part.
                    match regex.shortest_match_at(&payload[..end], start) {
                        Some(at) if is_last || at + LOOK_AHEAD <= end => return true,
                        _ => OVERLAP,
                    }
                }
            };
            if is_last {
                return false;
            }
            start = end - overlap;
        }
    }

    /// Byte ranges of the first `cap` places where it is found, for marking them. An expression
    /// that fits the empty text has no place there.
    #[must_use]
    pub fn hit_ranges(&self, payload: &[u8], cap: usize) -> Vec<Range<usize>> {
        match &self.matcher {
            Matcher::Plain(finder) => {
                let length = finder.needle().len();
                finder.find_iter(payload).map(|start| start..start + length).take(cap).collect()
            }
            Matcher::Regex(regex) => regex
                .find_iter(payload)
                .map(|found| found.range())
                .filter(|range| !range.is_empty())
                .take(cap)
                .collect(),
        }
    }

    /// Whether it is a text of fixed length, which is found fastest.
    pub(super) fn is_plain(&self) -> bool {
        self.plain().is_some()
    }

    /// Tells of every place that begins in this range, in order; what stands before and behind it
    /// counts as context. An expression that fits the empty text has no place there. Hits are
    /// looked for in the range and [`REACH`] bytes behind it.
    pub fn each_hit(
        &self,
        payload: &[u8],
        within: Range<usize>,
        mut each: impl FnMut(Range<usize>),
    ) {
        let seen = &payload[..payload.len().min(within.end.saturating_add(REACH))];
        let mut at = within.start;
        while at < within.end {
            let hit = match &self.matcher {
                Matcher::Plain(finder) => {
                    let length = finder.needle().len();
                    finder.find(&seen[at..]).map(|start| at + start..at + start + length)
                }
                Matcher::Regex(regex) => regex.find_at(seen, at).map(|found| found.range()),
            };
            let Some(hit) = hit.filter(|hit| hit.start < within.end) else { return };
            at = hit.end.max(hit.start + 1);
            if !hit.is_empty() {
                each(hit);
            }
        }
    }

    /// The finder, if the pattern is a plain text of fixed length: it may then run over many
    /// payloads in one go.
    pub(super) fn plain(&self) -> Option<&Finder<'static>> {
        match &self.matcher {
            Matcher::Plain(finder) => Some(finder),
            Matcher::Regex(_) => None,
        }
    }
}

fn compile(expression: &str, ignore_case: bool) -> Result<Regex, PatternError> {
    RegexBuilder::new(expression)
        .case_insensitive(ignore_case)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
            error => syntax_error(&error.to_string()),
        })
}

/// Takes the crate's drawing (the expression, a line of `^`, then `error: …`) apart.
fn syntax_error(drawing: &str) -> PatternError {
    const INDENT: usize = 4;
    let column = drawing.lines().find_map(|line| {
        let marks = line.trim();
        let is_marks = !marks.is_empty() && marks.bytes().all(|b| b == b'^');
        is_marks.then(|| line.len() - line.trim_start().len()).filter(|at| *at >= INDENT)
    });
    let message = drawing
        .lines()
        .find_map(|line| line.strip_prefix("error: "))
        .unwrap_or_else(|| drawing.lines().last().unwrap_or_default());
    PatternError::Syntax {
        column: column.map(|column| column - INDENT + 1),
        message: message.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str, mode: Mode, ignore_case: bool, payload: &[u8]) -> Vec<(usize, usize)> {
        let pattern = Pattern::new(text, mode, ignore_case).unwrap();
        let ranges = pattern.hit_ranges(payload, 10);
        assert_eq!(pattern.is_match(payload), !ranges.is_empty());
        ranges.into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn finds_text_and_bytes() {
        assert_eq!(hits("b", Mode::Plain, false, b"abcb"), [(1, 2), (3, 4)]);
        assert!(hits("B", Mode::Plain, false, b"abcb").is_empty());
        assert_eq!(hits("B", Mode::Plain, true, b"abcb"), [(1, 2), (3, 4)]);
        assert!(hits("a.c", Mode::Plain, true, b"abc").is_empty());
        assert_eq!(hits("a.C", Mode::Regex, true, b"\xffabc"), [(1, 4)]);
        assert_eq!(hits("É", Mode::Plain, true, "\u{0}é".as_bytes()), [(1, 3)]);
        assert_eq!(hits(r"(?-u)\x00\xff", Mode::Regex, false, b"a\x00\xff"), [(1, 3)]);
        assert_eq!(Pattern::new("b", Mode::Plain, false).unwrap().hit_ranges(b"bbb", 2).len(), 2);
    }

    #[test]
    fn a_large_payload_is_searched_in_parts() {
        let mut payload = vec![b'x'; 3 * PART];
        let across = PART - 3;
        payload[across..across + 6].copy_from_slice(b"needle");
        let end = payload.len();
        payload[end - 3..].copy_from_slice(b"end");
        let is_match = |text: &str, mode, ignore_case| {
            let pattern = Pattern::new(text, mode, ignore_case).unwrap();
            pattern.is_match_unless(&payload, &|| false)
        };
        assert!(is_match("needle", Mode::Plain, false));
        assert!(is_match("NEEDLE", Mode::Plain, true));
        assert!(is_match("n.*x", Mode::Regex, false));
        assert!(is_match("end$", Mode::Regex, false));
        assert!(is_match("^x{10}", Mode::Regex, false));
        // The end and the start of a part are none of the payload.
        assert!(!is_match("xx$", Mode::Regex, false));
        assert!(!is_match("^n", Mode::Regex, false));
        assert!(!is_match("needles", Mode::Plain, false));
        let long = "x".repeat(PART + 100);
        assert!(is_match(&long, Mode::Plain, false));
        assert!(!is_match(&"x".repeat(2 * PART), Mode::Plain, false));
        let pattern = Pattern::new("needle", Mode::Plain, false).unwrap();
        assert!(!pattern.is_match_unless(&payload, &|| true));
    }

    #[test]
    fn an_expression_for_nothing_hits_and_marks_nothing() {
        let pattern = Pattern::new("x*", Mode::Regex, false).unwrap();
        assert!(pattern.is_match(b"abc"));
        assert_eq!(pattern.hit_ranges(b"axc", 10).first(), Some(&(1..2)));
        assert_eq!(pattern.hit_ranges(b"axc", 10).len(), 1);
    }

    #[test]
    fn pieces_of_a_payload_have_the_hits_of_the_whole() {
        let payload = b"ab ab xab\nab";
        for (text, mode) in [("ab", Mode::Plain), (r"\bab", Mode::Regex), ("AB|x*", Mode::Regex)] {
            let pattern = Pattern::new(text, mode, true).unwrap();
            let whole = pattern.hit_ranges(payload, 99);
            for step in 1..payload.len() {
                let (mut pieces, mut at) = (Vec::new(), 0);
                while at < payload.len() {
                    let end = payload.len().min(at + step);
                    let mut behind = end;
                    pattern.each_hit(payload, at..end, |hit| {
                        behind = behind.max(hit.end);
                        pieces.push(hit);
                    });
                    at = behind;
                }
                assert_eq!(pieces, whole, "{text} in steps of {step}");
            }
        }
    }

    #[test]
    fn a_bad_expression_is_explained() {
        let error = Pattern::new("ab(c", Mode::Regex, false).unwrap_err();
        let PatternError::Syntax { column, message } = &error else { panic!("{error:?}") };
        assert_eq!((*column, message.as_str()), (Some(3), "unclosed group"));
        assert!(error.to_string().contains("(character 3): unclosed group"), "{error}");
        assert!(!error.to_string().contains('\n'));
        assert_eq!(
            Pattern::new("(a{1000}){1000}", Mode::Regex, false).unwrap_err(),
            PatternError::TooLarge
        );
        assert_eq!(Pattern::new("", Mode::Plain, false).unwrap_err(), PatternError::Empty);
        assert!(Pattern::new("ab(c", Mode::Plain, true).is_ok());
    }
}
