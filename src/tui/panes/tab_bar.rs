//! The first row: one title for each connection, with the shape of its state and how much came
//! unseen.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Tab;
use crate::core::action::Action;
use crate::core::sanitize::{escape, truncate_to_width};
use crate::core::stage::ConnectionState;
use crate::tui::pen::{Pen, Span, span, width_of};
use crate::tui::words::{count, state_mark};

/// The widest that a title gets.
const WIDEST_TITLE: usize = 24;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let styles = pen.styles;
    let contexts = crate::app::update::contexts(model);
    let mut right = Vec::new();
    if let Some(keys) = model.keymap.label_for(Action::Palette, &contexts)
        && area.width >= 60
    {
        right = vec![span(keys, styles.accent), span(" commands", styles.dim)];
    }
    let mut right_edge = area.right().saturating_sub(1);
    if !right.is_empty() {
        let x = pen.spans_right(right_edge, area.y, area.width, &right);
        let width = right_edge - x;
        pen.hit(Rect { x, y: area.y, width, height: 1 }, Target::Button(Action::Palette));
        right_edge = x.saturating_sub(2);
    }
    let mut x = area.x + 1;
    if area.width >= 60 {
        x += pen.text(x, area.y, area.width, "wsdeck", styles.title);
        x += pen.text(x, area.y, 3, " │ ", styles.border);
    }

    // The last three cells are for the plus.
    let room = right_edge.saturating_sub(x).saturating_sub(4);
    let titles: Vec<Vec<Span<'_>>> =
        model.tabs.iter().enumerate().map(|(i, tab)| title(pen, model, i, tab)).collect();
    let widths: Vec<u16> = titles.iter().map(|t| width_of(t).saturating_add(3)).collect();
    let (first, end) = seen(&widths, model.active, room);
    if first > 0 {
        x += pen.text(x, area.y, 2, "… ", styles.dim);
    }
    for (index, title) in titles.iter().enumerate().take(end).skip(first) {
        let left = right_edge.saturating_sub(4).saturating_sub(x);
        let used = pen.spans(x, area.y, left, title);
        pen.hit(Rect { x, y: area.y, width: used, height: 1 }, Target::Tab(index));
        x += used;
        x += pen.text(x, area.y, right_edge.saturating_sub(x), " │ ", styles.border);
    }
    if end < titles.len() {
        x += pen.text(x, area.y, right_edge.saturating_sub(x), "… ", styles.dim);
    }
    let plus = pen.text(x, area.y, right_edge.saturating_sub(x), "+", styles.dim);
    let hit = Rect { x: x.saturating_sub(1), y: area.y, width: plus + 2, height: 1 };
    pen.hit(hit, Target::NewTab);
}

fn title<'a>(pen: &Pen<'_>, model: &Model, index: usize, tab: &Tab) -> Vec<Span<'a>> {
    let styles = pen.styles;
    let title = tab.title();
    let shown = escape(&title);
    let shown = truncate_to_width(&shown, WIDEST_TITLE).into_owned();
    let front = index == model.active;
    let name = if front { styles.accent.patch(styles.title) } else { styles.text };
    let state = match tab.conn.state {
        ConnectionState::Open => styles.ok,
        ConnectionState::Failed(_) => styles.error,
        ConnectionState::Connecting(_) | ConnectionState::Closing => styles.warn,
        ConnectionState::Closed { .. } => styles.warn,
        ConnectionState::Idle => styles.dim,
    };
    let mut out = vec![
        span(format!("{} ", index + 1), if front { styles.accent } else { styles.dim }),
        span(shown, name),
        span(format!(" {}", state_mark(tab)), state),
    ];
    if !tab.conn.credential.dialogues.is_empty() && !front {
        // It waits for an answer.
        out.push(span(" ?", styles.warn));
    }
    if tab.unseen > 0 && !front {
        out.push(span(format!(" {}", count(tab.unseen)), styles.accent));
    }
    out
}

/// Which titles are seen, so that the one in front is among them.
fn seen(widths: &[u16], active: usize, room: u16) -> (usize, usize) {
    let sum = |range: std::ops::Range<usize>| -> u32 {
        widths[range].iter().map(|w| u32::from(*w)).sum()
    };
    let active = active.min(widths.len().saturating_sub(1));
    if sum(0..widths.len()) <= u32::from(room) {
        return (0, widths.len());
    }
    // Four cells for the marks of what is left out.
    let room = u32::from(room.saturating_sub(4));
    let (mut first, mut end) = (active, (active + 1).min(widths.len()));
    loop {
        if end < widths.len() && sum(first..end + 1) <= room {
            end += 1;
        } else if first > 0 && sum(first - 1..end) <= room {
            first -= 1;
        } else {
            return (first, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn the_tab_in_front_is_always_seen() {
        let widths = [10; 8];
        for active in 0..8 {
            for room in 0..100 {
                let (first, end) = seen(&widths, active, room);
                assert!((first..end).contains(&active), "{active} {room}");
            }
        }
        assert_eq!(seen(&widths, 0, 80), (0, 8));
        assert_eq!(seen(&widths, 7, 34), (5, 8));
    }
}
