//! How late the pongs to our pings came, over the last ones.

use std::collections::VecDeque;
use std::time::Duration;

use crate::core::time::Micros;
use crate::log::{Percentiles, exact};

/// Round trips of pings, oldest first.
#[derive(Clone, Debug, Default)]
pub struct RoundTrips {
    /// When the pong came, and how many microseconds after its ping.
    kept: VecDeque<(Micros, u64)>,
    /// Also those that are not kept any more.
    pub total: u64,
}

impl RoundTrips {
    /// How many are kept.
    pub const KEPT: usize = 600;

    pub fn add(&mut self, at: Micros, time: Duration) {
        if self.kept.len() == RoundTrips::KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((at, u64::try_from(time.as_micros()).unwrap_or(u64::MAX)));
        self.total += 1;
    }

    /// In microseconds, oldest first.
    #[must_use]
    pub fn values(&self) -> Vec<u64> {
        self.kept.iter().map(|(_, micros)| *micros).collect()
    }

    /// The newest one, and when it was.
    #[must_use]
    pub fn last(&self) -> Option<(Micros, u64)> {
        self.kept.back().copied()
    }

    /// Of those that are kept, exactly.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        exact(&mut self.values())
    }

    /// How much two in a row differ, on the average, in microseconds.
    #[must_use]
    pub fn jitter(&self) -> u64 {
        let values = self.values();
        let steps = values.windows(2).map(|pair| pair[0].abs_diff(pair[1]));
        let sum: u128 = steps.map(u128::from).sum();
        u64::try_from(sum / (values.len().max(2) as u128 - 1)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept() {
        let mut trips = RoundTrips::default();
        assert_eq!((trips.jitter(), trips.last()), (0, None));
        for number in 0..1000_u64 {
            trips.add(Micros(number), Duration::from_micros(100 + number % 2 * 10));
        }
        assert_eq!((trips.total, trips.values().len()), (1000, RoundTrips::KEPT));
        assert_eq!(trips.last(), Some((Micros(999), 110)));
        assert_eq!(trips.jitter(), 10);
        let shares = trips.percentiles();
        assert_eq!((shares.min, shares.p50, shares.max), (100, 100, 110));
    }
}
