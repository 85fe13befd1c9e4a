//! Columns of a line and rows of a wrapped line, both without reading more of a line than is near.
//!
//! A line of at most [`LONG_LINE`] characters is measured from its start, in cells. In a longer one a *column* is the
//! number of characters before it: exact for ASCII, off by the wide characters for others, but found by
//! arithmetic, always growing to the right and free of any cache. A wrapped long line is cut
//! into segments of a multiple of the width in characters; each segment starts a row. Text of one cell a
//! character fills all its rows; other text leaves the last row of a segment partly blank.

use std::ops::{ControlFlow, Range};

use super::display::shown;
use super::field::is_line_break;
use super::grapheme;
use super::text::Editor;

/// Characters above which a line counts as long.
pub(super) const LONG_LINE: usize = 1024;

/// A line's place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Index, from 0.
    pub index: usize,
    /// Index of its first character.
    pub start: usize,
    /// Index after its last character, before its line break.
    pub end: usize,
}

impl Line {
    /// Whether it is too long to be measured from its start.
    pub(super) fn is_long(&self) -> bool {
        self.end - self.start > LONG_LINE
    }
}

/// The place of a line; past the last one, of the last.
pub(super) fn line(editor: &Editor, index: usize) -> Line {
    let rope = editor.rope();
    let last = rope.len_lines() - 1;
    let index = index.min(last);
    let start = rope.line_to_char(index);
    let mut end = if index == last { rope.len_chars() } else { rope.line_to_char(index + 1) };
    if index < last && end > start {
        let mut before = rope.chars_at(end);
        let broken = before.prev();
        if broken.is_some_and(is_line_break) {
            end -= 1;
        }
        if broken == Some('\n') && end > start && before.prev() == Some('\r') {
            end -= 1;
        }
    }
    Line { index, start, end }
}

/// The line that holds a character index.
pub(super) fn line_at(editor: &Editor, char: usize) -> Line {
    let rope = editor.rope();
    line(editor, rope.char_to_line(char.min(rope.len_chars())))
}

/// The column at which a character of the line starts.
pub(super) fn column_of(editor: &Editor, line: Line, char: usize) -> usize {
    let char = char.clamp(line.start, line.end);
    if line.is_long() {
        return char - line.start;
    }
    let mut column = 0;
    grapheme::walk(editor.rope(), line.start..char, |cluster| {
        column += shown(cluster.text, Some(column), editor.is_masked()).width;
        ControlFlow::Continue(())
    });
    column
}

/// The grapheme that covers a column, with the column at which it starts; past the end, the line's end.
pub(super) fn at_column(editor: &Editor, line: Line, wanted: usize) -> (usize, usize) {
    if line.is_long() {
        let char = line.start.saturating_add(wanted).min(line.end);
        let char = grapheme::floor(editor.rope(), char).max(line.start);
        return (char, wanted.min(line.end - line.start));
    }
    if wanted == 0 {
        return (line.start, 0);
    }
    let mut column = 0;
    let mut found = None;
    grapheme::walk(editor.rope(), line.start..line.end, |cluster| {
        let width = shown(cluster.text, Some(column), editor.is_masked()).width;
        if column + width > wanted {
            found = Some((cluster.char, column));
            return ControlFlow::Break(());
        }
        column += width;
        ControlFlow::Continue(())
    });
    found.unwrap_or((line.end, column))
}

/// One row of a wrapped line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub line: Line,
    /// Characters in it.
    pub range: Range<usize>,
}

impl Row {
    /// Whether the line ends in this row.
    pub(super) fn is_last(&self) -> bool {
        self.range.end == self.line.end
    }
}

/// A place among the rows of a wrapped text, which can be moved up and down row by row.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    editor: &'a Editor,
    width: usize,
    line: Line,
    segment: usize,
    rows: Vec<Range<usize>>,
    at: usize,
}

impl<'a> Rows<'a> {
    /// The row that holds a character.
    pub(super) fn at(editor: &'a Editor, width: usize, char: usize) -> Self {
        let char = char.min(editor.len_chars());
        let line = line_at(editor, char);
        let char = char.min(line.end);
        let mut rows =
            Self { editor, width: width.max(1), line, segment: 0, rows: Vec::new(), at: 0 };
        if line.is_long() {
            rows.segment = (char - line.start) / rows.segment_chars();
            // The boundary that starts the next segment may lie before its nominal place.
            let next = rows.segment_start(rows.segment + 1);
            if char >= next && next < line.end {
                rows.segment += 1;
            }
            if rows.segment > 0 && rows.segment_start(rows.segment) >= line.end {
                rows.segment -= 1;
            }
        }
        rows.lay_out();
        rows.at = rows.rows.iter().rposition(|row| row.start <= char).unwrap_or(0);
        rows
    }

    /// The row at this place.
    pub(super) fn row(&self) -> Row {
        let range = self.rows.get(self.at).cloned();
        Row { line: self.line, range: range.unwrap_or(self.line.start..self.line.start) }
    }

    /// Moves to the next row; false at the last one.
    pub(super) fn down(&mut self) -> bool {
        if self.at + 1 < self.rows.len() {
            self.at += 1;
            return true;
        }
        if self.line.is_long() && self.segment_start(self.segment + 1) < self.line.end {
            self.segment += 1;
        } else if self.line.index + 1 < self.editor.rope().len_lines() {
            self.line = line(self.editor, self.line.index + 1);
            self.segment = 0;
        } else {
            return false;
        }
        self.lay_out();
        self.at = 0;
        true
    }

    /// Moves to the row before; false at the first one.
    pub(super) fn up(&mut self) -> bool {
        if self.at > 0 {
            self.at -= 1;
            return true;
        }
        if self.segment > 0 {
            self.segment -= 1;
        } else if self.line.index > 0 {
            self.line = line(self.editor, self.line.index - 1);
            self.segment = 0;
            if self.line.is_long() {
                self.segment = (self.line.end - self.line.start - 1) / self.segment_chars();
                if self.segment > 0 && self.segment_start(self.segment) >= self.line.end {
                    self.segment -= 1;
                }
            }
        } else {
            return false;
        }
        self.lay_out();
        self.at = self.rows.len().saturating_sub(1);
        true
    }

    /// Characters in a segment of a long line: a multiple of the width, and more than two of the longest graphemes, so that
    /// each segment has a boundary of its own.
    fn segment_chars(&self) -> usize {
        self.width * LONG_LINE.div_ceil(self.width)
    }

    fn segment_start(&self, segment: usize) -> usize {
        let start = self.line.start + segment * self.segment_chars();
        if start >= self.line.end {
            return self.line.end;
        }
        grapheme::floor(self.editor.rope(), start)
    }

    /// Breaks the current segment into rows.
    fn lay_out(&mut self) {
        let long = self.line.is_long();
        let span = if long {
            self.segment_start(self.segment)..self.segment_start(self.segment + 1)
        } else {
            self.line.start..self.line.end
        };
        let mut rows = Vec::new();
        let mut start = span.start;
        let mut column = 0;
        grapheme::walk(self.editor.rope(), span.clone(), |cluster| {
            let tab_column = (!long).then_some(column);
            let mut width = shown(cluster.text, tab_column, self.editor.is_masked()).width;
            if column > 0 && column + width > self.width {
                rows.push(start..cluster.char);
                start = cluster.char;
                column = 0;
                width = shown(cluster.text, (!long).then_some(0), self.editor.is_masked()).width;
            }
            column += width;
            ControlFlow::Continue(())
        });
        rows.push(start..span.end);
        // A cursor after a row that is full to the edge needs a cell to stand in.
        if column >= self.width
            && span.end == self.line.end
            && self.editor.cursor() == self.line.end
        {
            rows.push(span.end..span.end);
        }
        self.rows = rows;
    }
}
