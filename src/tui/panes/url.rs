//! The URL line with the button that connects, and below it what was mended or is wrong.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Pane, Tab};
use crate::core::action::{Action, Context};
use crate::core::stage::ConnectionState;
use crate::core::url::UrlProblem;
use crate::tui::pen::{Pen, Span, inside, span, view, width_of};
use crate::tui::widgets::field;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Url;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Url));
    let boxed = area.height >= 3;
    let line = if boxed {
        pen.border(area, styles.border_of(focused));
        let top = Rect { height: 1, ..area };
        pen.on_border(top, &[span("URL", styles.title_of(focused))], &[]);
        let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
        pen.on_border(bottom, &remark(pen, tab), &[]);
        inside(area)
    } else {
        if area.height == 2 {
            let room = area.width.saturating_sub(2);
            pen.spans(area.x + 1, area.y + 1, room, &remark(pen, tab));
        }
        Rect { height: 1, ..area }
    };

    if let Some(shared) = &tab.shares {
        let text = format!("Auth and headers that {} gives to its requests", shared.words());
        pen.text(line.x + 1, line.y, line.width.saturating_sub(2), &text, styles.dim);
        return;
    }
    let button = button(pen, model, tab);
    let button_width = width_of(&button).saturating_add(2);
    let mut field_width = line.width.saturating_sub(1);
    if button_width + 12 < line.width {
        let x = line.right() - button_width;
        pen.text(x.saturating_sub(1), line.y, 1, "│", styles.border_of(focused && boxed));
        pen.button(x, line.y, button_width, &button, Target::ConnectButton);
        field_width = field_width.saturating_sub(button_width + 2);
    }
    let field = Rect { x: line.x + 1, width: field_width, height: 1, y: line.y };
    if !boxed && focused {
        pen.text(line.x, line.y, 1, "▸", styles.accent);
    }
    field::draw(pen, field, &tab.url, focused, styles.text);
    pen.hit(field, Target::Url);
    pen.geometry.url = view(field);
}

/// What was changed between the text and the address, or why it cannot be used.
fn remark<'a>(pen: &Pen<'_>, tab: &Tab) -> Vec<Span<'a>> {
    let styles = pen.styles;
    match &tab.preview {
        // An empty line has its placeholder.
        Err(UrlProblem::Empty) => Vec::new(),
        Err(problem) => {
            let mut out = vec![span(format!("✗ {problem}"), styles.error)];
            if let Some((label, mended)) = problem.mended().into_iter().next() {
                out.push(span(format!(" Perhaps {mended} ({label})?"), styles.dim));
            }
            out
        }
        Ok(preview) if preview.mends.is_empty() && preview.notes.is_empty() => Vec::new(),
        Ok(preview) => {
            let notes = preview.notes.iter().map(|note| format!("Credential: {note}."));
            let all: Vec<String> = preview.mends.iter().cloned().chain(notes).collect();
            vec![span(format!("! {}", all.join(" ")), styles.warn)]
        }
    }
}

/// What the button says, by what pressing it does.
fn button<'a>(pen: &Pen<'_>, model: &Model, tab: &Tab) -> Vec<Span<'a>> {
    let styles = pen.styles;
    let waits = tab.conn.reconnect.is_some();
    let (word, action, contexts): (&str, Action, &[Context]) = match tab.conn.state {
        _ if waits => ("Stop", Action::Disconnect, &[Context::Url, Context::Global]),
        ConnectionState::Connecting(_) => {
            ("Cancel", Action::Disconnect, &[Context::Url, Context::Global])
        }
        ConnectionState::Open => {
            ("Disconnect", Action::Disconnect, &[Context::Url, Context::Global])
        }
        ConnectionState::Closing => ("Cut", Action::Disconnect, &[Context::Url, Context::Global]),
        _ => ("Connect", Action::Connect, &[Context::Url, Context::Field, Context::Global]),
    };
    let focused = tab.focus == Pane::Url;
    let keys = if action == Action::Connect && !focused {
        model.keymap.label_for(Action::Connect, &[Context::Global])
    } else {
        model.keymap.label_for(action, contexts)
    };
    let mut out = vec![span(word, styles.accent)];
    if let Some(keys) = keys {
        out.push(span(format!("  {keys}"), styles.dim));
    }
    out
}
