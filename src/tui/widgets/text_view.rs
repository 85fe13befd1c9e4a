//! A text of many lines: line numbers, syntax colours, selection, hits of a search and the place of a
//! problem. Only what is seen is looked at.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::editor::{CellKind, Editor, Query, Viewport, VisibleLine, visible_lines};
use crate::payload::{Kind, LineState, LineStates, Token, lex_line, lex_piece};
use crate::tui::pen::{Pen, row_of};

/// From this width on, lines have numbers.
const NUMBERED: u16 = 60;

/// Bytes before the visible part of a long line that are lexed to know where it stands.
const LEAD_IN: usize = 4096;

/// Characters from the first to the last one in the window that are searched in one go.
const AT_ONCE: usize = 256 * 1024;

/// Hits that are marked at most.
const MOST_HITS: usize = 500;

/// What is marked as found.
#[derive(Clone, Copy)]
pub(in crate::tui) enum Hits<'a> {
    None,
    /// By the editor's own search.
    Query(&'a Query),
    /// By a function of a row's text, which gives byte ranges of it.
    InRow(&'a dyn Fn(&str) -> Vec<Range<usize>>),
}

pub(in crate::tui) struct TextView<'a> {
    pub editor: &'a Editor,
    pub viewport: Viewport,
    pub kind: Kind,
    /// What is known of the states at the beginnings of lines; it may learn more.
    pub lines: &'a RefCell<LineStates>,
    pub numbers: bool,
    /// Has the keys: selection and cursor are drawn.
    pub focused: bool,
    pub hits: Hits<'a>,
    /// Byte and line (from 0) of a problem.
    pub problem: Option<(usize, usize)>,
}

impl<'a> TextView<'a> {
    /// A view without numbers, marks and cursor.
    pub(in crate::tui) fn plain(
        editor: &'a Editor,
        viewport: Viewport,
        kind: Kind,
        lines: &'a RefCell<LineStates>,
    ) -> TextView<'a> {
        TextView {
            editor,
            viewport,
            kind,
            lines,
            numbers: false,
            focused: false,
            hits: Hits::None,
            problem: None,
        }
    }

    /// Cells that the line numbers take.
    fn gutter(&self, width: u16) -> u16 {
        if !self.numbers || width < NUMBERED {
            return 0;
        }
        let digits = self.editor.len_lines().max(1).ilog10() + 1;
        u16::try_from(digits).unwrap_or(2).max(2) + 2
    }

    /// Draws it; the area of the text without the gutter.
    pub(in crate::tui) fn draw(mut self, pen: &mut Pen<'_>, area: Rect) -> Rect {
        let gutter = self.gutter(area.width);
        let text = Rect { x: area.x + gutter, width: area.width.saturating_sub(gutter), ..area };
        if text.width == 0 || text.height == 0 {
            return text;
        }
        if (self.viewport.width, self.viewport.height) != (text.width, text.height) {
            // The model hears of the new size after this drawing; the cursor is seen at once.
            (self.viewport.width, self.viewport.height) = (text.width, text.height);
            if self.focused {
                self.viewport.scroll_to_cursor(self.editor);
            }
        }
        let rows = visible_lines(self.editor, &self.viewport);
        let found = self.found(&rows);
        let mut at = 0;
        while at < rows.len() {
            // Rows of one wrapped line are lexed together.
            let line = rows[at].line;
            let count = rows[at..].iter().take_while(|row| row.line == line).count();
            let tokens = self.tokens(&rows[at..at + count]);
            for (index, row) in rows[at..at + count].iter().enumerate() {
                let y = u16::try_from(at + index).unwrap_or(u16::MAX);
                let place = row_of(text, y);
                if place.height == 0 {
                    break;
                }
                if gutter > 0 {
                    self.number(pen, Rect { x: area.x, width: gutter, ..place }, row);
                }
                self.row(pen, place, row, &tokens, &found);
            }
            at += count;
        }
        text
    }

    fn number(&self, pen: &mut Pen<'_>, place: Rect, row: &VisibleLine) {
        let wrong = self.problem.is_some_and(|(_, line)| line == row.line);
        if !row.is_start {
            return;
        }
        let width = usize::from(place.width) - 2;
        let style = if wrong { pen.styles.error } else { pen.styles.dim };
        let mark = if wrong { "✗" } else { " " };
        let number = format!("{:>width$}{mark} ", row.line + 1);
        pen.text(place.x, place.y, place.width, &number, style);
    }

    /// Characters of the hits in the window.
    fn found(&self, rows: &[VisibleLine]) -> Vec<Range<usize>> {
        let (Hits::Query(query), Some(first), Some(last)) = (self.hits, rows.first(), rows.last())
        else {
            return Vec::new();
        };
        let whole = first.chars.start..last.chars.end;
        if whole.len() <= AT_ONCE {
            return self.editor.matches(query, whole, MOST_HITS);
        }
        // Between the rows lies what long lines have out of sight: it is not looked at.
        let mut found = Vec::new();
        for row in rows {
            let start = row.chars.start.saturating_sub(LEAD_IN).max(whole.start);
            let most = MOST_HITS - found.len().min(MOST_HITS);
            found.extend(self.editor.matches(query, start..row.chars.end, most));
        }
        found
    }

    /// Tokens of the rows of one line, by bytes of the text.
    fn tokens(&self, rows: &[VisibleLine]) -> Vec<Token> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
        if matches!(self.kind, Kind::Text | Kind::Binary) {
            return Vec::new();
        }
        let rope = self.editor.rope();
        let start = rope.line_to_byte(first.line);
        let state = self.state(first.line);
        let near = first.bytes.start.saturating_sub(LEAD_IN).max(start);
        // On the border of a character.
        let from = rope.char_to_byte(rope.byte_to_char(near));
        let text: Cow<'_, str> = rope.byte_slice(from..last.bytes.end.max(from)).into();
        let (mut tokens, _) = if from == start && !last.cut_right {
            lex_line(self.kind, &text, state)
        } else {
            lex_piece(self.kind, &text, if from == start { state } else { LineState::Normal })
        };
        for token in &mut tokens {
            token.range = token.range.start + from..token.range.end + from;
        }
        tokens
    }

    fn state(&self, line: usize) -> LineState {
        if line == 0 || !matches!(self.kind, Kind::Xml | Kind::Html) {
            return LineState::Normal;
        }
        let rope = self.editor.rope();
        let line_at = |index: usize| {
            (index < rope.len_lines()).then(|| {
                let line = rope.line(index);
                let head = line.len_chars().min(LEAD_IN);
                line.slice(..head).into()
            })
        };
        let Ok(mut lines) = self.lines.try_borrow_mut() else { return LineState::Normal };
        lines.state_at(self.kind, self.editor.revision(), line, line_at).0
    }

    fn row(
        &self,
        pen: &mut Pen<'_>,
        place: Rect,
        row: &VisibleLine,
        tokens: &[Token],
        found: &[Range<usize>],
    ) {
        let styles = pen.styles;
        let in_row = match self.hits {
            Hits::InRow(find) => find(row.text()),
            _ => Vec::new(),
        };
        let mut token = tokens.partition_point(|t| t.range.end <= row.bytes.start);
        let mut drawn = 0;
        for (cell, text) in row.cells() {
            while tokens.get(token).is_some_and(|t| t.range.end <= cell.bytes.start) {
                token += 1;
            }
            let mut style = match tokens.get(token) {
                Some(t) if t.range.contains(&cell.bytes.start) => styles.class(t.class),
                _ => styles.text,
            };
            if cell.kind == CellKind::Escape {
                style = styles.control;
            }
            let hit = in_range(found, cell.char)
                || in_row.iter().any(|r| r.start < drawn + text.len() && drawn < r.end);
            if hit {
                style = style.patch(styles.hit);
            }
            if self.problem.is_some_and(|(byte, _)| cell.bytes.contains(&byte)) {
                style = style.patch(styles.error).add_modifier(Modifier::UNDERLINED);
            }
            if cell.selected && self.focused {
                style = style.patch(styles.selection);
            }
            let x = place.x + cell.column;
            if cell.kind == CellKind::Text {
                pen.cell(x, place.y, cell.width, text, style);
            } else {
                pen.text(x, place.y, cell.width, text, style);
            }
            drawn += text.len();
        }
        if row.break_selected && self.focused && row.width < place.width {
            pen.text(place.x + row.width, place.y, 1, " ", styles.selection);
        }
        for (cut, x) in [(row.cut_left, place.x), (row.cut_right, place.right() - 1)] {
            if cut {
                pen.clear(Rect { x, width: 1, ..place });
                pen.text(x, place.y, 1, "…", styles.dim);
            }
        }
        if self.focused
            && let Some(column) = row.cursor
        {
            pen.put_cursor(place.x + column, place.y);
        }
    }
}

fn in_range(sorted: &[Range<usize>], char: usize) -> bool {
    let after = sorted.partition_point(|range| range.end <= char);
    sorted.get(after).is_some_and(|range| range.contains(&char))
}
