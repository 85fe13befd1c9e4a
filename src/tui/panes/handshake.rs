//! The handshake tab: how the last attempt went, what that means and what can be done about it.

use ratatui::layout::Rect;

use super::handshake_text::{Line, lines};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Pane;
use crate::core::time::Micros;
use crate::tui::pen::{Pen, inside, row_of, span, view};
use crate::tui::widgets::scroll;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Body;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, styles.border_of(focused));
    let mut inner = inside(area);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);
    pen.geometry.body = view(inner);

    let lines: Vec<Line<'_>> = lines(styles, model, (inner.width, inner.height), now);
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let first = tab.handshake_scroll.min(last);
    let top = Rect { height: 1, ..area };
    let title = [span("Handshake", styles.title_of(focused))];
    let place = if last > 0 {
        let end = (first + usize::from(inner.height)).min(lines.len());
        vec![span(format!("{}–{end} of {} lines", first + 1, lines.len()), styles.dim)]
    } else {
        Vec::new()
    };
    pen.on_border(top, &title, &place);
    for (y, line) in (0..inner.height).zip(&lines[first..]) {
        let place = row_of(inner, y);
        pen.spans(place.x, place.y, place.width, &line.spans);
        if let Some(fix) = line.fix {
            pen.hit(place, Target::Fix(fix));
        }
    }
    scroll::draw(pen, area, first, inner.height, lines.len(), focused);
}
