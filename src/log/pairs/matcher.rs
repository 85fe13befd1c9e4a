//! Finds the reply to each request as rows come by, in their order.
//!
//! Either side may ask. A reply answers the newest open request of the other side with its key:
//! an id that is used again before its reply came takes the place of the older request, since a
//! request that is never answered must not shift all later ones. Messages that do not say whether
//! they ask are requests when we send them; those that come in are requests only if we answer
//! them soon, since feeds number their messages too.

use std::time::Duration;

use super::links::Links;
use super::methods::{Methods, UNNAMED};
use super::open::{Open, Request};
use super::sign::{Key, Role, Sign};
use crate::core::message::Direction;
use crate::core::time::Micros;
use crate::log::stats::{Histogram, Latencies};

/// Within this time something that came in may be answered by us, if it does not say that it asks.
const SOON: Duration = Duration::from_secs(30);

/// Bounds on what is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Open requests of each side; half a MiB for ten thousand.
    pub open: usize,
    /// Entries of finished pairs: two a pair, 20 bytes each.
    pub links: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { open: 16_384, links: 1 << 20 }
    }
}

/// What one side asked.
#[derive(Debug)]
struct Side {
    calls: Open,
    /// What may have asked.
    maybe: Open,
    /// Requests that have their first reply; more may come.
    answered: Open,
}

/// What happened to requests, over the whole log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Requests each way.
    pub sent: u64,
    pub received: u64,
    /// Requests that have a reply.
    pub answered: u64,
    /// Replies that say that something went wrong.
    pub failed: u64,
    /// Replies after the first one to the same request.
    pub further: u64,
    /// Replies to nothing that was asked, or that is remembered.
    pub stray: u64,
    /// Requests whose id was used again before a reply came.
    pub reused: u64,
    /// Requests that were ended by who made them before a reply came.
    pub withdrawn: u64,
    /// Requests that had no reply when their connection ended.
    pub cut: u64,
    /// Open requests that were forgotten since there were too many, or since rows between were
    /// gone before they were looked at.
    pub forgotten: u64,
}

#[derive(Debug)]
pub(super) struct Matcher {
    sides: [Side; 2],
    pub(super) links: Links,
    pub(super) tallies: Tallies,
    pub(super) methods: Methods,
    pub(super) times: Histogram,
    pub(super) latencies: Latencies,
}

fn index(direction: Direction) -> usize {
    match direction {
        Direction::In => 0,
        Direction::Out => 1,
    }
}

/// A row that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub number: u64,
    pub at: Micros,
    pub direction: Direction,
}

impl Matcher {
    pub(super) fn new(limits: Limits) -> Matcher {
        let side = || Side {
            calls: Open::new(limits.open),
            maybe: Open::new(limits.open),
            answered: Open::new(limits.open),
        };
        Matcher {
            sides: [side(), side()],
            links: Links::new(limits.links),
            tallies: Tallies::default(),
            methods: Methods::default(),
            times: Histogram::default(),
            latencies: Latencies::default(),
        }
    }

    pub(super) fn see(&mut self, row: Row, sign: Sign<'_>) {
        let Sign { key, role, name } = sign;
        match role {
            Role::Call => self.ask(row, key, name),
            Role::Reply { failed } => {
                if !self.answer(row, key, failed, false) {
                    self.tallies.stray += 1;
                }
            }
            Role::End => {
                if !self.answer(row, key, false, true) && !self.withdraw(row, key) {
                    self.tallies.stray += 1;
                }
            }
            Role::Either { failed } => {
                if !self.answer(row, key, failed, false) {
                    match row.direction {
                        Direction::Out => self.ask(row, key, name),
                        Direction::In => {
                            let Row { number, at, .. } = row;
                            let request = Request { number, at, method: UNNAMED };
                            self.sides[0].maybe.add(key, request);
                        }
                    }
                }
            }
        }
    }

    fn ask(&mut self, row: Row, key: Key, name: Option<&[u8]>) {
        let method = self.methods.asked(name);
        let side = &mut self.sides[index(row.direction)];
        side.answered.take(key);
        let request = Request { number: row.number, at: row.at, method };
        let (reused, forgotten) = side.calls.add(key, request);
        self.tallies.reused += u64::from(reused.is_some());
        self.tallies.forgotten += u64::from(forgotten.is_some());
        match row.direction {
            Direction::In => self.tallies.received += 1,
            Direction::Out => self.tallies.sent += 1,
        }
    }

    /// Takes the row as a reply; false if there is nothing that it answers.
    fn answer(&mut self, row: Row, key: Key, failed: bool, last: bool) -> bool {
        let side = &mut self.sides[1 - index(row.direction)];
        let (request, is_first) = if let Some(request) = side.calls.take(key) {
            (request, true)
        } else if let Some(request) =
            side.maybe.take(key).filter(|request| row.at.since(request.at) <= SOON)
        {
            self.tallies.received += 1;
            (Request { method: self.methods.asked(None), ..request }, true)
        } else if let Some(request) = side.answered.get(key) {
            (request, false)
        } else {
            return false;
        };
        let Request { number, at, method } = request;
        let round_trip = row.at.since(at);
        if last {
            side.answered.take(key);
        } else if is_first {
            side.answered.add(key, request);
        }
        // A row may hold a request and its own reply, in a batch.
        if number < row.number {
            self.links.add(number, row.number, round_trip, failed);
        }
        if failed {
            self.tallies.failed += 1;
            self.methods.failed(method);
        }
        if is_first {
            let micros = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
            self.tallies.answered += 1;
            self.times.add(micros);
            self.latencies.add(row.at, micros);
            self.methods.answered(method, round_trip);
        } else {
            self.tallies.further += 1;
        }
        true
    }

    /// Who asked says that it wants no more replies.
    fn withdraw(&mut self, row: Row, key: Key) -> bool {
        let side = &mut self.sides[index(row.direction)];
        if side.calls.take(key).is_some() {
            self.tallies.withdrawn += 1;
            return true;
        }
        side.answered.take(key).is_some()
    }

    /// The connection ended or a new one began: ids begin anew, and nothing more is answered.
    pub(super) fn connection_ended(&mut self) {
        self.tallies.cut += self.forget_open();
    }

    /// Rows were gone before they were seen, so replies may have been among them.
    pub(super) fn rows_are_missing(&mut self) {
        self.tallies.forgotten += self.forget_open();
    }

    fn forget_open(&mut self) -> u64 {
        self.sides
            .iter_mut()
            .map(|side| {
                side.maybe.clear();
                side.answered.clear();
                side.calls.clear()
            })
            .sum()
    }

    /// Open requests of ours and of the server.
    pub(super) fn open(&self) -> [u64; 2] {
        [self.sides[1].calls.len() as u64, self.sides[0].calls.len() as u64]
    }

    /// Number and time of the request that has waited longest.
    pub(super) fn oldest(&mut self) -> Option<(u64, Micros)> {
        let [received, sent] = &mut self.sides;
        [received.calls.oldest(), sent.calls.oldest()]
            .into_iter()
            .flatten()
            .map(|request| (request.number, request.at))
            .min()
    }
}
