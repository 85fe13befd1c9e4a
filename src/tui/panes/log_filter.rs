//! The log's filter: its line with what is wrong or offered below it, its button in the header,
//! and the marks of rows.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::geometry::Target;
use crate::app::model::filter_offers;
use crate::app::model::{FilterLine, Highlight, Model, Tab};
use crate::core::action::Action;
use crate::core::log_rules::Tint;
use crate::tui::pen::{Pen, Span, cells, row_of, span, width_of};
use crate::tui::styles::Styles;
use crate::tui::widgets::field;
use crate::tui::words::count;

/// Rows that the line takes while it is open.
pub(super) const ROWS: u16 = 2;

const LABEL: &str = "filter";

/// The line in the first row of the area, and below it where it is wrong or what can be typed.
pub(super) fn draw_line(pen: &mut Pen<'_>, line: &FilterLine, area: Rect, focused: bool) {
    let styles = pen.styles;
    let label = pen.text(area.x + 2, area.y, 8, LABEL, styles.accent) + 3;
    let left = area.x + label;
    let field = Rect { x: left, width: area.right().saturating_sub(left + 1), ..row_of(area, 0) };
    field::draw(pen, field, &line.input, focused, styles.text);
    let below = row_of(area, 1);
    if below.is_empty() {
        return;
    }
    let Rect { y, width: room, .. } = Rect { y: below.y, ..field };
    let text = line.input.text();
    if let Some(problem) = &line.problem {
        let before = cells(&text[..problem.at.start.min(text.len())]);
        let message = format!("^ {}", problem.message);
        // Under the place itself, if the line is not scrolled and the message fits behind.
        let is_whole = cells(&text) < room;
        if is_whole {
            let wrong =
                cells(&text[problem.at.start.min(text.len())..problem.at.end.min(text.len())]);
            let place = Rect { x: left + before, width: wrong, ..field };
            pen.restyle(place, styles.error);
        }
        if is_whole && before + cells(&message) <= room {
            pen.text(left + before, y, room, &message, styles.error);
        } else {
            pen.text(left, y, room, &format!("✗ {problem}"), styles.error);
        }
        return;
    }
    let offer = filter_offers(&text, line.cursor());
    let mut spans: Vec<Span<'_>> = Vec::new();
    if let [term] = offer.terms[..] {
        spans.push(span(term.example, styles.accent));
        spans.push(span(format!("  {}", term.does), styles.dim));
    } else {
        for term in &offer.terms {
            spans.push(span(term.example, styles.control));
            spans.push(span("  ", styles.dim));
        }
    }
    pen.spans(left, y, room, &spans);
}

/// What is shown of the applied filter in the header, as a button; how many cells it took.
pub(super) fn draw_button(
    pen: &mut Pen<'_>,
    model: &Model,
    tab: &Tab,
    (x, y): (u16, u16),
    room: u16,
) -> u16 {
    let styles = pen.styles;
    let filter = &tab.log.filter;
    let Some(sieve) = &filter.sieve else { return 0 };
    let named = model.rules.filters.iter().find(|named| named.query == filter.text);
    let words = named.map_or(filter.text.as_str(), |named| named.name.as_str());
    let progress = sieve.progress();
    let state = if filter.running {
        let all = progress.searched + progress.remaining;
        format!(" {} of {} looked at", count(progress.searched), count(all))
    } else {
        format!(" {}", count(tab.log.handle.rows(tab.log.view())))
    };
    let state = span(state, if filter.running { styles.warn } else { styles.dim });
    let mark = span("▽ ", styles.accent);
    // The filter itself gives way to how many rows it shows.
    let left = room.saturating_sub(width_of(&[mark.clone(), state.clone()]) + 2);
    if left < 4 {
        return 0;
    }
    let words = crate::core::sanitize::escape(words);
    let words = crate::core::sanitize::truncate_to_width(&words, usize::from(left)).into_owned();
    let spans = [mark, span(words, styles.accent), state];
    pen.button(x, y, room, &spans, Target::Button(Action::FilterLine))
}

/// The mark of a row and its word.
pub(super) fn mark_of(styles: &Styles, highlight: &Highlight) -> (String, Style) {
    let mark = highlight.tint.mark();
    let words = match highlight.word.as_str() {
        "" => mark.to_owned(),
        word => format!("{mark} {word}"),
    };
    (words, style_of(styles, highlight.tint))
}

fn style_of(styles: &Styles, tint: Tint) -> Style {
    match tint {
        Tint::Accent => styles.accent,
        Tint::Error => styles.error,
        Tint::Warn => styles.warn,
        Tint::Ok => styles.ok,
        Tint::Key => styles.key,
        Tint::String => styles.string,
        Tint::Number => styles.number,
        Tint::Control => styles.control,
    }
}
