//! What is left at rows: bookmarks, notes, pins, and the row that times are counted from.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Choice, DeltaMark, Level, MenuItem, Modal, TabId, TextPrompt};
use crate::log::{Marks, TooManyMarks};

/// Lines of the list of marked rows; there is a prompt for numbers beside it.
const LISTED: usize = 500;

impl Cx<'_> {
    /// The row under the cursor. Without one the cursor goes to the newest row, as an arrow does.
    pub(super) fn row_here(&mut self) -> Option<u64> {
        if self.tab().log.cursor == 0 {
            self.log_step(-1, false);
        }
        let here = self.tab().log.cursor;
        if here == 0 {
            self.info("The log shows no rows.");
            return None;
        }
        Some(here)
    }

    /// Counts times from the row under the cursor, or stops doing so.
    pub(super) fn mark_row(&mut self) {
        let Some(number) = self.row_here() else { return };
        let log = &mut self.tab().log;
        if log.mark.is_some_and(|mark| mark.number == number) {
            log.mark = None;
            self.info("Times are counted from row to row again.");
            return;
        }
        match log.handle.get(number) {
            Some(entry) if !entry.is_pending() => {
                log.mark = Some(DeltaMark { number, at: entry.at });
                self.info(format!("Times are counted from #{number}."));
            }
            Some(_) => self.info("It is still being read from disk."),
            None => self.info("This row is not kept any more."),
        }
    }

    pub(super) fn toggle_bookmark(&mut self) {
        let Some(number) = self.row_here() else { return };
        let set = self.tab().log.marks.toggle_bookmark(number);
        let words = ("has a bookmark", "has no bookmark any more");
        self.marked(number, set, words);
    }

    pub(super) fn toggle_pin(&mut self) {
        let Some(number) = self.row_here() else { return };
        let set = self.tab().log.marks.toggle_pin(number);
        self.marked(number, set, ("is pinned", "is not pinned any more"));
    }

    fn marked(&mut self, number: u64, set: Result<bool, TooManyMarks>, words: (&str, &str)) {
        match set {
            Ok(on) => {
                self.marks_changed();
                self.info(format!("#{number} {}.", if on { words.0 } else { words.1 }));
            }
            Err(problem) => self.say(Level::Warning, format!("Not done: {problem}.")),
        }
    }

    /// Those of an earlier run have come. What was marked in this one already stays.
    pub(super) fn marks_found(&mut self, tab: TabId, marks: Marks) {
        if let Some(tab) = self.model.tab_by_id_mut(tab)
            && tab.log.marks.is_empty()
        {
            tab.log.marks = marks;
        }
    }

    /// Marks are written to disk with the log, if that is.
    fn marks_changed(&mut self) {
        let tab = self.tab();
        let (tab, marks) = (tab.id, tab.log.marks.clone());
        self.effects.push(Effect::KeepMarks { tab, marks });
    }

    pub(super) fn prompt_at_row(&mut self, purpose: fn(u64) -> TextPrompt) {
        if let Some(number) = self.row_here() {
            self.prompt(purpose(number));
        }
    }

    pub(super) fn name_bookmark(&mut self, number: u64, name: &str) -> Result<(), String> {
        let set = self.tab().log.marks.name_bookmark(number, name);
        set.map_err(|problem| format!("{problem}."))?;
        self.marks_changed();
        Ok(())
    }

    pub(super) fn annotate(&mut self, number: u64, note: &str) -> Result<(), String> {
        let set = self.tab().log.marks.annotate(number, note);
        set.map_err(|problem| format!("{problem}."))?;
        self.marks_changed();
        Ok(())
    }

    pub(super) fn go_bookmark(&mut self, forward: bool) {
        let log = &self.tab().log;
        let here = match (log.cursor, forward) {
            (0, true) => u64::MAX,
            (0, false) => log.handle.stats().end,
            (here, _) => here,
        };
        let marks = &log.marks;
        let found = if forward { marks.next_bookmark(here) } else { marks.previous_bookmark(here) };
        match found {
            Some(number) => self.go_marked(number),
            None if marks.iter().all(|(_, m)| m.bookmark.is_none()) => {
                self.info("There are no bookmarks. b sets one.");
            }
            None => self.info(if forward {
                "No bookmark further down."
            } else {
                "No bookmark further up."
            }),
        }
    }

    /// Goes to a row that was marked, if it can be.
    pub(super) fn go_marked(&mut self, number: u64) {
        let stats = self.tab().log.handle.stats();
        if number < stats.first {
            let text =
                format!("#{number} is not kept any more; the log begins at #{}.", stats.first);
            self.say(Level::Warning, text);
            return;
        }
        if let Err(why) = self.land(number, None) {
            self.info(why);
        }
    }

    pub(super) fn open_marked_rows(&mut self) {
        let log = &self.tab().log;
        if log.marks.is_empty() {
            self.info("No row is marked: b sets a bookmark, A writes a note, P pins.");
            return;
        }
        let first = log.handle.stats().first;
        let here = log.cursor;
        let items: Vec<MenuItem> = log
            .marks
            .iter()
            .take(LISTED)
            .map(|(number, marks)| {
                let mut label = String::new();
                for (on, sign) in [
                    (marks.bookmark.is_some(), '★'),
                    (!marks.note.is_empty(), '✎'),
                    (marks.pinned, '◆'),
                ] {
                    label.push(if on { sign } else { ' ' });
                }
                label.push_str(&format!(" #{number}  {}", marks.words()));
                let note =
                    if number < first { "not kept any more".to_owned() } else { String::new() };
                MenuItem { key: None, label, note, on: None, choice: Choice::Row(number) }
            })
            .collect();
        let cursor = log.marks.iter().take(LISTED).position(|(number, _)| number >= here);
        let title = match log.marks.len() {
            n if n > LISTED => format!("The first {LISTED} of {n} marked rows"),
            n => format!("Marked rows: {n}"),
        };
        let cursor = cursor.unwrap_or(items.len() - 1);
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }
}
