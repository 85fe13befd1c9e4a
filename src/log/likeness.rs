//! The next row of the same kind as another one: same direction and opcode, and for JSON the same
//! value of what tells messages apart (`type`, `event`, `op` …).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::entry::Entry;
use super::filter::Filter;
use super::handle::LogHandle;
use super::scan::{Progress, Scan};
use super::view::View;
use crate::core::message::{Direction, MessageKind};
use crate::payload::discriminator;

/// Rows that are read at once.
const BATCH: u64 = 512;

/// What looking at a row costs beside its payload, in bytes of the budget.
const ROW_COST: usize = 64;

/// What rows of the same kind have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    direction: Direction,
    kind: MessageKind,
    /// Key and value, as they stand in the payload.
    told: Option<(&'static str, Vec<u8>)>,
}

impl Likeness {
    /// The kind of a message; `None` for a note, or if it is still being read.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Likeness> {
        let (direction, kind, payload) = entry.message()?;
        let told = told(kind, payload).map(|(key, value)| (key, value.to_vec()));
        Some(Likeness { direction, kind, told })
    }

    /// Those rows of a view that may be of the kind; `None` if the view shows none.
    fn view(&self, view: &View) -> Option<View> {
        if view.sieve.is_some() {
            return Some(view.clone());
        }
        let shown = view.classes.shows(self.direction, self.kind);
        shown.then(|| View::from(Filter::new(&[self.direction], &[self.kind], false)))
    }

    /// `received text with type "tick"`.
    #[must_use]
    pub fn words(&self) -> String {
        let way = match self.direction {
            Direction::In => "received",
            Direction::Out => "sent",
        };
        let kind = self.kind.name();
        match &self.told {
            Some((key, value)) => {
                format!("{way} {kind} with {key} {}", String::from_utf8_lossy(value))
            }
            None => format!("{way} {kind}"),
        }
    }

    fn fits(&self, entry: &Entry) -> bool {
        let Some((direction, kind, payload)) = entry.message() else { return false };
        if (direction, kind) != (self.direction, self.kind) {
            return false;
        }
        match &self.told {
            Some((key, value)) => told(kind, payload) == Some((*key, value.as_slice())),
            None => true,
        }
    }
}

fn told(kind: MessageKind, payload: &[u8]) -> Option<(&'static str, &[u8])> {
    if kind == MessageKind::Text { discriminator(payload) } else { None }
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Like(Likeness),
    Note,
}

impl Wanted {
    fn fits(&self, entry: &Entry) -> bool {
        match self {
            Wanted::Like(like) => like.fits(entry),
            Wanted::Note => entry.note().is_some(),
        }
    }
}

/// Looks for the nearest row of a kind in one direction. A [`Scan`]; it ends at the first find.
#[derive(Clone, Debug)]
pub struct Seek {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    wanted: Wanted,
    /// Shows all rows that may be wanted.
    view: View,
    forward: bool,
    state: Mutex<State>,
    cancelled: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// Looked at up to here, this row not: going up, rows below it are left.
    at: u64,
    found: Option<u64>,
}

impl Seek {
    /// Rows of this kind among those of the view, from the one behind `from` on, or backwards from
    /// the one before it. `None` if the view shows none of the kind.
    #[must_use]
    pub fn like(like: Likeness, view: &View, from: u64, forward: bool) -> Option<Seek> {
        let view = like.view(view)?;
        Some(Seek::new(Wanted::Like(like), view, from, forward))
    }

    /// As [`Seek::like`], for lines of ours: connected, closed, failed.
    #[must_use]
    pub fn notes(view: &View, from: u64, forward: bool) -> Option<Seek> {
        let notes = View::from(Filter::new(&[], &[], true));
        let view = if view.sieve.is_some() { view.clone() } else { notes };
        Some(Seek::new(Wanted::Note, view, from, forward))
    }

    fn new(wanted: Wanted, view: View, from: u64, forward: bool) -> Seek {
        let at = if forward { from.saturating_add(1) } else { from };
        let state = Mutex::new(State { at, found: None });
        let inner = Inner { wanted, view, forward, state, cancelled: AtomicBool::new(false) };
        Seek { inner: Arc::new(inner) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row that was found.
    #[must_use]
    pub fn found(&self) -> Option<u64> {
        self.state().found
    }

    /// What is looked for, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.inner.wanted {
            Wanted::Like(like) => like.words(),
            Wanted::Note => "line about the connection".into(),
        }
    }

    #[must_use]
    pub fn is_forward(&self) -> bool {
        self.inner.forward
    }

    /// Looks at one batch of rows; what it cost, or `None` at the end of the log.
    fn batch(&self, log: &LogHandle) -> Option<usize> {
        let Inner { wanted, view, forward, .. } = &*self.inner;
        let stats = log.stats();
        let mut state = self.state();
        let numbers = if *forward {
            // Straight to the next row that the view shows, however far it is.
            let row = log.row_of(view, state.at.max(stats.first));
            let from = log.number_at(view, row)?;
            from..from.saturating_add(BATCH).min(stats.end)
        } else {
            let row = log.row_of(view, state.at.min(stats.end)).checked_sub(1)?;
            let to = log.number_at(view, row)?.saturating_add(1);
            to.saturating_sub(BATCH).max(stats.first)..to
        };
        if numbers.is_empty() {
            return None;
        }
        let entries = log.read(view, numbers.clone());
        let cost = entries.iter().map(|entry| entry.size() + ROW_COST).sum::<usize>() + ROW_COST;
        let mut fitting = entries.iter().filter(|entry| wanted.fits(entry)).map(|e| e.number);
        state.found = if *forward { fitting.next() } else { fitting.next_back() };
        state.at = if *forward { numbers.end } else { numbers.start };
        Some(cost)
    }
}

impl Scan for Seek {
    fn step(&self, log: &LogHandle, budget: usize) -> Progress {
        let mut spent = 0;
        let mut done = false;
        while spent < budget && !done {
            match self.batch(log) {
                Some(cost) => spent += cost,
                None => done = true,
            }
            done |= self.found().is_some() || self.is_cancelled();
        }
        let stats = log.stats();
        let state = self.state();
        let (first, end) = (stats.first, stats.end);
        let remaining = match (done, self.inner.forward) {
            (true, _) => 0,
            (false, true) => end.saturating_sub(state.at.max(first)),
            (false, false) => state.at.min(end).saturating_sub(first),
        };
        Progress {
            hits: u64::from(state.found.is_some()),
            searched: stats.kept().saturating_sub(remaining),
            remaining,
            done,
        }
    }

    fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::core::message::Message;
    use crate::core::time::Micros;

    fn message(direction: Direction, text: &str) -> Message {
        Message {
            at: Micros(7),
            direction,
            kind: MessageKind::Text,
            payload: Bytes::copy_from_slice(text.as_bytes()),
            packed: None,
            split: None,
        }
    }

    fn seek(log: &LogHandle, from: u64, forward: bool) -> Option<u64> {
        let like = Likeness::of(&log.get(from).unwrap()).unwrap();
        let seek = Seek::like(like, &View::default(), from, forward).unwrap();
        while !seek.step(log, 1).done {}
        seek.found()
    }

    #[test]
    fn the_nearest_one_of_the_same_type_is_found_both_ways() {
        let log = LogHandle::new(super::super::DEFAULT_BUDGET);
        log.append(&[message(Direction::In, r#"{"type":"login"}"#)]);
        let ticks: Vec<Message> =
            (0..5_000).map(|_| message(Direction::In, r#"{"type":"tick"}"#)).collect();
        log.append(&ticks);
        log.append(&[
            message(Direction::Out, r#"{"type":"login"}"#),
            message(Direction::In, r#"{"n":1,"type":"login"}"#),
            message(Direction::In, r#"{"n":2}"#),
        ]);
        assert_eq!(seek(&log, 1, true), Some(5_003));
        assert_eq!(seek(&log, 5_003, false), Some(1));
        assert_eq!(seek(&log, 5_003, true), None);
        assert_eq!(seek(&log, 2, true), Some(3));
        assert_eq!(seek(&log, 5_002, false), None, "the other direction does not count");
        assert_eq!(seek(&log, 5_004, false), Some(5_003), "without a type only the opcode counts");
    }

    #[test]
    fn kinds_have_words() {
        let log = LogHandle::new(super::super::DEFAULT_BUDGET);
        log.append(&[message(Direction::In, r#"{"op":3}"#), message(Direction::Out, "x")]);
        let words = |number| Likeness::of(&log.get(number).unwrap()).unwrap().words();
        assert_eq!(words(1), "received text with op 3");
        assert_eq!(words(2), "sent text");
    }
}
