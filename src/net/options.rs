//! What the owner of a connection may set beside the request.

use std::time::Duration;

use super::clock::Clock;
use crate::core::evidence::Surroundings;

/// Waits and the clock of a connection. The defaults are what users get; tests shorten waits.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub clock: Clock,
    /// Where the program runs, for the record.
    pub surroundings: Surroundings,
    /// Longest wait for the peer's close frame after ours went out without any progress.
    pub close_wait: Duration,
    /// Longest wait for the end of the stream after the closing handshake: the server should end
    /// it first (RFC 6455 section 7.1.1).
    pub linger: Duration,
    /// Longest wait for the rest of a refusal's body after its head.
    pub body_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            clock: Clock::process(),
            surroundings: Surroundings::default(),
            close_wait: Duration::from_secs(5),
            linger: Duration::from_secs(1),
            body_wait: Duration::from_millis(crate::core::limits::REPLY_BODY_WAIT_MS),
        }
    }
}
