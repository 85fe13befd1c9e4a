//! The message log of one connection tab: append, read a window, search, with a bound on memory.
//!
//! Rows are numbered from 1 over the whole life of the tab, over reconnects and clearing too, so
//! that a number names a row for good: a selection, a search hit and a scroll position stay right
//! while older rows are thrown away. They stand in *segments* of some hundred KiB. All but the
//! newest segment are sealed: never changed again and shared by reference count, so that search
//! and export read them without holding anybody up, and so that a sealed segment can be written to
//! disk and let go of. What is larger than the budget of memory is on [disk] only and read back
//! when it is looked at; without a disk the oldest segment is thrown away, and counted.
//!
//! [`LogHandle`] is what writers and the interface hold; its lock is held for microseconds only.

mod counters;
mod disk;
mod entry;
mod export;
mod filter;
mod handle;
mod likeness;
mod marks;
mod numbers;
mod pairs;
mod part;
mod pattern;
pub mod query;
mod ring;
mod scan;
mod search;
mod segment;
mod shared;
mod sieve;
mod stats;
mod view;
mod walk;

pub use counters::{Rate, Totals};
pub use disk::{DiskOptions, sweep};
pub use entry::{Entry, Note, Row};
pub use export::{CopyAs, export_text};
pub use filter::Filter;
pub use handle::{Anchor, LogHandle, Ready, Stats, Window};
pub use likeness::{Likeness, Seek};
pub use marks::{MARKS_FILE, Marks, RowMarks, TooManyMarks};
pub use pairs::{Mate, Method, PairStats, Pairs, Tallies};
pub use pattern::{Mode, Pattern, PatternError};
pub use scan::{Progress, Scan};
pub use search::Search;
pub use sieve::Sieve;
pub use stats::{
    Grain, Histogram, Latencies, Latency, Percentiles, SIZE_CLASSES, Series, Survey, Traffic, Way,
    class_most, exact,
};
pub use view::View;

/// Default bound on the memory that one log holds, in bytes.
pub const DEFAULT_BUDGET: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests;
