//! Files and the user's editor.

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{Choice, Level, MenuItem, Modal, TabId, Task};
use crate::app::msg::Loaded;
use crate::editor::{Edit, Motion};
use crate::payload::{BinaryForm, Kind, human_bytes};

const MIB: u64 = 1024 * 1024;

/// Nothing larger is read into the composer, whatever is asked for.
const LARGEST: u64 = 2048 * MIB;

impl Cx<'_> {
    pub(super) fn open_file(&mut self, path: &str) -> Result<(), String> {
        let path = path.trim();
        if path.is_empty() {
            return Err("it needs a path".into());
        }
        let most = u64::from(self.model.settings.composer.stream_above_mib) * MIB;
        self.load(path.to_owned(), most);
        Ok(())
    }

    /// Reads a file into the composer that was offered to be sent from where it is.
    pub(super) fn load_whole(&mut self, path: String) {
        self.load(path, LARGEST);
    }

    fn load(&mut self, path: String, most: u64) {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(&path).to_owned();
        let about = self.begin_work(Task::Load(name));
        self.effects.push(Effect::Job(Job::Load { about, path, most }));
    }

    pub(super) fn loaded(
        &mut self,
        id: TabId,
        number: u64,
        path: &str,
        result: Result<Loaded, String>,
    ) {
        let place = self.model.tabs.iter().position(|tab| tab.id == id);
        let work = self.model.tab_by_id(id).and_then(|tab| tab.composer.work.as_ref());
        let is_draft = work.is_some_and(|work| work.task == Task::Draft);
        let (true, Some(place)) = (self.work_over(id, number), place) else {
            if let Ok(Loaded::Text { text, .. }) = result {
                self.discard(text);
            }
            return;
        };
        // It belongs to the tab that asked for it, in front or not.
        let front = std::mem::replace(&mut self.model.active, place);
        if is_draft {
            self.draft_loaded(path, result);
        } else {
            self.take_file(path, result, front == place);
        }
        self.model.active = front;
    }

    fn take_file(&mut self, path: &str, result: Result<Loaded, String>, in_front: bool) {
        match result {
            Err(why) => self.say(Level::Error, format!("{path} cannot be read: {why}.")),
            Ok(Loaded::Text { text, kind }) => {
                let tab = self.tab();
                let chars = tab.composer.editor.len_chars();
                tab.composer.editor.replace_with_rope(0..chars, text);
                let start = Edit::Move { motion: Motion::TextStart, extend: false };
                tab.composer.editor.apply(start);
                self.composed(kind, BinaryForm::default());
                self.info(format!("Taken from {path}."));
            }
            Ok(Loaded::Bytes) => {
                self.compose(Kind::Binary, BinaryForm::File, path);
                self.info("These bytes are no text: they are sent from the file as they are.");
            }
            Ok(Loaded::Large { size, text }) if in_front => self.offer_to_send(path, size, text),
            Ok(Loaded::Large { size, .. }) => {
                let size = human_bytes(size);
                self.info(format!(
                    "{path} has {size}, and was not read. Open it again to send it."
                ));
            }
        }
    }

    /// What can be done with a file that is too large to be read without a question.
    fn offer_to_send(&mut self, path: &str, size: u64, text: bool) {
        let item = |key, label: &str, note: &str, choice| MenuItem {
            key: Some(key),
            label: label.into(),
            note: note.into(),
            on: None,
            choice,
        };
        let as_text = Choice::FromFile(Kind::Text, path.to_owned());
        let as_bytes = Choice::FromFile(Kind::Binary, path.to_owned());
        let mut items = vec![
            item('t', "send it from the file, as text", "", as_text),
            item('b', "send it from the file, as binary", "", as_bytes),
        ];
        if text && size <= LARGEST {
            let whole = Choice::LoadWhole(path.to_owned());
            items.push(item('e', "edit it here all the same", "needs memory", whole));
        }
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        self.model.modals.push(Modal::Menu {
            title: format!("{name} is {}", human_bytes(size)),
            items,
            cursor: usize::from(!text),
            stays: false,
        });
    }

    /// A long draft of an earlier run: it is read while the screen is there already.
    pub(super) fn draft_found(&mut self, id: TabId, path: String) {
        let Some(place) = self.model.tabs.iter().position(|tab| tab.id == id) else { return };
        self.model.tabs[place].composer.draft_on_disk = true;
        let front = std::mem::replace(&mut self.model.active, place);
        let about = self.begin_work(Task::Draft);
        self.effects.push(Effect::Job(Job::Load { about, path, most: LARGEST }));
        self.model.active = front;
    }

    fn draft_loaded(&mut self, path: &str, result: Result<Loaded, String>) {
        let why = match result {
            Ok(Loaded::Text { text, .. }) => {
                let composer = &mut self.tab().composer;
                if composer.editor.is_empty() {
                    composer.editor.reset_rope(text);
                    composer.draft_on_disk = false;
                    composer.lines.take();
                    self.scroll_composer();
                    self.validate();
                } else {
                    self.discard(text);
                }
                return;
            }
            Ok(_) => "it is no text".to_owned(),
            Err(why) => why,
        };
        self.say(Level::Warning, format!("The draft in {path} cannot be read: {why}."));
    }

    pub(super) fn edited_outside(&mut self, tab: TabId, result: Result<Option<String>, String>) {
        match result {
            Err(why) => self.say(Level::Error, why),
            Ok(None) => self.info("The message is unchanged."),
            Ok(Some(text)) => {
                let front = self.tab().id == tab;
                let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
                tab.composer.editor.set_text(&text);
                tab.composer.lines.take();
                if front {
                    self.composer_changed();
                }
                self.info("The message was taken from the editor.");
            }
        }
    }

    pub(super) fn save_evidence(&mut self, path: &str) -> Result<(), String> {
        let path = path.trim();
        if path.is_empty() {
            return Err("it needs a path".into());
        }
        let Some(text) = self.evidence_json() else { return Err("there is no attempt yet".into()) };
        let path = path.to_owned();
        self.effects.push(Effect::WriteFile { path, text, what: "The record".into() });
        Ok(())
    }
}
