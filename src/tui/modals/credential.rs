//! What an attempt needs of a person before its credential is there: a command that may run, a
//! page to open and a code to type there.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{keys_below, window};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::Matter;
use crate::core::time::Micros;
use crate::tui::pen::{Pen, cells, row_of, span, view};
use crate::tui::words::{duration, wrap};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, screen: Rect, on_yes: bool, now: Micros) {
    match model.tab().conn.credential.dialogues.front().map(|dialogue| &dialogue.matter) {
        Some(Matter::Command { command, whose, .. }) => {
            draw_command(pen, screen, command, whose, on_yes);
        }
        Some(Matter::Agree { page, whole, code, expires, opened }) => {
            let page = whole.as_deref().filter(|_| code.is_none()).unwrap_or(page);
            let code = code.as_deref();
            draw_page(pen, screen, page, code, *expires, *opened, now);
        }
        None => {}
    }
}

fn draw_command(pen: &mut Pen<'_>, screen: Rect, command: &str, whose: &str, on_yes: bool) {
    let styles = pen.styles;
    let width = 76.min(screen.width.saturating_sub(4));
    let text = width.saturating_sub(4);
    let mut before = wrap(&format!("{whose} refers to a command, which has not run before:"), text);
    // All of it: a command that is cut could end in anything.
    let lines = wrap(command, text.saturating_sub(2));
    let after = wrap(
        "It runs with your rights, and what it prints becomes the value. Say yes only to a command \
         that you know: a shared file may hold any.",
        text,
    );
    if before.len() + lines.len() + 6 > usize::from(screen.height) {
        // The command itself is worth more than words about it.
        before.clear();
    }
    let rows = before.len() + lines.len() + after.len() + 4;
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
    let (area, inner) = window(pen, screen, (width, height), "Run this command?", &[]);
    let mut y = inner.y;
    let bottom = inner.bottom().saturating_sub(1);
    let room = |y: u16| y < bottom.saturating_sub(1);
    for line in &before {
        pen.text(inner.x, y, inner.width, line, styles.text);
        y += 1;
    }
    y += u16::from(!before.is_empty());
    for (at, line) in lines.iter().enumerate() {
        if !room(y) {
            let left = lines.len() - at;
            pen.text(inner.x, y, inner.width, &format!("… {left} more lines"), styles.error);
            break;
        }
        pen.text(inner.x + 2, y, inner.width.saturating_sub(2), line, styles.title);
        y += 1;
    }
    y += 1;
    for line in after.iter().filter(|_| lines.len() < 40) {
        if room(y) {
            pen.text(inner.x, y, inner.width, line, styles.dim);
            y += 1;
        }
    }
    let mut x = inner.x;
    for (index, word) in ["Run it", "Do not run it"].into_iter().enumerate() {
        let chosen = on_yes == (index == 0);
        let wide = cells(word) + 4;
        let button = Rect { x, y: bottom, width: wide, height: 1 };
        let style = if chosen { styles.accent } else { styles.text };
        let words = format!("{}{word} ", if chosen { "▸ " } else { "  " });
        pen.text(x, bottom, wide, &words, style);
        if chosen {
            pen.restyle(button.intersection(inner), styles.selection);
        }
        pen.hit(button, Target::ModalRow(index));
        x += wide + 2;
    }
    pen.geometry.modal = view(inner);
    keys_below(pen, area, &[("← →", "choose"), ("⏎", "take it"), ("Esc", "do not run it")]);
}

fn draw_page(
    pen: &mut Pen<'_>,
    screen: Rect,
    page: &str,
    code: Option<&str>,
    expires: Option<Micros>,
    opened: bool,
    now: Micros,
) {
    let styles = pen.styles;
    let width = 76.min(screen.width.saturating_sub(4));
    let text = width.saturating_sub(4);
    let before = match (code, opened) {
        (Some(_), _) => "Open this page in a browser, on any machine:",
        (None, true) => {
            "A browser was started. Agree there; if it did not come up, open this page:"
        }
        (None, false) => "Open this page in a browser on this machine, and agree there:",
    };
    let before = wrap(before, text);
    let address = wrap(page, text.saturating_sub(2));
    let extra = if code.is_some() { 6 } else { 2 };
    let rows = before.len() + address.len() + extra + 1;
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
    let left = expires.map(|end| match end.since(now) {
        left if left.is_zero() => "the code is over".to_owned(),
        left => format!("{} left", duration(left.max(std::time::Duration::from_secs(1)))),
    });
    let note: Vec<_> = left.map(|left| span(left, styles.warn)).into_iter().collect();
    let (area, inner) = window(pen, screen, (width, height), "Agree in a browser", &note);
    let mut y = inner.y;
    for line in &before {
        pen.text(inner.x, y, inner.width, line, styles.text);
        y += 1;
    }
    for line in &address {
        pen.text(inner.x + 2, y, inner.width.saturating_sub(2), line, styles.accent);
        y += 1;
    }
    if let Some(code) = code {
        y += 1;
        pen.text(inner.x, y, inner.width, "and type this code there:", styles.text);
        // Wide letters can be read off a screen across a desk.
        let large: String = code.chars().flat_map(|c| [c, ' ']).collect();
        let line = row_of(inner, y + 2 - inner.y);
        let style = styles.title.add_modifier(Modifier::BOLD);
        let large = large.trim_end();
        let x = line.x + line.width.saturating_sub(cells(large)) / 2;
        pen.text(x, line.y, line.right().saturating_sub(x), large, style);
        y += 3;
    }
    y += 1;
    let words = "This window closes by itself when it is done.";
    pen.text(inner.x, y, inner.width, words, styles.dim);
    pen.geometry.modal = view(inner);
    let keys: &[(&str, &str)] = match code {
        Some(_) => &[("c", "copy the code"), ("u", "copy the address"), ("Esc", "stop connecting")],
        None => &[("u", "copy the address"), ("Esc", "stop connecting")],
    };
    keys_below(pen, area, keys);
}
