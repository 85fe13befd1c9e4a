//! The detail: one message, laid out to be read.

mod lay;
mod show;
mod title;

pub use lay::lay;

use super::Cx;
use crate::app::model::DetailView;
use crate::core::action::Action;

impl Cx<'_> {
    pub(in crate::app::update) fn detail_act(&mut self, action: Action) -> bool {
        let view = self.model.geometry.detail;
        let detail = &mut self.tab().log.detail;
        detail.viewport.width = view.width.max(1);
        detail.viewport.height = view.height.max(1);
        let page = isize::try_from(view.height.max(2)).unwrap_or(2) - 1;
        let rows = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::First => isize::MIN / 2,
            Action::Last => isize::MAX / 2,
            Action::Left | Action::Right => {
                let left = &mut detail.viewport.left_column;
                *left = if action == Action::Left { left.saturating_sub(8) } else { *left + 8 };
                return true;
            }
            Action::ToggleWrap => {
                detail.viewport.wrap = !detail.viewport.wrap;
                detail.viewport.left_column = 0;
                return true;
            }
            Action::ViewNext => {
                let at = DetailView::ALL.iter().position(|v| *v == detail.view).unwrap_or(0);
                self.set_view(DetailView::ALL[(at + 1) % DetailView::ALL.len()]);
                return true;
            }
            Action::ExtendUp | Action::ExtendDown => return true,
            _ => return self.log_act(action),
        };
        detail.viewport.scroll_rows(&detail.text, rows);
        true
    }

    pub(in crate::app::update) fn set_view(&mut self, view: DetailView) {
        let detail = &mut self.tab().log.detail;
        if detail.view != view {
            detail.view = view;
            detail.number = 0;
        }
    }
}
