//! The row of the request's tabs, each with what it holds.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Pane, RequestTab, Tab, Validation};
use crate::core::request::RequestSettings;
use crate::core::stage::ConnectionState;
use crate::core::url::UrlProblem;
use crate::tui::pen::{Pen, Span, span, width_of};

/// `saved_hidden`: the saved messages are not on screen, so the toggle points to them.
pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, saved_hidden: bool) {
    let tab = model.tab();
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Bar));
    let focused = tab.focus == Pane::Bar;

    let mut saved = vec![span("Saved", styles.dim)];
    if !tab.saved.is_empty() {
        saved.push(span(format!(" {}", tab.saved.len()), styles.dim));
    }
    saved.push(span(if saved_hidden { " ▸" } else { " ▾" }, styles.dim));

    // The longest form that has room.
    let items = |short: bool, gap: u16| {
        let items: Vec<Vec<Span<'_>>> =
            RequestTab::ALL.iter().map(|item| label(pen, tab, *item, short)).collect();
        let width = items.iter().map(|item| width_of(item) + gap).sum::<u16>();
        (items, width, gap)
    };
    let saved_width = width_of(&saved) + 2;
    let forms = [(false, 3), (false, 2), (true, 2), (true, 1)];
    let room = area.width.saturating_sub(3);
    let (items, width, gap) = forms
        .into_iter()
        .map(|(short, gap)| items(short, gap))
        .find(|(_, width, _)| *width <= room)
        .unwrap_or_else(|| items(true, 1));

    let mut x = area.x + 1;
    if focused {
        pen.text(area.x, area.y, 1, "▸", styles.accent);
    }
    x += 1;
    for (item, mut spans) in RequestTab::ALL.into_iter().zip(items) {
        let front = item == tab.request_tab;
        if front {
            spans[0].1 = styles.accent.add_modifier(Modifier::UNDERLINED);
            if focused {
                spans[0].1 = spans[0].1.patch(styles.selection);
            }
        }
        let left = area.right().saturating_sub(x);
        let used = pen.spans(x, area.y, left, &spans);
        let hit = Rect { x: x.saturating_sub(1), width: used + gap.min(2), y: area.y, height: 1 };
        pen.hit(hit, Target::RequestTab(item));
        x += used + gap;
    }
    if width + saved_width <= room {
        let right = area.right().saturating_sub(1);
        let x = pen.spans_right(right, area.y, saved_width, &saved);
        pen.hit(Rect { x, y: area.y, width: right - x, height: 1 }, Target::SavedToggle);
    }
}

fn label<'a>(pen: &Pen<'_>, tab: &Tab, item: RequestTab, short: bool) -> Vec<Span<'a>> {
    let styles = pen.styles;
    let word = if short {
        match item {
            RequestTab::Message => "Msg",
            RequestTab::Params => "Par",
            RequestTab::Headers => "Hdr",
            RequestTab::Auth => "Auth",
            RequestTab::Settings => "Set",
            RequestTab::Handshake => "Hsk",
        }
    } else {
        item.label()
    };
    let mut out = vec![span(word, styles.text)];
    let number = |count: usize| span(format!(" {count}"), styles.dim);
    match item {
        RequestTab::Message => match tab.composer.validation {
            Validation::Problem(_) => out.push(span(" ✗", styles.error)),
            Validation::Valid | Validation::None | Validation::Pending => {}
        },
        RequestTab::Params => {
            let on = tab.draft.params.enabled();
            if on > 0 {
                out.push(number(on));
            }
        }
        RequestTab::Headers => {
            let on = tab.draft.headers.iter().filter(|row| row.enabled).count();
            if matches!(tab.preview, Err(UrlProblem::Header { .. })) {
                out.push(span(" ✗", styles.error));
            } else if on > 0 {
                out.push(number(on));
            }
        }
        RequestTab::Auth => {
            if tab.draft.auth.kind != "none" {
                let whole = !matches!(tab.preview, Err(UrlProblem::Auth { .. }));
                let (mark, style) =
                    if whole { (" ✓", styles.ok) } else { (" ✗", styles.error) };
                out.push(span(mark, style));
            }
        }
        RequestTab::Settings => {
            if tab.draft.settings != RequestSettings::default() {
                out.push(span(" •", styles.warn));
            }
        }
        RequestTab::Handshake => match tab.conn.state {
            ConnectionState::Failed(_) => out.push(span(" ✗", styles.error)),
            // What will hurt is told while it still works.
            ConnectionState::Open if tab.conn.warnings() > 0 => {
                out.push(span(format!(" !{}", tab.conn.warnings()), styles.warn));
            }
            ConnectionState::Open if tab.conn.findings.is_empty() => {
                out.push(span(" ✓", styles.ok));
            }
            ConnectionState::Idle => {}
            ConnectionState::Connecting(_) => out.push(span(" ◌", styles.warn)),
            _ if !tab.conn.findings.is_empty() => out.push(span(" !", styles.warn)),
            _ => {}
        },
    }
    out
}
