//! [`Editor`]: a text with its cursor, selection and undo steps. Every change goes through one splice.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use ropey::Rope;

use super::edit::{Edit, Motion, Outcome, Position};
use super::field::{Field, Mode};
use super::history::{Caret, History, Kind, Leftovers, Piece, Step};
use super::layout::{self, Line};
use super::motion::{self, Target};
use super::view::Viewport;
use super::{grapheme, words};

/// Changes whose places are remembered for [`Editor::unchanged_bytes_since`].
const MAX_PLACES: usize = 64;
/// Inserted text from this size on is put in as a rope of its own instead of leaf by leaf.
const GRAFT: usize = 64 * 1024;

/// Revisions are drawn from one counter for all editors, so that equal revisions mean equal text even between
/// clones that went different ways, and a cache may be keyed on the revision alone.
static REVISIONS: AtomicU64 = AtomicU64::new(1);

fn next_revision() -> u64 {
    REVISIONS.fetch_add(1, Ordering::Relaxed)
}

/// A text being edited: one line or many, with cursor, selection and undo.
///
/// All indices are characters unless they are called bytes. The cursor always stands on the boundary of a grapheme.
/// A clone shares text and undo steps. `Debug` shows lengths only, as a field may hold a secret.
#[derive(Clone)]
pub struct Editor {
    rope: Rope,
    field: Field,
    pub(super) caret: Caret,
    goal: Option<usize>,
    history: History,
    revision: u64,
    /// For the last changes, the revision each led to and the byte where it began.
    places: VecDeque<(u64, usize)>,
}

impl fmt::Debug for Editor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, undone) = self.history.len();
        f.debug_struct("Editor")
            .field("mode", &self.field.mode)
            .field("bytes", &self.rope.len_bytes())
            .field("chars", &self.rope.len_chars())
            .field("caret", &self.caret)
            .field("revision", &self.revision)
            .field("undo", &done)
            .field("redo", &undone)
            .finish()
    }
}

impl Editor {
    /// An empty editor.
    pub fn new(mode: Mode) -> Self {
        Self::for_field(match mode {
            Mode::Line => Field::line(),
            Mode::Text => Field::text(),
        })
    }

    /// An empty editor with a field's settings.
    pub fn for_field(field: Field) -> Self {
        Self {
            rope: Rope::new(),
            field,
            caret: Caret::default(),
            goal: None,
            history: History::default(),
            revision: next_revision(),
            places: VecDeque::new(),
        }
    }

    /// An editor that holds a text, with the cursor at its start (a text) or end (a field of one line) and nothing
    /// to undo.
    pub fn with_text(mode: Mode, text: &str) -> Self {
        let mut editor = Self::new(mode);
        editor.reset_text(text);
        editor
    }

    /// The whole text as one string: O(n), for sending and saving.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.rope.len_bytes());
        text.extend(self.rope.chunks());
        text
    }

    /// The text itself. Cloning it is cheap and gives other threads a snapshot.
    pub fn rope(&self) -> &Rope {
        &self.rope
    }

    /// The field's settings.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Shows or hides a secret field's text.
    pub fn set_mask(&mut self, mask: bool) {
        self.field.mask = mask;
        self.goal = None;
    }

    /// Whether `•` is shown for each grapheme.
    pub fn is_masked(&self) -> bool {
        self.field.mask
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.rope.len_bytes() == 0
    }

    /// Length in bytes of UTF-8.
    pub fn len_bytes(&self) -> usize {
        self.rope.len_bytes()
    }

    /// Length in characters.
    pub fn len_chars(&self) -> usize {
        self.rope.len_chars()
    }

    /// Number of lines; an empty text has one.
    pub fn len_lines(&self) -> usize {
        self.rope.len_lines()
    }

    /// A number that is another one after each change of the text. Equal numbers mean equal text, also between editors.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many bytes at the text's start are the same as they were at an earlier revision of this editor; 0 if
    /// that is not known any more. For caches of what was computed from the start on, such as highlighting.
    pub fn unchanged_bytes_since(&self, revision: u64) -> usize {
        if revision == self.revision {
            return self.rope.len_bytes();
        }
        let Some(known) = self.places.iter().position(|&(led_to, _)| led_to == revision) else {
            return 0;
        };
        self.places.iter().skip(known + 1).map(|&(_, byte)| byte).min().unwrap_or(0)
    }

    /// Replaces the whole text as one undo step. In a text the cursor stays at its index as far as there is text; in
    /// a field of one line it goes to the end.
    pub fn set_text(&mut self, text: &str) -> Outcome {
        let text = self.field.fit(text).into_owned();
        let cursor = match self.field.mode {
            Mode::Line => usize::MAX,
            Mode::Text => self.caret.cursor,
        };
        if self.rope == text.as_str() {
            return Outcome::Unchanged;
        }
        let outcome = self.splice(0..self.len_chars(), &text, Kind::Single);
        if outcome == Outcome::Changed {
            self.put_caret(cursor, None);
            self.seal_caret();
        }
        outcome
    }

    /// Replaces the whole text and forgets all undo steps: the field shows something else now.
    pub fn reset_text(&mut self, text: &str) {
        let text = self.field.fit(text);
        let rope = Rope::from_str(&text);
        drop(text);
        self.reset_rope(rope);
    }

    /// As [`reset_text`](Self::reset_text), for a rope that was read in the background. A field of one line takes its
    /// text through `reset_text` instead.
    pub fn reset_rope(&mut self, rope: Rope) {
        if self.field.mode == Mode::Line && rope.len_lines() > 1 {
            let text: String = rope.chunks().collect();
            return self.reset_text(&text);
        }
        let old = std::mem::replace(&mut self.rope, rope);
        self.history.clear();
        self.history.leave(old);
        self.places.clear();
        self.changed_at(0);
        if let Some(max) = self.field.max_chars
            && self.len_chars() > max
        {
            let end = grapheme::floor(&self.rope, max);
            self.rope.remove(end..);
        }
        self.goal = None;
        let cursor = match self.field.mode {
            Mode::Line => self.len_chars(),
            Mode::Text => 0,
        };
        self.put_caret(cursor, None);
    }

    /// The cursor: it stands before the character of this index.
    pub fn cursor(&self) -> usize {
        self.caret.cursor
    }

    /// The selected characters, if there are any.
    pub fn selection(&self) -> Option<Range<usize>> {
        let anchor = self.caret.anchor?;
        let cursor = self.caret.cursor;
        (anchor != cursor).then(|| anchor.min(cursor)..anchor.max(cursor))
    }

    /// The selected text; empty without a selection. In a masked field it is the secret itself.
    pub fn selected_text(&self) -> String {
        self.selection().map_or_else(String::new, |range| self.rope.slice(range).chunks().collect())
    }

    /// Selects a range, widened to whole graphemes; the cursor stands at its end.
    pub fn select(&mut self, range: Range<usize>) -> Outcome {
        let start = grapheme::floor(&self.rope, range.start);
        let end = grapheme::ceil(&self.rope, range.end.max(range.start));
        self.move_to(end.into(), Some(start))
    }

    /// Selects the whole text.
    pub fn select_all(&mut self) -> Outcome {
        self.move_to(self.len_chars().into(), Some(0))
    }

    /// Selects the word, blanks or signs around a character: a double click. All of a masked field.
    pub fn select_word_at(&mut self, char: usize) -> Outcome {
        if self.field.mask {
            return self.select_all();
        }
        let line = layout::line_at(self, char);
        // At a line's end the word before it is meant, and not the line break.
        let char = if char >= line.end && line.end > line.start { line.end - 1 } else { char };
        let word = words::around(&self.rope, char);
        self.select(word.start.max(line.start)..word.end.min(line.end).max(line.start))
    }

    /// Selects the line of a character with its line break: a triple click.
    pub fn select_line(&mut self, char: usize) -> Outcome {
        let line = layout::line_at(self, char);
        self.select(line.start..self.next_line_start(line))
    }

    /// Where the cursor stands, for people and for programs.
    pub fn position(&self) -> Position {
        self.position_of(self.caret.cursor)
    }

    /// Line and column of a character index.
    pub fn position_of(&self, char: usize) -> Position {
        let char = char.min(self.len_chars());
        let line = layout::line_at(self, char);
        let byte = self.rope.char_to_byte(char);
        let inside = char.min(line.end);
        let chars = inside - line.start;
        let bytes = self.rope.char_to_byte(inside) - self.rope.line_to_byte(line.index);
        let before = if bytes == chars || chars > layout::LONG_LINE {
            chars
        } else {
            grapheme::count(&self.rope, line.start..inside)
        };
        Position { line: line.index + 1, column: before + 1, char, byte }
    }

    /// The character index of a byte offset, such as a parser's error gives; past the end, the end.
    pub fn char_at_byte(&self, byte: usize) -> usize {
        self.rope.byte_to_char(byte.min(self.len_bytes()))
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        self.history.len().0 > 0
    }

    /// Whether there is a step to do again.
    pub fn can_redo(&self) -> bool {
        self.history.len().1 > 0
    }

    /// How many steps were forgotten, since their number and the memory that they hold are bounded.
    pub fn forgotten_steps(&self) -> usize {
        self.history.forgotten()
    }

    /// Large texts that nothing needs any more, to be freed by somebody who has the time.
    pub fn take_leftovers(&mut self) -> Leftovers {
        self.history.take_leftovers()
    }

    #[cfg(test)]
    pub(super) fn limit_undo(&mut self, bytes: usize) {
        self.history.set_limit(bytes);
    }

    /// Does one edit.
    pub fn apply(&mut self, edit: Edit) -> Outcome {
        match edit {
            Edit::Insert(text) => self.type_in(&text),
            Edit::Paste(text) => {
                let text = self.field.fit_input(&text).into_owned();
                self.replace_selection(&text, Kind::Single)
            }
            Edit::NewLine => self.new_line(),
            Edit::Backspace => self.delete(Motion::Left, Kind::Backspace),
            Edit::Delete => self.delete(Motion::Right, Kind::Delete),
            Edit::DeleteWordBack => self.delete(Motion::WordLeft, Kind::Single),
            Edit::DeleteWordForward => self.delete(Motion::WordRight, Kind::Single),
            Edit::DeleteToLineStart => {
                let start = layout::line_at(self, self.cursor()).start;
                self.delete(Motion::To(start), Kind::Single)
            }
            Edit::DeleteToLineEnd => {
                let end = layout::line_at(self, self.cursor()).end;
                if self.cursor() == end {
                    self.delete(Motion::Right, Kind::Single)
                } else {
                    self.delete(Motion::To(end), Kind::Single)
                }
            }
            Edit::DeleteLine => self.delete_lines(),
            Edit::Move { motion, extend } => {
                let target = motion::target(self, motion, extend);
                self.move_extending(target, extend)
            }
            Edit::Undo => self.undo(),
            Edit::Redo => self.redo(),
            Edit::SelectAll => self.select_all(),
            Edit::Indent => self.indent(),
            Edit::Outdent => self.outdent(),
            Edit::Replace { range, text } => {
                let text = self.field.fit(&text).into_owned();
                let end = range.end.min(self.len_chars());
                self.splice(range.start.min(end)..end, &text, Kind::Single)
            }
        }
    }

    /// Replaces a range by a rope that was made in the background, as one undo step and in O(log n): pasting a
    /// file, putting a beautified text in place. As [`Edit::Replace`] in a field that is of one line or limited.
    pub fn replace_with_rope(&mut self, range: Range<usize>, rope: Rope) -> Outcome {
        let end = range.end.min(self.len_chars());
        let range = range.start.min(end)..end;
        if self.field.mode == Mode::Line || self.field.max_chars.is_some() || rope.len_bytes() == 0
        {
            let text = rope.chunks().collect();
            return self.apply(Edit::Replace { range, text });
        }
        self.splice_piece(range, Piece::Large(rope), Kind::Single)
    }

    /// Moves by rows as they are seen: in a wrapped view up and down go through the rows of a line.
    pub fn move_rows(&mut self, viewport: &Viewport, rows: isize, extend: bool) -> Outcome {
        let motion = match rows {
            isize::MIN..=-1 => Motion::PageUp(rows.unsigned_abs()),
            _ => Motion::PageDown(rows.unsigned_abs()),
        };
        let target =
            viewport.row_target(self, rows).unwrap_or_else(|| motion::target(self, motion, extend));
        self.move_extending(target, extend)
    }

    /// The remembered column of vertical motions.
    pub(super) fn goal(&self) -> Option<usize> {
        self.goal
    }

    fn move_extending(&mut self, target: Target, extend: bool) -> Outcome {
        let anchor = extend.then(|| self.caret.anchor.unwrap_or(self.caret.cursor));
        self.move_to(target, anchor)
    }

    fn move_to(&mut self, target: Target, anchor: Option<usize>) -> Outcome {
        let (before, selected) = (self.caret.cursor, self.selection());
        self.history.close_group();
        self.goal = target.goal;
        self.put_caret(target.char, anchor);
        if self.caret.cursor == before && self.selection() == selected {
            Outcome::Unchanged
        } else {
            Outcome::Moved
        }
    }

    /// Puts cursor and anchor at boundaries.
    pub(super) fn put_caret(&mut self, cursor: usize, anchor: Option<usize>) {
        self.caret = Caret {
            cursor: grapheme::ceil(&self.rope, cursor),
            anchor: anchor.map(|anchor| grapheme::ceil(&self.rope, anchor)),
        };
    }

    /// Makes redo of the last step end with the caret as it is now.
    pub(super) fn seal_caret(&mut self) {
        self.history.set_last_caret(self.caret);
    }

    pub(super) fn next_line_start(&self, line: Line) -> usize {
        if line.index + 1 < self.rope.len_lines() {
            self.rope.line_to_char(line.index + 1)
        } else {
            self.len_chars()
        }
    }

    fn type_in(&mut self, text: &str) -> Outcome {
        let text = self.field.fit_input(text).into_owned();
        let mut classes = text.chars().map(words::class);
        let first = classes.next();
        let kind = match first {
            Some(class) if classes.all(|other| other == class) && !text.contains('\n') => {
                Kind::Typing(class)
            }
            _ => Kind::Single,
        };
        self.replace_selection(&text, kind)
    }

    pub(super) fn replace_selection(&mut self, text: &str, kind: Kind) -> Outcome {
        let range = self.selection().unwrap_or(self.cursor()..self.cursor());
        self.splice(range, text, kind)
    }

    /// Removes the selection, or what lies between the cursor and a motion's end.
    fn delete(&mut self, motion: Motion, kind: Kind) -> Outcome {
        if let Some(range) = self.selection() {
            return self.splice(range, "", Kind::Single);
        }
        let cursor = self.cursor();
        let there = motion::target(self, motion, true).char;
        self.splice(cursor.min(there)..cursor.max(there), "", kind)
    }

    /// The one way to change the text: replaces a range, records the step, puts the cursor after the new text.
    pub(super) fn splice(&mut self, range: Range<usize>, text: &str, kind: Kind) -> Outcome {
        let text = self.cut_to_room(&range, text);
        if range.is_empty() && text.is_empty() {
            return Outcome::Unchanged;
        }
        let inserted = Piece::from(text);
        self.splice_piece(range, inserted, kind)
    }

    fn splice_piece(&mut self, range: Range<usize>, inserted: Piece, kind: Kind) -> Outcome {
        let before = self.caret;
        let removed = Piece::cut_from(self.rope.slice(range.clone()));
        self.exchange(range.start, removed.len_chars(), &inserted);
        self.put_caret(range.start + inserted.len_chars(), None);
        self.goal = None;
        self.history.record(Step {
            at: range.start,
            removed,
            inserted,
            before,
            after: self.caret,
            kind,
        });
        Outcome::Changed
    }

    /// Cuts a text to what the field still takes.
    fn cut_to_room<'a>(&self, range: &Range<usize>, text: &'a str) -> &'a str {
        let Some(max) = self.field.max_chars else {
            return text;
        };
        let room = max.saturating_sub(self.len_chars() - range.len());
        let Some((cut, _)) = text.char_indices().nth(room) else {
            return text;
        };
        let rope = Rope::from_str(text);
        let end = rope.char_to_byte(grapheme::floor(&rope, room)).min(cut);
        text.get(..end).unwrap_or("")
    }

    /// Puts a piece in the place of so many characters.
    fn exchange(&mut self, at: usize, chars: usize, piece: &Piece) {
        self.changed_at(self.rope.char_to_byte(at));
        if chars > 0 {
            self.rope.remove(at..at + chars);
        }
        match piece {
            Piece::Small(text) => self.rope.insert(at, text),
            Piece::Large(rope) if rope.len_bytes() < GRAFT => {
                let text: String = rope.chunks().collect();
                self.rope.insert(at, &text);
            }
            Piece::Large(rope) => {
                let tail = self.rope.split_off(at);
                self.rope.append(rope.clone());
                self.rope.append(tail);
            }
        }
    }

    fn changed_at(&mut self, byte: usize) {
        if self.places.is_empty() {
            self.places.push_back((self.revision, 0));
        }
        self.revision = next_revision();
        self.places.push_back((self.revision, byte));
        if self.places.len() > MAX_PLACES {
            self.places.pop_front();
        }
    }

    fn undo(&mut self) -> Outcome {
        let Some(step) = self.history.undo() else {
            return Outcome::Unchanged;
        };
        self.exchange(step.at, step.inserted.len_chars(), &step.removed);
        self.caret = step.before;
        self.goal = None;
        Outcome::Changed
    }

    fn redo(&mut self) -> Outcome {
        let Some(step) = self.history.redo() else {
            return Outcome::Unchanged;
        };
        self.exchange(step.at, step.removed.len_chars(), &step.inserted);
        self.caret = step.after;
        self.goal = None;
        Outcome::Changed
    }
}
