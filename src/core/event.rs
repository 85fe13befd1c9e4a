//! The whole vocabulary between a connection's task and whoever started it.

use std::time::Duration;

use bytes::Bytes;

use super::evidence::{Evidence, StageRecord};
use super::message::Message;
use super::secret::Secret;
use super::stage::{ConnId, Stage};
use super::time::Micros;

/// What can be asked of a connection. Each is heard at every wait, also while resolving,
/// connecting, in TLS and in the upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A text message; valid UTF-8 by its type.
    SendText(String),
    SendBinary(Bytes),
    /// A ping with this payload, at most 125 bytes (RFC 6455 section 5.5).
    Ping(Bytes),
    /// Starts the closing handshake. `None` sends a close frame without a code.
    Close {
        code: Option<u16>,
        reason: String,
    },
    /// Changes the heartbeat of the live connection; `None` stops it.
    Heartbeat(Option<Duration>),
    /// Cancels an attempt, or cuts an open connection without a closing handshake.
    Disconnect,
}

/// What a connection's task tells. [`EventKind::Ended`] is always the last one, and always comes.
#[derive(Clone, Debug)]
pub struct Event {
    pub conn: ConnId,
    pub at: Micros,
    pub kind: EventKind,
}

#[derive(Clone, Debug)]
pub enum EventKind {
    /// A stage has begun.
    StageBegan(Stage),
    /// A stage has ended, well or not.
    StageEnded(StageRecord),
    /// The connection is open; the record so far.
    Open(Box<Evidence>),
    /// Messages and control frames each way, in the order in which they went over the wire.
    Messages(Vec<Message>),
    /// A reply set cookies: the address that answered, and each `Set-Cookie` line as it came.
    /// They are secrets, which the record has masked.
    Cookies { url: Secret, lines: Vec<Secret> },
    /// A pong answered one of our pings.
    RoundTrip(Duration),
    /// A command could not be carried out; the connection goes on.
    Rejected { command: &'static str, why: String },
    /// The attempt failed or the connection has ended; the whole record.
    Ended(Box<Evidence>),
}
