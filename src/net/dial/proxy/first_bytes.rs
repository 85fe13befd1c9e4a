//! An answer of another kind than the proxy's: a look at how it begins.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

use super::facts;
use crate::net::pipe::Pipe;
use crate::net::recorder::Recorder;

/// Bytes that are kept.
pub(super) const MOST: usize = 64;

/// How long the rest of them is waited for. Nothing else can come of this connection.
const WAIT: Duration = Duration::from_millis(200);

/// Reads on from what has come, and puts the first bytes into the record.
pub(super) async fn keep(mut came: Vec<u8>, pipe: &mut Pipe, recorder: &mut Recorder) {
    let deadline = Instant::now() + WAIT;
    let mut buffer = [0; MOST];
    while came.len() < MOST {
        match tokio::time::timeout_at(deadline, pipe.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => came.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    came.truncate(MOST);
    let text = recorder.clean_lines(&String::from_utf8_lossy(&came).replace("\r\n", "\n"));
    let hex = crate::net::hex(&came);
    let facts = facts(recorder);
    facts.reply = text;
    facts.first_bytes_hex = Some(hex);
}
