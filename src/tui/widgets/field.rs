//! A field of one line: an editor with its selection, its cursor and what it shows when empty.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::editor::{CellKind, Editor, Viewport, visible_lines};
use crate::tui::pen::Pen;

/// Draws a field in the first row of `area`. With the keys it is scrolled to its cursor, without it
/// shows its beginning. Text that goes on at an edge is cut with `…`.
pub(in crate::tui) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    editor: &Editor,
    focused: bool,
    style: Style,
) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    if editor.is_empty() {
        if focused {
            pen.put_cursor(area.x, area.y);
        }
        let placeholder = editor.field().placeholder.clone();
        pen.text(area.x, area.y, area.width, &placeholder, pen.styles.dim);
        return;
    }
    let mut viewport = Viewport::new(area.width, 1);
    if focused {
        viewport.scroll_to_cursor(editor);
    }
    let rows = visible_lines(editor, &viewport);
    let Some(row) = rows.first() else { return };
    for (cell, text) in row.cells() {
        let base = match cell.kind {
            CellKind::Escape => pen.styles.control,
            _ => style,
        };
        let selected = cell.selected && focused;
        let style = if selected { base.patch(pen.styles.selection) } else { base };
        pen.text(area.x + cell.column, area.y, cell.width, text, style);
    }
    let dim = pen.styles.dim;
    if row.cut_left {
        let first = row.cells().next().map_or(1, |(cell, _)| cell.width);
        let blanks = Rect { width: first.min(area.width), height: 1, ..area };
        pen.clear(blanks);
        pen.text(area.x, area.y, 1, "…", dim);
    }
    if row.cut_right {
        let last = row.cells().last().map_or(area.width - 1, |(cell, _)| cell.column);
        let at = Rect {
            x: area.x + last.min(area.width - 1),
            width: area.width.saturating_sub(last).max(1),
            height: 1,
            ..area
        };
        pen.clear(at);
        pen.text(at.x, at.y, 1, "…", dim);
    }
    if focused && let Some(column) = row.cursor {
        pen.put_cursor(area.x + column, area.y);
    }
}
