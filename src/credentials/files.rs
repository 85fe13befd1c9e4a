//! Files that a request names: certificates and keys.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use crate::core::request::{Files, KeyLog, RequestSettings};
use crate::core::secret::Secret;
use crate::core::url::UrlProblem;
use crate::store;

/// Far more than any bundle of certificates; a mistyped path must not fill the memory.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads what the settings name, on a thread for blocking work. A certificate file may hold its
/// key as well. What the environment says of proxies is left empty.
///
/// # Errors
/// [`UrlProblem::File`] for the first that cannot be read.
pub(super) async fn read(settings: &RequestSettings) -> Result<Files, UrlProblem> {
    if [&settings.ca_file, &settings.cert_file, &settings.key_file].iter().all(|f| f.is_empty()) {
        return Ok(Files { key_log: key_log(), ..Files::default() });
    }
    let settings = settings.clone();
    let read = tokio::task::spawn_blocking(move || read_blocking(&settings)).await;
    read.unwrap_or_else(|_| {
        Err(UrlProblem::File { why: "reading it failed in wsdeck itself".into() })
    })
}

fn read_blocking(settings: &RequestSettings) -> Result<Files, UrlProblem> {
    let cert = optional("client certificate", &settings.cert_file)?;
    let key = match optional("client key", &settings.key_file)? {
        Some(pem) => Some(pem),
        None => cert.clone().filter(|pem| memchr::memmem::find(pem, b"PRIVATE KEY-----").is_some()),
    };
    let key = key.map(String::from_utf8).transpose().map_err(|_| UrlProblem::File {
        why: format!("the client key {} is not text in PEM form", settings.key_file),
    })?;
    Ok(Files {
        ca_pem: optional("CA file", &settings.ca_file)?,
        cert_pem: cert,
        key_pem: key.map(Secret::new),
        key_log: key_log(),
        ..Files::default()
    })
}

/// Where the environment wants the keys of TLS sessions.
fn key_log() -> Option<KeyLog> {
    let path = std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty())?;
    Some(store::key_log(path.into()))
}

/// The path that was typed, with a leading `~/` as the home folder.
pub(super) fn path_of(typed: &str) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match typed.trim().strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| typed.trim().into(), |home| home.join(rest)),
        None => typed.trim().into(),
    }
}

fn optional(what: &str, typed: &str) -> Result<Option<Vec<u8>>, UrlProblem> {
    if typed.is_empty() {
        return Ok(None);
    }
    let bad = |why: String| UrlProblem::File { why: format!("the {what} {typed} {why}") };
    let path = path_of(typed);
    let meta = std::fs::metadata(&path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    // Reading a pipe may never end.
    if !meta.is_file() {
        return Err(bad("cannot be read: it is no regular file".into()));
    }
    if meta.len() > LARGEST {
        return Err(bad("is larger than 16 MiB".into()));
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    read.map_err(|error| bad(format!("cannot be read: {error}")))?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_file_that_fails_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let cert = dir.path().join("both.pem");
        std::fs::write(&cert, "-----BEGIN PRIVATE KEY-----\n").unwrap();
        let mut settings = RequestSettings {
            cert_file: cert.to_str().unwrap().into(),
            ..RequestSettings::default()
        };
        let files = read(&settings).await.unwrap();
        assert!(files.key_pem.is_some() && files.cert_pem.is_some() && files.ca_pem.is_none());
        settings.ca_file = "/nowhere/ca.pem".into();
        let problem = read(&settings).await.unwrap_err().to_string();
        assert!(problem.contains("the CA file /nowhere/ca.pem cannot be read"), "{problem}");
        settings.ca_file = dir.path().to_str().unwrap().into();
        assert!(read(&settings).await.is_err());
    }
}
