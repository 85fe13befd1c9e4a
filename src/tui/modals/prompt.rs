//! One line to type: what it is for, the field, and what is wrong with it.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{keys_below, window};
use crate::editor::Editor;
use crate::tui::pen::{Pen, row_of, view};
use crate::tui::widgets::field;
use crate::tui::words::wrap;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    screen: Rect,
    title: &str,
    help: &str,
    input: &Editor,
    problem: Option<&str>,
) {
    let styles = pen.styles;
    let width = 70.min(screen.width.saturating_sub(4));
    let (text, style) = match problem {
        Some(problem) => (format!("✗ {problem}"), styles.error),
        None => (help.to_owned(), styles.dim),
    };
    let lines = wrap(&text, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(4).clamp(1, 4) + 4;
    let (area, inner) = window(pen, screen, (width, height), title, &[]);
    let line = row_of(inner, 0);
    pen.restyle(line, styles.text.add_modifier(Modifier::UNDERLINED));
    field::draw(pen, line, input, true, styles.text);
    for (y, text) in (2..inner.height).zip(&lines) {
        pen.text(inner.x, inner.y + y, inner.width, text, style);
    }
    pen.geometry.modal = view(line);
    keys_below(pen, area, &[("⏎", "take it"), ("Esc", "close")]);
}
