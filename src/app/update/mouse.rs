//! The mouse: a click goes to a place and does what the place is for; the wheel scrolls what is
//! under the pointer, not what has the focus.

use super::Cx;
use crate::app::geometry::{Area, Target};
use crate::app::model::{Modal, Pane, RequestTab};
use crate::app::msg::{Mouse, MouseKind};
use crate::core::action::Action;
use crate::core::stage::ConnectionState;
use crate::editor::{Edit, Motion, Viewport};

/// Rows for one notch of the wheel.
const NOTCH: i64 = 3;

impl Cx<'_> {
    pub(super) fn mouse(&mut self, mouse: Mouse) {
        let hit = self.model.geometry.at(mouse.x, mouse.y);
        match mouse.kind {
            MouseKind::Down => {
                self.model.drag = hit.map(|(_, target)| target);
                if let Some((area, target)) = hit {
                    self.click(area, target, mouse);
                }
            }
            MouseKind::Drag => self.drag(mouse),
            MouseKind::Up => self.model.drag = None,
            MouseKind::WheelUp | MouseKind::WheelDown => {
                let by = if mouse.kind == MouseKind::WheelUp { -NOTCH } else { NOTCH };
                if let Some((_, target)) = hit {
                    self.wheel(target, by);
                }
            }
        }
    }

    fn click(&mut self, area: Area, target: Target, mouse: Mouse) {
        if !self.model.modals.is_empty() {
            match target {
                Target::ModalRow(row) => self.click_modal(row),
                Target::Modal => {}
                // A click beside the window closes it.
                _ => {
                    self.model.modals.pop();
                }
            }
            return;
        }
        match target {
            Target::Tab(index) => self.select_tab(index),
            Target::NewTab => self.new_tab(),
            Target::Url => {
                // A field without the focus is drawn from its start.
                let scrolled = self.tab().focus == Pane::Url;
                self.focus(Pane::Url);
                let url = &mut self.tab().url;
                let mut viewport = Viewport::new(area.width, 1);
                if scrolled {
                    viewport.scroll_to_cursor(url);
                }
                let at = viewport.position_at(url, 0, mouse.x - area.x);
                place(url, at, mouse);
            }
            Target::ConnectButton => match self.tab().conn.state {
                ConnectionState::Open
                | ConnectionState::Connecting(_)
                | ConnectionState::Closing => {
                    self.disconnect();
                }
                _ => self.connect(),
            },
            Target::RequestTab(request_tab) => {
                self.leave_fields();
                self.go(request_tab);
            }
            Target::SavedToggle => self.act(Action::ToggleSaved),
            Target::Composer => {
                self.leave_fields();
                self.go(RequestTab::Message);
                let composer = &mut self.tab().composer;
                composer.viewport.width = area.width;
                composer.viewport.height = area.height;
                let at = composer.viewport.position_at(
                    &composer.editor,
                    mouse.y - area.y,
                    mouse.x - area.x,
                );
                place(&mut composer.editor, at, mouse);
            }
            Target::Button(action) => self.act(action),
            Target::Cell { row, column } => self.click_cell(row, column, mouse),
            Target::FormRow(row) => self.click_form(row, mouse),
            Target::LogRow(row) => self.click_log(row, mouse),
            Target::Row(number) => {
                self.focus(Pane::Log);
                self.log_go(number);
            }
            Target::LogBar => self.log_bar(area, mouse.y),
            Target::DetailView(view) => {
                self.focus(Pane::Detail);
                self.set_view(view);
            }
            Target::Detail => self.focus(Pane::Detail),
            Target::DetailRow(row) => self.detail_click(row),
            Target::SavedRow(row) => {
                self.focus(Pane::Saved);
                self.tab().saved_cursor = row;
                if mouse.clicks >= 2 {
                    self.load_saved();
                }
            }
            Target::Fix(index) => self.apply_fix(index),
            Target::Section(section) => self.show_section(section),
            Target::Attempt(row) => {
                self.attempt_at(row);
                if mouse.clicks >= 2 {
                    self.view_attempt();
                }
            }
            Target::AttemptMark(row) => {
                self.attempt_at(row);
                self.mark_attempt();
            }
            Target::Divider | Target::Modal | Target::ModalRow(_) => {}
            Target::Pane(pane) => self.focus(pane),
        }
    }

    fn click_modal(&mut self, row: usize) {
        match self.model.modals.last_mut() {
            Some(Modal::Menu { .. }) => self.choose(row),
            Some(Modal::Palette { cursor, .. }) => {
                *cursor = row;
                self.modal_act(Action::Submit);
            }
            Some(Modal::Cookies { cursor, .. }) => *cursor = row,
            Some(Modal::Ways { list, .. }) => {
                list.cursor = row;
                self.take_way();
            }
            Some(Modal::Credential { on_yes, .. }) => {
                *on_yes = row == 0;
                self.modal_act(Action::Submit);
            }
            // The first row is the yes, the second the no.
            Some(Modal::Confirm { on_yes, .. }) => {
                *on_yes = row == 0;
                self.modal_act(Action::Submit);
            }
            _ => {}
        }
    }

    fn click_cell(&mut self, row: usize, column: usize, mouse: Mouse) {
        self.leave_fields();
        let request_tab = self.tab().request_tab;
        self.tab().focus = Pane::Body;
        let table = self.table();
        let again = table.row == row && table.column == column;
        table.row = row;
        table.column = column;
        if column == 0 {
            self.toggle_row(request_tab, Some(row));
        } else if mouse.clicks >= 2 || again {
            self.begin_cell();
        }
    }

    fn click_form(&mut self, row: usize, mouse: Mouse) {
        self.leave_fields();
        self.tab().focus = Pane::Body;
        let tab = self.tab();
        let form =
            if tab.request_tab == RequestTab::Auth { &mut tab.auth } else { &mut tab.settings };
        let again = form.row == row;
        form.row = row;
        if again || mouse.clicks >= 2 {
            self.form_begin_at(row);
        }
    }

    fn click_log(&mut self, row: u16, mouse: Mouse) {
        self.leave_fields();
        self.tab().focus = Pane::Log;
        let height = usize::from(self.model.geometry.log.height.max(1));
        let log = &self.tab().log;
        let window = log.handle.window(log.view(), log.window_anchor(), height);
        let Some(number) = window.entries.get(usize::from(row)).map(|entry| entry.number) else {
            return;
        };
        let old = log.cursor;
        self.log_go(number);
        if mouse.shift && old > 0 {
            self.tab().log.anchor = Some(old);
        }
        if mouse.clicks >= 2 {
            self.model.show_detail = true;
            self.tab().focus = Pane::Detail;
        }
    }

    fn drag(&mut self, mouse: Mouse) {
        let Some(target) = self.model.drag else { return };
        let geometry = &self.model.geometry;
        match target {
            Target::Divider if geometry.screen.height > 0 => {
                let share = u32::from(mouse.y) * 100 / u32::from(geometry.screen.height);
                self.model.split = u16::try_from(share).unwrap_or(45).clamp(15, 80);
            }
            Target::Composer => {
                let area =
                    geometry.hits.iter().find(|(_, t)| *t == Target::Composer).map(|(a, _)| *a);
                let Some(area) = area else { return };
                let composer = &mut self.tab().composer;
                let row = mouse.y.saturating_sub(area.y).min(area.height.saturating_sub(1));
                let at = composer.viewport.position_at(
                    &composer.editor,
                    row,
                    mouse.x.saturating_sub(area.x),
                );
                composer.editor.apply(Edit::Move { motion: Motion::To(at), extend: true });
            }
            Target::LogBar => {
                let bar = geometry.hits.iter().find(|(_, t)| *t == Target::LogBar);
                if let Some((area, _)) = bar.copied() {
                    self.log_bar(area, mouse.y);
                }
            }
            Target::LogRow(_) => {
                if let Some((_, Target::LogRow(row))) = geometry.at(mouse.x, mouse.y) {
                    self.drag_log(row);
                }
            }
            _ => {}
        }
    }

    fn drag_log(&mut self, row: u16) {
        let height = usize::from(self.model.geometry.log.height.max(1));
        let log = &mut self.tab().log;
        let window = log.handle.window(log.view(), log.window_anchor(), height);
        if let Some(entry) = window.entries.get(usize::from(row))
            && entry.number != log.cursor
        {
            log.anchor.get_or_insert(log.cursor);
            log.cursor = entry.number;
        }
    }

    fn wheel(&mut self, target: Target, by: i64) {
        let rows = isize::try_from(by).unwrap_or(0);
        if !self.model.modals.is_empty() {
            let action = if by < 0 { Action::Up } else { Action::Down };
            for _ in 0..by.unsigned_abs() {
                self.modal_act(action);
            }
            return;
        }
        match target {
            Target::LogRow(_) | Target::Row(_) | Target::LogBar | Target::Pane(Pane::Log) => {
                self.log_scroll(by);
            }
            Target::Detail
            | Target::DetailRow(_)
            | Target::DetailView(_)
            | Target::Pane(Pane::Detail) => self.detail_scroll(rows),
            Target::Composer => {
                let composer = &mut self.tab().composer;
                composer.viewport.scroll_rows(&composer.editor, rows);
            }
            Target::SavedRow(_) | Target::Pane(Pane::Saved) => {
                let tab = self.tab();
                let last = tab.saved.len().saturating_sub(1);
                tab.saved_cursor = tab.saved_cursor.saturating_add_signed(rows).min(last);
            }
            Target::Pane(Pane::Body)
            | Target::Fix(_)
            | Target::Section(_)
            | Target::Attempt(_)
            | Target::AttemptMark(_)
            | Target::Cell { .. }
            | Target::FormRow(_) => {
                self.wheel_body(rows);
            }
            _ => {}
        }
    }

    fn wheel_body(&mut self, rows: isize) {
        let tab = self.tab();
        match tab.request_tab {
            RequestTab::Handshake => self.handshake_scroll(rows),
            RequestTab::Params => tab.params.scroll = tab.params.scroll.saturating_add_signed(rows),
            RequestTab::Headers => {
                tab.headers.scroll = tab.headers.scroll.saturating_add_signed(rows);
            }
            RequestTab::Auth => tab.auth.scroll = tab.auth.scroll.saturating_add_signed(rows),
            RequestTab::Settings => {
                tab.settings.scroll = tab.settings.scroll.saturating_add_signed(rows);
            }
            RequestTab::Message => {}
        }
    }
}

/// One click puts the cursor, two select the word, three the line; with shift the selection grows.
fn place(editor: &mut crate::editor::Editor, at: usize, mouse: Mouse) {
    match mouse.clicks {
        2 => {
            editor.select_word_at(at);
        }
        3.. => {
            editor.select_line(at);
        }
        _ => {
            editor.apply(Edit::Move { motion: Motion::To(at), extend: mouse.shift });
        }
    }
}
