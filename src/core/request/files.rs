//! What the machine has to a request, read by whoever may open files.

use std::io;
use std::sync::{Arc, Mutex};

use crate::core::proxy::ProxyEnvironment;
use crate::core::secret::Secret;

/// What the machine has to a request: contents of the files that the settings name, and what the
/// environment says of proxies; read by whoever may open files and look at the environment.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Empty means that no variable is set.
    pub proxy_environment: ProxyEnvironment,
    pub ca_pem: Option<Vec<u8>>,
    /// The client certificate in PEM, or a PKCS#12 file with its key.
    pub cert_pem: Option<Vec<u8>>,
    pub key_pem: Option<Secret>,
    /// Password of the PKCS#12 file; [`RequestDraft::spec`](super::RequestDraft::spec) takes it from the draft.
    pub cert_password: Option<Secret>,
    /// Where the keys of TLS sessions go, if the user wants them written.
    pub key_log: Option<KeyLog>,
}

/// A file for the keys of TLS sessions in the form that Wireshark reads (`SSLKEYLOGFILE`), opened
/// by whoever may open files. Who has it can read all that the sessions carried.
#[derive(Clone)]
pub struct KeyLog {
    /// The file's name, to be shown.
    pub path: String,
    pub sink: Arc<Mutex<dyn io::Write + Send>>,
}

impl std::fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyLog({})", self.path)
    }
}

impl Files {
    /// Leaves the client certificate behind.
    pub fn drop_identity(&mut self) {
        self.cert_pem = None;
        self.key_pem = None;
        self.cert_password = None;
    }
}
