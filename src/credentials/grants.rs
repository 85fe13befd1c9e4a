//! Grants that were got, for the next attempt: in memory, and with an end to them also in a file of
//! their owner's, so that not every run of the program asks anew.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::auth::Grant;
use crate::core::credential::GrantFacts;
use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::store;

/// How long a refresh token is kept after it was given, in microseconds: 60 days.
const REFRESHABLE: u64 = 60 * 24 * 3600 * 1_000_000;

/// The part that asks for a new grant without a person (RFC 6749 section 6).
const REFRESH_TOKEN: &str = "refresh-token";

/// Grants by [`Ask::id`](crate::auth::Ask::id).
#[derive(Debug, Default)]
pub(super) struct Grants {
    file: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Grant>>,
    gates: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Grants {
    pub(super) fn new(file: Option<PathBuf>) -> Grants {
        Grants { file, ..Grants::default() }
    }

    /// Whoever asks for the same waits here, and then finds what the first one got.
    pub(super) fn gate(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = lock(&self.gates);
        gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        gates.entry(id.to_owned()).or_default().clone()
    }

    /// What was got for it, good or at its end.
    pub(super) fn find(&self, id: &str) -> Option<Grant> {
        let mut known = lock(&self.known);
        if let Some(grant) = known.get(id) {
            return Some(grant.clone());
        }
        let grant = self.read().remove(id)?;
        known.insert(id.to_owned(), grant.clone());
        Some(grant)
    }

    /// Keeps it. One that tells no end is kept in memory only: nobody could say when it is of no
    /// use any more.
    pub(super) fn keep(&self, id: &str, grant: &Grant, now: Micros) {
        let mut known = lock(&self.known);
        known.insert(id.to_owned(), grant.clone());
        let on_disk = grant.facts.expires.is_some();
        self.change(now, |all| {
            if on_disk {
                all.insert(id.to_owned(), grant.clone());
            } else {
                all.remove(id);
            }
        });
    }

    /// It was refused: the next attempt asks anew, or refreshes it.
    pub(super) fn forget(&self, id: &str, now: Micros) {
        let mut known = lock(&self.known);
        let old = known.remove(id).or_else(|| self.read().remove(id));
        let rest = old.filter(|grant| !grant.part(REFRESH_TOKEN).is_empty()).map(|mut grant| {
            grant.value = Secret::default();
            grant.facts.expires = Some(Micros(0));
            grant
        });
        if let Some(grant) = &rest {
            known.insert(id.to_owned(), grant.clone());
        }
        self.change(now, |all| {
            all.remove(id);
            all.extend(rest.map(|grant| (id.to_owned(), grant)));
        });
    }

    fn read(&self) -> BTreeMap<String, Grant> {
        let text = self.file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        text.map(Zeroizing::new).and_then(|text| decode(&text)).unwrap_or_default()
    }

    /// Reads, changes and writes the file; other runs of the program may use it too. That it
    /// cannot be written is no reason not to connect.
    fn change(&self, now: Micros, change: impl FnOnce(&mut BTreeMap<String, Grant>)) {
        let Some(file) = &self.file else { return };
        let before = self.read();
        let mut all = before.clone();
        change(&mut all);
        all.retain(|_, grant| {
            let refreshable = !grant.part(REFRESH_TOKEN).is_empty()
                && now.0 < grant.facts.obtained.0.saturating_add(REFRESHABLE);
            grant.is_good(now, 0) || refreshable
        });
        if all == before {
            return;
        }
        let Some(text) = encode(&all) else { return };
        if let Err(error) = store::write_private(file, text.as_bytes()) {
            tracing::warn!(%error, "credentials are kept in memory only");
        }
    }
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    #[serde(default)]
    grants: BTreeMap<String, Entry>,
}

/// A grant as it stands in the file; it is never shown.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    value: String,
    source: String,
    obtained_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_us: Option<u64>,
    facts: Vec<(String, String)>,
    parts: BTreeMap<String, String>,
}

const VERSION: u32 = 1;

fn decode(text: &str) -> Option<BTreeMap<String, Grant>> {
    // A file of a newer version is left alone by whoever finds nothing in it, and then written
    // over: what it holds can be got again.
    let file: File = toml::from_str(text).ok().filter(|file: &File| file.version == VERSION)?;
    let grants = file.grants.into_iter().map(|(id, entry)| {
        let more = entry.parts.into_iter().map(|(name, part)| (name, part.into()));
        let grant = Grant {
            value: entry.value.into(),
            more: more.collect(),
            facts: GrantFacts {
                source: entry.source,
                obtained: Micros(entry.obtained_us),
                expires: entry.expires_us.map(Micros),
                kept: false,
                more: entry.facts,
            },
        };
        (id, grant)
    });
    Some(grants.collect())
}

fn encode(grants: &BTreeMap<String, Grant>) -> Option<Zeroizing<String>> {
    let entries = grants.iter().map(|(id, grant)| {
        let parts = grant.more.iter();
        let entry = Entry {
            value: grant.value.expose().to_owned(),
            source: grant.facts.source.clone(),
            obtained_us: grant.facts.obtained.0,
            expires_us: grant.facts.expires.map(|end| end.0),
            facts: grant.facts.more.clone(),
            parts: parts.map(|(name, part)| (name.clone(), part.expose().to_owned())).collect(),
        };
        (id.clone(), entry)
    });
    let file = File { version: VERSION, grants: entries.collect() };
    toml::to_string(&file).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_000_000_000_000);

    fn grant(more: &[(&str, &str)], end: Option<u64>) -> Grant {
        Grant {
            value: "t0ken-\"x\"\n".into(),
            more: more.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect(),
            facts: GrantFacts {
                source: "IAM x".into(),
                obtained: NOW,
                expires: end.map(|s| Micros(NOW.0 + s * 1_000_000)),
                kept: false,
                more: vec![("scope".into(), "project p".into())],
            },
        }
    }

    #[test]
    fn the_next_run_finds_what_has_an_end() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("private/grants.toml");
        let grants = Grants::new(Some(file.clone()));
        let (ending, endless) = (grant(&[("session-token", "s3cret")], Some(60)), grant(&[], None));
        grants.keep("a", &ending, NOW);
        grants.keep("b", &endless, NOW);
        assert_eq!(grants.find("b"), Some(endless));
        let next = Grants::new(Some(file.clone()));
        assert_eq!(next.find("a"), Some(ending));
        assert_eq!(next.find("b"), None);
        assert!(!format!("{next:?}").contains("s3cret") && !format!("{next:?}").contains("t0ken"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        next.forget("a", NOW);
        assert_eq!(Grants::new(Some(file)).find("a"), None);
    }

    #[test]
    fn a_refused_grant_keeps_what_refreshes_it() {
        let grants = Grants::new(None);
        grants.keep("a", &grant(&[("refresh-token", "r")], Some(60)), NOW);
        grants.forget("a", NOW);
        let rest = grants.find("a").unwrap();
        assert!(
            rest.value.is_empty() && !rest.is_good(NOW, 0) && rest.part("refresh-token") == "r"
        );
    }
}
