//! Failures in a row of keys whose service locks them after some: known by a digest of the key's
//! name, and told before the next attempt adds one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::auth;
use crate::core::evidence::{Evidence, LockFacts};
use crate::core::request::{AuthDraft, LockedKey};
use crate::core::time::Micros;
use crate::store;

/// Keys that are remembered; the oldest failure goes first.
const MOST: usize = 1_000;

/// Counts failures by key.
#[derive(Debug, Default)]
pub(super) struct Failures {
    file: Option<PathBuf>,
    /// Stands for the file if there is none.
    memory: Mutex<BTreeMap<String, Count>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    failed: u32,
    last_us: u64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct File {
    version: u32,
    keys: BTreeMap<String, Count>,
}

const VERSION: u32 = 1;

/// The key of a draft whose service locks it; its references are resolved.
pub(super) fn key_of(draft: &AuthDraft) -> Option<LockedKey> {
    let policy = auth::find(&draft.kind)?.lock()?;
    let value = draft.value(policy.field).trim();
    if value.is_empty() {
        return None;
    }
    let digest = Sha256::digest(format!("{}\0{value}", draft.kind));
    let id = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Some(LockedKey { id, limit: policy.limit, locked_s: policy.locked_s })
}

impl Failures {
    pub(super) fn new(file: Option<PathBuf>) -> Failures {
        Failures { file, ..Failures::default() }
    }

    /// How near the key is to being locked.
    pub(super) fn of(&self, key: &LockedKey, now: Micros) -> LockFacts {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.file.as_ref().map_or_else(|| memory.clone(), |_| self.read());
        let failed = all.get(&key.id).filter(|count| is_recent(**count, key, now));
        let failed = failed.map_or(0, |count| count.failed);
        LockFacts { failed, limit: key.limit, locked_s: key.locked_s }
    }

    /// Learns from an attempt with that key: a 401 counts, an open connection ends the count, and
    /// what says nothing of the key leaves it.
    pub(super) fn learn(&self, key: &LockedKey, evidence: &Evidence, now: Micros) {
        let status = evidence.http.as_ref().and_then(|http| http.reply.as_ref()).map(|r| r.status);
        if !matches!(status, Some(101 | 401)) {
            return;
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.file.as_ref().map_or_else(|| memory.clone(), |_| self.read());
        let before = all.get(&key.id).copied();
        if status == Some(101) {
            if all.remove(&key.id).is_none() {
                return;
            }
        } else {
            let count = before.filter(|count| is_recent(*count, key, now)).unwrap_or_default();
            let failed = count.failed.saturating_add(1);
            all.insert(key.id.clone(), Count { failed, last_us: now.0 });
        }
        while all.len() > MOST {
            let oldest = all.iter().min_by_key(|(_, count)| count.last_us);
            let Some(id) = oldest.map(|(id, _)| id.clone()) else { break };
            all.remove(&id);
        }
        match &self.file {
            None => *memory = all,
            Some(file) => {
                let text = toml::to_string(&File { version: VERSION, keys: all });
                let Ok(text) = text else { return };
                if let Err(error) = store::write_private(file, text.as_bytes()) {
                    tracing::warn!(%error, "failures of keys are not counted");
                }
            }
        }
    }

    fn read(&self) -> BTreeMap<String, Count> {
        let text = self.file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let file = text.and_then(|text| toml::from_str::<File>(&text).ok());
        file.filter(|file| file.version == VERSION).map(|file| file.keys).unwrap_or_default()
    }
}

/// The service forgets as well: once the time of a lock is over it counts from none.
fn is_recent(count: Count, key: &LockedKey, now: Micros) -> bool {
    now.0 < count.last_us.saturating_add(u64::from(key.locked_s) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::{HttpFacts, ReplyFacts};

    fn answered(status: u16) -> Evidence {
        let reply = Some(ReplyFacts { status, ..ReplyFacts::default() });
        Evidence { http: Some(HttpFacts { reply, ..HttpFacts::default() }), ..Evidence::default() }
    }

    fn key() -> LockedKey {
        LockedKey { id: "k".into(), limit: 5, locked_s: 300 }
    }

    #[test]
    fn failures_in_a_row_are_counted_across_runs() {
        let dir = tempfile::tempdir().unwrap();
        for file in [None, Some(dir.path().join("failures.toml"))] {
            let failures = Failures::new(file.clone());
            let at = |s: u64| Micros(1_000_000_000 + s * 1_000_000);
            let failed = |s: u64| failures.of(&key(), at(s)).failed;
            failures.learn(&key(), &answered(401), at(0));
            failures.learn(&key(), &answered(401), at(10));
            failures.learn(&key(), &answered(502), at(11));
            failures.learn(&key(), &Evidence::default(), at(11));
            assert_eq!(failed(12), 2);
            if let Some(file) = file {
                assert_eq!(Failures::new(Some(file)).of(&key(), at(12)).failed, 2);
            }
            // The lock's time is over.
            assert_eq!((failed(309), failed(310)), (2, 0));
            failures.learn(&key(), &answered(401), at(400));
            assert_eq!(failed(400), 1);
            failures.learn(&key(), &answered(101), at(401));
            assert_eq!(failed(401), 0);
        }
    }
}
