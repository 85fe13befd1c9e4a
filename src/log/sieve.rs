//! A filter on contents, applied to everything that is kept: a [`Scan`] whose result is the set of
//! rows that fit.
//!
//! Put into a [`View`](super::View), all row functions of [`LogHandle`] count over that set. It
//! grows while the scan runs and as the log grows; a row that has not been looked at yet is not
//! shown yet, and [`Sieve::progress`] says how many wait.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::entry::Entry;
use super::filter::Filter;
use super::handle::{Anchor, LogHandle, Window};
use super::numbers::Numbers;
use super::query::Test;
use super::scan::{Progress, Scan};
use super::segment::Segment;
use super::walk::{ROW_COST, Walk};

/// Shared between the thread that runs it and those who look at rows through it.
#[derive(Clone, Debug)]
pub struct Sieve {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    test: Arc<Test>,
    classes: Filter,
    walk: Walk,
    cancelled: AtomicBool,
}

impl Sieve {
    /// A sieve that has not begun. It shows the rows of these directions and kinds that pass.
    #[must_use]
    pub fn new(test: Arc<Test>, classes: Filter) -> Sieve {
        let cancelled = AtomicBool::new(false);
        Sieve { inner: Arc::new(Inner { test, classes, walk: Walk::default(), cancelled }) }
    }

    #[must_use]
    pub fn classes(&self) -> Filter {
        self.inner.classes
    }

    #[must_use]
    pub fn test(&self) -> &Arc<Test> {
        &self.inner.test
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.inner.walk.progress()
    }

    fn look(&self, segment: &Segment, rows: Range<usize>) -> (Vec<u64>, usize) {
        let Inner { test, classes, .. } = &*self.inner;
        let stop = || self.is_cancelled();
        let mut found = Vec::new();
        let mut cost = 0;
        for index in rows {
            cost += ROW_COST;
            if !classes.has(segment.table.slots[index].class) {
                continue;
            }
            let passes = segment.with_facts(index, |facts| {
                cost += facts.payload.len();
                test.passes(&facts, &stop)
            });
            if passes {
                found.push(segment.table.first + index as u64);
            }
            if cost & 0xFFF < ROW_COST && self.is_cancelled() {
                break;
            }
        }
        (found, cost)
    }

    fn found<T>(&self, log: &LogHandle, look: impl FnOnce(&Numbers) -> T) -> T {
        self.inner.walk.found(log.bounds().0, look)
    }

    pub(super) fn window(&self, log: &LogHandle, anchor: Anchor, height: usize) -> Window {
        let stats = log.stats();
        let height = height as u64;
        let (row, rows, numbers) = self.inner.walk.found(stats.first, |numbers| {
            let rows = numbers.len();
            let last = rows.saturating_sub(height);
            let row = match anchor {
                Anchor::Newest => last,
                Anchor::Row(row) => row.min(last),
                Anchor::Number(number) => numbers.rank(number).min(last),
            };
            (row, rows, numbers.places(row, row.saturating_add(height)))
        });
        let entries = log.entries(&numbers);
        Window { row, rows, entries, stats }
    }

    pub(super) fn read(&self, log: &LogHandle, numbers: Range<u64>) -> Vec<Entry> {
        let numbers = self.found(log, |found| found.between(numbers));
        log.load(&numbers)
    }

    pub(super) fn rows(&self, log: &LogHandle) -> u64 {
        self.found(log, Numbers::len)
    }

    pub(super) fn row_of(&self, log: &LogHandle, number: u64) -> u64 {
        self.found(log, |found| found.rank(number))
    }

    pub(super) fn number_at(&self, log: &LogHandle, row: u64) -> Option<u64> {
        self.found(log, |found| found.select(row))
    }

    pub(super) fn count_after(&self, log: &LogHandle, number: u64) -> u64 {
        self.found(log, |found| found.len() - found.rank(number.saturating_add(1)))
    }

    pub(super) fn step_from(&self, log: &LogHandle, number: u64, by: i64) -> Option<u64> {
        self.found(log, |found| {
            let last = found.len().checked_sub(1)?;
            let row = found.rank(number);
            // Going down from a row that is not shown, the next one is the first step.
            let by = if by > 0 && !found.has(number) { by - 1 } else { by };
            found.select(row.saturating_add_signed(by).min(last))
        })
    }
}

impl Scan for Sieve {
    fn step(&self, log: &LogHandle, budget: usize) -> Progress {
        let cancelled = || self.is_cancelled();
        self.inner.walk.step(log, budget, &cancelled, |segment, rows| self.look(segment, rows))
    }

    fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }
}
