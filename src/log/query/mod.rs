//! The filter language: what fits in one line and is asked of each row.
//!
//! ```text
//! in type:text size>10k "timeout"          terms side by side: all of them
//! $.type == "error" or $.code >= 500       JSON paths, also $.data[0].price, $..id, $.items[*].name
//! not (ping or pong) time:12:00..12:05     words, grouping, times of day
//! /user \d+/i #100..200 since:5m           expressions, numbers, the last minutes
//! ```
//!
//! [`Query::parse`] reads it and says exactly where it is wrong; a [`Query`] shows itself in one
//! settled spelling that reads back as the same; [`Test`] is what rows are put through.

mod check;
mod json;
mod like;
mod parse;
mod show;
pub mod terms;
mod units;

pub use check::{Facts, Ground, Test};
pub use json::Path;
pub use like::like;
pub use terms::{Offer, TERMS, TermHelp, offers};
pub use units::{Lasting, Moment, Size};

use std::ops::Range;

use crate::core::message::{Direction, MessageKind};

/// A question to a row that is a sentence of terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// At least two; none of them is an `All`.
    All(Vec<Query>),
    /// At least two; none of them is an `Any`.
    Any(Vec<Query>),
    Not(Box<Query>),
    Term(Term),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `in`, `out`.
    Direction(Direction),
    /// `type:text,ping`.
    Types(Types),
    /// `size>10k`: bytes of the payload. A note has none.
    Size(Span<Size>),
    /// `time>12:01:05`, by the reader's clock.
    Time(Span<Moment>),
    /// `since:5m`, back from when the question is asked.
    Since(Lasting),
    /// `#100..200`.
    Number(Span<u64>),
    /// `"text"`, `"Text"c`: anywhere in the payload.
    Text { text: String, case: bool },
    /// `/regex/i`.
    Regex(Expression),
    /// `$.type == "error"`.
    Json { path: Path, is: Is },
}

/// A regular expression as typed; known to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub source: String,
    pub ignore_case: bool,
}

/// A choice of kinds of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types {
    /// By place in [`MessageKind::ALL`].
    pub kinds: [bool; 5],
    pub notes: bool,
}

impl Types {
    fn add(&mut self, kind: MessageKind) {
        if let Some(place) = MessageKind::ALL.iter().position(|k| *k == kind) {
            self.kinds[place] = true;
        }
    }

    #[must_use]
    pub fn has(&self, kind: MessageKind) -> bool {
        MessageKind::ALL.iter().position(|k| *k == kind).is_some_and(|place| self.kinds[place])
    }
}

/// Where something that can be compared lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<T> {
    Is(T),
    Below(T),
    AtMost(T),
    Above(T),
    AtLeast(T),
    /// Both ends belong to it.
    Within(T, T),
}

/// What a JSON value that a path leads to must be. With several such values one is enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    There,
    Equal(Scalar),
    /// There, and something else.
    Unequal(Scalar),
    Below(Scalar),
    AtMost(Scalar),
    Above(Scalar),
    AtLeast(Scalar),
    Like(Expression),
    /// A text or number that does not fit.
    Unlike(Expression),
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Compared character by character.
    Text(String),
    /// As typed, in JSON's form. A text that reads as a number is compared with it as one, since
    /// many services send prices that way.
    Number(String),
    Bool(bool),
    Null,
}

/// Where a query is wrong and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (character {})", self.column())]
pub struct QueryError {
    /// Bytes of the text that are wrong; empty where something is missing.
    pub at: Range<usize>,
    /// Characters before that.
    pub characters: usize,
    /// One sentence without a full stop.
    pub message: String,
}

impl QueryError {
    /// The character that it is about, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.characters + 1
    }
}

impl Query {
    /// # Errors
    /// Where it is wrong.
    pub fn parse(text: &str) -> Result<Query, QueryError> {
        parse::parse(text)
    }

    fn all(parts: Vec<Query>) -> Query {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Query::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Query::All(flat) }
    }

    fn any(parts: Vec<Query>) -> Query {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Query::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Query::Any(flat) }
    }
}

#[cfg(test)]
mod tests;
