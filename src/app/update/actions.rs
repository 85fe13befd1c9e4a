//! Actions that mean the same everywhere.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Modal, Pane, Question, RequestTab, Section, TextPrompt};
use crate::core::action::Action;
use crate::core::event::Command;
use crate::core::stage::ConnectionState;
use crate::payload::{Kind, classify};
use crate::report;

impl Cx<'_> {
    /// False if the action depends on where the focus is.
    pub(super) fn global_act(&mut self, action: Action) -> bool {
        match action {
            Action::Quit => self.quit(),
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Redraw => self.effects.push(Effect::Redraw),
            Action::Palette => self.open_palette(),
            Action::Help => self.open_help(),
            Action::GoTo => self.open_go_to(),
            Action::Cancel => self.cancel(),
            Action::NextPane => self.step_pane(true),
            Action::PreviousPane => self.step_pane(false),
            Action::NewTab => self.new_tab(),
            Action::CloseTab => self.close_tab(),
            Action::DuplicateTab => self.duplicate_tab(),
            Action::RenameTab => self.prompt(TextPrompt::RenameTab),
            Action::MoveToFolder => self.prompt(TextPrompt::MoveToFolder),
            Action::EditFolder => self.edit_folder(),
            Action::EditWorkspace => self.edit_workspace(),
            Action::NextTab => self.step_tab(true),
            Action::PreviousTab => self.step_tab(false),
            Action::GoUrl => self.focus(Pane::Url),
            Action::GoMessage => self.go_body(RequestTab::Message),
            Action::GoParams => self.go_body(RequestTab::Params),
            Action::GoHeaders => self.go_body(RequestTab::Headers),
            Action::GoAuth => self.go_body(RequestTab::Auth),
            Action::GoSettings => self.go_body(RequestTab::Settings),
            Action::GoHandshake => self.go_body(RequestTab::Handshake),
            Action::GoLog => self.focus(Pane::Log),
            Action::GoDetail => self.focus(Pane::Detail),
            Action::GoSaved => self.focus(Pane::Saved),
            Action::ToggleSaved => {
                self.model.show_saved = !self.model.show_saved;
                self.leave_hidden();
            }
            Action::ToggleDetail => {
                self.model.show_detail = !self.model.show_detail;
                self.leave_hidden();
            }
            Action::GrowLog => self.model.split = self.model.split.saturating_sub(5).max(15),
            Action::ShrinkLog => self.model.split = (self.model.split + 5).min(80),
            Action::Connect => self.connect(),
            Action::Disconnect => self.disconnect(),
            Action::CloseWith => self.prompt(TextPrompt::CloseWith),
            Action::Cut => self.cut(),
            Action::Ping => self.ping(),
            Action::Send => self.send(),
            Action::ChooseKind => self.open_kinds(),
            Action::NextBinaryForm => self.next_binary_form(),
            Action::TextFromFile => self.text_from_file(),
            Action::StopTransfer => self.ask_stop_file(),
            Action::Beautify => self.beautify(true),
            Action::Minify => self.beautify(false),
            Action::SaveMessage => self.prompt(TextPrompt::SaveMessage),
            Action::OpenFile => self.prompt(TextPrompt::OpenFile),
            Action::ExternalEditor => self.edit_outside(),
            Action::Search => self.open_search(),
            Action::SearchNext => self.search_any(true),
            Action::SearchPrevious => self.search_any(false),
            Action::ToggleRegex => self.toggle_search(true),
            Action::ToggleCase => self.toggle_search(false),
            Action::Reveal => self.reveal(),
            Action::ChooseWay => self.open_ways(false),
            Action::ConnectModelArts => self.connect_guided(),
            Action::PreviewRequest => self.show_sent(),
            Action::ForgetToken => self.forget_token(),
            Action::Cookies => self.open_cookies(),
            Action::Statistics => self.open_stats(),
            Action::TogglePairs => self.toggle_pairs(),
            Action::JumpToMate => self.jump_to_mate(),
            Action::MendAddress => self.mend_address(),
            Action::ApplyFix1 => self.apply_fix(0),
            Action::ApplyFix2 => self.apply_fix(1),
            Action::ApplyFix3 => self.apply_fix(2),
            Action::ChooseFix => self.choose_fix(),
            Action::UndoFix => self.undo_fix(),
            Action::ExplainFinding => self.explain(),
            Action::LookUpError => self.prompt(TextPrompt::LookUp),
            Action::Probe => self.probe(),
            Action::SaveEvidence => self.prompt_for_attempt(TextPrompt::SaveEvidence),
            Action::SaveReport => self.prompt_for_attempt(TextPrompt::SaveReport),
            Action::CopyReport => self.copy_report(),
            Action::CopyCurl => {
                self.copy_of_attempt("The curl command", |a| report::curl(a.evidence))
            }
            Action::CopyWebsocat => {
                self.copy_of_attempt("The websocat command", |a| report::websocat(a.evidence));
            }
            Action::CopyCheck => {
                self.copy_of_attempt("The command", |a| report::wsdeck(a.evidence));
            }
            Action::ShowOverview => self.show_section(Section::Overview),
            Action::ShowExchange => self.show_section(Section::Exchange),
            Action::ShowTls => self.show_section(Section::Tls),
            Action::ShowNetwork => self.show_section(Section::Network),
            Action::ShowSession => self.show_section(Section::Session),
            Action::ShowProbes => self.show_section(Section::Probes),
            Action::ShowAttempts => self.show_section(Section::Attempts),
            Action::MarkAttempt => self.mark_attempt(),
            Action::ToggleSame => self.toggle_same(),
            Action::CopyEvidence => self.copy_evidence(),
            Action::ClearLog => self.ask_clear_log(),
            Action::Follow => self.follow(),
            Action::FilterDirection => self.filter_direction(),
            Action::FilterKind => self.open_filter(),
            Action::FilterClear => self.filter_clear(),
            Action::FilterLine => self.open_filter_line(),
            Action::FilterLike => self.filter_like(),
            Action::FilterMenu => self.open_log_rules(),
            Action::FilterSave => self.save_filter(),
            Action::AddHighlight => self.add_highlight(),
            _ => return self.log_view_act(action) || self.wire_act(action),
        }
        true
    }

    fn go_body(&mut self, request_tab: RequestTab) {
        self.leave_fields();
        self.go(request_tab);
    }

    /// Actions that belong to one place, asked for from another (the palette): goes there.
    pub(super) fn act_elsewhere(&mut self, action: Action) {
        let log = matches!(
            action,
            Action::OpenDetail
                | Action::CopyPreview
                | Action::CopyWhole
                | Action::CopyHex
                | Action::CopyBase64
                | Action::CopyMenu
                | Action::Resend
                | Action::LoadIntoComposer
        );
        if self.detail_only(action) {
            return;
        }
        if log {
            self.log_act(action);
            return;
        }
        let saved = matches!(
            action,
            Action::SendSaved
                | Action::LoadSaved
                | Action::DeleteSaved
                | Action::RenameSaved
                | Action::ToggleOnOpen
        );
        if saved {
            self.focus(Pane::Saved);
            self.saved_act(action);
            return;
        }
        if matches!(
            action,
            Action::SendNextKind
                | Action::SendPreviousKind
                | Action::ToggleWrap
                | Action::ShowProblem
                | Action::ToggleOverwrite
        ) {
            self.composer_act(action);
        }
    }

    fn leave_hidden(&mut self) {
        let (saved, detail) = (self.model.show_saved, self.model.show_detail);
        let tab = self.tab();
        if (tab.focus == Pane::Saved && !saved) || (tab.focus == Pane::Detail && !detail) {
            tab.focus = Pane::Log;
        }
    }

    /// Esc: out of the innermost thing.
    fn cancel(&mut self) {
        self.model.notice = None;
        let tab = self.tab();
        if tab.params.editing.take().is_some() || tab.headers.editing.take().is_some() {
            return;
        }
        if tab.auth.editing.take().is_some() || tab.settings.editing.take().is_some() {
            return;
        }
        if tab.focus == Pane::Body
            && tab.request_tab == RequestTab::Message
            && tab.composer.search.take().is_some()
        {
            return;
        }
        if tab.focus == Pane::Log && tab.log.filter.line.take().is_some() {
            return;
        }
        let message = tab.focus == Pane::Body && tab.request_tab == RequestTab::Message;
        if message && self.stop_work() {
            return;
        }
        let tab = self.tab();
        if tab.focus == Pane::Log && tab.log.search.line.is_some() {
            self.close_search();
            return;
        }
        let tab = self.tab();
        if tab.focus == Pane::Log && tab.log.anchor.take().is_some() {
            return;
        }
        if tab.focus == Pane::Detail {
            if !self.detail_cancel() {
                self.tab().focus = Pane::Log;
            }
            return;
        }
        let handshake = tab.focus == Pane::Body && tab.request_tab == RequestTab::Handshake;
        if handshake && tab.handshake.viewed.is_some() {
            tab.handshake.view(None);
            tab.handshake.section = Section::Attempts;
            return;
        }
        if tab.conn.reconnect.is_some() {
            self.stop_reconnecting();
            return;
        }
        if tab.conn.probing.is_some() {
            let index = self.model.active;
            self.stop_probes(index);
            return;
        }
        let tab = self.tab();
        if matches!(tab.conn.state, ConnectionState::Connecting(_)) {
            self.disconnect();
            return;
        }
        match tab.focus {
            // From text to where letters are commands, so that there is always a way out.
            Pane::Body if tab.request_tab == RequestTab::Message => tab.focus = Pane::Bar,
            Pane::Url => tab.focus = Pane::Bar,
            Pane::Log if !tab.log.follow => self.follow(),
            _ => {}
        }
    }

    fn quit(&mut self) {
        let open = self.model.tabs.iter().filter(|tab| tab.conn.state.is_live()).count();
        if open == 0 || !self.model.settings.interface.confirm_quit {
            self.quit_now();
            return;
        }
        let what = if open == 1 {
            "A connection is".to_owned()
        } else {
            format!("{open} connections are")
        };
        self.model.modals.push(Modal::Confirm {
            title: "Leave wsdeck?".into(),
            text: format!("{what} open and will be closed."),
            yes: "Leave",
            no: "Stay",
            question: Question::Quit,
            on_yes: true,
        });
    }

    pub(super) fn quit_now(&mut self) {
        let open: Vec<_> = self
            .model
            .tabs
            .iter()
            .filter(|tab| tab.conn.state == ConnectionState::Open)
            .filter_map(|tab| tab.conn.id)
            .collect();
        for id in open {
            let reason = String::new();
            self.effects.push(Effect::Command(id, Command::Close { code: Some(1000), reason }));
        }
        self.model.quit = true;
        self.model.draft_at = None;
        self.effects.push(Effect::Save);
        self.effects.push(Effect::Quit);
    }

    fn reveal(&mut self) {
        let tab = self.tab();
        let on = match tab.request_tab {
            RequestTab::Auth => {
                tab.auth.reveal = !tab.auth.reveal;
                let reveal = tab.auth.reveal;
                if let Some(editor) = &mut tab.auth.editing {
                    editor.set_mask(!reveal);
                }
                reveal
            }
            RequestTab::Headers => {
                tab.headers.reveal = !tab.headers.reveal;
                tab.headers.reveal
            }
            RequestTab::Params => {
                tab.params.reveal = !tab.params.reveal;
                tab.params.reveal
            }
            _ => {
                self.info("Secrets are in Params, Headers and Auth.");
                return;
            }
        };
        self.info(if on { "Secrets are shown in clear." } else { "Secrets are masked." });
    }

    /// Puts a message into the composer and shows it there, to be looked at and sent. What stood
    /// there comes back by undoing.
    pub(super) fn prepare_message(&mut self, label: &str, text: &str) {
        // A frame's end mark is no JSON; the text is sent as it stands.
        let marked = text.chars().any(|c| c.is_control() && c != '\n');
        let kind = if marked { Kind::Text } else { classify(text.as_bytes(), true) };
        self.tab().composer.editor.set_text(text);
        self.go_body(RequestTab::Message);
        self.set_kind(kind);
        self.composer_changed();
        self.info(format!("Done: {label}. It is in the composer; send it once connected."));
    }
}
