//! Requests by what they are called.

use std::collections::HashMap;
use std::time::Duration;

use crate::core::sanitize::escape_bytes;
use crate::log::stats::{Histogram, Percentiles};

/// Names that are told apart; later ones are counted together.
const MOST: usize = 256;

/// Requests that have no name, and those whose name came too late.
pub(super) const UNNAMED: u16 = 0;
const OTHERS: u16 = 1;

/// How requests of one name went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Escaped; `None` if the requests have none.
    pub name: Option<String>,
    pub asked: u64,
    pub answered: u64,
    pub failed: u64,
    /// Round trips in microseconds.
    pub times: Percentiles,
}

#[derive(Debug, Default)]
struct Counts {
    asked: u64,
    failed: u64,
    times: Histogram,
}

#[derive(Debug)]
pub(super) struct Methods {
    places: HashMap<Box<[u8]>, u16>,
    counts: Vec<Counts>,
}

impl Default for Methods {
    fn default() -> Methods {
        let counts = vec![Counts::default(), Counts::default()];
        Methods { places: HashMap::new(), counts }
    }
}

impl Methods {
    /// Notes a request; the place of its name.
    pub(super) fn asked(&mut self, name: Option<&[u8]>) -> u16 {
        let place = self.place(name);
        self.counts[usize::from(place)].asked += 1;
        place
    }

    fn place(&mut self, name: Option<&[u8]>) -> u16 {
        let Some(name) = name else { return UNNAMED };
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        if self.places.len() >= MOST {
            return OTHERS;
        }
        let place = u16::try_from(self.counts.len()).unwrap_or(OTHERS);
        self.places.insert(name.into(), place);
        self.counts.push(Counts::default());
        place
    }

    pub(super) fn answered(&mut self, place: u16, round_trip: Duration) {
        let micros = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
        self.counts[usize::from(place)].times.add(micros);
    }

    pub(super) fn failed(&mut self, place: u16) {
        self.counts[usize::from(place)].failed += 1;
    }

    /// Those that were asked for, in order of their first request.
    pub(super) fn all(&self) -> Vec<Method> {
        let mut names = vec![None, Some("(all others)".to_owned())];
        names.resize(self.counts.len(), None);
        for (name, place) in &self.places {
            names[usize::from(*place)] = Some(escape_bytes(name).into_owned());
        }
        self.counts
            .iter()
            .zip(names)
            .filter(|(counts, _)| counts.asked > 0)
            .map(|(counts, name)| Method {
                name,
                asked: counts.asked,
                answered: counts.times.count(),
                failed: counts.failed,
                times: counts.times.percentiles(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_escaped() {
        let mut methods = Methods::default();
        methods.asked(Some(b"a\x1b[31m"));
        for number in 0..1000 {
            let place = methods.asked(Some(format!("m{number}").as_bytes()));
            methods.answered(place, Duration::from_micros(number));
        }
        let all = methods.all();
        assert_eq!(all.len(), MOST + 1);
        assert_eq!(all.iter().map(|m| m.asked).sum::<u64>(), 1001);
        assert!(all[0].name.as_deref() == Some("(all others)") && all[0].answered > 700);
        assert!(!all[1].name.as_deref().unwrap_or("").contains('\u{1b}'));
    }
}
