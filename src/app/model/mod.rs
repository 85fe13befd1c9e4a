//! Everything that can be on screen.

mod advice;
mod composer;
mod connection;
mod cookies;
mod credential;
mod debug;
mod detail;
mod filter;
mod focus;
mod form;
mod handshake;
mod jump;
mod log_pane;
mod modal;
mod round_trips;
mod sent;
mod stats;
mod tab;
mod table;
mod transfer;
mod ways;
pub mod wire;
mod work;

/// A row of a log, for whoever draws it.
pub use crate::log::Entry as LogEntry;
/// What can go on where the cursor stands in a filter, for whoever draws it.
pub use crate::log::query::offers as filter_offers;
pub use advice::{AdviceLine, advice_lines, advised};
pub use composer::{Composer, ComposerSearch, SavedMessage, Validation};
pub use connection::{Attempt, Connection, Consent, Planned, Probing, Reconnect};
pub use cookies::CookieRow;
pub use credential::{Dialogue, Ending, Matter, OnItsWay, SOON_S, ending};
pub use detail::{
    Against, Body, Compared, Detail, DetailView, Find, Found, Glyph, Hit, JqLine, MOST_HITS, Piece,
    Rows, TreeView, Work,
};
pub use filter::{FilterLine, FilterState, Highlight, Highlights};
pub use focus::{Pane, RequestTab};
pub use form::{FormRow, FormState, FormValue, auth_rows, offset_words, settings_rows};
pub use handshake::{HandshakeState, Section, Taken, Viewed, conclusion};
pub use jump::{Jump, TAKES as JUMP_TAKES, moment, nearest};
pub use log_pane::{Answer, DeltaMark, LogPane, SearchLine, SearchState, Shown};
pub use modal::{Choice, MenuItem, Modal, Outfile, Question, RuleChoice, TextPrompt};
pub use round_trips::RoundTrips;
pub use sent::{SentLine, SentPart, note_of, sent, sent_text};
pub use stats::{
    Figures, PairFigures, PingFigures, Section as StatSection, SortMethods, StatRow, StatsView,
    as_json, as_markdown, as_text, sections,
};
pub use tab::{Preview, Shared, Tab, TabId};
pub use table::{TableKind, TableState};
pub use transfer::{FileTransfer, TransferStage};
pub use ways::{NearWay, WayLine, WayList, way_label};
pub use work::{TICK_US, Task, Working};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::app::geometry::Geometry;
use crate::config::{Keymap, Settings};
use crate::core::log_rules::LogRules;
use crate::core::request::Scopes;
use crate::core::stage::ConnId;
use crate::core::time::Micros;
use crate::log::query::Ground;

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// A sentence in the footer that goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub level: Level,
    pub text: String,
    pub until: Micros,
}

pub struct Model {
    /// Never empty.
    pub tabs: Vec<Tab>,
    pub active: usize,
    /// Windows over the screen; the last one gets the keys.
    pub modals: Vec<Modal>,
    pub notice: Option<Notice>,
    pub keymap: Keymap,
    pub settings: Settings,
    /// What is wrong with the user's files, a line each; told at the start and kept to be read.
    pub problems: Vec<String>,
    /// Addresses that were connected to, newest first.
    pub url_history: VecDeque<String>,
    pub geometry: Geometry,
    pub show_saved: bool,
    pub show_detail: bool,
    /// Share of the height that the request part takes, in percent.
    pub split: u16,
    /// Events of connections that had been given up; counted, since they were dropped.
    pub late_events: u64,
    /// For times of day on screen.
    pub zone: jiff::tz::TimeZone,
    /// What folders and workspace give to their requests; every tab shares it.
    pub scopes: Arc<Scopes>,
    /// Filters by name and marks of rows, kept with the workspace. Changed by
    /// [`Model::set_rules`].
    pub rules: LogRules,
    pub highlights: Highlights,
    /// Filters of logs that were applied, newest first.
    pub filter_history: VecDeque<String>,
    /// Ways of authenticating that were chosen, the last one first.
    pub recent_ways: Vec<String>,
    /// Fields that the guide through a way has asked for.
    pub asked: Vec<&'static str>,
    /// The program ends after this update.
    pub quit: bool,
    pub(crate) next_conn: u64,
    pub(crate) next_tab: u64,
    pub(crate) next_probing: u64,
    /// Work on composed texts and files sent.
    pub(crate) next_work: u64,
    /// The workspace on disk is older than the screen; to be saved at this time.
    pub(crate) save_at: Option<Micros>,
    /// A long text was changed: since when, and when it is to be saved. It is written as a whole,
    /// so a pause is waited for.
    pub(crate) draft_at: Option<(Micros, Micros)>,
    /// What a drag began on.
    pub(crate) drag: Option<crate::app::geometry::Target>,
}

impl Model {
    /// A model with one empty tab.
    #[must_use]
    pub fn new(keymap: Keymap, settings: Settings) -> Model {
        let mut model = Model {
            tabs: Vec::new(),
            active: 0,
            modals: Vec::new(),
            notice: None,
            keymap,
            settings,
            problems: Vec::new(),
            url_history: VecDeque::new(),
            geometry: Geometry::default(),
            show_saved: true,
            show_detail: true,
            split: 45,
            late_events: 0,
            zone: jiff::tz::TimeZone::UTC,
            scopes: Arc::default(),
            rules: LogRules::default(),
            highlights: Highlights::default(),
            filter_history: VecDeque::new(),
            recent_ways: Vec::new(),
            asked: Vec::new(),
            quit: false,
            next_conn: 1,
            next_tab: 1,
            next_probing: 1,
            next_work: 1,
            save_at: None,
            draft_at: None,
            drag: None,
        };
        model.push_tab(crate::core::request::RequestDraft::default(), String::new());
        model
    }

    /// Adds a tab behind the last one and goes to it.
    pub fn push_tab(
        &mut self,
        draft: crate::core::request::RequestDraft,
        name: String,
    ) -> &mut Tab {
        let id = TabId(self.next_tab);
        self.next_tab += 1;
        let mut tab = Tab::new(id, name, draft, &self.settings);
        tab.scopes = Arc::clone(&self.scopes);
        self.tabs.push(tab);
        self.active = self.tabs.len() - 1;
        &mut self.tabs[self.active]
    }

    /// Takes what folders and workspace give from now on.
    pub fn set_scopes(&mut self, scopes: Scopes, now: Micros) {
        self.scopes = Arc::new(scopes);
        for tab in &mut self.tabs {
            tab.scopes = Arc::clone(&self.scopes);
            tab.refresh_preview(now);
        }
    }

    /// Takes the workspace's filters and marks.
    pub fn set_rules(&mut self, rules: LogRules, ground: &Ground) {
        self.highlights = Highlights::new(&rules, ground);
        self.rules = rules;
    }

    #[must_use]
    pub fn tab(&self) -> &Tab {
        &self.tabs[self.active.min(self.tabs.len() - 1)]
    }

    pub fn tab_mut(&mut self) -> &mut Tab {
        let index = self.active.min(self.tabs.len() - 1);
        &mut self.tabs[index]
    }

    #[must_use]
    pub fn tab_by_id(&self, id: TabId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.id == id)
    }

    pub fn tab_by_id_mut(&mut self, id: TabId) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.id == id)
    }

    pub(crate) fn new_work(&mut self) -> u64 {
        let number = self.next_work;
        self.next_work += 1;
        number
    }

    /// Whether a long text was changed and its time to be saved has not come.
    #[must_use]
    pub fn is_draft_pending(&self) -> bool {
        self.draft_at.is_some()
    }

    pub(crate) fn new_conn(&mut self) -> ConnId {
        let id = ConnId(self.next_conn);
        self.next_conn += 1;
        id
    }

    /// Says something in the footer for some seconds; a later one replaces it.
    pub fn say(&mut self, level: Level, text: impl Into<String>, now: Micros) {
        let seconds = if level == Level::Info { 4 } else { 8 };
        self.notice = Some(Notice {
            level,
            text: text.into(),
            until: now.plus(std::time::Duration::from_secs(seconds)),
        });
    }
}
