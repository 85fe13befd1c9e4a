//! The transport: dials in stages, records everything, carries messages.
//!
//! [`spawn`] starts one task for one connection. Its [`Handle`] takes commands, its receiver tells
//! what happens, [`EventKind::Ended`](crate::core::event::EventKind::Ended) last. Everything the
//! task does can be interrupted, is bounded in memory, and leaves a record
//! ([`Evidence`](crate::core::evidence::Evidence)) from which a diagnosis can be made.
//!
//! - [`dial`]: name, TCP, proxy, TLS, opening handshake; one file a stage.
//! - [`tap`]: the stream of frames, watched and written.
//! - [`session`]: the open connection until its end.
//! - [`clock`]: the clock of the program.

pub mod clock;
mod dial;
mod errors;
mod handle;
mod link;
mod measure;
mod options;
mod pipe;
mod probe_plain;
mod recorder;
mod session;
mod stream;
mod tap;
mod task;

use std::fmt::Write as _;

use tokio::sync::mpsc;

pub use dial::tls::{HelloAlpn, HelloKind, HelloOutcome, TlsHelloResult, tls_hello};
pub use handle::{Handle, QUEUE_BYTES, Rejected};
pub use measure::take_messages;
pub use options::Options;
pub use probe_plain::{Heard, HeardKind, listen};
pub use recorder::{credential_failure, url_failure};
pub use stream::{Stream, connect_stream, stream_stage};

use crate::core::event::Event;
use crate::core::request::RequestSpec;
use crate::core::stage::ConnId;

/// Events that may wait for the owner; messages come many to an event.
const EVENTS: usize = 64;

/// Starts to connect, in a task of its own on the current tokio runtime.
///
/// The receiver ends after `Ended`. Dropping the receiver or all handles cuts the connection.
///
/// # Panics
/// Outside of a tokio runtime.
#[must_use]
pub fn spawn(conn: ConnId, spec: RequestSpec, options: Options) -> (Handle, mpsc::Receiver<Event>) {
    let (handle, events, task) = prepare(conn, spec, options);
    tokio::spawn(task);
    (handle, events)
}

/// As [`spawn`], with the connection's work as a future for the caller to run. Joined into the task
/// that takes the events it costs no wake-up of another thread for each batch of a flood.
pub fn prepare(
    conn: ConnId,
    spec: RequestSpec,
    options: Options,
) -> (Handle, mpsc::Receiver<Event>, impl Future<Output = ()> + Send + 'static) {
    let (handle, commands) = Handle::new();
    let (sender, events) = mpsc::channel(EVENTS);
    (handle, events, task::run(conn, spec, options, commands, sender))
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Unpredictable bytes for nonces and ids.
#[must_use]
pub fn entropy() -> [u8; 16] {
    let mut bytes = [0; 16];
    random(&mut bytes);
    bytes
}

/// Fills `out` with unpredictable bytes from the system.
fn random(out: &mut [u8]) {
    let provider = rustls::crypto::ring::default_provider();
    if provider.secure_random.fill(out).is_err() {
        // Only on systems without a random source. Masks then repeat, which RFC 6455 forbids, but
        // the alternative is to end the program.
        tracing::error!("the system gives no random bytes; masks and keys are predictable");
    }
}
