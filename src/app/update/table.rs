//! The tables of params and headers.

use super::Cx;
use crate::app::model::{RequestTab, TableKind, TableState};
use crate::core::action::Action;
use crate::core::headers::{HeaderRow, complete_name, owned_reason};
use crate::core::params::ParamRow;
use crate::editor::Editor;

impl Cx<'_> {
    fn kind(&mut self) -> TableKind {
        if self.tab().request_tab == RequestTab::Params {
            TableKind::Params
        } else {
            TableKind::Headers
        }
    }

    pub(super) fn table(&mut self) -> &mut TableState {
        let tab = self.tab();
        if tab.request_tab == RequestTab::Params { &mut tab.params } else { &mut tab.headers }
    }

    fn rows(&mut self) -> usize {
        let tab = self.tab();
        if tab.request_tab == RequestTab::Params {
            tab.draft.params.rows.len()
        } else {
            tab.draft.headers.len()
        }
    }

    pub(super) fn table_act(&mut self, action: Action) -> bool {
        let rows = self.rows();
        let page = usize::from(self.model.geometry.body.height.max(2)) - 1;
        let table = self.table();
        table.row = table.row.min(rows);
        match action {
            Action::Up if table.row == 0 => self.tab().focus = crate::app::model::Pane::Bar,
            Action::Up => table.row -= 1,
            Action::Down => table.row = (table.row + 1).min(rows),
            Action::PageUp => table.row = table.row.saturating_sub(page),
            Action::PageDown => table.row = (table.row + page).min(rows),
            Action::First => table.row = 0,
            Action::Last => table.row = rows,
            Action::Left => table.column = table.column.saturating_sub(1),
            Action::Right => table.column = (table.column + 1).min(2),
            Action::RowToggle => self.toggle_row(self.model.tab().request_tab, None),
            Action::Submit if table.column == 0 => {
                self.toggle_row(self.model.tab().request_tab, None);
            }
            Action::Submit | Action::Edit => self.begin_cell(),
            Action::RowAdd => {
                table.row = rows;
                table.column = 1;
                self.begin_cell();
            }
            Action::RowDelete => self.delete_row(),
            Action::RowUp => self.move_row(false),
            Action::RowDown => self.move_row(true),
            _ => return false,
        }
        self.scroll_table();
        true
    }

    fn scroll_table(&mut self) {
        let height = usize::from(self.model.geometry.body.height).max(1);
        let table = self.table();
        if table.row < table.scroll {
            table.scroll = table.row;
        } else if table.row >= table.scroll + height {
            table.scroll = table.row + 1 - height;
        }
    }

    /// Switches a row on or off; the one under the cursor without a number.
    pub(super) fn toggle_row(&mut self, request_tab: RequestTab, row: Option<usize>) {
        let tab = self.tab();
        match request_tab {
            RequestTab::Params => {
                let row = row.unwrap_or(tab.params.row);
                let mut params = tab.draft.params.clone();
                let Some(entry) = params.rows.get_mut(row) else { return };
                entry.enabled = !entry.enabled;
                tab.draft.set_params(params);
            }
            RequestTab::Headers => {
                let row = row.unwrap_or(tab.headers.row);
                let Some(entry) = tab.draft.headers.get_mut(row) else { return };
                entry.enabled = !entry.enabled;
            }
            _ => return,
        }
        self.request_changed();
    }

    fn delete_row(&mut self) {
        let row = self.table().row;
        let kind = self.kind();
        let tab = self.tab();
        match kind {
            TableKind::Params if row < tab.draft.params.rows.len() => {
                let mut params = tab.draft.params.clone();
                params.rows.remove(row);
                tab.draft.set_params(params);
            }
            TableKind::Headers if row < tab.draft.headers.len() => {
                tab.draft.headers.remove(row);
            }
            _ => return,
        }
        self.table().remark = None;
        self.request_changed();
    }

    fn move_row(&mut self, down: bool) {
        let row = self.table().row;
        let rows = self.rows();
        let other = if down { row + 1 } else { row.wrapping_sub(1) };
        if row >= rows || other >= rows {
            return;
        }
        let kind = self.kind();
        let tab = self.tab();
        match kind {
            TableKind::Params => {
                let mut params = tab.draft.params.clone();
                params.rows.swap(row, other);
                tab.draft.set_params(params);
            }
            TableKind::Headers => tab.draft.headers.swap(row, other),
        }
        self.table().row = other;
        self.request_changed();
    }

    /// Opens a field over the cell under the cursor.
    pub(super) fn begin_cell(&mut self) {
        let kind = self.kind();
        let tab = self.tab();
        let table = if kind == TableKind::Params { &mut tab.params } else { &mut tab.headers };
        let new = match kind {
            TableKind::Params => table.row >= tab.draft.params.rows.len(),
            TableKind::Headers => table.row >= tab.draft.headers.len(),
        };
        // A new row begins with its name, whichever column the cursor was in.
        table.column = if new { 1 } else { table.column.max(1) };
        let text = match (kind, table.column) {
            (TableKind::Params, 1) => tab.draft.params.rows.get(table.row).map(|r| r.name.clone()),
            (TableKind::Params, _) => {
                tab.draft.params.rows.get(table.row).and_then(|r| r.value.clone())
            }
            (TableKind::Headers, 1) => tab.draft.headers.get(table.row).map(|r| r.name.clone()),
            (TableKind::Headers, _) => tab.draft.headers.get(table.row).map(|r| r.value.clone()),
        };
        table.editing = Some(TableState::cell_editor(&text.unwrap_or_default()));
        table.completion = 0;
        table.remark = None;
    }

    /// The text of a cell was changed: a name that belongs to the handshake is explained at once.
    pub(super) fn cell_changed(&mut self) {
        let overriding = self.tab().draft.settings.override_handshake;
        let kind = self.kind();
        let table = self.table();
        table.completion = 0;
        if kind == TableKind::Headers
            && table.column == 1
            && let Some(editor) = &table.editing
        {
            table.remark = owned_remark(editor.text().trim(), overriding);
        }
    }

    /// Takes what was typed into the cell.
    pub(super) fn cell_submit(&mut self) {
        let kind = self.kind();
        let Some(editor) = self.table().editing.take() else { return };
        let text = editor.text();
        self.write_cell(kind, &text);
        self.request_changed();
        // A new name wants its value next.
        let table = self.table();
        if table.column == 1 && !text.is_empty() {
            table.column = 2;
        }
    }

    fn write_cell(&mut self, kind: TableKind, text: &str) {
        let tab = self.tab();
        let overriding = tab.draft.settings.override_handshake;
        match kind {
            TableKind::Params => {
                let (row, column) = (tab.params.row, tab.params.column);
                let mut params = tab.draft.params.clone();
                if row >= params.rows.len() {
                    if text.is_empty() {
                        return;
                    }
                    let empty =
                        ParamRow { enabled: true, name: String::new(), value: Some(String::new()) };
                    params.rows.push(empty);
                    tab.params.row = params.rows.len() - 1;
                }
                let row = row.min(params.rows.len() - 1);
                if column == 1 {
                    params.rows[row].name = text.to_owned();
                } else if !(text.is_empty() && params.rows[row].value.is_none()) {
                    params.rows[row].value = Some(text.to_owned());
                }
                tab.draft.set_params(params);
            }
            TableKind::Headers => {
                let (row, column) = (tab.headers.row, tab.headers.column);
                if row >= tab.draft.headers.len() {
                    if text.is_empty() {
                        return;
                    }
                    tab.draft.headers.push(HeaderRow::new("", ""));
                    tab.headers.row = tab.draft.headers.len() - 1;
                }
                let row = row.min(tab.draft.headers.len() - 1);
                let entry = &mut tab.draft.headers[row];
                if column == 1 {
                    // A whole line `Name: value`, as it is copied from elsewhere.
                    match text.split_once(": ") {
                        Some((name, value)) if !name.contains(' ') => {
                            *entry = HeaderRow {
                                enabled: entry.enabled,
                                ..HeaderRow::new(name.trim(), value)
                            };
                        }
                        _ => entry.name = text.trim().to_owned(),
                    }
                    tab.headers.remark = owned_remark(&tab.draft.headers[row].name, overriding);
                } else {
                    entry.value = text.to_owned();
                }
            }
        }
    }

    pub(super) fn cell_complete(&mut self) {
        let kind = self.kind();
        let table = self.table();
        let column = table.column;
        if kind == TableKind::Headers
            && column == 1
            && let Some(editor) = &mut table.editing
            && let Some(name) = complete_name(editor.text().trim()).get(table.completion)
        {
            editor.set_text(name);
            self.cell_submit();
            self.begin_cell();
            return;
        }
        self.cell_submit();
        let rows = self.rows();
        let table = self.table();
        if column == 1 {
            table.column = 2;
        } else {
            table.row = (table.row + 1).min(rows);
            table.column = 1;
        }
        self.begin_cell();
        self.scroll_table();
    }

    /// Up and down while a cell is edited: the offered names, or the row above or below.
    pub(super) fn cell_vertical(&mut self, up: bool) {
        let kind = self.kind();
        let table = self.table();
        let offered = match &table.editing {
            Some(editor) if kind == TableKind::Headers && table.column == 1 => offered(editor),
            _ => 0,
        };
        if offered > 0 {
            table.completion = if up {
                table.completion.saturating_sub(1)
            } else {
                (table.completion + 1).min(offered - 1)
            };
            return;
        }
        let column = table.column;
        self.cell_submit();
        let rows = self.rows();
        let table = self.table();
        table.column = column;
        table.row = if up { table.row.saturating_sub(1) } else { (table.row + 1).min(rows) };
        self.scroll_table();
    }
}

fn offered(editor: &Editor) -> usize {
    complete_name(editor.text().trim()).len()
}

/// Why a header name is not taken from the table, or what the tester's switch makes of it.
fn owned_remark(name: &str, overriding: bool) -> Option<String> {
    let why = owned_reason(name)?;
    Some(if overriding {
        format!("Sent instead of ours, as the override in Settings is on. {why}")
    } else {
        format!("Not sent: the override in Settings is off. {why}")
    })
}
