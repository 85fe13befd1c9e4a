//! What the last drawing tells back: where things are, for the mouse, and how large the windows
//! are, for paging.

use crate::app::model::{DetailView, Pane, RequestTab, Section};
use crate::core::action::Action;

/// A rectangle of terminal cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    #[must_use]
    pub fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x
            && y >= self.y
            && x < self.x.saturating_add(self.width)
            && y < self.y.saturating_add(self.height)
    }
}

/// What lies under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A connection tab, by its place.
    Tab(usize),
    NewTab,
    /// The text of the URL line; the area begins at its first visible cell.
    Url,
    ConnectButton,
    RequestTab(RequestTab),
    SavedToggle,
    /// The text of the composer, without gutter and border.
    Composer,
    /// Does what a key would do.
    Button(Action),
    /// A cell of the params or headers table; column 0 is the switch.
    Cell {
        row: usize,
        column: usize,
    },
    /// A row of Auth or Settings.
    FormRow(usize),
    /// A row of the log window, from its top.
    LogRow(u16),
    /// A row of the log by its number, beside the window.
    Row(u64),
    /// The scroll bar of the log; its area is the whole track.
    LogBar,
    /// A view of the bar; `None` for the automatic choice.
    DetailView(Option<DetailView>),
    /// The text of the detail.
    Detail,
    /// A row of its window that does something when clicked.
    DetailRow(u16),
    /// Between request and log; dragging it moves it.
    Divider,
    SavedRow(usize),
    /// A remedy of the handshake tab.
    Fix(usize),
    /// A section of the handshake tab.
    Section(Section),
    /// A row of the list of attempts; the newest one is 0.
    Attempt(usize),
    /// The box in that row that marks it for comparison.
    AttemptMark(usize),
    ModalRow(usize),
    /// Inside a window, not on a row.
    Modal,
    /// Anywhere else in a pane: a click goes there, the wheel scrolls it.
    Pane(Pane),
}

/// Size of the text that is seen, in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub width: u16,
    pub height: u16,
}

/// Made by each drawing, kept in the model until the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    pub screen: View,
    pub url: View,
    pub composer: View,
    /// Rows of a table, form, or the handshake's text.
    pub body: View,
    /// How far the handshake's section in front can be scrolled: its lines that do not fit.
    pub handshake_last: usize,
    pub log: View,
    /// Which columns of the log were drawn, in the order of
    /// [`Column::ALL`](crate::config::Column::ALL).
    pub log_columns: [bool; 7],
    pub detail: View,
    pub saved: View,
    pub modal: View,
    /// How far the window in front can be scrolled, where it tells: lines that do not fit.
    pub modal_last: usize,
    /// Where the request part ends and the log begins: first row of the log.
    pub log_top: u16,
    /// In drawing order; the last one that holds a point is on top.
    pub hits: Vec<(Area, Target)>,
}

impl Geometry {
    /// What is on top at a cell, and its area.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<(Area, Target)> {
        self.hits.iter().rev().find(|(area, _)| area.contains(x, y)).copied()
    }
}
