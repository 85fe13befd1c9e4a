//! Search through whole payloads in slices, beside the interface.
//!
//! A [`Scan`]; whoever watches it asks it for hits. The newest rows are searched first, since that
//! is where the reader is.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::filter::{Filter, NOTE_CLASS};
use super::handle::LogHandle;
use super::hits::Hits;
use super::pattern::Pattern;
use super::scan::{Progress, Scan};
use super::segment::{Held, Segment};

/// Hits that are listed; older ones are only counted.
const LISTED: usize = 1_000_000;

/// What looking at a row costs beside its payload, in bytes of the budget.
const ROW_COST: usize = 16;

/// A search, shared between the thread that runs it and those who ask for hits.
#[derive(Clone, Debug)]
pub struct Search {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pattern: Pattern,
    filter: Filter,
    /// Which rows have been searched. Held while a step runs.
    cursor: Mutex<Option<Cursor>>,
    hits: Mutex<Hits>,
    cancelled: AtomicBool,
}

/// Rows from `low` to before `high` have been searched.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    low: u64,
    high: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Search {
    /// A search that has not begun. Notes are not searched.
    #[must_use]
    pub fn new(pattern: Pattern, filter: Filter) -> Search {
        Search::with_limit(pattern, filter, LISTED)
    }

    pub(super) fn with_limit(pattern: Pattern, filter: Filter, limit: usize) -> Search {
        Search {
            inner: Arc::new(Inner {
                pattern,
                filter,
                cursor: Mutex::new(None),
                hits: Mutex::new(Hits::new(limit)),
                cancelled: AtomicBool::new(false),
            }),
        }
    }

    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.inner.pattern
    }

    #[must_use]
    pub fn filter(&self) -> Filter {
        self.inner.filter
    }

    /// Hits among these rows of a segment, and what it cost.
    fn scan(&self, segment: &Segment, rows: Range<usize>) -> (Vec<u64>, usize) {
        let Inner { pattern, filter, .. } = &*self.inner;
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
                    pattern.is_match(payload)
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
            if is_hit {
                found.push(table.first + index as u64);
            }
        }
        (found, cost)
    }

    /// Hits so far, those that are no longer listed too.
    #[must_use]
    pub fn total(&self) -> u64 {
        lock(&self.inner.hits).total()
    }

    /// The next hit behind this row. Rows that only [`Search::total`] counts are not found.
    #[must_use]
    pub fn next(&self, number: u64) -> Option<u64> {
        lock(&self.inner.hits).after(number)
    }

    /// The last hit before this row.
    #[must_use]
    pub fn previous(&self, number: u64) -> Option<u64> {
        lock(&self.inner.hits).before(number)
    }

    /// The first hit that is listed, for going on from the top.
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
        let hits = lock(&self.inner.hits);
        hits.place(number).map(|place| (place, hits.total()))
    }

    /// Hits among these rows, for marking them.
    #[must_use]
    pub fn hits_in(&self, numbers: Range<u64>) -> Vec<u64> {
        lock(&self.inner.hits).between(numbers)
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
        let mut held = lock(&self.inner.cursor);
        let (mut first, tail, end) = log.bounds();
        // Backwards from here stand sealed segments only, and forwards all that is still growing.
        let cursor = held.get_or_insert(Cursor { low: tail, high: tail });
        let mut spent = 0;
        let mut new_turn = true;
        loop {
            // What was thrown away in the meantime needs no search.
            cursor.high = cursor.high.max(first);
            cursor.low = cursor.low.clamp(first, cursor.high);
            let (new, old) = (cursor.high < end, cursor.low > first);
            if !(new || old) || spent >= budget || self.is_cancelled() {
                break;
            }
            // By turns, so that a flood of new rows does not keep the old ones waiting.
            let forward = new && (new_turn || !old);
            new_turn = !forward;
            let at = if forward { cursor.high } else { cursor.low - 1 };
            let Some(segment) = log.share(at) else {
                first = log.bounds().0;
                continue;
            };
            let table = &segment.table;
            let rows = if forward {
                table.index_of(cursor.high)..table.len()
            } else {
                0..table.index_of(cursor.low)
            };
            let (found, cost) = self.scan(&segment, rows);
            spent += cost;
            if self.is_cancelled() {
                break;
            }
            let mut hits = lock(&self.inner.hits);
            if forward {
                found.into_iter().for_each(|number| hits.push_newer(number));
                cursor.high = table.end();
            } else {
                found.into_iter().rev().for_each(|number| hits.push_older(number));
                cursor.low = table.first;
            }
        }
        let (first, _, end) = log.bounds();
        let Cursor { low, high } = *cursor;
        let searched = high.max(first) - low.clamp(first, high.max(first));
        let remaining = (end - first).saturating_sub(searched);
        let mut hits = lock(&self.inner.hits);
        hits.prune(first);
        Progress {
            hits: hits.total(),
            searched,
            remaining,
            done: remaining == 0 || self.is_cancelled(),
        }
    }
}
