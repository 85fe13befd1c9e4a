//! Keys and choices while a window is open.

use super::Cx;
use super::reflow::{reading_width, reflow};
use crate::app::effect::Effect;
use crate::app::model::{Choice, JUMP_TAKES, Level, Modal, Question, TextPrompt};
use crate::core::action::Action;
use crate::core::message::MessageKind;
use crate::editor::{Editor, Field, Mode, Viewport};
use crate::payload::BinaryForm;

impl Cx<'_> {
    /// An action while a window is open. False if the window has no use for it and the rest of
    /// the program may.
    pub(super) fn modal_act(&mut self, action: Action) -> bool {
        let page = usize::from(self.model.geometry.modal.height.max(2)) - 1;
        if matches!(action, Action::Quit | Action::Suspend | Action::Redraw) {
            return false;
        }
        if matches!(self.model.modals.last(), Some(Modal::Credential { .. })) {
            return self.credential_act(action);
        }
        if action == Action::Cancel {
            self.model.modals.pop();
            return true;
        }
        if matches!(self.model.modals.last(), Some(Modal::Stats(_))) {
            self.stats_act(action);
            return true;
        }
        let Some(modal) = self.model.modals.last_mut() else { return false };
        match modal {
            Modal::Palette { items, cursor, .. } => {
                let last = items.len().saturating_sub(1);
                match action {
                    Action::Submit => {
                        if let Some(action) = items.get(*cursor).copied() {
                            self.model.modals.pop();
                            self.act(action);
                        }
                        return true;
                    }
                    action => {
                        if let Some(next) = step(*cursor, last, page, action) {
                            *cursor = next;
                            return true;
                        }
                    }
                }
                self.edit_act(action);
            }
            Modal::Help { scroll, .. } => match step(*scroll, usize::MAX / 2, page, action) {
                Some(next) => *scroll = next,
                None if action == Action::Submit || action == Action::Help => {
                    self.model.modals.pop();
                }
                None => {
                    self.edit_act(action);
                }
            },
            Modal::Confirm { on_yes, question, .. } => match action {
                Action::Left
                | Action::Right
                | Action::NextPane
                | Action::PreviousPane
                | Action::Up
                | Action::Down => {
                    *on_yes = !*on_yes;
                }
                Action::Submit | Action::Send => {
                    let (yes, question) = (*on_yes, question.clone());
                    self.model.modals.pop();
                    if yes {
                        self.answer(question);
                    }
                }
                _ => {}
            },
            Modal::Menu { items, cursor, .. } => match action {
                Action::Submit => {
                    let at = *cursor;
                    self.choose(at);
                }
                action => {
                    if let Some(next) = step(*cursor, items.len().saturating_sub(1), page, action) {
                        *cursor = next;
                    }
                }
            },
            Modal::Ways { list, .. } => {
                if action == Action::Submit {
                    self.take_way();
                } else if let Some(next) =
                    step(list.cursor, list.lines.len().saturating_sub(1), page, action)
                {
                    list.cursor = next;
                } else {
                    self.edit_act(action);
                }
            }
            Modal::Cookies { rows, cursor } => {
                if let Some(next) = step(*cursor, rows.len().saturating_sub(1), page, action) {
                    *cursor = next;
                }
            }
            // They were looked after above.
            Modal::Stats(_) | Modal::Credential { .. } => {}
            Modal::Prompt { .. } => {
                if action == Action::Submit {
                    self.submit_prompt();
                } else {
                    self.edit_act(action);
                }
            }
            Modal::Text { text, viewport, source, .. } => {
                let page = isize::try_from(page).unwrap_or(1);
                let rows = match action {
                    Action::Up => -1,
                    Action::Down => 1,
                    Action::PageUp => -page,
                    Action::PageDown => page,
                    Action::First => isize::MIN / 2,
                    Action::Last => isize::MAX / 2,
                    Action::Copy => {
                        let text = source.clone().unwrap_or_else(|| text.text());
                        self.effects.push(Effect::Copy { text, what: "The text".into() });
                        return true;
                    }
                    Action::Submit => {
                        self.model.modals.pop();
                        return true;
                    }
                    _ => return true,
                };
                let view = self.model.geometry.modal;
                viewport.width = view.width.max(1);
                viewport.height = view.height.max(1);
                viewport.scroll_rows(text, rows);
            }
        }
        true
    }

    /// A letter in a window without a field: chooses a line, answers a question.
    pub(super) fn modal_letter(&mut self, c: char) -> bool {
        match self.model.modals.last_mut() {
            Some(Modal::Menu { items, cursor, .. }) => {
                if c == ' ' {
                    let at = *cursor;
                    self.choose(at);
                    return true;
                }
                let place = items
                    .iter()
                    .position(|item| item.key.is_some_and(|key| key.eq_ignore_ascii_case(&c)));
                if let Some(at) = place {
                    *cursor = at;
                    self.choose(at);
                }
                true
            }
            Some(Modal::Confirm { question, .. }) => {
                let question = question.clone();
                match c {
                    'y' | 'Y' => {
                        self.model.modals.pop();
                        self.answer(question);
                    }
                    'n' | 'N' => {
                        self.model.modals.pop();
                    }
                    _ => {}
                }
                true
            }
            Some(Modal::Cookies { .. }) => {
                self.cookies_letter(c);
                true
            }
            Some(Modal::Stats(_)) => {
                self.stats_letter(c);
                true
            }
            Some(Modal::Credential { .. }) => {
                self.credential_letter(c);
                true
            }
            _ => false,
        }
    }

    fn answer(&mut self, question: Question) {
        match question {
            Question::Quit => self.quit_now(),
            Question::CloseTab(id) => self.close_tab_now(id),
            Question::ClearLog(id) => self.clear_log(id),
            Question::ConnectAndSend(id) => self.connect_and_send(id),
            Question::LastTry(id) => self.connect_anyway(id),
            Question::DeleteSaved(id, at) => self.delete_saved(id, at),
            Question::SavePayload(_) => self.ask_save_payload(),
            Question::EmptyJar => self.effects.push(Effect::ForgetCookies(None)),
            Question::SendFile(id, file) => self.send_file(id, *file),
            Question::StopFile(id, transfer) => self.stop_file(id, transfer),
            Question::Probe(id, at) => self.probe_with_consent(id, at),
        }
    }

    /// Takes a line of the menu.
    pub(super) fn choose(&mut self, at: usize) {
        let Some(Modal::Menu { items, stays, .. }) = self.model.modals.last() else { return };
        let Some(choice) = items.get(at).map(|item| item.choice.clone()) else { return };
        if !*stays {
            self.model.modals.pop();
        }
        match choice {
            Choice::Do(action) => self.act(action),
            Choice::Kind(kind) => self.set_kind(kind),
            Choice::Form(form) => self.set_form(form),
            Choice::View(view) => self.set_view(view),
            Choice::MessageType(name) => self.set_message_type(name),
            Choice::FoldTo(depth) => self.fold_to(depth),
            Choice::FoldBelow(folded) => self.fold_below_cursor(folded),
            Choice::FromFile(kind, path) => self.compose(kind, BinaryForm::File, &path),
            Choice::LoadWhole(path) => self.load_whole(path),
            Choice::Fix(at) => self.apply_fix(at),
            Choice::Page(id) => self.show_page(id),
            Choice::GuideField(name, value) => {
                if let Err(why) = self.guide_field(name, value) {
                    self.say(Level::Warning, why);
                }
            }
            Choice::Rule(choice) => self.choose_rule(choice),
            Choice::ShowKind(kind) => {
                let place = MessageKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
                let shown = &mut self.tab().log.shown;
                shown.kinds[place] = !shown.kinds[place];
                self.refresh_filter_menu();
            }
            Choice::Column(column) => self.toggle_column(column),
            Choice::ColumnsAuto => self.columns_auto(),
            Choice::Row(number) => self.go_marked(number),
            Choice::ShowNotes => {
                let shown = &mut self.tab().log.shown;
                shown.notes = !shown.notes;
                self.refresh_filter_menu();
            }
        }
    }

    fn refresh_filter_menu(&mut self) {
        self.shown_changed();
        let fresh = self.filter_items();
        if let Some(Modal::Menu { items, .. }) = self.model.modals.last_mut() {
            *items = fresh;
        }
    }

    /// The input of the window changed.
    pub(super) fn modal_input_changed(&mut self) {
        match self.model.modals.last_mut() {
            Some(Modal::Palette { input, items, cursor }) => {
                *items = super::palette::ranked(&self.model.keymap, &input.text());
                *cursor = 0;
            }
            Some(Modal::Help { scroll, .. }) => *scroll = 0,
            Some(Modal::Ways { input, list }) => list.filter(&input.text()),
            Some(Modal::Prompt { problem, .. }) => *problem = None,
            _ => {}
        }
    }

    pub(super) fn prompt(&mut self, purpose: TextPrompt) {
        let tab = self.tab();
        let (title, help, text) = match purpose {
            TextPrompt::CloseWith => (
                "Close with a code",
                "A number from 1000 to 4999, then the reason: 1000 bye",
                "1000 ".to_owned(),
            ),
            TextPrompt::Fragments
            | TextPrompt::PingWith
            | TextPrompt::Pong
            | TextPrompt::PongDelay
            | TextPrompt::RawFrame => Self::wire_prompt(purpose),
            TextPrompt::RenameTab => {
                ("Name of this tab", "Empty shows the host again.", tab.name.clone())
            }
            TextPrompt::MoveToFolder => (
                "Folder of this request",
                "A path such as team/chat, made if it is not there; empty for the top.",
                tab.folder.clone(),
            ),
            TextPrompt::SaveMessage => (
                "Keep this message",
                "A name for it. An equal name is replaced.",
                tab.saved.get(tab.saved_cursor).map(|s| s.name.clone()).unwrap_or_default(),
            ),
            TextPrompt::RenameSaved(at) => (
                "Name of the message",
                "",
                tab.saved.get(at).map(|s| s.name.clone()).unwrap_or_default(),
            ),
            TextPrompt::Jump => ("Go to", JUMP_TAKES, String::new()),
            TextPrompt::NameBookmark(row) => (
                "Name of the bookmark",
                "It may be empty.",
                tab.log.marks.get(row).and_then(|m| m.bookmark.clone()).unwrap_or_default(),
            ),
            TextPrompt::Annotate(row) => (
                "Note about this row",
                "An empty one takes the note away.",
                tab.log.marks.get(row).map(|m| m.note.clone()).unwrap_or_default(),
            ),
            TextPrompt::OpenFile => (
                "Take the message from a file",
                "Text is put into the composer; other bytes, and what is very large, are sent from the file.",
                String::new(),
            ),
            TextPrompt::GuideAddress => (
                "Connect to ModelArts",
                "The API address of the service, from its Usage Guides. Enter goes on to the ways \
                 that fit it.",
                tab.draft.url.clone(),
            ),
            TextPrompt::GuideField(name) => {
                let (title, help, input) = self.guide_prompt(name);
                let problem = None;
                self.model.modals.push(Modal::Prompt { title, help, input, purpose, problem });
                return;
            }
            TextPrompt::SaveFilter
            | TextPrompt::RenameFilter(_)
            | TextPrompt::HighlightQuery(_)
            | TextPrompt::HighlightWord(_) => self.rule_prompt(purpose),
            TextPrompt::LookUp => (
                "What did the other program say?",
                "A word or a whole line: ECONNREFUSED, wrong version number, 1006",
                String::new(),
            ),
            TextPrompt::SchemaFiles => (
                "Types for messages of Protobuf",
                "Paths of .proto files, or of a descriptor set; empty for none. Kept until wsdeck ends.",
                tab.log.detail.schema_from.clone(),
            ),
            TextPrompt::SavePayload => (
                "Save the message",
                "The exact bytes of its payload, secrets too.",
                self.payload_file_name(),
            ),
            TextPrompt::SaveEvidence => (
                "Save the record of this attempt",
                "Secrets in it are masked.",
                "wsdeck-evidence.json".to_owned(),
            ),
            TextPrompt::SaveReport => (
                "Save a report of this attempt",
                "Markdown, for a bug tracker. Secrets in it are masked.",
                "wsdeck-report.md".to_owned(),
            ),
        };
        let mut input = Editor::for_field(Field::line());
        input.reset_text(&text);
        if purpose == TextPrompt::CloseWith {
            input.apply(crate::editor::Edit::Move {
                motion: crate::editor::Motion::LineEnd,
                extend: false,
            });
        } else {
            input.select_all();
        }
        self.model.modals.push(Modal::Prompt {
            title: title.into(),
            help: help.into(),
            input,
            purpose,
            problem: None,
        });
    }

    fn submit_prompt(&mut self) {
        let Some(Modal::Prompt { input, purpose, .. }) = self.model.modals.last() else { return };
        let (text, purpose) = (input.text(), *purpose);
        let result = match purpose {
            TextPrompt::CloseWith => self.close_with(&text),
            TextPrompt::Fragments
            | TextPrompt::PingWith
            | TextPrompt::Pong
            | TextPrompt::PongDelay
            | TextPrompt::RawFrame => self.wire_typed(purpose, &text),
            TextPrompt::RenameTab => {
                text.trim().clone_into(&mut self.tab().name);
                self.touch();
                Ok(())
            }
            TextPrompt::MoveToFolder => self.move_to_folder(&text),
            TextPrompt::SaveMessage => self.save_message(&text),
            TextPrompt::RenameSaved(at) => self.rename_saved(at, &text),
            TextPrompt::Jump => self.jump(&text),
            TextPrompt::NameBookmark(row) => self.name_bookmark(row, &text),
            TextPrompt::Annotate(row) => self.annotate(row, &text),
            TextPrompt::OpenFile => self.open_file(&text),
            TextPrompt::SchemaFiles => self.load_schema(&text),
            TextPrompt::SavePayload => self.save_payload(&text),
            TextPrompt::SaveEvidence => self.save_evidence(&text),
            TextPrompt::SaveReport => self.save_report(&text),
            TextPrompt::LookUp => self.look_up(&text),
            TextPrompt::SaveFilter
            | TextPrompt::RenameFilter(_)
            | TextPrompt::HighlightQuery(_)
            | TextPrompt::HighlightWord(_) => self.rule_submit(purpose, &text),
            TextPrompt::GuideAddress => self.guide_address(&text),
            TextPrompt::GuideField(name) => self.guide_field(name, &text),
        };
        match result {
            Ok(()) => {
                self.model.modals.retain(
                    |modal| !matches!(modal, Modal::Prompt { purpose: p, .. } if *p == purpose),
                );
            }
            Err(why) => {
                if let Some(Modal::Prompt { problem, .. }) = self.model.modals.last_mut() {
                    *problem = Some(why);
                }
            }
        }
    }

    /// A window with a long text to read.
    pub(super) fn show_text(&mut self, title: &str, text: &str) {
        let mut editor = Editor::new(Mode::Text);
        let width = reading_width(self.model.geometry.screen.width);
        editor.reset_text(&reflow(text, width));
        let mut viewport = Viewport::new(76, 20);
        viewport.wrap = true;
        self.model.modals.push(Modal::Text {
            title: title.into(),
            source: Some(text.into()),
            text: editor,
            viewport,
        });
    }

    /// A window with lines that stand as they are.
    pub(super) fn show_lines(&mut self, title: &str, text: &str) {
        let mut editor = Editor::new(Mode::Text);
        editor.reset_text(text);
        let mut viewport = Viewport::new(76, 20);
        viewport.wrap = true;
        let title = title.into();
        self.model.modals.push(Modal::Text { title, source: None, text: editor, viewport });
    }

    /// The screen has another width: what is read is filled anew.
    pub(super) fn reflow_reader(&mut self) {
        let width = reading_width(self.model.geometry.screen.width);
        for modal in &mut self.model.modals {
            if let Modal::Text { source: Some(source), text, .. } = modal {
                text.reset_text(&reflow(source, width));
            }
        }
    }
}

/// Where a cursor goes in a list; `None` if the action is not about that.
fn step(at: usize, last: usize, page: usize, action: Action) -> Option<usize> {
    Some(match action {
        Action::Up | Action::PreviousPane => at.saturating_sub(1),
        Action::Down | Action::NextPane => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(last),
        _ => return None,
    })
}
