//! Sizes in words and counts of a text.

/// What a text counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes in UTF-8: what goes over the wire and what limits are about.
    pub bytes: usize,
    /// Unicode scalar values (not what a reader sees as one letter: see grapheme clusters).
    pub characters: usize,
}

/// Counts a text in one pass.
pub fn counts(text: &str) -> Counts {
    Counts { bytes: text.len(), characters: text.chars().count() }
}

/// A number for people, with commas between thousands: `1,204`.
#[must_use]
pub fn human_count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes for people. Below 1024 exact: `134 B`. From there in units of 1024 (KiB, MiB,
/// GiB, TiB), rounded to the nearest tenth below 100 (`1.2 KiB`, `99.9 MiB`) and to the nearest
/// whole from there (`100 KiB`, `1023 KiB`). What would round to 1024 is written in the next unit.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Integers throughout: the same rounding on every machine.
    let bytes = u128::from(bytes);
    let mut size: u128 = 1024;
    for (i, unit) in UNITS.iter().enumerate() {
        let tenths = (bytes * 10 + size / 2) / size;
        if tenths < 1000 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        let whole = (bytes + size / 2) / size;
        if whole < 1024 || i == UNITS.len() - 1 {
            return format!("{whole} {unit}");
        }
        size *= 1024;
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
            (100_000, "100,000"),
        ] {
            assert_eq!(human_count(number), expected);
        }
    }

    #[test]
    fn sizes_follow_the_rule() {
        for (bytes, words) in [
            (0, "0 B"),
            (134, "134 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1229, "1.2 KiB"),
            (102_348, "99.9 KiB"),
            (102_350, "100 KiB"),
            (1_047_552, "1023 KiB"),
            (1_048_063, "1023 KiB"),
            (1_048_064, "1.0 MiB"),
            (10 << 20, "10.0 MiB"),
            (64 << 30, "64.0 GiB"),
            (u64::MAX, "16777216 TiB"),
        ] {
            assert_eq!(human_bytes(bytes), words, "{bytes}");
        }
    }

    #[test]
    fn counts_bytes_and_characters() {
        assert_eq!(counts("añ日🦀"), Counts { bytes: 10, characters: 4 });
    }
}
