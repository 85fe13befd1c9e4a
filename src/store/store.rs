//! Loading and saving a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::atomic::{Access, Disk, StoreError};
use super::merge::{Schema, merged};
use super::parallel::in_parallel;
use super::paths::Paths;
use super::private_files::{self as private, AllSecrets, Session};
use super::problem::{Fault, Problem};
use super::request_file;
use super::scope_file::{self, Extras, FOLDER_STEM, WORKSPACE_KEY, folder_key};
use super::secret_place::{SecretPlace, SecretsIn};
use super::secrets::{Secrets, mask_again, masked_without, put_back, take_out};
use super::state::{StoredRequest, WorkspaceState, is_usable_folder, is_usable_id};
use crate::core::request::{Scope, Scopes};

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
    /// Requests as they were loaded, whose digests are not in `written` yet: making a thousand
    /// documents is for the first save, not for the start.
    loaded: Vec<StoredRequest>,
    /// Requests whose files were read or written here.
    known: BTreeSet<String>,
    /// Requests whose files could not be read; they are left as they are.
    broken: BTreeSet<String>,
    /// Folders whose `folder.toml` is there.
    known_folders: BTreeSet<String>,
    /// Files of scopes that could not be read; they are left as they are.
    broken_scopes: BTreeSet<PathBuf>,
    /// Private files that could not be read; they are moved aside before they are written anew.
    to_set_aside: BTreeSet<PathBuf>,
    /// All secrets of this workspace, those of requests that are not here as well.
    secrets: AllSecrets,
    place: SecretPlace,
    /// Places of masks whose secrets could not be read, by request; they stay masked.
    unread: BTreeMap<String, BTreeSet<String>>,
}

/// File, key of its secrets, document, secrets.
type ScopeDocument = (PathBuf, String, toml_edit::DocumentMut, Secrets);

/// What lies below `requests/`.
#[derive(Debug, Default)]
struct WorkspaceFiles {
    /// Ids of requests.
    requests: Vec<String>,
    /// Folders that have a file of their own.
    folders: Vec<String>,
}

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
        Store::load_in(paths, workspace, SecretsIn::File)
    }

    /// As [`Store::load`], with the secrets in another place. What is in the wrong one moves with
    /// the next [`Store::save`].
    #[must_use]
    pub fn load_in(
        paths: &Paths,
        workspace: &Path,
        place: SecretsIn,
    ) -> (Store, WorkspaceState, Vec<Problem>) {
        let mut store = Store {
            workspace: workspace.to_owned(),
            private_dir: paths.private_dir(workspace),
            history_file: paths.history_file(),
            disk: Disk::default(),
            written: BTreeMap::new(),
            loaded: Vec::new(),
            known: BTreeSet::new(),
            broken: BTreeSet::new(),
            known_folders: BTreeSet::new(),
            broken_scopes: BTreeSet::new(),
            to_set_aside: BTreeSet::new(),
            secrets: AllSecrets::new(),
            place: SecretPlace::new(place, &paths.private_dir(workspace)),
            unread: BTreeMap::new(),
        };
        let mut problems = Vec::new();
        let secrets_file = store.secrets_file();
        let secrets = store.read_private(&secrets_file, private::read_secrets, &mut problems);
        store.secrets = secrets.unwrap_or_default();
        let in_keyring = read(&secrets_file)
            .is_ok_and(|text| text.is_some_and(|text| private::is_in_keyring(&text)));
        store.place.load(in_keyring, &mut store.secrets, &secrets_file, &mut problems);
        let files = store.files(&mut problems);
        let (mut requests, mut exposed) = store.read_requests(&files.requests, &mut problems);
        let (scopes, extras) = store.read_scopes(&files.folders, &mut exposed, &mut problems);
        let place: BTreeMap<&str, usize> =
            extras.order.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        requests
            .sort_by_key(|request| place.get(request.id.as_str()).copied().unwrap_or(usize::MAX));

        let session_file = store.session_file();
        let session = store.read_private(&session_file, private::read_session, &mut problems);
        let session = session.unwrap_or_else(|| Session {
            open: requests.iter().take(1).map(|request| request.id.clone()).collect(),
            ..Session::default()
        });
        let history_file = store.history_file.clone();
        let history = store.read_private(&history_file, private::read_history, &mut problems);

        let mut state = store.join(requests, session, history.unwrap_or_default());
        state.scopes = store.filled(scopes);
        state.rules = extras.rules.clone();
        store.remember(&state, &exposed);
        (store, state, problems)
    }

    /// Puts the parts together; names of requests that are not there fall away.
    fn join(
        &mut self,
        mut requests: Vec<StoredRequest>,
        mut session: Session,
        history: super::History,
    ) -> WorkspaceState {
        for request in &mut requests {
            if self.place.is_unread() {
                let known = self.secrets.get(&request.id);
                let unread = masked_without(&request.draft, known);
                self.unread.insert(request.id.clone(), unread);
            }
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

    /// The files of the workspace by their ids and folders, in the order of their names.
    fn files(&self, problems: &mut Vec<Problem>) -> WorkspaceFiles {
        let mut found = WorkspaceFiles::default();
        self.look_into("", &mut found, problems);
        found.requests.sort();
        found.folders.sort();
        found
    }

    fn look_into(&self, folder: &str, found: &mut WorkspaceFiles, problems: &mut Vec<Problem>) {
        let dir = self.workspace.join("requests").join(folder);
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    let fault = Fault { place: None, what: format!("reading the folder: {error}") };
                    problems.push(fault.in_file(dir, CURE_SHARED));
                }
                return;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            // A link could lead in a circle.
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let part = if is_dir { path.file_name() } else { path.file_stem() };
            let Some(part) = part.and_then(|part| part.to_str()) else { continue };
            let name = if folder.is_empty() { part.to_owned() } else { format!("{folder}/{part}") };
            if is_dir {
                if is_usable_folder(&name) {
                    self.look_into(&name, found, problems);
                }
            } else if path.extension().is_some_and(|suffix| suffix == "toml") {
                // Half-written files of a crash begin with a dot, which no id does.
                if is_usable_id(&name) {
                    found.requests.push(name);
                } else if part == FOLDER_STEM && !folder.is_empty() {
                    found.folders.push(folder.to_owned());
                }
            }
        }
    }

    /// Requests in the order of their file names, and the ids of those in whose files a secret
    /// stands.
    fn read_requests(
        &mut self,
        ids: &[String],
        problems: &mut Vec<Problem>,
    ) -> (Vec<StoredRequest>, BTreeSet<String>) {
        let (mut requests, mut exposed) = (Vec::new(), BTreeSet::new());
        let results = in_parallel(ids, |id| {
            let text = read(&self.request_file(id))?;
            let request = request_file::read(id, &text.unwrap_or_default())?;
            let is_exposed = !take_out(&request.draft).1.is_empty();
            Ok((request, is_exposed))
        });
        for (id, result) in ids.iter().zip(results) {
            match result {
                Ok((request, is_exposed)) => {
                    if is_exposed {
                        exposed.insert(id.clone());
                    }
                    self.known.insert(id.clone());
                    requests.push(request);
                }
                Err(fault) => {
                    problems.push(Fault::in_file(fault, self.request_file(id), CURE_SHARED));
                    self.broken.insert(id.clone());
                }
            }
        }
        (requests, exposed)
    }

    /// What workspace and folders give, with masks in place of secrets, and what else stands in
    /// the workspace's file. Adds the keys of those in whose files a secret stands to `exposed`.
    fn read_scopes(
        &mut self,
        folders: &[String],
        exposed: &mut BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) -> (Scopes, Extras) {
        let mut scopes = Scopes::default();
        let file = self.order_file();
        let (workspace, extras) = self.read_scope(&file, Scope::default(), problems);
        if scope_file::is_exposed(&workspace) {
            exposed.insert(WORKSPACE_KEY.into());
        }
        scopes.workspace = workspace;
        for folder in folders {
            let file = self.folder_file(folder);
            let (scope, _) = self.read_scope(&file, Scope::of_folder(), problems);
            if scope_file::is_exposed(&scope) {
                exposed.insert(folder_key(folder));
            }
            self.known_folders.insert(folder.clone());
            scopes.folders.insert(folder.clone(), scope);
        }
        (scopes, extras)
    }

    fn read_scope(
        &mut self,
        file: &Path,
        otherwise: Scope,
        problems: &mut Vec<Problem>,
    ) -> (Scope, Extras) {
        let text = match read(file) {
            Ok(None) => return (otherwise, Extras::default()),
            Ok(Some(text)) => Ok(text),
            Err(fault) => Err(fault),
        };
        match text.and_then(|text| scope_file::read(&text, otherwise.clone())) {
            Ok(read) => read,
            Err(fault) => {
                problems.push(fault.in_file(file.to_owned(), CURE_SHARED));
                self.broken_scopes.insert(file.to_owned());
                (otherwise, Extras::default())
            }
        }
    }

    /// The scopes with their secrets.
    fn filled(&self, mut scopes: Scopes) -> Scopes {
        scope_file::fill(&mut scopes.workspace, self.secrets.get(WORKSPACE_KEY));
        for (folder, scope) in &mut scopes.folders {
            scope_file::fill(scope, self.secrets.get(&folder_key(folder)));
        }
        scopes
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
        self.loaded = state
            .requests
            .iter()
            .filter(|request| !exposed.contains(&request.id))
            .cloned()
            .collect();
        for (file, key, document, _) in self.scope_documents(state) {
            if file.exists() && !exposed.contains(&key) && !self.broken_scopes.contains(&file) {
                self.written.insert(file, digest(&document.to_string()));
            }
        }
        let loaded = [
            (self.session_file(), digest(&private::write_session(state))),
            (self.history_file.clone(), digest(&private::write_history(&state.history))),
        ];
        let secrets = digest(&private::write_secrets(&self.secrets, false));
        let in_file = !self.place.is_to_move() && !self.place.is_unread();
        let loaded = loaded.into_iter().chain(in_file.then(|| (self.secrets_file(), secrets)));
        for (file, digest) in loaded {
            if file.exists() && !self.to_set_aside.contains(&file) {
                self.written.insert(file, digest);
            }
        }
    }

    /// Makes up for what [`Store::remember`] put off.
    fn recall(&mut self) {
        for request in std::mem::take(&mut self.loaded) {
            let document = request_file::write(&request).0;
            self.written.insert(self.request_file(&request.id), digest(&document.to_string()));
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
        self.recall();
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
            let (document, secrets) = match self.unread.get(&request.id) {
                Some(keys) => {
                    let mut request = request.clone();
                    mask_again(&mut request.draft, keys);
                    request_file::write(&request)
                }
                None => request_file::write(request),
            };
            self.secrets.insert(request.id.clone(), secrets);
            documents.push((request.id.clone(), document));
        }
        let scopes = self.scope_documents(state);
        for (file, key, _, secrets) in &scopes {
            if !self.broken_scopes.contains(file) {
                self.secrets.insert(key.clone(), secrets.clone());
            }
        }
        self.take_others_secrets();
        keep(self.write_secrets());
        for (id, document) in documents {
            let file = self.request_file(&id);
            let done = self.write_shared(&file, document, request_file::SCHEMA);
            if done.is_ok() {
                self.known.insert(id);
            }
            keep(done);
        }
        for (file, _, document, _) in scopes {
            if !self.broken_scopes.contains(&file) {
                keep(self.write_shared(&file, document, scope_file::SCHEMA));
            }
        }
        keep(self.write_private(&self.session_file(), &private::write_session(state)));
        let history = private::write_history(&state.history);
        keep(self.write_private(&self.history_file.clone(), &history));
        result?;
        self.remove_gone(state)
    }

    /// Secrets that another wsdeck has written meanwhile, for requests that are not known here.
    fn take_others_secrets(&mut self) {
        self.place.take_others(&mut self.secrets);
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
        self.write_secrets()
    }

    fn write_secrets(&mut self) -> Result<(), StoreError> {
        let (text, refused) = self.place.put(&self.secrets);
        let file = self.secrets_file();
        self.write_private(&file, &text)?;
        self.place.file_is_written();
        refused.map_or(Ok(()), |error| Err(StoreError::no_keyring(&file, &error)))
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

    /// Each file of a scope with the key of its secrets, its document and the secrets. The
    /// workspace's has the order of the requests as well. A folder without anything of its own
    /// needs no file.
    fn scope_documents(&self, state: &WorkspaceState) -> Vec<ScopeDocument> {
        let Scopes { workspace, folders } = &state.scopes;
        let (mut document, secrets) = scope_file::write(workspace, &Scope::default());
        let ids = state.requests.iter().map(|request| request.id.as_str());
        let order = private::texts(ids.chain(self.broken.iter().map(String::as_str)));
        document.insert("order", order);
        scope_file::write_rules(&mut document, &state.rules);
        let mut out = vec![(self.order_file(), WORKSPACE_KEY.to_owned(), document, secrets)];
        for (folder, scope) in folders.iter().filter(|(folder, _)| is_usable_folder(folder)) {
            let otherwise = Scope::of_folder();
            if *scope == otherwise && !self.known_folders.contains(folder) {
                continue;
            }
            let (document, secrets) = scope_file::write(scope, &otherwise);
            out.push((self.folder_file(folder), folder_key(folder), document, secrets));
        }
        out
    }

    fn folder_file(&self, folder: &str) -> PathBuf {
        self.workspace.join("requests").join(folder).join(format!("{FOLDER_STEM}.toml"))
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
