//! The message composer: a text with colours and a judgement, and the buttons for what is done with
//! it.

use ratatui::layout::Rect;

use super::{hex, progress};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Composer, ComposerSearch, Pane, RequestTab, Validation};
use crate::core::action::{Action, Context};
use crate::core::progress::Progress;
use crate::core::time::Micros;
use crate::payload::{Kind, human_bytes};
use crate::tui::pen::{Pen, Span, inside, span, view, width_of};
use crate::tui::widgets::field;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text_view::{Hits, TextView};
use crate::tui::words::count;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    let tab = model.tab();
    let composer = &tab.composer;
    let focused = tab.focus == Pane::Body && tab.request_tab == RequestTab::Message;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, pen.styles.border_of(focused));
    draw_top(pen, composer, area, focused);
    draw_bottom(pen, model, area);

    let mut text = inside(area);
    if let Some(search) = &composer.search
        && text.height > 1
    {
        text.height -= 1;
        draw_search(pen, search, Rect { y: text.bottom(), height: 1, ..text }, focused);
    }
    draw_under_way(pen, model, &mut text, now);
    text.x += 1;
    text.width = text.width.saturating_sub(2);
    if text.width == 0 || text.height == 0 {
        return;
    }
    let problem = match &composer.validation {
        Validation::Problem(problem) => Some((problem.byte, problem.line.saturating_sub(1))),
        _ => None,
    };
    let hits = match composer.search.as_ref().and_then(|search| search.query.as_ref()) {
        Some(query) => Hits::Query(query),
        None => Hits::None,
    };
    let hex = composer.is_hex().then(|| hex::parts(text));
    if let Some((_, digits, _)) = hex {
        text = digits;
    }
    let seen = TextView {
        editor: &composer.editor,
        viewport: composer.viewport,
        // A path is no text of its kind.
        kind: if composer.is_file() { Kind::Text } else { composer.kind },
        lines: &composer.lines,
        numbers: hex.is_none(),
        focused,
        hits,
        problem,
    }
    .draw(pen, text);
    if let Some(parts) = hex {
        hex::draw(pen, composer, parts, focused);
    }
    if focused && composer.search.is_some() {
        // The keys go to the search line.
        let line = Rect { y: inside(area).bottom().saturating_sub(1), height: 1, ..inside(area) };
        if let Some(search) = &composer.search {
            draw_search(pen, search, line, focused);
        }
    }
    if composer.editor.is_empty() {
        let words = match (composer.kind, composer.form.label()) {
            _ if composer.is_file() => "path of the file to send",
            _ if composer.work.is_some() => "",
            (Kind::Binary, "base64") => "base64, blanks and line breaks do not matter",
            (Kind::Binary, _) => "hex digits, blanks and 0x do not matter: 48 65 6c 6c 6f",
            _ => "Write a message. It stays here after it was sent.",
        };
        pen.text(seen.x, seen.y, seen.width, words, pen.styles.dim);
    }
    let lines = composer.editor.len_lines();
    scroll::draw(pen, area, composer.viewport.top_line, seen.height, lines, focused);
    pen.hit(seen, Target::Composer);
    pen.geometry.composer = view(seen);
}

fn draw_top(pen: &mut Pen<'_>, composer: &Composer, area: Rect, focused: bool) {
    let styles = pen.styles;
    let kind = match composer.kind {
        Kind::Binary if composer.is_file() => "binary from a file".to_owned(),
        Kind::Binary => format!("binary as {}", composer.form.label()),
        _ if composer.is_file() => "text from a file".to_owned(),
        kind => kind.label().to_owned(),
    };
    let mut left = vec![span(kind, styles.title_of(focused))];
    match &composer.validation {
        Validation::None => {}
        Validation::Pending => {
            let share = composer.judging.as_ref().and_then(Progress::share).unwrap_or(0.0);
            left.push(span(format!("  checking {:.0} %", share * 100.0), styles.dim));
        }
        Validation::Valid => left.push(span("  ✓ valid", styles.ok)),
        Validation::Problem(problem) => {
            left.push(span(
                format!("  ✗ {}:{} {}", problem.line, problem.column, problem.message),
                styles.error,
            ));
        }
    }
    let at = composer.editor.position();
    let place = format!("Ln {} Col {}", count(at.line as u64), count(at.column as u64));
    let (bytes, chars) = (composer.editor.len_bytes(), composer.editor.len_chars());
    let place = if composer.overwrite { format!("over · {place}") } else { place };
    let size = if composer.is_file() {
        "sent from the disk".to_owned()
    } else if composer.kind == Kind::Binary {
        format!("{} chars typed", count(chars as u64))
    } else if bytes == chars {
        human_bytes(bytes as u64)
    } else {
        format!("{} · {} chars", human_bytes(bytes as u64), count(chars as u64))
    };
    let right = vec![span(format!("{size} · {place}"), styles.dim)];
    let line = Rect { height: 1, ..area };
    pen.on_border(line, &left, &right);
}

fn draw_bottom(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let styles = pen.styles;
    let y = area.bottom().saturating_sub(1);
    let composer = &model.tab().composer;
    let contexts = [Context::Composer, Context::Field, Context::Global];
    let keys = |action: Action| model.keymap.label_for(action, &contexts);
    let button = |word: &str, action: Action, note: bool| -> Vec<Span<'static>> {
        let mut out = vec![span(word.to_owned(), styles.text)];
        if note && let Some(keys) = keys(action) {
            out.push(span(format!(" {keys}"), styles.dim));
        }
        out
    };
    let mut send = vec![span("Send", styles.accent)];
    if let Some(keys) = keys(Action::Send) {
        send.push(span(format!(" {keys}"), styles.dim));
    }
    let send_x = area.right().saturating_sub(width_of(&send) + 4);
    pen.button(send_x, y, area.width.saturating_sub(4), &send, Target::Button(Action::Send));

    let mut actions = vec![("type ▾", Action::ChooseKind)];
    match composer.kind {
        Kind::Json | Kind::Xml | Kind::Html => {
            actions.push(("beautify", Action::Beautify));
            actions.push(("minify", Action::Minify));
        }
        Kind::Binary => {
            actions.push(("hex/base64/file", Action::NextBinaryForm));
            if composer.is_hex() {
                actions.push(("rows of 16", Action::Beautify));
            }
        }
        Kind::Text if composer.is_file() => actions.push(("binary", Action::NextBinaryForm)),
        Kind::Text => {}
    }
    actions.push(("file…", Action::OpenFile));
    actions.push(("save", Action::SaveMessage));
    let room = send_x.saturating_sub(area.x + 2);
    let width = |note: bool| -> u16 {
        actions.iter().map(|(word, action)| width_of(&button(word, *action, note)) + 3).sum()
    };
    let note = width(true) <= room;
    let mut x = area.x + 2;
    for (word, action) in actions {
        let left = send_x.saturating_sub(x);
        let used = pen.button(x, y, left, &button(word, action, note), Target::Button(action));
        x += used + u16::from(used > 0);
    }
}

/// Work on the text and the file on its way out, in rows at the bottom, which the text gives up.
fn draw_under_way(pen: &mut Pen<'_>, model: &Model, text: &mut Rect, now: Micros) {
    let tab = model.tab();
    if let Some(file) = tab.conn.transfers.front()
        && text.height > 1
    {
        text.height -= 1;
        let line = Rect { y: text.bottom(), height: 1, ..*text };
        let keys = model.keymap.label_for(Action::StopTransfer, &[Context::Global]);
        let behind = tab.conn.transfers.len() - 1;
        progress::draw_transfer(pen, file, behind, keys, line);
    }
    if let Some(work) = &tab.composer.work
        && text.height > 1
    {
        text.height -= 1;
        progress::draw_work(pen, work, Rect { y: text.bottom(), height: 1, ..*text }, now);
    }
}

fn draw_search(pen: &mut Pen<'_>, search: &ComposerSearch, line: Rect, focused: bool) {
    let styles = pen.styles;
    pen.clear(line);
    let right = vec![
        span(format!("{}  ", search.word), styles.dim),
        switch(pen, ".*", search.regex),
        span(" ", styles.dim),
        switch(pen, "Aa", search.case),
        span(" ", styles.dim),
    ];
    let right_x = pen.spans_right(line.right(), line.y, line.width / 2, &right);
    pen.text(line.x, line.y, 2, " /", styles.accent);
    let field = Rect { x: line.x + 3, width: right_x.saturating_sub(line.x + 4), ..line };
    field::draw(pen, field, &search.input, focused, styles.text);
}

/// A switch of a search line: in brackets while it is on.
pub(super) fn switch<'a>(pen: &Pen<'_>, word: &str, on: bool) -> Span<'a> {
    if on {
        span(format!("[{word}]"), pen.styles.accent)
    } else {
        span(format!(" {word} "), pen.styles.dim)
    }
}
