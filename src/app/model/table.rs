//! Cursor and cell editor of the params and headers tables. The rows are the draft's.

use crate::editor::{Editor, Field};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    Params,
    Headers,
}

/// Columns: 0 the switch, 1 the name, 2 the value.
#[derive(Debug)]
pub struct TableState {
    pub kind: TableKind,
    /// A row of the draft; one past the last is the empty row that adds one.
    pub row: usize,
    pub column: usize,
    /// First row that is seen.
    pub scroll: usize,
    /// The field over the cell under the cursor while it is edited.
    pub editing: Option<Editor>,
    /// Which of the offered names is chosen.
    pub completion: usize,
    /// Secrets of this table are shown in clear.
    pub reveal: bool,
    /// Why the last edit was not what it seems (a name that the handshake owns).
    pub remark: Option<String>,
}

impl TableState {
    #[must_use]
    pub fn new(kind: TableKind) -> TableState {
        TableState {
            kind,
            row: 0,
            column: 1,
            scroll: 0,
            editing: None,
            completion: 0,
            reveal: false,
            remark: None,
        }
    }

    /// A field for a cell, holding what stands in it.
    #[must_use]
    pub fn cell_editor(text: &str) -> Editor {
        let mut editor = Editor::for_field(Field::line());
        editor.reset_text(text);
        editor.select_all();
        editor
    }
}
