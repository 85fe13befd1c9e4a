//! One picture of the model.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::layout::{LEAST_HEIGHT, LEAST_WIDTH, Layout, layout};
use super::pen::Pen;
use super::styles::Styles;
use super::{modals, panes};
use crate::app::Model;
use crate::app::geometry::{Area, Geometry};
use crate::app::model::RequestTab;
use crate::core::time::Micros;

/// Draws everything and tells where it lies. `now` is for running clocks only.
#[must_use]
pub fn draw(model: &Model, styles: &Styles, now: Micros, frame: &mut Frame<'_>) -> Geometry {
    let screen = frame.area();
    let mut pen = Pen::new(frame.buffer_mut(), styles);
    pen.restyle(screen, styles.text);
    if screen.width < LEAST_WIDTH || screen.height < LEAST_HEIGHT {
        ask_for_room(&mut pen, screen);
    } else {
        let places = layout(model, screen);
        draw_panes(&mut pen, model, &places, now);
        let under = pen.cursor.take();
        modals::draw(&mut pen, model, screen, now);
        if model.modals.is_empty() {
            pen.cursor = under;
        }
    }
    let (geometry, cursor) = (pen.geometry, pen.cursor);
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
    geometry
}

fn draw_panes(pen: &mut Pen<'_>, model: &Model, places: &Layout, now: Micros) {
    panes::tab_bar::draw(pen, model, places.tab_bar);
    panes::url::draw(pen, model, places.url);
    panes::request_bar::draw(pen, model, places.bar, places.saved.is_empty());
    if !places.body.is_empty() {
        let body = places.body;
        match model.tab().request_tab {
            RequestTab::Message => panes::composer::draw(pen, model, body, now),
            RequestTab::Params | RequestTab::Headers => panes::table::draw(pen, model, body),
            RequestTab::Auth => panes::auth::draw(pen, model, body, now),
            RequestTab::Settings => panes::form::draw(pen, model, body),
            RequestTab::Handshake => panes::handshake::draw(pen, model, body, now),
        }
    }
    if !places.saved.is_empty() {
        panes::saved::draw(pen, model, places.saved);
    }
    panes::log::draw(pen, model, places.log, now);
    if !places.detail.is_empty() {
        panes::detail::draw(pen, model, places.detail);
    }
    panes::footer::draw(pen, model, places.footer, now);
    // Offers lie over the panes below their field.
    panes::table::draw_offers(pen, model, places.body);
    pen.geometry.log_top = places.log.y;
}

/// A sentence in the middle of a screen that is too small.
fn ask_for_room(pen: &mut Pen<'_>, screen: Rect) {
    let lines = [
        format!("wsdeck needs {LEAST_WIDTH}x{LEAST_HEIGHT} cells"),
        format!("this terminal has {}x{}", screen.width, screen.height),
    ];
    let top = screen.height.saturating_sub(2) / 2;
    for (y, line) in (top..).zip(&lines) {
        let width = super::pen::cells(line);
        let x = screen.width.saturating_sub(width) / 2;
        let style = if y == top { pen.styles.accent } else { Style::new() };
        pen.text(x, y, screen.width, line, style);
    }
}

/// A rectangle of ours in the model's terms.
impl From<Rect> for Area {
    fn from(rect: Rect) -> Area {
        Area { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
    }
}
