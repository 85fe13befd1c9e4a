//! Auth and Settings: a row for each field, the help of the one under the cursor below them.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{
    FormRow, FormState, FormValue, Pane, RequestTab, auth_rows, settings_rows,
};
use crate::tui::pen::{Pen, cells, inside, row_of, span, view};
use crate::tui::widgets::{field, list, scroll};
use crate::tui::words::wrap;

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let focused = tab.focus == Pane::Body;
    let auth = tab.request_tab == RequestTab::Auth;
    let (rows, form) = if auth {
        (auth_rows(&tab.draft), &tab.auth)
    } else {
        (settings_rows(&tab.draft), &tab.settings)
    };
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
    let cursor = form.row.min(rows.len().saturating_sub(1));
    let (help, help_style) = match (&form.remark, rows.get(cursor)) {
        (Some(remark), _) => (format!("✗ {remark}"), styles.error),
        (None, Some(row)) => (row.help.clone(), styles.dim),
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
    let first = list::first_row(form.scroll, cursor, rows.len(), body.height);
    for (y, (index, row)) in (0..body.height).zip(rows.iter().enumerate().skip(first)) {
        let line = row_of(body, y);
        pen.hit(line, Target::FormRow(index));
        draw_row(pen, form, row, line, label_width, focused && index == cursor);
    }
    scroll::draw(pen, area, first, body.height, rows.len(), focused);
}

fn draw_row(
    pen: &mut Pen<'_>,
    form: &FormState,
    row: &FormRow,
    line: Rect,
    label_width: u16,
    cursor: bool,
) {
    let styles = pen.styles;
    let x = line.x + 2;
    pen.text(x, line.y, label_width, &row.label, if cursor { styles.title } else { styles.text });
    let value_x = x + label_width + 3;
    let note = if row.is_default { "default" } else { "" };
    let note_width = cells(note);
    let room = line.right().saturating_sub(value_x + 1);
    let noted = note_width > 0 && room > note_width + 16;
    let value_width = if noted { room - note_width - 2 } else { room };
    if noted {
        let note_x = line.right().saturating_sub(note_width + 1);
        pen.text(note_x, line.y, note_width, note, styles.dim);
    }
    let shown = row.shown(form.reveal);
    let (text, style) = match &row.value {
        FormValue::Switch(true) => ("[x] on".to_owned(), styles.text),
        FormValue::Switch(false) => ("[ ] off".to_owned(), styles.text),
        FormValue::Choice { .. } => (format!("‹ {shown} ›"), styles.text),
        FormValue::Note(_) => (shown, styles.dim),
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
