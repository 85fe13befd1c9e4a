//! Undo and redo: inverse edits, not copies of the text.

use std::collections::VecDeque;
use std::sync::Arc;

use ropey::{Rope, RopeSlice};

use super::words::Class;

/// The most steps that are kept.
pub(super) const MAX_STEPS: usize = 1000;
/// The most bytes of text that the kept steps hold together; the newest step is kept whatever its size.
pub(super) const MAX_BYTES: usize = 64 << 20;
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
    fn bytes(&self) -> usize {
        self.removed.len_bytes() + self.inserted.len_bytes()
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
}

impl History {
    /// Ends the current group: the next step stands for itself.
    pub(super) fn close_group(&mut self) {
        self.open = false;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn len(&self) -> (usize, usize) {
        (self.done.len(), self.undone.len())
    }

    pub(super) fn record(&mut self, step: Step) {
        for step in self.undone.drain(..) {
            self.bytes -= step.bytes();
        }
        let bytes = step.bytes();
        let groups = step.kind != Kind::Single;
        let left_over = match self.done.back_mut() {
            Some(last) if self.open && groups => Arc::make_mut(last).join(step),
            _ => Some(step),
        };
        if let Some(step) = left_over {
            self.done.push_back(Arc::new(step));
        }
        self.bytes += bytes;
        self.open = groups;
        while self.done.len() > MAX_STEPS || (self.bytes > MAX_BYTES && self.done.len() > 1) {
            if let Some(oldest) = self.done.pop_front() {
                self.bytes -= oldest.bytes();
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
