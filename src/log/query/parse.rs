//! From a line to a [`Query`].
//!
//! ```text
//! any  = all { "or" all }          all = not { ["and"] not }
//! not  = "not" not | "(" any ")" | term
//! ```

mod json;
mod text;

use std::ops::Range;

use super::{Lasting, Moment, Query, QueryError, Size, Span, Term, Types};
use crate::core::message::{Direction, MessageKind};

/// Bytes of a query.
const LONGEST: usize = 16 * 1024;

/// Brackets and `not` within each other.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    if text.len() > LONGEST {
        return Err(parser.wrong(0..0, "This is longer than 16 KiB"));
    }
    let query = parser.any()?;
    parser.blanks();
    match parser.peek() {
        None => Ok(query),
        Some(c) => Err(parser.wrong(parser.at..parser.at + c.len_utf8(), "No ( is open here")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, QueryError>;

/// How two things are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
    Like,
    Unlike,
}

/// Longer ones first.
const COMPARES: &[(&str, Compare)] = &[
    ("==", Compare::Is),
    ("!=", Compare::IsNot),
    ("=~", Compare::Like),
    ("!~", Compare::Unlike),
    ("<=", Compare::AtMost),
    (">=", Compare::AtLeast),
    ("=", Compare::Is),
    ("<", Compare::Below),
    (">", Compare::Above),
];

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self, at: Range<usize>, message: impl Into<String>) -> QueryError {
        // Whatever was counted, nobody shall have to cut a character.
        let end = self.text.ceil_char_boundary(at.end);
        let at = self.text.floor_char_boundary(at.start)..end;
        let characters = self.text[..at.start].chars().count();
        QueryError { at, characters, message: message.into() }
    }

    /// What is wrong is the word from here on.
    fn wrong_word(&self, start: usize, message: impl Into<String>) -> QueryError {
        let end = start + word_length(&self.text[start..]);
        self.wrong(start..end, message)
    }

    /// The word that comes next, which is not taken.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        &rest[..word_length(rest)]
    }

    /// Takes the next word if it is one of these.
    fn takes(&mut self, words: &[&str]) -> bool {
        let word = self.word();
        let found = words.iter().any(|w| w.eq_ignore_ascii_case(word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(self.at..self.at, "This is nested more than 64 deep"));
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn any(&mut self) -> Parsed<Query> {
        let mut parts = vec![self.all()?];
        loop {
            self.blanks();
            if !self.takes(&["or", "||"]) {
                return Ok(Query::any(parts));
            }
            parts.push(self.all()?);
        }
    }

    fn all(&mut self) -> Parsed<Query> {
        let mut parts = vec![self.not()?];
        loop {
            self.blanks();
            let joined = self.takes(&["and", "&&"]);
            let ends = || {
                self.peek().is_none_or(|c| c == ')')
                    || ["or", "||"].iter().any(|w| w.eq_ignore_ascii_case(self.word()))
            };
            if !joined && ends() {
                return Ok(Query::all(parts));
            }
            parts.push(self.not()?);
        }
    }

    fn not(&mut self) -> Parsed<Query> {
        self.blanks();
        if self.takes(&["not"]) {
            return self.deeper(|p| Ok(Query::Not(Box::new(p.not()?))));
        }
        let start = self.at;
        match self.peek() {
            None => Err(self.wrong(start..start, MISSING)),
            Some(')') => Err(self.wrong(start..start + 1, MISSING)),
            Some('(') => self.deeper(|p| {
                p.at += 1;
                let inner = p.any()?;
                p.blanks();
                if p.peek() != Some(')') {
                    return Err(p.wrong(start..start + 1, "This ( is not closed by a )"));
                }
                p.at += 1;
                Ok(inner)
            }),
            Some(_) => self.term().map(Query::Term),
        }
    }

    fn term(&mut self) -> Parsed<Term> {
        let start = self.at;
        let rest = self.rest();
        match rest.as_bytes()[0] {
            b'"' => {
                let text = self.quoted()?;
                if text.is_empty() {
                    return Err(self.wrong(start..self.at, "There is no text in these quotes"));
                }
                let case = self.word() == "c";
                self.at += usize::from(case);
                self.ends_here("a blank, or c to mind the case")?;
                return Ok(Term::Text { text, case });
            }
            b'/' => return self.expression().map(Term::Regex),
            b'$' if starts_path(&rest[1..]) => return self.json(),
            b'#' if rest[1..].starts_with(|c: char| c.is_ascii_digit() || "<>=.".contains(c)) => {
                self.at += 1;
                let span =
                    self.span("#", "a number: #100, #100..200, #>500", |w| w.parse().ok())?;
                return Ok(Term::Number(span));
            }
            b'|' | b'&' if self.takes(&["or", "and", "||", "&&"]) => {
                return Err(self.wrong(start..self.at, MISSING));
            }
            _ => {}
        }
        let word = self.word();
        let name_length = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
        let name = word[..name_length].to_ascii_lowercase();
        let whole = name_length == word.len();
        match name.as_str() {
            "in" | "received" if whole => {
                self.at += word.len();
                return Ok(Term::Direction(Direction::In));
            }
            "out" | "sent" if whole => {
                self.at += word.len();
                return Ok(Term::Direction(Direction::Out));
            }
            "and" | "or" if whole => return Err(self.wrong_word(start, MISSING)),
            "type" if word[name_length..].starts_with(':') => {
                self.at += name_length + 1;
                return self.types().map(Term::Types);
            }
            "since" if word[name_length..].starts_with(':') => {
                self.at += name_length + 1;
                let start = self.at;
                let word = self.word();
                let lasting = Lasting::read(word).ok_or_else(|| {
                    self.wrong_word(start, "Expected how long ago: 30s, 5m, 1h30m, 2d")
                })?;
                self.at += word.len();
                return Ok(Term::Since(lasting));
            }
            "size" if self.compares_after(name_length) => {
                let span = self.span("size", "a size: 512, 10k, 1.5M, 1k..1M", Size::read)?;
                return Ok(Term::Size(span));
            }
            "time" if self.compares_after(name_length) => {
                let start = self.at;
                let what = "a time: 12:01, 12:01:05.250, 2026-11-25T12:01, 12:00..12:05";
                let span = self.span("time", what, Moment::read)?;
                if let Span::Within(from, to) = &span
                    && from.date.is_some() != to.date.is_some()
                {
                    let what = "Expected a date at both ends, or at neither";
                    return Err(self.wrong(start..self.at, what));
                }
                return Ok(Term::Time(span));
            }
            _ => {}
        }
        self.at += word.len();
        Ok(Term::Text { text: word.to_owned(), case: false })
    }

    /// Goes to the sign behind `size` or `time`, if one of comparison comes, also after blanks.
    fn compares_after(&mut self, name: usize) -> bool {
        let rest = &self.rest()[name..];
        let after = rest.trim_start();
        let compares = rest.starts_with(':') || after.starts_with(['<', '>', '=']);
        if compares {
            self.at += name + if rest.starts_with(':') { 0 } else { rest.len() - after.len() };
        }
        compares
    }

    /// The text must end here, or go on behind a blank or bracket.
    fn ends_here(&self, expected: &str) -> Parsed<()> {
        match self.peek() {
            None => Ok(()),
            Some(c) if c.is_whitespace() || c == ')' || c == '(' => Ok(()),
            Some(_) => Err(self.wrong_word(self.at, format!("Expected {expected} here"))),
        }
    }

    fn types(&mut self) -> Parsed<Types> {
        let mut types = Types::default();
        let word = self.word();
        for name in word.split(',') {
            let kind =
                MessageKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
            match (kind, name.to_ascii_lowercase().as_str()) {
                (Some(kind), _) => types.add(kind),
                (None, "note" | "notes") => types.notes = true,
                (None, "control") => {
                    let control = MessageKind::ALL.into_iter().filter(|kind| kind.is_control());
                    control.for_each(|kind| types.add(kind));
                }
                (None, "data") => {
                    let data = MessageKind::ALL.into_iter().filter(|kind| !kind.is_control());
                    data.for_each(|kind| types.add(kind));
                }
                (None, _) => {
                    let what = "Expected text, binary, ping, pong, close or note";
                    return Err(self.wrong(self.at..self.at + name.len(), what));
                }
            }
            self.at += name.len() + 1;
        }
        // The last name has no comma behind it.
        self.at -= 1;
        Ok(types)
    }

    /// `>10k`, `:10k`, `=10k`, `:1k..1M`, `1k..` behind the name of something.
    fn span<T: Copy>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Parsed<Span<T>> {
        let compare = if self.rest().starts_with(':') {
            self.at += 1;
            Compare::Is
        } else {
            match COMPARES.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
                Some((sign, compare)) => {
                    self.at += sign.len();
                    *compare
                }
                None => Compare::Is,
            }
        };
        self.blanks();
        let start = self.at;
        let word = self.word();
        let value = |parser: &Self, at: usize, text: &str| {
            read(text).ok_or_else(|| parser.wrong(at..at + text.len(), format!("Expected {what}")))
        };
        let span = match (compare, word.split_once("..")) {
            (Compare::Is, Some((low, high))) => {
                let high_at = start + low.len() + 2;
                match (low.is_empty(), high.is_empty()) {
                    (true, true) => {
                        return Err(self.wrong_word(start, format!("Expected {what}")));
                    }
                    (true, false) => Span::AtMost(value(self, high_at, high)?),
                    (false, true) => Span::AtLeast(value(self, start, low)?),
                    (false, false) => {
                        Span::Within(value(self, start, low)?, value(self, high_at, high)?)
                    }
                }
            }
            (compare, _) => {
                let value = value(self, start, word)?;
                match compare {
                    Compare::Is => Span::Is(value),
                    Compare::Below => Span::Below(value),
                    Compare::AtMost => Span::AtMost(value),
                    Compare::Above => Span::Above(value),
                    Compare::AtLeast => Span::AtLeast(value),
                    Compare::IsNot | Compare::Like | Compare::Unlike => {
                        let what = format!("Expected <, <=, >, >=, = or : behind {name}");
                        return Err(self.wrong(start.saturating_sub(2)..start, what));
                    }
                }
            }
        };
        self.at = start + word.len();
        Ok(span)
    }
}

const MISSING: &str = "Expected a term here: a word, \"text\", in, out, type:, size>, time>, #, $.";

fn word_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(text.len())
}

/// Whether what is behind a `$` makes it a path.
fn starts_path(after: &str) -> bool {
    let word = after.trim_start();
    after.starts_with(['.', '['])
        || word[..word_length(word)].eq_ignore_ascii_case("exists")
        || COMPARES.iter().any(|(sign, _)| word.starts_with(sign))
}

/// Whether it is a number in JSON.
fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<f64>(word).is_ok()
}
