//! The only way to the buffer. Whatever is drawn is escaped, cut to its room with `…` and kept
//! inside the screen, so that no text and no size can spoil the picture. Along the way it notes what
//! lies where, for the mouse.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::styles::Styles;
use crate::app::geometry::{Geometry, Target, View};
use crate::core::sanitize::{display_width, escape, truncate_to_width};

/// A stretch of text in one style.
pub(super) type Span<'a> = (Cow<'a, str>, Style);

/// A span, from whatever text there is.
pub(super) fn span<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Span<'a> {
    (text.into(), style)
}

/// Cells that spans fill.
pub(super) fn width_of(spans: &[Span<'_>]) -> u16 {
    spans.iter().map(|(text, _)| cells(text)).fold(0, u16::saturating_add)
}

/// Cells that a text fills once escaped.
pub(super) fn cells(text: &str) -> u16 {
    u16::try_from(display_width(&escape(text))).unwrap_or(u16::MAX)
}

/// A rectangle without its outermost cells.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// A row of a rectangle; empty if it has no such row.
pub(super) fn row_of(area: Rect, row: u16) -> Rect {
    if row >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect { y: area.y + row, height: 1, ..area }
}

/// The size of a rectangle.
pub(super) fn view(area: Rect) -> View {
    View { width: area.width, height: area.height }
}

#[derive(Debug)]
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    pub(super) styles: &'a Styles,
    pub(super) geometry: Geometry,
    /// Where the terminal's cursor goes; the last one that is set counts.
    pub(super) cursor: Option<Position>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, styles: &'a Styles) -> Pen<'a> {
        let area = buffer.area;
        let geometry = Geometry { screen: view(area), ..Geometry::default() };
        Pen { buffer, styles, geometry, cursor: None }
    }

    /// Draws a text in at most `room` cells; how many it took.
    pub(super) fn text(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if x < area.x || x >= area.right() || y < area.y || y >= area.bottom() {
            return 0;
        }
        let room = room.min(area.right() - x);
        // Of a very long text only the beginning can be seen; a cell holds at most 128 bytes.
        let limit = (usize::from(room) + 1) * 128;
        let cut = text.len() > limit;
        let head = if cut { &text[..text.floor_char_boundary(limit)] } else { text };
        let shown = escape(head);
        let shown = truncate_to_width(&shown, usize::from(room));
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(room), style);
        end.saturating_sub(x)
    }

    /// Draws spans one after the other in at most `room` cells. If they do not fit, the last cell
    /// is `…`.
    pub(super) fn spans(&mut self, x: u16, y: u16, room: u16, spans: &[Span<'_>]) -> u16 {
        let mut used: u16 = 0;
        for (index, (text, style)) in spans.iter().enumerate() {
            let left = room.saturating_sub(used);
            if left == 0 {
                if spans[index..].iter().any(|(text, _)| !text.trim().is_empty()) && used > 0 {
                    self.text(x + used - 1, y, 1, "…", *style);
                }
                break;
            }
            used += self.text(x.saturating_add(used), y, left, text, *style);
        }
        used
    }

    /// Draws spans so that they end before `right`; where they begin.
    pub(super) fn spans_right(&mut self, right: u16, y: u16, room: u16, spans: &[Span<'_>]) -> u16 {
        let width = width_of(spans).min(room);
        let x = right.saturating_sub(width);
        self.spans(x, y, width, spans);
        x
    }

    /// Draws one grapheme that is known to be safe and to fill `width` cells, without looking at it
    /// again.
    pub(super) fn cell(&mut self, x: u16, y: u16, width: u16, symbol: &str, style: Style) {
        let end = x.saturating_add(width);
        if end > self.buffer.area.right() {
            return;
        }
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
        for x in x + 1..end {
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }

    /// Changes the style of cells and leaves what stands in them.
    pub(super) fn restyle(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties cells. A wide character that reaches in from the left goes too, since half of it
    /// cannot stay.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            if area.width > 0
                && area.x > self.buffer.area.x
                && let Some(cell) = self.buffer.cell_mut((area.x - 1, y))
                && display_width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(self.styles.text);
                }
            }
        }
    }

    /// A horizontal line.
    pub(super) fn rule(&mut self, area: Rect, style: Style) {
        for x in area.left()..area.right() {
            self.cell(x, area.y, 1, "─", style);
        }
    }

    /// A border with round corners along the edges of `area`.
    pub(super) fn border(&mut self, area: Rect, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, right) = (area.left(), area.right() - 1);
        let (top, bottom) = (area.top(), area.bottom() - 1);
        self.rule(Rect { height: 1, ..area }, style);
        self.rule(Rect { y: bottom, height: 1, ..area }, style);
        for y in top..=bottom {
            self.cell(left, y, 1, "│", style);
            self.cell(right, y, 1, "│", style);
        }
        for (x, y, corner) in
            [(left, top, "╭"), (right, top, "╮"), (left, bottom, "╰"), (right, bottom, "╯")]
        {
            self.text(x, y, 1, corner, style);
        }
    }

    /// Words on a border line (or rule): some at its left, some at its right, each with a blank
    /// around. The right ones give way when there is no room for both.
    pub(super) fn on_border(&mut self, line: Rect, left: &[Span<'_>], right: &[Span<'_>]) {
        let room = line.width.saturating_sub(4);
        let mut taken = 0;
        if !left.is_empty() {
            taken = self.padded(line.x + 2, line.y, room, left);
        }
        let wanted = width_of(right).saturating_add(2);
        if !right.is_empty() && wanted.saturating_add(taken) < room {
            self.padded(line.right().saturating_sub(2 + wanted), line.y, wanted, right);
        }
    }

    /// Spans with a blank before and behind.
    pub(super) fn padded(&mut self, x: u16, y: u16, room: u16, spans: &[Span<'_>]) -> u16 {
        if room < 3 {
            return 0;
        }
        self.text(x, y, 1, " ", Style::new());
        let used = self.spans(x + 1, y, room - 2, spans);
        self.text(x + 1 + used, y, 1, " ", Style::new());
        used + 2
    }

    /// A word that does something when clicked; how many cells it took.
    pub(super) fn button(
        &mut self,
        x: u16,
        y: u16,
        room: u16,
        spans: &[Span<'_>],
        target: Target,
    ) -> u16 {
        let wanted = width_of(spans).saturating_add(2);
        if wanted > room {
            return 0;
        }
        let used = self.padded(x, y, room, spans);
        self.hit(Rect { x, y, width: used, height: 1 }, target);
        used
    }

    /// Notes what lies in an area.
    pub(super) fn hit(&mut self, area: Rect, target: Target) {
        let area = area.intersection(self.buffer.area);
        if area.width > 0 && area.height > 0 {
            self.geometry.hits.push((area.into(), target));
        }
    }

    /// Puts the terminal's cursor there.
    pub(super) fn put_cursor(&mut self, x: u16, y: u16) {
        let position = Position { x, y };
        if self.buffer.area.contains(position) {
            self.cursor = Some(position);
        }
    }
}
