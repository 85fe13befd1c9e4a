//! What came and went since the log was last cleared, also of rows that are no longer kept.

use std::time::Duration;

use super::stats::Survey;
use crate::core::evidence::Counts;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;

/// Messages and control frames each way. `frames` of both is 0: the log knows messages only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub received: Counts,
    pub sent: Counts,
}

impl Totals {
    pub(super) fn add(&mut self, direction: Direction, kind: MessageKind, bytes: usize) {
        let side = match direction {
            Direction::In => &mut self.received,
            Direction::Out => &mut self.sent,
        };
        side.add(kind, bytes as u64);
    }
}

/// Length of one step of the rate, in microseconds.
const STEP: u64 = 250_000;

/// Steps that the rate is taken over: three seconds.
const STEPS: usize = 12;

/// How much arrives or leaves in a second, both ways together, over the last three seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    pub messages: f64,
    pub bytes: f64,
}

/// A ring of the last steps, kept by the rows' own times, so that it needs no clock.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// For each step its number since 1970, messages and bytes.
    steps: [(u64, u64, u64); STEPS],
    first: Option<Micros>,
    /// What all messages come to, and how they spread over time.
    pub(super) survey: Box<Survey>,
}

impl Meter {
    pub(super) fn message(&mut self, message: &Message) {
        self.add(message.at, message.payload.len());
        self.survey.add(message);
    }

    fn add(&mut self, at: Micros, bytes: usize) {
        self.first.get_or_insert(at);
        let step = at.0 / STEP;
        let slot = &mut self.steps[(step % STEPS as u64) as usize];
        if slot.0 < step {
            *slot = (step, 0, 0);
        }
        // A row from before the ring's time says nothing of the present.
        if slot.0 == step {
            slot.1 += 1;
            slot.2 += bytes as u64;
        }
    }

    /// The rate at `now`. In the first three seconds the time since the first row is what it is
    /// taken over, but at least one second.
    pub(super) fn rate(&self, now: Micros) -> Rate {
        let Some(first) = self.first else { return Rate::default() };
        let last = now.0 / STEP;
        let from = last.saturating_sub(STEPS as u64 - 1);
        let (messages, bytes) = self
            .steps
            .iter()
            .filter(|(step, ..)| (from..=last).contains(step))
            .fold((0, 0), |sum, (_, messages, bytes)| (sum.0 + messages, sum.1 + bytes));
        // The step of `now` has only just begun.
        let span = Duration::from_micros(now.0 - (from * STEP).min(now.0));
        let seconds = span.min(now.since(first)).max(Duration::from_secs(1)).as_secs_f64();
        Rate { messages: messages as f64 / seconds, bytes: bytes as f64 / seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_steady_stream_has_its_rate() {
        let mut meter = Meter::default();
        for tick in 0..200 {
            meter.add(Micros(1_000 * SECOND + tick * 100_000), 50);
        }
        let rate = meter.rate(Micros(1_000 * SECOND + 200 * 100_000));
        assert!((rate.messages - 10.0).abs() < 1.0, "{rate:?}");
        assert!((rate.bytes - 500.0).abs() < 50.0, "{rate:?}");
    }

    #[test]
    fn silence_brings_it_to_nothing() {
        let mut meter = Meter::default();
        meter.add(Micros(1_000 * SECOND), 5);
        assert!(meter.rate(Micros(1_001 * SECOND)).messages > 0.9);
        assert_eq!(meter.rate(Micros(1_004 * SECOND)), Rate::default());
    }

    #[test]
    fn a_burst_at_the_start_is_not_blown_up() {
        let mut meter = Meter::default();
        for _ in 0..30 {
            meter.add(Micros(1_000 * SECOND), 1);
        }
        assert!((meter.rate(Micros(1_000 * SECOND + 10)).messages - 30.0).abs() < 0.01);
    }

    #[test]
    fn a_row_with_an_old_time_is_left_out() {
        let mut meter = Meter::default();
        meter.add(Micros(1_000 * SECOND), 1);
        meter.add(Micros(3), 1);
        assert!((meter.rate(Micros(1_001 * SECOND)).messages - 1.0).abs() < 0.01);
    }
}
