//! Pinned rows, in sight above the others.

use ratatui::layout::Rect;

use super::log_columns::Laid;
use super::log_rows::{Rows, draw_entry};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::core::action::{Action, Context};
use crate::tui::pen::{Pen, row_of, span};

/// Pinned rows that are seen at most.
const MOST: u16 = 3;

/// How many rows the strip takes of `height`, its line included.
pub(super) fn height(model: &Model, height: u16) -> u16 {
    let pinned = u16::try_from(model.tab().log.marks.pinned().count()).unwrap_or(u16::MAX);
    let rows = pinned.min(MOST).min(height.saturating_sub(1) / 4);
    if rows == 0 { 0 } else { rows + 1 }
}

/// Draws the strip into `area`: rows and a line below them that says how many more there are.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, laid: &Laid, area: Rect) {
    let Some(rows) = area.height.checked_sub(1) else { return };
    let styles = pen.styles;
    let log = &model.tab().log;
    for (y, number) in (0..rows).zip(log.marks.pinned()) {
        let line = row_of(area, y);
        match log.handle.get(number) {
            Some(entry) => {
                let rows = Rows { model, laid, hits: &[], found: &|_| Vec::new() };
                draw_entry(pen, &rows, line, &entry, None);
            }
            None => {
                let words = format!("#{number} is not kept any more");
                pen.text(line.x + 1, line.y, 1, "◆", styles.dim);
                pen.text(line.x + 2, line.y, line.width.saturating_sub(3), &words, styles.dim);
            }
        }
        pen.hit(line, Target::Row(number));
    }
    let line = row_of(area, rows);
    pen.rule(line, styles.border);
    let all = log.marks.pinned().count();
    let more = all - usize::from(rows).min(all);
    let mut spans = vec![span(format!("◆ {all} pinned"), styles.dim)];
    if more > 0 {
        spans.push(span(format!(", {more} more"), styles.warn));
    }
    if let Some(keys) = model.keymap.label_for(Action::MarkedRows, &[Context::Log]) {
        spans.push(span(format!("  {keys} "), styles.accent));
        spans.push(span("list", styles.dim));
    }
    let room = line.width.saturating_sub(4);
    pen.button(line.x + 2, line.y, room, &spans, Target::Button(Action::MarkedRows));
}
