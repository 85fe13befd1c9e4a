//! A long text to read.

use std::cell::RefCell;

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::editor::{Editor, Viewport};
use crate::payload::{Kind, LineStates};
use crate::tui::pen::{Pen, view};
use crate::tui::widgets::scroll;
use crate::tui::widgets::text_view::TextView;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    screen: Rect,
    title: &str,
    text: &Editor,
    viewport: Viewport,
) {
    let width = 84.min(screen.width.saturating_sub(4));
    let height = screen.height.saturating_sub(4);
    let (area, inner) = window(pen, screen, (width, height), title, &[]);
    let lines = RefCell::new(LineStates::default());
    let seen = TextView::plain(text, viewport, Kind::Text, &lines).draw(pen, inner);
    pen.geometry.modal = view(seen);
    scroll::draw(pen, area, viewport.top_line, seen.height, text.len_lines(), true);
    keys_below(pen, area, &[("↑↓", "scroll"), ("Esc", "close")]);
}
