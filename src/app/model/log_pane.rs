//! The view of a tab's message log: place, filter, search, selection and detail.

use crate::config::Settings;
use crate::editor::{Editor, Viewport};
use crate::log::{Filter, LogHandle, LogView, SearchHits};
use crate::payload::{Kind, LineStates};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DetailView {
    #[default]
    Pretty,
    Raw,
    Hex,
}

impl DetailView {
    pub const ALL: [DetailView; 3] = [DetailView::Pretty, DetailView::Raw, DetailView::Hex];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            DetailView::Pretty => "pretty",
            DetailView::Raw => "raw",
            DetailView::Hex => "hex",
        }
    }
}

/// The selected message, laid out to be read.
#[derive(Debug)]
pub struct Detail {
    /// Number of the entry that is shown; 0 for none.
    pub number: u64,
    pub view: DetailView,
    pub kind: Kind,
    /// The laid-out text; read only.
    pub text: Editor,
    pub viewport: Viewport,
    pub lines: LineStates,
    /// The layout of a large message is being made.
    pub pending: bool,
    /// A line of facts: type, size, time, close code.
    pub title: String,
}

/// The search line of the log.
#[derive(Debug)]
pub struct SearchLine {
    pub input: Editor,
    pub regex: bool,
    pub case: bool,
    /// Keys go to the field; else to the log, with the search still on.
    pub editing: bool,
}

#[derive(Debug, Default)]
pub struct SearchState {
    pub line: Option<SearchLine>,
    /// Names the running search, so that a late result of an older one is dropped.
    pub generation: u64,
    pub hits: SearchHits,
    /// Why the pattern cannot be used.
    pub problem: Option<String>,
    pub running: bool,
}

#[derive(Debug)]
pub struct LogPane {
    pub handle: LogHandle,
    pub filter: Filter,
    pub view: LogView,
    /// Stay at the newest entry.
    pub follow: bool,
    /// Row of the filtered view at the top of the window, while not following.
    pub top: u64,
    /// Number of the entry under the cursor; 0 for none.
    pub cursor: u64,
    /// Number of the entry where the selection began.
    pub anchor: Option<u64>,
    /// Last number that there was when the reader scrolled away; newer ones are counted below.
    pub seen: u64,
    pub search: SearchState,
    pub detail: Detail,
}

impl LogPane {
    #[must_use]
    pub fn new(settings: &Settings) -> LogPane {
        LogPane {
            handle: LogHandle::new(settings.log_memory),
            filter: Filter::default(),
            view: LogView::default(),
            follow: true,
            top: 0,
            cursor: 0,
            anchor: None,
            seen: 0,
            search: SearchState::default(),
            detail: Detail {
                number: 0,
                view: DetailView::default(),
                kind: Kind::Text,
                text: Editor::new(crate::editor::Mode::Text),
                viewport: Viewport::new(80, 8),
                lines: LineStates::default(),
                pending: false,
                title: String::new(),
            },
        }
    }
}
