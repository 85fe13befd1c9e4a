//! The handshake tab: how an attempt went, what that means and what can be done about it, in
//! sections that stand as a bar on the border.
//!
//! | where | what |
//! | --- | --- |
//! | `sections` | the bar, and why a section is empty |
//! | `doc` | text as rows, one or two columns of it |
//! | `overview`, `exchange`, `tls`, `network`, `session`, `probes`, `attempts` | one file a section |
//! | `credential`, `proxy` | parts of `exchange` and `network` |

mod attempts;
mod credential;
mod doc;
mod exchange;
mod network;
mod overview;
mod probes;
mod proxy;
mod sections;
mod session;
mod tls;

use ratatui::layout::Rect;

pub(in crate::tui) use doc::Doc;
use doc::Page;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Pane, Section};
use crate::core::time::Micros;
use crate::tui::pen::{Pen, inside, span, view};
use crate::tui::widgets::{list, scroll};
use crate::tui::words::day_and_time;

/// Rows of the list of attempts at least, if there are so many.
const LIST: u16 = 3;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Body;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, styles.border_of(focused));
    let rest = sections::draw(pen, tab, area, focused);
    let mut inner = inside(area);
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);

    if let Some(viewed) = tab.viewed().filter(|viewed| !viewed.last) {
        // Everything below is about an attempt that is not the last one.
        let when = day_and_time(viewed.evidence.started, &model.zone);
        let words = format!("attempt of {when}, not the last one · Esc: back");
        if usize::from(rest.width) > words.chars().count() + 6 {
            pen.on_border(rest, &[], &[span(words, styles.warn)]);
        } else if inner.height > 2 {
            pen.spans(inner.x, inner.y, inner.width, &[span(words, styles.warn)]);
            inner.y += 1;
            inner.height -= 1;
        }
    }
    if tab.handshake.section == Section::Attempts {
        inner = attempts_above(pen, model, inner, focused);
    }
    pen.geometry.body = view(inner);
    let page = page(pen, model, inner, now);
    let rows = page.rows();
    let last = rows.saturating_sub(usize::from(inner.height));
    pen.geometry.handshake_last = last;
    let first = tab.handshake.scroll().min(last);
    page.draw(pen, inner, first);
    if last > 0 {
        let end = (first + usize::from(inner.height)).min(rows);
        let place = format!("{}–{end} of {rows} lines", first + 1);
        let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        pen.on_border(bottom, &[], &[span(place, styles.dim)]);
    }
    let frame = Rect {
        y: inner.y.saturating_sub(1),
        height: area.bottom().saturating_sub(inner.y.saturating_sub(1)),
        ..area
    };
    scroll::draw(pen, frame, first, inner.height, rows, focused);
}

/// The section in front, as text for that place.
fn page<'a>(pen: &Pen<'_>, model: &'a Model, inner: Rect, now: Micros) -> Page<'a> {
    let tab = model.tab();
    let section = tab.handshake.section;
    let viewed = tab.viewed();
    let mut doc = Doc::new(pen.styles, inner.width, &model.zone);
    if let Some(why) = sections::why_empty(tab, viewed, section) {
        doc.remark(&why);
        return Page::one(doc);
    }
    let two = match (section, viewed) {
        (Section::Exchange, _) => Some(exchange::page(&doc, model)),
        (Section::Tls, Some(viewed)) => tls::page(&doc, viewed),
        (Section::Session, Some(viewed)) => session::page(&doc, tab, viewed, now),
        _ => None,
    };
    if let Some(page) = two {
        return page;
    }
    match (section, viewed) {
        (Section::Overview, _) => overview::write(&mut doc, model, inner.height, now),
        (Section::Network, Some(viewed)) => network::write(&mut doc, viewed.evidence),
        (Section::Probes, _) => probes::write(&mut doc, model),
        (Section::Attempts, _) => attempts::compare(&mut doc, model),
        _ => {}
    }
    Page::one(doc)
}

/// Draws the list of attempts, which keeps its place while the comparison scrolls; what is left
/// below it.
fn attempts_above(pen: &mut Pen<'_>, model: &Model, inner: Rect, focused: bool) -> Rect {
    let tab = model.tab();
    let mut doc = Doc::new(pen.styles, inner.width, &model.zone);
    attempts::list(&mut doc, tab, focused);
    let count = u16::try_from(doc.rows()).unwrap_or(u16::MAX);
    let height = count.min((inner.height / 3).max(LIST)).min(inner.height.saturating_sub(2));
    if height == 0 {
        return inner;
    }
    let first = list::first_row(tab.handshake.cursor, tab.handshake.cursor, doc.rows(), height);
    doc.draw(pen, Rect { height, ..inner }, first);
    let line = Rect { y: inner.y + height, height: 1, ..inner };
    pen.rule(line, pen.styles.border);
    let unseen = doc.rows() - usize::from(height);
    if unseen > 0 {
        let dim = pen.styles.dim;
        pen.on_border(line, &[], &[span(format!("{unseen} more attempts"), dim)]);
    }
    Rect { y: line.y + 1, height: inner.height - height - 1, ..inner }
}
