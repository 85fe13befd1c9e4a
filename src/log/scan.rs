//! Work over a whole log in slices, beside the interface: searching it, sifting it, pairing
//! requests with replies.
//!
//! Whoever runs it calls [`Scan::step`] again and again from a thread for blocking work until it
//! is done, and again whenever the log has grown. Everybody else asks the scan itself for what it
//! has found so far.

use std::fmt::Debug;

use super::handle::LogHandle;

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows found so far.
    pub hits: u64,
    /// Kept rows that have been looked at, and those that have not.
    pub searched: u64,
    pub remaining: u64,
    /// Everything that was there when the step ended has been looked at, or it was cancelled.
    pub done: bool,
}

pub trait Scan: Debug + Send + Sync {
    /// Goes on until about `budget` bytes of payload were read or nothing is left. At the least
    /// one segment or one large message is read. May read from disk, so never on the loop.
    fn step(&self, log: &LogHandle, budget: usize) -> Progress;

    /// Makes a running step end soon, and all further ones do nothing.
    fn cancel(&self);

    fn is_cancelled(&self) -> bool;
}
