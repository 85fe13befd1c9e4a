//! The text editor behind every input field: rope, cursor, selection, undo, search and the window
//! that a view draws. Pure: no terminal type, no clock, no file.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `edit` | the vocabulary: [`Edit`], [`Motion`], [`Outcome`], [`Position`] |
//! | `text` | [`Editor`]: the text with its cursor; each edit as one splice |
//! | `lines` | edits of whole lines: new line, delete, indent, outdent |
//! | `motion` | where each [`Motion`] leads |
//! | `field` | what kind of field it is: one line or many, placeholder, limit, mask |
//! | `history` | undo steps as inverse edits, bounded |
//! | `grapheme`, `words` | where a cursor may stand, and what a word is |
//! | `search` | [`Query`] over the rope, block by block |
//! | `hunt` | search through a long text, near on the spot, far by work that can be stopped |
//! | `display` | what a grapheme looks like on a screen; nothing hostile passes |
//! | `layout` | columns of a line, rows of a wrapped line |
//! | `view` | [`Viewport`] and [`VisibleLine`]: the cells of the visible window |
//!
//! # What stays fast, and how
//!
//! Nothing that happens for a key or a frame may cost more with a longer text. Three rules keep it so,
//! also when the whole text is one line of 100 MiB:
//!
//! 1. The text is a [`ropey::Rope`]; an edit is O(log n), a removed piece is kept for undo as a rope that
//!    shares its nodes with the text.
//! 2. Every look around the cursor is bounded: graphemes at 256 characters, words,
//!    leading blanks and brackets at limits of their own. Past the limit the answer is a sensible near one,
//!    never a long wait.
//! 3. A *long line* (over 1024 characters) is never measured from its start. Its columns are
//!    counted in characters instead of cells (for ASCII the same thing), so that the character at a column is
//!    found by arithmetic, and when wrapped it is cut into segments of a fixed number of characters, each of
//!    which starts a row. Both need no cache that an edit could make stale.

mod display;
mod edit;
mod field;
mod grapheme;
mod history;
mod hunt;
mod layout;
mod lines;
mod motion;
mod search;
mod text;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use display::CellKind;
pub use edit::{Edit, Motion, Outcome, Position};
pub use field::{Field, Joint, Mode};
pub use history::Leftovers;
pub use hunt::{Near, count_all, find_far};
pub use search::{Case, Count, Direction, Query, QueryError};
pub use text::Editor;
pub use view::{Cell, Viewport, VisibleLine, visible_lines};
