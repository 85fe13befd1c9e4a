//! Writing a file so that a crash leaves the old or the new one, never half of either.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::Builder;

/// What could not be done to which file.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {path}: {source}. {cure}", path = path.display())]
pub struct StoreError {
    /// What was being done: `Writing`.
    pub doing: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
    /// What to try: a sentence.
    pub cure: &'static str,
}

impl StoreError {
    fn new(doing: &'static str, path: &Path, source: io::Error) -> StoreError {
        let cure = match source.kind() {
            io::ErrorKind::PermissionDenied => {
                "Check who may write to that folder, or name another one by WSDECK_DATA_DIR or \
                 --workspace."
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "Make room on that disk; what is unsaved stays open here."
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                "That disk is read-only: name another folder by WSDECK_DATA_DIR or --workspace."
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "Something of that name is in the way: move it, or name another folder."
            }
            _ => "The old file is unchanged; saving is tried again with the next change.",
        };
        StoreError { doing, path: path.to_owned(), source, cure }
    }

    /// The keyring did not take the secrets, and they were written to a file instead.
    pub(super) fn no_keyring(path: &Path, error: &super::keyring::KeyringError) -> StoreError {
        StoreError {
            doing: "Keeping secrets in the keyring, instead of",
            path: path.to_owned(),
            source: io::Error::other(error.to_string()),
            cure: "They are in that file now, which only you can read.",
        }
    }

    /// A request whose id cannot be the name of its file, or is that of a file that was not read.
    pub(super) fn unusable_id(path: &Path) -> StoreError {
        StoreError {
            doing: "Writing",
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::AlreadyExists, "this name cannot be used"),
            cure: "Save the request under another name.",
        }
    }
}

/// The steps of writing, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    MakeDir,
    Create,
    Write,
    Sync,
    Rename,
    SyncDir,
    Remove,
}

type Hook = Arc<dyn Fn(Step, &Path) -> io::Result<()> + Send + Sync>;

/// The disk, with a place for tests to let any step fail.
#[derive(Clone, Default)]
pub(super) struct Disk {
    hook: Option<Hook>,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// As the user's umask has it, or as the file already stands.
    Shared,
    /// The owner alone.
    Private,
}

/// Writes a file that may be shared. Missing folders are made.
///
/// # Errors
/// If any step fails; the old file is then still there.
pub fn write_shared(path: &Path, text: &[u8]) -> Result<(), StoreError> {
    Disk::default().write(path, text, Access::Shared)
}

/// Writes a file that only its owner may read. Missing folders are made, for the owner only.
///
/// # Errors
/// If any step fails; the old file is then still there.
pub fn write_private(path: &Path, text: &[u8]) -> Result<(), StoreError> {
    Disk::default().write(path, text, Access::Private)
}

impl Disk {
    /// A disk for tests: it calls `hook` before each step and does not wait for the real disk.
    #[cfg(test)]
    pub(super) fn with_hook(
        hook: impl Fn(Step, &Path) -> io::Result<()> + Send + Sync + 'static,
    ) -> Disk {
        Disk { hook: Some(Arc::new(hook)) }
    }

    fn is_real(&self) -> bool {
        self.hook.is_none()
    }

    fn reach(&self, step: Step, path: &Path) -> io::Result<()> {
        self.hook.as_ref().map_or(Ok(()), |hook| hook(step, path))
    }

    pub(super) fn write(&self, path: &Path, text: &[u8], access: Access) -> Result<(), StoreError> {
        // A link is followed, so that it stays a link.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let dir = match target.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
            _ => PathBuf::from("."),
        };
        self.reach(Step::MakeDir, &dir)
            .and_then(|()| make_dir(&dir, access))
            .map_err(|error| StoreError::new("Making the folder", &dir, error))?;
        let fail = |error| StoreError::new("Writing", path, error);
        // Dropping the temporary file removes it, so a failed step leaves nothing behind.
        self.reach(Step::Create, &target).map_err(fail)?;
        let mut file = builder(&target, access).tempfile_in(&dir).map_err(fail)?;
        self.reach(Step::Write, &target).map_err(fail)?;
        file.write_all(text).map_err(fail)?;
        self.reach(Step::Sync, &target).map_err(fail)?;
        if self.is_real() {
            file.as_file().sync_all().map_err(fail)?;
        }
        self.reach(Step::Rename, &target).map_err(fail)?;
        file.persist(&target).map_err(|error| fail(error.error))?;
        self.reach(Step::SyncDir, &target).map_err(fail)?;
        if self.is_real() { sync_dir(&dir).map_err(fail) } else { Ok(()) }
    }

    /// Removes a file; one that is gone already is no error.
    pub(super) fn remove(&self, path: &Path) -> Result<(), StoreError> {
        match self.reach(Step::Remove, path).and_then(|()| fs::remove_file(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::new("Removing", path, error))
            }
            _ => Ok(()),
        }
    }

    /// Moves a file that cannot be understood to a free name beside it, `NAME.broken-1` and so on.
    pub(super) fn set_aside(&self, path: &Path) -> Result<(), StoreError> {
        let fail = |error| StoreError::new("Moving aside", path, error);
        let mut count = 1;
        let aside = loop {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".broken-{count}"));
            if !Path::new(&name).exists() {
                break PathBuf::from(name);
            }
            count += 1;
        };
        self.reach(Step::Rename, path).map_err(fail)?;
        match fs::rename(path, aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fail(error)),
            _ => Ok(()),
        }
    }
}

fn builder(target: &Path, access: Access) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".wsdeck-").suffix(".tmp");
    // Without more words a temporary file is readable by its owner only.
    if access == Access::Shared {
        match fs::metadata(target) {
            Ok(old) => drop(builder.permissions(old.permissions())),
            #[cfg(unix)]
            Err(_) => {
                use std::os::unix::fs::PermissionsExt as _;
                builder.permissions(fs::Permissions::from_mode(0o666));
            }
            #[cfg(not(unix))]
            Err(_) => {}
        }
    }
    builder
}

fn make_dir(dir: &Path, access: Access) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if access == Access::Private {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    #[cfg(not(unix))]
    let _ = access;
    builder.create(dir)
}

/// The name itself reaches the disk only with its folder.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_failing_step_leaves_the_old_or_the_new_file() {
        for failing in
            [Step::MakeDir, Step::Create, Step::Write, Step::Sync, Step::Rename, Step::SyncDir]
        {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a.toml");
            write_shared(&path, b"old").unwrap();
            let disk = Disk::with_hook(move |step, _| {
                if step == failing { Err(io::Error::other("injected")) } else { Ok(()) }
            });
            let error = disk.write(&path, b"new", Access::Shared).unwrap_err();
            assert!(error.to_string().contains("injected"), "{error}");
            let expected: &[u8] = if failing == Step::SyncDir { b"new" } else { b"old" };
            assert_eq!(fs::read(&path).unwrap(), expected, "{failing:?}");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "{failing:?}");
        }
    }

    #[test]
    fn an_error_says_what_where_and_what_to_try() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "").unwrap();
        let error = write_private(&dir.path().join("a/b.toml"), b"").unwrap_err().to_string();
        assert!(error.starts_with("Making the folder "), "{error}");
        assert!(error.ends_with("in the way: move it, or name another folder."), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("private/secrets.toml");
        write_private(&path, b"x").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        // Also if somebody has opened it up in the meantime.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_private(&path, b"y").unwrap();
        assert_eq!(mode(&path), 0o600);
        // A shared file stays as it is.
        let shared = dir.path().join("shared.toml");
        write_shared(&shared, b"x").unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o640)).unwrap();
        write_shared(&shared, b"y").unwrap();
        assert_eq!(mode(&shared), 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_shared(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn set_aside_takes_a_free_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        for round in 1..=2 {
            fs::write(&path, format!("{round}")).unwrap();
            Disk::default().set_aside(&path).unwrap();
            let aside = dir.path().join(format!("a.toml.broken-{round}"));
            assert_eq!(fs::read_to_string(aside).unwrap(), format!("{round}"));
        }
        assert!(!path.exists());
    }
}
