//! Help: every key, by the place where it counts, filtered by what is typed.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::Model;
use crate::core::action::Context;
use crate::editor::Editor;
use crate::tui::pen::{Pen, Span, row_of, span, view};
use crate::tui::styles::Styles;
use crate::tui::widgets::{field, scroll};

/// Cells for the keys.
const KEYS: usize = 20;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, screen: Rect, input: &Editor, at: usize) {
    let styles = pen.styles;
    let size = (screen.width.saturating_sub(4).min(150), screen.height.saturating_sub(2));
    let (area, inner) = window(pen, screen, size, "Keys", &[]);
    pen.text(inner.x, inner.y, 1, "/", styles.accent);
    let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), ..row_of(inner, 0) };
    field::draw(pen, line, input, true, styles.text);
    let body = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let rule =
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), y: inner.y + 1, height: 1 };
    pen.rule(rule, styles.border);
    pen.geometry.modal = view(body);

    let columns: u16 = if body.width >= 96 { 2 } else { 1 };
    let sections = sections(styles, model, &input.text());
    if sections.is_empty() {
        pen.text(body.x, body.y, body.width, "No key and no command fits.", styles.dim);
    }
    let parts = divide(sections, usize::from(columns));
    let total = parts.iter().map(Vec::len).max().unwrap_or(0);
    let first = at.min(total.saturating_sub(usize::from(body.height)));
    let gap = 3;
    let width = (body.width - gap * (columns - 1)) / columns;
    for (x, lines) in (body.x..).step_by(usize::from(width + gap)).zip(&parts) {
        for (y, spans) in (0..body.height).zip(lines.iter().skip(first)) {
            pen.spans(x, body.y + y, width, spans);
        }
    }
    scroll::draw(pen, area, first, body.height, total, true);
    keys_below(pen, area, &[("↑↓", "scroll"), ("Esc", "close")]);
}

pub(super) type Lines = Vec<Vec<Span<'static>>>;

/// A block of lines for each context that has something to show.
fn sections(styles: &Styles, model: &Model, typed: &str) -> Vec<Lines> {
    let typed = typed.trim().to_lowercase();
    let mut out = Vec::new();
    for context in Context::ALL {
        let mut lines: Lines = Vec::new();
        for bind in model.keymap.binds().iter().filter(|bind| bind.contexts.contains(&context)) {
            if bind.keys.is_empty() {
                continue;
            }
            let keys: Vec<String> = bind.keys.iter().map(|key| key.label()).collect();
            let keys = keys.join(" ");
            let fits = typed.is_empty()
                || bind.does.to_lowercase().contains(&typed)
                || keys.to_lowercase().contains(&typed)
                || context.title().to_lowercase().contains(&typed);
            if fits {
                let pad = KEYS.saturating_sub(usize::from(crate::tui::pen::cells(&keys)));
                lines.push(vec![
                    span(format!("{keys}{} ", " ".repeat(pad)), styles.accent),
                    span(bind.does.clone(), styles.text),
                ]);
            }
        }
        if !lines.is_empty() {
            lines.insert(0, vec![span(context.title(), styles.title)]);
            lines.push(Vec::new());
            out.push(lines);
        }
    }
    out
}

/// The blocks in order, in columns of about the same length; no block is cut.
pub(super) fn divide(sections: Vec<Lines>, columns: usize) -> Vec<Lines> {
    let total: usize = sections.iter().map(Vec::len).sum();
    let share = total.div_ceil(columns.max(1));
    let mut out: Vec<Lines> = vec![Vec::new()];
    for section in sections {
        let full = out.last().is_some_and(|c| !c.is_empty() && c.len() + section.len() / 2 > share);
        if full && out.len() < columns {
            out.push(Vec::new());
        }
        if let Some(column) = out.last_mut() {
            column.extend(section);
        }
    }
    out
}
