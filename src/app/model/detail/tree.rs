//! A tree that is walked, folded and unfolded.

use std::sync::Arc;

use crate::payload::lens::{Folds, NodeId, Tree};

/// A tree with the place in it.
#[derive(Clone, Debug)]
pub struct TreeView {
    pub tree: Arc<Tree>,
    pub folds: Folds,
    /// The node under the cursor; one that is shown.
    pub cursor: NodeId,
    /// The first row of the window.
    pub top: usize,
}

impl TreeView {
    #[must_use]
    pub fn new(tree: Arc<Tree>, folds: Folds) -> TreeView {
        TreeView { tree, folds, cursor: NodeId(0), top: 0 }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.rows(&self.folds)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row of the cursor.
    #[must_use]
    pub fn row(&self) -> usize {
        self.tree.row_of(&self.folds, self.cursor)
    }

    /// Puts the cursor into a row, the last one if there are not so many, and the row into a window
    /// of this height.
    pub fn go_row(&mut self, row: usize, height: usize) {
        let row = row.min(self.len().saturating_sub(1));
        if let Some(node) = self.tree.row(&self.folds, row) {
            self.cursor = node;
        }
        self.show_cursor(height);
    }

    /// Puts the cursor on a node, unfolding what hides it.
    pub fn go(&mut self, node: NodeId, height: usize) {
        self.folds.reveal(&self.tree, node);
        self.cursor = node;
        self.show_cursor(height);
    }

    /// Scrolls as little as needed to see the cursor. One that was folded away goes to what hides it.
    pub fn show_cursor(&mut self, height: usize) {
        let row = self.row();
        if let Some(node) = self.tree.row(&self.folds, row) {
            self.cursor = node;
        }
        let height = height.max(1);
        let last = self.len().saturating_sub(height);
        self.top = self.top.clamp((row + 1).saturating_sub(height), row).min(last);
    }

    /// Left: folds what is open, else goes to what holds it.
    pub fn left(&mut self, height: usize) {
        let open = self.tree.first_child(self.cursor).is_some();
        if open && !self.folds.is_folded(self.cursor) {
            self.folds.set(&self.tree, self.cursor, true);
            self.show_cursor(height);
        } else {
            self.parent(height);
        }
    }

    /// Right: unfolds what is folded, else goes to the first of what it holds.
    pub fn right(&mut self, height: usize) {
        if self.folds.is_folded(self.cursor) {
            self.folds.set(&self.tree, self.cursor, false);
        } else if let Some(child) = self.tree.first_child(self.cursor) {
            self.cursor = child;
        }
        self.show_cursor(height);
    }

    pub fn parent(&mut self, height: usize) {
        if let Some(parent) = self.tree.parent(self.cursor) {
            self.cursor = parent;
        }
        self.show_cursor(height);
    }

    pub fn toggle(&mut self, height: usize) {
        self.folds.toggle(&self.tree, self.cursor);
        self.show_cursor(height);
    }
}
