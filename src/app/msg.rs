//! Everything that can happen.

use std::ops::Range;
use std::path::PathBuf;

use ropey::Rope;

use crate::app::effect::{Encoded, Outgoing, ScanLane};
use crate::app::geometry::Geometry;
use crate::app::model::{CookieRow, Found, TabId, Validation};
use crate::app::update::{LoadedSchema, Made};
use crate::core::action::Action;
use crate::core::credential::{Notice, Question};
use crate::core::event::EventKind;
use crate::core::evidence::ProbeRecord;
use crate::core::finding::Finding;
use crate::core::key::KeyCombo;
use crate::core::stage::ConnId;
use crate::log::Marks;
use crate::payload::lens::LensProblem;
use crate::payload::{BinaryForm, Kind, Problem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Down,
    Drag,
    Up,
    WheelUp,
    WheelDown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    pub kind: MouseKind,
    pub x: u16,
    pub y: u16,
    pub shift: bool,
    /// Clicks in a row at the same place: 2 selects a word, 3 a line.
    pub clicks: u8,
}

/// Result of a [`Job`](crate::app::effect::Job).
#[derive(Debug)]
pub enum JobDone {
    Validated {
        tab: TabId,
        revision: u64,
        kind: Kind,
        form: BinaryForm,
        result: Validation,
    },
    /// Beautified or minified.
    Laid {
        tab: TabId,
        number: u64,
        revision: u64,
        /// `None` if the text is laid out so already.
        result: Result<Option<Rope>, Problem>,
    },
    /// Bytes in their new writing; `None` if the old one cannot be read.
    Rewritten {
        tab: TabId,
        number: u64,
        revision: u64,
        text: Option<Rope>,
    },
    Woven {
        tab: TabId,
        number: u64,
        text: Rope,
    },
    Loaded {
        tab: TabId,
        number: u64,
        path: String,
        result: Result<Loaded, String>,
    },
    /// Where the file is and how large.
    Measured {
        tab: TabId,
        typed: String,
        kind: Kind,
        then: Encoded,
        result: Result<(PathBuf, u64), String>,
    },
    /// Bytes of the hit.
    Sought {
        tab: TabId,
        generation: u64,
        revision: u64,
        hit: Option<Range<usize>>,
    },
    Counted {
        tab: TabId,
        generation: u64,
        hits: usize,
    },
    Detail {
        tab: TabId,
        stamp: u64,
        result: Result<Made, LensProblem>,
    },
    /// A search in the detail is through.
    Found {
        tab: TabId,
        stamp: u64,
        found: Found,
    },
    /// The types of Protobuf that were asked for, or a sentence why there are none.
    Schema {
        tab: TabId,
        result: Result<LoadedSchema, String>,
    },
    /// A message of the log as the composer takes it.
    Composed {
        tab: TabId,
        kind: Kind,
        form: BinaryForm,
        text: ropey::Rope,
    },
    /// A message as text, to be read in the pager.
    Readable {
        text: ropey::Rope,
    },
    Encoded {
        tab: TabId,
        number: u64,
        then: Encoded,
        result: Result<Outgoing, String>,
    },
    /// A scan found more, or is through; what it found is asked of the scan itself.
    Scanned {
        tab: TabId,
        lane: ScanLane,
        generation: u64,
        done: bool,
    },
    Gathered {
        text: String,
        what: String,
    },
}

/// What a file turned out to be.
#[derive(Debug)]
pub enum Loaded {
    Text {
        text: Rope,
        kind: Kind,
    },
    /// Not UTF-8.
    Bytes,
    /// Larger than what is read; whether its beginning is text.
    Large {
        size: u64,
        text: bool,
    },
}

/// How a run of probes goes on.
#[derive(Debug)]
pub enum ProbeStep {
    /// The one at this place of the queue has begun.
    Began(usize),
    /// One has ended.
    Made(Box<ProbeRecord>),
    /// All are through, or one decided, or the time is up.
    Over,
}

/// What is told while the credential of an attempt is got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialNews {
    Notice(Notice),
    /// To be answered by [`Effect::Answer`](crate::app::Effect::Answer) with this id.
    Question {
        id: u64,
        question: Question,
    },
}

#[derive(Debug)]
pub enum Msg {
    Key(KeyCombo),
    Paste(String),
    Mouse(Mouse),
    Resize {
        width: u16,
        height: u16,
    },
    /// The screen was drawn.
    Drawn(Geometry),
    /// From a palette, a button, or a test.
    Do(Action),
    /// An event of a connection; messages have gone to the log already.
    Net {
        tab: TabId,
        conn: ConnId,
        event: EventKind,
    },
    /// The whole record of an attempt that ended came with its verdict.
    Ended {
        tab: TabId,
        conn: ConnId,
        evidence: Box<crate::core::evidence::Evidence>,
        findings: Vec<Finding>,
    },
    /// The credential of an attempt is on its way.
    Credential {
        tab: TabId,
        conn: ConnId,
        news: CredentialNews,
    },
    /// What is in the cookie jar now.
    Cookies(Vec<CookieRow>),
    /// Something of a run of probes.
    Probed {
        tab: TabId,
        run: u64,
        step: ProbeStep,
    },
    /// The log of a tab has new entries.
    LogGrew(TabId),
    Job(JobDone),
    /// What was left at the rows of a log in an earlier run.
    MarksFound {
        tab: TabId,
        marks: Marks,
    },
    /// A long draft of an earlier run lies here.
    DraftFound {
        tab: TabId,
        path: String,
    },
    /// The user's editor has ended; `None` if the text was not changed.
    Edited {
        tab: TabId,
        result: Result<Option<String>, String>,
    },
    /// Something was carried out or failed; a sentence for the footer.
    Said {
        ok: bool,
        text: String,
    },
    /// The time that [`schedule::next_deadline`](crate::app::schedule::next_deadline) named has come.
    Deadline,
    /// The system asks us to end (SIGTERM, SIGHUP).
    Terminate,
}
