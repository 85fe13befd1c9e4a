//! One row of the log. Its cost depends on its width, not on the message.

use std::ops::Range;

use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::log_columns::{Laid, Stretch};
use crate::app::model::{Answer, DeltaMark};
use crate::config::{Column, Timestamps};
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
    pub laid: &'a Laid,
    pub number: u64,
    pub at: Micros,
    /// Time of the row before.
    pub before: Option<Micros>,
    /// The row that times are counted from.
    pub mark: Option<DeltaMark>,
    pub zone: &'a TimeZone,
    pub timestamps: Timestamps,
    pub widest_preview: usize,
    /// Mark and word of the rule that fits the row, and the style of its text.
    pub highlight: Option<(String, Style)>,
    /// The request that the row answers.
    pub answer: Option<Answer>,
    /// Signs of what was left at the row, and words to it.
    pub signs: &'a str,
    pub words: &'a str,
}

/// A message of the log.
pub(super) struct Message<'a> {
    pub direction: Direction,
    pub kind: MessageKind,
    pub payload: &'a [u8],
    /// Bytes on the wire, if it was compressed.
    pub wire: Option<u32>,
    pub is_hit: bool,
}

impl Place<'_> {
    fn delta(&self) -> String {
        if let Some(mark) = self.mark {
            if mark.number == self.number {
                return "Δ 0".into();
            }
            let sign = if self.at >= mark.at { '+' } else { '-' };
            let span = self.at.since(mark.at).max(mark.at.since(self.at));
            return format!("{sign}{}", short_duration(span));
        }
        self.before
            .map(|before| format!("+{}", short_duration(self.at.since(before))))
            .unwrap_or_default()
    }

    fn time(&self) -> String {
        match self.timestamps {
            Timestamps::Local => time_of_day(self.at, self.zone, self.laid.fine),
            Timestamps::Utc => time_of_day(self.at, &TimeZone::UTC, self.laid.fine),
            Timestamps::Relative => self.delta(),
        }
    }

    /// A stretch of this row on the screen.
    fn rect(&self, stretch: Stretch) -> Rect {
        Rect { x: self.line.x + stretch.x, width: stretch.width, ..self.line }
    }

    fn left(&self, pen: &mut Pen<'_>, column: Column, text: &str, style: Style) {
        if let Some(stretch) = self.laid.place(column) {
            let area = self.rect(stretch);
            pen.text(area.x, area.y, area.width, text, style);
        }
    }

    fn right(&self, pen: &mut Pen<'_>, column: Column, text: &str) {
        if let Some(stretch) = self.laid.place(column) {
            let area = self.rect(stretch);
            pen.spans_right(area.right(), area.y, area.width, &[span(text, pen.styles.dim)]);
        }
    }

    /// Draws number and time.
    fn draw_head(&self, pen: &mut Pen<'_>, with_time: bool) {
        self.right(pen, Column::Number, &format!("#{}", self.number));
        if with_time {
            self.left(pen, Column::Time, &self.time(), pen.styles.dim);
        }
    }

    /// Draws the words that were left at the row, at the right end of `area`; what remains of it.
    fn draw_words(&self, pen: &mut Pen<'_>, area: Rect) -> Rect {
        if self.words.is_empty() || area.width < 24 {
            return area;
        }
        let text = format!("{} {}", self.signs, self.words);
        let room = area.width / 3;
        let x = pen.spans_right(area.right(), area.y, room, &[span(text, pen.styles.comment)]);
        Rect { width: x.saturating_sub(area.x + 2), ..area }
    }
}

/// The time that a reply took, at the right end of `area`; what remains of it.
fn draw_answer(pen: &mut Pen<'_>, place: &Place<'_>, area: Rect) -> Rect {
    let Some(Answer { after, failed }) = place.answer.filter(|_| area.width >= 40) else {
        return area;
    };
    let (sign, style) = if failed { ("✗", pen.styles.warn) } else { ("↩", pen.styles.dim) };
    let text = format!("{sign} {}", short_duration(after));
    let x = pen.spans_right(area.right(), area.y, area.width / 3, &[span(text, style)]);
    Rect { width: x.saturating_sub(area.x + 2), ..area }
}

/// The sign at the left edge of a row, beside the cursor.
pub(super) fn draw_sign(pen: &mut Pen<'_>, place: &Place<'_>, is_hit: bool) {
    let line = place.line;
    let (sign, style) = match place.signs.chars().next() {
        _ if is_hit => ("•".to_owned(), pen.styles.hit),
        _ if place.mark.is_some_and(|mark| mark.number == place.number) => {
            ("Δ".to_owned(), pen.styles.accent)
        }
        Some(sign) => (sign.to_string(), pen.styles.accent),
        None => return,
    };
    pen.text(line.x + 1, line.y, 1, &sign, style);
}

/// A message or control frame. `found` gives byte ranges to mark in the preview.
pub(super) fn draw_message(
    pen: &mut Pen<'_>,
    place: &Place<'_>,
    message: &Message<'_>,
    found: &dyn Fn(&str) -> Vec<Range<usize>>,
) {
    let styles = pen.styles;
    let Message { direction, kind, payload, .. } = *message;
    place.draw_head(pen, true);
    draw_sign(pen, place, message.is_hit);
    let (arrow, arrow_style) = match direction {
        Direction::Out => ("↑", styles.outgoing),
        Direction::In => ("↓", styles.incoming),
    };
    place.left(pen, Column::Direction, arrow, arrow_style);
    place.right(pen, Column::Delta, &place.delta());
    if let Some(wire) = message.wire {
        place.right(pen, Column::Wire, &human_bytes(u64::from(wire)));
    }
    place.right(pen, Column::Size, &human_bytes(payload.len() as u64));

    let name = match kind {
        MessageKind::Text => "text",
        MessageKind::Binary => "bin",
        MessageKind::Ping => "ping",
        MessageKind::Pong => "pong",
        MessageKind::Close => "close",
    };
    let area = place.draw_words(pen, place.rect(place.laid.payload));
    let mut area = draw_answer(pen, place, area);
    if place.laid.place(Column::Kind).is_some() {
        let style = if kind == MessageKind::Text { styles.dim } else { styles.control };
        place.left(pen, Column::Kind, name, style);
    } else if kind != MessageKind::Text {
        // Without a column of its own only what is no text is named.
        let used = pen.text(area.x, area.y, area.width, name, styles.control) + 1;
        area.x += used;
        area.width = area.width.saturating_sub(used);
    }
    let highlight = place.highlight.as_ref();
    if let Some((words, style)) = highlight {
        let used = pen.text(area.x, area.y, area.width, words, *style) + 1;
        area.x += used;
        area.width = area.width.saturating_sub(used);
    }
    let (text, style) = match kind {
        MessageKind::Text => (shown(payload, true, area.width, place), styles.text),
        MessageKind::Binary => (shown(payload, false, area.width, place), styles.text),
        MessageKind::Ping | MessageKind::Pong => {
            (shown(payload, false, area.width, place), styles.control)
        }
        MessageKind::Close => (close_words(payload), styles.control),
    };
    let style = highlight.map_or(style, |(_, style)| *style);
    draw_marked(pen, area, &text, style, found);
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
    place.draw_head(pen, true);
    draw_sign(pen, place, false);
    let payload = place.rect(place.laid.payload);
    // The line begins where the arrows stand. Columns behind it are only for times from a mark.
    let left = [Column::Direction, Column::Kind].map(|column| place.laid.place(column));
    let x = left.iter().flatten().map(|s| place.line.x + s.x).min().unwrap_or(payload.x);
    let mut right = place.line.right().saturating_sub(1);
    if place.mark.is_some()
        && let Some(delta) = place.laid.place(Column::Delta)
    {
        place.right(pen, Column::Delta, &place.delta());
        right = place.line.x + delta.x.saturating_sub(1);
    }
    let area = Rect { x, width: right.saturating_sub(x), ..place.line };
    let area = place.draw_words(pen, area);
    pen.rule(area, styles.border);
    let words = cells(text).min(area.width.saturating_sub(4));
    pen.padded(area.x + 2, area.y, words + 2, &[span(text, styles.control)]);
}

/// A row whose contents are on their way from disk.
pub(super) fn draw_pending(pen: &mut Pen<'_>, place: &Place<'_>) {
    // A segment that is not read yet has no times of its rows.
    place.draw_head(pen, place.at.0 > 0);
    draw_sign(pen, place, false);
    let payload = place.rect(place.laid.payload);
    let mut text = "… being read from disk".to_owned();
    if place.laid.place(Column::Number).is_none() {
        text = format!("#{} {text}", place.number);
    }
    pen.text(payload.x, payload.y, payload.width, &text, pen.styles.dim);
}
