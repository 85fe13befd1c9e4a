//! From a line to a [`Query`].
//!
//! ```text
//! any  = all { "or" all }          all = not { ["and"] not }
//! not  = "not" not | "(" any ")" | term
//! ```

use std::ops::Range;

use super::json::{MOST_STEPS, Path, Step};
use super::{Expression, Is, Lasting, Moment, Query, QueryError, Scalar, Size, Span, Term, Types};
use crate::core::message::{Direction, MessageKind};
use crate::log::pattern::{Mode, Pattern, PatternError};

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

    /// A text in double quotes with JSON's escapes.
    fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut end = None;
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                _ => {}
            }
        }
        let Some(length) = end else {
            return Err(self.wrong(start..start + 1, "This \" is not closed"));
        };
        let raw = &self.rest()[..length];
        // Control characters may be typed or pasted as they are.
        let text = serde_json::from_str::<String>(&raw.replace('\t', "\\t").replace('\n', "\\n"))
            .map_err(|_| {
            let what = "Expected \\\", \\\\, \\n, \\t or \\u0041 behind a \\ in quotes";
            self.wrong(start..start + length, what)
        })?;
        self.at += length;
        Ok(text)
    }

    /// `/regex/i`.
    fn expression(&mut self) -> Parsed<Expression> {
        let start = self.at;
        let mut source = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        let end = loop {
            match chars.next() {
                None => {
                    let what = "This / is not closed; put a text with / into quotes";
                    return Err(self.wrong(start..start + 1, what));
                }
                Some((at, '/')) => break at + 1,
                Some((_, '\\')) => match chars.next() {
                    Some((_, '/')) => source.push('/'),
                    Some((_, c)) => source.extend(['\\', c]),
                    None => source.push('\\'),
                },
                Some((_, c)) => source.push(c),
            }
        };
        self.at = start + end;
        let ignore_case = self.word() == "i";
        self.at += usize::from(ignore_case);
        self.ends_here("a blank or i; put a text with / into quotes")?;
        let expression = Expression { source, ignore_case };
        self.known(&expression, start + 1..start + end - 1)?;
        Ok(expression)
    }

    /// Whether it is an expression.
    fn known(&self, expression: &Expression, at: Range<usize>) -> Parsed<()> {
        match Pattern::new(&expression.source, Mode::Regex, expression.ignore_case) {
            Ok(_) => Ok(()),
            Err(PatternError::Syntax { column, message }) => {
                let ahead = self.text[at.clone()].char_indices().nth(column.map_or(0, |c| c - 1));
                let start = ahead.map_or(at.start, |(ahead, _)| at.start + ahead);
                let what = format!("This is not a regular expression: {message}");
                Err(self.wrong(start..at.end, what))
            }
            Err(PatternError::Empty) => {
                Err(self.wrong(at, "Expected an expression between / and /"))
            }
            Err(PatternError::TooLarge) => {
                Err(self.wrong(at, "This expression is too large: shorten its repetitions"))
            }
        }
    }

    /// `$.a.b[0] == value`.
    fn json(&mut self) -> Parsed<Term> {
        let path = self.path()?;
        self.blanks();
        let start = self.at;
        if self.takes(&["exists"]) {
            return Ok(Term::Json { path, is: Is::There });
        }
        let Some((sign, compare)) = COMPARES.iter().find(|(sign, _)| self.rest().starts_with(sign))
        else {
            let what = "Expected ==, !=, <, <=, >, >=, =~, !~ or exists behind the path";
            return Err(self.wrong_word(start, what));
        };
        self.at += sign.len();
        self.blanks();
        let is = match compare {
            Compare::Like => Is::Like(self.pattern()?),
            Compare::Unlike => Is::Unlike(self.pattern()?),
            Compare::Is => Is::Equal(self.scalar()?),
            Compare::IsNot => Is::Unequal(self.scalar()?),
            Compare::Below => Is::Below(self.ordered()?),
            Compare::AtMost => Is::AtMost(self.ordered()?),
            Compare::Above => Is::Above(self.ordered()?),
            Compare::AtLeast => Is::AtLeast(self.ordered()?),
        };
        Ok(Term::Json { path, is })
    }

    /// An expression between strokes or in quotes.
    fn pattern(&mut self) -> Parsed<Expression> {
        let start = self.at;
        match self.peek() {
            Some('/') => self.expression(),
            Some('"') => {
                let source = self.quoted()?;
                self.ends_here("a blank")?;
                let mut settled = String::new();
                let mut chars = source.chars();
                while let Some(c) = chars.next() {
                    match (c, chars.clone().next()) {
                        ('\\', Some('/')) => {}
                        ('\\', Some(next)) => {
                            settled.extend(['\\', next]);
                            chars.next();
                        }
                        (c, _) => settled.push(c),
                    }
                }
                let expression = Expression { source: settled, ignore_case: false };
                self.known(&expression, start + 1..self.at - 1)?;
                Ok(expression)
            }
            _ => Err(self.wrong_word(start, "Expected an expression: /bob/i")),
        }
    }

    fn scalar(&mut self) -> Parsed<Scalar> {
        let start = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            self.ends_here("a blank")?;
            return Ok(Scalar::Text(text));
        }
        let word = self.word();
        if word.is_empty() {
            let what = "Expected a value: \"text\", 10, true, false or null";
            return Err(self.wrong(start..start, what));
        }
        self.at += word.len();
        Ok(match word {
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            "null" => Scalar::Null,
            word if is_number(word) => Scalar::Number(word.to_owned()),
            word => Scalar::Text(word.to_owned()),
        })
    }

    /// A value that is before or after others.
    fn ordered(&mut self) -> Parsed<Scalar> {
        let start = self.at;
        match self.scalar()? {
            Scalar::Bool(_) | Scalar::Null => {
                Err(self.wrong(start..self.at, "Expected a number or a \"text\" to compare with"))
            }
            value => Ok(value),
        }
    }

    fn path(&mut self) -> Parsed<Path> {
        let start = self.at;
        self.at += 1;
        let mut steps = Vec::new();
        let mut descends = false;
        loop {
            if steps.len() > MOST_STEPS {
                return Err(self.wrong(start..self.at, "This path has more than 32 steps"));
            }
            let here = self.at;
            let rest = self.rest();
            if rest.starts_with("..") {
                if descends {
                    let what = "A path can have one .. only";
                    return Err(self.wrong(here..here + 2, what));
                }
                descends = true;
                steps.push(Step::Descend);
                self.at += 2;
                if !self.rest().starts_with('[') {
                    steps.push(self.member()?);
                    continue;
                }
            } else if rest.starts_with('.') {
                self.at += 1;
                steps.push(self.member()?);
                continue;
            }
            if !self.rest().starts_with('[') {
                return Ok(Path { steps });
            }
            self.at += 1;
            let step = if self.peek() == Some('*') {
                self.at += 1;
                Step::Each
            } else if self.peek() == Some('"') {
                Step::Key(self.quoted()?)
            } else if self.peek() == Some('\'') {
                let inner = &self.rest()[1..];
                let Some(length) = inner.find('\'') else {
                    return Err(self.wrong(self.at..self.at + 1, "This ' is not closed"));
                };
                self.at += length + 2;
                Step::Key(inner[..length].to_owned())
            } else {
                let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
                let index = self.rest()[..digits].parse().map_err(|_| {
                    let what = "Expected a place, * or a 'name' in brackets: [0], [*], ['name']";
                    self.wrong_word(self.at, what)
                })?;
                self.at += digits;
                Step::Index(index)
            };
            steps.push(step);
            if self.peek() != Some(']') {
                return Err(self.wrong(here..here + 1, "This [ is not closed by a ]"));
            }
            self.at += 1;
        }
    }

    /// The name behind a dot.
    fn member(&mut self) -> Parsed<Step> {
        let rest = self.rest();
        if rest.starts_with('*') {
            self.at += 1;
            return Ok(Step::Each);
        }
        let length = rest.find(|c| !super::json::is_plain(c)).unwrap_or(rest.len());
        if length == 0 {
            let what = "Expected a name or * behind the dot; other names stand in ['…']";
            return Err(self.wrong_word(self.at, what));
        }
        self.at += length;
        Ok(Step::Key(rest[..length].to_owned()))
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
