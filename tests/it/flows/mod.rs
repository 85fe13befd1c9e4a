//! What people do with the interface, from keys to the wire and back to the screen.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod connect;
mod demo;
mod keep;
mod log;
mod message;
mod request;
