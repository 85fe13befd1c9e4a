//! The clock of the program: one reading of the wall clock, and monotonic time from there on.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::core::time::Micros;

/// Makes [`Micros`] that never go backwards, also when somebody sets the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Micros,
    mono: Instant,
}

impl Clock {
    /// Reads the wall clock now and counts from there.
    #[must_use]
    pub fn new() -> Clock {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX));
        Clock { wall: Micros(wall), mono: Instant::now() }
    }

    /// The clock that all parts of this process share, so that their times can be compared.
    #[must_use]
    pub fn process() -> Clock {
        static SHARED: OnceLock<Clock> = OnceLock::new();
        *SHARED.get_or_init(Clock::new)
    }

    #[must_use]
    pub fn now(&self) -> Micros {
        self.wall.plus(self.mono.elapsed())
    }

    /// The monotonic instant at which this clock shows `at`, for timers; the clock's own start
    /// if `at` is before it.
    #[must_use]
    pub fn instant(&self, at: Micros) -> Instant {
        self.mono + at.since(self.wall)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::process()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_goes_backwards_and_maps_to_instants() {
        let clock = Clock::new();
        let mut last = clock.now();
        for _ in 0..1000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
        assert!(clock.instant(last) <= Instant::now());
        assert_eq!(clock.instant(Micros(0)), clock.mono);
    }
}
