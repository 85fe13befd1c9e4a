//! Pongs that are not sent at once, for testing how a server takes it.
//!
//! The message layer answers every ping; what it writes passes here.

use std::collections::VecDeque;
use std::time::Duration;

use super::outbox::OutFrame;
use crate::core::event::PongPolicy;
use crate::core::time::Micros;

/// Pongs that may wait for their time; older ones are given up, as section 5.5.3 of RFC 6455
/// allows.
const WAITING: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Pongs {
    policy: PongPolicy,
    delayed: VecDeque<(Micros, OutFrame)>,
    /// The newest one that was held.
    kept: Option<OutFrame>,
    held: u64,
    held_ever: u64,
}

impl Pongs {
    /// Takes a pong that is due; gives it back if it goes out at once.
    pub(super) fn answer(&mut self, pong: OutFrame, now: Micros) -> Option<OutFrame> {
        match self.policy {
            PongPolicy::Answer => return Some(pong),
            PongPolicy::Delay(delay) => {
                if self.delayed.len() == WAITING {
                    self.delayed.pop_front();
                }
                self.delayed.push_back((now.plus(delay), pong));
            }
            PongPolicy::Hold => {
                self.held += 1;
                self.held_ever += 1;
                self.kept = Some(pong);
            }
        }
        None
    }

    /// Changes the policy. What was delayed goes out now, or is held from now on; of what was held
    /// the newest is treated as if its ping came now.
    pub(super) fn set(&mut self, policy: PongPolicy, now: Micros) -> Vec<OutFrame> {
        self.policy = policy;
        let mut due: Vec<OutFrame> = self.delayed.drain(..).map(|(_, pong)| pong).collect();
        if policy != PongPolicy::Hold {
            self.held = 0;
            due.extend(self.kept.take());
        }
        if let PongPolicy::Delay(_) = policy {
            // The others have waited already.
            if let Some(newest) = due.pop() {
                self.answer(newest, now);
            }
            return due;
        }
        due.into_iter().filter_map(|pong| self.answer(pong, now)).collect()
    }

    /// Whether one waits for its time.
    pub(super) fn has_delayed(&self) -> bool {
        !self.delayed.is_empty()
    }

    /// How long it is from `now` until the next one is due.
    pub(super) fn next_due(&self, now: Micros) -> Option<Duration> {
        self.delayed.front().map(|(due, _)| due.since(now))
    }

    /// One that is due.
    pub(super) fn pop_due(&mut self, now: Micros) -> Option<OutFrame> {
        self.delayed.pop_front_if(|(due, _)| *due <= now).map(|(_, pong)| pong)
    }

    /// How many were held since holding began, and since the connection did.
    pub(super) fn held(&self) -> (u64, u64) {
        (self.held, self.held_ever)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::core::message::MessageKind;

    fn pong(payload: &'static str) -> OutFrame {
        OutFrame { kind: MessageKind::Pong, payload: Bytes::from(payload), share: None }
    }

    fn payloads(pongs: impl IntoIterator<Item = OutFrame>) -> Vec<String> {
        pongs.into_iter().map(|p| String::from_utf8(p.payload.to_vec()).unwrap()).collect()
    }

    #[test]
    fn held_pongs_are_counted_and_the_newest_is_sent_in_the_end() {
        let mut pongs = Pongs::default();
        assert!(pongs.answer(pong("a"), Micros(0)).is_some());
        assert!(pongs.set(PongPolicy::Hold, Micros(0)).is_empty());
        for payload in ["b", "c"] {
            assert!(pongs.answer(pong(payload), Micros(1)).is_none());
        }
        assert_eq!(pongs.held(), (2, 2));
        assert_eq!(payloads(pongs.set(PongPolicy::Answer, Micros(2))), ["c"]);
        assert_eq!(pongs.held(), (0, 2));
        assert!(pongs.answer(pong("d"), Micros(3)).is_some());
    }

    #[test]
    fn delayed_pongs_come_in_order_when_their_time_does() {
        let mut pongs = Pongs::default();
        pongs.set(PongPolicy::Delay(Duration::from_micros(100)), Micros(0));
        for (payload, at) in [("a", 10), ("b", 20)] {
            assert!(pongs.answer(pong(payload), Micros(at)).is_none());
        }
        assert_eq!(pongs.next_due(Micros(50)), Some(Duration::from_micros(60)));
        assert!(pongs.pop_due(Micros(109)).is_none());
        assert_eq!(payloads(pongs.pop_due(Micros(110))), ["a"]);
        // Held from now on, then sent.
        assert!(pongs.set(PongPolicy::Hold, Micros(111)).is_empty());
        assert_eq!(pongs.held(), (1, 1));
        assert_eq!(payloads(pongs.set(PongPolicy::Answer, Micros(112))), ["b"]);
    }

    #[test]
    fn waiting_pongs_are_bounded() {
        let mut pongs = Pongs::default();
        pongs.set(PongPolicy::Delay(Duration::from_secs(1)), Micros(0));
        for _ in 0..2 * WAITING {
            pongs.answer(pong("x"), Micros(0));
        }
        assert_eq!(pongs.delayed.len(), WAITING);
    }
}
