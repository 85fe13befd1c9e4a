//! Moving in what the detail shows.

use super::compare::BESIDE;
use crate::app::model::{Body, Detail};
use crate::app::update::Cx;
use crate::core::action::Action;
use crate::payload::hexdump_line_count;

/// Columns that one press moves sideways.
const SIDEWAYS: usize = 8;

impl Cx<'_> {
    /// False if the action moves nothing.
    pub(super) fn scroll_act(&mut self, action: Action) -> bool {
        let detail = &mut self.tab().log.detail;
        let page = isize::try_from(detail.viewport.height.max(2)).unwrap_or(2) - 1;
        match action {
            Action::Up => scroll(detail, -1),
            Action::Down => scroll(detail, 1),
            Action::PageUp => scroll(detail, -page),
            Action::PageDown => scroll(detail, page),
            Action::First => scroll_to_end(detail, false),
            Action::Last => scroll_to_end(detail, true),
            Action::Left | Action::Right => {
                let left = &mut detail.viewport.left_column;
                *left = if action == Action::Left {
                    left.saturating_sub(SIDEWAYS)
                } else {
                    *left + SIDEWAYS
                };
            }
            Action::ToggleWrap => {
                detail.viewport.wrap = !detail.viewport.wrap;
                detail.viewport.left_column = 0;
                // What begins a row differs.
                detail.place = detail.rows().at(detail.place);
            }
            _ => return false,
        }
        true
    }

    /// The wheel over the detail.
    pub(in crate::app::update) fn detail_scroll(&mut self, rows: isize) {
        self.detail_measure();
        scroll(&mut self.tab().log.detail, rows);
    }
}

/// Rows that the body has, if they are counted.
fn row_count(detail: &Detail) -> usize {
    match &detail.body {
        Body::Hex => hexdump_line_count(detail.payload.len()),
        Body::Frames => detail.frames.heads.len() + 3,
        Body::Tree(tree) => tree.len(),
        // A line above says what it is.
        Body::Diff(compared) => compared.len(detail.viewport.width >= BESIDE) + 1,
        Body::Empty | Body::Text | Body::Raw | Body::Trouble(_) => 0,
    }
}

/// Moves the window by rows; it stays within the body.
fn scroll(detail: &mut Detail, by: isize) {
    let height = usize::from(detail.viewport.height.max(1));
    let rows = row_count(detail);
    let moved = |top: usize| top.saturating_add_signed(by).min(rows.saturating_sub(height));
    match &mut detail.body {
        Body::Text => detail.viewport.scroll_rows(&detail.text, by),
        Body::Raw => {
            let rows = detail.rows();
            detail.place = if by < 0 {
                rows.up(detail.place, by.unsigned_abs())
            } else {
                rows.down(detail.place, by.unsigned_abs()).min(rows.last_top(height))
            };
        }
        Body::Tree(tree) => tree.top = moved(tree.top),
        Body::Hex | Body::Frames | Body::Diff(_) => detail.top = moved(detail.top),
        Body::Empty | Body::Trouble(_) => {}
    }
}

fn scroll_to_end(detail: &mut Detail, end: bool) {
    let far = if end { isize::MAX / 2 } else { isize::MIN / 2 };
    match &detail.body {
        Body::Text if detail.viewport.wrap => {
            // Going row by row would take as long as there are rows.
            detail.viewport.top_line = 0;
            detail.viewport.top_offset = 0;
            if end {
                let line = detail.text.len_lines().saturating_sub(1);
                detail.viewport.top_line = line;
                let start = detail.text.rope().line_to_char(line);
                detail.viewport.top_offset = detail.text.len_chars().saturating_sub(start);
                let height = isize::try_from(detail.viewport.height.max(2)).unwrap_or(2);
                detail.viewport.scroll_rows(&detail.text, 1 - height);
            }
        }
        Body::Raw => {
            let height = usize::from(detail.viewport.height.max(1));
            detail.place = if end { detail.rows().last_top(height) } else { 0 };
        }
        _ => scroll(detail, far),
    }
}
