//! Looking for a text in a tree.

use regex::{Regex, RegexBuilder};

use super::{NONE, NodeId, Tree};

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the beginning.
    Backward,
}

impl Tree {
    /// The next node whose key or value holds `needle` as it stands in the source, looked for from
    /// the node behind (or before) `from` on, and round again from the other end. A needle without
    /// capitals is found in either case. `None` if there is no such node. Linear in the source.
    #[must_use]
    pub fn find(&self, needle: &str, from: NodeId, direction: Direction) -> Option<NodeId> {
        if needle.is_empty() {
            return None;
        }
        let ignore = !needle.chars().any(char::is_uppercase);
        let regex =
            RegexBuilder::new(&regex::escape(needle)).case_insensitive(ignore).build().ok()?;
        let here = self.begins(from)?;
        let behind = self.begins(NodeId(from.0 + 1)).unwrap_or(self.source.len());
        match direction {
            Direction::Forward => self
                .first(&regex, behind, self.source.len())
                .or_else(|| self.first(&regex, 0, behind)),
            Direction::Backward => {
                self.last(&regex, 0, here).or_else(|| self.last(&regex, here, self.source.len()))
            }
        }
    }

    fn first(&self, regex: &Regex, from: usize, to: usize) -> Option<NodeId> {
        let found = regex.find_at(&self.source, from)?;
        (found.start() < to).then(|| self.at(found.start())).flatten()
    }

    fn last(&self, regex: &Regex, from: usize, to: usize) -> Option<NodeId> {
        let mut last = None;
        let mut at = from;
        while let Some(found) = regex.find_at(&self.source, at).filter(|found| found.start() < to) {
            last = Some(found.start());
            at = found.end();
        }
        last.and_then(|at| self.at(at))
    }

    /// Where a node begins in the source: with its key, if it has one.
    fn begins(&self, id: NodeId) -> Option<usize> {
        let node = self.node(id)?;
        Some(if node.key_len == NONE { node.start } else { node.key.min(node.start) } as usize)
    }

    /// The innermost node at this byte of the source.
    #[must_use]
    pub fn at(&self, offset: usize) -> Option<NodeId> {
        let (mut low, mut high) = (0u32, self.nodes.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.begins(NodeId(middle)).is_some_and(|begins| begins <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut id = NodeId(low.checked_sub(1)?);
        // Past the end of a node the byte belongs to what holds it.
        while self.node(id).is_some_and(|node| node.end as usize <= offset) {
            id = self.parent(id)?;
        }
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::*;
    use crate::core::progress::Progress;

    #[test]
    fn keys_and_values_are_found_both_ways_and_round() {
        let text = r#"{"name":"Ada","list":["ada",{"NAME":"x"}],"z":1}"#;
        let tree = parse(text.to_owned(), &Progress::default()).unwrap();
        let find =
            |needle, from, direction| tree.find(needle, NodeId(from), direction).map(|n| n.0);
        let (next, back) = (Direction::Forward, Direction::Backward);
        assert_eq!(find("ada", 0, next), Some(1));
        assert_eq!(find("ada", 1, next), Some(3));
        assert_eq!(find("ada", 3, next), Some(1), "round again");
        assert_eq!(find("Ada", 1, next), Some(1), "the same one if it is alone");
        assert_eq!(find("name", 1, next), Some(5));
        assert_eq!(find("name", 5, back), Some(1));
        assert_eq!(find("name", 1, back), Some(5));
        assert_eq!(find("absent", 0, next), None);
        assert_eq!(find("", 0, next), None);
        assert_eq!(tree.at(text.len() - 1), Some(NodeId(0)));
        assert_eq!(tree.at(text.len()), None);
    }
}
