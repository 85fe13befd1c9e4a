//! Which pane gets which cells. The part that has the keys gets what it needs first.

use ratatui::layout::Rect;

use crate::app::model::{Model, Pane, RequestTab, Tab};

/// The least size at which the panes are drawn.
pub const LEAST_WIDTH: u16 = 40;
/// The least size at which the panes are drawn.
pub const LEAST_HEIGHT: u16 = 10;

/// From this width on, saved messages stand beside the request.
const WIDE: u16 = 100;
/// From this width on, the detail stands beside the log instead of below it.
const VERY_WIDE: u16 = 160;
/// From this height on, the URL has a box around it.
const TALL: u16 = 18;

/// The places of one drawing. An empty rectangle is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub tab_bar: Rect,
    pub url: Rect,
    pub bar: Rect,
    pub body: Rect,
    pub saved: Rect,
    /// The log with its header, which is also the divider.
    pub log: Rect,
    pub detail: Rect,
    pub footer: Rect,
}

/// Divides the screen.
pub(super) fn layout(model: &Model, screen: Rect) -> Layout {
    let tab = model.tab();
    let mut rest = screen;
    let mut out = Layout { tab_bar: take_top(&mut rest, 1), ..Layout::default() };
    out.footer = take_bottom(&mut rest, 1);
    // Without a box, what is said of the address has a row of its own while it is typed.
    let url_rows = match screen.height {
        TALL.. => 3,
        12.. if tab.focus == Pane::Url => 2,
        _ => 1,
    };
    out.url = take_top(&mut rest, url_rows);
    out.bar = take_top(&mut rest, 1);

    let body_height = body_height(model, tab, rest.height, screen.height);
    let body = take_top(&mut rest, body_height);
    (out.body, out.saved) = divide_body(model, tab, body);
    (out.log, out.detail) = divide_log(model, tab, rest);
    out
}

/// Rows for the body of the request part; the others are for log and detail.
fn body_height(model: &Model, tab: &Tab, rows: u16, screen_height: u16) -> u16 {
    let in_log = matches!(tab.focus, Pane::Log | Pane::Detail);
    let small = screen_height < 30;
    let share = u32::from(rows) * u32::from(model.split.min(100)) / 100;
    let mut body = u16::try_from(share).unwrap_or(rows);
    // A small screen gives more to what is worked on.
    if small && in_log {
        let wanted = if tab.focus == Pane::Detail { 14 } else { 11 };
        body = body.min(rows.saturating_sub(wanted));
    } else if tab.focus == Pane::Body && tab.request_tab != RequestTab::Message {
        let share = match (tab.request_tab, small) {
            (RequestTab::Handshake, true) => 75,
            (RequestTab::Handshake, false) | (_, true) => 60,
            (_, false) => 0,
        };
        body = body.max(u16::try_from(u32::from(rows) * share / 100).unwrap_or(rows));
    }
    let least_body = if in_log { 3 } else { 6 };
    let least_log = match tab.focus {
        Pane::Log => 6,
        Pane::Detail => 9,
        _ => 4,
    };
    if rows >= least_body + least_log {
        return body.clamp(least_body, rows - least_log);
    }
    // Not enough for both: the focus decides.
    if in_log {
        match rows.saturating_sub(least_log) {
            0..3 => 0,
            body => body,
        }
    } else {
        rows.min(least_body).max(rows.saturating_sub(2))
    }
}

/// The saved messages stand beside the body, or in its place while they have the keys.
fn divide_body(model: &Model, tab: &Tab, body: Rect) -> (Rect, Rect) {
    let focused = tab.focus == Pane::Saved;
    // Messages are nothing to these, which have use for the width.
    let wide = matches!(tab.request_tab, RequestTab::Handshake | RequestTab::Auth);
    if wide && !focused {
        return (body, Rect::ZERO);
    }
    if body.width < WIDE {
        return if focused { (Rect::ZERO, body) } else { (body, Rect::ZERO) };
    }
    if !(focused || model.show_saved && !tab.saved.is_empty()) {
        return (body, Rect::ZERO);
    }
    let width = (body.width / 4).clamp(24, 40);
    let left = Rect { width: body.width - width, ..body };
    (left, Rect { x: left.right(), width, ..body })
}

fn divide_log(model: &Model, tab: &Tab, area: Rect) -> (Rect, Rect) {
    let focused = tab.focus == Pane::Detail;
    if !(focused || model.show_detail && tab.log.detail.number != 0) {
        return (area, Rect::ZERO);
    }
    if area.width >= VERY_WIDE {
        let width = area.width * 2 / 5;
        let log = Rect { width: area.width - width, ..area };
        return (log, Rect { x: log.right(), width, ..area });
    }
    // Below the log, if both have room; a small log gives way only to a detail in focus.
    let detail = if focused {
        (area.height * 3 / 5).max(area.height.min(6))
    } else if area.height >= 14 {
        area.height * 2 / 5
    } else {
        0
    };
    let log = Rect { height: area.height - detail, ..area };
    (log, Rect { y: log.bottom(), height: detail, ..area })
}

fn take_top(area: &mut Rect, rows: u16) -> Rect {
    let taken = Rect { height: rows.min(area.height), ..*area };
    area.y += taken.height;
    area.height -= taken.height;
    taken
}

fn take_bottom(area: &mut Rect, rows: u16) -> Rect {
    let height = rows.min(area.height);
    area.height -= height;
    Rect { y: area.bottom(), height, ..*area }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Keymap, Settings};

    fn model() -> Model {
        Model::new(Keymap::embedded(), Settings::default())
    }

    const PANES: [Pane; 6] = Pane::ORDER;

    #[test]
    fn the_screen_is_filled_without_overlap_at_every_size() {
        let mut model = model();
        for focus in PANES {
            model.tab_mut().focus = focus;
            for width in (LEAST_WIDTH..=210).step_by(7) {
                for height in LEAST_HEIGHT..=70 {
                    let l = layout(&model, Rect::new(0, 0, width, height));
                    let all = [l.tab_bar, l.url, l.bar, l.body, l.saved, l.log, l.detail, l.footer];
                    let cells: u32 = all.iter().map(|r| r.area()).sum();
                    assert_eq!(cells, u32::from(width) * u32::from(height), "{focus:?} {l:?}");
                }
            }
        }
    }

    #[test]
    fn what_has_the_keys_has_room() {
        let mut model = model();
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            for (focus, rows) in
                [(Pane::Body, 6), (Pane::Log, 6), (Pane::Detail, 6), (Pane::Saved, 6)]
            {
                model.tab_mut().focus = focus;
                let l = layout(&model, Rect::new(0, 0, width, height));
                let area = match focus {
                    Pane::Body => l.body,
                    Pane::Log => l.log,
                    Pane::Detail => l.detail,
                    _ => l.saved,
                };
                assert!(area.height >= rows, "{focus:?} at {width}x{height}: {area:?}");
            }
        }
    }
}
