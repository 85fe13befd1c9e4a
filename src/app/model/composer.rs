//! The message being written, and the messages that were kept.

use std::cell::RefCell;

use super::Working;
use crate::config::Settings;
use crate::core::progress::Progress;
use crate::editor::{Editor, Field, Query, Viewport};
use crate::payload::{BinaryForm, Kind, LineStates, Problem};

/// What is known of the text under the cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Validation {
    /// Nothing to judge (plain text, or empty).
    #[default]
    None,
    /// A judge is at work on a large text.
    Pending,
    Valid,
    /// It can be sent all the same.
    Problem(Problem),
}

/// A message kept with the request.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedMessage {
    pub name: String,
    pub kind: Kind,
    pub form: BinaryForm,
    pub text: String,
    /// Sent by itself as soon as a connection is open; text only.
    pub on_open: bool,
}

#[derive(Debug)]
pub struct Composer {
    pub kind: Kind,
    /// How the bytes are written while [`Composer::kind`] is binary. [`BinaryForm::File`] goes with
    /// text as well: the text is then a path, and the message is what that file holds.
    pub form: BinaryForm,
    pub editor: Editor,
    pub viewport: Viewport,
    pub validation: Validation,
    /// Revision of the text that [`Composer::validation`] is about.
    pub validated: Option<(u64, Kind, BinaryForm)>,
    /// The judging of a long text, while it goes on.
    pub judging: Option<Progress>,
    /// Work on the text that is waited for.
    pub work: Option<Working>,
    /// What is typed takes the place of what stands there.
    pub overwrite: bool,
    /// A long draft lies on disk and was not read yet (or not wanted): it is kept there until
    /// something else is composed.
    pub draft_on_disk: bool,
    /// Lexer states at line starts, so that a jump need not lex from the top.
    /// Only drawing asks it, and drawing has the model by shared reference.
    pub lines: RefCell<LineStates>,
    /// The search line over the text, while it is open.
    pub search: Option<ComposerSearch>,
}

#[derive(Debug)]
pub struct ComposerSearch {
    pub input: Editor,
    pub regex: bool,
    pub case: bool,
    pub query: Option<Query>,
    /// Why the pattern cannot be used, or how many hits there are.
    pub word: String,
    /// Tells results of this pattern and text from older ones.
    pub generation: u64,
    /// Counting and looking far away, while they go on.
    pub running: Vec<Progress>,
}

impl ComposerSearch {
    /// Stops what goes on beside the loop; what it still tells is not heard.
    pub fn stop(&mut self) {
        self.running.drain(..).for_each(|progress| progress.cancel());
    }
}

impl Drop for ComposerSearch {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Composer {
    /// Whether the text is bytes in hexadecimal digits.
    #[must_use]
    pub fn is_hex(&self) -> bool {
        self.kind == Kind::Binary && self.form == BinaryForm::Hex
    }

    /// Whether the text is the path of the file that is the message.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.form == BinaryForm::File && matches!(self.kind, Kind::Binary | Kind::Text)
    }

    #[must_use]
    pub fn new(settings: &Settings) -> Composer {
        let mut viewport = Viewport::new(80, 8);
        viewport.wrap = settings.composer.wrap;
        Composer {
            kind: Kind::Json,
            form: BinaryForm::default(),
            editor: Editor::for_field(Field {
                indent: usize::from(settings.composer.indent),
                ..Field::text()
            }),
            viewport,
            validation: Validation::None,
            validated: None,
            judging: None,
            work: None,
            overwrite: false,
            draft_on_disk: false,
            lines: RefCell::default(),
            search: None,
        }
    }
}
