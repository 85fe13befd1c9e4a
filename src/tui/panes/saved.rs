//! The messages that were kept with the request.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Pane;
use crate::core::sanitize::preview;
use crate::tui::pen::{Pen, cells, inside, row_of, span, view};
use crate::tui::widgets::{list, scroll};
use crate::tui::words::wrap;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Saved;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Saved));
    pen.border(area, styles.border_of(focused));
    let top = Rect { height: 1, ..area };
    let count = span(tab.saved.len().to_string(), styles.dim);
    pen.on_border(top, &[span("Saved messages", styles.title_of(focused))], &[count]);
    let inner = inside(area);
    pen.geometry.saved = view(inner);
    if tab.saved.is_empty() {
        let words = "Nothing is kept yet. Write a message and save it under a name.";
        for (y, line) in (0..inner.height).zip(wrap(words, inner.width.saturating_sub(2))) {
            pen.text(inner.x + 1, inner.y + y, inner.width, &line, styles.dim);
        }
        return;
    }
    let first = list::first_row(0, tab.saved_cursor, tab.saved.len(), inner.height);
    for (y, (index, message)) in (0..inner.height).zip(tab.saved.iter().enumerate().skip(first)) {
        let line = row_of(inner, y);
        pen.hit(line, Target::SavedRow(index));
        let kind = message.kind.label();
        let kind_width = cells(kind);
        let room = line.width.saturating_sub(kind_width + 4);
        if message.on_open {
            // In the margin, where the eye finds all of them at once.
            pen.text(line.x, line.y, 1, "▸", styles.outgoing);
        }
        let used = pen.text(line.x + 2, line.y, room, &message.name, styles.text);
        let left = room.saturating_sub(used + 2);
        if left >= 10 {
            let text = preview(message.text.as_bytes(), true, usize::from(left));
            pen.text(line.x + 2 + used + 2, line.y, left, &text, styles.dim);
        }
        let x = line.right().saturating_sub(kind_width + 1);
        pen.text(x, line.y, kind_width, kind, styles.dim);
        if index == tab.saved_cursor {
            list::mark_row(pen, line, focused);
        }
    }
    scroll::draw(pen, area, first, inner.height, tab.saved.len(), focused);
}
