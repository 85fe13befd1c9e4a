//! The message log's view: place, filter, selection.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Level, Modal, Pane, Question, TabId, TextPrompt};
use crate::core::action::Action;
use crate::core::event::Command;
use crate::core::message::{Direction, MessageKind};
use crate::log::{CopyAs, Row};

impl Cx<'_> {
    pub(super) fn log_grew(&mut self, tab: TabId) {
        let front = self.tab().id;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        // The rows of an earlier session are no news.
        let restored = tab.log.handle.stats().restored.saturating_sub(1);
        tab.log.seen = tab.log.seen.max(restored);
        if tab.id != front {
            tab.unseen = tab.log.handle.count_after(tab.log.view(), tab.log.seen);
        } else if tab.log.follow {
            tab.log.seen = tab.log.handle.stats().end.saturating_sub(1);
        }
    }

    pub(super) fn log_act(&mut self, action: Action) -> bool {
        let page = i64::from(self.model.geometry.log.height.max(2)) - 1;
        match action {
            Action::Up => self.log_step(-1, false),
            Action::Down => self.log_step(1, false),
            Action::PageUp => self.log_step(-page, false),
            Action::PageDown => self.log_step(page, false),
            Action::First => self.log_step(i64::MIN, false),
            Action::Last => self.follow(),
            Action::ExtendUp => self.log_step(-1, true),
            Action::ExtendDown => self.log_step(1, true),
            Action::SelectAll => self.select_log(),
            Action::OpenDetail | Action::Submit => {
                self.model.show_detail = true;
                if self.tab().log.cursor == 0 {
                    self.log_step(-1, false);
                }
                self.tab().focus = Pane::Detail;
            }
            Action::ToggleWrap => return self.detail_act(action),
            Action::Copy | Action::CopyWhole => self.copy_entries(CopyAs::Whole),
            Action::CopyPreview => self.copy_entries(CopyAs::Preview),
            Action::CopyHex => self.copy_entries(CopyAs::Hex),
            Action::CopyBase64 => self.copy_entries(CopyAs::Base64),
            Action::CopyMenu => self.open_copy_menu(),
            Action::Resend => self.resend(),
            Action::LoadIntoComposer => self.load_entry(),
            _ => return self.detail_only(action),
        }
        true
    }

    /// Actions on how the log is seen, from wherever they are asked for.
    pub(super) fn log_view_act(&mut self, action: Action) -> bool {
        match action {
            Action::Pause => self.pause(),
            Action::Jump => self.prompt(TextPrompt::Jump),
            Action::NextSameKind => self.seek_like(true),
            Action::PreviousSameKind => self.seek_like(false),
            Action::NextNote => self.seek_note(true),
            Action::PreviousNote => self.seek_note(false),
            Action::Bookmark => self.toggle_bookmark(),
            Action::NameBookmark => self.prompt_at_row(TextPrompt::NameBookmark),
            Action::NextBookmark => self.go_bookmark(true),
            Action::PreviousBookmark => self.go_bookmark(false),
            Action::Annotate => self.prompt_at_row(TextPrompt::Annotate),
            Action::Pin => self.toggle_pin(),
            Action::MarkedRows => self.open_marked_rows(),
            Action::MarkRow => self.mark_row(),
            Action::Columns => self.open_columns(),
            Action::NextTimestamps => self.next_timestamps(),
            Action::ShowSent => self.show_only(Direction::Out),
            Action::ShowReceived => self.show_only(Direction::In),
            _ => return false,
        }
        true
    }

    /// Moves the cursor by shown rows; the window follows, and following ends.
    pub(super) fn log_step(&mut self, by: i64, extend: bool) {
        let height = u64::from(self.model.geometry.log.height.max(1));
        let log = &mut self.tab().log;
        let view = log.view();
        let last_row = log.handle.rows(&view).checked_sub(1);
        let Some(last) = last_row.and_then(|row| log.handle.number_at(&view, row)) else { return };
        // Without a cursor the newest row counts as the place to start from.
        let from = if log.cursor == 0 { last } else { log.cursor };
        let first_press = log.cursor == 0 && by.unsigned_abs() == 1;
        let by = if first_press { 0 } else { by };
        let Some(target) = log.handle.step_from(&view, from, by) else { return };
        if extend {
            log.anchor.get_or_insert(from);
        } else {
            log.anchor = None;
        }
        if !extend && by > 0 && target == last && log.follow {
            return;
        }
        self.stop_following();
        let log = &mut self.tab().log;
        log.cursor = target;
        let row = log.handle.row_of(&view, target);
        let top = log.handle.row_of(&view, log.top);
        let top = if row < top {
            row
        } else if row >= top + height {
            row + 1 - height
        } else {
            top
        };
        log.top = log.handle.number_at(&view, top).unwrap_or(target);
    }

    /// Puts the cursor on an entry and brings it into the window.
    pub(super) fn log_go(&mut self, number: u64) {
        let height = u64::from(self.model.geometry.log.height.max(1));
        self.stop_following();
        let log = &mut self.tab().log;
        let view = log.view();
        log.cursor = number;
        log.anchor = None;
        let row = log.handle.row_of(&view, number);
        let top = log.handle.row_of(&view, log.top);
        if row < top || row >= top + height {
            let top = row.saturating_sub(height / 2);
            log.top = log.handle.number_at(&view, top).unwrap_or(number);
        }
    }

    /// Scrolls the window without the cursor.
    pub(super) fn log_scroll(&mut self, by: i64) {
        let height = u64::from(self.model.geometry.log.height.max(1));
        let log = &self.tab().log;
        let view = log.view();
        let rows = log.handle.rows(&view);
        let last_top = rows.saturating_sub(height);
        if log.follow && by > 0 {
            return;
        }
        self.stop_following();
        let log = &mut self.tab().log;
        let top = log.handle.row_of(&view, log.top).saturating_add_signed(by);
        if top >= last_top && by > 0 {
            self.follow();
            return;
        }
        log.top = log.handle.number_at(&view, top.min(last_top)).unwrap_or(log.top);
    }

    /// Holds the window still, or lets it go to the end again. Messages go on coming.
    fn pause(&mut self) {
        if self.tab().log.paused {
            self.follow();
            self.info("Following again.");
            return;
        }
        self.stop_following();
        let log = &mut self.tab().log;
        log.paused = true;
        log.seen = log.handle.stats().end.saturating_sub(1);
        // The detail stands still too.
        if log.cursor == 0 {
            let view = log.view();
            let last = log.handle.rows(&view).checked_sub(1);
            log.cursor = last.and_then(|row| log.handle.number_at(&view, row)).unwrap_or(0);
        }
    }

    pub(super) fn stop_following(&mut self) {
        // A line below the rows tells of it, and takes one of them.
        let height = match self.model.geometry.log.height {
            height @ 3.. => u64::from(height) - 1,
            height => u64::from(height.max(1)),
        };
        let log = &mut self.tab().log;
        if !log.follow {
            return;
        }
        let view = log.view();
        let top = log.handle.rows(&view).saturating_sub(height);
        log.top = log.handle.number_at(&view, top).unwrap_or(0);
        log.seen = log.handle.stats().end.saturating_sub(1);
        log.follow = false;
    }

    pub(super) fn follow(&mut self) {
        let log = &mut self.tab().log;
        log.follow = true;
        log.paused = false;
        log.cursor = 0;
        log.anchor = None;
        log.seen = log.handle.stats().end.saturating_sub(1);
    }

    fn select_log(&mut self) {
        let log = &mut self.tab().log;
        let view = log.view();
        let Some(last_row) = log.handle.rows(&view).checked_sub(1) else { return };
        let first = log.handle.number_at(&view, 0);
        let last = log.handle.number_at(&view, last_row);
        if let (Some(first), Some(last)) = (first, last) {
            self.log_go(last);
            self.tab().log.anchor = Some(first);
        }
    }

    pub(super) fn filter_direction(&mut self) {
        let shown = &mut self.tab().log.shown;
        shown.direction = match shown.direction {
            None => Some(Direction::In),
            Some(Direction::In) => Some(Direction::Out),
            Some(Direction::Out) => None,
        };
        self.filter_changed();
    }

    /// Messages of one direction, or of both if it was that one already.
    fn show_only(&mut self, direction: Direction) {
        let shown = &mut self.tab().log.shown;
        shown.direction = if shown.direction == Some(direction) { None } else { Some(direction) };
        self.filter_changed();
    }

    pub(super) fn filter_clear(&mut self) {
        self.tab().log.shown = crate::app::model::Shown::default();
        self.tab().log.filter.text.clear();
        self.filter_changed();
    }

    pub(super) fn filter_changed(&mut self) {
        self.shown_changed();
        let log = &self.tab().log;
        let label = match (log.shown.label(), log.filter.text.as_str()) {
            (label, "") => label,
            (label, text) if label == "all" => text.to_owned(),
            (label, text) => format!("{label}, {text}"),
        };
        self.info(format!("Shown: {label}."));
    }

    pub(super) fn ask_clear_log(&mut self) {
        let id = self.tab().id;
        let kept = self.tab().log.handle.stats().kept();
        if kept == 0 {
            self.info("The log is empty.");
            return;
        }
        self.model.modals.push(Modal::Confirm {
            title: "Clear the log?".into(),
            text: format!("{kept} entries of this tab will be gone."),
            yes: "Clear",
            no: "Keep",
            question: Question::ClearLog(id),
            on_yes: true,
        });
    }

    pub(super) fn clear_log(&mut self, id: TabId) {
        if let Some(tab) = self.model.tab_by_id_mut(id) {
            tab.log.handle.clear();
            // Its rows are gone, and so are the numbers about them.
            if let Some(pairs) = tab.log.pairs.take() {
                crate::log::Scan::cancel(&pairs);
            }
            tab.log.follow = true;
            tab.log.paused = false;
            tab.log.mark = None;
            tab.log.marks.clear();
            tab.log.cursor = 0;
            tab.log.anchor = None;
            let marks = tab.log.marks.clone();
            self.effects.push(Effect::KeepMarks { tab: id, marks });
        }
        self.restart_search();
    }

    fn resend(&mut self) {
        let number = self.tab().log.cursor;
        let Some(entry) = self.tab().log.handle.get(number) else {
            self.info("Choose a message first.");
            return;
        };
        match &entry.row {
            Row::Message { kind: MessageKind::Text, payload, .. } => {
                match String::from_utf8(payload.to_vec()) {
                    Ok(text) => self.send_now(Command::SendText(text)),
                    Err(_) => {
                        self.say(Level::Error, "It is no valid UTF-8, so it cannot go out as text.")
                    }
                }
            }
            Row::Message { kind: MessageKind::Binary, payload, .. } => {
                self.send_now(Command::SendBinary(payload.clone()));
            }
            Row::Message { kind: MessageKind::Ping, payload, .. } => {
                self.send_now(Command::Ping(payload.clone()));
            }
            Row::Pending => self.info("It is still being read from disk."),
            _ => self.info("Only text, binary messages and pings can be sent again."),
        }
    }
}
