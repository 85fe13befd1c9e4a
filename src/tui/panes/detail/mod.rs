//! The selected message, looked at in whatever way: the bar of views on the border, the search line,
//! and the body. Only what is seen is looked at.

mod bar;
mod diff;
mod frames;
mod jq;
mod text;
mod tree;
mod window;

use ratatui::layout::Rect;

use super::composer::switch;
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Body, Detail, Pane, SearchLine};
use crate::app::update::BESIDE;
use crate::tui::pen::{Pen, inside, row_of, span, view};
use crate::tui::widgets::field;
use crate::tui::words::count;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let detail = &tab.log.detail;
    let focused = tab.focus == Pane::Detail;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Detail));
    pen.border(area, styles.border_of(focused));
    bar::draw(pen, detail, area, focused);

    let mut inner = inside(area);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);
    if let Some(line) = &detail.find.line
        && inner.height > 1
    {
        draw_find(pen, detail, line, row_of(inner, 0), focused);
        inner.y += 1;
        inner.height -= 1;
    }
    let foot = jq::rows(&detail.jq, inner.height);
    if foot > 0 {
        let at = Rect { y: inner.bottom() - foot, height: foot, ..inner };
        jq::draw(pen, &detail.jq, at, focused);
        inner.height -= foot;
    }
    pen.geometry.detail = view(inner);
    let place = match &detail.body {
        Body::Empty => {
            let words = match (detail.waiting, detail.number) {
                (true, _) => "reading from disk …",
                (false, 0) => "No message is selected.",
                _ => "It is no longer kept.",
            };
            pen.text(inner.x, inner.y, inner.width, words, styles.dim);
            None
        }
        Body::Trouble(why) => {
            pen.text(inner.x, inner.y, inner.width, &format!("✗ {why}"), styles.warn);
            if inner.height > 1 {
                let hint = "The raw and hex views show any message: 2, 3.";
                pen.text(inner.x, inner.y + 1, inner.width, hint, styles.dim);
            }
            None
        }
        Body::Text => Some(text::draw(pen, tab, inner, focused)),
        Body::Raw => Some(window::draw_raw(pen, detail, inner)),
        Body::Hex => Some(window::draw_hex(pen, detail, inner)),
        Body::Diff(compared) => {
            Some(diff::draw(pen, detail, compared, inner, inner.width >= BESIDE))
        }
        Body::Frames => Some(frames::draw(pen, detail, inner)),
        Body::Tree(tree) => Some(tree::draw(pen, detail, tree, inner, focused)),
    };
    if let Some(place) = place {
        bar::draw_place(pen, tab, &place, area, focused);
    }
}

fn draw_find(pen: &mut Pen<'_>, detail: &Detail, line: &SearchLine, area: Rect, focused: bool) {
    let styles = pen.styles;
    let find = &detail.find;
    let mut right = Vec::new();
    if let Some(problem) = &find.problem {
        right.push(span(format!("✗ {problem} "), styles.error));
    } else if let Some(progress) = &find.running {
        right.push(span(format!("searching{} ", bar::percent(progress)), styles.dim));
    } else if find.pattern.is_some() {
        let total = find.found.total;
        let words = match find.at {
            Some(at) => format!("{}/{}  ", count(at as u64 + 1), count(total)),
            None if total == 1 => "1 hit  ".into(),
            None => format!("{} hits  ", count(total)),
        };
        right.push(span(words, if total == 0 { styles.warn } else { styles.accent }));
    }
    right.push(switch(pen, ".*", line.regex));
    right.push(switch(pen, "Aa", line.case));
    let room = (area.width * 2 / 3).min(area.width.saturating_sub(12));
    let right_x = pen.spans_right(area.right(), area.y, room, &right);
    pen.text(area.x, area.y, 1, "/", styles.accent);
    let field = Rect { x: area.x + 2, width: right_x.saturating_sub(area.x + 3), ..area };
    field::draw(pen, field, &line.input, focused && line.editing, styles.text);
}
