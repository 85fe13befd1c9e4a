//! A payload as nodes that fold: one form for JSON, for what is decoded into JSON's likeness, and
//! for markup.
//!
//! Nodes lie in one vector in the order in which they are read, 32 bytes each, and point into one
//! text: nothing is copied out of it, so numbers, escapes, double keys and order stay as they were
//! sent. The descendants of a node are the `size - 1` nodes behind it, which makes folding a matter
//! of skipping.

pub mod folds;
pub mod json;
pub mod labels;
pub mod markup;
pub(super) mod notation;
pub mod paths;
pub mod search;

pub use folds::Folds;
pub use search::Direction;

/// Nodes that a tree holds at most: half a gigabyte of them.
pub const MOST_NODES: usize = 16 << 20;

/// Levels that are opened; what nests deeper is one node.
pub const DEEPEST: usize = 10_000;

/// Longest text that nodes can point into.
pub const LONGEST: usize = u32::MAX as usize;

/// No parent, no key.
const NONE: u32 = u32::MAX;

/// A node of a [`Tree`]. Later nodes have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Entries with keys; also a message of Protobuf.
    Object,
    /// Entries with indices.
    Array,
    /// A string in quotes.
    String,
    /// A number as it was written.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// Bytes in hexadecimal.
    Bytes,
    /// An element of XML or HTML. Its key is what stands in its start tag.
    Element,
    /// Character data between elements.
    Content,
    /// A comment, declaration or instruction of markup.
    Aside,
    /// Nested too deep to be opened.
    Deep,
    /// Whatever else stands there.
    Other,
}

impl Shape {
    /// Whether it may have children.
    #[must_use]
    pub fn is_container(self) -> bool {
        matches!(self, Shape::Object | Shape::Array | Shape::Element)
    }
}

/// Where names and values of a tree come from, which decides how a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// JSON, or something written in its likeness.
    Json,
    /// XML or HTML.
    Markup,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Where the key stands in the text; the index if `key_len` is [`NONE`].
    key: u32,
    key_len: u32,
    start: u32,
    end: u32,
    parent: u32,
    /// Nodes of it and all below it.
    size: u32,
    /// Direct children.
    count: u32,
    depth: u16,
    shape: Shape,
    /// The value is cut off or the key stands alone.
    cut: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Tree {
    source: String,
    nodes: Vec<Node>,
    flavour: Flavour,
    problem: Option<String>,
}

impl Tree {
    /// The text that all nodes point into.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What kept the tree from being whole: a fault of the text, or one of our limits. Escaped.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether the paths are those of JSON; see [`Tree::jq_path`].
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// What the node is; `None` for a number that is no node of this tree.
    #[must_use]
    pub fn shape(&self, id: NodeId) -> Option<Shape> {
        self.node(id).map(|node| node.shape)
    }

    /// Levels above it; 0 for a root.
    #[must_use]
    pub fn depth(&self, id: NodeId) -> usize {
        self.node(id).map_or(0, |node| usize::from(node.depth))
    }

    /// The node that holds it.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).filter(|node| node.parent != NONE).map(|node| NodeId(node.parent))
    }

    /// The first node that it holds.
    #[must_use]
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).filter(|node| node.size > 1).map(|_| NodeId(id.0 + 1))
    }

    /// The next node of the same parent.
    #[must_use]
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        let node = self.node(id)?;
        let next = id.0.checked_add(node.size)?;
        let sibling = self.nodes.get(next as usize)?;
        (sibling.parent == node.parent).then_some(NodeId(next))
    }

    /// The nodes it holds, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(id), |child| self.next_sibling(*child))
    }

    /// The nodes that nothing holds; several for values that follow one another.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        let first = (!self.nodes.is_empty()).then_some(NodeId(0));
        std::iter::successors(first, |root| self.next_sibling(*root))
    }

    /// How many nodes it holds directly.
    #[must_use]
    pub fn child_count(&self, id: NodeId) -> usize {
        self.node(id).map_or(0, |node| node.count as usize)
    }

    /// How many nodes it and all below it are.
    #[must_use]
    pub fn size(&self, id: NodeId) -> usize {
        self.node(id).map_or(0, |node| node.size as usize)
    }

    /// The place among its siblings of an entry of an array, from 0.
    #[must_use]
    pub fn index(&self, id: NodeId) -> Option<usize> {
        let node = self.node(id)?;
        let listed = node.parent != NONE && node.key_len == NONE;
        listed.then_some(node.key as usize)
    }

    /// The key as it stands in the text, quotes and escapes included.
    #[must_use]
    pub fn key_text(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id).filter(|node| node.key_len != NONE)?;
        let start = node.key as usize;
        self.source.get(start..start + node.key_len as usize)
    }

    /// The value exactly as it stands in the text, all of an object or element included.
    #[must_use]
    pub fn value_text(&self, id: NodeId) -> &str {
        self.node(id)
            .and_then(|node| self.source.get(node.start as usize..node.end as usize))
            .unwrap_or_default()
    }

    /// Adds a node behind the others as a child of `parent`, and returns its number.
    fn push(
        &mut self,
        parent: u32,
        roots: &mut u32,
        key: Option<(u32, u32)>,
        shape: Shape,
        range: (usize, usize),
    ) -> u32 {
        let id = self.nodes.len() as u32;
        let (depth, index) = match self.nodes.get_mut(parent as usize) {
            Some(holder) => {
                holder.count += 1;
                (holder.depth + 1, holder.count - 1)
            }
            None => {
                *roots += 1;
                (0, *roots - 1)
            }
        };
        let (key, key_len) = key.unwrap_or((index, NONE));
        // All texts are shorter than LONGEST, so their offsets fit.
        let (start, end) = (range.0 as u32, range.1 as u32);
        let cut = false;
        self.nodes.push(Node {
            key,
            key_len,
            start,
            end,
            parent,
            size: 1,
            count: 0,
            depth,
            shape,
            cut,
        });
        id
    }

    /// Ends a node at this offset; returns its parent.
    fn close(&mut self, id: u32, end: usize) -> u32 {
        let size = self.nodes.len() as u32 - id;
        match self.nodes.get_mut(id as usize) {
            Some(node) => {
                (node.size, node.end) = (size, end as u32);
                node.parent
            }
            None => NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small() {
        assert_eq!(size_of::<Node>(), 32);
        assert!(DEEPEST < usize::from(u16::MAX));
    }
}
