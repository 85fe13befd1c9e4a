//! The messages that are kept with a request.

use super::Cx;
use crate::app::effect::Outgoing;
use crate::app::model::{
    Level, Modal, Pane, Question, RequestTab, SavedMessage, TabId, TextPrompt,
};
use crate::core::action::Action;
use crate::core::event::Command;
use crate::payload::{BinaryForm, Kind};

impl Cx<'_> {
    pub(super) fn saved_act(&mut self, action: Action) -> bool {
        let page = usize::from(self.model.geometry.saved.height.max(2)) - 1;
        let tab = self.tab();
        let last = tab.saved.len().saturating_sub(1);
        tab.saved_cursor = tab.saved_cursor.min(last);
        let cursor = &mut tab.saved_cursor;
        match action {
            Action::Up => *cursor = cursor.saturating_sub(1),
            Action::Down => *cursor = (*cursor + 1).min(last),
            Action::PageUp => *cursor = cursor.saturating_sub(page),
            Action::PageDown => *cursor = (*cursor + page).min(last),
            Action::First => *cursor = 0,
            Action::Last => *cursor = last,
            Action::Submit | Action::LoadSaved => self.load_saved(),
            Action::SendSaved => self.send_saved(),
            Action::DeleteSaved => {
                let (id, at) = (self.tab().id, self.tab().saved_cursor);
                if let Some(message) = self.tab().saved.get(at) {
                    let text = format!("“{}” will be gone.", message.name);
                    self.model.modals.push(Modal::Confirm {
                        title: "Delete the saved message?".into(),
                        text,
                        yes: "Delete",
                        no: "Keep",
                        question: Question::DeleteSaved(id, at),
                        on_yes: true,
                    });
                }
            }
            Action::ToggleOnOpen => self.toggle_on_open(),
            Action::RenameSaved => {
                let at = self.tab().saved_cursor;
                if at < self.tab().saved.len() {
                    self.prompt(TextPrompt::RenameSaved(at));
                }
            }
            _ => return false,
        }
        true
    }

    pub(super) fn load_saved(&mut self) {
        let tab = self.tab();
        let Some(saved) = tab.saved.get(tab.saved_cursor).cloned() else {
            self.info("No message is kept yet. Ctrl+K in the composer keeps one.");
            return;
        };
        self.compose(saved.kind, saved.form, &saved.text);
    }

    /// Puts a text into the composer as one step that can be undone, and goes there.
    pub(super) fn compose(&mut self, kind: Kind, form: BinaryForm, text: &str) {
        let tab = self.tab();
        tab.composer.editor.set_text(text);
        self.composed(kind, form);
    }

    /// Another message stands in the composer: goes there.
    pub(super) fn composed(&mut self, kind: Kind, form: BinaryForm) {
        let tab = self.tab();
        tab.composer.kind = kind;
        tab.composer.form = form;
        tab.composer.lines.take();
        tab.request_tab = RequestTab::Message;
        tab.focus = Pane::Body;
        self.composer_changed();
    }

    fn send_saved(&mut self) {
        let tab = self.tab();
        let Some(saved) = tab.saved.get(tab.saved_cursor).cloned() else { return };
        if saved.form == BinaryForm::File && matches!(saved.kind, Kind::Binary | Kind::Text) {
            self.load_saved();
            self.send();
            return;
        }
        match super::send::encode_text(saved.kind, saved.form, saved.text) {
            Ok(Outgoing::Text(text)) => self.send_now(Command::SendText(text)),
            Ok(Outgoing::Binary(bytes)) => self.send_now(Command::SendBinary(bytes)),
            Err(why) => self.say(Level::Error, format!("“{}” was not sent: {why}.", saved.name)),
        }
    }

    fn toggle_on_open(&mut self) {
        let tab = self.tab();
        let Some(saved) = tab.saved.get_mut(tab.saved_cursor) else { return };
        if saved.kind == Kind::Binary || saved.form == BinaryForm::File {
            self.say(Level::Error, "Only text can be sent on open by itself.");
            return;
        }
        saved.on_open = !saved.on_open;
        let words = if saved.on_open { "is sent as soon as" } else { "is not sent when" };
        let text = format!("“{}” {words} the connection is open.", saved.name);
        self.request_changed();
        self.info(text);
    }

    /// Keeps the composed message under a name; an equal name is replaced.
    pub(super) fn save_message(&mut self, name: &str) -> Result<(), String> {
        /// A kept message is written to disk with each change; larger ones stay files.
        const MOST: usize = 1024 * 1024;
        let tab = self.tab();
        if tab.composer.editor.len_bytes() > MOST {
            return Err("it is larger than 1 MiB: keep it as a file and open that".into());
        }
        let name = name.trim();
        if name.is_empty() {
            return Err("it needs a name".into());
        }
        let message = SavedMessage {
            name: name.to_owned(),
            kind: tab.composer.kind,
            form: tab.composer.form,
            text: tab.composer.editor.text(),
            on_open: false,
        };
        match tab.saved.iter().position(|saved| saved.name == name) {
            Some(at) => {
                let on_open = tab.saved[at].on_open
                    && message.kind != Kind::Binary
                    && message.form != BinaryForm::File;
                tab.saved[at] = SavedMessage { on_open, ..message };
                tab.saved_cursor = at;
            }
            None => {
                tab.saved.push(message);
                tab.saved_cursor = tab.saved.len() - 1;
            }
        }
        self.model.show_saved = true;
        self.touch();
        self.info(format!("“{name}” is kept with this request."));
        Ok(())
    }

    pub(super) fn rename_saved(&mut self, at: usize, name: &str) -> Result<(), String> {
        let name = name.trim();
        if name.is_empty() {
            return Err("it needs a name".into());
        }
        if let Some(saved) = self.tab().saved.get_mut(at) {
            saved.name = name.to_owned();
        }
        self.touch();
        Ok(())
    }

    pub(super) fn delete_saved(&mut self, id: TabId, at: usize) {
        if let Some(tab) = self.model.tab_by_id_mut(id)
            && at < tab.saved.len()
        {
            tab.saved.remove(at);
            tab.saved_cursor = tab.saved_cursor.min(tab.saved.len().saturating_sub(1));
            if tab.saved.is_empty() && tab.focus == Pane::Saved {
                tab.focus = Pane::Body;
            }
            self.touch();
        }
    }
}
