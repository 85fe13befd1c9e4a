//! A text that was laid out.

use std::ops::Range;

use ratatui::layout::Rect;

use super::bar::Place;
use crate::app::geometry::Target;
use crate::app::model::{DetailView, Tab};
use crate::tui::pen::{Pen, view};
use crate::tui::widgets::text_view::{Hits, TextView};
use crate::tui::words::count;

/// Hits that are marked in one row.
const MOST_HITS: usize = 32;

pub(super) fn draw(pen: &mut Pen<'_>, tab: &Tab, area: Rect, focused: bool) -> Place {
    let detail = &tab.log.detail;
    let own = detail.find.pattern.as_ref();
    let pattern = own.or_else(|| tab.log.search.search.as_ref().map(|search| search.pattern()));
    let found = |text: &str| -> Vec<Range<usize>> {
        pattern.map(|p| p.hit_ranges(text.as_bytes(), MOST_HITS)).unwrap_or_default()
    };
    let seen = TextView {
        numbers: detail.view != DetailView::RAW,
        focused,
        hits: if pattern.is_some() { Hits::InRow(&found) } else { Hits::None },
        ..TextView::plain(&detail.text, detail.viewport, detail.kind, &detail.lines)
    }
    .draw(pen, area);
    pen.hit(seen, Target::Detail);
    pen.geometry.detail = view(seen);
    let total = detail.text.len_lines();
    let first = detail.viewport.top_line;
    let last = (first + usize::from(seen.height)).min(total);
    let words = format!("{}–{} of {}", first + 1, last, count(total as u64));
    Place { first, seen: last - first.min(last), total, words }
}
