//! The jq line at the foot of the detail, with what is wrong with the program below it.

use ratatui::layout::Rect;

use crate::app::model::JqLine;
use crate::core::sanitize::display_width;
use crate::tui::pen::{Pen, row_of};
use crate::tui::widgets::field;

/// Rows that the line takes of a window of this height.
pub(super) fn rows(jq: &JqLine, height: u16) -> u16 {
    match (jq.open, jq.problem.is_some(), height) {
        (false, ..) | (_, _, 0..=1) => 0,
        (true, false, _) | (true, true, 2) => 1,
        (true, true, _) => 2,
    }
}

pub(super) fn draw(pen: &mut Pen<'_>, jq: &JqLine, area: Rect, focused: bool) {
    let styles = pen.styles;
    let line = row_of(area, 0);
    let style = if jq.problem.is_some() { styles.error } else { styles.accent };
    let used = pen.text(line.x, line.y, line.width, "jq │ ", style);
    let input = Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line };
    field::draw(pen, input, &jq.input, focused && jq.editing, styles.text);
    let Some(problem) = &jq.problem else { return };
    let below = row_of(area, 1);
    if below.height == 0 {
        return;
    }
    // Under the character that it is about, if the line is not scrolled.
    let text = jq.input.text();
    let whole = display_width(&text) < usize::from(input.width);
    let before = text.get(..problem.at.start).map_or(0, display_width);
    let column = if whole { u16::try_from(before).unwrap_or(0) } else { 0 };
    let mark = if whole { "^ " } else { "✗ " };
    let words = format!("{mark}{}", problem.message);
    let width = u16::try_from(display_width(&words)).unwrap_or(u16::MAX);
    // A message too long for what is right of the mark begins further left, without it.
    if column.saturating_add(width) <= input.width {
        pen.text(input.x + column, below.y, input.width - column, &words, styles.error);
    } else {
        let at = problem.at.start + 1;
        let words = format!("✗ at {at}: {}", problem.message);
        pen.text(line.x, below.y, line.width, &words, styles.error);
    }
}
