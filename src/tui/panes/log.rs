//! The message log: a header that is also the divider, the search line, and the rows of the window.

use ratatui::layout::Rect;

use super::composer::switch;
use super::log_filter;
use super::log_row::{Place, draw_message, draw_note};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Pane, SearchLine, Tab};
use crate::core::action::Action;
use crate::core::time::Micros;
use crate::tui::pen::{Pen, Span, row_of, span, view, width_of};
use crate::tui::widgets::field;
use crate::tui::words::count;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    if area.is_empty() {
        return;
    }
    let tab = model.tab();
    let focused = tab.focus == Pane::Log;
    pen.hit(area, Target::Pane(Pane::Log));
    let mut rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if let Some(line) = &tab.log.search.line
        && rows.height > 0
    {
        draw_search(pen, tab, line, row_of(rows, 0), focused);
        rows.y += 1;
        rows.height -= 1;
    }
    if let Some(line) = &tab.log.filter.line
        && rows.height > log_filter::ROWS
    {
        let area = Rect { height: log_filter::ROWS, ..rows };
        log_filter::draw_line(pen, line, area, focused);
        rows.y += log_filter::ROWS;
        rows.height -= log_filter::ROWS;
    }
    let shown = tab.log.view();
    let paused = !tab.log.follow && rows.height >= 3;
    if paused {
        rows.height -= 1;
        let below = Rect { y: rows.bottom(), height: 1, ..rows };
        draw_below(pen, model, below, focused);
    }
    pen.geometry.log = view(rows);

    let window = tab.log.handle.window(&shown, tab.log.window_anchor(), usize::from(rows.height));
    let stats = &window.stats;
    let numbers = Numbers {
        kept: stats.kept(),
        evicted: stats.evicted,
        sent: stats.totals.sent.messages(),
        received: stats.totals.received.messages(),
        rate: tab.log.handle.rate(now).messages,
    };
    draw_header(pen, model, row_of(area, 0), &numbers, focused);

    if window.entries.is_empty() && rows.height > 0 {
        let words = if tab.log.filter.running {
            "Still looking for what fits the filter."
        } else if stats.kept() > 0 {
            "Nothing fits the filter."
        } else {
            "No messages yet. What is sent and received stands here, control frames too."
        };
        pen.text(rows.x + 2, rows.y, rows.width.saturating_sub(3), words, pen.styles.dim);
        return;
    }
    let search = tab.log.search.search.as_ref();
    let hits = match (search, window.entries.first(), window.entries.last()) {
        (Some(search), Some(first), Some(last)) => search.hits_in(first.number..last.number + 1),
        _ => Vec::new(),
    };
    let pattern = search.map(|search| search.pattern());
    let mark = |text: &str| {
        pattern.map(|pattern| pattern.hit_ranges(text.as_bytes(), 16)).unwrap_or_default()
    };
    // The row before the first one, for the time between the two.
    let mut before = window
        .entries
        .first()
        .filter(|entry| entry.number > stats.first)
        .and_then(|entry| tab.log.handle.get(entry.number - 1))
        .map(|entry| entry.at);
    let selection = tab.log.anchor.and_then(|_| tab.log.selection());
    for (y, entry) in (0..rows.height).zip(&window.entries) {
        let line = row_of(rows, y);
        pen.hit(line, Target::LogRow(y));
        let at_cursor = entry.number == tab.log.cursor;
        let place = Place {
            line,
            at: entry.at,
            before,
            zone: &model.zone,
            timestamps: model.settings.log.timestamps,
            widest_preview: model.settings.log.preview as usize,
            mark: model
                .highlights
                .of(tab.id, entry)
                .map(|highlight| log_filter::mark_of(pen.styles, highlight)),
        };
        match (entry.message(), entry.note()) {
            (Some((direction, kind, payload)), _) => {
                let is_hit = hits.binary_search(&entry.number).is_ok();
                let found: &dyn Fn(&str) -> Vec<std::ops::Range<usize>> =
                    if is_hit { &mark } else { &|_| Vec::new() };
                draw_message(pen, &place, direction, kind, payload, is_hit, found);
            }
            (None, Some(note)) => draw_note(pen, &place, &note.text()),
            (None, None) => {}
        }
        let selected =
            selection.is_some_and(|(first, last)| (first..=last).contains(&entry.number));
        if selected || at_cursor && focused {
            pen.restyle(line, pen.styles.selection);
        }
        if at_cursor {
            pen.text(line.x, line.y, 1, "▸", pen.styles.accent);
        }
        before = Some(entry.at);
    }
}

/// What the header counts.
struct Numbers {
    kept: u64,
    evicted: u64,
    sent: u64,
    received: u64,
    rate: f64,
}

fn draw_header(pen: &mut Pen<'_>, model: &Model, line: Rect, numbers: &Numbers, focused: bool) {
    let styles = pen.styles;
    let tab = model.tab();
    pen.rule(line, styles.border_of(focused));
    pen.hit(line, Target::Divider);

    let rate = (numbers.rate > 0.0).then(|| {
        let rate = if numbers.rate < 9.95 {
            format!("{:.1}", numbers.rate)
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is positive and small"
            )]
            count(numbers.rate.round() as u64)
        };
        span(format!("  {rate}/s"), styles.dim)
    });
    let mut kept = vec![span(format!("{} kept", count(numbers.kept)), styles.dim)];
    if numbers.evicted > 0 {
        kept.push(span(format!(" ({} evicted)", count(numbers.evicted)), styles.warn));
    }
    let flow = vec![
        span("  ↑ ", styles.outgoing),
        span(count(numbers.sent), styles.text),
        span("  ↓ ", styles.incoming),
        span(count(numbers.received), styles.text),
    ];
    let mut right: Vec<Span<'_>> = kept.into_iter().chain(flow.iter().cloned()).collect();
    right.extend(rate);

    let mut x = line.x + 2;
    x += pen.padded(x, line.y, 12, &[span("Messages", styles.title_of(focused))]);
    let room = |x: u16| line.right().saturating_sub(x + 2);
    let filter = [span(format!("{} ▾", tab.log.shown.label()), styles.text)];
    x += 1;
    x += pen.button(x, line.y, room(x), &filter, Target::Button(Action::FilterKind)) + 1;
    if tab.log.search.line.is_none() {
        let search = [span("/", styles.accent), span(" search", styles.dim)];
        x += pen.button(x, line.y, room(x), &search, Target::Button(Action::Search)) + 1;
    }
    // A filter on contents may take what the shortest counts leave.
    let least = room(x).saturating_sub(width_of(&flow) + 3);
    let taken = log_filter::draw_button(pen, model, tab, (x, line.y), least);
    x += if taken > 0 { taken + 1 } else { 0 };
    // The counts of messages are the last to give way.
    for spans in [right, flow] {
        let width = width_of(&spans) + 2;
        if width <= room(x) {
            pen.padded(line.right().saturating_sub(width + 2), line.y, width, &spans);
            return;
        }
    }
}

fn draw_search(pen: &mut Pen<'_>, tab: &Tab, line: &SearchLine, area: Rect, focused: bool) {
    let styles = pen.styles;
    let state = &tab.log.search;
    let mut right = Vec::new();
    if let Some(problem) = &state.problem {
        right.push(span(format!("✗ {problem} "), styles.error));
    } else if let Some(search) = &state.search {
        let total = search.total();
        let words = match search.position(tab.log.cursor) {
            Some((place, total)) => format!("{}/{}", count(place), count(total)),
            None if total == 1 => "1 hit".into(),
            None => format!("{} hits", count(total)),
        };
        let style = if total == 0 && !state.running { styles.warn } else { styles.accent };
        right.push(span(words, style));
        right.push(span(if state.running { " … " } else { "  " }, styles.dim));
    }
    right.push(switch(pen, ".*", line.regex));
    right.push(switch(pen, "Aa", line.case));
    right.push(span(" ", styles.dim));
    let room = (area.width * 2 / 3).min(area.width.saturating_sub(12));
    let right_x = pen.spans_right(area.right(), area.y, room, &right);
    pen.text(area.x + 2, area.y, 1, "/", styles.accent);
    let field = Rect { x: area.x + 4, width: right_x.saturating_sub(area.x + 5), ..area };
    field::draw(pen, field, &line.input, focused && line.editing, styles.text);
}

/// While the log does not follow: what came below.
fn draw_below(pen: &mut Pen<'_>, model: &Model, line: Rect, focused: bool) {
    let styles = pen.styles;
    let tab = model.tab();
    pen.rule(line, styles.border_of(focused));
    let new = tab.log.handle.count_after(tab.log.view(), tab.log.seen);
    let words = if new > 0 {
        span(format!("▼ {} new below", count(new)), styles.warn)
    } else {
        span("▼ not following", styles.dim)
    };
    let contexts = [crate::core::action::Context::Log, crate::core::action::Context::Command];
    let mut spans = vec![words];
    if let Some(keys) = model.keymap.label_for(Action::Follow, &contexts) {
        spans.push(span(format!("  {keys} "), styles.accent));
        spans.push(span("follow", styles.dim));
    }
    let x = line.x + 2;
    pen.button(x, line.y, line.width.saturating_sub(4), &spans, Target::Button(Action::Follow));
}
