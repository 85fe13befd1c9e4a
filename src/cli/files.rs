//! What a request needs of this machine: the files that it names (certificates and keys), and the
//! environment's proxies.

use std::path::Path;

use crate::core::proxy::ProxyEnvironment;
use crate::core::request::{Files, RequestSettings};
use crate::core::secret::Secret;
use crate::core::url::UrlProblem;
use crate::store;

/// Far more than any bundle of certificates; a mistyped path must not fill the memory.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads what the settings name, and the environment. A certificate file may hold its key as well.
///
/// # Errors
/// [`UrlProblem::File`] for the first that cannot be read.
pub fn read(settings: &RequestSettings) -> Result<Files, UrlProblem> {
    let cert = optional("client certificate", &settings.cert_file)?;
    let key = match optional("client key", &settings.key_file)? {
        Some(pem) => Some(pem),
        None => cert.clone().filter(|pem| holds_key(pem)),
    };
    let key = key.map(|pem| match String::from_utf8(pem) {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => Err(UrlProblem::File {
            why: format!("the client key {} is not text in PEM form", settings.key_file),
        }),
    });
    Ok(Files {
        proxy_environment: ProxyEnvironment::read(|name| std::env::var(name).ok()),
        ca_pem: optional("CA file", &settings.ca_file)?,
        cert_pem: cert,
        key_pem: key.transpose()?,
        cert_password: None,
        key_log: std::env::var_os("SSLKEYLOGFILE")
            .filter(|path| !path.is_empty())
            .map(|path| store::key_log(path.into())),
    })
}

fn optional(what: &str, path: &str) -> Result<Option<Vec<u8>>, UrlProblem> {
    if path.is_empty() {
        return Ok(None);
    }
    let bad = |why: String| UrlProblem::File { why: format!("the {what} {path} {why}") };
    let length = std::fs::metadata(Path::new(path))
        .map_err(|error| bad(format!("cannot be read: {error}")))?
        .len();
    if length > LARGEST {
        return Err(bad("is larger than 16 MiB".into()));
    }
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => Err(bad(format!("cannot be read: {error}"))),
    }
}

fn holds_key(pem: &[u8]) -> bool {
    memchr::memmem::find(pem, b"PRIVATE KEY-----").is_some()
}
