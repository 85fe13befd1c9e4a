//! How the connection of a tab stands, and how its attempts went.

use std::collections::VecDeque;
use std::time::Duration;

use crate::core::event::Command;
use crate::core::evidence::{EarlierAttempt, Evidence, StageRecord};
use crate::core::finding::Finding;
use crate::core::stage::{ConnId, ConnectionState};
use crate::core::time::Micros;

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
    /// Automatic attempts since the last connection that was open.
    pub attempts: u32,
    pub reconnect: Option<Reconnect>,
    /// To be sent once it is open: the user pressed Send before.
    pub queued: Vec<Command>,
    /// Attempts that have ended, newest last.
    pub history: VecDeque<Attempt>,
    /// The same in short, for patterns over several of them.
    pub earlier: Vec<EarlierAttempt>,
    /// The user asked for the end, so nothing is tried again.
    pub closing_by_user: bool,
    /// Somebody has typed into the composer since the attempt began.
    pub typed_since: bool,
}

impl Connection {
    /// Attempts that are kept whole.
    pub const KEPT: usize = 12;
}
