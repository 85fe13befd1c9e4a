//! What the workspace and its folders give to their requests, edited in tabs of their own.

use super::Cx;
use crate::app::model::{Level, Pane, RequestTab, Shared};
use crate::core::request::{RequestDraft, Scope};

impl Cx<'_> {
    /// Opens the tab with what the workspace gives to all its requests.
    pub(super) fn edit_workspace(&mut self) {
        self.edit_shared(Shared::Workspace);
    }

    /// The same of the folder of the request in front.
    pub(super) fn edit_folder(&mut self) {
        let folder = self.tab().folder.clone();
        if folder.is_empty() {
            self.say(
                Level::Error,
                "This request is in no folder: move it to one, or edit what the workspace gives.",
            );
            return;
        }
        self.edit_shared(Shared::Folder(folder));
    }

    fn edit_shared(&mut self, shared: Shared) {
        let open = self.model.tabs.iter().position(|tab| tab.shares.as_ref() == Some(&shared));
        if let Some(index) = open {
            self.select_tab(index);
            return;
        }
        let scopes = &self.model.scopes;
        let (scope, around) = match &shared {
            Shared::Workspace => (scopes.workspace.clone(), ""),
            Shared::Folder(path) => (
                scopes.folders.get(path).cloned().unwrap_or_else(Scope::of_folder),
                path.rsplit_once('/').map_or("", |(above, _)| above),
            ),
        };
        let around = around.to_owned();
        let draft =
            RequestDraft { auth: scope.auth, headers: scope.headers, ..RequestDraft::default() };
        let now = self.now;
        let tab = self.model.push_tab(draft, String::new());
        tab.folder = around;
        tab.shares = Some(shared);
        tab.request_tab = RequestTab::Auth;
        tab.focus = Pane::Body;
        tab.refresh_preview(now);
    }

    /// Takes over what was changed in a tab of this kind, so that every request has it at once.
    pub(super) fn share(&mut self) {
        let tab = self.model.tab();
        let Some(shared) = tab.shares.clone() else { return };
        let scope = Scope { auth: tab.draft.auth.clone(), headers: tab.draft.headers.clone() };
        let mut scopes = (*self.model.scopes).clone();
        match shared {
            Shared::Workspace => scopes.workspace = scope,
            Shared::Folder(path) => drop(scopes.folders.insert(path, scope)),
        }
        self.model.set_scopes(scopes, self.now);
    }

    /// Moves the request to another folder, which is made if it is not there; empty for the top.
    pub(super) fn move_to_folder(&mut self, typed: &str) -> Result<(), String> {
        let path: Vec<&str> = typed.split('/').map(str::trim).filter(|p| !p.is_empty()).collect();
        let wrong = |part: &&&str| part.starts_with('.') || part.contains(['\\', ':', '\0']);
        if let Some(part) = path.iter().find(wrong) {
            return Err(format!("“{part}” cannot be the name of a folder"));
        }
        if path.len() > DEEPEST {
            return Err(format!("folders go {DEEPEST} deep at most"));
        }
        let now = self.now;
        let tab = self.tab();
        tab.folder = path.join("/");
        tab.refresh_preview(now);
        self.touch();
        Ok(())
    }
}

/// As the store has it.
const DEEPEST: usize = 8;
