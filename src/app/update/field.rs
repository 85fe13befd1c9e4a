//! Editing in whatever field has the focus.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Level, Modal, Pane, RequestTab};
use crate::core::action::Action;
use crate::editor::{Edit, Editor, Motion, Outcome};

/// Characters that are copied at most: clipboards and terminals refuse more, or hang.
const LONGEST_COPY: usize = 16 * 1024 * 1024;

/// Which field has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Url,
    Composer,
    ComposerSearch,
    Params,
    Headers,
    Auth,
    Settings,
    LogSearch,
    LogFilter,
    DetailFind,
    Jq,
    Modal,
}

impl Cx<'_> {
    /// The field that gets typed text, if there is one.
    pub(super) fn field(&mut self) -> Option<(Which, &mut Editor)> {
        if let Some(modal) = self.model.modals.last_mut() {
            return match modal {
                Modal::Palette { input, .. }
                | Modal::Help { input, .. }
                | Modal::Prompt { input, .. }
                | Modal::Ways { input, .. } => Some((Which::Modal, input)),
                Modal::Confirm { .. }
                | Modal::Menu { .. }
                | Modal::Cookies { .. }
                | Modal::Stats(_)
                | Modal::Credential { .. }
                | Modal::Text { .. } => None,
            };
        }
        let index = self.model.active.min(self.model.tabs.len() - 1);
        let tab = &mut self.model.tabs[index];
        match tab.focus {
            // A tab of what requests share has no address.
            Pane::Url if tab.shares.is_some() => None,
            Pane::Url => Some((Which::Url, &mut tab.url)),
            Pane::Log if tab.log.filter.line.is_some() => {
                tab.log.filter.line.as_mut().map(|line| (Which::LogFilter, &mut line.input))
            }
            Pane::Log => tab
                .log
                .search
                .line
                .as_mut()
                .filter(|line| line.editing)
                .map(|line| (Which::LogSearch, &mut line.input)),
            Pane::Body => match tab.request_tab {
                RequestTab::Message => match &mut tab.composer.search {
                    Some(search) => Some((Which::ComposerSearch, &mut search.input)),
                    None => Some((Which::Composer, &mut tab.composer.editor)),
                },
                RequestTab::Params => tab.params.editing.as_mut().map(|e| (Which::Params, e)),
                RequestTab::Headers => tab.headers.editing.as_mut().map(|e| (Which::Headers, e)),
                RequestTab::Auth => tab.auth.editing.as_mut().map(|e| (Which::Auth, e)),
                RequestTab::Settings => tab.settings.editing.as_mut().map(|e| (Which::Settings, e)),
                RequestTab::Handshake => None,
            },
            Pane::Detail if tab.log.detail.jq.editing => {
                Some((Which::Jq, &mut tab.log.detail.jq.input))
            }
            Pane::Detail => tab
                .log
                .detail
                .find
                .line
                .as_mut()
                .filter(|line| line.editing)
                .map(|line| (Which::DetailFind, &mut line.input)),
            Pane::Bar | Pane::Saved => None,
        }
    }

    /// Edits the field in focus and lets what hangs on it follow.
    pub(super) fn edit(&mut self, edit: Edit) -> Outcome {
        let Some((which, editor)) = self.field() else { return Outcome::Unchanged };
        let is_undo = matches!(edit, Edit::Undo);
        let outcome = editor.apply(edit);
        if is_undo && outcome == Outcome::Unchanged {
            self.tell_forgotten(which);
        }
        match outcome {
            Outcome::Changed => self.field_changed(which),
            Outcome::Moved if which == Which::Composer => self.scroll_composer(),
            Outcome::Moved | Outcome::Unchanged => {}
        }
        outcome
    }

    /// Undo came to where it remembers nothing more.
    fn tell_forgotten(&mut self, which: Which) {
        let forgotten = self.tab().composer.editor.forgotten_steps();
        if which == Which::Composer && forgotten > 0 {
            let steps = if forgotten == 1 { "step is" } else { "steps are" };
            self.info(format!(
                "{forgotten} older {steps} forgotten: undo keeps 1,000 steps and 256 MiB."
            ));
        }
    }

    fn field_changed(&mut self, which: Which) {
        match which {
            Which::Url => {
                let now = self.now;
                let tab = self.tab();
                tab.history = None;
                tab.url_edited();
                tab.refresh_preview(now);
                self.touch();
            }
            Which::Composer => self.composer_changed(),
            Which::ComposerSearch => self.composer_search_changed(),
            Which::Params | Which::Headers => self.cell_changed(),
            Which::Auth => self.secret_typed(),
            Which::Settings => {}
            Which::LogSearch => self.search_changed(),
            Which::LogFilter => self.filter_typed(),
            Which::DetailFind => self.find_changed(),
            Which::Jq => self.jq_changed(),
            Which::Modal => self.modal_input_changed(),
        }
    }

    /// Actions of text fields. False if no field has the focus or it is not one of them.
    pub(super) fn edit_act(&mut self, action: Action) -> bool {
        let page = usize::from(self.model.geometry.composer.height.max(2)) - 1;
        let Some((which, editor)) = self.field() else { return false };
        let move_to = |motion, extend| Edit::Move { motion, extend };
        let edit = match action {
            Action::Left => move_to(Motion::Left, false),
            Action::Right => move_to(Motion::Right, false),
            Action::Up | Action::Down | Action::PageUp | Action::PageDown
                if which != Which::Composer =>
            {
                return self.vertical_in_line(which, action);
            }
            Action::Up => return self.composer_rows(-1, false),
            Action::Down => return self.composer_rows(1, false),
            Action::SelectUp => return self.composer_rows(-1, true),
            Action::SelectDown => return self.composer_rows(1, true),
            Action::PageUp => move_to(Motion::PageUp(page), false),
            Action::PageDown => move_to(Motion::PageDown(page), false),
            Action::WordLeft => move_to(Motion::WordLeft, false),
            Action::WordRight => move_to(Motion::WordRight, false),
            Action::LineStart => move_to(Motion::LineStart, false),
            Action::LineEnd => move_to(Motion::LineEnd, false),
            Action::First => move_to(Motion::TextStart, false),
            Action::Last => move_to(Motion::TextEnd, false),
            Action::SelectLeft => move_to(Motion::Left, true),
            Action::SelectRight => move_to(Motion::Right, true),
            Action::SelectWordLeft => move_to(Motion::WordLeft, true),
            Action::SelectWordRight => move_to(Motion::WordRight, true),
            Action::SelectLineStart => move_to(Motion::LineStart, true),
            Action::SelectLineEnd => move_to(Motion::LineEnd, true),
            Action::SelectAll => Edit::SelectAll,
            Action::Undo => Edit::Undo,
            Action::Redo => Edit::Redo,
            Action::DeleteLeft => Edit::Backspace,
            Action::DeleteRight => Edit::Delete,
            Action::DeleteWordLeft => Edit::DeleteWordBack,
            Action::DeleteWordRight => Edit::DeleteWordForward,
            Action::DeleteToStart => Edit::DeleteToLineStart,
            Action::DeleteToEnd => Edit::DeleteToLineEnd,
            Action::Newline => Edit::NewLine,
            Action::Indent => Edit::Indent,
            Action::Outdent => Edit::Outdent,
            Action::Paste => {
                self.effects.push(Effect::Paste);
                return true;
            }
            Action::Copy | Action::CutText => {
                if editor.is_masked() {
                    self.info("A masked secret is not copied. Reveal it first.");
                    return true;
                }
                if editor.selection().is_some_and(|range| range.len() > LONGEST_COPY) {
                    self.say(
                        Level::Warning,
                        "More than 16 MiB are selected, which no clipboard takes: nothing was copied.",
                    );
                    return true;
                }
                let text = editor.selected_text();
                if text.is_empty() {
                    // Ctrl+C without a selection is a reflex for "get me out of here".
                    if action == Action::Copy {
                        self.info("Nothing is selected. Ctrl+Q leaves wsdeck.");
                    }
                    return true;
                }
                self.effects.push(Effect::Copy { text, what: "The selection".into() });
                if action == Action::CutText {
                    self.edit(Edit::Delete);
                }
                return true;
            }
            Action::Complete => return self.complete(which),
            Action::Submit => return self.submit(which),
            _ => return false,
        };
        self.edit(edit);
        true
    }

    /// Up and down in a field of one line: history, lists, the row of a table above.
    fn vertical_in_line(&mut self, which: Which, action: Action) -> bool {
        let up = matches!(action, Action::Up | Action::PageUp);
        match which {
            Which::Url => self.walk_history(up),
            Which::Params | Which::Headers => self.cell_vertical(up),
            Which::LogSearch => self.search_step(!up),
            Which::LogFilter => self.filter_recall(up),
            Which::DetailFind => {
                self.find_step(!up);
            }
            Which::Jq => self.jq_walk(up),
            Which::ComposerSearch => self.composer_find(!up),
            Which::Auth | Which::Settings => {
                self.form_submit_and_move(if up { -1 } else { 1 });
            }
            Which::Modal | Which::Composer => {}
        }
        true
    }

    fn submit(&mut self, which: Which) -> bool {
        match which {
            Which::Url => self.connect(),
            Which::Params | Which::Headers => self.cell_submit(),
            Which::Auth | Which::Settings => self.form_submit(),
            Which::LogSearch => self.search_submit(),
            Which::LogFilter => self.filter_submit(),
            Which::DetailFind => self.find_submit(),
            Which::Jq => self.jq_submit(),
            Which::ComposerSearch => self.composer_find(true),
            Which::Composer | Which::Modal => return false,
        }
        true
    }

    /// Tab in a line: takes what is offered, else goes on.
    fn complete(&mut self, which: Which) -> bool {
        match which {
            Which::Headers | Which::Params => self.cell_complete(),
            Which::Auth | Which::Settings => {
                self.form_submit_and_move(1);
            }
            Which::LogFilter => self.filter_complete(),
            Which::LogSearch => {
                self.search_submit();
            }
            Which::DetailFind => self.find_submit(),
            Which::Jq => self.jq_submit(),
            Which::ComposerSearch => self.composer_find(true),
            Which::Modal => {}
            Which::Url | Which::Composer => return false,
        }
        true
    }
}
