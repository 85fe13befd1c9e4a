//! How long to wait before the next attempt of an automatic reconnect.

use std::time::Duration;

/// Longest wait between two attempts, whatever the interval and the count.
pub const LONGEST: Duration = Duration::from_secs(60);

/// Wait before attempt number `attempt` (the first reconnect is 1): the interval, doubled with
/// every further attempt, up to [`LONGEST`] (or the interval itself if it is longer).
///
/// `jitter` from 0 to 1 takes off up to a quarter, so that many clients do not come back at once.
#[must_use]
pub fn wait(interval: Duration, attempt: u32, jitter: f64) -> Duration {
    let cap = LONGEST.max(interval);
    let doublings = attempt.saturating_sub(1).min(20);
    let full = interval.saturating_mul(1 << doublings).min(cap);
    full.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_cap() {
        let s = Duration::from_secs;
        let waits: Vec<_> = (1..=8).map(|n| wait(s(1), n, 0.0)).collect();
        assert_eq!(waits, [s(1), s(2), s(4), s(8), s(16), s(32), s(60), s(60)]);
        assert_eq!(wait(s(1), u32::MAX, 0.0), s(60));
    }

    #[test]
    fn a_long_interval_is_kept() {
        assert_eq!(wait(Duration::from_secs(90), 5, 0.0), Duration::from_secs(90));
    }

    #[test]
    fn jitter_takes_off_at_most_a_quarter() {
        assert_eq!(wait(Duration::from_secs(4), 1, 1.0), Duration::from_secs(3));
        assert_eq!(wait(Duration::from_secs(4), 1, 9.0), Duration::from_secs(3));
    }
}
