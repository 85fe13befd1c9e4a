//! The ways of authenticating, by group, with a line to filter them and the summary of the one
//! under the cursor.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::geometry::Target;
use crate::app::model::{WayLine, WayList};
use crate::editor::Editor;
use crate::tui::pen::{Pen, cells, row_of, span, view};
use crate::tui::widgets::{field, list, scroll};
use crate::tui::words::wrap;

/// Rows for the summary below the list.
const SUMMARY: u16 = 2;

/// From this width on, the summary of each way stands beside it.
const BESIDE: u16 = 90;

/// A row of the list.
enum Row<'a> {
    Heading(&'static str),
    /// With its place among the ways.
    Way(usize, &'a WayLine),
}

pub(super) fn draw(pen: &mut Pen<'_>, screen: Rect, input: &Editor, ways: &WayList) {
    let styles = pen.styles;
    let width = if screen.width >= 120 { 112 } else { 76 };
    let size = (width, (screen.height * 8 / 10).max(14));
    let note = [span(format!("{}", ways.lines.len()), styles.dim)];
    let (area, inner) = window(pen, screen, size, "Way of authenticating", &note);
    pen.text(inner.x, inner.y, 1, "›", styles.accent);
    let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), ..row_of(inner, 0) };
    field::draw(pen, line, input, true, styles.text);
    let below = if inner.width >= BESIDE { 0 } else { SUMMARY + 1 };
    let rows = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        y: inner.y + 2,
        height: inner.height.saturating_sub(2 + below),
    };
    pen.rule(Rect { y: inner.y + 1, height: 1, ..rows }, styles.border);
    pen.geometry.modal = view(rows);
    if ways.lines.is_empty() && rows.height > 0 {
        pen.text(rows.x + 1, rows.y, rows.width, "No way fits.", styles.dim);
    }

    let mut all = Vec::new();
    let mut cursor = 0;
    for (index, way) in ways.lines.iter().enumerate() {
        if index == 0 || ways.lines[index - 1].heading != way.heading {
            all.push(Row::Heading(way.heading));
        }
        if index == ways.cursor {
            cursor = all.len();
        }
        all.push(Row::Way(index, way));
    }
    // The heading above the first way is seen with it.
    let wanted = if ways.cursor == 0 { 0 } else { cursor };
    let first = list::first_row(wanted.min(cursor), cursor, all.len(), rows.height);
    let first = if cursor < usize::from(rows.height) { 0 } else { first };
    let labels = ways.lines.iter().map(|way| cells(way.label)).max().unwrap_or(0);
    for (y, row) in (0..rows.height).zip(all.iter().skip(first)) {
        let place = row_of(rows, y);
        match row {
            Row::Heading(words) => {
                pen.text(place.x + 1, place.y, place.width.saturating_sub(2), words, styles.title);
            }
            Row::Way(index, way) => {
                pen.hit(place, Target::ModalRow(*index));
                let room = place.width.saturating_sub(4);
                pen.text(place.x + 3, place.y, room, way.label, styles.text);
                let x = place.x + 3 + labels + 2;
                if below == 0 {
                    let room = place.right().saturating_sub(x + 1);
                    pen.text(x, place.y, room, way.summary, styles.dim);
                }
                if *index == ways.cursor {
                    list::mark_row(pen, place, true);
                }
            }
        }
    }
    scroll::draw(pen, area, first, rows.height, all.len(), true);
    if below > 0 {
        pen.rule(Rect { y: rows.bottom(), height: 1, ..rows }, styles.border);
        let summary = ways.chosen().map_or("", |way| way.summary);
        let lines = wrap(summary, inner.width);
        for (y, text) in (rows.bottom() + 1..).zip(lines.iter().take(usize::from(SUMMARY))) {
            pen.text(inner.x, y, inner.width, text, styles.dim);
        }
    }
    keys_below(pen, area, &[("⏎", "choose"), ("Esc", "close")]);
}
