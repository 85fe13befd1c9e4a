//! Files that the user names.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use crate::core::proxy::ProxyEnvironment;
use crate::core::request::{Files, KeyLog, RequestSettings};
use crate::core::secret::Secret;
use crate::core::url::UrlProblem;
use crate::store;

/// Far more than any bundle of certificates; a mistyped path must not fill the memory.
const LARGEST_PEM: u64 = 16 * 1024 * 1024;

/// Largest file that is sent as one message.
pub(super) const LARGEST_MESSAGE: u64 = 1024 * 1024 * 1024;

/// How much of a file is read to be composed; more than the composer takes.
pub(super) const LARGEST_COMPOSED: u64 = 64 * 1024 * 1024;

/// The path that was typed, with a leading `~/` as the home folder.
pub(super) fn path_of(typed: &str) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match typed.trim().strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| typed.trim().into(), |home| home.join(rest)),
        None => typed.trim().into(),
    }
}

/// At most `most` bytes of a file, and whether there are more.
///
/// # Errors
/// If it is no file or cannot be read. A pipe is refused, since reading it may never end.
pub(super) fn read_some(typed: &str, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let path = path_of(typed);
    let meta = std::fs::metadata(&path)?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(&path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let more = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((bytes, more))
}

/// What the settings of a request name. A certificate file may hold its key as well.
///
/// # Errors
/// [`UrlProblem::File`] for the first that cannot be read.
pub(super) fn of_request(settings: &RequestSettings) -> Result<Files, UrlProblem> {
    let cert = pem("client certificate", &settings.cert_file)?;
    let key = match pem("client key", &settings.key_file)? {
        Some(pem) => Some(pem),
        None => cert.clone().filter(|pem| memchr::memmem::find(pem, b"PRIVATE KEY-----").is_some()),
    };
    let key = key.map(String::from_utf8).transpose().map_err(|_| UrlProblem::File {
        why: format!("the client key {} is not text in PEM form", settings.key_file),
    })?;
    Ok(Files {
        // Whoever starts the attempt adds it.
        proxy_environment: ProxyEnvironment::default(),
        ca_pem: pem("CA file", &settings.ca_file)?,
        cert_pem: cert,
        key_pem: key.map(Secret::new),
        cert_password: None,
        key_log: key_log(),
    })
}

/// Where the environment wants the keys of TLS sessions.
pub(super) fn key_log() -> Option<KeyLog> {
    let path = std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty())?;
    Some(store::key_log(path.into()))
}

fn pem(what: &str, typed: &str) -> Result<Option<Vec<u8>>, UrlProblem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let bad = |why: String| UrlProblem::File { why: format!("the {what} {typed} {why}") };
    match read_some(typed, LARGEST_PEM) {
        Ok((bytes, false)) => Ok(Some(bytes)),
        Ok((_, true)) => Err(bad("is larger than 16 MiB".into())),
        Err(error) => Err(bad(format!("cannot be read: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_bounded_and_refuses_what_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "12345").unwrap();
        let typed = path.to_str().unwrap();
        assert_eq!(read_some(typed, 5).unwrap(), (b"12345".to_vec(), false));
        assert_eq!(read_some(typed, 4).unwrap(), (b"1234".to_vec(), true));
        assert!(read_some(dir.path().to_str().unwrap(), 4).is_err());
        if cfg!(unix) {
            assert!(read_some("/dev/zero", 4).is_err());
        }
    }

    #[test]
    fn the_first_file_that_fails_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let cert = dir.path().join("both.pem");
        std::fs::write(&cert, "-----BEGIN PRIVATE KEY-----\n").unwrap();
        let mut settings = RequestSettings {
            cert_file: cert.to_str().unwrap().into(),
            ..RequestSettings::default()
        };
        let files = of_request(&settings).unwrap();
        assert!(files.key_pem.is_some() && files.cert_pem.is_some() && files.ca_pem.is_none());
        settings.ca_file = "/nowhere/ca.pem".into();
        let problem = of_request(&settings).unwrap_err().to_string();
        assert!(problem.contains("the CA file /nowhere/ca.pem cannot be read"), "{problem}");
    }
}
