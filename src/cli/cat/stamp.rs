//! Timestamps for a million lines a second: the part down to the second is formatted once for
//! all events of that second.

use crate::core::time::Micros;

/// Writes [`Micros`] as RFC 3339 in UTC with six digits of a second.
#[derive(Debug, Default)]
pub struct Stamps {
    second: Option<u64>,
    /// `2026-11-24T12:01:22.`
    prefix: Vec<u8>,
}

impl Stamps {
    /// Appends the time, as [`Micros`]' `Display` writes it.
    pub fn write(&mut self, at: Micros, out: &mut Vec<u8>) {
        let second = at.0 / 1_000_000;
        if self.second != Some(second) {
            let whole = at.to_string();
            self.prefix.clear();
            self.prefix.extend_from_slice(&whole.as_bytes()[..whole.len().saturating_sub(7)]);
            self.second = Some(second);
        }
        let mut rest = at.0 % 1_000_000;
        let mut digits = *b"000000Z";
        for digit in digits[..6].iter_mut().rev() {
            *digit = b"0123456789"[usize::try_from(rest % 10).unwrap_or(0)];
            rest /= 10;
        }
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(&digits);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn written_as_display_writes_it(start in 0..4_000_000_000_000_000u64, steps in prop::collection::vec(0..3_000_000u64, 1..20)) {
            let mut stamps = Stamps::default();
            let mut at = start;
            for step in steps {
                at += step;
                let mut out = Vec::new();
                stamps.write(Micros(at), &mut out);
                prop_assert_eq!(String::from_utf8(out).unwrap(), Micros(at).to_string());
            }
        }
    }
}
