//! Connection tabs: new, close, copy, go.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Modal, Pane, Question, TabId};
use crate::core::request::RequestDraft;
use crate::log::Scan as _;

impl Cx<'_> {
    pub(super) fn new_tab(&mut self) {
        let settings = self.model.settings.request.clone();
        let draft = RequestDraft { settings, ..RequestDraft::default() };
        self.model.push_tab(draft, String::new());
        self.touch();
    }

    pub(super) fn duplicate_tab(&mut self) {
        let draft = self.tab().draft.clone();
        let name = self.tab().name.clone();
        let saved = self.tab().saved.clone();
        let text = self.tab().composer.editor.rope().clone();
        let (kind, form) = (self.tab().composer.kind, self.tab().composer.form);
        let tab = self.model.push_tab(draft, name);
        tab.saved = saved;
        tab.composer.kind = kind;
        tab.composer.form = form;
        tab.composer.editor.reset_rope(text);
        let now = self.now;
        self.tab().refresh_preview(now);
        self.validate();
        self.touch();
    }

    pub(super) fn close_tab(&mut self) {
        let id = self.tab().id;
        if self.tab().conn.state.is_live() {
            self.model.modals.push(Modal::Confirm {
                title: "Close this tab?".into(),
                text: "Its connection is open and will be cut; its log goes with it.".into(),
                yes: "Close",
                no: "Keep",
                question: Question::CloseTab(id),
                on_yes: true,
            });
        } else {
            self.close_tab_now(id);
        }
    }

    pub(super) fn close_tab_now(&mut self, id: TabId) {
        let Some(index) = self.model.tabs.iter().position(|tab| tab.id == id) else { return };
        let mut tab = self.model.tabs.remove(index);
        self.let_go(&mut tab.composer);
        if let Some(search) = &tab.log.search.search {
            search.cancel();
        }
        if let Some(sieve) = &tab.log.filter.sieve {
            sieve.cancel();
        }
        if let Some(conn) = tab.conn.id {
            self.effects.push(Effect::Forget(conn));
        }
        if self.model.tabs.is_empty() {
            self.new_tab();
        }
        if self.model.active > index || self.model.active >= self.model.tabs.len() {
            self.model.active = self.model.active.saturating_sub(1);
        }
        self.touch();
    }

    pub(super) fn step_tab(&mut self, forward: bool) {
        let len = self.model.tabs.len();
        let next = (self.model.active + if forward { 1 } else { len - 1 }) % len;
        self.select_tab(next);
    }

    pub(super) fn select_tab(&mut self, index: usize) {
        if index >= self.model.tabs.len() {
            return;
        }
        self.leave_fields();
        self.model.active = index;
        self.tab().unseen = 0;
        if self.tab().focus == Pane::Saved && !self.model.show_saved {
            self.tab().focus = Pane::Log;
        }
    }
}
