//! The message that is read: how it is looked at, what was made of it, and the place in it.
//!
//! Nothing here grows with the message but what a job has made: a rope, or a tree. What is shown of
//! a message that is not laid out (its text as it came, its bytes) is read straight from the payload,
//! the rows of the window only: see [`Rows`].

mod compare;
mod find;
mod jq;
mod rows;
mod tree;
mod view;

pub use compare::{Against, Compared};
pub use find::{Find, Found, Hit, MOST_HITS};
pub use jq::JqLine;
pub use rows::{Glyph, Piece, Rows};
pub use tree::TreeView;
pub use view::DetailView;

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use crate::core::frame::Frames;
use crate::core::progress::Progress;
use crate::editor::{Editor, Mode, Viewport};
use crate::payload::lens::Schema;
use crate::payload::{Kind, LineStates};

/// What fills the detail.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// No entry, or one whose contents are not there yet.
    #[default]
    Empty,
    /// [`Detail::text`].
    Text,
    /// The payload as text, straight from its bytes.
    Raw,
    /// The payload as a dump, straight from its bytes.
    Hex,
    /// The headers of its frames.
    Frames,
    Tree(Box<TreeView>),
    /// What differs from another message.
    Diff(Compared),
    /// Why it cannot be shown so.
    Trouble(String),
}

/// What is being made of the message beside the loop.
#[derive(Clone, Debug)]
pub struct Work {
    /// What is done, as in `laying out`.
    pub what: &'static str,
    /// Of bytes of the payload; asked to stop by whoever needs it no more.
    pub progress: Progress,
}

/// The selected message, laid out to be read.
#[derive(Debug)]
pub struct Detail {
    /// Number of the entry that is shown; 0 for none.
    pub number: u64,
    /// How the user wants to look at messages in this tab; `None` leaves it to each message.
    pub choice: Option<DetailView>,
    /// How this message is looked at.
    pub view: DetailView,
    /// What fits this message, in the order of the bar.
    pub views: Vec<DetailView>,
    pub payload: Bytes,
    /// It is a text message, so its payload is valid UTF-8.
    pub is_text: bool,
    /// What colours the text that is shown.
    pub kind: Kind,
    pub frames: Frames,
    /// A line of facts: type, size, time, close code.
    pub title: String,
    /// What the lens says beside it; empty for nothing.
    pub note: String,
    pub body: Body,
    /// The laid-out text; read only.
    pub text: Editor,
    /// Place in that text. Width, height, wrapping and the column at the left are those of all bodies.
    pub viewport: Viewport,
    /// See [`Composer::lines`](super::Composer::lines).
    pub lines: RefCell<LineStates>,
    /// First row of a dump, of frames, of a difference.
    pub top: usize,
    /// First byte of the window of a raw payload; the beginning of one of its [`Rows`].
    pub place: usize,
    pub work: Option<Work>,
    /// The contents are being read from disk.
    pub waiting: bool,
    /// Names what is being made, so that a late result of something older is dropped.
    pub stamp: u64,
    pub find: Find,
    pub jq: JqLine,
    /// Number of the entry that others can be compared with.
    pub marked: Option<u64>,
    /// What every message is compared with, while that is asked for.
    pub against: Option<Against>,
    /// Types for messages of Protobuf, for as long as the program runs.
    pub schema: Option<Arc<Schema>>,
    pub message_types: Vec<String>,
    /// Full name of the type that a whole message has.
    pub message_type: Option<String>,
    /// The files that it was loaded from, as typed.
    pub schema_from: String,
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
            choice: None,
            view: DetailView::RAW,
            views: Vec::new(),
            payload: Bytes::new(),
            is_text: true,
            kind: Kind::Text,
            frames: Frames::default(),
            title: String::new(),
            note: String::new(),
            body: Body::Empty,
            text: Editor::new(Mode::Text),
            viewport: Viewport::new(80, 8),
            lines: RefCell::default(),
            top: 0,
            place: 0,
            work: None,
            waiting: false,
            stamp: 0,
            find: Find::default(),
            jq: JqLine::default(),
            marked: None,
            against: None,
            schema: None,
            message_types: Vec::new(),
            message_type: None,
            schema_from: String::new(),
        }
    }

    /// Something is being typed here: keys are text.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        self.jq.editing || self.find.line.as_ref().is_some_and(|line| line.editing)
    }

    /// Typing ends; what was typed stays.
    pub fn stop_typing(&mut self) {
        self.jq.editing = false;
        if let Some(line) = &mut self.find.line {
            line.editing = false;
        }
    }

    /// Stops what is being made, and makes its result count for nothing.
    pub fn drop_work(&mut self) {
        self.stamp += 1;
        if let Some(work) = self.work.take() {
            work.progress.cancel();
        }
    }

    /// The rows of the raw payload, as wide as the window if lines are wrapped.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        let width = usize::from(self.viewport.width.max(1));
        Rows::new(&self.payload, self.viewport.wrap.then_some(width))
    }

    /// Back to the beginning.
    pub fn rewind(&mut self) {
        self.viewport.top_line = 0;
        self.viewport.top_offset = 0;
        self.viewport.left_column = 0;
        self.top = 0;
        self.place = 0;
        self.lines.take();
    }
}
