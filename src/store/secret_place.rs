//! Where the secrets of a workspace's requests are: in the private file, or all together in one
//! entry of the keyring.
//!
//! The file is there in both cases and says whether the keyring holds something: then it has
//! `keyring = true`, and beside it only what could not be put there. So nothing is asked of the
//! keyring by those who do not use it, and moving from one place to the other can be interrupted
//! anywhere: the new place is written first, and what is found in both is read as the file has
//! it, since the file is written last when the keyring fails.

use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::keyring::{self, KeyringError};
use super::private_files::{self as private, AllSecrets};
use super::problem::Problem;
use crate::core::secret::Secret;

/// Where the secrets of requests are to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretsIn {
    #[default]
    File,
    Keyring,
}

/// The place of one workspace.
#[derive(Debug)]
pub(super) struct SecretPlace {
    wanted: SecretsIn,
    /// Name of the keyring's entry.
    entry: String,
    /// The keyring holds something.
    in_keyring: bool,
    /// What it holds could not be read; it is left alone.
    unread: bool,
    /// It does not work; the file is used.
    is_away: bool,
    /// Digest of what was put there last.
    put: Option<[u8; 32]>,
}

impl SecretPlace {
    /// `private_dir` names the workspace.
    pub(super) fn new(wanted: SecretsIn, private_dir: &Path) -> SecretPlace {
        let name = private_dir.file_name().unwrap_or_default().to_string_lossy();
        SecretPlace {
            wanted,
            entry: format!("workspace {name}"),
            in_keyring: false,
            unread: false,
            is_away: false,
            put: None,
        }
    }

    /// Adds what the keyring holds to what the file has. `in_keyring` is what the file says.
    pub(super) fn load(
        &mut self,
        in_keyring: bool,
        secrets: &mut AllSecrets,
        file: &Path,
        problems: &mut Vec<Problem>,
    ) {
        self.in_keyring = in_keyring;
        if !in_keyring && self.wanted == SecretsIn::File {
            return;
        }
        let (what, cure) = match keyring::get(&self.entry) {
            Ok(text) => match private::read_secrets(text.expose()) {
                Ok(held) => {
                    fill(secrets, held);
                    return;
                }
                Err(_) => (
                    format!("the keyring's entry “{}” is not as wsdeck writes it", self.entry),
                    "It is left as it is, and new secrets are kept in the private file.",
                ),
            },
            Err(KeyringError::Missing { .. }) if !in_keyring => return,
            Err(KeyringError::Missing { .. }) => {
                self.in_keyring = false;
                let what = "the secrets of this workspace were in the keyring, which has lost them";
                (what.to_owned(), "Type them again.")
            }
            Err(error) if in_keyring => (
                format!("the secrets of this workspace are in the keyring: {error}"),
                "They stay there, and new ones are kept in the private file until it can be read.",
            ),
            Err(error) => {
                self.is_away = true;
                (
                    format!("secrets.store is \"keyring\": {error}"),
                    "Until then secrets are kept in the private file.",
                )
            }
        };
        self.unread = self.in_keyring;
        problems.push(Problem { file: file.to_owned(), place: None, what, cure: cure.to_owned() });
    }

    /// Whether the keyring holds secrets that are not known here.
    pub(super) fn is_unread(&self) -> bool {
        self.unread
    }

    /// Whether the secrets are not where they are wanted, though they could be.
    pub(super) fn is_to_move(&self) -> bool {
        let can = !self.unread && !self.is_away;
        can && self.in_keyring != (self.wanted == SecretsIn::Keyring)
    }

    /// What another wsdeck has put into the keyring meanwhile, for requests that are not known.
    pub(super) fn take_others(&self, secrets: &mut AllSecrets) {
        if self.wanted == SecretsIn::File || !self.in_keyring || self.unread || self.is_away {
            return;
        }
        if let Ok(text) = keyring::get(&self.entry)
            && let Ok(others) = private::read_secrets(text.expose())
        {
            for (id, values) in others {
                secrets.entry(id).or_insert(values);
            }
        }
    }

    /// Puts the secrets into the keyring if they belong there. Gives what is to stand in the
    /// file, and why it has to be the file if the keyring did not take them.
    pub(super) fn put(&mut self, all: &AllSecrets) -> (Zeroizing<String>, Option<KeyringError>) {
        let whole = private::write_secrets(all, false);
        if self.wanted == SecretsIn::File || self.unread || self.is_away {
            let held = self.in_keyring && (self.unread || self.wanted == SecretsIn::Keyring);
            return (private::write_secrets(all, held), None);
        }
        let digest: [u8; 32] = Sha256::digest(whole.as_bytes()).into();
        if self.put != Some(digest) {
            if let Err(error) = keyring::set(&self.entry, &Secret::from(whole.as_str())) {
                self.is_away = true;
                return (private::write_secrets(all, self.in_keyring), Some(error));
            }
            (self.put, self.in_keyring) = (Some(digest), true);
        }
        (private::write_secrets(&AllSecrets::new(), true), None)
    }

    /// The file has been written: what it has now needs no second place.
    pub(super) fn file_is_written(&mut self) {
        if self.wanted == SecretsIn::File && self.in_keyring && !self.unread {
            match keyring::remove(&self.entry) {
                Ok(_) => {}
                // The file no longer says that it is there, so that it is never read again.
                Err(error) => tracing::warn!("removing what was moved from the keyring: {error}"),
            }
            self.in_keyring = false;
        }
    }
}

/// Adds what is missing.
fn fill(secrets: &mut AllSecrets, more: AllSecrets) {
    for (id, values) in more {
        let known = secrets.entry(id).or_default();
        for (key, value) in values {
            known.entry(key).or_insert(value);
        }
    }
}

#[cfg(test)]
#[cfg(feature = "keyring")]
mod tests {
    use super::*;
    use crate::store::{Paths, Store, StoredRequest, WorkspaceState};

    struct Place {
        _dir: tempfile::TempDir,
        paths: Paths,
    }

    fn place() -> Place {
        keyring::tests::mock();
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths { config_dir: dir.path().join("c"), data_dir: dir.path().join("d") };
        Place { _dir: dir, paths }
    }

    impl Place {
        fn load(&self, place: SecretsIn) -> (Store, WorkspaceState, Vec<Problem>) {
            Store::load_in(&self.paths, &self.paths.default_workspace(), place)
        }

        fn file(&self) -> String {
            let dir = self.paths.private_dir(&self.paths.default_workspace());
            std::fs::read_to_string(dir.join("secrets.toml")).unwrap_or_default()
        }

        fn entry(&self) -> String {
            let dir = self.paths.private_dir(&self.paths.default_workspace());
            SecretPlace::new(SecretsIn::Keyring, &dir).entry
        }
    }

    fn request(token: &str) -> WorkspaceState {
        let mut request = StoredRequest { id: "echo".into(), ..StoredRequest::default() };
        request.draft.set_url("ws://h/".into());
        request.draft.auth.kind = "bearer".into();
        request.draft.auth.set("token", token.into());
        WorkspaceState { requests: vec![request], ..WorkspaceState::default() }
    }

    fn token(state: &WorkspaceState) -> &str {
        state.request("echo").unwrap().draft.auth.value("token")
    }

    #[test]
    fn moved_whenever_the_setting_changes() {
        let place = place();
        place.load(SecretsIn::File).0.save(&request("hunter2a")).unwrap();
        assert!(place.file().contains("hunter2a"));
        for _ in 0..2 {
            // Nothing was changed but the setting.
            let (mut store, state, problems) = place.load(SecretsIn::Keyring);
            assert_eq!((token(&state), problems.len()), ("hunter2a", 0));
            store.save(&state).unwrap();
            assert!(!place.file().contains("hunter2a"), "{}", place.file());
            assert!(keyring::get(&place.entry()).unwrap().expose().contains("hunter2a"));
            let (mut store, state, _) = place.load(SecretsIn::File);
            assert_eq!(token(&state), "hunter2a");
            store.save(&state).unwrap();
            assert!(place.file().contains("hunter2a"));
            assert!(keyring::get(&place.entry()).is_err());
        }
    }

    #[test]
    fn what_stands_in_both_places_is_read_as_the_file_has_it() {
        let place = place();
        place.load(SecretsIn::Keyring).0.save(&request("hunter2a")).unwrap();
        // A keyring that failed once leaves the newer text in the file.
        let dir = place.paths.private_dir(&place.paths.default_workspace());
        let newer = place.file() + "\n[requests.echo]\n\"auth/bearer.token\" = \"hunter2b\"\n";
        crate::store::write_private(&dir.join("secrets.toml"), newer.as_bytes()).unwrap();
        let (mut store, state, _) = place.load(SecretsIn::Keyring);
        assert_eq!(token(&state), "hunter2b");
        store.save(&state).unwrap();
        assert_eq!(token(&place.load(SecretsIn::Keyring).1), "hunter2b");
    }

    #[test]
    fn an_entry_that_cannot_be_read_loses_nothing() {
        let place = place();
        place.load(SecretsIn::Keyring).0.save(&request("hunter2a")).unwrap();
        let whole = keyring::get(&place.entry()).unwrap();
        keyring::set(&place.entry(), &"nonsense".into()).unwrap();
        for wanted in [SecretsIn::Keyring, SecretsIn::File] {
            let (mut store, mut state, problems) = place.load(wanted);
            assert_eq!((token(&state), problems.len()), ("", 1));
            state.requests[0].name = format!("renamed {wanted:?}");
            store.save(&state).unwrap();
            assert_eq!(keyring::get(&place.entry()).unwrap().expose(), "nonsense");
        }
        keyring::set(&place.entry(), &whole).unwrap();
        let (_, state, problems) = place.load(SecretsIn::File);
        assert_eq!((token(&state), problems.len()), ("hunter2a", 0));
    }
}
