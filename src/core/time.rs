//! Points in time as numbers, so that records can be stored, compared and replayed.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in microseconds since 1970-01-01 UTC.
///
/// The clock that makes them (in `net`) adds monotonic time to one reading of the wall clock, so
/// within one run they never go backwards, also when somebody sets the clock. Written in JSON
/// as RFC 3339 in UTC with six digits of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// Time from `earlier` to `self`; zero if `earlier` is not earlier.
    #[must_use]
    pub fn since(self, earlier: Micros) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// `self` moved into the future by `by`.
    #[must_use]
    pub fn plus(self, by: Duration) -> Micros {
        Micros(self.0.saturating_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)))
    }

    /// As a timestamp for formatting; far-future values are clamped to the last one that has a
    /// calendar date.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        i64::try_from(self.0)
            .ok()
            .and_then(|us| jiff::Timestamp::from_microsecond(us).ok())
            .unwrap_or(jiff::Timestamp::MAX)
    }
}

impl Micros {
    /// The second that it is in, as RFC 3339: `2026-11-24T12:01:22Z`.
    #[must_use]
    pub fn to_second(self) -> String {
        Micros(self.0 / 1_000_000 * 1_000_000).to_string().replace(".000000Z", "Z")
    }
}

/// A measured span with the figures that reports compare: `40 µs`, `4.1 ms`, `12 s`.
#[must_use]
pub fn measured(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{} s", us / 1_000_000),
    }
}

impl fmt::Display for Micros {
    /// RFC 3339, UTC, microseconds: `2026-11-24T12:01:22.123456Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let stamp: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Micros(u64::try_from(stamp.as_microsecond()).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_rfc_3339_and_read_back() {
        let at = Micros(1_764_000_082_123_456);
        let json = serde_json::to_string(&at).unwrap();
        assert_eq!(json, "\"2025-11-24T16:01:22.123456Z\"");
        assert_eq!(serde_json::from_str::<Micros>(&json).unwrap(), at);
    }

    #[test]
    fn a_whole_second_still_shows_six_digits() {
        assert_eq!(Micros(1_000_000).to_string(), "1970-01-01T00:00:01.000000Z");
    }

    #[test]
    fn since_does_not_go_below_zero() {
        assert_eq!(Micros(5).since(Micros(9)), Duration::ZERO);
    }
}
