//! The model's tabs as the store's requests, and saving them beside the loop.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize as _;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NoSuchName;
use tokio_util::task::TaskTracker;

use super::drafts::{Draft, Drafts};
use super::inbox::Inbox;
use crate::app::Msg;
use crate::app::model::{Model, SavedMessage, Tab, TabId};
use crate::app::update::LONG_DRAFT;
use crate::config::SecretStore;
use crate::core::log_rules::LogRules;
use crate::core::request::{RequestDraft, Scopes};
use crate::log::query::Ground;
use crate::net::clock::Clock;
use crate::payload::{BinaryForm, Kind};
use crate::store::{self, History, Paths, SecretsIn, Store, StoredRequest, WorkspaceState};

/// What is to be saved, taken from the model at one moment.
pub(super) struct Snapshot {
    tabs: Vec<Kept>,
    active: TabId,
    scopes: Arc<Scopes>,
    rules: LogRules,
    history: Vec<String>,
}

/// A tab that is kept.
struct Kept {
    tab: TabId,
    title: String,
    /// Where its file belongs.
    folder: String,
    request: StoredRequest,
    /// What is composed, if it is too long for the file of drafts.
    draft: Draft,
}

/// Takes what is kept of the model.
pub(super) fn snapshot(model: &Model) -> Snapshot {
    Snapshot {
        tabs: model
            .tabs
            .iter()
            .filter(|tab| tab.shares.is_none() && !is_blank(tab, &model.settings.request))
            .map(|tab| Kept {
                tab: tab.id,
                title: tab.title(),
                folder: tab.folder.clone(),
                request: stored(tab),
                draft: Draft::of(&tab.composer, model.is_draft_pending()),
            })
            .collect(),
        active: model.tab().id,
        scopes: Arc::clone(&model.scopes),
        rules: model.rules.clone(),
        history: model.url_history.iter().cloned().collect(),
    }
}

/// A tab in which nothing was done.
fn is_blank(tab: &Tab, settings: &crate::core::request::RequestSettings) -> bool {
    let untouched = RequestDraft { settings: settings.clone(), ..RequestDraft::default() };
    tab.name.is_empty()
        && tab.saved.is_empty()
        && tab.composer.editor.is_empty()
        && !tab.composer.draft_on_disk
        && (tab.draft == untouched || tab.draft == RequestDraft::default())
}

fn stored(tab: &Tab) -> StoredRequest {
    let composer = &tab.composer;
    let short = composer.editor.len_bytes() <= LONG_DRAFT;
    StoredRequest {
        id: String::new(),
        name: tab.name.clone(),
        draft: tab.draft.clone(),
        messages: tab.saved.iter().map(stored_message).collect(),
        composer: store::ComposerDraft {
            kind: name_of_kind(composer.kind),
            form: name_of_form(composer.kind, composer.form),
            text: if short { composer.editor.text() } else { String::new() },
        },
    }
}

fn stored_message(message: &SavedMessage) -> store::SavedMessage {
    store::SavedMessage {
        name: message.name.clone(),
        kind: name_of_kind(message.kind),
        form: name_of_form(message.kind, message.form),
        text: message.text.clone(),
        on_open: message.on_open,
    }
}

fn name_of_kind(kind: Kind) -> String {
    kind.label().to_ascii_lowercase()
}

fn name_of_form(kind: Kind, form: BinaryForm) -> String {
    let named = kind == Kind::Binary || (kind == Kind::Text && form == BinaryForm::File);
    if named { form.label().to_ascii_lowercase() } else { String::new() }
}

fn kind_named(name: &str) -> Option<Kind> {
    Kind::deserialize(IntoDeserializer::<NoSuchName>::into_deserializer(name)).ok()
}

fn form_named(name: &str) -> BinaryForm {
    BinaryForm::deserialize(IntoDeserializer::<NoSuchName>::into_deserializer(name))
        .unwrap_or_default()
}

/// Opens a tab for each request that was open. Which tab shows which request is told back.
pub(super) fn restore(model: &mut Model, state: &WorkspaceState) -> HashMap<TabId, String> {
    let mut ids = HashMap::new();
    model.scopes = Arc::new(state.scopes.clone());
    // Marks that count back from now count from the start of the program.
    let ground = Ground { now: Clock::process().now(), zone: model.zone.clone() };
    model.set_rules(state.rules.clone(), &ground);
    for request in state.open.iter().filter_map(|id| state.request(id)) {
        let tab = model.push_tab(request.draft.clone(), request.name.clone());
        ids.insert(tab.id, request.id.clone());
        request.folder().clone_into(&mut tab.folder);
        tab.saved = request.messages.iter().map(saved_message).collect();
        if let Some(kind) = kind_named(&request.composer.kind) {
            tab.composer.kind = kind;
            tab.composer.form = form_named(&request.composer.form);
        }
        tab.composer.editor.reset_text(&request.composer.text);
    }
    if !ids.is_empty() {
        // The empty tab that every model begins with.
        model.tabs.remove(0);
        let front = model.tabs.iter().position(|tab| ids.get(&tab.id) == state.active.as_ref());
        model.active = front.unwrap_or(0);
    }
    model.url_history = state.history.urls().iter().cloned().collect();
    ids
}

fn saved_message(message: &store::SavedMessage) -> SavedMessage {
    SavedMessage {
        name: message.name.clone(),
        kind: kind_named(&message.kind).unwrap_or_default(),
        form: form_named(&message.form),
        text: message.text.clone(),
        on_open: message.on_open,
    }
}

/// The workspace on disk with what is known of it.
struct Keeper {
    store: Store,
    state: WorkspaceState,
    /// Requests of the tabs, also of those that were closed since.
    ids: HashMap<TabId, String>,
    drafts: Drafts,
}

impl Keeper {
    fn save(&mut self, snapshot: Snapshot) -> Result<(), store::StoreError> {
        let mut now_open = HashMap::new();
        let mut shown: HashMap<String, StoredRequest> = HashMap::new();
        let mut open = Vec::new();
        let mut drafts = Vec::new();
        for Kept { tab, title, folder, mut request, draft } in snapshot.tabs {
            // A request that was moved to another folder gets a new id; the file of the old one
            // goes away with it.
            let here = |id: &&String| id.rsplit_once('/').map_or("", |(at, _)| at) == folder;
            let id = self.ids.get(&tab).filter(here).cloned().unwrap_or_else(|| {
                let id = self.state.new_id(&folder, &title, |id| self.store.is_taken(id));
                // So that the next new one gets another id.
                let taken = StoredRequest { id: id.clone(), ..StoredRequest::default() };
                self.state.requests.push(taken);
                id
            });
            request.id.clone_from(&id);
            open.push(id.clone());
            drafts.push((id.clone(), draft));
            now_open.insert(tab, id.clone());
            shown.insert(id, request);
        }
        let moved: Vec<String> = self
            .ids
            .iter()
            .filter(|(tab, id)| now_open.get(tab).is_some_and(|new| new != *id))
            .map(|(_, id)| id.clone())
            .collect();
        let ids = std::mem::replace(&mut self.ids, now_open);
        self.state.requests = std::mem::take(&mut self.state.requests)
            .into_iter()
            .filter_map(|old| match shown.remove(&old.id) {
                Some(new) => Some(new),
                None if moved.contains(&old.id) => None,
                // A closed tab's request stays if somebody gave it a name or kept messages; a
                // passing try goes with its tab. One that was not open is none of our business.
                None if ids.values().any(|id| *id == old.id) => {
                    (!old.name.is_empty() || !old.messages.is_empty()).then_some(old)
                }
                None => Some(old),
            })
            .collect();
        self.state.open = open;
        self.state.active = self.ids.get(&snapshot.active).cloned();
        self.state.scopes = Arc::unwrap_or_clone(snapshot.scopes);
        self.state.rules = snapshot.rules;
        self.state.history = History::from_urls(snapshot.history);
        self.store.save(&self.state)?;
        self.drafts.save(drafts)
    }
}

/// Which tab shows which request, for those who must not wait while a file is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Mutex<HashMap<TabId, String>>>);

impl Names {
    /// Id of the tab's request; empty if it has none yet.
    pub(super) fn of(&self, tab: TabId) -> String {
        lock(&self.0).get(&tab).cloned().unwrap_or_default()
    }
}

/// Saves snapshots one after the other; of those that wait only the newest.
#[derive(Clone)]
pub(super) struct Saver {
    keeper: Arc<Mutex<Keeper>>,
    names: Names,
    lane: Arc<Mutex<Lane>>,
    tasks: TaskTracker,
    /// Long drafts of the last run, which are read while the screen is there already.
    pub(super) found: Vec<(TabId, PathBuf)>,
    inbox: Arc<Mutex<Option<Inbox>>>,
}

#[derive(Default)]
struct Lane {
    running: bool,
    waiting: Option<Snapshot>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Saver {
    /// Loads a workspace into the model. What could not be read is told in sentences.
    pub(super) fn load(paths: &Paths, workspace: &Path, model: &mut Model) -> (Saver, Vec<String>) {
        let place = match model.settings.secrets.store {
            SecretStore::File => SecretsIn::File,
            SecretStore::Keyring => SecretsIn::Keyring,
        };
        let (store, state, problems) = Store::load_in(paths, workspace, place);
        let ids = restore(model, &state);
        let names = Names(Arc::new(Mutex::new(ids.clone())));
        let drafts = Drafts::new(&paths.private_dir(workspace));
        let found = drafts.found(&ids);
        let keeper = Keeper { store, state, ids, drafts };
        let saver = Saver {
            found,
            keeper: Arc::new(Mutex::new(keeper)),
            names,
            lane: Arc::default(),
            tasks: TaskTracker::new(),
            inbox: Arc::default(),
        };
        (saver, problems.iter().map(ToString::to_string).collect())
    }

    /// Which tab shows which request.
    pub(super) fn names(&self) -> Names {
        self.names.clone()
    }

    /// Where to tell that saving failed.
    pub(super) fn tell(&self, inbox: Inbox) {
        *lock(&self.inbox) = Some(inbox);
    }

    /// Begins to save.
    pub(super) fn save(&self, snapshot: Snapshot) {
        {
            let mut lane = lock(&self.lane);
            lane.waiting = Some(snapshot);
            if std::mem::replace(&mut lane.running, true) {
                return;
            }
        }
        let saver = self.clone();
        self.tasks.spawn_blocking(move || {
            loop {
                let snapshot = {
                    let mut lane = lock(&saver.lane);
                    match lane.waiting.take() {
                        Some(snapshot) => snapshot,
                        None => {
                            lane.running = false;
                            return;
                        }
                    }
                };
                let saved = {
                    let mut keeper = lock(&saver.keeper);
                    let saved = keeper.save(snapshot);
                    lock(&saver.names.0).clone_from(&keeper.ids);
                    saved
                };
                if let Err(error) = saved {
                    tracing::warn!("saving: {error}");
                    if let Some(inbox) = &*lock(&saver.inbox) {
                        inbox.push(Msg::Said { ok: false, text: error.to_string() });
                    }
                }
            }
        });
    }

    /// Waits until everything is saved, but not for ever.
    pub(super) async fn finish(&self, most: Duration) {
        self.tasks.close();
        if tokio::time::timeout(most, self.tasks.wait()).await.is_err() {
            tracing::warn!("the workspace was not saved within {most:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Keymap, Settings};

    fn model() -> Model {
        Model::new(Keymap::layered(None, Path::new("")).0, Settings::default())
    }

    fn keeper(dir: &Path, model: &mut Model) -> Keeper {
        let paths = Paths { config_dir: dir.join("config"), data_dir: dir.join("data") };
        let (store, state, problems) = Store::load(&paths, &dir.join("workspace"));
        assert_eq!(problems, []);
        let ids = restore(model, &state);
        let drafts = Drafts::new(&dir.join("private"));
        Keeper { store, state, ids, drafts }
    }

    #[test]
    fn tabs_come_back_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let mut before = model();
        let mut saving = keeper(dir.path(), &mut before);
        before.tab_mut().set_url("ws://a.example/one");
        before.push_tab(RequestDraft::default(), "second".into());
        let tab = before.tab_mut();
        tab.composer.kind = Kind::Binary;
        tab.composer.form = BinaryForm::Base64;
        tab.composer.editor.reset_text("AAEC");
        tab.saved.push(SavedMessage {
            name: "greeting".into(),
            kind: Kind::Json,
            form: BinaryForm::default(),
            text: "{}".into(),
            on_open: true,
        });
        before.push_tab(RequestDraft::default(), String::new());
        before.active = 1;
        before.url_history.push_back("ws://a.example/one".into());
        saving.save(snapshot(&before)).unwrap();

        let mut after = model();
        keeper(dir.path(), &mut after);
        // The blank tab is not kept.
        assert_eq!(after.tabs.len(), 2);
        assert_eq!(after.tabs[0].draft.url, "ws://a.example/one");
        assert_eq!(after.tabs[0].url.text(), "ws://a.example/one");
        let tab = after.tab();
        assert_eq!((tab.name.as_str(), tab.composer.kind), ("second", Kind::Binary));
        assert_eq!(tab.composer.form, BinaryForm::Base64);
        assert_eq!(tab.composer.editor.text(), "AAEC");
        assert_eq!(tab.saved, before.tabs[1].saved);
        assert_eq!(after.url_history, before.url_history);
    }

    #[test]
    fn closing_a_tab_keeps_what_has_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut before = model();
        let mut saving = keeper(dir.path(), &mut before);
        before.tab_mut().set_url("ws://a.example/passing");
        before.push_tab(RequestDraft::default(), "named".into()).set_url("ws://a.example/b");
        before.push_tab(RequestDraft::default(), String::new()).set_url("ws://a.example/c");
        saving.save(snapshot(&before)).unwrap();
        before.tabs.drain(..2);
        before.active = 0;
        saving.save(snapshot(&before)).unwrap();
        saving.save(snapshot(&before)).unwrap();
        let mut after = model();
        let kept = keeper(dir.path(), &mut after);
        let mut urls: Vec<&str> =
            kept.state.requests.iter().map(|request| request.draft.url.as_str()).collect();
        urls.sort_unstable();
        assert_eq!(urls, ["ws://a.example/b", "ws://a.example/c"]);
        assert_eq!(after.tabs.len(), 1);
        assert_eq!(after.tab().draft.url, "ws://a.example/c");
    }

    #[test]
    fn a_long_draft_lies_in_a_file_of_its_own_until_it_is_not_needed() {
        let dir = tempfile::tempdir().unwrap();
        let mut before = model();
        let mut saving = keeper(dir.path(), &mut before);
        before.tab_mut().set_url("ws://a.example/");
        let long = "0123456789".repeat(200_000);
        before.tab_mut().composer.editor.reset_text(&long);
        saving.save(snapshot(&before)).unwrap();

        let mut after = model();
        let mut kept = keeper(dir.path(), &mut after);
        let found = kept.drafts.found(&kept.ids);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, after.tab().id);
        assert!(std::fs::read_to_string(&found[0].1).unwrap() == long);
        assert!(after.tab().composer.editor.is_empty());
        if cfg!(unix) {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&found[0].1).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        // While it is not read, saving does not take an empty composer for the draft.
        after.tab_mut().composer.draft_on_disk = true;
        kept.save(snapshot(&after)).unwrap();
        assert!(found[0].1.exists());
        // A short text takes its place.
        after.tab_mut().composer.draft_on_disk = false;
        after.tab_mut().composer.editor.reset_text("short");
        kept.save(snapshot(&after)).unwrap();
        assert!(!found[0].1.exists());
    }

    #[test]
    fn names_of_kinds_are_those_of_files() {
        for kind in Kind::ALL {
            assert_eq!(kind_named(&name_of_kind(kind)), Some(kind));
        }
        for form in BinaryForm::ALL {
            assert_eq!(form_named(&name_of_form(Kind::Binary, form)), form);
        }
        assert_eq!(kind_named("toml"), None);
    }
}
