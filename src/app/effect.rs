//! Everything that the program asks of the outside.

use std::sync::Arc;

use bytes::Bytes;
use ropey::Rope;

use crate::app::model::{CookieRow, TabId};
use crate::app::update::LayRequest;
use crate::core::event::Command;
use crate::core::evidence::{EarlierAttempt, Evidence};
use crate::core::progress::Progress;
use crate::core::request::RequestDraft;
use crate::core::stage::ConnId;
use crate::diagnose::probes::Planned;
use crate::editor::{Direction, Leftovers, Query};
use crate::log::{CopyAs, LogHandle, Marks, Pattern, Scan, View};
use crate::payload::lens::{NodeId, Tree};
use crate::payload::{BinaryForm, Kind};

/// Everything that one attempt to connect needs.
#[derive(Clone, Debug)]
pub struct ConnectRequest {
    pub tab: TabId,
    pub conn: ConnId,
    /// With all that it inherits.
    pub draft: RequestDraft,
    /// 0 for one that the user asked for, else the number of the automatic reconnect.
    pub attempt: u32,
    pub earlier: Vec<EarlierAttempt>,
    /// Where messages go, so that they need not pass through the program's loop.
    pub log: LogHandle,
}

/// Probes to make, and what they are about.
#[derive(Clone, Debug)]
pub struct ProbeRequest {
    pub tab: TabId,
    /// Tells the results from those of an earlier run.
    pub run: u64,
    /// The request of the attempt.
    pub draft: RequestDraft,
    /// The attempt.
    pub evidence: Box<Evidence>,
    pub planned: Vec<Planned>,
}

/// Work that may take longer than 5 ms and so leaves the loop. Each names what it is about, so
/// that a result that comes late can be told from the current one.
#[derive(Clone, Debug)]
pub enum Job {
    Validate {
        tab: TabId,
        revision: u64,
        kind: Kind,
        form: BinaryForm,
        text: Rope,
        progress: Progress,
    },
    /// Lays a text out, or takes its blanks out.
    Reshape { about: About, revision: u64, kind: Kind, out: bool, text: Rope },
    /// Bytes in another writing.
    Rewrite { about: About, revision: u64, from: BinaryForm, to: BinaryForm, text: Rope },
    /// Makes a long text that was pasted ready to be put in.
    Weave { about: About, text: String },
    /// Reads a file to be composed; one of more than `most` bytes is only looked at.
    Load { about: About, path: String, most: u64 },
    /// Looks at a file that is to be sent.
    Measure { tab: TabId, path: String, kind: Kind, then: Encoded },
    /// Looks for the next hit in a long text.
    Seek {
        tab: TabId,
        generation: u64,
        revision: u64,
        query: Query,
        from: usize,
        direction: Direction,
        text: Rope,
        progress: Progress,
    },
    /// Counts the hits in a long text.
    Count { tab: TabId, generation: u64, query: Query, text: Rope, progress: Progress },
    /// Lays a message out for the detail.
    Lay { tab: TabId, stamp: u64, request: Arc<LayRequest> },
    /// Looks for a text in what the detail shows.
    Find { tab: TabId, stamp: u64, haystack: Haystack, pattern: Pattern, progress: Progress },
    /// A part of a message for the clipboard, secrets masked.
    CopyPortion { tab: TabId, portion: Portion, what: String, log: LogHandle },
    /// Reads types of Protobuf from files.
    LoadSchema { tab: TabId, paths: Vec<String> },
    /// A message of the log made ready for the composer.
    Compose { tab: TabId, payload: Bytes, is_text: bool },
    /// The whole of a payload as text, or as a dump, for the pager.
    Read { tab: TabId, payload: Bytes, hex: bool },
    /// The message as bytes, then sent: binary forms are parsed, a file is read.
    Encode { about: About, kind: Kind, form: BinaryForm, text: Rope, then: Encoded },
    /// Runs on while it is not cancelled, over what arrives too. A newer scan of the same tab and
    /// lane takes the place of the older one.
    Scan { tab: TabId, lane: ScanLane, generation: u64, scan: Arc<dyn Scan>, log: LogHandle },
    /// The selected entries as text for the clipboard.
    Gather { tab: TabId, first: u64, last: u64, form: CopyAs, view: View, log: LogHandle },
}

/// What a piece of work on a composed message belongs to.
#[derive(Clone, Debug)]
pub struct About {
    pub tab: TabId,
    /// See [`Working::number`](crate::app::model::Working::number).
    pub number: u64,
    /// Said by the work; and asked by it whether to go on.
    pub progress: Progress,
}

/// What is searched. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Haystack {
    Bytes(Bytes),
    Rope(Rope),
    /// The text that its nodes point into.
    Tree(Arc<Tree>),
}

impl Haystack {
    /// In bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Haystack::Bytes(bytes) => bytes.len(),
            Haystack::Rope(rope) => rope.len_bytes(),
            Haystack::Tree(tree) => tree.source().len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A part of a message. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Portion {
    Bytes(Bytes),
    /// The value of a node.
    Node(Arc<Tree>, NodeId),
}

/// A composed message as it will go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    Text(String),
    Binary(Bytes),
}

/// What a scan of a log is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanLane {
    Search,
    /// Which rows a filter on contents shows.
    Sieve,
    /// Requests with their replies.
    Pairs,
    /// The next row of a kind.
    Seek,
}

/// What the bytes of a composed message are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoded {
    Send,
    /// Connect first, send once open.
    Queue,
}

#[derive(Debug)]
pub enum Effect {
    Connect(Box<ConnectRequest>),
    Command(ConnId, Command),
    /// The user's answer to a question about a credential.
    Answer {
        question: u64,
        yes: bool,
    },
    /// Ask for what is in the cookie jar; it comes as a message.
    ListCookies,
    /// Take this cookie out of the jar, or all of them; what is left comes as a message.
    ForgetCookies(Option<CookieRow>),
    /// Throw away the token that was kept for this request, which is with all that it inherits.
    ForgetGrant(Box<RequestDraft>),
    /// Forget a connection: its tab is gone. Ends it at once.
    Forget(ConnId),
    /// Make these probes one after the other; each result comes as a message.
    Probe(Box<ProbeRequest>),
    /// Stop the probes of this tab at once.
    StopProbes(TabId),
    Job(Job),
    /// Frees what takes too long to be freed here.
    Discard(Leftovers),
    /// Text for the clipboard, with a word for what it is.
    Copy {
        text: String,
        what: String,
    },
    /// Ask the clipboard for its text.
    Paste,
    WriteFile {
        path: String,
        text: String,
        what: String,
    },
    /// Writes the exact bytes of a message to a file, and says so if secrets of the attempt are
    /// among them.
    WritePayload {
        path: String,
        payload: Bytes,
        log: LogHandle,
        what: String,
    },
    /// Hands the terminal to the user's editor.
    Edit {
        tab: TabId,
        text: Rope,
        suffix: &'static str,
    },
    /// Hands the terminal to the user's pager. The text is escaped before it goes there.
    Page {
        text: Rope,
        suffix: &'static str,
    },
    /// The marks at the rows of a tab's log have changed: they are written beside its messages, if
    /// those are on disk.
    KeepMarks {
        tab: TabId,
        marks: Marks,
    },
    /// Writes tabs, drafts, saved messages and history to disk.
    Save,
    Suspend,
    /// Draw from scratch: something else wrote to the terminal.
    Redraw,
    Quit,
}
