//! The message log: a header that is also the divider, the search line, and the rows of the window.

use ratatui::layout::Rect;

use super::composer::switch;
use super::log_columns::{Laid, Wish};
use super::log_filter;
use super::log_header::{self, Numbers};
use super::log_pins;
use super::log_rows::{Rows, draw_bar, draw_entry};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{LogEntry, Pane, SearchLine, Tab};
use crate::core::time::Micros;
use crate::tui::pen::{Pen, row_of, span, view};
use crate::tui::widgets::field;
use crate::tui::words::count;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    if area.is_empty() {
        return;
    }
    let tab = model.tab();
    let log = &tab.log;
    let focused = tab.focus == Pane::Log;
    pen.hit(area, Target::Pane(Pane::Log));
    let mut rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if let Some(line) = &log.search.line
        && rows.height > 0
    {
        draw_search(pen, tab, line, row_of(rows, 0), focused);
        rows.y += 1;
        rows.height -= 1;
    }
    if let Some(line) = &log.filter.line
        && rows.height > log_filter::ROWS
    {
        let area = Rect { height: log_filter::ROWS, ..rows };
        log_filter::draw_line(pen, line, area, focused);
        rows.y += log_filter::ROWS;
        rows.height -= log_filter::ROWS;
    }
    let shown = log.view();
    let waiting = if log.follow { 0 } else { log.handle.count_after(&shown, log.seen) };
    if !log.follow && rows.height >= 3 {
        rows.height -= 1;
        let below = Rect { y: rows.bottom(), height: 1, ..rows };
        log_header::draw_below(pen, model, below, waiting, focused);
    }
    let pins = Rect { height: log_pins::height(model, rows.height), ..rows };
    rows.y += pins.height;
    rows.height -= pins.height;
    pen.geometry.log = view(rows);

    let window = log.handle.window(&shown, log.window_anchor(), usize::from(rows.height));
    let stats = &window.stats;
    let laid = Laid::of(&Wish {
        columns: &model.settings.log.columns,
        width: area.width,
        timestamps: model.settings.log.timestamps,
        marked: log.mark.is_some(),
        last: stats.end,
    });
    pen.geometry.log_columns = laid.shown();
    let numbers = Numbers {
        kept: stats.kept(),
        evicted: stats.evicted,
        sent: stats.totals.sent.messages(),
        received: stats.totals.received.messages(),
        rate: log.handle.rate(now).messages,
        waiting,
        left_out: laid.left_out,
    };
    log_header::draw(pen, model, row_of(area, 0), &numbers, focused);
    if !pins.is_empty() {
        log_pins::draw(pen, model, &laid, pins);
    }

    if window.entries.is_empty() && rows.height > 0 {
        let words = if log.filter.running {
            "Still looking for what fits the filter."
        } else if stats.kept() > 0 {
            "Nothing fits the filter."
        } else {
            "No messages yet. What is sent and received stands here, control frames too."
        };
        pen.text(rows.x + 2, rows.y, rows.width.saturating_sub(3), words, pen.styles.dim);
        return;
    }
    let search = log.search.search.as_ref();
    let hits = match (search, window.entries.first(), window.entries.last()) {
        (Some(search), Some(first), Some(last)) => search.hits_in(first.number..last.number + 1),
        _ => Vec::new(),
    };
    let found = |text: &str| {
        search.map(|s| s.pattern().hit_ranges(text.as_bytes(), 16)).unwrap_or_default()
    };
    // The shown row before the first one, for the time between the two.
    let above = window.row.checked_sub(1).and_then(|row| log.handle.number_at(&shown, row));
    let time = |entry: &LogEntry| Some(entry.at).filter(|at| at.0 > 0);
    let mut before = above.and_then(|number| log.handle.get(number)).as_ref().and_then(time);
    let selection = log.anchor.and_then(|_| log.selection());
    let common = Rows { model, laid: &laid, hits: &hits, found: &found };
    for (y, entry) in (0..rows.height).zip(&window.entries) {
        let line = row_of(rows, y);
        pen.hit(line, Target::LogRow(y));
        draw_entry(pen, &common, line, entry, before);
        let at_cursor = entry.number == log.cursor;
        let selected =
            selection.is_some_and(|(first, last)| (first..=last).contains(&entry.number));
        if selected || at_cursor && focused {
            pen.restyle(line, pen.styles.selection);
        }
        if at_cursor {
            pen.text(line.x, line.y, 1, "▸", pen.styles.accent);
        }
        before = time(entry);
    }
    draw_bar(pen, rows, window.row, window.rows, focused);
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
