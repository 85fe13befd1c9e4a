//! Which columns the log has, and how it writes times.

use super::Cx;
use crate::app::model::{Choice, MenuItem, Modal};
use crate::config::{Column, Columns, Timestamps};

impl Cx<'_> {
    pub(super) fn open_columns(&mut self) {
        let items = self.column_items();
        let title = "Columns of the log".into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: true });
    }

    fn column_items(&self) -> Vec<MenuItem> {
        let columns = &self.model.settings.log.columns;
        let shown = self.model.geometry.log_columns;
        let mut items = vec![MenuItem {
            key: Some('a'),
            label: "as many as there is room for".into(),
            note: String::new(),
            on: Some(*columns == Columns::Auto),
            choice: Choice::ColumnsAuto,
        }];
        let keys = ['n', 't', 'd', 'k', 'e', 'w', 's'];
        for (place, (column, key)) in Column::ALL.into_iter().zip(keys).enumerate() {
            let on = match columns {
                Columns::Auto => shown[place],
                Columns::These(these) => these.contains(&column),
            };
            let note = match column {
                Column::Delta => "since the row before, or from the marked one",
                Column::Wire => "of compressed messages",
                _ => "",
            };
            items.push(MenuItem {
                key: Some(key),
                label: column.name().into(),
                note: note.into(),
                on: Some(on),
                choice: Choice::Column(column),
            });
        }
        items
    }

    pub(super) fn columns_auto(&mut self) {
        self.set_columns(Columns::Auto);
    }

    /// Shows or hides one column, beginning with what is seen now.
    pub(super) fn toggle_column(&mut self, column: Column) {
        let shown = self.model.geometry.log_columns;
        let old = match &self.model.settings.log.columns {
            Columns::These(these) => these.clone(),
            Columns::Auto => {
                Column::ALL.into_iter().zip(shown).filter(|(_, on)| *on).map(|(c, _)| c).collect()
            }
        };
        let keeps = |c: &Column| (*c == column) != old.contains(c);
        self.set_columns(Columns::These(Column::ALL.into_iter().filter(keeps).collect()));
    }

    fn set_columns(&mut self, columns: Columns) {
        self.model.settings.log.columns = columns;
        let fresh = self.column_items();
        if let Some(Modal::Menu { items, .. }) = self.model.modals.last_mut() {
            *items = fresh;
        }
    }

    /// Local, UTC, relative, and around.
    pub(super) fn next_timestamps(&mut self) {
        let form = &mut self.model.settings.log.timestamps;
        let (next, words) = match *form {
            Timestamps::Local => (Timestamps::Utc, "Times are in UTC."),
            Timestamps::Utc => (Timestamps::Relative, "Times are those since the row before."),
            Timestamps::Relative => (Timestamps::Local, "Times are local ones."),
        };
        *form = next;
        self.info(words);
    }
}
