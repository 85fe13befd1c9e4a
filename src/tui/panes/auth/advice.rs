//! What the address says, above the form: whose service it is, the ways that fit it, and what
//! cannot work.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::model::{AdviceLine, advice_lines};
use crate::core::action::{Action, Context};
use crate::tui::pen::{Pen, row_of};
use crate::tui::words::wrap;

/// What there is to say, with the keys that act on it.
pub(super) fn lines(model: &Model) -> Vec<AdviceLine> {
    let contexts = [Context::Form, Context::Command, Context::Global];
    let key = |action| model.keymap.label_for(action, &contexts).unwrap_or_default();
    advice_lines(model.tab(), &key(Action::ChooseWay), &key(Action::MendAddress))
}

/// Rows that they fill at that width.
pub(super) fn rows(lines: &[AdviceLine], width: u16) -> usize {
    if lines.is_empty() {
        return 0;
    }
    lines.iter().map(|line| wrap(&line.text, width).len()).sum()
}

pub(super) fn draw(pen: &mut Pen<'_>, lines: &[AdviceLine], area: Rect) {
    let styles = pen.styles;
    let mut y = 0;
    for line in lines {
        let style = if line.certain { styles.error } else { styles.accent };
        for text in wrap(&line.text, area.width.saturating_sub(2)) {
            let row = row_of(area, y);
            if row.height == 0 {
                return;
            }
            // What is left out below has its mark.
            let last = y + 1 == area.height && line != &lines[lines.len() - 1];
            let text = if last { format!("{text} …") } else { text };
            pen.text(row.x + 1, row.y, row.width.saturating_sub(1), &text, style);
            y += 1;
        }
    }
}
