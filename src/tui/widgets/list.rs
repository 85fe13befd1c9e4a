//! Which rows of a list are seen, and how its cursor is marked.

use ratatui::layout::Rect;

use crate::tui::pen::Pen;

/// First row of a list of `len` that is seen in `height` rows, so that the cursor is among them.
/// `wanted` is where the list was scrolled to.
pub(in crate::tui) fn first_row(wanted: usize, cursor: usize, len: usize, height: u16) -> usize {
    let height = usize::from(height.max(1));
    let last = len.saturating_sub(height);
    wanted.min(last).min(cursor).max((cursor + 1).saturating_sub(height).min(last))
}

/// Marks the row under the cursor: with the keys it is drawn as selected, without it has its mark
/// only.
pub(in crate::tui) fn mark_row(pen: &mut Pen<'_>, row: Rect, focused: bool) {
    pen.text(row.x, row.y, 1, "▸", pen.styles.accent);
    if focused {
        pen.restyle(row, pen.styles.selection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_seen_and_no_row_is_left_empty() {
        for (wanted, cursor, len, height, first) in [
            (0, 0, 3, 10, 0),
            (5, 0, 3, 10, 0),
            (0, 9, 10, 4, 6),
            (2, 3, 10, 4, 2),
            (9, 9, 10, 4, 6),
            (7, 2, 10, 4, 2),
            (0, 0, 0, 4, 0),
        ] {
            assert_eq!(first_row(wanted, cursor, len, height), first, "{wanted} {cursor} {len}");
        }
    }
}
