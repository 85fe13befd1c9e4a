//! The message log's view: place, filter, selection, detail.

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{DetailView, Level, Modal, Pane, Question, TabId};
use crate::core::action::Action;
use crate::core::event::Command;
use crate::core::message::{Direction, MessageKind};
use crate::core::sanitize;
use crate::log::{CopyAs, Row, export_text};
use crate::payload::{self, BinaryForm, Kind, human_bytes};

/// Payloads up to this many bytes are laid out on the loop.
const INLINE: usize = 64 * 1024;

/// Larger ones are not offered in a laid-out form: raw and hex show them at once.
const PRETTY_MOST: usize = 64 * 1024 * 1024;

impl Cx<'_> {
    pub(super) fn log_grew(&mut self, tab: TabId) {
        let front = self.tab().id;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
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
            Action::ViewPretty => self.set_view(DetailView::Pretty),
            Action::ViewRaw => self.set_view(DetailView::Raw),
            Action::ViewHex => self.set_view(DetailView::Hex),
            Action::ToggleWrap | Action::ViewNext => return self.detail_act(action),
            Action::Copy | Action::CopyWhole => self.copy_entries(CopyAs::Whole),
            Action::CopyPreview => self.copy_entries(CopyAs::Preview),
            Action::CopyHex => self.copy_entries(CopyAs::Hex),
            Action::CopyBase64 => self.copy_entries(CopyAs::Base64),
            Action::CopyMenu => self.open_copy_menu(),
            Action::ReadOutside => self.read_outside(),
            Action::Resend => self.resend(),
            Action::LoadIntoComposer => self.load_entry(),
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

    fn stop_following(&mut self) {
        let height = u64::from(self.model.geometry.log.height.max(1));
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

    pub(super) fn filter_clear(&mut self) {
        self.tab().log.shown = crate::app::model::Shown::default();
        self.filter_changed();
    }

    pub(super) fn filter_changed(&mut self) {
        self.restart_search();
        let label = self.tab().log.shown.label();
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
            tab.log.follow = true;
            tab.log.cursor = 0;
            tab.log.anchor = None;
        }
        self.restart_search();
    }

    pub(super) fn detail_act(&mut self, action: Action) -> bool {
        let view = self.model.geometry.detail;
        let detail = &mut self.tab().log.detail;
        detail.viewport.width = view.width.max(1);
        detail.viewport.height = view.height.max(1);
        let page = isize::try_from(view.height.max(2)).unwrap_or(2) - 1;
        let rows = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::First => isize::MIN / 2,
            Action::Last => isize::MAX / 2,
            Action::Left | Action::Right => {
                let left = &mut detail.viewport.left_column;
                *left = if action == Action::Left { left.saturating_sub(8) } else { *left + 8 };
                return true;
            }
            Action::ToggleWrap => {
                detail.viewport.wrap = !detail.viewport.wrap;
                detail.viewport.left_column = 0;
                return true;
            }
            Action::ViewNext => {
                let at = DetailView::ALL.iter().position(|v| *v == detail.view).unwrap_or(0);
                self.set_view(DetailView::ALL[(at + 1) % DetailView::ALL.len()]);
                return true;
            }
            Action::ExtendUp | Action::ExtendDown => return true,
            _ => return self.log_act(action),
        };
        detail.viewport.scroll_rows(&detail.text, rows);
        true
    }

    pub(super) fn set_view(&mut self, view: DetailView) {
        let detail = &mut self.tab().log.detail;
        if detail.view != view {
            detail.view = view;
            detail.number = 0;
        }
    }

    /// Lets the detail show the entry under the cursor, or the newest while following.
    pub(super) fn sync_detail(&mut self) {
        if !self.model.show_detail {
            return;
        }
        let zone = self.model.zone.clone();
        let tab = self.model.tab_mut();
        let log = &mut tab.log;
        let view = log.view();
        let number = if log.cursor > 0 {
            Some(log.cursor)
        } else {
            log.handle.rows(&view).checked_sub(1).and_then(|row| log.handle.number_at(&view, row))
        };
        let number = number.unwrap_or(0);
        let detail = &mut log.detail;
        if detail.number == number {
            return;
        }
        detail.number = number;
        detail.pending = false;
        detail.viewport.top_line = 0;
        detail.viewport.top_offset = 0;
        detail.viewport.left_column = 0;
        detail.lines.take();
        let Some(entry) = log.handle.get(number) else {
            detail.title.clear();
            detail.text.reset_text("");
            return;
        };
        let (kind, payload) = match &entry.row {
            // Asked again when the log says that it has grown.
            Row::Pending => {
                detail.number = 0;
                detail.pending = true;
                detail.text.reset_text("");
                return;
            }
            Row::Note(note) => {
                detail.kind = Kind::Text;
                detail.title = "note".into();
                detail.text.reset_text(&note.text());
                return;
            }
            Row::Message { kind, payload, .. } => (*kind, payload.clone()),
        };
        detail.title = title(&entry, &zone);
        if kind == MessageKind::Close {
            detail.kind = Kind::Text;
            let text = match detail.view {
                DetailView::Hex => lay(DetailView::Hex, Kind::Binary, &payload),
                _ => export_text(std::slice::from_ref(&entry), CopyAs::Whole),
            };
            detail.text.reset_text(&text);
            return;
        }
        detail.kind = payload::classify(&payload, kind == MessageKind::Text);
        if payload.len() <= INLINE {
            let text = lay(detail.view, detail.kind, &payload);
            detail.text.reset_text(&text);
        } else {
            detail.pending = true;
            detail.text.reset_text("");
            let job =
                Job::Lay { tab: tab.id, number, view: detail.view, kind: detail.kind, payload };
            self.effects.push(Effect::Job(job));
        }
    }

    pub(super) fn detail_laid(&mut self, tab: TabId, number: u64, view: DetailView, text: &str) {
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        let detail = &mut tab.log.detail;
        if detail.number == number && detail.view == view {
            detail.pending = false;
            detail.text.reset_text(text);
        }
    }

    /// The message as the detail shows it, in the user's pager.
    fn read_outside(&mut self) {
        self.model.show_detail = true;
        self.sync_detail();
        let detail = &self.tab().log.detail;
        if detail.pending {
            self.info("The message is still being laid out.");
            return;
        }
        if detail.number == 0 {
            self.info("Choose a message first.");
            return;
        }
        let suffix = match detail.view {
            DetailView::Pretty => detail.kind.suffix(),
            DetailView::Raw | DetailView::Hex => "txt",
        };
        let text = detail.text.rope().clone();
        self.effects.push(Effect::Page { text, suffix });
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
            _ => self.info("Only text, binary messages and pings can be sent again."),
        }
    }

    fn load_entry(&mut self) {
        let number = self.tab().log.cursor;
        let Some(entry) = self.tab().log.handle.get(number) else {
            self.info("Choose a message first.");
            return;
        };
        match &entry.row {
            Row::Message { kind: MessageKind::Text, payload, .. } => {
                let kind = payload::classify(payload, true);
                let text = String::from_utf8_lossy(payload).into_owned();
                self.compose(kind, BinaryForm::default(), &text);
            }
            Row::Message { payload, .. } => {
                let text = payload::to_hex(payload, true);
                self.compose(Kind::Binary, BinaryForm::Hex, &text);
            }
            Row::Note(_) => self.info("This line is no message."),
            Row::Pending => self.info("It is still being read from disk."),
        }
    }
}

/// `#3 received text · 22 B · 12:01:22.123456`: the time in full, also where rows have no room. A
/// message that was compressed has both sizes: `4.2 KiB, 310 B on the wire (1:13.9)`.
fn title(entry: &crate::log::Entry, zone: &jiff::tz::TimeZone) -> String {
    let Row::Message { direction, kind, payload, packed, .. } = &entry.row else {
        return String::new();
    };
    let way = match direction {
        Direction::In => "received",
        Direction::Out => "sent",
    };
    let what = match (kind, payload::classify::media(payload)) {
        (MessageKind::Binary, Some(media)) => format!("binary, {media}"),
        (kind, _) => kind.name().to_owned(),
    };
    let mut size = human_bytes(payload.len() as u64);
    if let Some(wire) = packed {
        let wire = u64::from(wire.get());
        let ratio = payload.len() as f64 / wire as f64;
        size.push_str(&format!(", {} on the wire (1:{ratio:.1})", human_bytes(wire)));
    }
    let time = zone.to_datetime(entry.at.timestamp()).strftime("%H:%M:%S%.6f");
    format!("#{} {way} {what} · {size} · {time}", entry.number)
}

/// A payload as the detail shows it. Escaping is the editor view's work: it draws no character
/// that could move the cursor.
#[must_use]
pub fn lay(view: DetailView, kind: Kind, payload: &[u8]) -> String {
    match view {
        DetailView::Pretty if kind != Kind::Binary && payload.len() <= PRETTY_MOST => {
            payload::pretty(kind, payload)
        }
        DetailView::Raw | DetailView::Pretty if kind != Kind::Binary => {
            payload::text_of(payload).into_owned()
        }
        DetailView::Raw => sanitize::escape_bytes(payload).into_owned(),
        DetailView::Pretty | DetailView::Hex => {
            payload::hexdump(payload, 0, payload::hexdump_line_count(payload.len())).join("\n")
        }
    }
}
