//! Bytes being typed as hexadecimal digits: their offsets before each line and their letters behind
//! it. Both follow the digits as they are; of a large message only what is seen is read.

use ratatui::layout::Rect;

use crate::app::model::Composer;
use crate::editor::{Editor, Viewport, VisibleLine, visible_lines};
use crate::payload::{hex_row, letter_of};
use crate::tui::pen::{Pen, row_of, span};

/// Cells before the digits: eight digits and two blanks.
const OFFSET: u16 = 10;
/// Cells of sixteen bytes.
const DIGITS: u16 = 47;
/// Cells behind the digits: two blanks, and sixteen letters between bars.
const LETTERS: u16 = 20;

/// Bytes in a line, as the program lays them out.
const WIDTH: usize = 16;
/// Bytes of text in such a line with its end.
const LINE: usize = 3 * WIDTH;

/// Texts up to this length are counted from their beginning for the offsets.
const COUNTED: usize = 32 * 1024;

/// The parts of an area: offsets, digits, letters. Digits first if there is not room for all.
pub(super) fn parts(area: Rect) -> (Rect, Rect, Rect) {
    let none = Rect { width: 0, ..area };
    let wide = area.width >= OFFSET + DIGITS + LETTERS;
    let (before, behind) = match area.width {
        _ if wide => (OFFSET, LETTERS),
        width if width >= DIGITS + LETTERS => (0, LETTERS),
        _ => (0, 0),
    };
    let offsets = if before > 0 { Rect { width: before, ..area } } else { none };
    let digits = Rect { x: area.x + before, width: area.width - before - behind, ..area };
    let digits = if behind > 0 { Rect { width: DIGITS + 1, ..digits } } else { digits };
    let letters =
        if behind > 0 { Rect { x: digits.right() + 1, width: LETTERS - 2, ..area } } else { none };
    (offsets, digits, letters)
}

/// Draws what stands beside the digits, and marks those that are wrong.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    composer: &Composer,
    (offsets, digits, letters): (Rect, Rect, Rect),
    focused: bool,
) {
    let mut viewport: Viewport = composer.viewport;
    (viewport.width, viewport.height) = (digits.width, digits.height);
    if focused {
        viewport.scroll_to_cursor(&composer.editor);
    }
    let editor = &composer.editor;
    if editor.is_empty() {
        return;
    }
    let rows = visible_lines(editor, &viewport);
    let mut offset = rows.first().and_then(|row| offset_of(editor, row));
    let cursor = editor.rope().char_to_byte(editor.cursor());
    for (index, row) in rows.iter().enumerate() {
        let Ok(y) = u16::try_from(index) else { break };
        let text: String = editor.rope().byte_slice(row.bytes.clone()).chunks().collect();
        let read = hex_row(&text);
        let place = row_of(digits, y);
        for wrong in &read.wrong {
            for (cell, _) in row.cells() {
                let at = cell.bytes.start.saturating_sub(row.bytes.start);
                if cell.bytes.start >= row.bytes.start && wrong.contains(&at) {
                    let mark = Rect { x: place.x + cell.column, width: cell.width, ..place };
                    pen.restyle(mark, pen.styles.error);
                }
            }
        }
        if offsets.width > 0 && place.height > 0 {
            // A line whose place is not known has its number.
            let (words, style) = match offset {
                Some(offset) => (format!("{offset:08x}"), pen.styles.dim),
                None => (format!("{:>7}:", row.line + 1), pen.styles.dim),
            };
            let line = row_of(offsets, y);
            pen.text(line.x, line.y, line.width, &words, style);
        }
        if letters.width > 0 && place.height > 0 && !row.cut_left {
            let on_it = focused && row.bytes.contains(&cursor);
            draw_letters(
                pen,
                row_of(letters, y),
                &read.bytes,
                on_it.then(|| {
                    hex_row(&text[..text.floor_char_boundary(cursor - row.bytes.start)]).bytes.len()
                }),
            );
        }
        offset = offset.map(|offset| offset + read.bytes.len());
    }
}

fn draw_letters(pen: &mut Pen<'_>, line: Rect, bytes: &[Option<u8>], under: Option<usize>) {
    let styles = pen.styles;
    let mut x = line.x + pen.text(line.x, line.y, 1, "│", styles.dim);
    for (index, byte) in bytes.iter().take(WIDTH).enumerate() {
        let style = match byte {
            _ if under == Some(index) => styles.accent,
            Some(0x20..=0x7E) => styles.text,
            Some(_) => styles.dim,
            None => styles.error,
        };
        x += pen.spans(x, line.y, 1, &[span(letter_of(*byte).to_string(), style)]);
    }
    let end = if bytes.len() > WIDTH { "…" } else { "│" };
    pen.text(x, line.y, 1, end, styles.dim);
}

/// How many bytes of the message stand before a row: counted in a short text; in a long one known as
/// long as its lines are as the program lays them out.
fn offset_of(editor: &Editor, row: &VisibleLine) -> Option<usize> {
    let rope = editor.rope();
    let start = row.bytes.start;
    if start <= COUNTED {
        let before: String = rope.byte_slice(..start).chunks().collect();
        return Some(hex_row(&before).bytes.len());
    }
    let regular = rope.line_to_byte(row.line) == row.line * LINE && row.is_start;
    regular.then_some(row.line * WIDTH)
}
