//! Whole workspaces on a real disk.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::atomic::Disk;
use super::*;
use crate::core::headers::HeaderRow;
use crate::core::log_rules::{HighlightRule, LogRules, NamedFilter};
use crate::core::request::{Scope, Scopes};
use crate::core::secret::Secret;

struct Place {
    dir: TempDir,
    paths: Paths,
    workspace: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths { config_dir: dir.path().join("config"), data_dir: dir.path().join("data") };
    let workspace = dir.path().join("project/.wsdeck");
    Place { dir, paths, workspace }
}

impl Place {
    fn load(&self) -> (Store, WorkspaceState, Vec<Problem>) {
        Store::load(&self.paths, &self.workspace)
    }

    /// As [`Place::load`], where nothing is wrong.
    fn load_well(&self) -> (Store, WorkspaceState) {
        let (store, state, problems) = self.load();
        assert_eq!(problems, []);
        (store, state)
    }

    fn request(&self, id: &str) -> PathBuf {
        self.workspace.join(format!("requests/{id}.toml"))
    }

    fn private(&self, name: &str) -> PathBuf {
        self.paths.private_dir(&self.workspace).join(name)
    }
}

fn request(id: &str) -> StoredRequest {
    let mut request =
        StoredRequest { id: id.into(), name: format!("The {id}"), ..StoredRequest::default() };
    request.draft.set_url(format!("wss://{id}.example/x?a=1&token=hunter2-query"));
    request.draft.headers.push(HeaderRow::new("X-Api-Key", "hunter2-header"));
    request.draft.auth.kind = "bearer".into();
    request.draft.auth.set("token", Secret::new("hunter2-bearer"));
    request.messages.push(SavedMessage {
        name: "hello".into(),
        kind: "json".into(),
        form: String::new(),
        text: "{\n  \"a\": 1\n}".into(),
        on_open: false,
    });
    request.composer =
        ComposerDraft { kind: "text".into(), form: String::new(), text: "draft of mine".into() };
    request
}

fn scopes() -> Scopes {
    let mut scopes = Scopes::default();
    scopes.workspace.auth.kind = "bearer".into();
    scopes.workspace.auth.set("token", "hunter2-of-all".into());
    scopes.workspace.headers = vec![HeaderRow::new("X-Team", "ants")];
    let mut folder = Scope::of_folder();
    folder.headers = vec![HeaderRow::new("X-Api-Key", "hunter2-of-some")];
    scopes.folders.insert("team/chat".into(), folder);
    scopes
}

fn rules() -> LogRules {
    let filter = NamedFilter { name: "errors".into(), query: r#"$.type == "error""#.into() };
    let highlight = HighlightRule { query: "ping".into(), on: true, ..HighlightRule::default() };
    LogRules { filters: vec![filter], highlights: vec![highlight] }
}

fn workspace() -> WorkspaceState {
    let mut state = WorkspaceState {
        scopes: scopes(),
        rules: rules(),
        requests: vec![request("zebra"), request("ant")],
        open: vec!["ant".into(), "zebra".into()],
        active: Some("zebra".into()),
        history: History::default(),
    };
    state.history.add("wss://me:hunter2-password@ant.example/x?token=hunter2-query");
    state
}

/// Every file below a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    out
}

#[test]
fn nothing_there_is_an_empty_workspace() {
    let place = place();
    let (_, state) = place.load_well();
    assert_eq!(state, WorkspaceState::default());
    assert_eq!(files(place.dir.path()).len(), 0);
}

#[test]
fn what_was_saved_is_loaded() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let (_, state) = place.load_well();
    assert_eq!(state, workspace());
}

#[test]
fn requests_lie_in_folders_that_give_them_something() {
    let place = place();
    let mut state = workspace();
    state.requests.push(request("team/chat/bee"));
    let (mut store, _) = place.load_well();
    store.save(&state).unwrap();
    let dir = place.workspace.join("requests/team/chat");
    assert!(dir.join("bee.toml").is_file() && dir.join("folder.toml").is_file());
    let (mut store, loaded) = place.load_well();
    assert_eq!(loaded, state);
    assert_eq!(loaded.request("team/chat/bee").unwrap().folder(), "team/chat");

    // It moves, and its secrets with it.
    state.requests.last_mut().unwrap().id = "bee".into();
    store.save(&state).unwrap();
    assert!(!dir.join("bee.toml").exists() && dir.join("folder.toml").is_file());
    assert_eq!(place.load_well().1, state);
}

#[test]
fn a_folder_file_that_cannot_be_read_is_left_alone() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let file = place.workspace.join("requests/team/chat/folder.toml");
    fs::write(&file, "headers = 5").unwrap();
    let (mut store, state, problems) = place.load();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(state.scopes.workspace, scopes().workspace);
    store.save(&state).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "headers = 5");
    // Its secrets wait for it to be mended.
    fs::write(&file, "[[headers]]\nname = \"X-Api-Key\"\nvalue = \"••••••\"\n").unwrap();
    assert_eq!(place.load_well().1.scopes, scopes());
}

#[test]
fn no_secret_is_in_a_file_that_may_be_shared() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let mut holders = Vec::new();
    for (path, bytes) in files(place.dir.path()) {
        if String::from_utf8(bytes).unwrap().contains("hunter2") {
            holders.push(path);
        }
    }
    assert_eq!(holders, [place.private("secrets.toml")]);
    #[cfg(unix)]
    for path in
        [place.private("secrets.toml"), place.private("session.toml"), place.paths.history_file()]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{path:?}");
    }
    // What was being composed may hold anything, so it is not shared either.
    for bytes in files(&place.workspace).values() {
        assert!(!String::from_utf8_lossy(bytes).contains("draft of mine"));
    }
}

#[test]
fn a_colleague_gets_the_request_without_the_secrets() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    fs::remove_dir_all(&place.paths.data_dir).unwrap();
    let (_, state) = place.load_well();
    assert_eq!(state.open, ["zebra"]);
    let draft = &state.requests[0].draft;
    assert_eq!(draft.url, "wss://zebra.example/x?a=1&token=");
    assert_eq!(draft.headers[0].value, "");
    assert_eq!(draft.auth.value("token"), "");
    assert_eq!(draft.params.rows[1].value.as_deref(), Some(""));
}

#[test]
fn only_what_has_changed_is_written() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let writes = Arc::new(AtomicUsize::new(0));
    let count = |store: &mut Store| {
        let writes = Arc::clone(&writes);
        store.set_disk(Disk::with_hook(move |step, _| {
            if step == super::atomic::Step::Rename {
                writes.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        }));
    };
    count(&mut store);
    store.save(&workspace()).unwrap();
    let (mut store, mut state) = place.load_well();
    count(&mut store);
    store.save(&state).unwrap();
    assert_eq!(writes.load(Ordering::Relaxed), 0);
    state.requests[0].name = "Other".into();
    store.save(&state).unwrap();
    assert_eq!(writes.load(Ordering::Relaxed), 1);
}

#[test]
fn edits_by_hand_stay_beside_ours() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let file = place.request("ant");
    let edited = fs::read_to_string(&file)
        .unwrap()
        .replace("name = \"The ant\"", "# why we have it\nname = 'The ant'\nfolder = \"insects\"");
    fs::write(&file, &edited).unwrap();
    let (mut store, mut state) = place.load_well();
    store.save(&state).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
    state.requests[1].draft.settings.heartbeat_ms = 5000;
    store.save(&state).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    for kept in ["# why we have it", "'The ant'", "folder = \"insects\"", "heartbeat_ms = 5000"] {
        assert!(text.contains(kept), "{text}");
    }
}

#[test]
fn a_secret_typed_into_a_file_moves_out_with_the_next_save() {
    let place = place();
    fs::create_dir_all(place.workspace.join("requests")).unwrap();
    fs::write(
        place.request("a"),
        "url = \"ws://a\"\n[auth]\nkind = \"bearer\"\n[auth.values]\n\"bearer.token\" = \"hunter2\"\n",
    )
    .unwrap();
    let (mut store, state) = place.load_well();
    assert_eq!(state.requests[0].draft.auth.value("token"), "hunter2");
    store.save(&state).unwrap();
    assert!(!fs::read_to_string(place.request("a")).unwrap().contains("hunter2"));
    assert_eq!(place.load_well().1.requests[0].draft.auth.value("token"), "hunter2");
}

#[test]
fn a_broken_request_is_told_and_left_alone_and_the_rest_loads() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let broken = "version = 1\nname = \"x\nurl = 5\n";
    fs::write(place.request("ant"), broken).unwrap();
    let (mut store, mut state, problems) = place.load();
    assert_eq!(state.requests.len(), 1);
    assert_eq!(
        (state.open.clone(), state.active.clone()),
        (vec!["zebra".into()], Some("zebra".into()))
    );
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].place.unwrap().0, 2);
    let shown = problems[0].to_string();
    assert!(shown.contains("ant.toml:2:") && shown.ends_with("left as it is."), "{shown}");

    let id = state.new_id("", "Ant", |id| store.is_taken(id));
    assert_eq!(id, "ant-2");
    state.requests.push(request(&id));
    state.requests.push(request("ant"));
    let error = store.save(&state).unwrap_err().to_string();
    assert!(error.contains("ant.toml") && error.ends_with("under another name."), "{error}");
    assert!(place.request("ant-2").exists());
    state.requests.retain(|request| request.id == "ant-2");
    store.save(&state).unwrap();
    assert_eq!(fs::read_to_string(place.request("ant")).unwrap(), broken);
    assert!(!place.request("zebra").exists());

    // Its secrets were kept for the day when it is mended.
    fs::write(
        place.request("ant"),
        "url = \"ws://a\"\n[auth]\nkind = \"bearer\"\n[auth.values]\n\"bearer.token\" = \"••••••\"\n",
    )
    .unwrap();
    let (_, state) = place.load_well();
    assert_eq!(state.request("ant").unwrap().draft.auth.value("token"), "hunter2-bearer");
}

#[test]
fn broken_private_files_are_moved_aside_and_never_lost() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    for file in
        [place.private("secrets.toml"), place.private("session.toml"), place.paths.history_file()]
    {
        fs::write(file, b"mine = \xff").unwrap();
    }
    let (mut store, state, problems) = place.load();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert_eq!(state.requests.len(), 2);
    store.save(&state).unwrap();
    let aside: Vec<_> = files(&place.paths.data_dir)
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().ends_with(".broken-1"))
        .collect();
    assert_eq!(aside.len(), 3);
    assert!(aside.iter().all(|(_, bytes)| bytes == b"mine = \xff"));
    place.load_well();
}

#[test]
fn a_broken_order_is_left_alone() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    let file = place.workspace.join("workspace.toml");
    fs::write(&file, "order = 5").unwrap();
    let (mut store, state, problems) = place.load();
    assert_eq!(problems.len(), 1);
    assert_eq!(state.requests.len(), 2);
    store.save(&state).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "order = 5");
}

#[test]
fn only_requests_that_were_loaded_are_removed() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    // Somebody else's, which came while this one ran.
    fs::write(place.request("theirs"), "url = \"ws://a\"\n").unwrap();
    fs::write(place.workspace.join("requests/notes.md"), "").unwrap();
    assert!(store.is_taken("theirs"));
    let mut state = workspace();
    state.requests.retain(|request| request.id != "ant");
    store.save(&state).unwrap();
    assert!(!place.request("ant").exists());
    assert!(place.request("theirs").exists() && place.workspace.join("requests/notes.md").exists());
    assert!(!fs::read_to_string(place.private("secrets.toml")).unwrap().contains("ant"));
}

#[test]
fn secrets_of_another_wsdeck_stay() {
    let place = place();
    let (mut ours, mut state) = place.load_well();
    let (mut theirs, mut their_state) = place.load_well();
    state.requests.push(request("ant"));
    their_state.requests.push(request("bee"));
    ours.save(&state).unwrap();
    theirs.save(&their_state).unwrap();
    let (_, state) = place.load_well();
    for id in ["ant", "bee"] {
        assert_eq!(state.request(id).unwrap().draft.auth.value("token"), "hunter2-bearer");
    }
}

#[test]
fn an_id_cannot_leave_the_folder() {
    let place = place();
    let (mut store, mut state) = place.load_well();
    state.requests.push(request("../../escaped"));
    state.requests.push(request("ant"));
    assert!(store.save(&state).is_err());
    assert!(place.request("ant").exists());
    assert!(!files(place.dir.path()).keys().any(|path| path.to_string_lossy().contains("escaped")));
}

/// Lets the disk fail at the first step, then at the second and so on, from then on for good, as
/// after a kill. What is on disk then must load, each request as it was or as it was to be.
#[test]
fn a_stop_at_any_step_leaves_old_or_new() {
    let old = workspace();
    let mut new = workspace();
    new.requests[0].name = "New name".into();
    new.requests[0].draft.auth.set("token", Secret::new("hunter2-new"));
    new.requests.remove(1);
    new.requests.push(request("bee"));
    new.open = vec!["bee".into()];
    new.active = Some("bee".into());
    new.history.add("ws://new");

    let steps = Cell::new(0);
    for stop in 0.. {
        let place = place();
        let (mut store, _) = place.load_well();
        store.set_disk(Disk::with_hook(|_, _| Ok(())));
        store.save(&old).unwrap();
        let (mut store, _) = place.load_well();
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        store.set_disk(Disk::with_hook(move |_, _| {
            if counter.fetch_add(1, Ordering::Relaxed) >= stop {
                Err(io::Error::other("stopped"))
            } else {
                Ok(())
            }
        }));
        let saved = store.save(&new);
        let (_, state) = place.load_well();
        for request in &state.requests {
            let mut expected: Vec<StoredRequest> = Vec::new();
            for version in [&old, &new] {
                expected.extend(version.request(&request.id).cloned());
            }
            let fits = expected.iter().any(|expected| {
                // The secret is in another file, which is written first.
                expected.name == request.name && expected.messages == request.messages
            });
            assert!(fits, "stopped at {stop}: {request:?}");
            let token = request.draft.auth.value("token");
            assert!(expected.iter().any(|e| e.draft.auth.value("token") == token), "{token}");
        }
        assert!(state.request("zebra").is_some());
        if saved.is_ok() {
            assert_eq!(state, new);
            steps.set(stop);
            break;
        }
        // The same store goes on where it was stopped.
        store.set_disk(Disk::with_hook(|_, _| Ok(())));
        store.save(&new).unwrap();
        assert_eq!(place.load_well().1, new, "stopped at {stop}");
    }
    assert!(steps.get() > 30, "{}", steps.get());
}

#[test]
fn what_a_crash_leaves_is_not_taken_for_a_request() {
    let place = place();
    let (mut store, _) = place.load_well();
    store.save(&workspace()).unwrap();
    fs::write(place.workspace.join("requests/.wsdeck-abc.tmp"), "url = ").unwrap();
    fs::write(place.workspace.join("requests/.hidden.toml"), "url = ").unwrap();
    assert_eq!(place.load_well().1.requests.len(), 2);
}
