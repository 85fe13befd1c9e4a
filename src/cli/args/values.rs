//! Values that options take, from their text.

use std::str::FromStr;
use std::time::Duration;

use crate::core::headers::HeaderRow;
use crate::core::time::Micros;

/// A span given in seconds, fractions allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub Duration);

impl Seconds {
    /// In whole milliseconds, at least one.
    #[must_use]
    pub fn millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seconds, String> {
        let bad = || "a number of seconds is needed, such as 2 or 0.5".to_owned();
        let seconds: f64 = text.strip_suffix('s').unwrap_or(text).parse().map_err(|_| bad())?;
        Duration::try_from_secs_f64(seconds).map(Seconds).map_err(|_| bad())
    }
}

/// As [`Seconds`], more than none.
pub fn some_seconds(text: &str) -> Result<Seconds, String> {
    match text.parse()? {
        Seconds(Duration::ZERO) => Err("it must be more than 0 seconds".into()),
        seconds => Ok(seconds),
    }
}

/// A number of bytes: `1048576`, `64MiB`, `64M` (both 2^20), `64MB` (10^6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let bad = || "a size is needed, such as 65536, 512KiB, 64MiB or 1GiB".to_owned();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| bad())?;
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            _ => return Err(bad()),
        };
        number.checked_mul(factor).map(Size).ok_or_else(bad)
    }
}

/// `Name: value`, or `Name;` for an empty value, as curl has it.
pub fn header(text: &str) -> Result<HeaderRow, String> {
    if let Some((name, value)) = text.split_once(':') {
        return Ok(HeaderRow::new(name.trim(), value.trim()));
    }
    match text.strip_suffix(';') {
        Some(name) => Ok(HeaderRow::new(name.trim(), "")),
        None => Err("a header is written as 'Name: value'".into()),
    }
}

/// A point in time: `20191115T033655Z` as signatures write it, or RFC 3339.
pub fn stamp(text: &str) -> Result<Micros, String> {
    let compact = jiff::fmt::strtime::parse("%Y%m%dT%H%M%SZ", text)
        .and_then(|parsed| parsed.to_datetime())
        .and_then(|at| jiff::tz::TimeZone::UTC.to_timestamp(at));
    let at = match compact {
        Ok(at) => at,
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .map_err(|_| "a time is needed, such as 20191115T033655Z".to_owned())?,
    };
    u64::try_from(at.as_microsecond()).map(Micros).map_err(|_| "it lies before 1970".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("65536", 65_536),
            ("64MiB", 64 << 20),
            ("64m", 64 << 20),
            ("1 GiB", 1 << 30),
            ("5kb", 5_000),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5M", "64Mb2", "99999999999GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn seconds() {
        assert_eq!("0.25".parse(), Ok(Seconds(Duration::from_millis(250))));
        assert_eq!("2s".parse::<Seconds>().map(Seconds::millis), Ok(2_000));
        for text in ["", "-1", "NaN", "inf", "1e99", "1m"] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
        assert!(some_seconds("0").is_err());
    }

    #[test]
    fn stamps() {
        let at = stamp("20191115T033655Z").unwrap();
        assert_eq!(at.to_string(), "2019-11-15T03:36:55.000000Z");
        assert_eq!(stamp("2019-11-15T03:36:55Z"), Ok(at));
        assert_eq!(stamp("2019-11-15T04:36:55+01:00"), Ok(at));
        assert!(stamp("yesterday").is_err() && stamp("19191115T033655Z").is_err());
    }
}
