//! Filters on contents: the line in which one is typed, what is applied, and the rules of the
//! workspace that mark rows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::TabId;
use crate::core::log_rules::{LogRules, Tint};
use crate::editor::Editor;
use crate::log::query::{Facts, Ground, Query, QueryError, Test};
use crate::log::{Entry, Sieve};

/// The line in which a filter is typed.
#[derive(Debug)]
pub struct FilterLine {
    pub input: Editor,
    /// What is wrong with it so far; nothing is said of an empty one.
    pub problem: Option<QueryError>,
    /// Place in the history while the up key walks through it, and what was typed before.
    pub recalled: Option<(usize, String)>,
}

/// The filter on contents of one log.
#[derive(Debug, Default)]
pub struct FilterState {
    /// While it is typed; keys go there.
    pub line: Option<FilterLine>,
    /// The filter that is applied, as typed; empty for none.
    pub text: String,
    /// Shows its rows; runs outside the loop.
    pub sieve: Option<Sieve>,
    /// Names the running sieve, so that a late result of an older one is dropped.
    pub generation: u64,
    /// Not everything that is kept has been looked at yet.
    pub running: bool,
}

/// A rule that marks rows, ready to be asked.
#[derive(Debug)]
pub struct Highlight {
    test: Arc<Test>,
    pub tint: Tint,
    pub word: String,
}

/// Of a payload this much is looked at to mark its row: it happens while drawing.
const LOOKED_AT: usize = 256 * 1024;

/// Rows whose answer is remembered.
const REMEMBERED: usize = 4096;

/// The rules that mark rows. Only rows that are drawn are asked, each once.
#[derive(Debug, Default)]
pub struct Highlights {
    rules: Vec<Highlight>,
    /// Which rule fits, by row.
    known: RefCell<HashMap<(TabId, u64), Option<usize>>>,
}

impl Highlights {
    /// Rules that are switched off, or that this version cannot read, mark nothing.
    #[must_use]
    pub fn new(rules: &LogRules, ground: &Ground) -> Highlights {
        let rules = rules
            .highlights
            .iter()
            .filter(|rule| rule.on)
            .filter_map(|rule| {
                let test = Test::new(Query::parse(&rule.query).ok()?, ground);
                Some(Highlight { test, tint: rule.tint, word: rule.word.clone() })
            })
            .collect();
        Highlights { rules, known: RefCell::default() }
    }

    /// The first rule that fits the row. Notes are not marked.
    #[must_use]
    pub fn of(&self, tab: TabId, entry: &Entry) -> Option<&Highlight> {
        if self.rules.is_empty() {
            return None;
        }
        let (direction, kind, payload) = entry.message()?;
        let mut known = self.known.borrow_mut();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let at = *known.entry((tab, entry.number)).or_insert_with(|| {
            let facts = Facts {
                number: entry.number,
                at: entry.at,
                message: Some((direction, kind)),
                payload: &payload[..payload.len().min(LOOKED_AT)],
            };
            self.rules.iter().position(|rule| rule.test.passes(&facts, &|| false))
        });
        self.rules.get(at?)
    }
}
