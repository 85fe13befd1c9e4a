//! Writes the keys of TLS sessions where the user wants them, in the form that Wireshark reads.

use std::sync::{Arc, PoisonError};

use super::Probe;
use crate::core::request::KeyLog;
use crate::core::sanitize;
use crate::net::hex;

/// Notes in the record that keys were written, or why they could not be.
#[derive(Debug)]
pub(super) struct WrittenKeys {
    pub log: KeyLog,
    pub probe: Arc<Probe>,
}

impl rustls::KeyLog for WrittenKeys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = zeroize::Zeroizing::new(format!(
            "{label} {} {}\n",
            hex(client_random),
            *zeroize::Zeroizing::new(hex(secret))
        ));
        let written = {
            // A line that was cut by a panic is skipped by those who read the file.
            let mut sink = self.log.sink.lock().unwrap_or_else(PoisonError::into_inner);
            sink.write_all(line.as_bytes()).and_then(|()| sink.flush())
        };
        let path = sanitize::escape(&self.log.path).into_owned();
        self.probe.with(|seen| match written {
            Ok(()) => seen.key_log = Some(path),
            Err(error) => seen.key_log_problem = Some(format!("{path}: {error}")),
        });
    }
}
