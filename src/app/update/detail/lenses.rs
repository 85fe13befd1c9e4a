//! Choosing how messages are looked at.

use crate::app::model::{Choice, DetailView, MenuItem, Modal};
use crate::app::update::Cx;
use crate::core::action::Action;

impl Cx<'_> {
    /// A view, or the automatic choice, for this and all further messages of the tab.
    pub(in crate::app::update) fn set_view(&mut self, choice: Option<DetailView>) {
        self.model.show_detail = true;
        let detail = &mut self.tab().log.detail;
        let fits = choice.is_none_or(|view| detail.views.contains(&view));
        detail.choice = choice;
        detail.against = None;
        // Shown anew, from the beginning.
        let shown = std::mem::take(&mut detail.number);
        if let Some(view) = choice.filter(|_| !fits && shown != 0) {
            let label = view.label();
            self.info(format!("“{label}” does not fit this message, but holds for those it fits."));
        }
    }

    pub(super) fn view_act(&mut self, action: Action) {
        let choice = match action {
            Action::ViewPretty => Some(DetailView::PRETTY),
            Action::ViewTree => Some(DetailView::TREE),
            Action::ViewRaw => Some(DetailView::RAW),
            Action::ViewHex => Some(DetailView::HEX),
            Action::ViewFrames => Some(DetailView::Frames),
            _ => None,
        };
        self.set_view(choice);
    }

    /// The next view of those that fit, or the one before.
    pub(super) fn step_view(&mut self, forward: bool) {
        let detail = &self.tab().log.detail;
        let len = detail.views.len();
        if len == 0 {
            self.info("Choose a message first.");
            return;
        }
        let at = detail.views.iter().position(|view| *view == detail.view).unwrap_or(0);
        let next = if forward { (at + 1) % len } else { (at + len - 1) % len };
        let view = detail.views[next];
        self.set_view(Some(view));
    }

    pub(super) fn open_lenses(&mut self) {
        let detail = &self.tab().log.detail;
        let mut items = vec![MenuItem {
            key: Some('0'),
            label: "automatic".into(),
            note: "what fits each message".into(),
            on: Some(detail.choice.is_none()),
            choice: Choice::View(None),
        }];
        let keys = "ptrhfbmcouigxyz".chars();
        let mut free: Vec<char> = keys.collect();
        for view in DetailView::all() {
            let first = view.label().chars().next().unwrap_or(' ');
            let at = free.iter().position(|key| *key == first).or((!free.is_empty()).then_some(0));
            let key = at.map(|at| free.remove(at));
            let fits = detail.views.contains(&view);
            items.push(MenuItem {
                key,
                label: view.label().into(),
                note: if fits { String::new() } else { "does not fit this message".into() },
                on: Some(detail.choice == Some(view)),
                choice: Choice::View(Some(view)),
            });
        }
        let cursor = items.iter().position(|item| item.on == Some(true)).unwrap_or(0);
        let title = "Look at messages as".into();
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }
}
