//! Work on the composed message that goes on beside the loop and is seen: what it is, how far it is,
//! and that it can be stopped.

use crate::core::progress::Progress;
use crate::core::time::Micros;

/// What is being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    Beautify,
    Minify,
    /// Bytes in another writing.
    Rewrite,
    /// A file is read into the composer; its name.
    Load(String),
    /// The long draft of an earlier run is read.
    Draft,
    Paste,
    /// The message is made ready to go out.
    Prepare,
}

impl Task {
    /// `beautifying`, `reading big.json`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Task::Beautify => "beautifying".into(),
            Task::Minify => "minifying".into(),
            Task::Rewrite => "writing the bytes anew".into(),
            Task::Load(name) => format!("reading {name}"),
            Task::Draft => "reading the draft".into(),
            Task::Paste => "taking in what was pasted".into(),
            Task::Prepare => "making the message ready".into(),
        }
    }
}

/// Work under way.
#[derive(Clone, Debug)]
pub struct Working {
    pub task: Task,
    /// Tells its result from that of work that was stopped or is no more waited for.
    pub number: u64,
    pub progress: Progress,
    pub began: Micros,
}

/// Time between two pictures of work under way, in microseconds.
pub const TICK_US: u64 = 100_000;
