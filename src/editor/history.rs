//! Undo and redo: inverse edits, not copies of the text.

use std::collections::VecDeque;
use std::sync::Arc;

use ropey::{Rope, RopeSlice};

use super::words::Class;

/// The most steps that are kept.
pub(super) const MAX_STEPS: usize = 1000;
/// The most bytes of text that the kept steps hold together; the newest step is kept whatever its size. So much that
/// a text of 100 MiB that was laid out and then changed can still be had back.
pub(super) const MAX_BYTES: usize = 256 << 20;
/// Pieces up to this size are plain strings (a rope takes a kilobyte at least), and only they are grouped.
const SMALL: usize = 4096;

/// A piece of text that an edit put in or took out.
#[derive(Clone)]
pub(super) enum Piece {
    Small(String),
    /// Shares its nodes with the text that it came from.
    Large(Rope),
}

impl Piece {
    pub(super) fn cut_from(slice: RopeSlice<'_>) -> Self {
        if slice.len_bytes() <= SMALL {
            Self::Small(slice.chunks().collect())
        } else {
            Self::Large(Rope::from(slice))
        }
    }

    pub(super) fn len_chars(&self) -> usize {
        match self {
            Self::Small(text) => text.chars().count(),
            Self::Large(rope) => rope.len_chars(),
        }
    }

    pub(super) fn len_bytes(&self) -> usize {
        match self {
            Self::Small(text) => text.len(),
            Self::Large(rope) => rope.len_bytes(),
        }
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        if text.len() <= SMALL {
            Self::Small(text.to_owned())
        } else {
            Self::Large(Rope::from_str(text))
        }
    }
}

/// Cursor and anchor, as they are restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Caret {
    pub cursor: usize,
    pub anchor: Option<usize>,
}

/// What a step was, which decides whether the next one joins it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Typed text that ends with a character of this class.
    Typing(Class),
    Backspace,
    Delete,
    /// Never joined.
    Single,
}

/// One undo step: at `at`, `removed` was replaced by `inserted`.
#[derive(Clone)]
pub(super) struct Step {
    pub at: usize,
    pub removed: Piece,
    pub inserted: Piece,
    pub before: Caret,
    pub after: Caret,
    pub kind: Kind,
}

impl Step {
    /// What it holds beside the text: of the two pieces one is part of the text, and shares its nodes with it.
    fn bytes(&self) -> usize {
        self.removed.len_bytes().max(self.inserted.len_bytes())
    }

    /// Takes a following step into this one if they belong together; else gives it back.
    fn join(&mut self, next: Step) -> Option<Step> {
        let joined = match (self.kind, next.kind, &next.removed, &next.inserted) {
            (
                Kind::Typing(last),
                Kind::Typing(class),
                Piece::Small(removed),
                Piece::Small(text),
            ) if removed.is_empty()
                && (last == class || (last == Class::Blank && class == Class::Word))
                && next.at == self.at + self.inserted.len_chars() =>
            {
                append(&mut self.inserted, text)
            }
            (Kind::Backspace, Kind::Backspace, Piece::Small(text), _)
                if next.at + next.removed.len_chars() == self.at =>
            {
                let joined = prepend(&mut self.removed, text);
                if joined {
                    self.at = next.at;
                }
                joined
            }
            (Kind::Delete, Kind::Delete, Piece::Small(text), _) if next.at == self.at => {
                append(&mut self.removed, text)
            }
            _ => false,
        };
        if !joined {
            return Some(next);
        }
        self.kind = next.kind;
        self.after = next.after;
        None
    }
}

fn append(piece: &mut Piece, more: &str) -> bool {
    match piece {
        Piece::Small(text) if text.len() + more.len() <= SMALL => {
            text.push_str(more);
            true
        }
        _ => false,
    }
}

fn prepend(piece: &mut Piece, more: &str) -> bool {
    match piece {
        Piece::Small(text) if text.len() + more.len() <= SMALL => {
            text.insert_str(0, more);
            true
        }
        _ => false,
    }
}

/// The steps that can be taken back and done again. Steps are shared between clones of an editor.
#[derive(Clone, Default)]
pub(super) struct History {
    done: VecDeque<Arc<Step>>,
    undone: Vec<Arc<Step>>,
    bytes: usize,
    /// Whether the next step may join the last one.
    open: bool,
    /// Steps that can no more be taken back.
    forgotten: usize,
    /// Large pieces of forgotten steps.
    leftovers: Leftovers,
    /// Another limit than [`MAX_BYTES`].
    limit: Option<usize>,
}

/// Large texts that are not needed any more. To free one of 100 MiB takes longer than a key may, so whoever can do
/// that elsewhere takes them with [`Editor::take_leftovers`](super::Editor::take_leftovers).
#[derive(Clone, Default)]
pub struct Leftovers {
    ropes: Vec<Rope>,
    steps: Vec<Arc<Step>>,
}

impl Leftovers {
    /// Texts below this size are freed where they are.
    const LARGE: usize = 1 << 20;

    /// Whether there is nothing to free.
    pub fn is_empty(&self) -> bool {
        self.ropes.is_empty() && self.steps.is_empty()
    }

    /// Keeps a text to be freed, if it is large.
    pub fn add(&mut self, rope: Rope) {
        if rope.len_bytes() >= Self::LARGE {
            self.ropes.push(rope);
        }
    }

    fn add_step(&mut self, step: Arc<Step>) {
        if step.bytes() >= Self::LARGE {
            self.steps.push(step);
        }
    }
}

impl std::fmt::Debug for Leftovers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Leftovers({} texts, {} steps)", self.ropes.len(), self.steps.len())
    }
}

impl History {
    /// Ends the current group: the next step stands for itself.
    pub(super) fn close_group(&mut self) {
        self.open = false;
    }

    pub(super) fn clear(&mut self) {
        let steps = std::mem::take(&mut self.done);
        let mut leftovers = std::mem::take(&mut self.leftovers);
        for step in steps.into_iter().chain(std::mem::take(&mut self.undone)) {
            leftovers.add_step(step);
        }
        *self = Self { leftovers, limit: self.limit, ..Self::default() };
    }

    pub(super) fn take_leftovers(&mut self) -> Leftovers {
        std::mem::take(&mut self.leftovers)
    }

    pub(super) fn leave(&mut self, rope: Rope) {
        self.leftovers.add(rope);
    }

    pub(super) fn forgotten(&self) -> usize {
        self.forgotten
    }

    #[cfg(test)]
    pub(super) fn set_limit(&mut self, bytes: usize) {
        self.limit = Some(bytes);
    }

    pub(super) fn len(&self) -> (usize, usize) {
        (self.done.len(), self.undone.len())
    }

    pub(super) fn record(&mut self, step: Step) {
        for step in self.undone.drain(..) {
            self.bytes -= step.bytes();
            self.leftovers.add_step(step);
        }
        let groups = step.kind != Kind::Single;
        let left_over = match self.done.back_mut() {
            Some(last) if self.open && groups => {
                let before = last.bytes();
                let left_over = Arc::make_mut(last).join(step);
                self.bytes = self.bytes + last.bytes() - before;
                left_over
            }
            _ => Some(step),
        };
        if let Some(step) = left_over {
            self.bytes += step.bytes();
            self.done.push_back(Arc::new(step));
        }
        self.open = groups;
        let limit = self.limit.unwrap_or(MAX_BYTES);
        while self.done.len() > MAX_STEPS || (self.bytes > limit && self.done.len() > 1) {
            if let Some(oldest) = self.done.pop_front() {
                self.bytes -= oldest.bytes();
                self.forgotten += 1;
                self.leftovers.add_step(oldest);
            }
        }
    }

    /// Sets the caret that doing the last step again ends with.
    pub(super) fn set_last_caret(&mut self, caret: Caret) {
        if let Some(last) = self.done.back_mut() {
            Arc::make_mut(last).after = caret;
        }
    }

    /// The step to take back; it moves to the ones that can be done again.
    pub(super) fn undo(&mut self) -> Option<Arc<Step>> {
        self.open = false;
        let step = self.done.pop_back()?;
        self.undone.push(Arc::clone(&step));
        Some(step)
    }

    /// The step to do again.
    pub(super) fn redo(&mut self) -> Option<Arc<Step>> {
        self.open = false;
        let step = self.undone.pop()?;
        self.done.push_back(Arc::clone(&step));
        Some(step)
    }
}
