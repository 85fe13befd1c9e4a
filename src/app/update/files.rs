//! Files and the user's editor.

use super::Cx;
use crate::app::effect::{Effect, FilePurpose};
use crate::app::model::{Level, TabId};
use crate::payload::{self, BinaryForm, Kind};

/// Larger files are not loaded into the composer but sent from where they are.
const COMPOSE_MOST: usize = 32 * 1024 * 1024;

impl Cx<'_> {
    pub(super) fn open_file(&mut self, path: &str) -> Result<(), String> {
        let path = path.trim();
        if path.is_empty() {
            return Err("it needs a path".into());
        }
        let tab = self.tab().id;
        let path = path.to_owned();
        self.effects.push(Effect::ReadFile { tab, path, purpose: FilePurpose::Compose });
        Ok(())
    }

    pub(super) fn file_read(
        &mut self,
        tab: TabId,
        purpose: FilePurpose,
        path: &str,
        result: Result<Vec<u8>, String>,
    ) {
        let FilePurpose::Compose = purpose;
        if self.tab().id != tab {
            return;
        }
        match result {
            Err(why) => self.say(Level::Error, format!("{path} cannot be read: {why}.")),
            Ok(bytes) => {
                match String::from_utf8(bytes) {
                    Ok(text) if text.len() <= COMPOSE_MOST => {
                        let kind = payload::classify(text.as_bytes(), true);
                        self.compose(kind, BinaryForm::default(), &text);
                        self.info(format!("Taken from {path}."));
                    }
                    _ => {
                        self.compose(Kind::Binary, BinaryForm::File, path);
                        self.info("These bytes are no short text: they are sent from the file as they are.");
                    }
                }
            }
        }
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
