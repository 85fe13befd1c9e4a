//! Places of a log as people write them: a number, a time, a step, a share.

use std::time::Duration;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::core::time::Micros;

/// Where to go in a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jump {
    /// The row with this number.
    Number(u64),
    /// As many rows further down; up, if negative.
    Rows(i64),
    /// This share of the rows, from 0 to 1.
    Share(f64),
    /// This much later than the row under the cursor.
    Later(Duration),
    /// This much earlier.
    Earlier(Duration),
    /// This time of a day.
    TimeOfDay(Time),
    /// This time of this day.
    DayAndTime(DateTime),
    /// A moment that was written with its zone.
    Moment(Micros),
}

/// What may be written.
pub const TAKES: &str = "A number (1204), a share (50%), a time (12:01:05, 2026-11-24 12:01), or a \
                         step: rows (+200) or time (-30s, +1h30m)";

impl Jump {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A sentence that says what may be written.
    pub fn read(text: &str) -> Result<Jump, String> {
        let text = text.trim();
        let wrong = || format!("{TAKES}.");
        if let Some(share) = text.strip_suffix('%') {
            let share: f64 = share.trim().parse().map_err(|_| wrong())?;
            return match share {
                0.0..=100.0 => Ok(Jump::Share(share / 100.0)),
                _ => Err("A share is from 0% to 100%.".into()),
            };
        }
        let digits: String = text
            .strip_prefix('#')
            .unwrap_or(text)
            .chars()
            .filter(|c| !matches!(c, ',' | '_' | '\''))
            .collect();
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return digits.parse().map(Jump::Number).map_err(|_| wrong());
        }
        if let Some(step) = text.strip_prefix(['+', '-', '−']) {
            let later = text.starts_with('+');
            if let Ok(rows) = step.trim().parse::<u32>() {
                return Ok(Jump::Rows(if later { i64::from(rows) } else { -i64::from(rows) }));
            }
            let by = span(step).ok_or_else(wrong)?;
            return Ok(if later { Jump::Later(by) } else { Jump::Earlier(by) });
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            let micros = u64::try_from(moment.as_microsecond()).map_err(|_| wrong())?;
            return Ok(Jump::Moment(Micros(micros)));
        }
        // A time is read from a day with a time too, so that comes first.
        if let Ok(at) = text.parse::<DateTime>() {
            return Ok(Jump::DayAndTime(at));
        }
        text.parse::<Time>().map(Jump::TimeOfDay).map_err(|_| wrong())
    }
}

/// `1h30m`, `250ms`, `1.5s`.
fn span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let figures = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..figures].parse().ok()?;
        let tail = rest[figures..].trim_start();
        let letters = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        seconds += number
            * match &tail[..letters] {
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" | "sec" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3_600.0,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = tail[letters..].trim_start();
    }
    Duration::try_from_secs_f64(seconds).ok()
}

/// The moment of a time of day that is nearest to `near`, of those that are between `first` and
/// `last` if there are any: a log may have begun yesterday.
#[must_use]
pub fn nearest(
    time: Time,
    near: Micros,
    (first, last): (Micros, Micros),
    zone: &TimeZone,
) -> Option<Micros> {
    let day = zone.to_datetime(near.timestamp()).date();
    let days = [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
    let moments = days.into_iter().flatten().filter_map(|day| moment(day.to_datetime(time), zone));
    moments.min_by_key(|at| (!(first..=last).contains(at), at.0.abs_diff(near.0)))
}

/// A day and time in a zone as a moment; times that a change of the clock skips are taken as the
/// ones behind it.
#[must_use]
pub fn moment(at: DateTime, zone: &TimeZone) -> Option<Micros> {
    let stamp = zone.to_ambiguous_timestamp(at).compatible().ok()?;
    u64::try_from(stamp.as_microsecond()).ok().map(Micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let time = |h, m, s, ms: i32| Time::new(h, m, s, ms * 1_000_000).unwrap();
        let seconds = Duration::from_secs;
        for (text, expected) in [
            ("1204", Jump::Number(1_204)),
            (" #1,204 ", Jump::Number(1_204)),
            ("10_000_000", Jump::Number(10_000_000)),
            ("50%", Jump::Share(0.5)),
            ("99.5 %", Jump::Share(0.995)),
            ("+200", Jump::Rows(200)),
            ("-1", Jump::Rows(-1)),
            ("+5m", Jump::Later(seconds(300))),
            ("-30s", Jump::Earlier(seconds(30))),
            ("−30 s", Jump::Earlier(seconds(30))),
            ("+1h30m", Jump::Later(seconds(5_400))),
            ("+250ms", Jump::Later(Duration::from_millis(250))),
            ("12:01", Jump::TimeOfDay(time(12, 1, 0, 0))),
            ("12:01:05", Jump::TimeOfDay(time(12, 1, 5, 0))),
            ("12:01:05.250", Jump::TimeOfDay(time(12, 1, 5, 250))),
            ("2026-11-24 12:01", Jump::DayAndTime(jiff::civil::date(2026, 11, 24).at(12, 1, 0, 0))),
            ("2026-11-24", Jump::DayAndTime(jiff::civil::date(2026, 11, 24).at(0, 0, 0, 0))),
            ("2025-11-24T16:01:22.123456Z", Jump::Moment(Micros(1_764_000_082_123_456))),
        ] {
            assert_eq!(Jump::read(text), Ok(expected), "{text}");
        }
        for wrong in ["", "x", "+", "-3q", "101%", "-1%", "25:00", "12:01:99", "+m", "1e9", "%"] {
            assert!(Jump::read(wrong).is_err(), "{wrong}");
        }
        assert!(Jump::read("soon").unwrap_err().contains("12:01:05"));
    }

    #[test]
    fn a_time_of_day_is_of_the_day_that_the_log_has() {
        let zone = TimeZone::UTC;
        let at = |text: &str| match Jump::read(text) {
            Ok(Jump::DayAndTime(at)) => moment(at, &zone).unwrap(),
            other => panic!("{other:?}"),
        };
        let span = (at("2026-11-24 23:00"), at("2026-11-25 01:00"));
        let time = |text: &str| text.parse::<Time>().unwrap();
        let after_midnight = at("2026-11-25 00:30");
        let found = nearest(time("23:30"), after_midnight, span, &zone);
        assert_eq!(found, Some(at("2026-11-24 23:30")));
        let found = nearest(time("00:10"), after_midnight, span, &zone);
        assert_eq!(found, Some(at("2026-11-25 00:10")));
        // Of those that the log has not, the nearest one.
        let found = nearest(time("12:00"), after_midnight, span, &zone);
        assert_eq!(found, Some(at("2026-11-25 12:00")));
    }
}
