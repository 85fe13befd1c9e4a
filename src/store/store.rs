//! Loading and saving a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::atomic::{Access, Disk, StoreError};
use super::merge::{LEAF, Schema, merged};
use super::paths::Paths;
use super::private_files::{self as private, AllSecrets, Session};
use super::problem::{Fault, Problem};
use super::request_file;
use super::secrets::{put_back, take_out};
use super::state::{StoredRequest, WorkspaceState, is_usable_id};

/// A workspace on disk. It remembers what it has read and written, so that it writes only what has
/// changed, touches no file that it could not read, and removes only what it knows.
#[derive(Debug)]
pub struct Store {
    workspace: PathBuf,
    private_dir: PathBuf,
    history_file: PathBuf,
    disk: Disk,
    /// Digest of what each file would be without anybody's edits, as it was last read or written.
    written: BTreeMap<PathBuf, [u8; 32]>,
    /// Requests whose files were read or written here.
    known: BTreeSet<String>,
    /// Requests whose files could not be read; they are left as they are.
    broken: BTreeSet<String>,
    /// Whether `workspace.toml` could not be read.
    order_broken: bool,
    /// Private files that could not be read; they are moved aside before they are written anew.
    to_set_aside: BTreeSet<PathBuf>,
    /// All secrets of this workspace, those of requests that are not here as well.
    secrets: AllSecrets,
}

const ORDER_SCHEMA: &Schema = &Schema { keys: &[("version", LEAF), ("order", LEAF)], all: false };

const CURE_SHARED: &str =
    "Mend the file or move it away, then open the workspace again; until then it is left as it is.";
const CURE_PRIVATE: &str =
    "It is moved aside (.broken-1) at the next change; take from there what you miss.";

impl Store {
    /// Loads a workspace; a folder that is not there is an empty one. Nothing is written.
    ///
    /// What cannot be read is told in the problems, and the rest is loaded.
    #[must_use]
    pub fn load(paths: &Paths, workspace: &Path) -> (Store, WorkspaceState, Vec<Problem>) {
        let mut store = Store {
            workspace: workspace.to_owned(),
            private_dir: paths.private_dir(workspace),
            history_file: paths.history_file(),
            disk: Disk::default(),
            written: BTreeMap::new(),
            known: BTreeSet::new(),
            broken: BTreeSet::new(),
            order_broken: false,
            to_set_aside: BTreeSet::new(),
            secrets: AllSecrets::new(),
        };
        let mut problems = Vec::new();
        let secrets_file = store.secrets_file();
        let secrets = store.read_private(&secrets_file, private::read_secrets, &mut problems);
        store.secrets = secrets.unwrap_or_default();
        let (mut requests, exposed) = store.read_requests(&mut problems);

        let order_file = store.order_file();
        match read(&order_file).map(|text| text.map(|text| private::read_order(&text))) {
            Ok(None) => {}
            Ok(Some(Ok(order))) => {
                let place: BTreeMap<&str, usize> =
                    order.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
                requests.sort_by_key(|request| {
                    place.get(request.id.as_str()).copied().unwrap_or(usize::MAX)
                });
            }
            Ok(Some(Err(fault))) | Err(fault) => {
                store.order_broken = true;
                problems.push(fault.in_file(order_file, CURE_SHARED));
            }
        }

        let session_file = store.session_file();
        let session = store.read_private(&session_file, private::read_session, &mut problems);
        let session = session.unwrap_or_else(|| Session {
            open: requests.iter().take(1).map(|request| request.id.clone()).collect(),
            ..Session::default()
        });
        let history_file = store.history_file.clone();
        let history = store.read_private(&history_file, private::read_history, &mut problems);

        let state = store.join(requests, session, history.unwrap_or_default());
        store.remember(&state, &exposed);
        (store, state, problems)
    }

    /// Puts the parts together; names of requests that are not there fall away.
    fn join(
        &self,
        mut requests: Vec<StoredRequest>,
        mut session: Session,
        history: super::History,
    ) -> WorkspaceState {
        for request in &mut requests {
            if let Some(secrets) = self.secrets.get(&request.id) {
                put_back(&mut request.draft, secrets);
            } else {
                put_back(&mut request.draft, &BTreeMap::new());
            }
            request.composer = session.composers.remove(&request.id).unwrap_or_default();
        }
        let mut state = WorkspaceState { requests, history, ..WorkspaceState::default() };
        let mut seen = BTreeSet::new();
        let there = |id: &String| state.request(id).is_some();
        session.open.retain(|id| there(id) && seen.insert(id.clone()));
        state.active =
            session.active.filter(|id| seen.contains(id)).or_else(|| session.open.first().cloned());
        state.open = session.open;
        state
    }

    /// Requests in the order of their file names, and the ids of those in whose files a secret
    /// stands.
    fn read_requests(
        &mut self,
        problems: &mut Vec<Problem>,
    ) -> (Vec<StoredRequest>, BTreeSet<String>) {
        let dir = self.workspace.join("requests");
        let mut files: Vec<PathBuf> = match std::fs::read_dir(&dir) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    let fault = Fault { place: None, what: format!("reading the folder: {error}") };
                    problems.push(fault.in_file(dir, CURE_SHARED));
                }
                Vec::new()
            }
        };
        files.sort();
        let (mut requests, mut exposed) = (Vec::new(), BTreeSet::new());
        for file in files {
            // Half-written files of a crash begin with a dot.
            let id = match file.file_stem().and_then(|stem| stem.to_str()) {
                Some(id) if is_usable_id(id) && file.extension().is_some_and(|e| e == "toml") => {
                    id.to_owned()
                }
                _ => continue,
            };
            match read(&file).and_then(|text| request_file::read(&id, &text.unwrap_or_default())) {
                Ok(request) => {
                    if !take_out(&request.draft).1.is_empty() {
                        exposed.insert(id.clone());
                    }
                    self.known.insert(id);
                    requests.push(request);
                }
                Err(fault) => {
                    problems.push(fault.in_file(file, CURE_SHARED));
                    self.broken.insert(id);
                }
            }
        }
        (requests, exposed)
    }

    fn read_private<T>(
        &mut self,
        file: &Path,
        parse: impl Fn(&str) -> Result<T, Fault>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        match read(file).and_then(|text| text.map(|text| parse(&text)).transpose()) {
            Ok(value) => value,
            Err(fault) => {
                problems.push(fault.in_file(file.to_owned(), CURE_PRIVATE));
                self.to_set_aside.insert(file.to_owned());
                None
            }
        }
    }

    /// What was just loaded needs no writing, unless it is not there or holds a secret.
    fn remember(&mut self, state: &WorkspaceState, exposed: &BTreeSet<String>) {
        for request in state.requests.iter().filter(|request| !exposed.contains(&request.id)) {
            let document = request_file::write(request).0;
            self.written.insert(self.request_file(&request.id), digest(&document.to_string()));
        }
        let loaded = [
            (self.secrets_file(), digest(&private::write_secrets(&self.secrets))),
            (self.session_file(), digest(&private::write_session(state))),
            (self.history_file.clone(), digest(&private::write_history(&state.history))),
            (self.order_file(), digest(&self.order(state).to_string())),
        ];
        for (file, digest) in loaded {
            if file.exists() && !self.to_set_aside.contains(&file) {
                self.written.insert(file, digest);
            }
        }
    }

    /// Whether a new request cannot have this id, because a file of that name is there that was
    /// not loaded.
    #[must_use]
    pub fn is_taken(&self, id: &str) -> bool {
        self.broken.iter().any(|broken| broken.eq_ignore_ascii_case(id))
            || (!self.known.contains(id) && self.request_file(id).exists())
    }

    /// Writes what has changed since it was loaded or saved.
    ///
    /// **Files of requests that were loaded or saved before and are not in `state` are removed**,
    /// with their secrets: closing a tab changes [`WorkspaceState::open`] and keeps the request.
    ///
    /// Secrets come first and removals last, so that a crash in between loses nothing.
    ///
    /// # Errors
    /// The first step that failed. The others were tried all the same, but for removals; saving
    /// again does what is left.
    pub fn save(&mut self, state: &WorkspaceState) -> Result<(), StoreError> {
        let mut result = Ok(());
        let mut keep = |done: Result<(), StoreError>| {
            if let Err(error) = done
                && result.is_ok()
            {
                result = Err(error);
            }
        };
        let mut documents = Vec::new();
        for request in &state.requests {
            if !is_usable_id(&request.id) || self.broken.contains(&request.id) {
                keep(Err(StoreError::unusable_id(&self.request_file(&request.id))));
                continue;
            }
            let (document, secrets) = request_file::write(request);
            self.secrets.insert(request.id.clone(), secrets);
            documents.push((request.id.clone(), document));
        }
        self.take_others_secrets();
        let secrets = private::write_secrets(&self.secrets);
        keep(self.write_private(&self.secrets_file(), &secrets));
        for (id, document) in documents {
            let file = self.request_file(&id);
            let done = self.write_shared(&file, document, request_file::SCHEMA);
            if done.is_ok() {
                self.known.insert(id);
            }
            keep(done);
        }
        if !self.order_broken {
            let order = self.order(state);
            keep(self.write_shared(&self.order_file(), order, ORDER_SCHEMA));
        }
        keep(self.write_private(&self.session_file(), &private::write_session(state)));
        let history = private::write_history(&state.history);
        keep(self.write_private(&self.history_file.clone(), &history));
        result?;
        self.remove_gone(state)
    }

    /// Secrets that another wsdeck has written meanwhile, for requests that are not known here.
    fn take_others_secrets(&mut self) {
        let file = self.secrets_file();
        if let Ok(Some(text)) = read(&file).map(|text| text.map(Zeroizing::new))
            && let Ok(others) = private::read_secrets(&text)
        {
            for (id, secrets) in others {
                self.secrets.entry(id).or_insert(secrets);
            }
        }
    }

    fn remove_gone(&mut self, state: &WorkspaceState) -> Result<(), StoreError> {
        let gone: Vec<String> =
            self.known.iter().filter(|id| state.request(id).is_none()).cloned().collect();
        if gone.is_empty() {
            return Ok(());
        }
        for id in &gone {
            let file = self.request_file(id);
            self.disk.remove(&file)?;
            self.written.remove(&file);
            self.known.remove(id);
            self.secrets.remove(id);
        }
        let secrets = private::write_secrets(&self.secrets);
        self.write_private(&self.secrets_file(), &secrets)
    }

    fn write_shared(
        &mut self,
        file: &Path,
        document: toml_edit::DocumentMut,
        schema: &Schema,
    ) -> Result<(), StoreError> {
        let digest = digest(&document.to_string());
        if self.written.get(file) == Some(&digest) {
            return Ok(());
        }
        let text = match std::fs::read_to_string(file) {
            Ok(old) => merged(&old, document, schema),
            Err(_) => document.to_string(),
        };
        self.disk.write(file, text.as_bytes(), Access::Shared)?;
        self.written.insert(file.to_owned(), digest);
        Ok(())
    }

    fn write_private(&mut self, file: &Path, text: &str) -> Result<(), StoreError> {
        let digest = digest(text);
        if self.written.get(file) == Some(&digest) {
            return Ok(());
        }
        if self.to_set_aside.contains(file) {
            self.disk.set_aside(file)?;
            self.to_set_aside.remove(file);
        }
        self.disk.write(file, text.as_bytes(), Access::Private)?;
        self.written.insert(file.to_owned(), digest);
        Ok(())
    }

    fn order(&self, state: &WorkspaceState) -> toml_edit::DocumentMut {
        let ids = state.requests.iter().map(|request| request.id.as_str());
        private::write_order(ids.chain(self.broken.iter().map(String::as_str)))
    }

    fn request_file(&self, id: &str) -> PathBuf {
        self.workspace.join("requests").join(format!("{id}.toml"))
    }

    fn order_file(&self) -> PathBuf {
        self.workspace.join("workspace.toml")
    }

    fn secrets_file(&self) -> PathBuf {
        self.private_dir.join("secrets.toml")
    }

    fn session_file(&self) -> PathBuf {
        self.private_dir.join("session.toml")
    }

    #[cfg(test)]
    pub(super) fn set_disk(&mut self, disk: Disk) {
        self.disk = disk;
    }
}

/// The text of a file; `None` if it is not there.
fn read(file: &Path) -> Result<Option<String>, Fault> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault { place: None, what: format!("reading it: {error}") }),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        Fault::at(&text, Some(valid), "this is not UTF-8 text")
    })
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
