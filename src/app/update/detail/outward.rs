//! A message on its way out of the program: to the clipboard, a file, a pager.

use bytes::Bytes;
use ropey::Rope;

use super::lay::INLINE;
use crate::app::effect::{Effect, Job, Portion};
use crate::app::model::{Body, DetailView, Modal, Question, TabId, TextPrompt};
use crate::app::update::Cx;
use crate::core::message::MessageKind;
use crate::log::{CopyAs, Entry, Row};
use crate::payload::{BinaryForm, Kind, human_bytes};

/// More than this is not put on a clipboard.
pub(in crate::app::update) const COPY_MOST: usize = 16 << 20;

impl Cx<'_> {
    /// A part of a message for the clipboard, secrets masked as in the whole of it.
    pub(super) fn copy_masked(&mut self, bytes: Bytes, what: &str) {
        let tab = self.tab();
        let log = tab.log.handle.clone();
        if bytes.len() > INLINE {
            let (tab, portion, what) = (tab.id, Portion::Bytes(bytes), what.to_owned());
            self.effects.push(Effect::Job(Job::CopyPortion { tab, portion, what, log }));
            return;
        }
        let (text, masked) = log.export(&[bare(bytes)], CopyAs::Whole);
        let what = if masked { format!("{what}, secrets masked,") } else { what.to_owned() };
        self.effects.push(Effect::Copy { text, what });
    }

    /// True if the entry is too large for a clipboard; then a file is offered.
    pub(in crate::app::update) fn is_too_large_to_copy(&mut self, number: u64) -> bool {
        let size = self.tab().log.handle.get(number).map_or(0, |entry| entry.size());
        if size <= COPY_MOST {
            return false;
        }
        let id = self.tab().id;
        self.model.modals.push(Modal::Confirm {
            title: "Save it to a file?".into(),
            text: format!("{} are too large for a clipboard.", human_bytes(size as u64)),
            yes: "Save",
            no: "Leave it",
            question: Question::SavePayload(id),
            on_yes: true,
        });
        true
    }

    pub(in crate::app::update) fn ask_save_payload(&mut self) {
        self.model.show_detail = true;
        self.sync_detail();
        let detail = &self.tab().log.detail;
        if detail.views.is_empty() {
            self.info("Choose a message first.");
            return;
        }
        self.prompt(TextPrompt::SavePayload);
    }

    /// The message under the cursor goes into the composer.
    pub(in crate::app::update) fn load_entry(&mut self) {
        let tab = self.tab();
        let (id, number) = (tab.id, tab.log.cursor);
        let Some(entry) = tab.log.handle.get(number) else {
            self.info("Choose a message first.");
            return;
        };
        match &entry.row {
            Row::Message { kind, payload, .. } => {
                let is_text = *kind == MessageKind::Text;
                if payload.len() > INLINE {
                    let payload = payload.clone();
                    self.effects.push(Effect::Job(Job::Compose { tab: id, payload, is_text }));
                    self.info("The message is being made ready for the composer …");
                    return;
                }
                let (kind, form, text) = as_composed(payload, is_text);
                self.compose(kind, form, &text);
            }
            Row::Note(_) => self.info("This line is no message."),
            Row::Pending => self.info("It is still being read from disk."),
        }
    }

    /// A large message is ready for the composer.
    pub(in crate::app::update) fn entry_composed(
        &mut self,
        tab: TabId,
        kind: Kind,
        form: BinaryForm,
        text: Rope,
    ) {
        if self.tab().id != tab {
            self.info("Another tab is in front; the message was not taken into the composer.");
            return;
        }
        let composer = &mut self.tab().composer;
        let chars = composer.editor.len_chars();
        composer.editor.replace_with_rope(0..chars, text);
        self.composed(kind, form);
        self.info("The message is in the composer.");
    }

    /// A name for the file.
    pub(in crate::app::update) fn payload_file_name(&mut self) -> String {
        let detail = &self.tab().log.detail;
        let kind = crate::payload::classify(&detail.payload, detail.is_text);
        format!("message-{}.{}", detail.number, kind.suffix())
    }

    pub(in crate::app::update) fn save_payload(&mut self, path: &str) -> Result<(), String> {
        let path = path.trim();
        if path.is_empty() {
            return Err("it needs a path".into());
        }
        let log = &self.tab().log;
        let (payload, number) = (log.detail.payload.clone(), log.detail.number);
        let what = format!("Message {number} ({})", human_bytes(payload.len() as u64));
        let log = log.handle.clone();
        self.effects.push(Effect::WritePayload { path: path.to_owned(), payload, log, what });
        Ok(())
    }

    /// The message as the detail shows it, in the user's pager.
    pub(in crate::app::update) fn read_outside(&mut self) {
        self.model.show_detail = true;
        self.sync_detail();
        let tab = self.tab();
        let (id, detail) = (tab.id, &tab.log.detail);
        if detail.waiting {
            self.info("The message is still being read from disk.");
            return;
        }
        let suffix = match detail.view {
            DetailView::RAW | DetailView::HEX | DetailView::Frames => "txt",
            DetailView::Lens(_) if detail.kind == Kind::Binary => "txt",
            DetailView::Lens(_) => detail.kind.suffix(),
        };
        match &detail.body {
            Body::Text => {
                let text = detail.text.rope().clone();
                self.effects.push(Effect::Page { text, suffix });
            }
            Body::Raw | Body::Hex => {
                let hex = matches!(detail.body, Body::Hex);
                let payload = detail.payload.clone();
                self.effects.push(Effect::Job(Job::Read { tab: id, payload, hex }));
            }
            Body::Tree(tree) => {
                let text = Bytes::copy_from_slice(tree.tree.source().as_bytes());
                self.effects.push(Effect::Job(Job::Read { tab: id, payload: text, hex: false }));
            }
            Body::Frames | Body::Diff(_) => {
                self.info("This is no text to be read elsewhere. 1 shows the message.")
            }
            Body::Empty | Body::Trouble(_) => self.info("Choose a message first."),
        }
    }
}

/// A message as the composer takes it: text as it is, bytes in hexadecimal.
#[must_use]
pub fn as_composed(payload: &[u8], is_text: bool) -> (Kind, BinaryForm, String) {
    if is_text {
        let kind = crate::payload::classify(payload, true);
        return (kind, BinaryForm::default(), String::from_utf8_lossy(payload).into_owned());
    }
    (Kind::Binary, BinaryForm::Hex, crate::payload::to_hex(payload, true))
}

/// Bytes as an entry, so that the log's own export masks them.
#[must_use]
pub fn bare(payload: Bytes) -> Entry {
    Entry {
        number: 0,
        at: crate::core::time::Micros(0),
        row: Row::Message {
            direction: crate::core::message::Direction::In,
            kind: crate::core::message::MessageKind::Text,
            payload,
            packed: None,
            split: None,
        },
    }
}
