//! Searching the log. The work runs outside; here it is started, asked and stopped.

use std::sync::Arc;

use super::Cx;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::{Pane, RequestTab, SearchLine, TabId};
use crate::editor::{Editor, Field};
use crate::log::{Mode, Pattern, Scan as _, Search};

impl Cx<'_> {
    /// In composer and detail their own search, else the log's.
    pub(super) fn open_search(&mut self) {
        let tab = self.tab();
        if tab.focus == Pane::Body && tab.request_tab == RequestTab::Message {
            self.open_composer_search();
            return;
        }
        if tab.focus == Pane::Detail {
            self.open_find();
            return;
        }
        self.leave_fields();
        let tab = self.tab();
        tab.focus = Pane::Log;
        tab.log.filter.line = None;
        match &mut tab.log.search.line {
            Some(line) => {
                line.editing = true;
                line.input.select_all();
            }
            line => {
                let placeholder = "text in whole messages — ↑ ↓ hits, Enter keeps, Esc ends";
                let input = Editor::for_field(Field::line().placeholder(placeholder));
                *line = Some(SearchLine { input, regex: false, case: false, editing: true });
            }
        }
    }

    pub(super) fn close_search(&mut self) {
        let search = &mut self.tab().log.search;
        if let Some(running) = search.search.take() {
            running.cancel();
        }
        search.line = None;
        search.problem = None;
        search.running = false;
        search.generation += 1;
    }

    pub(super) fn search_changed(&mut self) {
        self.restart_search();
    }

    /// Begins the search anew: the pattern, a switch or the filter has changed.
    pub(super) fn restart_search(&mut self) {
        let tab = self.tab();
        let view = tab.log.view();
        let search = &mut tab.log.search;
        if let Some(old) = search.search.take() {
            old.cancel();
        }
        search.generation += 1;
        search.problem = None;
        search.running = false;
        let Some(line) = &search.line else { return };
        let text = line.input.text();
        if text.is_empty() {
            return;
        }
        let mode = if line.regex { Mode::Regex } else { Mode::Plain };
        match Pattern::new(&text, mode, !line.case) {
            Err(problem) => search.problem = Some(problem.to_string()),
            Ok(pattern) => {
                let new = Search::new(pattern, view);
                search.search = Some(new.clone());
                search.running = true;
                let job = Job::Scan {
                    tab: tab.id,
                    lane: ScanLane::Search,
                    generation: search.generation,
                    scan: Arc::new(new),
                    log: tab.log.handle.clone(),
                };
                self.effects.push(Effect::Job(job));
            }
        }
    }

    /// The search found more. The first hits bring the nearest one into view.
    pub(super) fn searched(&mut self, tab: TabId, generation: u64, done: bool) {
        let front = self.tab().id;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        if tab.log.search.generation != generation {
            return;
        }
        tab.log.search.running = !done;
        let editing = tab.log.search.line.as_ref().is_some_and(|line| line.editing);
        if tab.id != front || !editing {
            return;
        }
        let Some(search) = &tab.log.search.search else { return };
        let here = if tab.log.cursor > 0 { tab.log.cursor } else { u64::MAX };
        if search.position(here).is_some() {
            return;
        }
        if let Some(hit) = search.previous(here).or_else(|| search.next(here)) {
            self.log_go(hit);
        }
    }

    /// Enter in the search line: keys go to the log again, and stay with the hits.
    pub(super) fn search_submit(&mut self) {
        if let Some(line) = &mut self.tab().log.search.line {
            line.editing = false;
        }
        if self.tab().log.search.line.as_ref().is_some_and(|line| line.input.is_empty()) {
            self.close_search();
        }
    }

    /// Next hit (later in the log) or previous; goes round at the ends.
    pub(super) fn search_step(&mut self, forward: bool) {
        let log = &self.tab().log;
        let Some(search) = log.search.search.clone() else {
            self.info("Nothing is searched for. / begins a search.");
            return;
        };
        let here = log.cursor;
        let hit = match (forward, here) {
            (true, 0) => search.first(),
            (false, 0) => search.last(),
            (true, here) => search.next(here).or_else(|| search.first()),
            (false, here) => search.previous(here).or_else(|| search.last()),
        };
        match hit {
            Some(hit) => self.log_go(hit),
            None if self.tab().log.search.running => self.info("Still searching …"),
            None => self.info("No hits."),
        }
    }

    pub(super) fn search_any(&mut self, forward: bool) {
        let tab = self.tab();
        if tab.focus == Pane::Body && tab.composer.search.is_some() {
            self.composer_find(forward);
        } else if tab.focus == Pane::Detail && self.find_step(forward) {
            // It went to a hit in the message.
        } else {
            self.search_step(forward);
        }
    }

    pub(super) fn toggle_search(&mut self, regex: bool) {
        let tab = self.tab();
        if tab.focus == Pane::Body
            && let Some(search) = &mut tab.composer.search
        {
            let switch = if regex { &mut search.regex } else { &mut search.case };
            *switch = !*switch;
            self.composer_search_changed();
        } else if tab.focus == Pane::Detail
            && let Some(line) = &mut tab.log.detail.find.line
        {
            let switch = if regex { &mut line.regex } else { &mut line.case };
            *switch = !*switch;
            self.find_changed();
        } else if let Some(line) = &mut tab.log.search.line {
            let switch = if regex { &mut line.regex } else { &mut line.case };
            *switch = !*switch;
            self.restart_search();
        } else {
            self.info(
                "Nothing is searched for. / begins a search in the log, Ctrl+F in the composer.",
            );
        }
    }
}
