//! Folders of sessions: one for each log of each run of the program.
//!
//! `session.json` says what the log is about and when it began and ended; `lock` is locked as long
//! as the program runs that writes it, which a killed program cannot forget to undo.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::file::{SUFFIX, make_private_dir, private};
use crate::core::time::Micros;

const FACTS: &str = "session.json";
const LOCK: &str = "lock";

/// What is known of a session without reading its rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) version: u32,
    /// The workspace's folder.
    #[serde(default)]
    pub(super) workspace: String,
    /// Id of the request in it; empty if it never got one.
    #[serde(default)]
    pub(super) request: String,
    pub(super) started: Micros,
    /// `null` while it runs, and for good if the program was killed.
    #[serde(default)]
    pub(super) ended: Option<Micros>,
}

pub(super) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// The session that is being written.
#[derive(Debug)]
pub(super) struct Session {
    folder: PathBuf,
    facts: Facts,
    files: u64,
    /// Held for its lock.
    _lock: File,
}

impl Session {
    /// Makes the folder of a new session below `sessions`.
    pub(super) fn create(sessions: &Path, mut facts: Facts) -> io::Result<Session> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        make_private_dir(sessions)?;
        facts.version = 1;
        let stamp = facts.started.to_string().replace(['-', ':'], "");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = sessions.join(format!("{stamp}-{}-{count}", std::process::id()));
        make_private_dir(&folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        let lock = options.open(folder.join(LOCK))?;
        // Where files cannot be locked, the name of the folder keeps processes apart.
        let _ = lock.try_lock();
        let session = Session { folder, facts, files: 0, _lock: lock };
        session.write_facts()?;
        Ok(session)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Name for the next file.
    pub(super) fn next_file(&mut self) -> PathBuf {
        self.files += 1;
        self.folder.join(format!("{:08}.{SUFFIX}", self.files))
    }

    /// The request has this name now.
    pub(super) fn rename(&mut self, request: String) -> io::Result<()> {
        self.facts.request = request;
        self.write_facts()
    }

    /// The session ended well.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.facts.ended = Some(now());
        self.write_facts()
    }

    fn write_facts(&self) -> io::Result<()> {
        let path = self.folder.join(FACTS);
        let beside = self.folder.join("session.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        private(&mut options);
        let mut file = options.open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(&self.facts)?)?;
        drop(file);
        std::fs::rename(beside, path)
    }
}

/// A session of an earlier run, or of a program that runs now.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) folder: PathBuf,
    pub(super) facts: Facts,
}

impl Found {
    /// The program that writes it runs.
    pub(super) fn is_live(&self) -> bool {
        let Ok(lock) = File::open(self.folder.join(LOCK)) else { return false };
        matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// Its files with their sizes, oldest first.
    pub(super) fn files(&self) -> Vec<(PathBuf, u64)> {
        files(&self.folder).unwrap_or_default()
    }
}

/// The files of a session with their sizes, oldest first.
pub(super) fn files(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut files: Vec<(PathBuf, u64)> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| (entry.path(), entry.metadata().map_or(0, |meta| meta.len())))
        .filter(|(path, _)| path.extension().is_some_and(|suffix| suffix == SUFFIX))
        .collect();
    files.sort();
    Ok(files)
}

/// What the session's folder says of it.
pub(super) fn facts(folder: &Path) -> io::Result<Facts> {
    Ok(serde_json::from_slice(&std::fs::read(folder.join(FACTS))?)?)
}

/// The sessions below a folder, oldest first.
pub(super) fn list(sessions: &Path) -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir(sessions) else { return Vec::new() };
    let mut found: Vec<Found> = entries
        .flatten()
        .filter_map(|entry| {
            let folder = entry.path();
            Some(Found { facts: facts(&folder).ok()?, folder })
        })
        .collect();
    found.sort_by(|a, b| (a.facts.started, &a.folder).cmp(&(b.facts.started, &b.folder)));
    found
}

/// Removes a session's folder if it holds no rows any more and nobody writes it.
pub(super) fn remove_if_empty(folder: &Path) {
    let holds_rows = std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|e| e.path().extension().is_some_and(|suffix| suffix == SUFFIX))
    });
    if !holds_rows {
        remove(folder);
    }
}

/// Removes what a session's folder holds of ours, and the folder.
pub(super) fn remove(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_ours = [FACTS, LOCK, "session.new"].iter().any(|ours| name == *ours)
            || path.extension().is_some_and(|suffix| suffix == SUFFIX);
        if is_ours {
            let _ = std::fs::remove_file(path);
        }
    }
    let _ = std::fs::remove_dir(folder);
}

/// Brings all sessions below `root` (a folder a workspace) within `limit` bytes for each request
/// and four times that in all, by removing the oldest ones whole. The newest one of each request
/// stays, and what a program that runs is writing. Returns how many went.
pub fn sweep(root: &Path, limit: u64) -> usize {
    let mut removed = 0;
    let mut kept: Vec<(Found, u64, bool)> = Vec::new();
    for workspace in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let mut sums: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
        for found in list(&workspace.path()).into_iter().rev() {
            let size: u64 = found.files().iter().map(|(_, size)| size).sum();
            let sum = sums.get(&found.facts.request).copied();
            let is_newest = sum.is_none() && !found.facts.request.is_empty();
            let sum = sum.unwrap_or_default() + size;
            if !is_newest && sum > limit && !found.is_live() {
                remove(&found.folder);
                removed += 1;
                continue;
            }
            sums.insert(found.facts.request.clone(), sum);
            kept.push((found, size, is_newest));
        }
    }
    let mut all: u64 = kept.iter().map(|(_, size, _)| size).sum();
    kept.sort_by_key(|(found, ..)| found.facts.started);
    for (found, size, is_newest) in &kept {
        if all <= limit.saturating_mul(4) {
            break;
        }
        if !is_newest && !found.is_live() {
            remove(&found.folder);
            removed += 1;
            all -= size;
        }
    }
    removed
}
