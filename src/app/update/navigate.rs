//! Going from place to place, and moving inside of those that are not text.

use super::Cx;
use crate::app::model::{Level, Pane, RequestTab};
use crate::core::action::Action;

impl Cx<'_> {
    pub(super) fn go(&mut self, request_tab: RequestTab) {
        let tab = self.tab();
        tab.request_tab = request_tab;
        tab.focus = Pane::Body;
    }

    pub(super) fn focus(&mut self, pane: Pane) {
        self.leave_fields();
        match pane {
            Pane::Saved => self.model.show_saved = true,
            Pane::Detail => self.model.show_detail = true,
            _ => {}
        }
        self.tab().focus = pane;
    }

    /// A field that is left keeps what was typed.
    pub(super) fn leave_fields(&mut self) {
        self.tab().log.detail.stop_typing();
        if self.tab().params.editing.is_some() || self.tab().headers.editing.is_some() {
            self.cell_submit();
        }
        if self.tab().auth.editing.is_some() || self.tab().settings.editing.is_some() {
            self.form_submit();
            // What could not be taken is given up, and said where it is seen from everywhere.
            let tab = self.tab();
            let auth = tab.auth.editing.take().and(tab.auth.remark.take());
            let settings = tab.settings.editing.take().and(tab.settings.remark.take());
            if let Some(why) = auth.or(settings) {
                self.say(Level::Warning, format!("Not taken: {why}."));
            }
        }
    }

    pub(super) fn step_pane(&mut self, forward: bool) {
        self.leave_fields();
        let (saved, detail) = (self.model.show_saved, self.model.show_detail);
        let tab = self.tab();
        if let Some(line) = &mut tab.log.search.line {
            line.editing = false;
        }
        tab.log.filter.line = None;
        let has_saved = saved && !tab.saved.is_empty();
        tab.focus = tab.focus.step(forward, |pane| match pane {
            Pane::Saved => has_saved,
            Pane::Detail => detail,
            _ => true,
        });
    }

    /// Actions of the pane in focus, where no text is typed. False if it does not know the action.
    pub(super) fn pane_act(&mut self, action: Action) -> bool {
        match self.tab().focus {
            Pane::Bar => self.bar_act(action),
            Pane::Saved => self.saved_act(action),
            Pane::Log => self.log_act(action),
            Pane::Detail => self.detail_act(action),
            Pane::Url => false,
            Pane::Body => match self.tab().request_tab {
                RequestTab::Message => self.composer_act(action),
                RequestTab::Params | RequestTab::Headers => self.table_act(action),
                RequestTab::Auth | RequestTab::Settings => self.form_act(action),
                RequestTab::Handshake => self.handshake_act(action),
            },
        }
    }

    fn bar_act(&mut self, action: Action) -> bool {
        let tab = self.tab();
        match action {
            Action::Left | Action::Right => {
                tab.request_tab = tab.request_tab.step(action == Action::Right);
            }
            Action::First => tab.request_tab = RequestTab::Message,
            Action::Last => tab.request_tab = RequestTab::Handshake,
            Action::Down | Action::Submit => tab.focus = Pane::Body,
            Action::Up => tab.focus = Pane::Url,
            _ => return false,
        }
        true
    }
}
