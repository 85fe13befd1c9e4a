//! Secrets that have a name and belong to no workspace: `secret:NAME` refers to one.
//!
//! They stand in one file that only its owner may read. A file that others can read is not read:
//! what is in it may be known to them already, and going on in silence would hide that. Names of
//! entries that were put in the keyring stand here as well, since not every keyring can list them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};
use zeroize::Zeroizing;

use super::atomic::{StoreError, write_private};
use crate::core::secret::Secret;

const VERSION: u32 = 1;

/// Why a named secret cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum NamedError {
    #[error("the file of named secrets, {}, cannot be read: {why}", file.display())]
    Unreadable { file: PathBuf, why: String },
    #[error(
        "others than you can read the file of named secrets, {0}, so that it is not used. \
         Consider what is in it known, then: chmod 600 {0}",
        file.display()
    )]
    Open { file: PathBuf },
    #[error("the file of named secrets, {}, is not as wsdeck writes it: mend it or move it away", file.display())]
    Broken { file: PathBuf },
    #[error("there is no secret named {name}; `wsdeck secret set {name}` makes one")]
    Missing { name: String },
    #[error(transparent)]
    Unwritten(#[from] StoreError),
}

/// The file, as it was read.
#[derive(Debug, Default)]
pub struct NamedSecrets {
    file: PathBuf,
    secrets: BTreeMap<String, Secret>,
    in_keyring: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    secrets: BTreeMap<String, Secret>,
    #[serde(default)]
    keyring: Vec<String>,
}

impl NamedSecrets {
    /// Reads the file; one that is not there is empty.
    ///
    /// # Errors
    /// If it cannot be read or understood, or if others can read it. No error holds a value.
    pub fn load(file: &Path) -> Result<NamedSecrets, NamedError> {
        let unreadable = |why: String| NamedError::Unreadable { file: file.to_owned(), why };
        let empty = || NamedSecrets { file: file.to_owned(), ..NamedSecrets::default() };
        match is_private(file) {
            Ok(true) => {}
            Ok(false) => return Err(NamedError::Open { file: file.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(empty()),
            Err(error) => return Err(unreadable(error.to_string())),
        }
        let text = std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
        let text = Zeroizing::new(text);
        // The parser's words may quote a secret, so they are not told.
        let form: Form =
            toml::from_str(&text).map_err(|_| NamedError::Broken { file: file.to_owned() })?;
        if form.version > VERSION {
            let why = format!("it has version {}, and this wsdeck knows {VERSION}", form.version);
            return Err(unreadable(why));
        }
        let in_keyring = form.keyring.into_iter().collect();
        Ok(NamedSecrets { file: file.to_owned(), secrets: form.secrets, in_keyring })
    }

    /// # Errors
    /// [`NamedError::Missing`].
    pub fn get(&self, name: &str) -> Result<Secret, NamedError> {
        let found = self.secrets.get(name).cloned();
        found.ok_or_else(|| NamedError::Missing { name: name.to_owned() })
    }

    /// Names of what is in the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// Names of what wsdeck has put in the keyring.
    pub fn in_keyring(&self) -> impl Iterator<Item = &str> {
        self.in_keyring.iter().map(String::as_str)
    }

    /// Takes a secret in, in place of one of the same name.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn set(&mut self, name: &str, secret: Secret) -> Result<(), NamedError> {
        self.secrets.insert(name.to_owned(), secret);
        self.write()
    }

    /// Takes a secret out; gives whether it was there.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn remove(&mut self, name: &str) -> Result<bool, NamedError> {
        let was = self.secrets.remove(name).is_some();
        if was {
            self.write()?;
        }
        Ok(was)
    }

    /// Notes that a name is in the keyring, or no longer.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn note_in_keyring(&mut self, name: &str, there: bool) -> Result<(), NamedError> {
        let changed = if there {
            self.in_keyring.insert(name.to_owned())
        } else {
            self.in_keyring.remove(name)
        };
        if changed { self.write() } else { Ok(()) }
    }

    fn write(&self) -> Result<(), NamedError> {
        let mut document = DocumentMut::new();
        document.insert("version", value(i64::from(VERSION)));
        if !self.in_keyring.is_empty() {
            let mut names = Array::new();
            self.in_keyring.iter().for_each(|name| names.push(name.as_str()));
            document.insert("keyring", value(names));
        }
        let mut table = Table::new();
        for (name, secret) in &self.secrets {
            table.insert(name, value(secret.expose()));
        }
        document.insert("secrets", Item::Table(table));
        let text = Zeroizing::new(document.to_string());
        Ok(write_private(&self.file, text.as_bytes())?)
    }
}

/// Whether nobody but the owner may read or write a file.
///
/// # Errors
/// If it is not there or cannot be looked at.
pub fn is_private(file: &Path) -> io::Result<bool> {
    let meta = std::fs::metadata(file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(meta.permissions().mode() & 0o077 == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = meta;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_dir() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("private/named.toml");
        (dir, file)
    }

    #[test]
    fn set_get_list_and_remove() {
        let (_dir, file) = in_dir();
        let mut named = NamedSecrets::load(&file).unwrap();
        assert!(named.get("a b").unwrap_err().to_string().contains("wsdeck secret set a b"));
        named.set("a b", "x\n\"y\"".into()).unwrap();
        named.set("c", "z".into()).unwrap();
        named.note_in_keyring("k", true).unwrap();
        let mut named = NamedSecrets::load(&file).unwrap();
        assert_eq!(named.names().collect::<Vec<_>>(), ["a b", "c"]);
        assert_eq!(named.in_keyring().collect::<Vec<_>>(), ["k"]);
        assert_eq!(named.get("a b").unwrap().expose(), "x\n\"y\"");
        assert!(named.remove("c").unwrap() && !named.remove("c").unwrap());
        assert!(NamedSecrets::load(&file).unwrap().get("c").is_err());
        assert!(!format!("{named:?}").contains("\\\"y"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_not_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_dir, file) = in_dir();
        NamedSecrets::load(&file).unwrap().set("a", "hunter2".into()).unwrap();
        let mode = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        assert!(is_private(&file).unwrap(), "it is made for its owner only");
        for open in [0o640, 0o604, 0o620] {
            mode(open);
            let error = NamedSecrets::load(&file).unwrap_err().to_string();
            assert!(error.contains(&format!("chmod 600 {}", file.display())), "{error}");
        }
        mode(0o600);
        assert!(NamedSecrets::load(&file).is_ok());
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let (dir, _) = in_dir();
        let file = dir.path().join("named.toml");
        for text in ["secrets = \"hunter2\"", "[secrets]\na = hunter2", "version = 2"] {
            write_private(&file, text.as_bytes()).unwrap();
            let error = NamedSecrets::load(&file).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
