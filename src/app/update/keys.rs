//! From a key to what it means where the focus is.

use super::Cx;
use super::field::Which;
use crate::app::model::{Modal, Model, Pane, RequestTab};
use crate::core::action::{Action, Context};
use crate::core::key::KeyCombo;
use crate::core::url;
use crate::editor::Edit;

/// Where keys are looked up, inner places first.
#[must_use]
pub fn contexts(model: &Model) -> Vec<Context> {
    use Context as C;
    if let Some(modal) = model.modals.last() {
        return match modal {
            Modal::Palette { .. }
            | Modal::Help { .. }
            | Modal::Prompt { .. }
            | Modal::Ways { .. } => {
                vec![C::Modal, C::Line, C::Field, C::Global]
            }
            Modal::Confirm { .. }
            | Modal::Menu { .. }
            | Modal::Cookies { .. }
            | Modal::Credential { .. } => {
                vec![C::Modal, C::Global]
            }
            Modal::Text { .. } | Modal::Stats(_) => vec![C::Modal, C::Command, C::Global],
        };
    }
    let tab = model.tab();
    let command = |inner: C| vec![inner, C::Command, C::Global];
    let line = || vec![C::Line, C::Field, C::Global];
    match tab.focus {
        Pane::Url => vec![C::Url, C::Field, C::Global],
        Pane::Bar => command(C::Bar),
        Pane::Saved => command(C::Saved),
        Pane::Log if tab.log.filter.line.is_some() => line(),
        Pane::Log if tab.log.search.line.as_ref().is_some_and(|l| l.editing) => line(),
        Pane::Log => command(C::Log),
        Pane::Detail if tab.log.detail.is_typing() => line(),
        Pane::Detail => command(C::Detail),
        Pane::Body => match tab.request_tab {
            RequestTab::Message if tab.composer.search.is_some() => line(),
            RequestTab::Message => vec![C::Composer, C::Field, C::Global],
            RequestTab::Params if tab.params.editing.is_some() => line(),
            RequestTab::Headers if tab.headers.editing.is_some() => line(),
            RequestTab::Params | RequestTab::Headers => command(C::Table),
            RequestTab::Auth if tab.auth.editing.is_some() => line(),
            RequestTab::Settings if tab.settings.editing.is_some() => line(),
            RequestTab::Auth | RequestTab::Settings => command(C::Form),
            RequestTab::Handshake => command(C::Handshake),
        },
    }
}

impl Cx<'_> {
    pub(super) fn key(&mut self, key: KeyCombo) {
        let key = key.normalised();
        let contexts = contexts(self.model);
        if let Some(action) = self.model.keymap.lookup(&contexts, key) {
            self.act(action);
            return;
        }
        let Some(c) = key.typed() else { return };
        if contexts.contains(&Context::Field) {
            if !self.overtype(c) {
                self.edit(Edit::Insert(c.to_string()));
            }
        } else if self.modal_letter(c) {
            // A menu or a question took it.
        }
    }

    pub(super) fn paste(&mut self, text: String) {
        if contexts(self.model).contains(&Context::Field) {
            let composer = matches!(self.field(), Some((Which::Composer, _)));
            let Some(text) = (if composer { self.paste_long(text) } else { Some(text) }) else {
                return;
            };
            // A whole address comes without the blanks and quotes that were copied with it; inside of
            // one, every character may be meant.
            let whole = match self.field() {
                Some((Which::Url, line)) => line.is_empty() || line.selected_text() == line.text(),
                _ => false,
            };
            let text = if whole { url::trim(&text).to_owned() } else { text };
            self.note_breaks(&text);
            self.edit(Edit::Paste(text));
        } else if self.model.modals.is_empty() && self.form_paste(&text) {
            // The row under the cursor took it.
        } else if self.model.modals.is_empty() && self.tab().focus != Pane::Log {
            self.info("Nothing here takes text. Ctrl+G goes to a field.");
        }
    }

    /// Carries out an action, from wherever it came.
    pub(super) fn act(&mut self, action: Action) {
        if !self.model.modals.is_empty() && self.modal_act(action) {
            return;
        }
        if self.global_act(action) || self.edit_act(action) || self.pane_act(action) {
            return;
        }
        // What only means something in another place goes there first, so that the palette can
        // do everything.
        self.act_elsewhere(action);
    }
}
