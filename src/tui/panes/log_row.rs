//! One row of the log. Its cost depends on its width, not on the message.

use std::ops::Range;

use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::config::Timestamps;
use crate::core::close::code_name;
use crate::core::message::{Direction, MessageKind};
use crate::core::sanitize::{escape_bytes, preview};
use crate::core::time::Micros;
use crate::payload::human_bytes;
use crate::tui::pen::{Pen, cells, span};
use crate::tui::words::{short_duration, time_of_day};

/// Where and when a row stands.
pub(super) struct Place<'a> {
    pub line: Rect,
    pub at: Micros,
    /// Time of the row before.
    pub before: Option<Micros>,
    pub zone: &'a TimeZone,
    pub timestamps: Timestamps,
    pub widest_preview: usize,
    /// Mark and word of the rule that fits the row, and the style of its text.
    pub mark: Option<(String, Style)>,
}

impl Place<'_> {
    /// Microseconds are shown where there is room.
    fn is_wide(&self) -> bool {
        self.line.width >= 100
    }

    fn delta(&self) -> String {
        self.before
            .map(|before| format!("+{}", short_duration(self.at.since(before))))
            .unwrap_or_default()
    }

    fn time(&self) -> String {
        match self.timestamps {
            Timestamps::Local => time_of_day(self.at, self.zone, self.is_wide()),
            Timestamps::Utc => time_of_day(self.at, &TimeZone::UTC, self.is_wide()),
            Timestamps::Relative => self.delta(),
        }
    }

    /// Draws the time; where the row goes on.
    fn draw_time(&self, pen: &mut Pen<'_>) -> u16 {
        let width = if self.is_wide() { 15 } else { 12 };
        let line = self.line;
        pen.text(line.x + 2, line.y, width, &self.time(), pen.styles.dim);
        line.x + 2 + width + 2
    }
}

/// A message or control frame. `found` gives byte ranges to mark in the preview.
pub(super) fn draw_message(
    pen: &mut Pen<'_>,
    place: &Place<'_>,
    direction: Direction,
    kind: MessageKind,
    payload: &[u8],
    is_hit: bool,
    found: &dyn Fn(&str) -> Vec<Range<usize>>,
) {
    let styles = pen.styles;
    let line = place.line;
    let mut x = place.draw_time(pen);
    if is_hit {
        pen.text(line.x + 1, line.y, 1, "•", styles.hit);
    }
    let (arrow, arrow_style) = match direction {
        Direction::Out => ("↑", styles.outgoing),
        Direction::In => ("↓", styles.incoming),
    };
    pen.text(x, line.y, 1, arrow, arrow_style);
    x += 3;

    // From the right: size, then the time since the row before.
    let mut right = line.right().saturating_sub(1);
    let size = human_bytes(payload.len() as u64);
    pen.spans_right(right, line.y, 9, &[span(size, styles.dim)]);
    right = right.saturating_sub(10);
    if line.width >= 90 && place.timestamps != Timestamps::Relative {
        pen.spans_right(right, line.y, 11, &[span(place.delta(), styles.dim)]);
        right = right.saturating_sub(12);
    }

    let room = right.saturating_sub(x);
    let (tag, text, style) = match kind {
        MessageKind::Text => ("", shown(payload, true, room, place), styles.text),
        MessageKind::Binary => ("bin", shown(payload, false, room, place), styles.text),
        MessageKind::Ping => ("ping", shown(payload, false, room, place), styles.control),
        MessageKind::Pong => ("pong", shown(payload, false, room, place), styles.control),
        MessageKind::Close => ("close", close_words(payload), styles.control),
    };
    let mark = place.mark.as_ref();
    if let Some((words, style)) = mark {
        x += pen.text(x, line.y, right.saturating_sub(x), words, *style) + 1;
    }
    let style = mark.map_or(style, |(_, style)| *style);
    if !tag.is_empty() {
        x += pen.text(x, line.y, right.saturating_sub(x), tag, styles.control) + 1;
    }
    draw_marked(
        pen,
        Rect { x, y: line.y, width: right.saturating_sub(x), height: 1 },
        &text,
        style,
        found,
    );
}

fn shown(payload: &[u8], is_text: bool, room: u16, place: &Place<'_>) -> String {
    preview(payload, is_text, usize::from(room).min(place.widest_preview))
}

/// Code, its name and the reason of a close frame's payload.
fn close_words(payload: &[u8]) -> String {
    match payload.split_first_chunk::<2>() {
        Some((code, reason)) => {
            let code = u16::from_be_bytes(*code);
            let reason = if reason.is_empty() {
                String::new()
            } else {
                format!(" “{}”", escape_bytes(&reason[..reason.len().min(123)]))
            };
            format!("{code} {}{reason}", code_name(code))
        }
        None => "without a code".into(),
    }
}

/// A text with some of its bytes marked as found.
fn draw_marked(
    pen: &mut Pen<'_>,
    area: Rect,
    text: &str,
    style: Style,
    found: &dyn Fn(&str) -> Vec<Range<usize>>,
) {
    let mut spans = Vec::new();
    let mut at = 0;
    for range in found(text) {
        // A pattern works on bytes; half a character cannot be marked.
        let start = text.floor_char_boundary(range.start).max(at);
        let end = text.ceil_char_boundary(range.end).max(start);
        spans.push(span(&text[at..start], style));
        spans.push(span(&text[start..end], pen.styles.hit));
        at = end;
    }
    spans.push(span(&text[at..], style));
    pen.spans(area.x, area.y, area.width, &spans);
}

/// A line of ours between the messages.
pub(super) fn draw_note(pen: &mut Pen<'_>, place: &Place<'_>, text: &str) {
    let styles = pen.styles;
    let line = place.line;
    let x = place.draw_time(pen);
    let room = line.right().saturating_sub(x + 1);
    pen.rule(Rect { x, width: room, ..line }, styles.border);
    let words = cells(text).min(room.saturating_sub(4));
    pen.padded(x + 2, line.y, words + 2, &[span(text, styles.control)]);
}
