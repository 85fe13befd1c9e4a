//! A payload of any size, straight from its bytes: as the text that it is, or as a dump.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::bar::Place;
use crate::app::geometry::Target;
use crate::app::model::{Detail, Glyph, Hit, Piece, Rows};
use crate::payload::hexdump::WIDTH;
use crate::payload::{
    Class, LineState, Token, hexdump_line, hexdump_line_count, human_bytes, lex_piece,
};
use crate::tui::pen::{Pen, row_of};
use crate::tui::words::count;

/// Bytes before the visible part of a row that are looked at for its colours.
const LEAD_IN: usize = 2048;

/// Bytes of a hit before the window that may reach into it.
const SLACK: usize = 4096;

pub(super) fn draw_raw(pen: &mut Pen<'_>, detail: &Detail, area: Rect) -> Place {
    pen.hit(area, Target::Detail);
    let wrap = detail.viewport.wrap;
    let rows = Rows::new(&detail.payload, wrap.then_some(usize::from(area.width.max(1))));
    let left = if wrap { 0 } else { detail.viewport.left_column };
    let first = detail.place.min(detail.payload.len());
    let mut at = Some(first);
    let mut end = first;
    for y in 0..area.height {
        let Some(start) = at else { break };
        let row = rows.row(start);
        draw_row(pen, detail, &rows, &row, row_of(area, y), left);
        end = row.range.end;
        at = row.next;
    }
    let total = detail.payload.len();
    let share = if total == 0 { 100 } else { end as u128 * 100 / total as u128 };
    let words = format!("{} of {} · {share} %", human_bytes(end as u64), human_bytes(total as u64));
    // A last newline is behind all that can be seen.
    let seen = if at.is_none() { total - first } else { end - first };
    Place { first, seen, total, words }
}

fn draw_row(
    pen: &mut Pen<'_>,
    detail: &Detail,
    rows: &Rows<'_>,
    row: &Piece,
    line: Rect,
    left: usize,
) {
    let right = left + usize::from(line.width);
    let mut cells: Vec<Glyph<'_>> = Vec::with_capacity(usize::from(line.width));
    let mut more = false;
    rows.glyphs(row.range.clone(), |glyph| {
        if glyph.column + glyph.width > left {
            more = glyph.column + glyph.width > right;
            if !more {
                cells.push(glyph);
            }
        }
        !more
    });
    let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
        if left > 0 && !row.range.is_empty() {
            pen.text(line.x, line.y, 1, "…", pen.styles.dim);
        }
        return;
    };
    let seen = first.bytes.start..last.bytes.end;
    let cut_left = seen.start > row.range.start;
    let tokens = tokens(detail, row, &seen);
    let hits = detail.find.hits_in(seen.clone(), SLACK);
    let mut token = 0;
    for glyph in &cells {
        while tokens.get(token).is_some_and(|t| t.range.end <= glyph.bytes.start) {
            token += 1;
        }
        let class = match tokens.get(token) {
            Some(t) if t.range.contains(&glyph.bytes.start) => t.class,
            _ => Class::Text,
        };
        let mut style = pen.styles.class(class);
        if glyph.escaped {
            style = pen.styles.control;
        }
        style = marked(pen, style, hits, &glyph.bytes);
        // A grapheme that the left edge cuts is left out.
        let Some(column) = glyph.column.checked_sub(left) else { continue };
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        pen.text(line.x + column, line.y, line.width - column, &glyph.text, style);
    }
    for (cut, x) in [(cut_left, line.x), (more, line.right() - 1)] {
        if cut {
            pen.clear(Rect { x, width: 1, ..line });
            pen.text(x, line.y, 1, "…", pen.styles.dim);
        }
    }
}

fn marked(pen: &Pen<'_>, style: Style, hits: &[Hit], bytes: &Range<usize>) -> Style {
    let hit = hits.iter().any(|hit| hit.at < bytes.end && bytes.start < hit.at + hit.len);
    if hit { style.patch(pen.styles.hit) } else { style }
}

/// Colours of the visible part of a row, by bytes of the payload. Far into a long line nobody knows
/// what is open there; it is guessed from a little before.
fn tokens(detail: &Detail, row: &Piece, seen: &Range<usize>) -> Vec<Token> {
    let near = seen.start.saturating_sub(LEAD_IN).max(row.range.start);
    let bytes = &detail.payload[near..seen.end];
    // On the border of a character.
    let skip = bytes.iter().take_while(|byte| **byte & 0xc0 == 0x80).count().min(3);
    let Ok(text) = std::str::from_utf8(&bytes[skip..]) else { return Vec::new() };
    let (mut tokens, _) = lex_piece(detail.kind, text, LineState::Normal);
    let from = near + skip;
    for token in &mut tokens {
        token.range = token.range.start + from..token.range.end + from;
    }
    tokens
}

pub(super) fn draw_hex(pen: &mut Pen<'_>, detail: &Detail, area: Rect) -> Place {
    pen.hit(area, Target::Detail);
    let styles = pen.styles;
    let bytes = &detail.payload;
    let total = hexdump_line_count(bytes.len());
    let first = detail.top.min(total.saturating_sub(1));
    if bytes.is_empty() {
        pen.text(area.x, area.y, area.width, "The payload is empty.", styles.dim);
    }
    let shown = total.saturating_sub(first).min(usize::from(area.height));
    for (y, index) in (0..area.height).zip(first..first + shown) {
        let line = row_of(area, y);
        let text = hexdump_line(bytes, index);
        let begins = index * WIDTH;
        let offset = text.find(' ').unwrap_or(0);
        let used = pen.text(line.x, line.y, line.width, &text[..offset], styles.dim);
        let used =
            used + pen.text(line.x + used, line.y, line.width - used, &text[offset..], styles.text);
        let hits = detail.find.hits_in(begins..begins + WIDTH, SLACK);
        if hits.is_empty() {
            continue;
        }
        for n in 0..WIDTH {
            let at = begins + n..begins + n + 1;
            if marked(pen, styles.text, hits, &at) == styles.text {
                continue;
            }
            let hex = offset + 2 + n * 3 + usize::from(n >= 8);
            // Behind the bytes: two blanks and a stroke.
            let ascii = offset + 2 + WIDTH * 3 + 1 + 2 + n;
            for (column, width) in [(hex, 2), (ascii, 1)] {
                let x = line.x + u16::try_from(column).unwrap_or(u16::MAX);
                let cell = Rect { x, width, ..line };
                if cell.right() <= line.x + used {
                    pen.restyle(cell, styles.hit);
                }
            }
        }
    }
    let words = format!("{}–{} of {} rows", first + 1, first + shown, count(total as u64));
    Place { first, seen: shown, total, words }
}
