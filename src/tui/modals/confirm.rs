//! A question with two answers.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::geometry::Target;
use crate::tui::pen::{Pen, cells, view};
use crate::tui::words::wrap;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    screen: Rect,
    title: &str,
    text: &str,
    answers: [&str; 2],
    on_yes: bool,
) {
    let styles = pen.styles;
    let width = 60.min(screen.width.saturating_sub(4));
    let lines = wrap(text, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(8).min(12) + 4;
    let (area, inner) = window(pen, screen, (width, height), title, &[]);
    let text_rows = inner.height.saturating_sub(2);
    for (y, line) in (0..text_rows).zip(&lines) {
        pen.text(inner.x, inner.y + y, inner.width, line, styles.text);
    }
    let y = inner.bottom().saturating_sub(1);
    let mut x = inner.x;
    for (index, word) in answers.into_iter().enumerate() {
        let chosen = on_yes == (index == 0);
        let width = cells(word) + 4;
        let button = Rect { x, y, width, height: 1 };
        let style = if chosen { styles.accent } else { styles.text };
        pen.text(x, y, width, &format!("{}{word} ", if chosen { "▸ " } else { "  " }), style);
        if chosen {
            pen.restyle(button.intersection(inner), styles.selection);
        }
        pen.hit(button, Target::ModalRow(index));
        x += width + 2;
    }
    pen.geometry.modal = view(inner);
    keys_below(pen, area, &[("y", "yes"), ("n", "no"), ("⏎", "choose"), ("Esc", "close")]);
}
