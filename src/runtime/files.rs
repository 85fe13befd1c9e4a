//! Files that the user names.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

/// Largest file that is sent as one message.
pub(super) const LARGEST_MESSAGE: u64 = 1024 * 1024 * 1024;

/// The path that was typed, with a leading `~/` as the home folder.
pub(super) fn path_of(typed: &str) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match typed.trim().strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| typed.trim().into(), |home| home.join(rest)),
        None => typed.trim().into(),
    }
}

/// Where a file is and how many bytes it has.
///
/// # Errors
/// If it is none that can be read from its beginning to its end: a folder, a pipe, a device.
pub(super) fn measure(typed: &str) -> io::Result<(PathBuf, u64)> {
    let path = path_of(typed);
    let meta = std::fs::metadata(&path)?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    // That it may be read is seen now, and not when the message has begun.
    File::open(&path)?;
    Ok((path, meta.len()))
}

/// At most `most` bytes of a file, and whether there are more.
///
/// # Errors
/// If it is no file or cannot be read. A pipe is refused, since reading it may never end.
pub(super) fn read_some(typed: &str, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let (path, _) = measure(typed)?;
    let mut bytes = Vec::new();
    File::open(&path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let more = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((bytes, more))
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
}
