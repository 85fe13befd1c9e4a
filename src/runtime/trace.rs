//! The program's own log file: what it did, for a report of a fault. Never what went over a wire.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Written if `WSDECK_LOG` says nothing else.
const DEFAULT: &str = "warn,wsdeck=info";

/// Crates that tell bytes of messages, or what a keyring holds.
const TALKATIVE: &[&str] =
    &["tungstenite", "tokio_tungstenite", "hyper", "keyring_core", "secret_service", "zbus"];

/// A larger file is put aside at the start.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Begins to write to `wsdeck.log` in the data folder, filtered by `WSDECK_LOG`
/// (`wsdeck=debug,rustls=info`). What is left to write is written when the guard is dropped.
///
/// # Errors
/// If the file cannot be opened.
pub(super) fn begin(data_dir: &Path, filter: Option<&str>) -> io::Result<WorkerGuard> {
    std::fs::create_dir_all(data_dir)?;
    let path = data_dir.join("wsdeck.log");
    if std::fs::metadata(&path).is_ok_and(|meta| meta.len() > LARGEST) {
        std::fs::rename(&path, data_dir.join("wsdeck.log.old"))?;
    }
    let (writer, guard) = tracing_appender::non_blocking(open(&path)?);
    let targets = filter.and_then(|text| text.parse::<Targets>().ok());
    let targets = match targets {
        Some(targets) => targets,
        None => DEFAULT.parse().map_err(io::Error::other)?,
    };
    // Whatever the filter says: at their most talkative these tell what goes over the wire.
    let quiet = TALKATIVE.iter().map(|name| (*name, LevelFilter::INFO));
    let targets = targets.with_targets(quiet);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    // A test may have begun one already; then that one stays.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    Ok(guard)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_put_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wsdeck.log");
        File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        drop(begin(dir.path(), Some("nonsense=loud")).unwrap());
        assert!(std::fs::metadata(&path).unwrap().len() <= LARGEST);
        assert!(dir.path().join("wsdeck.log.old").exists());
    }
}
