//! Asking a query of rows.
//!
//! What costs nothing is asked first (direction, type, number, size, time), then plain text, then
//! expressions, and JSON last.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::json::Probe;
use super::units::DAY;
use super::{Moment, Query, Size, Span, Term, Types};
use crate::core::message::{Direction, MessageKind};
use crate::core::time::Micros;
use crate::log::pattern::{Mode, Pattern};

/// What a query is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub number: u64,
    pub at: Micros,
    /// `None` for a line of ours, whose text is then the payload.
    pub message: Option<(Direction, MessageKind)>,
    pub payload: &'a [u8],
}

/// Against what times are read.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Where `since:` counts back from.
    pub now: Micros,
    /// The zone whose clock the reader sees.
    pub zone: TimeZone,
}

/// A query made ready for many rows.
#[derive(Debug)]
pub struct Test {
    query: Query,
    check: Check,
}

#[derive(Debug)]
enum Check {
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    Direction(Direction),
    Types(Types),
    Number(u64, u64),
    /// Sizes from the first to the last.
    Size(u64, u64),
    /// Times from the first to before the second.
    At(u64, u64),
    /// Times of day from the first to before the second, over midnight if they are the other way
    /// round.
    Clock(u64, u64, TimeZone),
    Text(Box<Pattern>),
    Json(Box<Probe>),
    Never,
}

impl Test {
    #[must_use]
    pub fn new(query: Query, ground: &Ground) -> Arc<Test> {
        let check = Check::of(&query, ground);
        Arc::new(Test { query, check })
    }

    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether the row fits. Large payloads are left off when `stop` says so; the answer is then
    /// of no use.
    #[must_use]
    pub fn passes(&self, facts: &Facts<'_>, stop: &dyn Fn() -> bool) -> bool {
        self.check.passes(facts, stop)
    }
}

impl Check {
    fn of(query: &Query, ground: &Ground) -> Check {
        let sorted = |parts: &[Query]| {
            let mut checks: Vec<Check> = parts.iter().map(|part| Check::of(part, ground)).collect();
            checks.sort_by_key(Check::cost);
            checks
        };
        match query {
            Query::All(parts) => Check::All(sorted(parts)),
            Query::Any(parts) => Check::Any(sorted(parts)),
            Query::Not(inner) => Check::Not(Box::new(Check::of(inner, ground))),
            Query::Term(term) => Check::of_term(term, ground),
        }
    }

    fn of_term(term: &Term, ground: &Ground) -> Check {
        let pattern = |text: &str, mode, ignore_case| match Pattern::new(text, mode, ignore_case) {
            Ok(pattern) => Check::Text(Box::new(pattern)),
            // It is known to be one, so this is never asked.
            Err(_) => Check::Never,
        };
        match term {
            Term::Direction(direction) => Check::Direction(*direction),
            Term::Types(types) => Check::Types(*types),
            Term::Size(span) => {
                let (low, high) = ends(span, |Size(bytes)| (*bytes, *bytes));
                Check::Size(low, high)
            }
            Term::Number(span) => {
                let (low, high) = ends(span, |number| (*number, *number));
                Check::Number(low, high)
            }
            Term::Since(lasting) => Check::At(ground.now.0.saturating_sub(lasting.0), u64::MAX),
            Term::Time(span) => Check::of_time(span, ground),
            Term::Text { text, case } => pattern(text, Mode::Plain, !case),
            Term::Regex(expression) => {
                pattern(&expression.source, Mode::Regex, expression.ignore_case)
            }
            Term::Json { path, is } => Check::Json(Box::new(Probe::new(path, is))),
        }
    }

    fn of_time(span: &Span<Moment>, ground: &Ground) -> Check {
        let (Span::Is(some)
        | Span::Below(some)
        | Span::AtMost(some)
        | Span::Above(some)
        | Span::AtLeast(some)
        | Span::Within(some, _)) = span;
        if some.date.is_some() {
            let start = |moment: &Moment| {
                let date = moment.date.unwrap_or_default();
                let time = i64::try_from(moment.from).unwrap_or(0);
                let civil = date.at(0, 0, 0, 0).checked_add(jiff::Span::new().microseconds(time));
                let stamp = civil.ok().and_then(|civil| ground.zone.to_timestamp(civil).ok());
                let us = stamp.map_or(0, jiff::Timestamp::as_microsecond);
                u64::try_from(us).unwrap_or(0)
            };
            let (low, high) = ends(span, |moment| {
                let start = start(moment);
                (start, start.saturating_add(moment.lasts - 1))
            });
            return Check::At(low, high.saturating_add(1));
        }
        let (low, high) = match span {
            // Times of day that are the other way round go over midnight.
            Span::Within(from, to) => (from.from, to.from + to.lasts - 1),
            span => ends(span, |moment| (moment.from, moment.from + moment.lasts - 1)),
        };
        let is_empty = low > high || low >= DAY;
        if is_empty && !matches!(span, Span::Within(..)) {
            return Check::Never;
        }
        Check::Clock(low, high.saturating_add(1).min(DAY), ground.zone.clone())
    }

    fn cost(&self) -> u8 {
        match self {
            Check::All(parts) | Check::Any(parts) => {
                parts.iter().map(Check::cost).max().unwrap_or(0)
            }
            Check::Not(inner) => inner.cost(),
            Check::Direction(_)
            | Check::Types(_)
            | Check::Number(..)
            | Check::Size(..)
            | Check::At(..)
            | Check::Never => 0,
            Check::Clock(..) => 1,
            Check::Text(pattern) if pattern.is_plain() => 2,
            Check::Text(_) => 3,
            Check::Json(_) => 4,
        }
    }

    fn passes(&self, facts: &Facts<'_>, stop: &dyn Fn() -> bool) -> bool {
        match self {
            Check::All(parts) => parts.iter().all(|part| part.passes(facts, stop)),
            Check::Any(parts) => parts.iter().any(|part| part.passes(facts, stop)),
            Check::Not(inner) => !inner.passes(facts, stop),
            Check::Direction(direction) => {
                facts.message.is_some_and(|(of_row, _)| of_row == *direction)
            }
            Check::Types(types) => facts.message.map_or(types.notes, |(_, kind)| types.has(kind)),
            Check::Number(low, high) => (*low..=*high).contains(&facts.number),
            Check::Size(low, high) => {
                facts.message.is_some() && (*low..=*high).contains(&(facts.payload.len() as u64))
            }
            Check::At(from, before) => (*from..*before).contains(&facts.at.0),
            Check::Clock(from, before, zone) => {
                let stamp = facts.at.timestamp();
                let offset = i128::from(zone.to_offset(stamp).seconds()) * 1_000_000;
                let of_day = (i128::from(facts.at.0) + offset).rem_euclid(i128::from(DAY));
                let of_day = u64::try_from(of_day).unwrap_or(0);
                if from < before {
                    (*from..*before).contains(&of_day)
                } else {
                    of_day >= *from || of_day < *before
                }
            }
            Check::Text(pattern) => pattern.is_match_unless(facts.payload, stop),
            Check::Json(probe) => facts.message.is_some() && probe.fits(facts.payload, stop),
            Check::Never => false,
        }
    }
}

/// The first and the last value in a span, whose ends may last themselves. An empty one has them
/// the other way round.
fn ends<T>(span: &Span<T>, extent: impl Fn(&T) -> (u64, u64)) -> (u64, u64) {
    match span {
        Span::Is(value) => extent(value),
        Span::Below(value) => match extent(value).0.checked_sub(1) {
            Some(last) => (0, last),
            None => (1, 0),
        },
        Span::AtMost(value) => (0, extent(value).1),
        Span::Above(value) => match extent(value).1.checked_add(1) {
            Some(first) => (first, u64::MAX),
            None => (1, 0),
        },
        Span::AtLeast(value) => (extent(value).0, u64::MAX),
        Span::Within(low, high) => (extent(low).0, extent(high).1),
    }
}
