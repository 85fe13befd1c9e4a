//! The words in which a caller speaks to the editor: edits, motions, and what came of them.

use std::fmt;
use std::ops::Range;

/// One thing to do to an [`Editor`](super::Editor). Cut and copy are put together by the caller from
/// [`selected_text`](super::Editor::selected_text) and [`Edit::Delete`].
///
/// `Debug` shows lengths only: a field may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Edit {
    /// Typed text; replaces the selection. A run of typed word characters is one undo step. Line breaks are
    /// treated as in [`Edit::Paste`].
    Insert(String),
    /// Pasted text; replaces the selection and is always an undo step of its own. In a text of many lines CR
    /// and CRLF become LF (terminals deliver pasted line ends as CR); in a field of one line, line breaks are
    /// joined as the field's [`Joint`](super::Joint) says.
    Paste(String),
    /// A line break with automatic indentation; nothing in a field of one line.
    NewLine,
    /// Removes the selection, or the grapheme before the cursor.
    Backspace,
    /// Removes the selection, or the grapheme after the cursor.
    Delete,
    /// Removes the selection, or back to the start of the word before the cursor.
    DeleteWordBack,
    /// Removes the selection, or forward to the end of the word after the cursor.
    DeleteWordForward,
    /// Removes the selection, or everything between the line's start and the cursor.
    DeleteToLineStart,
    /// Removes the selection, or everything up to the line's end; at the line's end, the line break.
    DeleteToLineEnd,
    /// Removes the lines touched by the selection (or the cursor's line) with their line breaks.
    DeleteLine,
    /// Moves the cursor; with `extend` the selection grows to the new place, else it is dropped.
    Move {
        /// Where to.
        motion: Motion,
        /// Whether the selection is extended.
        extend: bool,
    },
    /// Takes back the last step.
    Undo,
    /// Does again the step that was last taken back.
    Redo,
    /// Selects the whole text.
    SelectAll,
    /// Moves the selected lines one level to the right; without a selection over several lines, inserts blanks up to
    /// the next level. Nothing in a field of one line.
    Indent,
    /// Moves the selected lines, or the cursor's, one level to the left.
    Outdent,
    /// Replaces a range of characters by a text, exactly as given (a field of one line still joins lines).
    Replace {
        /// Characters to replace; cut to the text's length.
        range: Range<usize>,
        /// What stands there afterwards.
        text: String,
    },
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insert(text) => write!(f, "Insert({} bytes)", text.len()),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
            Self::Replace { range, text } => {
                write!(f, "Replace({range:?}, {} bytes)", text.len())
            }
            Self::Move { motion, extend } => write!(f, "Move({motion:?}, extend: {extend})"),
            Self::NewLine => f.write_str("NewLine"),
            Self::Backspace => f.write_str("Backspace"),
            Self::Delete => f.write_str("Delete"),
            Self::DeleteWordBack => f.write_str("DeleteWordBack"),
            Self::DeleteWordForward => f.write_str("DeleteWordForward"),
            Self::DeleteToLineStart => f.write_str("DeleteToLineStart"),
            Self::DeleteToLineEnd => f.write_str("DeleteToLineEnd"),
            Self::DeleteLine => f.write_str("DeleteLine"),
            Self::Undo => f.write_str("Undo"),
            Self::Redo => f.write_str("Redo"),
            Self::SelectAll => f.write_str("SelectAll"),
            Self::Indent => f.write_str("Indent"),
            Self::Outdent => f.write_str("Outdent"),
        }
    }
}

/// A way for the cursor to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One grapheme back; with a selection that is not extended, to its start.
    Left,
    /// One grapheme on; with a selection that is not extended, to its end.
    Right,
    /// To the start of the word before the cursor.
    WordLeft,
    /// To the end of the word after the cursor.
    WordRight,
    /// To the first character of the line that is no blank; from there to the line's start.
    LineStart,
    /// To the line's end, before its line break.
    LineEnd,
    /// One line up, to the remembered column. On the first line nothing happens (extending: to its start).
    Up,
    /// One line down, to the remembered column. On the last line nothing happens (extending: to its end).
    Down,
    /// So many lines up, at most to the first.
    PageUp(usize),
    /// So many lines down, at most to the last.
    PageDown(usize),
    /// To the start of the text.
    TextStart,
    /// To the end of the text.
    TextEnd,
    /// To a character index, moved back to the start of its grapheme.
    To(usize),
    /// To the bracket that belongs to the one after (or before) the cursor; brackets in strings count like others.
    MatchingBracket,
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The text is another one; [`revision`](super::Editor::revision) has a new value.
    Changed,
    /// Only the cursor or the selection is elsewhere.
    Moved,
    /// Nothing happened: there was no further to go, nothing to remove or no room. A caller can give the key another
    /// meaning, such as the history for the up key in a field of one line.
    Unchanged,
}

/// Where the cursor stands, in words for people and in offsets for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in graphemes, from 1. Far right in a line that is not ASCII it is counted in characters, since
    /// counting graphemes would mean to read the line from its start.
    pub column: usize,
    /// Characters before the cursor, in the whole text.
    pub char: usize,
    /// Bytes before the cursor, in the whole text.
    pub byte: usize,
}
