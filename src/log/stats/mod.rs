//! Numbers about a log over time: rates, sizes, round trips. Fed as rows are added, by their own
//! times, and bounded whatever comes.

mod histogram;
mod series;
mod tally;

pub use histogram::{Histogram, Percentiles, exact};
pub use series::{Grain, Latencies, Latency, Series, Traffic};
pub use tally::{CLASSES as SIZE_CLASSES, Survey, Way, class_most};
