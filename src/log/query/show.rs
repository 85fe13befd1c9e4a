//! A query in its settled spelling, which reads back as the same query.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Expression, Is, Query, Scalar, Span, Term, Types};
use crate::core::message::{Direction, MessageKind};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Query::All(parts) => join(f, parts, " ", |part| matches!(part, Query::Any(_))),
            Query::Any(parts) => join(f, parts, " or ", |_| false),
            Query::Not(inner) => match &**inner {
                Query::All(_) | Query::Any(_) => write!(f, "not ({inner})"),
                Query::Not(_) | Query::Term(_) => write!(f, "not {inner}"),
            },
            Query::Term(term) => term.fmt(f),
        }
    }
}

fn join(
    f: &mut Formatter<'_>,
    parts: &[Query],
    between: &str,
    in_brackets: impl Fn(&Query) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        if in_brackets(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Term::Direction(Direction::In) => f.write_str("in"),
            Term::Direction(Direction::Out) => f.write_str("out"),
            Term::Types(types) => types.fmt(f),
            Term::Size(span) => write_span(f, "size", ":", span),
            Term::Time(span) => write_span(f, "time", ":", span),
            Term::Since(lasting) => write!(f, "since:{lasting}"),
            Term::Number(span) => write_span(f, "#", "", span),
            Term::Text { text, case } => {
                write_quoted(f, text)?;
                f.write_str(if *case { "c" } else { "" })
            }
            Term::Regex(expression) => expression.fmt(f),
            Term::Json { path, is } => write!(f, "{path} {is}"),
        }
    }
}

impl Display for Types {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kinds = MessageKind::ALL.into_iter().zip(self.kinds);
        let kinds = kinds.filter(|(_, on)| *on).map(|(kind, _)| kind.name());
        let names: Vec<&str> = kinds.chain(self.notes.then_some("note")).collect();
        write!(f, "type:{}", names.join(","))
    }
}

fn write_span<T: Display>(
    f: &mut Formatter<'_>,
    name: &str,
    is: &str,
    span: &Span<T>,
) -> fmt::Result {
    match span {
        Span::Is(value) => write!(f, "{name}{is}{value}"),
        Span::Below(value) => write!(f, "{name}<{value}"),
        Span::AtMost(value) => write!(f, "{name}<={value}"),
        Span::Above(value) => write!(f, "{name}>{value}"),
        Span::AtLeast(value) => write!(f, "{name}>={value}"),
        Span::Within(low, high) => write!(f, "{name}{is}{low}..{high}"),
    }
}

/// In double quotes, with JSON's escapes.
pub(super) fn write_quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('/')?;
        let mut chars = self.source.chars();
        while let Some(c) = chars.next() {
            match c {
                '/' => f.write_str("\\/")?,
                '\\' => {
                    f.write_char('\\')?;
                    if let Some(next) = chars.next() {
                        f.write_char(next)?;
                    }
                }
                c => f.write_char(c)?,
            }
        }
        f.write_str(if self.ignore_case { "/i" } else { "/" })
    }
}

impl Display for Is {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Is::There => f.write_str("exists"),
            Is::Equal(value) => write!(f, "== {value}"),
            Is::Unequal(value) => write!(f, "!= {value}"),
            Is::Below(value) => write!(f, "< {value}"),
            Is::AtMost(value) => write!(f, "<= {value}"),
            Is::Above(value) => write!(f, "> {value}"),
            Is::AtLeast(value) => write!(f, ">= {value}"),
            Is::Like(expression) => write!(f, "=~ {expression}"),
            Is::Unlike(expression) => write!(f, "!~ {expression}"),
        }
    }
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => write_quoted(f, text),
            Scalar::Number(number) => f.write_str(number),
            Scalar::Bool(value) => write!(f, "{value}"),
            Scalar::Null => f.write_str("null"),
        }
    }
}
