//! Walking a tree, folding it, and copying from it.

use bytes::Bytes;

use crate::app::effect::{Effect, Job, Portion};
use crate::app::model::{Body, Choice, MenuItem, Modal, TreeView};
use crate::app::update::Cx;
use crate::core::action::Action;

use super::lay::INLINE;

impl Cx<'_> {
    fn tree(&mut self) -> Option<&mut TreeView> {
        match &mut self.tab().log.detail.body {
            Body::Tree(tree) => Some(tree),
            _ => None,
        }
    }

    /// Actions that mean something in a tree. False if this is none, or there is no tree.
    pub(super) fn tree_act(&mut self, action: Action) -> bool {
        let height = usize::from(self.tab().log.detail.viewport.height.max(1));
        let page = height.max(2) - 1;
        let Some(tree) = self.tree() else { return false };
        let row = tree.row();
        match action {
            Action::Up => tree.go_row(row.saturating_sub(1), height),
            Action::Down => tree.go_row(row + 1, height),
            Action::PageUp => tree.go_row(row.saturating_sub(page), height),
            Action::PageDown => tree.go_row(row + page, height),
            Action::First => tree.go_row(0, height),
            Action::Last => tree.go_row(usize::MAX, height),
            Action::Left => tree.left(height),
            Action::Right => tree.right(height),
            Action::UpToParent => tree.parent(height),
            Action::FoldToggle | Action::Submit => tree.toggle(height),
            Action::FoldAll => self.fold_to(Some(1)),
            Action::UnfoldAll => self.fold_to(None),
            Action::FoldMenu => self.open_fold_menu(),
            Action::Copy | Action::CopyValue => self.copy_value(),
            Action::CopyPath => self.copy_path(false),
            Action::CopyJqPath => self.copy_path(true),
            _ => return false,
        }
        true
    }

    /// Folds everything below this level, `None` unfolds all.
    pub(in crate::app::update) fn fold_to(&mut self, depth: Option<usize>) {
        let height = usize::from(self.tab().log.detail.viewport.height.max(1));
        let Some(tree) = self.tree() else { return };
        match depth {
            Some(depth) => tree.folds.fold_below(&tree.tree, depth),
            None => tree.folds.unfold_all(),
        }
        tree.show_cursor(height);
    }

    /// Folds or unfolds the node under the cursor and all below it.
    pub(in crate::app::update) fn fold_below_cursor(&mut self, folded: bool) {
        let height = usize::from(self.tab().log.detail.viewport.height.max(1));
        let Some(tree) = self.tree() else { return };
        tree.folds.set_all_below(&tree.tree, tree.cursor, folded);
        tree.show_cursor(height);
    }

    fn open_fold_menu(&mut self) {
        let item = |key, label: String, choice| MenuItem {
            key: Some(key),
            label,
            note: String::new(),
            on: None,
            choice,
        };
        let mut items = vec![
            item('a', "everything folded".into(), Choice::FoldTo(Some(1))),
            item('u', "everything unfolded".into(), Choice::FoldTo(None)),
            item('f', "fold all below the cursor".into(), Choice::FoldBelow(true)),
            item('n', "unfold all below the cursor".into(), Choice::FoldBelow(false)),
        ];
        for (key, depth) in ('2'..='6').zip(2..) {
            items.push(item(key, format!("{depth} levels open"), Choice::FoldTo(Some(depth))));
        }
        self.model.modals.push(Modal::Menu {
            title: "Fold".into(),
            items,
            cursor: 0,
            stays: false,
        });
    }

    fn copy_value(&mut self) {
        let log = self.tab().log.handle.clone();
        let Some(tree) = self.tree() else { return };
        let (node, what) = (tree.cursor, "The value".to_owned());
        // An object or array is copied as it stands, however long.
        if tree.tree.value_text(node).len() > INLINE {
            let portion = Portion::Node(std::sync::Arc::clone(&tree.tree), node);
            let tab = self.tab().id;
            self.effects.push(Effect::Job(Job::CopyPortion { tab, portion, what, log }));
            return;
        }
        let text = tree.tree.plain_value(node).into_owned();
        self.copy_masked(Bytes::from(text), &what);
    }

    fn copy_path(&mut self, jq: bool) {
        let Some(tree) = self.tree() else { return };
        let path =
            if jq { tree.tree.jq_path(tree.cursor) } else { Some(tree.tree.path(tree.cursor)) };
        match path {
            Some(text) => {
                let what = format!("The path {}", crate::core::sanitize::escape_line(&text));
                self.effects.push(Effect::Copy { text, what });
            }
            None => self.info("jq has no paths into markup; the other path is an XPath."),
        }
    }
}
