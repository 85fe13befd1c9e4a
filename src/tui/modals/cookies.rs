//! The cookie jar, by domain, without the values.

use ratatui::layout::Rect;

use super::{keys_below, window};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::CookieRow;
use crate::core::time::Micros;
use crate::tui::pen::{Pen, row_of, span, view};
use crate::tui::widgets::{list, scroll};
use crate::tui::words::{day_and_time, short_duration};

pub(super) fn draw(
    pen: &mut Pen<'_>,
    model: &Model,
    screen: Rect,
    rows: &[CookieRow],
    cursor: usize,
    now: Micros,
) {
    let styles = pen.styles;
    let size = (96, (screen.height * 7 / 10).max(10));
    let note = [span(format!("{}", rows.len()), styles.dim)];
    let (area, inner) = window(pen, screen, size, "Cookie jar", &note);
    let place = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..inner };
    pen.geometry.modal = view(place);
    if rows.is_empty() {
        let words = "It is empty. Cookies come into it from replies that set them.";
        pen.text(inner.x, inner.y, inner.width, words, styles.dim);
        keys_below(pen, area, &[("Esc", "close")]);
        return;
    }
    // Domains stand above their cookies.
    let mut all: Vec<(Option<usize>, &CookieRow)> = Vec::new();
    let mut at = 0;
    for (index, row) in rows.iter().enumerate() {
        if index == 0 || rows[index - 1].domain != row.domain {
            all.push((None, row));
        }
        if index == cursor {
            at = all.len();
        }
        all.push((Some(index), row));
    }
    let first = if at < usize::from(place.height) {
        0
    } else {
        list::first_row(0, at, all.len(), place.height)
    };
    for (y, (index, row)) in (0..place.height).zip(all.iter().skip(first)) {
        let line = row_of(place, y);
        let Some(index) = index else {
            let room = line.width.saturating_sub(2);
            pen.text(line.x + 1, line.y, room, &row.domain, styles.title);
            continue;
        };
        pen.hit(line, Target::ModalRow(*index));
        let ends = match row.expires {
            None => "ends with the session".to_owned(),
            Some(at) if at <= now => "over".to_owned(),
            Some(at) if at.since(now).as_secs() < 86_400 => {
                format!("{} left", short_duration(at.since(now)))
            }
            Some(at) => format!("until {}", day_and_time(at, &model.zone)),
        };
        let secure = if row.secure { "wss only  " } else { "" };
        let right = [
            span(secure, styles.dim),
            span(format!("{} B  ", row.bytes), styles.dim),
            span(ends, styles.dim),
        ];
        let x = pen.spans_right(line.right() - 1, line.y, line.width * 2 / 3, &right);
        let name =
            [span(row.name.as_str(), styles.text), span(format!("  {}", row.path), styles.dim)];
        pen.spans(line.x + 3, line.y, x.saturating_sub(line.x + 4), &name);
        if *index == cursor {
            list::mark_row(pen, line, true);
        }
    }
    scroll::draw(pen, area, first, place.height, all.len(), true);
    keys_below(pen, area, &[("d", "forget it"), ("a", "forget all"), ("Esc", "close")]);
}
