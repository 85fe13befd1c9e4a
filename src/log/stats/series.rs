//! What happened in each second of the last minutes, and in each ten seconds of the last hour: a
//! ring of steps each, kept by the rows' own times, so that no clock is needed.

use super::histogram::Histogram;
use crate::core::message::Direction;
use crate::core::time::Micros;

const SECOND: u64 = 1_000_000;

/// How finely time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// One second, for five minutes.
    Fine,
    /// Ten seconds, for an hour.
    Coarse,
}

impl Grain {
    /// Seconds of a step.
    #[must_use]
    pub fn seconds(self) -> u64 {
        match self {
            Grain::Fine => 1,
            Grain::Coarse => 10,
        }
    }

    /// Steps that are kept.
    #[must_use]
    pub fn steps(self) -> usize {
        match self {
            Grain::Fine => 300,
            Grain::Coarse => 360,
        }
    }
}

/// What a ring has in each of its steps.
trait Step: Clone + Copy + Default {
    fn join(&mut self, other: &Self);
}

/// A step's number since 1970, in its own length, with what it holds.
#[derive(Clone, Debug)]
struct Ring<S> {
    grain: u64,
    steps: Vec<(u64, S)>,
}

impl<S: Step> Ring<S> {
    fn new(grain: Grain) -> Ring<S> {
        Ring { grain: grain.seconds(), steps: vec![(0, S::default()); grain.steps()] }
    }

    fn put(&mut self, second: u64, what: &S) {
        let step = second / self.grain;
        let place = (step % self.steps.len() as u64) as usize;
        let slot = &mut self.steps[place];
        if slot.0 < step {
            *slot = (step, S::default());
        }
        // What is from before the ring's time is left out.
        if slot.0 == step {
            slot.1.join(what);
        }
    }

    /// The last `count` steps up to the one that holds `now`, oldest first.
    fn last(&self, now: u64, count: usize) -> Vec<S> {
        let len = self.steps.len();
        let end = now / self.grain + 1;
        (end.saturating_sub(count.min(len) as u64)..end)
            .map(|step| match self.steps[(step % len as u64) as usize] {
                (of, what) if of == step => what,
                _ => S::default(),
            })
            .collect()
    }
}

/// Messages, control frames too, and payload bytes each way in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub received: u64,
    pub sent: u64,
    pub received_bytes: u64,
    pub sent_bytes: u64,
}

impl Step for Traffic {
    fn join(&mut self, other: &Traffic) {
        self.received += other.received;
        self.sent += other.sent;
        self.received_bytes += other.received_bytes;
        self.sent_bytes += other.sent_bytes;
    }
}

/// Traffic over time. Adding costs a few sums: the rings are touched once a second.
#[derive(Clone, Debug)]
pub struct Series {
    second: u64,
    current: Traffic,
    fine: Ring<Traffic>,
    coarse: Ring<Traffic>,
    /// The most of one second.
    peak: Traffic,
}

impl Default for Series {
    fn default() -> Series {
        Series {
            second: 0,
            current: Traffic::default(),
            fine: Ring::new(Grain::Fine),
            coarse: Ring::new(Grain::Coarse),
            peak: Traffic::default(),
        }
    }
}

impl Series {
    pub(in crate::log) fn add(&mut self, at: Micros, direction: Direction, bytes: usize) {
        let second = at.0 / SECOND;
        if second > self.second {
            self.turn(second);
        }
        // A row with an older time than its neighbours is a matter of milliseconds.
        match direction {
            Direction::In => {
                self.current.received += 1;
                self.current.received_bytes += bytes as u64;
            }
            Direction::Out => {
                self.current.sent += 1;
                self.current.sent_bytes += bytes as u64;
            }
        }
    }

    fn turn(&mut self, second: u64) {
        self.peak = self.peak();
        self.fine.put(self.second, &self.current);
        self.coarse.put(self.second, &self.current);
        self.second = second;
        self.current = Traffic::default();
    }

    /// The last steps up to `now`, oldest first.
    #[must_use]
    pub fn last(&self, grain: Grain, now: Micros, count: usize) -> Vec<Traffic> {
        let now = now.0 / SECOND;
        let ring = match grain {
            Grain::Fine => &self.fine,
            Grain::Coarse => &self.coarse,
        };
        let mut out = ring.last(now, count);
        let back = (now / ring.grain).saturating_sub(self.second / ring.grain);
        let place = usize::try_from(back).ok().and_then(|back| out.len().checked_sub(back + 1));
        if let Some(place) = place.filter(|_| now >= self.second) {
            out[place].join(&self.current);
        }
        out
    }

    /// The most of each that one second had.
    #[must_use]
    pub fn peak(&self) -> Traffic {
        let (a, b) = (self.peak, self.current);
        Traffic {
            received: a.received.max(b.received),
            sent: a.sent.max(b.sent),
            received_bytes: a.received_bytes.max(b.received_bytes),
            sent_bytes: a.sent_bytes.max(b.sent_bytes),
        }
    }
}

/// Round trips of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Replies that came in it.
    pub count: u64,
    /// Half of them were at most so late, in microseconds.
    pub median: u64,
    pub max: u64,
}

impl Step for Latency {
    /// A step is put whole; a second one for the same step is what has been added since.
    fn join(&mut self, other: &Latency) {
        let known = self.count >= other.count;
        self.median = if known { self.median } else { other.median };
        self.count += other.count;
        self.max = self.max.max(other.max);
    }
}

/// A step that is being filled.
#[derive(Clone, Debug, Default)]
struct Filling {
    step: u64,
    values: Histogram,
}

impl Filling {
    fn whole(&self) -> Latency {
        let shares = self.values.percentiles();
        Latency { count: shares.count, median: shares.p50, max: shares.max }
    }

    /// Adds a value to its step; what was there of an older one is put into the ring.
    fn add(&mut self, ring: &mut Ring<Latency>, second: u64, value: u64) {
        let step = second / ring.grain;
        if step > self.step {
            if self.values.count() > 0 {
                ring.put(self.step * ring.grain, &self.whole());
            }
            self.values.clear();
            self.step = step;
        }
        self.values.add(value);
    }
}

/// Round trips over time.
#[derive(Clone, Debug)]
pub struct Latencies {
    fine: Ring<Latency>,
    coarse: Ring<Latency>,
    filling: [Filling; 2],
}

impl Default for Latencies {
    fn default() -> Latencies {
        Latencies {
            fine: Ring::new(Grain::Fine),
            coarse: Ring::new(Grain::Coarse),
            filling: Default::default(),
        }
    }
}

impl Latencies {
    /// A reply that came at this time, so late.
    pub fn add(&mut self, at: Micros, value: u64) {
        let second = at.0 / SECOND;
        let [fine, coarse] = &mut self.filling;
        fine.add(&mut self.fine, second, value);
        coarse.add(&mut self.coarse, second, value);
    }

    /// The last steps up to `now`, oldest first.
    #[must_use]
    pub fn last(&self, grain: Grain, now: Micros, count: usize) -> Vec<Latency> {
        let now = now.0 / SECOND;
        let (ring, filling) = match grain {
            Grain::Fine => (&self.fine, &self.filling[0]),
            Grain::Coarse => (&self.coarse, &self.filling[1]),
        };
        let mut out = ring.last(now, count);
        let back = (now / ring.grain).checked_sub(filling.step);
        let place = back
            .and_then(|back| usize::try_from(back).ok())
            .and_then(|back| out.len().checked_sub(back + 1));
        if let Some(place) = place {
            out[place].join(&filling.whole());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Micros {
        Micros((1_000_000 + second) * SECOND + 500_000)
    }

    #[test]
    fn each_second_has_its_own_and_silence_is_nothing() {
        let mut series = Series::default();
        for (second, count) in [(0, 3), (1, 5), (4, 2)] {
            for _ in 0..count {
                series.add(at(second), Direction::In, 10);
            }
            series.add(at(second), Direction::Out, 7);
        }
        let received = |now, count| -> Vec<u64> {
            series.last(Grain::Fine, at(now), count).iter().map(|t| t.received).collect()
        };
        assert_eq!(received(4, 5), [3, 5, 0, 0, 2]);
        assert_eq!(received(6, 4), [0, 2, 0, 0]);
        assert_eq!(received(4000, 3), [0, 0, 0]);
        assert_eq!(series.last(Grain::Fine, at(4), 1)[0].sent_bytes, 7);
        assert_eq!(series.peak().received, 5);
        assert_eq!(series.peak().received_bytes, 50);
        let coarse = series.last(Grain::Coarse, at(4), 1)[0];
        assert_eq!((coarse.received, coarse.sent), (10, 3));
        assert_eq!(series.last(Grain::Coarse, at(13), 2)[0].received, 10);
    }

    #[test]
    fn the_rings_go_round() {
        let mut series = Series::default();
        for second in 0..1000 {
            for _ in 0..=second % 7 {
                series.add(at(second), Direction::In, 1);
            }
        }
        let shown = series.last(Grain::Fine, at(999), 1000);
        assert_eq!(shown.len(), 300);
        for (second, traffic) in (700..1000).zip(shown) {
            assert_eq!(traffic.received, second % 7 + 1, "{second}");
        }
        let total: u64 = series.last(Grain::Coarse, at(999), 360).iter().map(|t| t.received).sum();
        assert_eq!(total, (0..1000).map(|second| second % 7 + 1).sum::<u64>());
    }

    #[test]
    fn a_step_has_the_median_of_its_round_trips() {
        let mut latencies = Latencies::default();
        for (second, value) in [(0, 10), (0, 20), (0, 30), (2, 5)] {
            latencies.add(at(second), value);
        }
        let shown = latencies.last(Grain::Fine, at(3), 4);
        let expected = [(3, 20, 30), (0, 0, 0), (1, 5, 5), (0, 0, 0)];
        let shown: Vec<_> = shown.iter().map(|l| (l.count, l.median, l.max)).collect();
        assert_eq!(shown, expected);
        assert_eq!(latencies.last(Grain::Coarse, at(3), 1)[0].count, 4);
    }
}
