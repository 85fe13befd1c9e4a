//! Whole screens, drawn from models that are put together by value: what they look like at three
//! sizes (`look`), that no size and no state breaks them (`sizes`), and that no text from outside
//! reaches the terminal as more than a picture (`hostile`).

#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is how a test fails")]

mod auth;
mod detail;
mod doctor;
mod filters;
mod hostile;
mod log_view;
mod look;
mod pointer;
mod scenes;
mod sizes;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use wsdeck::app::geometry::Geometry;
use wsdeck::app::{Model, Msg, update};
use wsdeck::config::{Theme, ThemeName};
use wsdeck::core::time::Micros;
use wsdeck::tui::{Styles, draw};

/// The moment of all drawings: 2026-11-24 12:01:30 UTC.
pub const NOW: Micros = Micros(1_795_521_690_000_000);

/// Draws once; what is on screen, where things are, and where the cursor stands.
fn draw_once(model: &Model, width: u16, height: u16) -> (Buffer, Geometry, Option<(u16, u16)>) {
    let styles = Styles::from(&Theme::embedded(ThemeName::Dark));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut geometry = Geometry::default();
    terminal.draw(|frame| geometry = draw(model, &styles, NOW, frame)).unwrap();
    let shown = terminal.backend().cursor_visible();
    let cursor = shown.then(|| terminal.backend().cursor_position()).map(|at| (at.x, at.y));
    (terminal.backend().buffer().clone(), geometry, cursor)
}

/// Draws as the program does: once to learn the sizes, and again.
fn settle(model: &mut Model, width: u16, height: u16) -> (Buffer, Geometry, Option<(u16, u16)>) {
    let (_, geometry, _) = draw_once(model, width, height);
    let _ = update(model, Msg::Drawn(geometry), NOW);
    draw_once(model, width, height)
}

/// The screen as text, a line a row, without blanks at the ends.
fn text_of(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(wsdeck::core::sanitize::display_width(symbol).max(1)).unwrap();
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The screen as text, with the place of the cursor below it.
fn screen(model: &mut Model, width: u16, height: u16) -> String {
    let (buffer, _, cursor) = settle(model, width, height);
    let cursor = cursor.map_or("no cursor".to_owned(), |(x, y)| format!("cursor at {x},{y}"));
    format!("{}[{cursor}]\n", text_of(&buffer))
}
