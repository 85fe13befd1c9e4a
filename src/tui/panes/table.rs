//! Params and headers: a table with a switch, a name and a value in each row. Headers that the
//! handshake or authentication writes stand in it too, greyed, so that the table shows the whole
//! request.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Pane, RequestTab, Tab, TableKind, TableState};
use crate::core::headers::{complete_name, owned_reason};
use crate::core::request::{HeaderOrigin, WireHeader};
use crate::core::secret::{is_sensitive_name, mask_value};
use crate::tui::pen::{Pen, cells, inside, row_of, span, view};
use crate::tui::widgets::{field, list, scroll};

/// Names that are offered at a time.
const OFFERED: usize = 6;

/// A row as it is drawn.
struct Row {
    /// Row of the draft; `None` for those that are not the user's.
    place: Option<usize>,
    /// `None` where there is nothing to switch.
    on: Option<bool>,
    name: String,
    value: String,
    /// Why it is not sent as it stands, or who wrote it.
    note: String,
    grey: bool,
}

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let tab = model.tab();
    let table = table(tab);
    let focused = tab.focus == Pane::Body;
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, styles.border_of(focused));
    let top = Rect { height: 1, ..area };
    pen.on_border(
        top,
        &[span(tab.request_tab.label(), styles.title_of(focused))],
        &summary(pen, tab),
    );
    if let Some(remark) = &table.remark {
        let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        pen.on_border(bottom, &[span(format!("! {remark}"), styles.warn)], &[]);
    }

    let inner = inside(area);
    let rows = rows(tab, table);
    let columns = Columns::of(inner);
    let headed = inner.height >= 5;
    if headed {
        for (x, word) in [(columns.name, "name"), (columns.value, "value")] {
            pen.text(x, inner.y, columns.value_width, word, styles.dim);
        }
    }
    let body = Rect {
        y: inner.y + u16::from(headed),
        height: inner.height.saturating_sub(u16::from(headed)),
        ..inner
    };
    pen.geometry.body = view(body);
    let cursor = rows.iter().position(|row| row.place == Some(table.row)).unwrap_or(0);
    let first = list::first_row(table.scroll, cursor, rows.len(), body.height);
    for (y, (index, row)) in (0..body.height).zip(rows.iter().enumerate().skip(first)) {
        let line = row_of(body, y);
        draw_row(pen, table, row, line, &columns, focused && index == cursor);
    }
    scroll::draw(pen, area, first, body.height, rows.len(), focused);
}

fn table(tab: &Tab) -> &TableState {
    if tab.request_tab == RequestTab::Params { &tab.params } else { &tab.headers }
}

/// Where the columns are.
struct Columns {
    switch: u16,
    name: u16,
    name_width: u16,
    value: u16,
    value_width: u16,
}

impl Columns {
    fn of(inner: Rect) -> Columns {
        let room = inner.width.saturating_sub(7);
        let name_width = (room * 2 / 5).clamp(8.min(room), 32);
        let (switch, name) = (inner.x + 2, inner.x + 6);
        let value = name + name_width + 2;
        Columns {
            switch,
            name,
            name_width,
            value,
            value_width: inner.right().saturating_sub(value + 1),
        }
    }
}

fn summary<'a>(pen: &Pen<'_>, tab: &Tab) -> Vec<crate::tui::pen::Span<'a>> {
    let words = match table(tab).kind {
        TableKind::Params => {
            let (on, all) = (tab.draft.params.enabled(), tab.draft.params.rows.len());
            if on == all { format!("{all} sent") } else { format!("{on} of {all} sent") }
        }
        TableKind::Headers => match &tab.preview {
            Ok(preview) => format!("{} lines will be sent", preview.headers.len()),
            Err(_) => "the request cannot be sent yet".into(),
        },
    };
    vec![span(words, pen.styles.dim)]
}

fn rows(tab: &Tab, table: &TableState) -> Vec<Row> {
    let mut rows = Vec::new();
    let wire = match (table.kind, &tab.preview) {
        (TableKind::Headers, Ok(preview)) => preview.headers.as_slice(),
        _ => &[],
    };
    let of = |origin: HeaderOrigin, note: &'static str| {
        let inherits =
            move |header: &WireHeader| origin == HeaderOrigin::User && header.from.is_none();
        wire.iter().filter(move |h| h.origin == origin && !inherits(h)).map(move |header| Row {
            place: None,
            on: None,
            name: header.name.clone(),
            value: if header.is_key {
                "(made anew for each attempt)".into()
            } else {
                header.shown_value()
            },
            note: match &header.from {
                Some(from) if origin == HeaderOrigin::User => format!("from {from}"),
                Some(from) => format!("{note}, {from}"),
                None => note.into(),
            },
            grey: true,
        })
    };
    rows.extend(of(HeaderOrigin::Handshake, "handshake"));
    let shown = |name: &str, value: &str| {
        if !table.reveal && is_sensitive_name(name) { mask_value(value) } else { value.to_owned() }
    };
    let overriding = tab.draft.settings.override_handshake;
    match table.kind {
        TableKind::Params => {
            rows.extend(tab.draft.params.rows.iter().enumerate().map(|(index, row)| Row {
                place: Some(index),
                on: Some(row.enabled),
                name: row.name.clone(),
                value: shown(&row.name, row.value.as_deref().unwrap_or("")),
                note: if row.value.is_none() { "no =".into() } else { String::new() },
                grey: !row.enabled,
            }));
        }
        TableKind::Headers => {
            rows.extend(tab.draft.headers.iter().enumerate().map(|(index, row)| {
                let owned = owned_reason(&row.name).is_some();
                Row {
                    place: Some(index),
                    on: Some(row.enabled),
                    name: row.name.clone(),
                    value: shown(&row.name, &row.value),
                    note: match (owned, overriding) {
                        (true, true) => "overrides".into(),
                        (true, false) => "not sent".into(),
                        _ => String::new(),
                    },
                    grey: !row.enabled || owned && !overriding,
                }
            }));
        }
    }
    let count = rows.iter().filter(|row| row.place.is_some()).count();
    rows.push(Row {
        place: Some(count),
        on: None,
        name: String::new(),
        value: String::new(),
        note: String::new(),
        grey: true,
    });
    rows.extend(of(HeaderOrigin::User, ""));
    rows.extend(of(HeaderOrigin::Auth, "from Auth"));
    rows.extend(of(HeaderOrigin::Jar, "cookies"));
    rows
}

fn draw_row(
    pen: &mut Pen<'_>,
    table: &TableState,
    row: &Row,
    line: Rect,
    columns: &Columns,
    cursor: bool,
) {
    let styles = pen.styles;
    let style = if row.grey { styles.dim } else { styles.text };
    let is_new = row.on.is_none() && row.place.is_some();
    let switch = match row.on {
        Some(true) => ("[x]", styles.ok),
        Some(false) => ("[ ]", styles.dim),
        None if is_new => (" + ", styles.dim),
        None => (" · ", styles.dim),
    };
    pen.text(columns.switch, line.y, 3, switch.0, switch.1);
    let name = if is_new { "new row" } else { &row.name };
    pen.text(columns.name, line.y, columns.name_width, name, style);
    let note_width = cells(&row.note);
    let noted = note_width > 0 && columns.value_width > note_width + 8;
    let value_width =
        if noted { columns.value_width - note_width - 2 } else { columns.value_width };
    pen.text(columns.value, line.y, value_width, &row.value, style);
    if noted {
        let x = line.right().saturating_sub(note_width + 1);
        pen.text(
            x,
            line.y,
            note_width,
            &row.note,
            styles.dim.add_modifier(ratatui::style::Modifier::ITALIC),
        );
    }
    if let Some(place) = row.place {
        let cell = |column| Target::Cell { row: place, column };
        let at = |x: u16, width: u16| Rect { x, width, ..line };
        pen.hit(at(columns.switch, 3), cell(0));
        pen.hit(at(columns.name, columns.name_width), cell(1));
        pen.hit(at(columns.value, columns.value_width), cell(2));
    }
    if !cursor {
        return;
    }
    pen.text(line.x, line.y, 1, "▸", styles.accent);
    let (x, width) = match table.column {
        0 => (columns.switch, 3),
        1 => (columns.name, columns.name_width),
        _ => (columns.value, columns.value_width),
    };
    let cell = Rect { x, width, ..line };
    match &table.editing {
        Some(editor) => {
            pen.clear(cell);
            pen.restyle(cell, Style::new().add_modifier(ratatui::style::Modifier::UNDERLINED));
            field::draw(pen, cell, editor, true, styles.text);
        }
        None => pen.restyle(cell, styles.selection),
    }
}

/// Names that continue what is typed into a name cell, over whatever lies below it.
pub(in crate::tui) fn draw_offers(pen: &mut Pen<'_>, model: &Model, body: Rect) {
    let tab = model.tab();
    if tab.focus != Pane::Body || tab.request_tab != RequestTab::Headers || body.is_empty() {
        return;
    }
    let table = &tab.headers;
    let Some(editor) = table.editing.as_ref().filter(|_| table.column == 1) else { return };
    let names = complete_name(editor.text().trim());
    let cell = pen
        .geometry
        .hits
        .iter()
        .rev()
        .find(|(_, target)| *target == Target::Cell { row: table.row, column: 1 })
        .map(|(area, _)| *area);
    let (Some(cell), false) = (cell, names.is_empty()) else { return };

    let screen = pen.geometry.screen;
    let count = names.len().min(OFFERED);
    let height = u16::try_from(count).unwrap_or(1) + 2;
    let width = names.iter().map(|name| cells(name)).max().unwrap_or(0) + 4;
    let below = cell.y + 1;
    let y = if below + height < screen.height { below } else { cell.y.saturating_sub(height) };
    let x = cell.x.saturating_sub(2);
    let area = Rect { x, y, width: width.min(screen.width.saturating_sub(x)), height };
    pen.clear(area);
    pen.border(area, pen.styles.border_focused);
    let list_area = inside(area);
    let chosen = table.completion.min(names.len() - 1);
    let first = list::first_row(0, chosen, names.len(), list_area.height);
    for (row, (index, name)) in
        (0..list_area.height).zip(names.iter().enumerate().skip(first).take(count))
    {
        let line = row_of(list_area, row);
        pen.text(line.x + 1, line.y, line.width.saturating_sub(1), name, pen.styles.text);
        if index == chosen {
            pen.restyle(line, pen.styles.selection);
        }
    }
    scroll::draw(pen, area, first, list_area.height, names.len(), true);
}
