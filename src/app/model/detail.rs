//! The message that is read: how it is laid out, and the place in it.

use std::cell::RefCell;

use crate::editor::{Editor, Viewport};
use crate::payload::{Kind, LineStates};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DetailView {
    #[default]
    Pretty,
    Raw,
    Hex,
}

impl DetailView {
    pub const ALL: [DetailView; 3] = [DetailView::Pretty, DetailView::Raw, DetailView::Hex];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            DetailView::Pretty => "pretty",
            DetailView::Raw => "raw",
            DetailView::Hex => "hex",
        }
    }
}

/// The selected message, laid out to be read.
#[derive(Debug)]
pub struct Detail {
    /// Number of the entry that is shown; 0 for none.
    pub number: u64,
    pub view: DetailView,
    pub kind: Kind,
    /// The laid-out text; read only.
    pub text: Editor,
    pub viewport: Viewport,
    /// See [`Composer::lines`](super::Composer::lines).
    pub lines: RefCell<LineStates>,
    /// The layout of a large message is being made.
    pub pending: bool,
    /// A line of facts: type, size, time, close code.
    pub title: String,
}

impl Default for Detail {
    fn default() -> Self {
        Detail::new()
    }
}

impl Detail {
    #[must_use]
    pub fn new() -> Detail {
        Detail {
            number: 0,
            view: DetailView::default(),
            kind: Kind::Text,
            text: Editor::new(crate::editor::Mode::Text),
            viewport: Viewport::new(80, 8),
            lines: RefCell::default(),
            pending: false,
            title: String::new(),
        }
    }
}
