//! Auth and Settings: a row for each field, the help of the one under the cursor below them.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{
    FormRow, FormState, FormValue, Pane, RequestTab, Tab, auth_rows, note_of, settings_rows,
    way_label,
};
use crate::core::reference::Reference;
use crate::core::request::INHERIT;
use crate::editor::Editor;
use crate::tui::pen::{Pen, cells, inside, row_of, span, view};
use crate::tui::widgets::{field, list, scroll};
use crate::tui::words::{count, wrap};

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    draw_below(pen, model, area, 0);
}

/// As [`draw`], with so many rows left free above.
pub(in crate::tui) fn draw_below(pen: &mut Pen<'_>, model: &Model, area: Rect, above: u16) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Body;
    let auth = tab.request_tab == RequestTab::Auth;
    let (mut rows, form) = if auth {
        (auth_rows(&tab.draft), &tab.auth)
    } else {
        (settings_rows(&tab.draft), &tab.settings)
    };
    if auth
        && tab.draft.auth.kind == INHERIT
        && let Some(way) = rows.first_mut()
    {
        way.help = inherited(tab);
    }
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, styles.border_of(focused));
    let changed = rows.iter().filter(|row| !row.is_default).count();
    let right = if auth {
        vec![]
    } else if changed == 0 {
        vec![span("all as by default", styles.dim)]
    } else {
        vec![span(format!("{changed} changed"), styles.dim)]
    };
    let top = Rect { height: 1, ..area };
    pen.on_border(top, &[span(tab.request_tab.label(), styles.title_of(focused))], &right);

    let mut body = inside(area);
    let above = above.min(body.height.saturating_sub(1));
    body.y += above;
    body.height -= above;
    let cursor = form.row.min(rows.len().saturating_sub(1));
    let (help, help_style) = match (&form.remark, rows.get(cursor)) {
        (Some(remark), _) => (format!("✗ {remark}"), styles.error),
        (None, Some(row)) => (help_of(row), styles.dim),
        (None, None) => (String::new(), styles.dim),
    };
    if body.height >= 5 {
        // Two rows always, so that nothing jumps as the cursor moves.
        body.height -= 2;
        let lines = wrap(&help, body.width.saturating_sub(4));
        for (y, line) in (body.bottom()..).zip(lines.iter().take(2)) {
            pen.text(body.x + 2, y, body.width.saturating_sub(3), line, help_style);
        }
    } else {
        let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        pen.on_border(bottom, &[span(help, help_style)], &[]);
    }
    pen.geometry.body = view(body);

    let label_width =
        rows.iter().map(|row| cells(&row.label)).max().unwrap_or(0).min(body.width / 2);
    let editing = form.editing.as_ref();
    let first = list::first_row(form.scroll, cursor, rows.len(), body.height);
    for (y, (index, row)) in (0..body.height).zip(rows.iter().enumerate().skip(first)) {
        let line = row_of(body, y);
        pen.hit(line, Target::FormRow(index));
        let here = focused && index == cursor;
        let note = beside(pen, tab, row, auth, editing.filter(|_| here));
        draw_row(pen, form, row, line, label_width, here, note);
    }
    scroll::draw(pen, area, first, body.height, rows.len(), focused);
}

/// What stands at the right of a row: how long a secret is while it is typed, what is odd about a
/// value, whether it is the default.
fn beside(
    pen: &Pen<'_>,
    tab: &Tab,
    row: &FormRow,
    auth: bool,
    editing: Option<&Editor>,
) -> (String, Style) {
    let styles = pen.styles;
    if let Some(editor) = editing.filter(|_| row.secret) {
        return (format!("{} chars", count(editor.len_chars() as u64)), styles.dim);
    }
    if auth && let Some(note) = note_of(&tab.preview, &row.label) {
        return (format!("! {note}"), styles.warn);
    }
    // That an empty field is empty is seen; that a choice is the default one is not.
    let said = row.is_default && !(auth && row.editable_text().is_some());
    (if said { "default" } else { "" }.to_owned(), styles.dim)
}

/// The help of a row; where a reference leads, for one that holds it.
fn help_of(row: &FormRow) -> String {
    let text = match &row.value {
        FormValue::Text(text) | FormValue::Secret(text) if text.len() <= 4_096 => text,
        _ => return row.help.clone(),
    };
    match Reference::read(text) {
        Some(reference) => {
            format!("It comes from {}, and is read at connecting.", reference.describe())
        }
        None => row.help.clone(),
    }
}

/// What a request that inherits gets, and from where.
fn inherited(tab: &Tab) -> String {
    match tab.scopes.auth(&tab.folder) {
        Some((auth, from)) => {
            format!("{}, from {from}; the commands (Ctrl+P) edit it there.", way_label(&auth.kind))
        }
        None => "Neither a folder around nor the workspace sets a way: nothing is sent.".into(),
    }
}

fn draw_row(
    pen: &mut Pen<'_>,
    form: &FormState,
    row: &FormRow,
    line: Rect,
    label_width: u16,
    cursor: bool,
    (note, note_style): (String, Style),
) {
    let styles = pen.styles;
    let x = line.x + 2;
    pen.text(x, line.y, label_width, &row.label, if cursor { styles.title } else { styles.text });
    if row.required {
        let style = if row.is_default { styles.warn } else { styles.dim };
        pen.text(x + cells(&row.label).min(label_width) + 1, line.y, 1, "*", style);
    }
    let value_x = x + label_width + 3;
    let room = line.right().saturating_sub(value_x + 1);
    // The value keeps some room; what is odd about it may take more than half.
    let note_width = cells(&note).min(room.saturating_sub(18));
    let noted = note_width > 4;
    let value_width = if noted { room - note_width - 2 } else { room };
    if noted {
        let note_x = line.right().saturating_sub(note_width + 1);
        pen.text(note_x, line.y, note_width, &note, note_style);
    }
    let shown = row.shown(form.reveal);
    let (text, style) = match &row.value {
        FormValue::Switch(true) => ("[x] on".to_owned(), styles.text),
        FormValue::Switch(false) => ("[ ] off".to_owned(), styles.text),
        FormValue::Choice { .. } => (format!("‹ {shown} ›"), styles.text),
        FormValue::Note(_) => (shown, styles.dim),
        _ if shown.is_empty() && !row.placeholder.is_empty() => {
            (format!("e.g. {}", row.placeholder), styles.dim)
        }
        _ if shown.is_empty() => ("—".to_owned(), styles.dim),
        _ => (shown, styles.text),
    };
    let style = if row.is_default { style.patch(styles.dim) } else { style };
    let value = Rect { x: value_x, width: value_width, ..line };
    if cursor {
        pen.text(line.x, line.y, 1, "▸", styles.accent);
    }
    match form.editing.as_ref().filter(|_| cursor) {
        Some(editor) => {
            pen.restyle(value, styles.text.add_modifier(Modifier::UNDERLINED));
            field::draw(pen, value, editor, true, styles.text);
        }
        None => {
            let used = pen.text(value.x, value.y, value.width, &text, style);
            if cursor {
                pen.restyle(Rect { width: used.max(1), ..value }, styles.selection);
            }
        }
    }
}
