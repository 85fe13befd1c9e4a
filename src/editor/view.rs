//! The window of a view: which part of the text is seen, as cells that can be drawn as they are.
//!
//! A view keeps a [`Viewport`], calls [`Viewport::scroll_to_cursor`] after each edit or resize and draws what
//! [`visible_lines`] gives. All of it costs what is visible, not what there is: see [`layout`].

use std::fmt;
use std::ops::{ControlFlow, Range};

use super::display::{CellKind, shown};
use super::field::Mode;
use super::grapheme;
use super::layout::{self, Line, Row, Rows};
use super::motion::Target;
use super::text::Editor;

/// Cells that stay visible between the cursor and an edge behind which the line goes on.
const MARGIN: usize = 3;

/// The part of a text that a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Index of the line at the top, from 0.
    pub top_line: usize,
    /// With `wrap`, how many characters of that line are above the view.
    pub top_offset: usize,
    /// Without `wrap`, the column at the left edge: in cells, in lines of more than 1024 characters in characters.
    pub left_column: usize,
    /// Height in rows.
    pub height: u16,
    /// Width in cells, without a gutter for line numbers.
    pub width: u16,
    /// Whether long lines go on in the next row instead of being cut.
    pub wrap: bool,
}

/// One grapheme as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Where it starts, in cells from the view's left edge.
    pub column: u16,
    /// How many cells it fills, at least 1; never past the view's right edge.
    pub width: u16,
    /// Index of its first character in the text.
    pub char: usize,
    /// Its bytes in the text, for laying a highlighter's ranges over it.
    pub bytes: Range<usize>,
    /// Whether it is drawn as it is in the text.
    pub kind: CellKind,
    /// Whether it is selected.
    pub selected: bool,
    text: Range<usize>,
}

/// One row of the view. `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct VisibleLine {
    /// Index of the line, from 0.
    pub line: usize,
    /// Whether the line starts in this row; false for the further rows of a wrapped line, which have no number.
    pub is_start: bool,
    /// The characters seen, those cut by an edge included.
    pub chars: Range<usize>,
    /// The bytes seen.
    pub bytes: Range<usize>,
    /// Whether the line has text to the left of the view (not in a wrapped one).
    pub cut_left: bool,
    /// Whether the line has text to the right of the view (not in a wrapped one).
    pub cut_right: bool,
    /// Where the cursor is, in cells from the left edge, if it is in this row and seen.
    pub cursor: Option<u16>,
    /// Whether the line break that ends this row is selected: a view may show one selected blank for it.
    pub break_selected: bool,
    /// Cells filled.
    pub width: u16,
    text: String,
    cells: Vec<Cell>,
    /// Whether the row goes up to the line's end.
    ends_line: bool,
}

impl fmt::Debug for VisibleLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisibleLine")
            .field("line", &self.line)
            .field("chars", &self.chars)
            .field("cursor", &self.cursor)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl VisibleLine {
    /// The row as it is drawn: all cells' text together. Safe for a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cells from left to right without gaps, each with what to draw.
    pub fn cells(&self) -> impl Iterator<Item = (&Cell, &str)> {
        self.cells.iter().map(|cell| (cell, self.text.get(cell.text.clone()).unwrap_or("")))
    }
}

impl Viewport {
    /// A view of this size at the start of the text.
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height, ..Self::default() }
    }

    /// Scrolls as little as needed to see the cursor, and back if the text got shorter than what is scrolled over.
    pub fn scroll_to_cursor(&mut self, editor: &Editor) {
        if self.width == 0 || self.height == 0 {
            return;
        }
        if self.wrap {
            self.left_column = 0;
            self.scroll_rows_to_cursor(editor);
            return;
        }
        self.top_offset = 0;
        let height = usize::from(self.height);
        let line = layout::line_at(editor, editor.cursor());
        self.top_line = self
            .top_line
            .min(editor.len_lines().saturating_sub(height))
            .max((line.index + 1).saturating_sub(height))
            .min(line.index);
        self.scroll_columns_to_cursor(editor, line);
    }

    fn scroll_columns_to_cursor(&mut self, editor: &Editor, line: Line) {
        let width = usize::from(self.width);
        let margin = MARGIN.min((width - 1) / 3);
        let cursor = editor.cursor();
        let column = layout::column_of(editor, line, cursor);
        if column < self.left_column + margin {
            // Back by a good piece, so that what stands before the cursor is seen.
            self.left_column = column.saturating_sub(margin.max(width / 4));
        }
        let room = if cursor < line.end {
            let next = grapheme::next(editor.rope(), cursor).min(line.end);
            let tab_column = (!line.is_long()).then_some(column);
            cells(editor, cursor..next, tab_column).max(1) + margin
        } else {
            1
        };
        let before = width.saturating_sub(room);
        let least = if line.is_long() {
            column_before(editor, line, cursor, before)
        } else {
            column.saturating_sub(before)
        };
        self.left_column = self.left_column.max(least);
        if editor.field().mode == Mode::Line {
            let end = if line.is_long() {
                column_before(editor, line, line.end, width - 1)
            } else {
                (layout::column_of(editor, line, line.end) + 1).saturating_sub(width)
            };
            self.left_column = self.left_column.min(end);
        }
    }

    fn scroll_rows_to_cursor(&mut self, editor: &Editor) {
        let height = usize::from(self.height);
        let width = usize::from(self.width);
        let mut cursor = Rows::at(editor, width, editor.cursor());
        let wanted = cursor.row();
        let mut top = self.top_rows(editor);
        let first = top.row();
        if wanted.range.start >= first.range.start {
            for _ in 0..height {
                if top.row() == wanted {
                    self.put_top(&first);
                    return;
                }
                if !top.down() {
                    break;
                }
            }
            for _ in 1..height {
                if !cursor.up() {
                    break;
                }
            }
        }
        self.put_top(&cursor.row());
    }

    /// Scrolls by rows without moving the cursor: the mouse wheel.
    pub fn scroll_rows(&mut self, editor: &Editor, rows: isize) {
        if !self.wrap {
            self.top_offset = 0;
            self.top_line = self
                .top_line
                .saturating_add_signed(rows)
                .min(editor.len_lines().saturating_sub(usize::from(self.height)));
            return;
        }
        let mut top = self.top_rows(editor);
        for _ in 0..rows.unsigned_abs() {
            if !(if rows < 0 { top.up() } else { top.down() }) {
                break;
            }
        }
        self.put_top(&top.row());
    }

    /// The character at a place in the view, for a mouse click: right of a line its end, below the text the text's end.
    pub fn position_at(&self, editor: &Editor, row: u16, column: u16) -> usize {
        let seen = if self.wrap {
            let mut rows = self.top_rows(editor);
            for _ in 0..row {
                if !rows.down() {
                    return editor.len_chars();
                }
            }
            wrapped_row(editor, &rows.row(), self.width)
        } else {
            let index = self.top(editor).saturating_add(usize::from(row));
            if index >= editor.len_lines() {
                return editor.len_chars();
            }
            self.cut_row(editor, index)
        };
        char_at(&seen, column)
            .unwrap_or_else(|| layout::line(editor, seen.line).end.min(seen.chars.end))
    }

    /// Where moving by rows leads in a wrapped view; `None` in one that is not wrapped.
    pub(super) fn row_target(&self, editor: &Editor, rows: isize) -> Option<Target> {
        if !self.wrap || self.width == 0 {
            return None;
        }
        let mut place = Rows::at(editor, usize::from(self.width), editor.cursor());
        let own = place.row();
        let tab_column = (!own.line.is_long()).then_some(0);
        let goal = editor
            .goal()
            .unwrap_or_else(|| cells(editor, own.range.start..editor.cursor(), tab_column));
        for _ in 0..rows.unsigned_abs() {
            if !(if rows < 0 { place.up() } else { place.down() }) {
                break;
            }
        }
        let row = place.row();
        if row == own {
            return Some(Target { char: editor.cursor(), goal: Some(goal) });
        }
        let seen = wrapped_row(editor, &row, self.width);
        let column = u16::try_from(goal).unwrap_or(u16::MAX);
        Some(Target { char: char_at(&seen, column).unwrap_or(row.range.end), goal: Some(goal) })
    }

    /// The line at the top, as far as there are lines.
    fn top(&self, editor: &Editor) -> usize {
        self.top_line.min(editor.len_lines() - 1)
    }

    fn top_rows<'a>(&self, editor: &'a Editor) -> Rows<'a> {
        let line = layout::line(editor, self.top_line);
        let char = line.start.saturating_add(self.top_offset).min(line.end);
        Rows::at(editor, usize::from(self.width), char)
    }

    fn put_top(&mut self, row: &Row) {
        self.top_line = row.line.index;
        self.top_offset = row.range.start - row.line.start;
    }

    fn cut_row(&self, editor: &Editor, index: usize) -> VisibleLine {
        let line = layout::line(editor, index);
        let (start, column) = layout::at_column(editor, line, self.left_column);
        let part = Part {
            line,
            range: start..line.end,
            hidden: if start < line.end { self.left_column.saturating_sub(column) } else { 0 },
            column: (!line.is_long()).then_some(column),
        };
        let mut row = visible_row(editor, &part, self.width);
        row.is_start = true;
        row.cut_left = start > line.start || part.hidden > 0;
        row.cut_right = row.chars.end < line.end || row.cut_right;
        row
    }
}

/// The rows of a view from top to bottom, at most its height; fewer where the text ends.
pub fn visible_lines(editor: &Editor, viewport: &Viewport) -> Vec<VisibleLine> {
    let height = usize::from(viewport.height);
    if viewport.width == 0 || height == 0 {
        return Vec::new();
    }
    if viewport.wrap {
        let mut rows = viewport.top_rows(editor);
        let mut seen = Vec::new();
        for _ in 0..height {
            seen.push(wrapped_row(editor, &rows.row(), viewport.width));
            if !rows.down() {
                break;
            }
        }
        return seen;
    }
    let top = viewport.top(editor);
    (top..editor.len_lines().min(top.saturating_add(height)))
        .map(|index| viewport.cut_row(editor, index))
        .collect()
}

/// A part of a line that fills one row.
struct Part {
    line: Line,
    range: Range<usize>,
    /// Cells of the first grapheme that are left of the view.
    hidden: usize,
    /// The column at which the first grapheme starts, for tab stops; unknown in a long line.
    column: Option<usize>,
}

fn wrapped_row(editor: &Editor, row: &Row, width: u16) -> VisibleLine {
    let part = Part {
        line: row.line,
        range: row.range.clone(),
        hidden: 0,
        column: (!row.line.is_long()).then_some(0),
    };
    let mut seen = visible_row(editor, &part, width);
    seen.is_start = row.range.start == row.line.start;
    seen.cut_right = false;
    seen.break_selected &= row.is_last();
    seen
}

fn visible_row(editor: &Editor, part: &Part, width: u16) -> VisibleLine {
    let (rope, cursor) = (editor.rope(), editor.cursor());
    let width = usize::from(width);
    let selection = editor.selection().unwrap_or(0..0);
    let first_byte = rope.char_to_byte(part.range.start);
    let mut row = VisibleLine {
        line: part.line.index,
        is_start: false,
        chars: part.range.start..part.range.start,
        bytes: first_byte..first_byte,
        cut_left: false,
        cut_right: false,
        cursor: None,
        break_selected: selection.contains(&part.line.end),
        width: 0,
        text: String::new(),
        cells: Vec::new(),
        ends_line: part.range.end == part.line.end,
    };
    let mut used = 0;
    let mut hidden = part.hidden;
    grapheme::walk(rope, part.range.clone(), |cluster| {
        if used >= width {
            return ControlFlow::Break(());
        }
        let tab_column = part.column.map(|column| column + used + part.hidden - hidden);
        let drawn = shown(cluster.text, tab_column, editor.is_masked());
        let start = row.text.len();
        let mut cell_width = drawn.width.saturating_sub(hidden).max(1);
        let mut kind = drawn.kind;
        let cut = used + cell_width > width;
        if cut {
            cell_width = width - used;
            row.cut_right = true;
        }
        if cut || hidden > 0 {
            kind = CellKind::Filler;
            row.text.extend(std::iter::repeat_n(' ', cell_width));
        } else {
            row.text.push_str(&drawn.text);
        }
        hidden = 0;
        if cluster.char == cursor {
            row.cursor = Some(narrow(used));
        }
        let bytes = cluster.byte..cluster.byte + cluster.text.len();
        row.chars.end = cluster.char + cluster.chars;
        row.bytes.end = bytes.end;
        row.cells.push(Cell {
            column: narrow(used),
            width: narrow(cell_width),
            char: cluster.char,
            bytes,
            kind,
            selected: selection.contains(&cluster.char),
            text: start..row.text.len(),
        });
        used += cell_width;
        ControlFlow::Continue(())
    });
    row.width = narrow(used);
    if cursor == part.line.end && row.chars.end == cursor && !row.cut_right && used < width {
        row.cursor = Some(narrow(used));
    }
    row
}

/// A number of cells that is at most a view's width.
fn narrow(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// The grapheme at a column of a row; right of its text, the last one if the line goes on, else `None`.
fn char_at(row: &VisibleLine, column: u16) -> Option<usize> {
    let cell = row.cells.iter().find(|cell| column < cell.column + cell.width);
    match cell {
        Some(cell) => Some(cell.char),
        None => {
            let goes_on = row.cut_right || !row.ends_line;
            row.cells.last().filter(|_| goes_on).map(|cell| cell.char)
        }
    }
}

/// Cells that a range fills.
fn cells(editor: &Editor, range: Range<usize>, column: Option<usize>) -> usize {
    let mut sum = 0;
    grapheme::walk(editor.rope(), range, |cluster| {
        sum += shown(cluster.text, column.map(|column| column + sum), editor.is_masked()).width;
        ControlFlow::Continue(())
    });
    sum
}

/// In a long line, the least left column with which at most so many cells are seen before a character.
fn column_before(editor: &Editor, line: Line, char: usize, room: usize) -> usize {
    let start = grapheme::floor(editor.rope(), char.saturating_sub(room).max(line.start));
    let start = start.max(line.start);
    let mut widths = Vec::new();
    grapheme::walk(editor.rope(), start..char, |cluster| {
        let width = shown(cluster.text, None, editor.is_masked()).width;
        widths.push((cluster.char, width));
        ControlFlow::Continue(())
    });
    let mut used = 0;
    let mut least = char;
    for &(at, width) in widths.iter().rev() {
        used += width;
        if used > room {
            break;
        }
        least = at;
    }
    least - line.start
}
