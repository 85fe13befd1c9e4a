//! Actions in the detail.

use crate::app::model::{Against, Body, Pane};
use crate::app::update::Cx;
use crate::core::action::Action;

impl Cx<'_> {
    /// Actions of the detail while it has the keys. False if neither it nor the log knows the
    /// action.
    pub(in crate::app::update) fn detail_act(&mut self, action: Action) -> bool {
        self.detail_measure();
        if matches!(self.tab().log.detail.body, Body::Tree(_)) && self.tree_act(action) {
            return true;
        }
        if self.scroll_act(action) || self.detail_only(action) {
            return true;
        }
        match action {
            Action::ExtendUp | Action::ExtendDown => true,
            _ => self.log_act(action),
        }
    }

    /// What is about the detail wherever it is asked for. False if the action is none of these.
    pub(in crate::app::update) fn detail_only(&mut self, action: Action) -> bool {
        match action {
            Action::ViewNext => self.step_view(true),
            Action::ViewPrevious => self.step_view(false),
            Action::LensMenu => self.open_lenses(),
            Action::FoldToggle => self.step_view(true),
            Action::FoldAll
            | Action::UnfoldAll
            | Action::FoldMenu
            | Action::UpToParent
            | Action::CopyValue
            | Action::CopyPath
            | Action::CopyJqPath => {
                let tree = matches!(self.tab().log.detail.body, Body::Tree(_));
                if !tree || !self.tree_act(action) {
                    self.info("Only a tree has that: 4 shows a JSON message as one.");
                }
            }
            Action::ViewAutomatic
            | Action::ViewPretty
            | Action::ViewRaw
            | Action::ViewHex
            | Action::ViewTree
            | Action::ViewFrames => self.view_act(action),
            Action::MarkForDiff => self.mark_for_diff(),
            Action::DiffWithMarked => self.compare_marked(),
            Action::DiffWithPrevious => self.compare(Some(Against::Previous)),
            Action::NextChange => self.step_change(true),
            Action::PreviousChange => self.step_change(false),
            Action::JqFilter => self.open_jq(),
            Action::SchemaFiles => self.ask_schema(),
            Action::SchemaType => self.open_message_types(),
            Action::SavePayload => self.ask_save_payload(),
            Action::ReadOutside => self.read_outside(),
            _ => return false,
        }
        true
    }

    /// Esc in the detail: out of the innermost thing. False if there is nothing to leave but the
    /// detail itself.
    pub(in crate::app::update) fn detail_cancel(&mut self) -> bool {
        if self.tab().log.detail.jq.editing {
            self.close_jq();
            return true;
        }
        let detail = &mut self.tab().log.detail;
        if detail.find.line.is_some() {
            detail.find.reset();
            detail.find.line = None;
            detail.find.pattern = None;
            detail.find.problem = None;
            return true;
        }
        if let Some(work) = &detail.work {
            let what = work.what;
            detail.drop_work();
            self.info(format!("Stopped {what}. The message is shown as it came."));
            return true;
        }
        if detail.against.is_some() {
            self.compare(None);
            return true;
        }
        if detail.jq.open {
            self.close_jq();
            return true;
        }
        false
    }

    /// The size of the window as it was drawn last.
    pub(in crate::app::update) fn detail_measure(&mut self) {
        let view = self.model.geometry.detail;
        let detail = &mut self.tab().log.detail;
        if view.width > 0 && view.height > 0 {
            detail.viewport.width = view.width;
            detail.viewport.height = view.height;
        }
    }

    /// A click on a row of the window.
    pub(in crate::app::update) fn detail_click(&mut self, row: u16) {
        self.focus(Pane::Detail);
        self.detail_measure();
        let detail = &mut self.tab().log.detail;
        let height = usize::from(detail.viewport.height);
        if let Body::Tree(tree) = &mut detail.body {
            let wanted = tree.top + usize::from(row);
            if wanted < tree.len() {
                tree.go_row(wanted, height);
                tree.toggle(height);
            }
        }
    }
}
