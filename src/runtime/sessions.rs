//! Which log is kept where on disk.
//!
//! The log of each tab becomes a session below the data folder, in the folder of the workspace, and
//! is found again by the request that the tab shows. The demo's logs stand in a temporary folder
//! that goes away with it. Nothing of this happens before the first picture.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use super::inbox::Inbox;
use super::workspace::Names;
use crate::app::Msg;
use crate::app::model::{Model, TabId};
use crate::config::Settings;
use crate::core::time::Micros;
use crate::log::{DiskOptions, LogHandle, Marks, sweep};
use crate::store::{Paths, write_private};

/// The folder of the sessions.
#[derive(Debug)]
struct Place {
    folder: PathBuf,
    /// Folder of all workspaces' sessions, to be kept within bounds.
    root: Option<PathBuf>,
    workspace: String,
    /// Bytes for each log.
    limit: u64,
    started: Micros,
    /// Keeps a temporary folder as long as it is used.
    _temporary: Option<TempDir>,
}

/// All logs of the program.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// `None` if nothing is kept on disk.
    place: Option<Place>,
    names: Names,
    known: HashMap<TabId, Known>,
    swept: bool,
    marks: MarkFiles,
}

/// The files of what people left at rows. They belong to the request, as numbers of rows do, so
/// they outlive each of its sessions.
#[derive(Debug, Default)]
struct MarkFiles {
    /// Marks of tabs whose request has no file yet.
    waiting: HashMap<TabId, Marks>,
    /// Number of the newest state of each file.
    newest: Arc<Mutex<HashMap<PathBuf, u64>>>,
    /// Held while a file is written, so that none overtakes another.
    writing: Arc<Mutex<()>>,
}

impl MarkFiles {
    /// Writes the marks beside the loop, if nothing newer came until then.
    fn write(&self, file: PathBuf, marks: &Marks) {
        fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
            mutex.lock().unwrap_or_else(PoisonError::into_inner)
        }
        let (newest, writing) = (Arc::clone(&self.newest), Arc::clone(&self.writing));
        let mine = {
            let mut newest = lock(&newest);
            let number = newest.entry(file.clone()).or_default();
            *number += 1;
            *number
        };
        let text = marks.to_json();
        tokio::task::spawn_blocking(move || {
            let _turn = lock(&writing);
            let is_newest = lock(&newest).get(&file) == Some(&mine);
            if is_newest && let Err(error) = write_private(&file, text.as_bytes()) {
                tracing::warn!("marks of a log were not written: {error}");
            }
        });
    }
}

/// The file of a request's marks.
fn marks_file(place: &Place, request: &str) -> PathBuf {
    place.folder.join("marks").join(format!("{}.json", request.replace('/', "+")))
}

/// Reads the marks of a request's log beside the loop.
fn find_marks(place: &Place, request: &str, tab: TabId, inbox: &Inbox) {
    let (file, inbox) = (marks_file(place, request), inbox.clone());
    tokio::task::spawn_blocking(move || match std::fs::read(&file) {
        Ok(text) => match Marks::from_json(&text) {
            Ok(marks) => inbox.push(Msg::MarksFound { tab, marks }),
            Err(problem) => tracing::warn!("{}: {problem}", file.display()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!("{}: {error}", file.display()),
    });
}

#[derive(Debug)]
struct Known {
    log: LogHandle,
    request: String,
}

impl Sessions {
    /// Sessions of a workspace.
    pub(super) fn of(
        paths: &Paths,
        workspace: &Path,
        names: Names,
        settings: &Settings,
        started: Micros,
    ) -> Sessions {
        let place = Place {
            folder: paths.sessions_dir(workspace),
            root: Some(paths.all_sessions_dir()),
            workspace: workspace.display().to_string(),
            limit: limit(settings),
            started,
            _temporary: None,
        };
        let place = settings.log.keep_on_disk.then_some(place);
        Sessions { place, names, ..Sessions::default() }
    }

    /// Sessions that are gone with the program. Without a temporary folder, logs are in memory.
    pub(super) fn passing(settings: &Settings, started: Micros) -> Sessions {
        let folder = tempfile::Builder::new().prefix("wsdeck-sessions-").tempdir();
        let place = folder.ok().filter(|_| settings.log.keep_on_disk).map(|folder| Place {
            folder: folder.path().to_owned(),
            root: None,
            workspace: String::new(),
            limit: limit(settings),
            started,
            _temporary: Some(folder),
        });
        Sessions { place, ..Sessions::default() }
    }

    /// Makes the rows of tabs that have an earlier session wait until it is known.
    pub(super) fn hold(&self, model: &Model) {
        if self.place.is_some() {
            let has_name = |tab: TabId| !self.names.of(tab).is_empty();
            model.tabs.iter().filter(|tab| has_name(tab.id)).for_each(|tab| tab.log.handle.hold());
        }
    }

    /// Begins to keep the logs of new tabs, and lets go of those of closed ones. To be called
    /// after the first picture, and then as often as tabs may have changed.
    pub(super) fn attend(&mut self, model: &Model, inbox: &Inbox) {
        for tab in &model.tabs {
            let request = self.names.of(tab.id);
            if let Some(known) = self.known.get_mut(&tab.id) {
                if known.request != request && !request.is_empty() {
                    known.log.belongs_to(&request);
                    if let (Some(place), Some(marks)) =
                        (&self.place, self.marks.waiting.remove(&tab.id))
                    {
                        self.marks.write(marks_file(place, &request), &marks);
                    }
                    known.request = request;
                }
                continue;
            }
            let log = tab.log.handle.clone();
            let (its, id) = (inbox.clone(), tab.id);
            log.on_growth(move || its.grew(id));
            if let Some(place) = &self.place {
                if !request.is_empty() {
                    find_marks(place, &request, tab.id, inbox);
                }
                log.keep_on_disk(
                    DiskOptions::new(place.folder.clone(), place.limit, place.started)
                        .of(place.workspace.clone(), request.clone()),
                );
            }
            self.known.insert(tab.id, Known { log, request });
        }
        if self.known.len() > model.tabs.len() {
            self.known.retain(|id, _| model.tabs.iter().any(|tab| tab.id == *id));
        }
        if let Some(Place { root: Some(root), limit, .. }) = &self.place
            && !std::mem::replace(&mut self.swept, true)
        {
            let (root, limit) = (root.clone(), *limit);
            tokio::task::spawn_blocking(move || {
                let removed = sweep(&root, limit);
                if removed > 0 {
                    tracing::info!("{removed} old sessions were removed");
                }
            });
        }
    }

    /// Keeps what people left at the rows of a tab's log, if its rows are kept.
    pub(super) fn keep_marks(&mut self, tab: TabId, marks: Marks) {
        let Some(place) = &self.place else { return };
        let request = self.names.of(tab);
        if request.is_empty() {
            self.marks.waiting.insert(tab, marks);
        } else {
            self.marks.write(marks_file(place, &request), &marks);
        }
    }

    /// Writes what is left of all logs, but not for ever.
    pub(super) async fn finish(&self, most: Duration) {
        let logs: Vec<LogHandle> = self.known.values().map(|known| known.log.clone()).collect();
        if self.place.is_none() {
            return;
        }
        let written = tokio::task::spawn_blocking(move || {
            // All of them begin before the first one is waited for.
            for log in &logs {
                log.finish(Duration::ZERO);
            }
            logs.iter().all(|log| log.finish(most))
        });
        if !matches!(tokio::time::timeout(most, written).await, Ok(Ok(true))) {
            tracing::warn!("the logs were not written within {most:?}");
        }
    }
}

fn limit(settings: &Settings) -> u64 {
    u64::from(settings.log.disk_mib) * 1024 * 1024
}
