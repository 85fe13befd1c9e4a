//! The file that keys of TLS sessions go to when the user wants them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::core::request::KeyLog;

/// A file that is opened by the first line that is written to it, so that a request without TLS
/// makes none. What is there stays; a new one is for its owner only.
#[must_use]
pub fn key_log(path: PathBuf) -> KeyLog {
    KeyLog {
        path: path.to_string_lossy().into_owned(),
        sink: Arc::new(Mutex::new(Late { path, file: None })),
    }
}

struct Late {
    path: PathBuf,
    file: Option<File>,
}

impl Late {
    fn file(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            self.file = Some(options.open(&self.path)?);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Write for Late {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_to_a_file_of_ones_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let log = key_log(path.clone());
        assert!(!path.exists());
        for text in ["a\n", "b\n"] {
            log.sink.lock().unwrap().write_all(text.as_bytes()).unwrap();
        }
        key_log(path.clone()).sink.lock().unwrap().write_all(b"c\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\nb\nc\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let nowhere = key_log(dir.path().join("no/keys"));
        assert!(nowhere.sink.lock().unwrap().write_all(b"d").is_err());
    }
}
