//! Which row answers which: finished pairs, small, by chunks of row numbers so that the oldest go
//! at once.

use std::collections::BTreeMap;
use std::time::Duration;

/// Rows of a chunk.
const CHUNK: u64 = 4096;

/// What a row is to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mate {
    /// It asked, and these rows answer it.
    Request {
        /// Row of the first reply, and the time from the request to it.
        reply: u64,
        round_trip: Duration,
        failed: bool,
        /// How many replies there are, and the row of the last one.
        replies: u32,
        last: u64,
    },
    /// It answers.
    Reply {
        /// Row of the request, and the time from it to this reply.
        request: u64,
        round_trip: Duration,
        failed: bool,
    },
}

impl Mate {
    /// The row on the other end: the first reply, or the request.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Mate::Request { reply, .. } => reply,
            Mate::Reply { request, .. } => request,
        }
    }

    /// Time between request and reply, the first one if there are several.
    #[must_use]
    pub fn round_trip(self) -> Duration {
        match self {
            Mate::Request { round_trip, .. } | Mate::Reply { round_trip, .. } => round_trip,
        }
    }

    /// The reply says that something went wrong.
    #[must_use]
    pub fn failed(self) -> bool {
        match self {
            Mate::Request { failed, .. } | Mate::Reply { failed, .. } => failed,
        }
    }
}

/// Distances are in rows, times in microseconds; what is too far does not fit and is not listed.
#[derive(Clone, Copy, Debug)]
struct Asked {
    at: u16,
    failed: bool,
    first: u32,
    last: u32,
    replies: u32,
    micros: u32,
}

#[derive(Clone, Copy, Debug)]
struct Answers {
    at: u16,
    failed: bool,
    back: u32,
    micros: u32,
}

#[derive(Debug, Default)]
struct Chunk {
    /// Both in order of `at`.
    asked: Vec<Asked>,
    answers: Vec<Answers>,
}

/// Pairs of rows, the newest ones.
#[derive(Debug)]
pub(super) struct Links {
    chunks: BTreeMap<u64, Chunk>,
    /// Entries in all chunks.
    count: usize,
    limit: usize,
}

fn place(number: u64) -> (u64, u16) {
    (number / CHUNK, (number % CHUNK) as u16)
}

impl Links {
    pub(super) fn new(limit: usize) -> Links {
        Links { chunks: BTreeMap::new(), count: 0, limit }
    }

    /// Notes that a row answers another one, which came before it.
    pub(super) fn add(&mut self, request: u64, reply: u64, round_trip: Duration, failed: bool) {
        let Ok(distance) = u32::try_from(reply - request) else { return };
        let micros = u32::try_from(round_trip.as_micros()).unwrap_or(u32::MAX);
        let (chunk, at) = place(reply);
        let answers = &mut self.chunks.entry(chunk).or_default().answers;
        // A reply to a batch answers several; the row says the first of them.
        if answers.last().is_none_or(|last| last.at != at) {
            answers.push(Answers { at, failed, back: distance, micros });
            self.count += 1;
        }
        let (chunk, at) = place(request);
        let asked = &mut self.chunks.entry(chunk).or_default().asked;
        match asked.binary_search_by_key(&at, |asked| asked.at) {
            Ok(found) => {
                let known = &mut asked[found];
                if known.last != distance {
                    known.last = distance;
                    known.replies = known.replies.saturating_add(1);
                }
                known.failed |= failed;
            }
            Err(place) => {
                let (first, last) = (distance, distance);
                asked.insert(place, Asked { at, failed, first, last, replies: 1, micros });
                self.count += 1;
            }
        }
        while self.count > self.limit && self.chunks.len() > 1 {
            if let Some((_, gone)) = self.chunks.pop_first() {
                self.count -= gone.asked.len() + gone.answers.len();
            }
        }
    }

    /// Forgets pairs of rows that all come before this number.
    pub(super) fn prune(&mut self, first: u64) {
        while let Some(entry) = self.chunks.first_entry()
            && (entry.key() + 1) * CHUNK <= first
        {
            let gone = entry.remove();
            self.count -= gone.asked.len() + gone.answers.len();
        }
    }

    /// What the row is; one that does both answers first of all.
    pub(super) fn mate(&self, number: u64) -> Option<Mate> {
        let (chunk, at) = place(number);
        let chunk = self.chunks.get(&chunk)?;
        if let Ok(found) = chunk.answers.binary_search_by_key(&at, |entry| entry.at) {
            let Answers { failed, back, micros, .. } = chunk.answers[found];
            let round_trip = Duration::from_micros(micros.into());
            return Some(Mate::Reply { request: number - u64::from(back), round_trip, failed });
        }
        let found = chunk.asked.binary_search_by_key(&at, |entry| entry.at).ok()?;
        let Asked { failed, first, last, replies, micros, .. } = chunk.asked[found];
        let (reply, last) = (number + u64::from(first), number + u64::from(last));
        let round_trip = Duration::from_micros(micros.into());
        Some(Mate::Request { reply, round_trip, failed, replies, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn both_ends_know_each_other_over_chunks() {
        let mut links = Links::new(1000);
        links.add(4000, 5000, MS, false);
        links.add(3999, 5001, 2 * MS, true);
        links.add(4000, 9000, 3 * MS, false);
        let first =
            Mate::Request { reply: 5000, round_trip: MS, failed: false, replies: 2, last: 9000 };
        assert_eq!(links.mate(4000), Some(first));
        let reply = |request, round_trip, failed| Mate::Reply { request, round_trip, failed };
        assert_eq!(links.mate(5000), Some(reply(4000, MS, false)));
        assert_eq!(links.mate(5001), Some(reply(3999, 2 * MS, true)));
        assert_eq!(links.mate(9000), Some(reply(4000, 3 * MS, false)));
        assert_eq!(links.mate(4001), None);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_their_rows_are_gone() {
        let mut links = Links::new(10_000);
        for number in 0..50_000 {
            links.add(2 * number + 1, 2 * number + 2, MS, false);
        }
        assert!(links.count <= 10_000);
        assert_eq!(links.mate(2), None);
        assert!(links.mate(100_000).is_some());
        links.prune(100_000 + 2 * CHUNK);
        assert_eq!((links.count, links.chunks.len()), (0, 0));
    }
}
