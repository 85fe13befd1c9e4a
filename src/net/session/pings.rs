//! Our pings and the pongs that answer them (RFC 6455 section 5.5.2 and 5.5.3).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::core::time::Micros;

/// Pings that may wait for a pong; older ones are given up and counted as unanswered.
const WAITING: usize = 64;

/// Round-trip times that are kept.
const KEPT: usize = 32;

/// Pings of the heartbeat without an answer, and silence since the first of them, after which the
/// connection counts as dead.
const DEAD_AFTER: usize = 3;

#[derive(Debug)]
struct Waiting {
    payload: Bytes,
    sent: Micros,
    heartbeat: bool,
}

#[derive(Debug, Default)]
pub(super) struct Pings {
    waiting: VecDeque<Waiting>,
    given_up: u32,
    round_trips: VecDeque<u64>,
    beats: u64,
}

impl Pings {
    /// Payload of the next ping of the heartbeat: a count, so that its pong can be told apart.
    pub(super) fn next_beat(&mut self) -> Bytes {
        self.beats += 1;
        Bytes::from(format!("wsdeck heartbeat {}", self.beats))
    }

    /// A ping was handed to the operating system.
    pub(super) fn sent(&mut self, payload: Bytes, at: Micros) {
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
            self.given_up += 1;
        }
        let heartbeat = payload.starts_with(b"wsdeck heartbeat ");
        self.waiting.push_back(Waiting { payload, sent: at, heartbeat });
    }

    /// A pong came. It answers the newest ping with its payload and all before it, since a peer
    /// may answer only the latest; `None` if it answers none (an unsolicited pong).
    pub(super) fn answered(&mut self, payload: &[u8], at: Micros) -> Option<Duration> {
        // The oldest of equal payloads: answers come in the order of the pings.
        let index = self.waiting.iter().position(|ping| ping.payload == payload)?;
        let ping = self.waiting.drain(..=index).next_back()?;
        let trip = at.since(ping.sent);
        if self.round_trips.len() == KEPT {
            self.round_trips.pop_front();
        }
        self.round_trips.push_back(u64::try_from(trip.as_micros()).unwrap_or(u64::MAX));
        Some(trip)
    }

    /// Whether several pings of the heartbeat are without an answer and nothing at all came since
    /// the first of them.
    pub(super) fn is_dead(&self, last_read: Micros) -> bool {
        let mut beats = self.waiting.iter().filter(|ping| ping.heartbeat);
        let first = beats.next();
        first.is_some_and(|ping| ping.sent > last_read) && beats.count() + 1 >= DEAD_AFTER
    }

    /// When the oldest ping that still waits for its pong was sent.
    pub(super) fn oldest_waiting(&self) -> Option<Micros> {
        self.waiting.front().map(|ping| ping.sent)
    }

    pub(super) fn unanswered(&self) -> u32 {
        self.given_up.saturating_add(u32::try_from(self.waiting.len()).unwrap_or(u32::MAX))
    }

    pub(super) fn round_trips(&self) -> Vec<u64> {
        self.round_trips.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_answers_its_ping_and_those_before() {
        let mut pings = Pings::default();
        for (payload, at) in [("a", 10), ("b", 20), ("c", 30)] {
            pings.sent(Bytes::from(payload), Micros(at));
        }
        assert_eq!(pings.answered(b"x", Micros(40)), None);
        assert_eq!(pings.answered(b"b", Micros(45)), Some(Duration::from_micros(25)));
        assert_eq!((pings.unanswered(), pings.oldest_waiting()), (1, Some(Micros(30))));
        assert_eq!(pings.answered(b"c", Micros(50)), Some(Duration::from_micros(20)));
        assert_eq!(pings.round_trips(), [25, 20]);
    }

    #[test]
    fn dead_needs_three_beats_and_silence() {
        let mut pings = Pings::default();
        for at in [10, 20, 30] {
            assert!(!pings.is_dead(Micros(5)));
            let beat = pings.next_beat();
            pings.sent(beat, Micros(at));
        }
        assert!(pings.is_dead(Micros(5)));
        assert!(!pings.is_dead(Micros(15)), "data came meanwhile");
    }

    #[test]
    fn waiting_pings_are_bounded() {
        let mut pings = Pings::default();
        for at in 0..1000 {
            pings.sent(Bytes::from_static(b"p"), Micros(at));
        }
        assert_eq!(pings.waiting.len(), WAITING);
        assert_eq!(pings.unanswered(), 1000);
    }
}
