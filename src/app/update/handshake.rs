//! The handshake tab: its sections, remedies and their undoing, attempts, and reports.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{
    Choice, Level, MenuItem, Modal, RequestTab, Section, Taken, TextPrompt, Viewed,
};
use crate::core::action::{Action, Context};
use crate::core::change::Change;
use crate::core::finding::Fix;
use crate::report;

/// What is asked when there is nothing to tell about.
const NO_ATTEMPT: &str = "There is no attempt yet.";

impl Cx<'_> {
    pub(super) fn handshake_act(&mut self, action: Action) -> bool {
        let page = isize::try_from(self.model.geometry.body.height.max(2) - 1).unwrap_or(1);
        let listed = self.tab().handshake.section == Section::Attempts;
        match action {
            Action::Left | Action::Right => {
                let state = &mut self.tab().handshake;
                state.section = state.section.step(action == Action::Right);
            }
            Action::Up if listed => self.attempt_by(-1),
            Action::Down if listed => self.attempt_by(1),
            Action::First if listed => self.attempt_by(isize::MIN),
            Action::Last if listed => self.attempt_by(isize::MAX),
            Action::Up => self.handshake_scroll(-1),
            Action::Down => self.handshake_scroll(1),
            Action::PageUp => self.handshake_scroll(-page),
            Action::PageDown => self.handshake_scroll(page),
            Action::First => self.handshake_scroll(isize::MIN),
            Action::Last => self.handshake_scroll(isize::MAX),
            Action::Submit => match self.tab().handshake.section {
                Section::Attempts => self.view_attempt(),
                Section::Probes => self.act(Action::Probe),
                _ => self.apply_fix(0),
            },
            Action::CopyMenu => self.open_report_menu(),
            _ => return false,
        }
        true
    }

    /// Scrolls the section in front; the last drawing told how far it goes.
    pub(super) fn handshake_scroll(&mut self, lines: isize) {
        let last = self.model.geometry.handshake_last;
        self.tab().handshake.scroll_by(lines, last);
    }

    pub(super) fn show_section(&mut self, section: Section) {
        self.leave_fields();
        self.go(RequestTab::Handshake);
        self.tab().handshake.section = section;
    }

    fn attempt_by(&mut self, by: isize) {
        let tab = self.tab();
        let last = tab.conn.attempts().len().saturating_sub(1);
        let cursor = &mut tab.handshake.cursor;
        let next = (*cursor).min(last).saturating_add_signed(by).min(last);
        if next != *cursor {
            *cursor = next;
            // Another pair is compared from its first line on.
            tab.handshake.scroll_by(isize::MIN, 0);
        }
    }

    pub(super) fn attempt_at(&mut self, row: usize) {
        self.show_section(Section::Attempts);
        let at = isize::try_from(row).unwrap_or(isize::MAX);
        self.attempt_by(isize::MIN);
        self.attempt_by(at);
    }

    /// Marks the attempt under the cursor for comparison.
    pub(super) fn mark_attempt(&mut self) {
        if self.tab().handshake.section != Section::Attempts {
            self.show_section(Section::Attempts);
        }
        let tab = self.tab();
        let started = tab.conn.attempts().get(tab.handshake.cursor).map(|a| a.evidence.started);
        match started {
            Some(started) => self.tab().handshake.mark(started),
            None => self.info(NO_ATTEMPT),
        }
    }

    /// All sections show the attempt under the cursor.
    pub(super) fn view_attempt(&mut self) {
        let tab = self.tab();
        let chosen =
            tab.conn.attempts().get(tab.handshake.cursor).map(|a| (a.evidence.started, a.last));
        let Some((started, last)) = chosen else {
            self.info(NO_ATTEMPT);
            return;
        };
        tab.handshake.view((!last).then_some(started));
    }

    pub(super) fn toggle_same(&mut self) {
        self.show_section(Section::Attempts);
        let state = &mut self.tab().handshake;
        state.show_same = !state.show_same;
    }

    /// Makes the change that a finding proposes and connects anew. What the request was before is
    /// kept, to take the remedy back.
    pub(super) fn apply_fix(&mut self, index: usize) {
        let fix: Option<Fix> =
            self.tab().viewed().and_then(|viewed| viewed.fixes().nth(index).cloned());
        let Some(fix) = fix else {
            self.info("There is no such remedy here.");
            return;
        };
        if let Change::SetMessage { text } = &fix.change {
            let text = text.clone();
            return self.prepare_message(&fix.label, &text);
        }
        self.leave_fields();
        let was_live = self.tab().conn.state.is_live();
        let tab = self.tab();
        let before = tab.draft.clone();
        fix.change.apply(&mut tab.draft);
        let label = fix.label.trim_end_matches('.').to_owned();
        if tab.draft == before {
            self.say(Level::Info, format!("The request has this already: {label}."));
            return;
        }
        let after = tab.draft.clone();
        tab.handshake.take(Taken { label: label.clone(), before, after });
        self.request_changed();
        let undo = self.key_of(Action::UndoFix).map(|key| format!(" {key} takes it back."));
        let undo = undo.unwrap_or_default();
        if was_live {
            let again = self.key_of(Action::Connect).unwrap_or_default();
            self.info(format!("Done: {label}. It counts from the next connection on ({again})."));
        } else {
            self.say(Level::Info, format!("Done: {label}. Connecting …{undo}"));
            self.start_attempt(self.model.active, 0);
        }
    }

    /// Takes the last remedy back. Nothing is connected by that.
    pub(super) fn undo_fix(&mut self) {
        self.leave_fields();
        let tab = self.tab();
        let Some(taken) = tab.handshake.taken.pop() else {
            self.info("No remedy was taken that could be taken back.");
            return;
        };
        let label = taken.label.clone();
        taken.take_back(&mut tab.draft);
        self.request_changed();
        let again = self.key_of(Action::Connect).unwrap_or_default();
        self.info(format!("Taken back: {label}. {again} connects without it."));
    }

    fn key_of(&self, action: Action) -> Option<String> {
        let contexts = [Context::Handshake, Context::Command, Context::Global];
        self.model.keymap.label_for(action, &contexts)
    }

    /// All remedies in a menu: for those without a key of their own.
    pub(super) fn choose_fix(&mut self) {
        let fixes: Vec<String> = match self.tab().viewed() {
            Some(viewed) => viewed.fixes().map(|fix| fix.label.clone()).collect(),
            None => Vec::new(),
        };
        if fixes.is_empty() {
            self.info("There is no remedy here.");
            return;
        }
        let keys = ('1'..='9').map(Some).chain(std::iter::repeat(None));
        let items = fixes
            .into_iter()
            .enumerate()
            .zip(keys)
            .map(|((at, label), key)| MenuItem {
                key,
                label,
                note: String::new(),
                on: None,
                choice: Choice::Fix(at),
            })
            .collect();
        self.model.modals.push(Modal::Menu {
            title: "Change the request and connect".into(),
            items,
            cursor: 0,
            stays: false,
        });
    }

    fn open_report_menu(&mut self) {
        if self.tab().viewed().is_none() {
            self.info(NO_ATTEMPT);
            return;
        }
        let rows = [
            ('r', "report (Markdown)", Action::CopyReport),
            ('j', "record (JSON)", Action::CopyEvidence),
            ('c', "curl command", Action::CopyCurl),
            ('w', "websocat command", Action::CopyWebsocat),
            ('k', "wsdeck check command", Action::CopyCheck),
        ];
        let items = rows
            .into_iter()
            .map(|(key, label, action)| MenuItem {
                key: Some(key),
                label: label.into(),
                note: self.key_of(action).unwrap_or_default(),
                on: None,
                choice: Choice::Do(action),
            })
            .collect();
        self.model.modals.push(Modal::Menu {
            title: "Copy, secrets masked".into(),
            items,
            cursor: 0,
            stays: false,
        });
    }

    /// Something made of the attempt that is shown goes to the clipboard.
    pub(super) fn copy_of_attempt(&mut self, what: &str, make: impl Fn(Viewed<'_>) -> String) {
        match self.tab().viewed().map(make) {
            Some(text) => self.effects.push(Effect::Copy { text, what: what.into() }),
            None => self.info(NO_ATTEMPT),
        }
    }

    pub(super) fn copy_report(&mut self) {
        self.copy_of_attempt("The report", |a| report::markdown(a.evidence, a.findings));
    }

    pub(super) fn save_report(&mut self, path: &str) -> Result<(), String> {
        let path = path.trim();
        if path.is_empty() {
            return Err("it needs a path".into());
        }
        let text = self.tab().viewed().map(|a| report::markdown(a.evidence, a.findings));
        let text = text.ok_or("there is no attempt yet")?;
        let path = path.to_owned();
        self.effects.push(Effect::WriteFile { path, text, what: "The report".into() });
        Ok(())
    }

    /// Asks for the path, if there is something to save.
    pub(super) fn prompt_for_attempt(&mut self, purpose: TextPrompt) {
        if self.tab().viewed().is_none() {
            self.info(NO_ATTEMPT);
        } else {
            self.prompt(purpose);
        }
    }

    /// The record of the attempt that is shown, as JSON; its secrets were masked when it was made.
    pub(super) fn evidence_json(&mut self) -> Option<String> {
        let viewed = self.tab().viewed()?;
        serde_json::to_string_pretty(viewed.evidence).ok()
    }
}
