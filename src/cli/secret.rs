//! `secret`: named secrets in the private file or in the keyring of the system.

use std::io::{self, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use super::args::{SecretArgs, SecretCommand, SecretPlace};
use super::failure::Failure;
use super::{output, prompt};
use crate::config::{self, Places, SecretStore};
use crate::core::sanitize::escape;
use crate::core::secret::Secret;
use crate::store::{NamedSecrets, Paths, keyring};

/// Largest secret that is taken from a pipe.
const LARGEST: u64 = 1024 * 1024;

pub fn run(args: &SecretArgs) -> Result<u8, Failure> {
    let ours = |error: &dyn std::fmt::Display| Failure::Ours(error.to_string());
    let paths = Paths::of_process().map_err(|error| ours(&error))?;
    let file = paths.named_secrets_file();
    let mut named = NamedSecrets::load(&file).map_err(|error| ours(&error))?;
    match &args.command {
        SecretCommand::Set { name, place } => {
            check_name(name)?;
            let in_keyring = place.in_keyring(default_place);
            let secret = read_secret(name)?;
            if in_keyring {
                keyring::set(name, &secret).map_err(|error| ours(&error))?;
                named.note_in_keyring(name, true).map_err(|error| ours(&error))?;
            } else {
                named.set(name, secret).map_err(|error| ours(&error))?;
            }
            let kind = if in_keyring { "keyring" } else { "secret" };
            eprintln!(
                "Kept. Refer to it by {kind}:{name}, or within a text by {{{{{kind}:{name}}}}}."
            );
        }
        SecretCommand::List => {
            let mut out = String::new();
            for name in named.names() {
                out.push_str(&format!("secret:{}\n", escape(name)));
            }
            for name in named.in_keyring() {
                out.push_str(&format!("keyring:{}\n", escape(name)));
            }
            output::print(out.as_bytes())?;
        }
        SecretCommand::Remove { name, place } => {
            // What stands in one place only need not be told where.
            let only_there =
                || !named.names().any(|n| n == name) && named.in_keyring().any(|n| n == name);
            let in_keyring = place.in_keyring(only_there);
            let was = if in_keyring {
                let was = keyring::remove(name).map_err(|error| ours(&error))?;
                named.note_in_keyring(name, false).map_err(|error| ours(&error))?;
                was
            } else {
                named.remove(name).map_err(|error| ours(&error))?
            };
            if !was {
                let kind = if in_keyring { "keyring" } else { "secret" };
                return Err(Failure::Ours(format!("there is no {kind}:{}", escape(name))));
            }
        }
    }
    Ok(0)
}

/// What the settings say of the secrets of requests holds for those with a name as well.
fn default_place() -> bool {
    Places::find(None, |name| std::env::var_os(name)).is_some_and(|places| {
        config::load(&places, false).settings.secrets.store == SecretStore::Keyring
    })
}

fn check_name(name: &str) -> Result<(), Failure> {
    let bad = name.trim() != name
        || name.is_empty()
        || name.contains("}}")
        || name.chars().any(char::is_control);
    if bad {
        return Err(Failure::usage(
            "a name is not empty, begins and ends without a blank and has no }} in it",
        ));
    }
    Ok(())
}

/// From a prompt that shows nothing, or from a pipe without one line break at its end.
fn read_secret(name: &str) -> Result<Secret, Failure> {
    let secret = if io::stdin().is_terminal() {
        let text = format!("Secret for {} (not shown): ", escape(name));
        prompt::secret(&text)
            .map_err(|error| {
                Failure::Ours(format!(
                    "asking for the secret: {error}; pipe it in instead: … | wsdeck secret set NAME"
                ))
            })?
            .ok_or_else(|| Failure::Ours("given up; nothing was changed".into()))?
    } else {
        let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
        let read = io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::Ours(format!("reading the secret: {error}")))?;
        if text.len() as u64 > LARGEST {
            return Err(Failure::usage("a secret has 1 MiB at most"));
        }
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Secret::from(text.strip_suffix('\r').unwrap_or(text))
    };
    if secret.is_empty() {
        return Err(Failure::usage(
            "an empty secret is none; `wsdeck secret remove` takes one away",
        ));
    }
    Ok(secret)
}

impl SecretPlace {
    fn in_keyring(&self, otherwise: impl FnOnce() -> bool) -> bool {
        self.keyring || (!self.file && otherwise())
    }
}
