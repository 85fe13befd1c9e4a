//! The selected message laid out to be read.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{DetailView, Pane};
use crate::payload::Kind;
use crate::tui::pen::{Pen, inside, span, view};
use crate::tui::widgets::scroll;
use crate::tui::widgets::text_view::{Hits, TextView};

/// Hits that are marked in one row.
const MOST_HITS: usize = 32;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let detail = &tab.log.detail;
    let focused = tab.focus == Pane::Detail;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Detail));
    pen.border(area, styles.border_of(focused));

    // The views as tabs on the border.
    let mut x = area.x + 2;
    for (index, kind) in DetailView::ALL.into_iter().enumerate() {
        if index > 0 {
            x += pen.text(x, area.y, 1, "│", styles.border_of(focused));
        }
        let mut style = styles.dim;
        if kind == detail.view {
            style = styles.title_of(focused).add_modifier(Modifier::UNDERLINED);
        }
        let room = area.right().saturating_sub(x + 2);
        x += pen.button(x, area.y, room, &[span(kind.label(), style)], Target::DetailView(kind));
    }
    let rest = Rect {
        x: x.saturating_sub(2),
        y: area.y,
        width: area.right().saturating_sub(x) + 2,
        height: 1,
    };
    let title = if detail.pending { "laying out …" } else { &detail.title };
    let room = usize::from(rest.width.saturating_sub(8));
    if room > 8 && !title.is_empty() {
        let title = crate::core::sanitize::escape(title);
        let title = crate::core::sanitize::truncate_to_width(&title, room).into_owned();
        pen.on_border(rest, &[], &[span(title, styles.dim)]);
    }

    let mut inner = inside(area);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);
    if detail.number == 0 {
        pen.text(inner.x, inner.y, inner.width, "No message is selected.", styles.dim);
        pen.geometry.detail = view(inner);
        return;
    }
    let search = tab.log.search.search.as_ref();
    let found = |text: &str| -> Vec<Range<usize>> {
        search.map(|s| s.pattern().hit_ranges(text.as_bytes(), MOST_HITS)).unwrap_or_default()
    };
    let kind = if detail.view == DetailView::Hex { Kind::Text } else { detail.kind };
    let seen = TextView {
        numbers: detail.view == DetailView::Pretty,
        focused,
        hits: if search.is_some() { Hits::InRow(&found) } else { Hits::None },
        ..TextView::plain(&detail.text, detail.viewport, kind, &detail.lines)
    }
    .draw(pen, inner);
    pen.hit(seen, Target::Detail);
    pen.geometry.detail = view(seen);
    let lines = detail.text.len_lines();
    scroll::draw(pen, area, detail.viewport.top_line, seen.height, lines, focused);
    if lines > usize::from(seen.height) {
        let first = detail.viewport.top_line + 1;
        let last = (first + usize::from(seen.height)).saturating_sub(1).min(lines);
        let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
        pen.on_border(bottom, &[], &[span(format!("{first}–{last} of {lines}"), styles.dim)]);
    }
}
