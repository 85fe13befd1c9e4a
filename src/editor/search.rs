//! Search in a rope, block by block: the text is never put together in one piece.
//!
//! Each block is copied to a buffer with a little of the text before it (so that `^` and `\b` see what is there) and a
//! piece of the text after it (so that a match may reach over the block's end). A match of a regular expression is thus
//! found whole if it has at most 64 KiB; a longer one may be cut there. A literal is always found whole.

use std::ops::{ControlFlow, Range};

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use ropey::Rope;
use thiserror::Error;

use super::edit::Outcome;
use super::text::Editor;

const BLOCK: usize = 256 * 1024;
const CONTEXT: usize = 16;
const LONGEST_MATCH: usize = 64 * 1024;
/// A character may become up to three times as long when its case changes.
const CASE_GROWTH: usize = 3;

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// Small and capital letters differ.
    Sensitive,
    /// They do not, by Unicode's simple case folding.
    Insensitive,
    /// They differ if what is looked for has a capital letter.
    #[default]
    Smart,
}

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the start.
    Backward,
}

/// Why a query cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// The regular expression has a mistake, or is too big.
    #[error(
        "cannot read the regular expression: {0}; to look for the text as it is, switch regular expressions off"
    )]
    Pattern(String),
}

/// What to look for, compiled once.
#[derive(Debug, Clone)]
pub struct Query {
    engine: Engine,
    /// The most bytes of a match that is surely found whole.
    reach: usize,
}

#[derive(Debug, Clone)]
enum Engine {
    Nothing,
    Literal(Box<memmem::Finder<'static>>),
    Pattern(Regex),
}

/// How many matches there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Matches counted.
    pub matches: usize,
    /// Whether counting stopped at the limit: there may be more.
    pub at_limit: bool,
}

impl Query {
    /// Looks for a text as it is. An empty one is found nowhere.
    ///
    /// # Errors
    /// If a text that ignores case is too long to be compiled (hundreds of kilobytes).
    pub fn literal(text: &str, case: Case) -> Result<Self, QueryError> {
        if text.is_empty() {
            return Ok(Self { engine: Engine::Nothing, reach: 0 });
        }
        if is_sensitive(text, case) {
            return Ok(Self {
                engine: Engine::Literal(Box::new(memmem::Finder::new(text).into_owned())),
                reach: text.len(),
            });
        }
        Ok(Self {
            engine: Engine::Pattern(compile(&regex::escape(text), true)?),
            reach: text.len() * CASE_GROWTH,
        })
    }

    /// Looks for a regular expression (syntax of the `regex` crate). `^` and `$` are at line breaks, LF or CRLF, and `.`
    /// stays in the line. Empty matches are passed over.
    ///
    /// # Errors
    /// [`QueryError::Pattern`] with the place of the mistake.
    pub fn regex(pattern: &str, case: Case) -> Result<Self, QueryError> {
        if pattern.is_empty() {
            return Self::literal("", case);
        }
        // Escapes such as \S and \W are no capital letters.
        let mut letters = String::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            if c == '\\' {
                chars.next();
            } else {
                letters.push(c);
            }
        }
        Ok(Self {
            engine: Engine::Pattern(compile(pattern, !is_sensitive(&letters, case))?),
            reach: LONGEST_MATCH,
        })
    }

    fn find_in(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        match &self.engine {
            Engine::Nothing => None,
            Engine::Literal(finder) => {
                let start = at + finder.find(text.get(at..)?)?;
                Some(start..start + finder.needle().len())
            }
            Engine::Pattern(regex) => regex.find_at(text, at).map(|found| found.range()),
        }
    }

    /// Goes through the matches that start in a range of bytes.
    pub(super) fn scan(
        &self,
        rope: &Rope,
        starts: Range<usize>,
        mut found: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) {
        let len = rope.len_bytes();
        let whole = |byte: usize| rope.char_to_byte(rope.byte_to_char(byte.min(len)));
        let mut text = Vec::new();
        let mut from = starts.start;
        while from < starts.end.min(len) {
            let stop = from.saturating_add(BLOCK).min(starts.end).min(len);
            let first = whole(from.saturating_sub(CONTEXT));
            let last = match whole(stop.saturating_add(self.reach)) {
                last if last < stop => len.min(stop),
                last => last,
            };
            text.clear();
            for chunk in rope.byte_slice(first..whole(last)).chunks() {
                text.extend_from_slice(chunk.as_bytes());
            }
            let mut at = from - first;
            let mut after = stop;
            while at <= text.len()
                && let Some(hit) = self.find_in(&text, at)
            {
                if first + hit.start >= stop {
                    break;
                }
                if hit.is_empty() {
                    at = hit.end + 1;
                    continue;
                }
                at = hit.end;
                after = after.max(first + hit.end);
                if found(first + hit.start..first + hit.end).is_break() {
                    return;
                }
            }
            from = after;
        }
    }

    pub(super) fn first(&self, rope: &Rope, starts: Range<usize>) -> Option<Range<usize>> {
        let mut first = None;
        self.scan(rope, starts, |hit| {
            first = Some(hit);
            ControlFlow::Break(())
        });
        first
    }

    pub(super) fn last(&self, rope: &Rope, starts: Range<usize>) -> Option<Range<usize>> {
        let mut end = starts.end.min(rope.len_bytes());
        while end > starts.start {
            let start = end.saturating_sub(BLOCK).max(starts.start);
            let mut last = None;
            self.scan(rope, start..end, |hit| {
                last = Some(hit);
                ControlFlow::Continue(())
            });
            if last.is_some() {
                return last;
            }
            end = start;
        }
        None
    }
}

fn is_sensitive(text: &str, case: Case) -> bool {
    match case {
        Case::Sensitive => true,
        Case::Insensitive => false,
        Case::Smart => text.chars().any(char::is_uppercase),
    }
}

fn compile(pattern: &str, insensitive: bool) -> Result<Regex, QueryError> {
    RegexBuilder::new(pattern)
        .case_insensitive(insensitive)
        .multi_line(true)
        .crlf(true)
        .build()
        .map_err(|error| {
            // The library draws the pattern with a pointer over several lines; the last line names the mistake.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            QueryError::Pattern(last.trim_start_matches("error: ").to_owned())
        })
}

impl Editor {
    /// The first match that starts at or after `from`, or (backward) the last that starts before it, going on round
    /// the text's end. A match that starts on the other side of `from` tells that it went round.
    pub fn find(&self, query: &Query, from: usize, direction: Direction) -> Option<Range<usize>> {
        let rope = self.rope();
        let from = rope.char_to_byte(from.min(self.len_chars()));
        let len = rope.len_bytes();
        let hit = match direction {
            Direction::Forward => {
                query.first(rope, from..len).or_else(|| query.first(rope, 0..from))
            }
            Direction::Backward => {
                query.last(rope, 0..from).or_else(|| query.last(rope, from..len))
            }
        }?;
        Some(self.chars_of(&hit))
    }

    /// Selects the next match after the selection (or at the cursor), or the one before it.
    pub fn find_and_select(&mut self, query: &Query, direction: Direction) -> Outcome {
        let here = self.selection().unwrap_or(self.cursor()..self.cursor());
        let from = match direction {
            Direction::Forward => here.end,
            Direction::Backward => here.start,
        };
        match self.find(query, from, direction) {
            Some(range) => self.select(range),
            None => Outcome::Unchanged,
        }
    }

    /// Counts the matches that start in a range of characters, up to a limit. A huge text can be counted in pieces.
    pub fn count_matches(&self, query: &Query, within: Range<usize>, limit: usize) -> Count {
        let mut count = Count { matches: 0, at_limit: false };
        query.scan(self.rope(), self.bytes_of(&within), |_| {
            if count.matches == limit {
                count.at_limit = true;
                return ControlFlow::Break(());
            }
            count.matches += 1;
            ControlFlow::Continue(())
        });
        count
    }

    /// The matches that start in a range of characters, up to a limit: to mark those in the window.
    pub fn matches(&self, query: &Query, within: Range<usize>, limit: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        query.scan(self.rope(), self.bytes_of(&within), |hit| {
            if found.len() == limit {
                return ControlFlow::Break(());
            }
            found.push(self.chars_of(&hit));
            ControlFlow::Continue(())
        });
        found
    }

    fn bytes_of(&self, chars: &Range<usize>) -> Range<usize> {
        let len = self.len_chars();
        self.rope().char_to_byte(chars.start.min(len))..self.rope().char_to_byte(chars.end.min(len))
    }

    pub(super) fn chars_of(&self, bytes: &Range<usize>) -> Range<usize> {
        self.rope().byte_to_char(bytes.start)..self.rope().byte_to_char(bytes.end)
    }
}
