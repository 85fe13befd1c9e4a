//! The command palette: a line to type into, and the commands that fit with their keys.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::core::action::{Action, Context};
use crate::editor::Editor;
use crate::tui::pen::{Pen, row_of, span, view};
use crate::tui::widgets::{field, list, scroll};

pub(super) fn draw(
    pen: &mut Pen<'_>,
    model: &Model,
    screen: Rect,
    input: &Editor,
    items: &[Action],
    cursor: usize,
) {
    let styles = pen.styles;
    let size = (76, (screen.height * 7 / 10).max(12));
    let note = [span(format!("{}", items.len()), styles.dim)];
    let (area, inner) = window(pen, screen, size, "Commands", &note);
    pen.text(inner.x, inner.y, 1, "›", styles.accent);
    let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), ..row_of(inner, 0) };
    field::draw(pen, line, input, true, styles.text);
    let rows = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        y: inner.y + 2,
        height: inner.height.saturating_sub(2),
    };
    pen.rule(Rect { y: inner.y + 1, height: 1, ..rows }, styles.border);
    pen.geometry.modal = view(rows);
    if items.is_empty() && rows.height > 0 {
        pen.text(rows.x + 1, rows.y, rows.width, "No command fits.", styles.dim);
    }
    let cursor = cursor.min(items.len().saturating_sub(1));
    let first = list::first_row(0, cursor, items.len(), rows.height);
    for (y, (index, action)) in (0..rows.height).zip(items.iter().enumerate().skip(first)) {
        let row = row_of(rows, y);
        pen.hit(row, Target::ModalRow(index));
        let keys = keys(model, *action);
        let right = row.right().saturating_sub(1);
        let x = pen.spans_right(right, row.y, row.width / 3, &[span(keys, styles.accent)]);
        let room = x.saturating_sub(row.x + 3);
        pen.text(row.x + 2, row.y, room, model.keymap.does(*action), styles.text);
        if index == cursor {
            list::mark_row(pen, row, true);
        }
    }
    scroll::draw(pen, area, first, rows.height, items.len(), true);
    keys_below(pen, area, &[("⏎", "do it"), ("Esc", "close")]);
}

/// At most two keys that lead to an action, wherever they are bound.
fn keys(model: &Model, action: Action) -> String {
    let mut labels: Vec<String> = Vec::new();
    for context in Context::ALL {
        for key in model.keymap.keys_for(action, &[context]) {
            let label = key.label();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    labels.truncate(2);
    labels.join("  ")
}
