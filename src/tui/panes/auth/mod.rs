//! The Auth pane: what the address says about ways that fit, the form of the chosen way, and what
//! will be sent, beside the form where there is room for both.
//!
//! | file | what it draws |
//! | --- | --- |
//! | `advice` | the rows above the form |
//! | `sent` | the request as it would go out, and the token that is known |

mod advice;
mod sent;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::model::Pane;
use crate::core::time::Micros;
use crate::tui::pen::{Pen, row_of};

use super::form;

/// From this width on, what will be sent stands beside the form.
const BESIDE: u16 = 100;
/// From this height on, it stands below it.
const BELOW: u16 = 22;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    let focused = model.tab().focus == Pane::Body;
    let (left, right) = divide(area);
    let lines = advice::lines(model);
    // The form keeps most of its rows.
    let room = left.height.saturating_sub(2) * 2 / 5;
    let rows = advice::rows(&lines, left.width.saturating_sub(4)).min(usize::from(room));
    let rows = u16::try_from(rows).unwrap_or(0);
    form::draw_below(pen, model, left, rows);
    let above =
        Rect { x: left.x + 1, y: left.y + 1, width: left.width.saturating_sub(2), height: rows };
    advice::draw(pen, &lines, above);
    if !right.is_empty() {
        sent::draw(pen, model, right, focused, now);
    } else if left.height >= 8 {
        sent::draw_token_line(pen, model, row_of(left, left.height.saturating_sub(1)), now);
    }
}

/// Places of the form and of what will be sent; the second one is empty if there is no room.
fn divide(area: Rect) -> (Rect, Rect) {
    if area.width >= BESIDE {
        let width = (area.width * 9 / 20).max(54);
        let left = Rect { width, ..area };
        return (left, Rect { x: left.right(), width: area.width - width, ..area });
    }
    if area.height >= BELOW {
        let height = area.height / 2;
        let top = Rect { height, ..area };
        return (top, Rect { y: top.bottom(), height: area.height - height, ..area });
    }
    (area, Rect::ZERO)
}
