//! Windows over the screen, one file each. The last one that was opened gets the keys.

mod confirm;
mod cookies;
mod credential;
mod help;
mod menu;
mod palette;
mod prompt;
mod reader;
mod stats;
mod ways;

use ratatui::layout::Rect;

use super::pen::{Pen, Span, inside, span};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Modal;
use crate::core::time::Micros;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, screen: Rect, now: Micros) {
    let last = model.modals.len().saturating_sub(1);
    for (index, modal) in model.modals.iter().enumerate() {
        let front = index == last;
        match modal {
            Modal::Palette { input, items, cursor } => {
                palette::draw(pen, model, screen, input, items, *cursor);
            }
            Modal::Help { input, scroll } => help::draw(pen, model, screen, input, *scroll),
            Modal::Confirm { title, text, yes, no, on_yes, .. } => {
                confirm::draw(pen, screen, title, text, [yes, no], *on_yes);
            }
            Modal::Menu { title, items, cursor, stays } => {
                menu::draw(pen, screen, title, items, *cursor, *stays);
            }
            Modal::Prompt { title, help, input, problem, .. } => {
                prompt::draw(pen, screen, title, help, input, problem.as_deref());
            }
            Modal::Cookies { rows, cursor } => {
                cookies::draw(pen, model, screen, rows, *cursor, now);
            }
            Modal::Stats(view) => stats::draw(pen, model, screen, *view, now),
            Modal::Ways { input, list } => ways::draw(pen, screen, input, list),
            Modal::Credential { on_yes, .. } => {
                credential::draw(pen, model, screen, *on_yes, now);
            }
            Modal::Text { title, text, viewport, .. } => {
                reader::draw(pen, screen, title, text, *viewport);
            }
        }
        if !front {
            pen.cursor = None;
        }
    }
}

/// Opens a window of that size (borders included, as far as the screen allows) in the middle, a
/// little above the half; what is inside its border.
fn window(
    pen: &mut Pen<'_>,
    screen: Rect,
    (width, height): (u16, u16),
    title: &str,
    note: &[Span<'_>],
) -> (Rect, Rect) {
    let width = width.min(screen.width.saturating_sub(2));
    let height = height.min(screen.height.saturating_sub(2));
    let area = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 3,
        width,
        height,
    };
    pen.clear(area);
    pen.border(area, pen.styles.border_focused);
    pen.hit(area, Target::Modal);
    pen.on_border(Rect { height: 1, ..area }, &[span(title, pen.styles.accent)], note);
    let inner = inside(area);
    let padded = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    (area, padded)
}

/// What keys do in a window, on its lower border.
fn keys_below(pen: &mut Pen<'_>, area: Rect, pairs: &[(&str, &str)]) {
    let mut spans = Vec::new();
    for (index, (key, word)) in pairs.iter().enumerate() {
        if index > 0 {
            spans.push(span("  ", pen.styles.dim));
        }
        spans.push(span((*key).to_owned(), pen.styles.accent));
        spans.push(span(format!(" {word}"), pen.styles.dim));
    }
    let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    pen.on_border(bottom, &spans, &[]);
}
