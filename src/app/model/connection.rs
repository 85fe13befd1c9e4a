//! How the connection of a tab stands, and how its attempts went.

use std::collections::VecDeque;
use std::time::Duration;

use super::{FileTransfer, OnItsWay, RoundTrips};
use crate::core::event::{Command, PongPolicy};
use crate::core::evidence::{EarlierAttempt, Evidence, StageRecord};
use crate::core::finding::Finding;
use crate::core::request::RequestDraft;
use crate::core::stage::{ConnId, ConnectionState};
use crate::core::time::Micros;
pub use crate::diagnose::probes::{Consent, Planned};

/// An attempt that has ended, with its verdict.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub evidence: Box<Evidence>,
    pub findings: Vec<Finding>,
}

/// An automatic reconnect that waits for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// Number of the coming attempt, from 1.
    pub attempt: u32,
    pub at: Micros,
}

/// Probes that are being made, one after the other. Their records go into
/// [`Evidence::probes`] as they come.
#[derive(Clone, Debug, PartialEq)]
pub struct Probing {
    /// Tells this run from an earlier one, whose results may come late.
    pub run: u64,
    pub queue: Vec<Planned>,
    /// Place in the queue of the one that runs now.
    pub at: usize,
}

impl Probing {
    /// The one that runs now.
    #[must_use]
    pub fn current(&self) -> Option<&Planned> {
        self.queue.get(self.at)
    }

    /// How many come after it.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.len().saturating_sub(self.at + 1)
    }
}

#[derive(Debug, Default)]
pub struct Connection {
    pub state: ConnectionState,
    /// The connection whose events count; `None` if there is none.
    pub id: Option<ConnId>,
    /// Stages of the running or last attempt.
    pub stages: Vec<StageRecord>,
    /// Record of the last attempt: so far while it is open, whole when it has ended.
    pub evidence: Option<Box<Evidence>>,
    pub findings: Vec<Finding>,
    pub began: Micros,
    pub opened: Option<Micros>,
    pub round_trip: Option<Duration>,
    /// How pings of the peer are answered, as chosen for this connection.
    pub pongs: PongPolicy,
    /// Pings that were not answered since that was chosen.
    pub pongs_held: u64,
    /// Our half of the stream has ended; what comes is still read.
    pub half_closed: bool,
    /// Those of all connections of the tab.
    pub round_trips: RoundTrips,
    /// Automatic attempts since the last connection that was open.
    pub attempts: u32,
    pub reconnect: Option<Reconnect>,
    /// To be sent once it is open: the user pressed Send before.
    pub queued: Vec<Command>,
    /// Files on their way out, in order; only the first one runs.
    pub transfers: VecDeque<FileTransfer>,
    /// Attempts that have ended, newest last.
    pub history: VecDeque<Attempt>,
    /// The same in short, for patterns over several of them.
    pub earlier: Vec<EarlierAttempt>,
    /// The user asked for the end, so nothing is tried again.
    pub closing_by_user: bool,
    /// Somebody has typed into the composer since the attempt began.
    pub typed_since: bool,
    /// The request as it was when the attempt began: what probes are made from.
    pub attempted: Option<Box<RequestDraft>>,
    /// Probes that would settle what the last attempt left open and that were not made yet, bare
    /// ones first. Those made stand in [`Evidence::probes`].
    pub plan: Vec<Planned>,
    pub probing: Option<Probing>,
    /// How the credential of the running or last attempt came along.
    pub credential: OnItsWay,
    /// What the probes showed, a sentence.
    pub conclusion: Option<String>,
}

impl Connection {
    /// Attempts that are kept whole.
    pub const KEPT: usize = 12;
}
