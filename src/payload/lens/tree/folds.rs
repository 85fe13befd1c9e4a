//! Which nodes of a tree are folded, and which row shows which node.
//!
//! A row is a node that no folded node hides. Asking for a row costs a binary search among the
//! outermost folded nodes; folding costs a pass over the folded ones.

use super::{NodeId, Tree};

/// A folded node that no other folded node hides.
#[derive(Clone, Copy, Debug)]
struct Span {
    node: u32,
    /// Nodes of it and all below it.
    size: u32,
    /// Its row.
    row: u32,
}

/// The folded nodes of one tree. Belongs to the tree with which it was filled.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    /// One bit a node.
    bits: Vec<u64>,
    /// In order.
    spans: Vec<Span>,
    /// Nodes that are not shown.
    hidden: u32,
}

impl Folds {
    /// Everything deeper than `depth` levels folded away: 0 shows the roots, 1 their entries too.
    #[must_use]
    pub fn to_depth(tree: &Tree, depth: usize) -> Folds {
        let mut folds = Folds::default();
        folds.fold_below(tree, depth);
        folds
    }

    /// Whether this node is folded.
    #[must_use]
    pub fn is_folded(&self, node: NodeId) -> bool {
        let word = self.bits.get(node.0 as usize / 64).copied().unwrap_or(0);
        word >> (node.0 % 64) & 1 == 1
    }

    /// Folds or unfolds a node that holds others; false if it holds none.
    pub fn toggle(&mut self, tree: &Tree, node: NodeId) -> bool {
        self.set(tree, node, !self.is_folded(node))
    }

    /// Folds (true) or unfolds a node that holds others; false if it holds none.
    pub fn set(&mut self, tree: &Tree, node: NodeId, folded: bool) -> bool {
        if tree.first_child(node).is_none() {
            return false;
        }
        self.put(node.0, folded);
        self.refresh(tree);
        true
    }

    /// Folds all nodes at this level and below, and unfolds those above.
    pub fn fold_below(&mut self, tree: &Tree, depth: usize) {
        self.bits.clear();
        for (at, node) in tree.nodes.iter().enumerate() {
            if node.size > 1 && usize::from(node.depth) >= depth {
                self.put(at as u32, true);
            }
        }
        self.refresh(tree);
    }

    /// Unfolds everything.
    pub fn unfold_all(&mut self) {
        *self = Folds::default();
    }

    /// Folds (true) or unfolds a node and everything below it.
    pub fn set_all_below(&mut self, tree: &Tree, node: NodeId, folded: bool) {
        for id in node.0..node.0.saturating_add(tree.size(node) as u32) {
            if tree.first_child(NodeId(id)).is_some() {
                self.put(id, folded);
            }
        }
        self.refresh(tree);
    }

    /// Unfolds what hides this node.
    pub fn reveal(&mut self, tree: &Tree, node: NodeId) {
        let mut above = tree.parent(node);
        while let Some(id) = above {
            self.put(id.0, false);
            above = tree.parent(id);
        }
        self.refresh(tree);
    }

    fn put(&mut self, node: u32, folded: bool) {
        let word = node as usize / 64;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        let bit = 1u64 << (node % 64);
        if folded { self.bits[word] |= bit } else { self.bits[word] &= !bit }
    }

    fn refresh(&mut self, tree: &Tree) {
        self.spans.clear();
        self.hidden = 0;
        // Nodes below this one are hidden by the last span.
        let mut shown_from = 0u32;
        for (at, word) in self.bits.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                let node = at as u32 * 64 + word.trailing_zeros();
                word &= word - 1;
                let size = tree.size(NodeId(node)) as u32;
                if node < shown_from || size < 2 {
                    continue;
                }
                self.spans.push(Span { node, size, row: node - self.hidden });
                self.hidden += size - 1;
                shown_from = node + size;
            }
        }
    }
}

impl Tree {
    /// How many rows are shown.
    #[must_use]
    pub fn rows(&self, folds: &Folds) -> usize {
        self.len().saturating_sub(folds.hidden as usize)
    }

    /// The node in this row; `None` past the last one.
    #[must_use]
    pub fn row(&self, folds: &Folds, row: usize) -> Option<NodeId> {
        if row >= self.rows(folds) {
            return None;
        }
        let row = row as u32;
        let before = folds.spans.partition_point(|span| span.row < row);
        let node = match before.checked_sub(1).and_then(|at| folds.spans.get(at)) {
            Some(span) => span.node + span.size + (row - span.row - 1),
            None => row,
        };
        Some(NodeId(node))
    }

    /// The row of a node; of the folded node that hides it if it is hidden.
    #[must_use]
    pub fn row_of(&self, folds: &Folds, node: NodeId) -> usize {
        let upto = folds.spans.partition_point(|span| span.node <= node.0);
        match upto.checked_sub(1).and_then(|at| folds.spans.get(at)) {
            Some(span) if node.0 < span.node + span.size => span.row as usize,
            Some(span) => (span.row + 1 + (node.0 - span.node - span.size)) as usize,
            None => node.0 as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::json::parse;
    use super::*;
    use crate::core::progress::Progress;

    fn tree(text: &str) -> Tree {
        parse(text.to_owned(), &Progress::default()).unwrap()
    }

    fn shown(tree: &Tree, folds: &Folds) -> Vec<u32> {
        (0..tree.rows(folds)).filter_map(|row| tree.row(folds, row)).map(|id| id.0).collect()
    }

    #[test]
    fn folding_hides_what_is_below() {
        // 0 {, 1 a [, 2 1, 3 [, 4 2, 5 b {, 6 c
        let tree = tree(r#"{"a":[1,[2]],"b":{"c":0}}"#);
        let mut folds = Folds::default();
        assert_eq!(shown(&tree, &folds), [0, 1, 2, 3, 4, 5, 6]);
        assert!(folds.toggle(&tree, NodeId(3)));
        assert!(folds.toggle(&tree, NodeId(1)));
        assert_eq!(shown(&tree, &folds), [0, 1, 5, 6]);
        assert!(!folds.toggle(&tree, NodeId(2)), "a number holds nothing");
        assert!(folds.toggle(&tree, NodeId(1)));
        assert_eq!(shown(&tree, &folds), [0, 1, 2, 3, 5, 6], "the inner one is still folded");
        assert_eq!(tree.row_of(&folds, NodeId(4)), 3);
        folds.reveal(&tree, NodeId(4));
        assert_eq!(shown(&tree, &folds).len(), 7);
        assert_eq!(shown(&tree, &Folds::to_depth(&tree, 1)), [0, 1, 5]);
        assert_eq!(shown(&tree, &Folds::to_depth(&tree, 0)), [0]);
        folds.set_all_below(&tree, NodeId(1), true);
        assert_eq!(shown(&tree, &folds), [0, 1, 5, 6]);
        folds.unfold_all();
        assert_eq!(tree.rows(&folds), 7);
    }

    proptest! {
        #[test]
        fn rows_are_the_nodes_that_nothing_hides(
            text in "(\\[[01]?,?\\{\"a\":|\\[1,|\\],|\\}|\\{\"b\":2,\"c\":|7|,){0,40}",
            toggles in prop::collection::vec(0u32..60, 0..12),
        ) {
            let Ok(tree) = parse(format!("[{text}"), &Progress::default()) else { return Ok(()) };
            let mut folds = Folds::default();
            for node in toggles {
                folds.toggle(&tree, NodeId(node));
            }
            let hidden = |id: u32| {
                let mut above = tree.parent(NodeId(id));
                while let Some(node) = above {
                    if folds.is_folded(node) {
                        return true;
                    }
                    above = tree.parent(node);
                }
                false
            };
            let expected: Vec<u32> = (0..tree.len() as u32).filter(|id| !hidden(*id)).collect();
            prop_assert_eq!(&shown(&tree, &folds), &expected);
            for (row, id) in expected.iter().enumerate() {
                prop_assert_eq!(tree.row_of(&folds, NodeId(*id)), row);
            }
        }
    }
}
