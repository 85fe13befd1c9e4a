//! A menu: lines with a letter each; those that are switches show how they stand.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::geometry::Target;
use crate::app::model::MenuItem;
use crate::tui::pen::{Pen, cells, row_of, span, view};
use crate::tui::widgets::{list, scroll};

pub(super) fn draw(
    pen: &mut Pen<'_>,
    screen: Rect,
    title: &str,
    items: &[MenuItem],
    cursor: usize,
    stays: bool,
) {
    let styles = pen.styles;
    let widest =
        |of: fn(&MenuItem) -> &str| items.iter().map(|item| cells(of(item))).max().unwrap_or(0);
    let width = widest(|item| &item.label) + widest(|item| &item.note) + 18;
    let height = u16::try_from(items.len()).unwrap_or(u16::MAX).saturating_add(2);
    let (area, inner) = window(pen, screen, (width.max(36), height), title, &[]);
    let rows = Rect { x: inner.x - 1, width: inner.width + 2, ..inner };
    pen.geometry.modal = view(rows);
    let first = list::first_row(0, cursor, items.len(), rows.height);
    for (y, (index, item)) in (0..rows.height).zip(items.iter().enumerate().skip(first)) {
        let row = row_of(rows, y);
        pen.hit(row, Target::ModalRow(index));
        let mut x = row.x + 2;
        let key = item.key.map(String::from).unwrap_or_default();
        pen.text(x, row.y, 1, &key, styles.accent);
        x += 3;
        if let Some(on) = item.on {
            // Switches have boxes, a choice among several a dot.
            let mark = match (stays, on) {
                (true, true) => "[x]",
                (true, false) => "[ ]",
                (false, true) => " ● ",
                (false, false) => "   ",
            };
            pen.text(x, row.y, 3, mark, if on { styles.ok } else { styles.dim });
            x += 4;
        }
        let right = row.right().saturating_sub(2);
        let note = [span(item.note.as_str(), styles.dim)];
        let note_x = pen.spans_right(right, row.y, row.width / 2, &note);
        pen.text(x, row.y, note_x.saturating_sub(x), &item.label, styles.text);
        if index == cursor {
            list::mark_row(pen, row, true);
        }
    }
    scroll::draw(pen, area, first, rows.height, items.len(), true);
    let verb = if stays { "switch" } else { "choose" };
    keys_below(pen, area, &[("⏎", verb), ("Esc", "close")]);
}
