//! JSON compared by structure: entries of objects by key, entries of arrays by an identifier that
//! they have, or by what is equal in both, or else by place. Blanks and the order of keys do not
//! count; how a number is written does, and is told apart from a change of its value.

use std::collections::{HashMap, VecDeque};

use super::super::lens::{NodeId, Shape, Tree};
use super::align::{Step, align};
use super::lines::hash;
use super::{Mark, Rows};
use crate::core::progress::Progress;

/// Levels that are compared piece by piece; what lies deeper is compared as text.
const DEEPEST: usize = 200;

/// Entries of arrays that are aligned rather than compared by place.
const ALIGNED: usize = 20_000;

/// Keys that name an entry of an array, in the order in which they are looked for.
const IDENTIFIERS: [&str; 5] = ["id", "_id", "uuid", "key", "name"];

pub(super) fn diff(a: &Tree, b: &Tree, progress: &Progress) -> Rows {
    let mut comparison = Comparison { a, b, progress, rows: Rows::default() };
    let (left, right): (Vec<_>, Vec<_>) = (a.roots().collect(), b.roots().collect());
    comparison.by_place(&left, &right, 0);
    comparison.rows
}

struct Comparison<'a> {
    a: &'a Tree,
    b: &'a Tree,
    progress: &'a Progress,
    rows: Rows,
}

impl Comparison<'_> {
    fn is_over(&self) -> bool {
        self.progress.is_cancelled() || self.rows.limited
    }

    fn added(&mut self, id: NodeId) {
        self.rows.push(Mark::Added, "", self.b.value_text(id), Some(self.b.path(id)));
    }

    fn removed(&mut self, id: NodeId) {
        self.rows.push(Mark::Removed, self.a.value_text(id), "", Some(self.a.path(id)));
    }

    fn node(&mut self, left: NodeId, right: NodeId, depth: usize) {
        if self.is_over() {
            return;
        }
        let (text_a, text_b) = (self.a.value_text(left), self.b.value_text(right));
        if text_a == text_b {
            return;
        }
        let shapes = (self.a.shape(left), self.b.shape(right));
        match shapes {
            (Some(Shape::Object), Some(Shape::Object)) if depth < DEEPEST => {
                return self.objects(left, right, depth + 1);
            }
            (Some(Shape::Array), Some(Shape::Array)) if depth < DEEPEST => {
                return self.arrays(left, right, depth + 1);
            }
            _ => {}
        }
        let note = match shapes {
            (Some(Shape::Number), Some(Shape::Number)) => {
                let same = text_a.parse::<f64>().ok().zip(text_b.parse::<f64>().ok());
                same.filter(|(a, b)| a == b).map(|_| "the same number, written differently")
            }
            (Some(Shape::String), Some(Shape::String)) => {
                let same = self.a.plain_value(left) == self.b.plain_value(right);
                same.then_some("the same text, written differently")
            }
            _ => None,
        };
        let path = Some(self.a.path(left));
        self.rows.push_noted(Mark::Changed, text_a, text_b, path, note);
    }

    fn objects(&mut self, left: NodeId, right: NodeId, depth: usize) {
        let (a, b) = (self.a, self.b);
        // A key may be there twice: the first meets the first.
        let mut waiting: HashMap<_, VecDeque<NodeId>> = HashMap::new();
        for entry in b.children(right) {
            waiting.entry(b.key(entry).unwrap_or_default()).or_default().push_back(entry);
        }
        for entry in a.children(left) {
            let key = a.key(entry).unwrap_or_default();
            match waiting.get_mut(&key).and_then(VecDeque::pop_front) {
                Some(other) => self.node(entry, other, depth),
                None => self.removed(entry),
            }
            if self.is_over() {
                return;
            }
        }
        let mut left_over: Vec<NodeId> = waiting.into_values().flatten().collect();
        left_over.sort();
        left_over.into_iter().for_each(|entry| self.added(entry));
    }

    fn arrays(&mut self, left: NodeId, right: NodeId, depth: usize) {
        let left: Vec<_> = self.a.children(left).collect();
        let right: Vec<_> = self.b.children(right).collect();
        if left.len().max(right.len()) > ALIGNED {
            return self.by_place(&left, &right, depth);
        }
        let names = (identifiers(self.a, &left), identifiers(self.b, &right));
        let (left_hashes, right_hashes) = match names {
            (Some((key_a, left)), Some((key_b, right))) if key_a == key_b => (left, right),
            _ => (hashes(self.a, &left), hashes(self.b, &right)),
        };
        let (steps, exact) = align(&left_hashes, &right_hashes, self.progress);
        if !exact {
            return self.by_place(&left, &right, depth);
        }
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Removed(i) => gone.push(left[i]),
                Step::Added(j) => come.push(right[j]),
                Step::Same(i, j) => {
                    self.by_place(&std::mem::take(&mut gone), &std::mem::take(&mut come), depth);
                    self.node(left[i], right[j], depth);
                }
            }
        }
        self.by_place(&gone, &come, depth);
    }

    fn by_place(&mut self, left: &[NodeId], right: &[NodeId], depth: usize) {
        for (left, right) in left.iter().zip(right) {
            self.node(*left, *right, depth);
            if self.is_over() {
                return;
            }
        }
        let both = left.len().min(right.len());
        left[both..].iter().for_each(|entry| self.removed(*entry));
        right[both..].iter().for_each(|entry| self.added(*entry));
    }
}

/// The key by which entries are told apart, and the hashes of its values: all entries are objects
/// that have it, and no two are the same.
fn identifiers(tree: &Tree, entries: &[NodeId]) -> Option<(&'static str, Vec<u64>)> {
    let first = entries.first()?;
    let value = |entry: NodeId, name: &str| {
        let mut children = tree.children(entry);
        let child = children.find(|child| tree.key(*child).as_deref() == Some(name))?;
        let scalar = matches!(tree.shape(child), Some(Shape::String | Shape::Number));
        scalar.then(|| hash(tree.value_text(child)))
    };
    let name = IDENTIFIERS.into_iter().find(|name| value(*first, name).is_some())?;
    let hashes: Vec<u64> =
        entries.iter().map(|entry| value(*entry, name)).collect::<Option<_>>()?;
    let mut sorted = hashes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    (sorted.len() == hashes.len()).then_some((name, hashes))
}

/// Hashes of entries without the blanks between their tokens.
fn hashes(tree: &Tree, entries: &[NodeId]) -> Vec<u64> {
    let tokens = |entry: &NodeId| {
        let ids = (entry.0..entry.0 + tree.size(*entry) as u32).map(NodeId);
        let parts = ids.map(|id| {
            let container = tree.shape(id).is_some_and(Shape::is_container);
            let value = if container { "" } else { tree.value_text(id) };
            hash((tree.depth(id) - tree.depth(*entry), tree.shape(id), tree.key(id), value))
        });
        hash(parts.fold(0, |all, part| hash((all, part))))
    };
    entries.iter().map(tokens).collect()
}
