//! Search through whole payloads in slices, beside the interface.
//!
//! A [`Scan`]; whoever watches it asks it for hits. Within a [`View`] with a sieve only rows that
//! pass it are hits, whether or not the sieve has come to them yet.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::filter::{Filter, NOTE_CLASS};
use super::handle::LogHandle;
use super::pattern::Pattern;
use super::query::Test;
use super::scan::{Progress, Scan};
use super::segment::{Held, Segment};
use super::view::View;
use super::walk::{ROW_COST, Walk};

/// A search, shared between the thread that runs it and those who ask for hits.
#[derive(Clone, Debug)]
pub struct Search {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pattern: Pattern,
    filter: Filter,
    /// What a hit has to pass as well.
    test: Option<Arc<Test>>,
    walk: Walk,
    cancelled: AtomicBool,
}

impl Search {
    /// A search that has not begun, among what the view shows. Notes are not searched.
    #[must_use]
    pub fn new(pattern: Pattern, view: impl Into<View>) -> Search {
        let View { classes, sieve } = view.into();
        Search {
            inner: Arc::new(Inner {
                pattern,
                filter: classes,
                test: sieve.map(|sieve| Arc::clone(sieve.test())),
                walk: Walk::default(),
                cancelled: AtomicBool::new(false),
            }),
        }
    }

    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.inner.pattern
    }

    /// Hits among these rows of a segment, and what it cost.
    fn scan(&self, segment: &Segment, rows: Range<usize>) -> (Vec<u64>, usize) {
        let Inner { pattern, filter, test, .. } = &*self.inner;
        let stop = || self.is_cancelled();
        let table = &segment.table;
        let mut found = Vec::new();
        let mut cost = 0;
        // A plain text is looked for in all small payloads at once: `next` is where the finder
        // saw it last, so that rows before it need no look.
        let mut next = None;
        for (index, slot) in table.slots[..rows.end].iter().enumerate().skip(rows.start) {
            cost += ROW_COST;
            if !filter.has(slot.class) || slot.class == NOTE_CLASS {
                continue;
            }
            let is_hit = match table.held(slot) {
                Held::Note(_) => false,
                Held::Large(payload) => {
                    if self.is_cancelled() {
                        break;
                    }
                    cost += payload.len();
                    pattern.is_match_unless(payload, &stop)
                }
                Held::Block(range) => {
                    cost += range.len();
                    match pattern.plain() {
                        Some(finder) => {
                            let at = match next {
                                Some(at) if at >= range.start => at,
                                _ => finder
                                    .find(&segment.block()[range.start..])
                                    .map_or(usize::MAX, |at| range.start + at),
                            };
                            next = Some(at);
                            // A find that runs over the row's end belongs to no row.
                            at.saturating_add(finder.needle().len()) <= range.end
                        }
                        None => pattern.is_match(&segment.block()[range]),
                    }
                }
            };
            let passes =
                |test: &Arc<Test>| segment.with_facts(index, |facts| test.passes(&facts, &stop));
            if is_hit && test.as_ref().is_none_or(passes) {
                found.push(table.first + index as u64);
            }
        }
        (found, cost)
    }

    /// Hits so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.inner.walk.found(0, |hits| hits.len())
    }

    /// The next hit behind this row.
    #[must_use]
    pub fn next(&self, number: u64) -> Option<u64> {
        self.inner.walk.found(0, |hits| hits.after(number))
    }

    /// The last hit before this row.
    #[must_use]
    pub fn previous(&self, number: u64) -> Option<u64> {
        self.inner.walk.found(0, |hits| hits.before(number))
    }

    /// The first hit, for going on from the top.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.next(0)
    }

    /// The last hit, for going on from the bottom.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.previous(u64::MAX)
    }

    /// Place of this hit among all from 1, and how many there are; `None` if it is no hit.
    #[must_use]
    pub fn position(&self, number: u64) -> Option<(u64, u64)> {
        self.inner.walk.found(0, |hits| hits.place(number).map(|place| (place, hits.len())))
    }

    /// Hits among these rows, for marking them.
    #[must_use]
    pub fn hits_in(&self, numbers: Range<u64>) -> Vec<u64> {
        self.inner.walk.found(0, |hits| hits.between(numbers))
    }
}

impl Scan for Search {
    fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }

    fn step(&self, log: &LogHandle, budget: usize) -> Progress {
        let cancelled = || self.is_cancelled();
        self.inner.walk.step(log, budget, &cancelled, |segment, rows| self.scan(segment, rows))
    }
}
