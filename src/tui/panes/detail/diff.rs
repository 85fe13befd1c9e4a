//! What differs between two messages: side by side where there is room, else one below the other.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::bar::Place;
use crate::app::geometry::Target;
use crate::app::model::{Compared, Detail};
use crate::core::sanitize::{escape_line, truncate_to_width};
use crate::payload::diff::{DiffRow, Mark};
use crate::tui::pen::{Pen, row_of, span};

pub(super) fn draw(
    pen: &mut Pen<'_>,
    detail: &Detail,
    compared: &Compared,
    area: Rect,
    beside: bool,
) -> Place {
    pen.hit(area, Target::Detail);
    let styles = pen.styles;
    let head = format!("#{} → #{} · {}", compared.left, compared.right, compared.diff.summary);
    pen.text(area.x, area.y, area.width, &head, styles.accent);
    let total = compared.len(beside);
    let room = usize::from(area.height.saturating_sub(1));
    let first = detail.top.min(total.saturating_sub(room));
    let mut line = 0;
    for (index, row) in compared.diff.rows.iter().enumerate() {
        let lines = Compared::lines(row, beside);
        for part in 0..lines {
            if line >= first && line < first + room {
                let y = u16::try_from(line - first + 1).unwrap_or(u16::MAX);
                let place = row_of(area, y);
                if beside {
                    draw_beside(pen, row, place);
                } else {
                    draw_below(pen, row, part, place);
                }
                if compared.at == Some(index) {
                    pen.text(place.x, place.y, 1, "▸", styles.accent);
                }
            }
            line += 1;
        }
        if line >= first + room {
            break;
        }
    }
    let shown = room.min(total - first);
    let words = format!("{}–{} of {total}", (first + 1).min(total), first + shown);
    Place { first, seen: shown, total, words }
}

/// Sign and style of each side.
fn sides(pen: &Pen<'_>, mark: Mark) -> [(&'static str, Style); 2] {
    let styles = pen.styles;
    match mark {
        Mark::Same => [("  ", styles.dim), ("  ", styles.dim)],
        Mark::Added => [("  ", styles.dim), ("+ ", styles.added)],
        Mark::Removed => [("- ", styles.removed), ("  ", styles.dim)],
        Mark::Changed => [("- ", styles.removed), ("+ ", styles.added)],
    }
}

fn draw_below(pen: &mut Pen<'_>, row: &DiffRow, part: usize, line: Rect) {
    let second = part == 1 || row.mark == Mark::Added;
    let (sign, style) = sides(pen, row.mark)[usize::from(second)];
    let text = if second { &row.right } else { &row.left };
    draw_side(
        pen,
        row,
        sign,
        text,
        style,
        Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line },
    );
}

fn draw_beside(pen: &mut Pen<'_>, row: &DiffRow, line: Rect) {
    let half = line.width.saturating_sub(3) / 2;
    let [left, right] = sides(pen, row.mark);
    let at = Rect { x: line.x + 1, width: half, ..line };
    if row.mark != Mark::Added {
        draw_side(pen, row, left.0, &row.left, left.1, at);
    }
    pen.text(at.right(), line.y, 1, "│", pen.styles.border);
    if row.mark != Mark::Removed {
        let at =
            Rect { x: at.right() + 2, width: line.right().saturating_sub(at.right() + 2), ..line };
        draw_side(pen, row, right.0, &row.right, right.1, at);
    }
}

fn draw_side(pen: &mut Pen<'_>, row: &DiffRow, sign: &str, text: &str, style: Style, area: Rect) {
    let room = usize::from(area.width);
    let mut spans = vec![span(sign.to_owned(), style)];
    if let Some(path) = &row.path {
        let path = escape_line(path);
        spans.push(span(truncate_to_width(&path, room / 2).into_owned(), pen.styles.key));
        spans.push(span(": ", pen.styles.punctuation));
    }
    // Enough of a long value to fill the row.
    let head = &text[..text.floor_char_boundary(room * 8)];
    spans.push(span(escape_line(head).into_owned(), style));
    if let Some(note) = row.note {
        spans.push(span(format!("  ({note})"), pen.styles.dim));
    }
    pen.spans(area.x, area.y, area.width, &spans);
}
