//! The keyring of the operating system: Keychain, Credential Manager, or whoever offers the
//! Secret Service on the session's bus (GNOME Keyring, KWallet, KeePassXC).
//!
//! Each call runs on a thread of its own and is given up after a while: the keyring may ask its
//! owner for a password, and the one on a bus must not be waited for on a thread that drives
//! tasks. Many machines have none (servers, containers, SSH sessions); that is an error with words
//! on what to do instead, never a reason to stop.

use std::sync::mpsc;
use std::time::Duration;

use crate::core::secret::Secret;

/// Under which all entries of this program stand.
pub const SERVICE: &str = "wsdeck";

/// Long enough to type a password into the keyring's own dialogue.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the keyring did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error(
        "this machine offers no keyring ({why}); over SSH and on servers there often is none. Try \
         secret:NAME after `wsdeck secret set NAME --file`, or env:, file: and cmd:"
    )]
    None { why: String },
    #[error("the keyring has no entry {name}; `wsdeck secret set {name} --keyring` makes one")]
    Missing { name: String },
    #[error("the keyring cannot be opened ({why}); unlock it and try again")]
    Locked { why: String },
    #[error("the keyring gave no answer within {} s; unlock it and try again", PATIENCE.as_secs())]
    Late,
    #[error("the keyring failed: {why}")]
    Failed { why: String },
}

/// Reads an entry.
///
/// # Errors
/// See [`KeyringError`].
pub fn get(name: &str) -> Result<Secret, KeyringError> {
    apart(name, backend::get)
}

/// Makes an entry, or changes it.
///
/// # Errors
/// See [`KeyringError`].
pub fn set(name: &str, secret: &Secret) -> Result<(), KeyringError> {
    let secret = secret.clone();
    apart(name, move |name| backend::set(name, &secret))
}

/// Removes an entry; gives whether it was there.
///
/// # Errors
/// See [`KeyringError`], except for [`KeyringError::Missing`].
pub fn remove(name: &str) -> Result<bool, KeyringError> {
    match apart(name, backend::remove) {
        Ok(()) => Ok(true),
        Err(KeyringError::Missing { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&str) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (done, waiting) = mpsc::sync_channel(1);
    let name = name.to_owned();
    let thread = std::thread::Builder::new().name("keyring".into()).spawn(move || {
        // Whoever waited may have given up.
        let _ = done.send(work(&name));
    });
    thread.map_err(|error| KeyringError::Failed { why: error.to_string() })?;
    match waiting.recv_timeout(PATIENCE) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(KeyringError::Late),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(KeyringError::Failed { why: "its library gave up".into() })
        }
    }
}

#[cfg(feature = "keyring")]
mod backend {
    //! The real one, behind keyring-core, whose default store a test replaces.

    use keyring_core::{Entry, Error};

    use super::{KeyringError, SERVICE};
    use crate::core::sanitize::escape_line;
    use crate::core::secret::Secret;

    fn entry(name: &str) -> Result<Entry, KeyringError> {
        if keyring_core::get_default_store().is_none()
            && let Err(error) = keyring::Entry::store_status()
        {
            return Err(KeyringError::None { why: escape_line(&error.to_string()).into_owned() });
        }
        Entry::new(SERVICE, name).map_err(|error| told(name, error))
    }

    pub(super) fn get(name: &str) -> Result<Secret, KeyringError> {
        let text = entry(name)?.get_password().map_err(|error| told(name, error))?;
        Ok(Secret::from(text))
    }

    pub(super) fn set(name: &str, secret: &Secret) -> Result<(), KeyringError> {
        entry(name)?.set_password(secret.expose()).map_err(|error| told(name, error))
    }

    pub(super) fn remove(name: &str) -> Result<(), KeyringError> {
        entry(name)?.delete_credential().map_err(|error| told(name, error))
    }

    /// Some errors carry the secret with them; it is not told.
    pub(super) fn told(name: &str, error: Error) -> KeyringError {
        let why = match &error {
            Error::NoEntry => return KeyringError::Missing { name: name.to_owned() },
            Error::NoDefaultStore => {
                return KeyringError::None { why: "none was found".into() };
            }
            Error::BadEncoding(_) => String::from("the entry is no UTF-8 text"),
            Error::BadDataFormat(..) => "the entry cannot be read".into(),
            Error::Ambiguous(_) => format!("it has several entries {name}"),
            other => escape_line(&other.to_string()).into_owned(),
        };
        match error {
            Error::NoStorageAccess(_) => KeyringError::Locked { why },
            _ => KeyringError::Failed { why },
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod backend {
    //! Built without one.

    use super::KeyringError;
    use crate::core::secret::Secret;

    fn none<T>() -> Result<T, KeyringError> {
        Err(KeyringError::None { why: "this wsdeck was built without it".into() })
    }

    pub(super) fn get(_name: &str) -> Result<Secret, KeyringError> {
        none()
    }

    pub(super) fn set(_name: &str, _secret: &Secret) -> Result<(), KeyringError> {
        none()
    }

    pub(super) fn remove(_name: &str) -> Result<(), KeyringError> {
        none()
    }
}

#[cfg(test)]
#[cfg(feature = "keyring")]
pub(crate) mod tests {
    use std::sync::Once;

    use super::*;

    /// Puts a keyring in memory in place of this machine's, for all tests of the process.
    pub(crate) fn mock() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            keyring_core::set_default_store(keyring_core::mock::Store::new().unwrap());
        });
    }

    #[test]
    fn entries_come_and_go() {
        mock();
        let name = "store/keyring/entries";
        assert_eq!(get(name), Err(KeyringError::Missing { name: name.into() }));
        set(name, &"hunter2".into()).unwrap();
        set(name, &"hunter3".into()).unwrap();
        assert_eq!(get(name).unwrap().expose(), "hunter3");
        assert_eq!((remove(name), remove(name)), (Ok(true), Ok(false)));
    }

    #[test]
    fn errors_say_what_to_try_and_hold_no_secret() {
        use keyring_core::Error;
        let secret = || b"hunter2".to_vec();
        for (error, word) in [
            (Error::NoDefaultStore, "wsdeck secret set NAME --file"),
            (Error::NoStorageAccess("it is locked".into()), "unlock it"),
            (Error::BadEncoding(secret()), "no UTF-8"),
            (Error::BadDataFormat(secret(), "odd".into()), "cannot be read"),
            (Error::PlatformFailure("bus\u{1b}[2J".into()), "failed"),
        ] {
            let text = backend::told("n", error).to_string();
            assert!(text.contains(word) && !text.contains("hunter2"), "{text}");
            assert!(!text.contains('\u{1b}'), "{text}");
        }
    }
}
