//! The statistics of a tab: what its window shows and what is copied from it.
//!
//! [`Figures`] are the bare numbers of one moment; [`sections`] puts them into words and rows,
//! which are drawn and copied alike.

mod export;
mod rows;

pub use export::{as_json, as_markdown, as_text};
pub use rows::{Section, StatRow, sections};

use super::Tab;
use crate::core::time::Micros;
use crate::log::{Grain, Latency, PairStats, Percentiles, Rate, Stats, Survey, Traffic};

/// Order of the table of requests by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortMethods {
    #[default]
    Asked,
    Slowest,
    Failed,
    Name,
}

impl SortMethods {
    #[must_use]
    pub fn next(self) -> SortMethods {
        match self {
            SortMethods::Asked => SortMethods::Slowest,
            SortMethods::Slowest => SortMethods::Failed,
            SortMethods::Failed => SortMethods::Name,
            SortMethods::Name => SortMethods::Asked,
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            SortMethods::Asked => "by count",
            SortMethods::Slowest => "by p99",
            SortMethods::Failed => "by failures",
            SortMethods::Name => "by name",
        }
    }
}

/// The window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatsView {
    /// First line that is seen.
    pub scroll: usize,
    pub sort: SortMethods,
}

/// Requests and replies.
#[derive(Clone, Debug)]
pub struct PairFigures {
    pub stats: PairStats,
    /// Round trips of each of the last seconds, and ten seconds.
    pub fine: Vec<Latency>,
    pub coarse: Vec<Latency>,
    /// Not everything that is kept has been looked at.
    pub behind: bool,
}

/// Round trips of pings, in microseconds.
#[derive(Clone, Debug, Default)]
pub struct PingFigures {
    pub total: u64,
    pub last: Option<(Micros, u64)>,
    pub times: Percentiles,
    pub jitter: u64,
    pub values: Vec<u64>,
}

/// The numbers of a tab at one moment.
#[derive(Clone, Debug)]
pub struct Figures {
    pub title: String,
    pub now: Micros,
    pub log: Stats,
    pub survey: Survey,
    pub rate: Rate,
    /// Each of the last seconds, and ten seconds, oldest first.
    pub fine: Vec<Traffic>,
    pub coarse: Vec<Traffic>,
    /// `None` if pairs are not looked for.
    pub pairs: Option<PairFigures>,
    pub pings: PingFigures,
}

impl Figures {
    #[must_use]
    pub fn of(tab: &Tab, now: Micros) -> Figures {
        let handle = &tab.log.handle;
        let survey = handle.survey();
        let steps = |grain: Grain| survey.series.last(grain, now, grain.steps());
        let trips = &tab.conn.round_trips;
        let pairs = tab.log.pairs.as_ref().map(|pairs| {
            let latencies = pairs.latencies();
            let steps = |grain: Grain| latencies.last(grain, now, grain.steps());
            PairFigures {
                stats: pairs.stats(),
                fine: steps(Grain::Fine),
                coarse: steps(Grain::Coarse),
                behind: tab.log.pairing_behind,
            }
        });
        Figures {
            title: tab.title(),
            now,
            log: handle.stats(),
            rate: handle.rate(now),
            fine: steps(Grain::Fine),
            coarse: steps(Grain::Coarse),
            pairs,
            pings: PingFigures {
                total: trips.total,
                last: trips.last(),
                times: trips.percentiles(),
                jitter: trips.jitter(),
                values: trips.values(),
            },
            survey,
        }
    }

    /// Seconds from the first message to the last, at least one.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        match (self.survey.first, self.survey.last) {
            (Some(first), Some(last)) => last.since(first).as_secs_f64().max(1.0),
            _ => 1.0,
        }
    }
}
