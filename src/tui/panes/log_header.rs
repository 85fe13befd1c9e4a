//! The line above the log, which is also the divider: what is shown, whether the window moves, and
//! counts. And the line below it while the window does not move.

use ratatui::layout::Rect;

use super::log_filter;
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Tab;
use crate::core::action::{Action, Context};
use crate::tui::pen::{Pen, Span, span, width_of};
use crate::tui::words::count;

/// What the header counts.
pub(super) struct Numbers {
    pub kept: u64,
    pub evicted: u64,
    pub sent: u64,
    pub received: u64,
    pub rate: f64,
    /// Shown rows that came since the window stands still.
    pub waiting: u64,
    /// Columns that were asked for and have no room.
    pub left_out: usize,
}

/// A part of the header. Parts that do not fit are left out, the last ones first.
struct Part<'a> {
    spans: Vec<Span<'a>>,
    target: Option<Target>,
    is_right: bool,
    /// Parts with a lower one have room first.
    rank: u8,
}

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, line: Rect, numbers: &Numbers, focused: bool) {
    let styles = pen.styles;
    let tab = model.tab();
    pen.rule(line, styles.border_of(focused));
    pen.hit(line, Target::Divider);

    let mut parts = Vec::new();
    let mut part = |rank, is_right, target, spans: Vec<Span<'static>>| {
        parts.push(Part { spans, target, is_right, rank });
    };
    let button = |action| Some(Target::Button(action));
    part(0, false, None, vec![span("Messages", styles.title_of(focused))]);
    let filter = span(format!("{} ▾", tab.log.shown.label()), styles.text);
    part(2, false, button(Action::FilterKind), vec![filter]);
    if tab.log.search.line.is_none() {
        let search = vec![span("/", styles.accent), span(" search", styles.dim)];
        part(5, false, button(Action::Search), search);
    }
    let mut columns = vec![span("columns ▾", styles.dim)];
    if numbers.left_out > 0 {
        columns.push(span(format!(" {} left out", numbers.left_out), styles.warn));
    }
    part(if numbers.left_out > 0 { 4 } else { 7 }, false, button(Action::Columns), columns);
    if let Some(mark) = tab.log.mark {
        let from = span(format!("Δ from #{}", mark.number), styles.accent);
        part(3, true, button(Action::MarkRow), vec![from]);
    }
    part(1, true, button(state_action(tab)), vec![state(pen, tab, numbers.waiting)]);
    let mut kept = vec![span(format!("{} kept", count(numbers.kept)), styles.dim)];
    if numbers.evicted > 0 {
        kept.push(span(format!(" ({} evicted)", count(numbers.evicted)), styles.warn));
    }
    part(6, true, None, kept);
    let flow = [
        (Action::ShowSent, "↑ ", styles.outgoing, numbers.sent),
        (Action::ShowReceived, "↓ ", styles.incoming, numbers.received),
    ];
    for (action, arrow, style, messages) in flow {
        let spans = vec![span(arrow, style), span(count(messages), styles.text)];
        part(4, true, button(action), spans);
    }
    if numbers.rate > 0.0 {
        part(8, true, None, vec![span(rate_words(numbers.rate), styles.dim)]);
    }

    let room = line.width.saturating_sub(4);
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| parts[*index].rank);
    let mut taken = 0;
    let mut fits = vec![false; parts.len()];
    for index in order {
        let width = width_of(&parts[index].spans) + 2;
        // A filter on contents takes what the more important parts leave.
        let gives_way = tab.log.filter.sieve.is_some() && parts[index].rank > 5;
        if taken + width <= room && !gives_way {
            taken += width;
            fits[index] = true;
        }
    }
    let shown = || parts.iter().zip(&fits).filter(|(_, fits)| **fits).map(|(part, _)| part);
    let mut x = line.x + 2;
    for part in shown().filter(|part| !part.is_right) {
        x += draw_part(pen, x, line.y, part);
    }
    let right: u16 = shown().filter(|part| part.is_right).map(|p| width_of(&p.spans) + 2).sum();
    let right_x = line.right().saturating_sub(2 + right);
    log_filter::draw_button(pen, model, tab, (x, line.y), right_x.saturating_sub(x + 1));
    x = right_x;
    for part in shown().filter(|part| part.is_right) {
        x += draw_part(pen, x, line.y, part);
    }
}

fn draw_part(pen: &mut Pen<'_>, x: u16, y: u16, part: &Part<'_>) -> u16 {
    let width = width_of(&part.spans) + 2;
    match part.target {
        Some(target) => pen.button(x, y, width, &part.spans, target),
        None => pen.padded(x, y, width, &part.spans),
    }
}

/// Whether the window moves, in words.
fn state(pen: &Pen<'_>, tab: &Tab, waiting: u64) -> Span<'static> {
    let styles = pen.styles;
    let waiting = |words: &str| match waiting {
        0 => String::new(),
        n => format!(" · {} {words}", count(n)),
    };
    if tab.log.paused {
        span(format!("‖ PAUSED{}", waiting("wait")), styles.warn)
    } else if tab.log.follow {
        span("▼ following", styles.ok)
    } else {
        span(format!("■ standing{}", waiting("new")), styles.accent)
    }
}

fn state_action(tab: &Tab) -> Action {
    if tab.log.follow && !tab.log.paused { Action::Pause } else { Action::Follow }
}

fn rate_words(rate: f64) -> String {
    if rate < 9.95 {
        return format!("{rate:.1}/s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and small"
    )]
    let rate = count(rate.round() as u64);
    format!("{rate}/s")
}

/// While the window does not move: what came below, and what was written about the row under the
/// cursor.
pub(super) fn draw_below(
    pen: &mut Pen<'_>,
    model: &Model,
    line: Rect,
    waiting: u64,
    focused: bool,
) {
    let styles = pen.styles;
    let log = &model.tab().log;
    pen.rule(line, styles.border_of(focused));
    let words = match (log.paused, waiting) {
        (true, 0) => span("‖ PAUSED, nothing waits", styles.warn),
        (true, n) => span(format!("‖ PAUSED, {} wait below", count(n)), styles.warn),
        (false, 0) => span("▼ not following", styles.dim),
        (false, n) => span(format!("▼ {} new below", count(n)), styles.warn),
    };
    let contexts = [Context::Log, Context::Command];
    let mut spans = vec![words];
    let action = if log.paused { Action::Pause } else { Action::Follow };
    if let Some(keys) = model.keymap.label_for(action, &contexts) {
        spans.push(span(format!("  {keys} "), styles.accent));
        spans.push(span("follow", styles.dim));
    }
    let x = line.x + 2;
    let room = line.width.saturating_sub(4);
    let used = pen.button(x, line.y, room, &spans, Target::Button(Action::Follow));
    let words = log.marks.get(log.cursor).map(|marks| marks.words()).unwrap_or_default();
    let room = room.saturating_sub(used + 1);
    if !words.is_empty() && room > 8 {
        let spans = [span("✎ ", styles.accent), span(words, styles.text)];
        let width = (width_of(&spans) + 2).min(room);
        pen.padded(line.right().saturating_sub(2 + width), line.y, width, &spans);
    }
}
