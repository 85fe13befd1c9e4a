//! Sizes, spans of time and points in time as they are typed: read and shown.

use std::fmt;

/// Microseconds in a day.
pub(super) const DAY: u64 = 86_400_000_000;

/// Bytes, shown in the largest unit that says them exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

const SIZES: &[(&str, u64)] = &[
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("b", 1),
    ("", 1),
];

impl Size {
    pub(super) fn read(word: &str) -> Option<Size> {
        let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let unit = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1;
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(unit).map(Size);
        }
        let value = number.parse::<f64>().ok()? * unit as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "digits alone make no negative number, and too large ones are left out"
        )]
        (value < 1e18).then_some(Size(value.round() as u64))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, bytes) in [("G", 1u64 << 30), ("M", 1 << 20), ("k", 1 << 10)] {
            if self.0 > 0 && self.0.is_multiple_of(bytes) {
                return write!(f, "{}{unit}", self.0 / bytes);
            }
        }
        write!(f, "{}", self.0)
    }
}

/// A span of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting(pub u64);

const SPANS: &[(&str, u64)] = &[
    ("d", DAY),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

impl Lasting {
    /// `5m`, `1h30m`, `500ms`.
    pub(super) fn read(word: &str) -> Option<Lasting> {
        let mut total = 0u64;
        let mut rest = word;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, more) = rest.split_at(digits);
            let end = more.find(|c: char| c.is_ascii_digit()).unwrap_or(more.len());
            let (unit, more) = more.split_at(end);
            let unit = SPANS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1;
            total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
            rest = more;
        }
        (!word.is_empty()).then_some(Lasting(total))
    }
}

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, us) in SPANS {
            if left >= *us {
                write!(f, "{}{unit}", left / us)?;
                left %= us;
            }
        }
        Ok(())
    }
}

/// A time of day or a point in time, as exact as it was typed: `12:01` is a whole minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub date: Option<jiff::civil::Date>,
    /// Microseconds from the start of the day, by the clock.
    pub from: u64,
    /// Microseconds that it lasts: a day, a minute, a second or a power of ten below.
    pub lasts: u64,
}

impl Moment {
    /// `12:01`, `12:01:05.250`, `2026-11-25`, `2026-11-25T12:01:05`.
    pub(super) fn read(word: &str) -> Option<Moment> {
        let (date, time) = match word.split_once(['T', 't']) {
            Some((date, time)) => (Some(read_date(date)?), time),
            None if word.contains('-') => {
                return Some(Moment { date: Some(read_date(word)?), from: 0, lasts: DAY });
            }
            None => (None, word),
        };
        let mut parts = time.split(':');
        let hours = two_digits(parts.next()?, 24)?;
        let minutes = two_digits(parts.next()?, 60)?;
        let mut from = hours * 3_600_000_000 + minutes * 60_000_000;
        let mut lasts = 60_000_000;
        if let Some(seconds) = parts.next() {
            let (whole, fraction) = match seconds.split_once('.') {
                Some((whole, fraction)) => (whole, Some(fraction)),
                None => (seconds, None),
            };
            from += two_digits(whole, 60)? * 1_000_000;
            lasts = 1_000_000;
            if let Some(fraction) = fraction {
                let digits = fraction.len();
                let is_digits = fraction.bytes().all(|b| b.is_ascii_digit());
                if !(1..=6).contains(&digits) || !is_digits {
                    return None;
                }
                lasts = 10u64.pow(6 - u32::try_from(digits).ok()?);
                from += fraction.parse::<u64>().ok()? * lasts;
            }
        }
        parts.next().is_none().then_some(Moment { date, from, lasts })
    }
}

fn read_date(text: &str) -> Option<jiff::civil::Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if is_plain { text.parse().ok() } else { None }
}

fn two_digits(text: &str, below: u64) -> Option<u64> {
    let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|value| is_plain && *value < below)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(date) = self.date {
            write!(f, "{date}")?;
            if self.lasts >= DAY {
                return Ok(());
            }
            f.write_str("T")?;
        }
        let seconds = self.from / 1_000_000;
        write!(f, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if self.lasts < 60_000_000 {
            write!(f, ":{:02}", seconds % 60)?;
        }
        if self.lasts < 1_000_000 {
            let digits = 6 - self.lasts.max(1).ilog10() as usize;
            write!(f, ".{:0digits$}", self.from % 1_000_000 / self.lasts.max(1))?;
        }
        Ok(())
    }
}
