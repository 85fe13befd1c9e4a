//! Filtering the log by contents. The sieve runs outside; here it is typed, started and stopped.

use std::sync::Arc;

use super::Cx;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::{FilterLine, Level, Pane, TabId};
use crate::config::Timestamps;
use crate::editor::{Edit, Editor, Field};
use crate::log::Scan as _;
use crate::log::Sieve;
use crate::log::query::{Ground, Query, Test, like, offers};

/// Filters that are remembered while the program runs.
const HISTORY: usize = 100;

impl Cx<'_> {
    /// The clock that the log shows, and the time.
    pub(super) fn ground(&self) -> Ground {
        let zone = match self.model.settings.log.timestamps {
            Timestamps::Utc => jiff::tz::TimeZone::UTC,
            Timestamps::Local | Timestamps::Relative => self.model.zone.clone(),
        };
        Ground { now: self.now, zone }
    }

    pub(super) fn open_filter_line(&mut self) {
        self.leave_fields();
        let tab = self.tab();
        tab.focus = Pane::Log;
        if let Some(search) = &mut tab.log.search.line {
            search.editing = false;
        }
        if tab.log.filter.line.is_some() {
            return;
        }
        let placeholder =
            "in type:text size>10k $.type == \"error\" — Tab completes, ↑ earlier ones";
        let mut input = Editor::for_field(Field::line().placeholder(placeholder));
        input.reset_text(&tab.log.filter.text);
        input.select_all();
        tab.log.filter.line = Some(FilterLine { input, problem: None, recalled: None });
    }

    /// Judges what is typed; the log goes on showing what it shows until Enter.
    pub(super) fn filter_typed(&mut self) {
        if let Some(line) = &mut self.tab().log.filter.line {
            line.recalled = None;
            line.judge();
        }
    }

    /// Enter: the line becomes the filter, an empty one none.
    pub(super) fn filter_submit(&mut self) {
        let Some(line) = &mut self.tab().log.filter.line else { return };
        let text = line.input.text().trim().to_owned();
        line.judge();
        if let Some(problem) = &line.problem {
            let text = format!("{problem}.");
            self.say(Level::Error, text);
            return;
        }
        self.tab().log.filter.line = None;
        self.apply_filter(&text);
    }

    /// Shows the rows that fit, or everything for an empty text. A text that cannot be read is
    /// told and changes nothing.
    pub(super) fn apply_filter(&mut self, text: &str) {
        if !text.is_empty()
            && let Err(problem) = Query::parse(text)
        {
            self.say(Level::Error, format!("The filter cannot be read: {problem}."));
            return;
        }
        if !text.is_empty() {
            let history = &mut self.model.filter_history;
            history.retain(|earlier| earlier != text);
            history.push_front(text.to_owned());
            history.truncate(HISTORY);
        }
        text.clone_into(&mut self.tab().log.filter.text);
        self.filter_changed();
    }

    /// What is shown has changed: the sieve and the search within it begin anew.
    pub(super) fn shown_changed(&mut self) {
        self.restart_sieve();
        self.restart_search();
    }

    /// Begins the sieve anew: the filter, or the types and directions that are shown, changed.
    pub(super) fn restart_sieve(&mut self) {
        let ground = self.ground();
        let tab = self.tab();
        let filter = &mut tab.log.filter;
        if let Some(old) = filter.sieve.take() {
            old.cancel();
        }
        filter.generation += 1;
        filter.running = false;
        if filter.text.is_empty() {
            return;
        }
        let Ok(query) = Query::parse(&filter.text) else { return };
        let sieve = Sieve::new(Test::new(query, &ground), tab.log.shown.filter());
        filter.sieve = Some(sieve.clone());
        filter.running = true;
        let job = Job::Scan {
            tab: tab.id,
            lane: ScanLane::Sieve,
            generation: filter.generation,
            scan: Arc::new(sieve),
            log: tab.log.handle.clone(),
        };
        self.effects.push(Effect::Job(job));
    }

    /// The sieve found more, or has looked at everything.
    pub(super) fn sifted(&mut self, tab: TabId, generation: u64, done: bool) {
        if let Some(tab) = self.model.tab_by_id_mut(tab)
            && tab.log.filter.generation == generation
        {
            tab.log.filter.running = !done;
        }
    }

    /// Up and down in the line: filters that were applied before.
    pub(super) fn filter_recall(&mut self, older: bool) {
        let history = std::mem::take(&mut self.model.filter_history);
        if let Some(line) = &mut self.tab().log.filter.line {
            let (at, typed) = match line.recalled.take() {
                Some((at, typed)) => (Some(at), typed),
                None => (None, line.input.text()),
            };
            let next = match (at, older) {
                (None, true) => history.iter().position(|earlier| *earlier != typed),
                (Some(at), true) => Some((at + 1).min(history.len().saturating_sub(1))),
                (at, false) => at.and_then(|at| at.checked_sub(1)),
            };
            let next = next.and_then(|at| Some((at, history.get(at)?)));
            match next {
                Some((at, text)) => {
                    line.input.reset_text(text);
                    line.recalled = Some((at, typed));
                }
                None => line.input.reset_text(&typed),
            }
            let motion = crate::editor::Motion::LineEnd;
            line.input.apply(Edit::Move { motion, extend: false });
            line.judge();
        }
        self.model.filter_history = history;
    }

    /// Puts the first term that is offered in place of the word before the cursor.
    pub(super) fn filter_complete(&mut self) {
        let Some(line) = &mut self.tab().log.filter.line else { return };
        let text = line.input.text();
        let offer = offers(&text, line.cursor());
        let Some(term) = offer.terms.first() else { return };
        let chars = |byte: usize| text[..byte].chars().count();
        line.input.select(chars(offer.replaces.start)..chars(offer.replaces.end));
        line.input.apply(Edit::Insert(term.insert.to_owned()));
        line.judge();
    }

    /// Shows what is like the message under the cursor, or the newest one.
    pub(super) fn filter_like(&mut self) {
        let log = &self.tab().log;
        let view = log.view();
        let newest = || {
            let row = log.handle.rows(&view).checked_sub(1)?;
            log.handle.number_at(&view, row)
        };
        let number = if log.cursor > 0 { Some(log.cursor) } else { newest() };
        let entry = number.and_then(|number| log.handle.get(number));
        let Some(entry) = entry else {
            self.info("There is no message to be like.");
            return;
        };
        if entry.is_pending() {
            self.info("It is still being read from disk.");
            return;
        }
        match entry.message() {
            Some((direction, kind, payload)) => {
                let text = like(direction, kind, payload);
                self.tab().log.filter.line = None;
                self.apply_filter(&text);
            }
            None => self.info("This line is no message."),
        }
    }
}

impl FilterLine {
    /// Bytes before the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.text().chars().take(self.input.cursor()).map(char::len_utf8).sum()
    }

    fn judge(&mut self) {
        let text = self.input.text();
        let is_blank = text.trim().is_empty();
        self.problem = if is_blank { None } else { Query::parse(&text).err() };
    }
}
