//! Commands that a person has agreed to run, for each workspace by itself: a request that comes
//! with a shared folder must not run anything on the first look at it.
//!
//! What is kept is a digest of the command with the workspace's place, so that the file tells
//! nothing, and any change of the command is asked about anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store;

/// What was agreed to.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    /// Folder of the workspace's private files; `None` keeps it in memory only.
    private: Option<PathBuf>,
    /// Read from the file when it is first needed.
    known: Mutex<Option<BTreeSet<String>>>,
}

#[derive(Default, Serialize, Deserialize)]
struct Form {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    commands: BTreeSet<String>,
}

impl Agreed {
    pub(super) fn new(private: Option<PathBuf>) -> Agreed {
        Agreed { private, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Option<BTreeSet<String>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> Option<PathBuf> {
        self.private.as_ref().map(|dir| dir.join("agreed.toml"))
    }

    /// Whether its owner has agreed to this command before.
    pub(super) fn holds(&self, command: &str) -> bool {
        let digest = self.digest(command);
        let mut known = self.known();
        let known = known.get_or_insert_with(|| self.file().map(|f| read(&f)).unwrap_or_default());
        known.contains(&digest)
    }

    /// Remembers that its owner has agreed.
    pub(super) fn remember(&self, command: &str) {
        let digest = self.digest(command);
        let mut known = self.known();
        let known = known.get_or_insert_with(BTreeSet::new);
        known.insert(digest);
        let Some(file) = self.file() else { return };
        // What another wsdeck was told meanwhile counts as well.
        known.extend(read(&file));
        let form = Form { version: 1, commands: known.clone() };
        let written = toml::to_string(&form).map_err(|error| error.to_string()).and_then(|text| {
            store::write_private(&file, text.as_bytes()).map_err(|error| error.to_string())
        });
        if let Err(error) = written {
            // It is asked again the next time.
            tracing::warn!("remembering an agreed command: {error}");
        }
    }

    fn digest(&self, command: &str) -> String {
        let place = self.private.as_deref().unwrap_or(Path::new("")).as_os_str();
        let mut hash = Sha256::new();
        hash.update((place.len() as u64).to_be_bytes());
        hash.update(place.as_encoded_bytes());
        hash.update(command.as_bytes());
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What the file has; nothing, if it cannot be understood or somebody else could have written it.
fn read(file: &Path) -> BTreeSet<String> {
    if !store::is_private(file).unwrap_or(false) {
        return BTreeSet::new();
    }
    let text = std::fs::read_to_string(file).unwrap_or_default();
    toml::from_str::<Form>(&text).map(|form| form.commands).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_per_command_and_workspace() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        let agreed = Agreed::new(Some(a.clone()));
        assert!(!agreed.holds("pass show x"));
        agreed.remember("pass show x");
        assert!(agreed.holds("pass show x") && !agreed.holds("pass show y"));
        assert!(Agreed::new(Some(a.clone())).holds("pass show x"));
        std::fs::create_dir_all(&b).unwrap();
        std::fs::copy(a.join("agreed.toml"), b.join("agreed.toml")).unwrap();
        assert!(!Agreed::new(Some(b)).holds("pass show x"), "a copy elsewhere is worth nothing");
        let text = std::fs::read_to_string(a.join("agreed.toml")).unwrap();
        assert!(!text.contains("pass"), "{text}");
        let in_memory = Agreed::default();
        in_memory.remember("x");
        assert!(in_memory.holds("x") && !Agreed::default().holds("x"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_write_counts_for_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        Agreed::new(Some(dir.path().to_owned())).remember("x");
        let file = dir.path().join("agreed.toml");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(!Agreed::new(Some(dir.path().to_owned())).holds("x"));
    }
}
