//! How a scan goes through a log: the newest rows first, since that is where the reader is, and
//! what arrives meanwhile by turns with the older ones.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handle::LogHandle;
use super::numbers::Numbers;
use super::scan::Progress;
use super::segment::Segment;

/// What looking at a row costs beside its payload, in bytes of the budget.
pub(super) const ROW_COST: usize = 16;

/// Which rows a scan has looked at, and those that it found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Held while a step runs.
    cursor: Mutex<Option<Cursor>>,
    found: Mutex<Numbers>,
    /// As the last step left it.
    progress: Mutex<Progress>,
}

/// Rows from `low` to before `high` have been looked at.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    low: u64,
    high: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Walk {
    /// One step. `look` gives the numbers it finds among these rows of a segment, ascending, and
    /// what it cost; what it says once `is_cancelled` is not taken.
    pub(super) fn step(
        &self,
        log: &LogHandle,
        budget: usize,
        is_cancelled: &dyn Fn() -> bool,
        look: impl Fn(&Segment, Range<usize>) -> (Vec<u64>, usize),
    ) -> Progress {
        let mut held = lock(&self.cursor);
        let (mut first, tail, end) = log.bounds();
        // Backwards from here stand sealed segments only, and forwards all that is still growing.
        let cursor = held.get_or_insert(Cursor { low: tail, high: tail });
        let mut spent = 0;
        let mut new_turn = true;
        loop {
            // What was thrown away in the meantime needs no look.
            cursor.high = cursor.high.max(first);
            cursor.low = cursor.low.clamp(first, cursor.high);
            let (new, old) = (cursor.high < end, cursor.low > first);
            if !(new || old) || spent >= budget || is_cancelled() {
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
            let (found, cost) = look(&segment, rows);
            spent += cost;
            if is_cancelled() {
                break;
            }
            lock(&self.found).extend(&found);
            if forward {
                cursor.high = table.end();
            } else {
                cursor.low = table.first;
            }
        }
        let (first, _, end) = log.bounds();
        let Cursor { low, high } = *cursor;
        let searched = high.max(first) - low.clamp(first, high.max(first));
        let remaining = (end - first).saturating_sub(searched);
        let hits = self.found(first, |numbers| numbers.len());
        let progress =
            Progress { hits, searched, remaining, done: remaining == 0 || is_cancelled() };
        *lock(&self.progress) = progress;
        progress
    }

    /// Looks at what was found, without the rows before `first`, which are no longer kept.
    pub(super) fn found<T>(&self, first: u64, look: impl FnOnce(&Numbers) -> T) -> T {
        let mut numbers = lock(&self.found);
        numbers.prune(first);
        look(&numbers)
    }

    pub(super) fn progress(&self) -> Progress {
        *lock(&self.progress)
    }
}
