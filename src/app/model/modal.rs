//! Windows over the screen, as data: what they show and what accepting them means.

use std::path::PathBuf;

use super::{CookieRow, DetailView, StatsView, TabId, WayList};
use crate::config::Column;
use crate::core::action::Action;
use crate::core::event::TransferId;
use crate::core::log_rules::Tint;
use crate::core::message::MessageKind;
use crate::core::stage::ConnId;
use crate::editor::{Editor, Viewport};
use crate::payload::{BinaryForm, Kind};

/// What a yes means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Quit,
    CloseTab(TabId),
    ClearLog(TabId),
    /// Connect, and send the composed message once open.
    ConnectAndSend(TabId),
    DeleteSaved(TabId, usize),
    /// Write the message to a file, as it is too large for a clipboard.
    SavePayload(TabId),
    /// Connect, although one more refusal locks the key.
    LastTry(TabId),
    /// Forget all cookies of the jar.
    EmptyJar,
    /// Make the probe at this place of the tab's plan, which sends something again.
    Probe(TabId, usize),
    /// Send this file as a message, straight from the disk.
    SendFile(TabId, Box<Outfile>),
    /// Stop sending a file.
    StopFile(TabId, TransferId),
}

/// A file that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outfile {
    pub path: PathBuf,
    pub kind: MessageKind,
    pub size: u64,
    /// Once the connection is open; else now.
    pub queue: bool,
}

/// What choosing a line of a menu means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Do(Action),
    Kind(Kind),
    Form(BinaryForm),
    /// A way of looking at messages; `None` for the automatic choice.
    View(Option<DetailView>),
    /// Type of the messages of Protobuf.
    MessageType(String),
    /// Levels of the tree that stay open, `None` for all.
    FoldTo(Option<usize>),
    /// Folds (true) or unfolds what is below the cursor of the tree.
    FoldBelow(bool),
    /// The message is what this file holds, as this kind.
    FromFile(Kind, String),
    /// Read this file into the composer, however large it is.
    LoadWhole(String),
    /// Shows or hides a type of message in the log.
    ShowKind(crate::core::message::MessageKind),
    ShowNotes,
    /// Shows or hides a column of the log.
    Column(Column),
    /// As many columns as there is room for.
    ColumnsAuto,
    /// Goes to this row of the log.
    Row(u64),
    /// A remedy of the handshake tab.
    Fix(usize),
    /// The long explanation of a finding.
    Page(&'static str),
    /// Something about the workspace's filters and marks.
    Rule(RuleChoice),
    /// A value for a field of the chosen way, in the guide.
    GuideField(&'static str, &'static str),
}

/// What is done with a filter by name or a mark of rows, each by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleChoice {
    Apply(usize),
    /// Give the filter that is shown a name.
    Save,
    PickRename,
    PickDelete,
    Rename(usize),
    Delete(usize),
    NewHighlight,
    /// The menu of this mark.
    Highlight(usize),
    HighlightTint(usize, Tint),
    HighlightWord(usize),
    HighlightQuery(usize),
    HighlightSwitch(usize),
    HighlightDelete(usize),
    /// What can be typed in a filter.
    Language,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// Letter that chooses it at once.
    pub key: Option<char>,
    pub label: String,
    /// Greyed words at the right: keys, a description.
    pub note: String,
    /// For menus of switches.
    pub on: Option<bool>,
    pub choice: Choice,
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPrompt {
    /// `CODE reason`.
    CloseWith,
    /// Sizes of the frames that the message goes out in.
    Fragments,
    /// Payload of a ping.
    PingWith,
    /// Payload of a pong that nobody asked for.
    Pong,
    /// How late pings are answered.
    PongDelay,
    /// A frame as [`FRAME_FORM`](super::wire::FRAME_FORM) writes it.
    RawFrame,
    RenameTab,
    /// Path of the folder that the request goes to.
    MoveToFolder,
    SaveMessage,
    RenameSaved(usize),
    /// A place of the log to go to.
    Jump,
    /// Name of a bookmark at this row.
    NameBookmark(u64),
    /// A note about this row.
    Annotate(u64),
    /// Path of a file to take as the message.
    OpenFile,
    /// Paths of files with types of Protobuf.
    SchemaFiles,
    /// Path to write the message in the detail to.
    SavePayload,
    /// Path to write the record of the attempt to.
    SaveEvidence,
    /// Path to write the report of the attempt to.
    SaveReport,
    /// What another program said, to find the page about it.
    LookUp,
    /// Address that a guided way of connecting begins with.
    GuideAddress,
    /// A field of the chosen way.
    GuideField(&'static str),
    /// A name for the log's filter.
    SaveFilter,
    RenameFilter(usize),
    /// Which rows a new mark is for, or one that is there.
    HighlightQuery(Option<usize>),
    HighlightWord(usize),
}

#[derive(Debug)]
pub enum Modal {
    Palette {
        input: Editor,
        /// Best first, as the input filters and ranks them.
        items: Vec<Action>,
        cursor: usize,
    },
    Help {
        input: Editor,
        scroll: usize,
    },
    Confirm {
        title: String,
        text: String,
        yes: &'static str,
        no: &'static str,
        question: Question,
        /// The yes is under the cursor.
        on_yes: bool,
    },
    Menu {
        title: String,
        items: Vec<MenuItem>,
        cursor: usize,
        /// Choosing switches and stays open.
        stays: bool,
    },
    Prompt {
        title: String,
        help: String,
        input: Editor,
        purpose: TextPrompt,
        problem: Option<String>,
    },
    /// The ways of authenticating, to choose one.
    Ways {
        input: Editor,
        list: WayList,
    },
    /// The first [`Dialogue`](super::Dialogue) of the tab in front, which holds what is shown.
    Credential {
        conn: ConnId,
        serial: u64,
        /// The yes of a question is under the cursor.
        on_yes: bool,
    },
    /// The cookie jar, by domain.
    Cookies {
        rows: Vec<CookieRow>,
        cursor: usize,
    },
    /// The statistics of the tab in front.
    Stats(StatsView),
    /// A long text to read: an explanation, the list of problems.
    Text {
        title: String,
        /// Prose as it was written, of which `text` is filled for the width of the window; `None`
        /// if the lines of `text` stand as they are.
        source: Option<String>,
        text: Editor,
        viewport: Viewport,
    },
}
