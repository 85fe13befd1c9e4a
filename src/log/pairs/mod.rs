//! Requests and their replies: which row answers which, and how late.
//!
//! | file | what |
//! | --- | --- |
//! | `dialect` | the tables: how protocols say which message answers which |
//! | `json` | the outermost members of a JSON text, without reading the rest |
//! | `sign` | what one payload says: key and role |
//! | `matcher` | requests and replies as rows come by |
//! | `open` | requests that wait, bounded |
//! | `links` | finished pairs by row number, bounded |
//! | `methods` | requests by what they are called |
//!
//! [`Pairs`] is a [`Scan`] over the rows of this session: it runs beside the interface and is asked for what it has found.

mod dialect;
mod json;
mod links;
mod matcher;
mod methods;
mod open;
mod sign;

use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;

pub use links::Mate;
pub use matcher::Tallies;
pub use methods::Method;

use self::dialect::ENDINGS;
use self::matcher::{Limits, Matcher, Row};
use self::sign::{Sign, read};
use super::entry::Note;
use super::filter::class_parts;
use super::handle::LogHandle;
use super::scan::{Progress, Scan};
use super::segment::{Held, Segment};
use super::stats::{Latencies, Percentiles};
use crate::core::message::MessageKind;
use crate::core::time::Micros;

/// What looking at a row costs beside its payload, in bytes of the budget.
const ROW_COST: usize = 16;

/// The pairs of a log, shared between the thread that looks for them and those who ask.
#[derive(Clone, Debug)]
pub struct Pairs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    hasher: RandomState,
    endings: [Finder<'static>; ENDINGS.len()],
    /// Number of the next row to be looked at, and rows looked at. Held while a step runs.
    cursor: Mutex<(Option<u64>, u64)>,
    matcher: Mutex<Matcher>,
    cancelled: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the requests of a log went.
#[derive(Clone, Debug, Default)]
pub struct PairStats {
    pub tallies: Tallies,
    /// Requests of ours, and of the server, that have no reply yet.
    pub open: [u64; 2],
    /// Row and time of the request that has waited longest.
    pub oldest: Option<(u64, Micros)>,
    /// Times from request to first reply in microseconds.
    pub times: Percentiles,
    /// In order of their first request.
    pub methods: Vec<Method>,
}

/// What one row says.
enum Told<'a> {
    Sign(Row, Sign<'a>),
    Ended,
}

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs::with_limits(Limits::default())
    }
}

impl Pairs {
    /// Has looked at nothing yet.
    #[must_use]
    pub fn new() -> Pairs {
        Pairs::default()
    }

    fn with_limits(limits: Limits) -> Pairs {
        Pairs {
            inner: Arc::new(Inner {
                hasher: RandomState::new(),
                endings: ENDINGS.map(Finder::new),
                cursor: Mutex::new((None, 0)),
                matcher: Mutex::new(Matcher::new(limits)),
                cancelled: AtomicBool::new(false),
            }),
        }
    }

    /// The request that a row answers, or the replies that it has.
    #[must_use]
    pub fn mate(&self, number: u64) -> Option<Mate> {
        lock(&self.inner.matcher).links.mate(number)
    }

    /// All numbers; some 0.1 ms.
    #[must_use]
    pub fn stats(&self) -> PairStats {
        let mut matcher = lock(&self.inner.matcher);
        PairStats {
            tallies: matcher.tallies,
            open: matcher.open(),
            oldest: matcher.oldest(),
            times: matcher.times.percentiles(),
            methods: matcher.methods.all(),
        }
    }

    /// Round trips over time.
    #[must_use]
    pub fn latencies(&self) -> Latencies {
        lock(&self.inner.matcher).latencies.clone()
    }

    /// What the rows of a segment from `from` on say, and what it cost to read them.
    fn look<'a>(&self, segment: &'a Segment, from: usize) -> (Vec<Told<'a>>, usize) {
        let Inner { hasher, endings, .. } = &*self.inner;
        let table = &segment.table;
        let block = segment.block();
        let mut told = Vec::new();
        let mut cost = 0;
        // Names of ids are looked for in all small payloads at once: where each was seen last.
        let mut seen = [None; ENDINGS.len()];
        for (index, slot) in table.slots.iter().enumerate().skip(from) {
            cost += ROW_COST;
            let payload = match table.held(slot) {
                Held::Note(note) => {
                    if ends_connection(note) {
                        told.push(Told::Ended);
                    }
                    continue;
                }
                Held::Large(payload) => {
                    cost += payload.len().min(sign::MOST_READ);
                    &payload[..]
                }
                Held::Block(range) => {
                    cost += range.len();
                    let mut has_name = false;
                    for (finder, seen) in endings.iter().zip(&mut seen) {
                        let at = match *seen {
                            Some(at) if at >= range.start => at,
                            _ => finder
                                .find(&block[range.start..])
                                .map_or(usize::MAX, |at| range.start + at),
                        };
                        *seen = Some(at);
                        has_name |= at < range.end;
                    }
                    let payload = &block[range];
                    if !has_name && !matches!(payload.first(), Some(b'[' | b'4' | b' ' | b'\n')) {
                        continue;
                    }
                    payload
                }
            };
            let Some((direction, kind)) = class_parts(slot.class) else { continue };
            if !matches!(kind, MessageKind::Text | MessageKind::Binary) {
                continue;
            }
            let row = Row { number: table.first + index as u64, at: slot.at, direction };
            read(payload, hasher, &mut |sign| told.push(Told::Sign(row, sign)));
        }
        (told, cost)
    }
}

fn ends_connection(note: &Note) -> bool {
    match note {
        Note::Connected { .. }
        | Note::Reconnected { .. }
        | Note::Closed { .. }
        | Note::Failed { .. } => true,
        Note::Retrying { .. } | Note::Separator(_) | Note::Dropped { .. } => false,
    }
}

impl Scan for Pairs {
    fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }

    fn step(&self, log: &LogHandle, budget: usize) -> Progress {
        let mut held = lock(&self.inner.cursor);
        let (cursor, searched) = &mut *held;
        let mut spent = 0;
        while spent < budget && !self.is_cancelled() {
            let (first, _, end) = log.bounds();
            // Rows of an earlier session are of connections that ended, and may be very many.
            let at = cursor.get_or_insert_with(|| first.max(log.stats().restored));
            if *at < first {
                lock(&self.inner.matcher).rows_are_missing();
                *at = first;
            }
            if *at >= end {
                break;
            }
            let Some(segment) = log.share(*at) else { continue };
            let from = segment.table.index_of(*at);
            let (told, cost) = self.look(&segment, from);
            spent += cost.max(1);
            let mut matcher = lock(&self.inner.matcher);
            for told in told {
                match told {
                    Told::Sign(row, sign) => matcher.see(row, sign),
                    Told::Ended => matcher.connection_ended(),
                }
            }
            *searched += (segment.table.len() - from) as u64;
            *at = segment.table.end();
        }
        let (first, _, end) = log.bounds();
        let remaining = end.saturating_sub(cursor.unwrap_or(first).max(first));
        let mut matcher = lock(&self.inner.matcher);
        matcher.links.prune(first);
        let hits = matcher.tallies.answered + matcher.tallies.further;
        let done = remaining == 0 || self.is_cancelled();
        Progress { hits, searched: *searched, remaining, done }
    }
}

#[cfg(test)]
mod tests;
