//! Long composed texts, each in a private file of its own beside the workspace's other private files.
//!
//! They are written as a whole, after a pause, on the saver's thread; a text that has not changed
//! since is not written again. What lies there after a crash is found by the next run.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use ropey::Rope;

use crate::app::model::{Composer, TabId};
use crate::app::update::LONG_DRAFT;
use crate::store::{StoreError, write_private};

/// The composed text of a tab, as far as it concerns these files.
pub(super) enum Draft {
    /// It is kept with the request.
    Short,
    /// What lies here stays: a pause is still waited for, or it was not read yet.
    AsItIs,
    Long {
        revision: u64,
        text: Rope,
    },
}

impl Draft {
    pub(super) fn of(composer: &Composer, pending: bool) -> Draft {
        let editor = &composer.editor;
        if composer.draft_on_disk && editor.is_empty() {
            return Draft::AsItIs;
        }
        if editor.len_bytes() <= LONG_DRAFT {
            return Draft::Short;
        }
        if pending {
            return Draft::AsItIs;
        }
        Draft::Long { revision: editor.revision(), text: editor.rope().clone() }
    }
}

/// The files of a workspace.
pub(super) struct Drafts {
    dir: PathBuf,
    /// The revision that was written, by request.
    written: HashMap<String, u64>,
}

impl Drafts {
    pub(super) fn new(private: &Path) -> Drafts {
        Drafts { dir: private.join("drafts"), written: HashMap::new() }
    }

    /// The file of a request. Its id is a path made of plain names.
    fn path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{}.draft", id.replace('/', "--")))
    }

    /// The drafts that are there, for the tabs of these requests.
    pub(super) fn found(&self, ids: &HashMap<TabId, String>) -> Vec<(TabId, PathBuf)> {
        ids.iter()
            .map(|(tab, id)| (*tab, self.path(id)))
            .filter(|(_, path)| path.is_file())
            .collect()
    }

    /// Writes what has changed, and removes what belongs to no text that is composed now.
    ///
    /// # Errors
    /// If a file cannot be written; the old one is then still there.
    pub(super) fn save(&mut self, drafts: Vec<(String, Draft)>) -> Result<(), StoreError> {
        let mut wanted = Vec::new();
        for (id, draft) in drafts {
            let path = self.path(&id);
            match draft {
                Draft::Short => {
                    self.written.remove(&id);
                    continue;
                }
                Draft::AsItIs => {}
                Draft::Long { revision, text } => {
                    if self.written.get(&id) != Some(&revision) || !path.is_file() {
                        let text: String = text.chunks().collect();
                        write_private(&path, text.as_bytes())?;
                        self.written.insert(id, revision);
                    }
                }
            }
            wanted.push(path);
        }
        let Ok(there) = fs::read_dir(&self.dir) else { return Ok(()) };
        for path in there.flatten().map(|entry| entry.path()) {
            let ours = path.extension().is_some_and(|suffix| suffix == "draft");
            if ours && !wanted.contains(&path) {
                // It is tried again the next time.
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }
}
