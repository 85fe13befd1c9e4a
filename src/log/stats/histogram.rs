//! Many values in few numbers: a count for each small range of values, the ranges growing with
//! the value, as HdrHistogram has them.

/// Ranges of each power of two, so that a value is known to about 3 %.
const STEPS: u64 = 32;

/// Larger values count as this one.
const LARGEST: u64 = (1 << 42) - 1;

/// Counts of values by ranges. Memory grows with the logarithm of the largest value: up to about
/// 10 KiB.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    least: u64,
    largest: u64,
}

/// Where values stand, in the unit of what was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    pub count: u64,
    pub min: u64,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub max: u64,
    pub mean: u64,
}

/// Place of the range that holds a value: up to 2 · STEPS each value has its own.
fn place(value: u64) -> usize {
    let value = value.min(LARGEST);
    let power = u64::from(value.max(1).ilog2());
    let shift = power.saturating_sub(u64::from(STEPS.ilog2()));
    (shift * STEPS + (value >> shift)) as usize
}

/// The middle of the range at a place.
fn middle(place: usize) -> u64 {
    let place = place as u64;
    let shift = (place / STEPS).saturating_sub(1);
    let low = (place - shift * STEPS) << shift;
    low + ((1 << shift) - 1) / 2
}

impl Histogram {
    pub fn add(&mut self, value: u64) {
        let place = place(value);
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.least = if self.total == 0 { value } else { self.least.min(value) };
        self.largest = self.largest.max(value);
        self.total += 1;
        self.sum += u128::from(value);
    }

    /// How many values were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.counts.clear();
        *self = Histogram { counts: std::mem::take(&mut self.counts), ..Histogram::default() };
    }

    /// A value so that the share `of` (0 to 1) of all are at most as large; within about 3 % of
    /// the exact one. 0 if there is none.
    #[must_use]
    pub fn quantile(&self, of: f64) -> u64 {
        self.quantiles([of])[0]
    }

    /// Several of them, in ascending order, in one pass.
    fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [u64; N] {
        let mut out = [self.largest; N];
        let (mut seen, mut at) = (0, 0);
        for (place, count) in self.counts.iter().enumerate() {
            seen += count;
            while at < N && seen >= rank(shares[at], self.total) {
                out[at] = middle(place).clamp(self.least, self.largest);
                at += 1;
            }
        }
        out
    }

    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        if self.total == 0 {
            return Percentiles::default();
        }
        let [p50, p90, p99] = self.quantiles([0.5, 0.9, 0.99]);
        let mean = u64::try_from(self.sum / u128::from(self.total)).unwrap_or(u64::MAX);
        let (count, min, max) = (self.total, self.least, self.largest);
        Percentiles { count, min, p50, p90, p99, max, mean }
    }
}

/// Which value in order, from 1, has the share `of` at or below it.
fn rank(of: f64, total: u64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count is between 0 and the count"
    )]
    let rank = (of * total as f64).ceil() as u64;
    rank.clamp(1, total.max(1))
}

/// The percentiles of few values, exactly.
#[must_use]
pub fn exact(values: &mut [u64]) -> Percentiles {
    values.sort_unstable();
    let (Some(min), Some(max)) = (values.first().copied(), values.last().copied()) else {
        return Percentiles::default();
    };
    let count = values.len() as u64;
    let at = |of| values[usize::try_from(rank(of, count) - 1).unwrap_or(0)];
    let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
    let mean = u64::try_from(sum / u128::from(count)).unwrap_or(u64::MAX);
    Percentiles { count, min, p50: at(0.5), p90: at(0.9), p99: at(0.99), max, mean }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_range_holds_its_middle_and_they_go_up() {
        for (at, next) in (0..1200).map(|at| (middle(at), middle(at + 1))) {
            assert!(at < next, "{at} {next}");
        }
        for value in (0..5000).chain((1..42).map(|power| (1 << power) - 1)) {
            let near = middle(place(value));
            assert!(near.abs_diff(value) * STEPS <= value.max(1), "{value}: {near}");
        }
        assert_eq!(place(u64::MAX), place(LARGEST));
    }

    #[test]
    fn nothing_is_nothing() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentiles(), Percentiles::default());
        histogram.add(7);
        histogram.clear();
        assert_eq!(histogram.percentiles(), Percentiles::default());
        assert_eq!(exact(&mut []), Percentiles::default());
    }

    proptest! {
        #[test]
        fn percentiles_are_near_the_exact_ones(
            mut values in prop::collection::vec((0..40_u32, any::<u64>()), 1..400),
        ) {
            let mut values: Vec<u64> =
                values.drain(..).map(|(power, value)| value % (1 << power)).collect();
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.add(*value));
            let (near, exact) = (histogram.percentiles(), exact(&mut values));
            prop_assert_eq!(
                (near.count, near.min, near.max, near.mean),
                (exact.count, exact.min, exact.max, exact.mean)
            );
            for (near, exact) in [(near.p50, exact.p50), (near.p90, exact.p90), (near.p99, exact.p99)] {
                prop_assert!(near.abs_diff(exact) * STEPS <= exact.max(1), "{} {}", near, exact);
            }
        }
    }
}
