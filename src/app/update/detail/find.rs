//! Looking for a text in what the detail shows. Small texts are searched on the loop, others beside
//! it.

use std::sync::Arc;

use super::lay::INLINE;
use crate::app::effect::{Effect, Haystack, Job};
use crate::app::model::{Body, Detail, Found, Hit, MOST_HITS, Pane, SearchLine, TabId};
use crate::app::update::Cx;
use crate::core::progress::Progress;
use crate::editor::{Editor, Field};
use crate::log::{Mode, Pattern};
use crate::payload::hexdump::WIDTH;

/// Bytes that are searched between two looks at whether to stop.
const STEP: usize = 4 << 20;

/// Searches all of a payload or text. The hits are those that began before it was stopped.
#[must_use]
pub fn search(haystack: &Haystack, pattern: &Pattern, progress: &Progress) -> Found {
    let whole: String;
    let bytes: &[u8] = match haystack {
        Haystack::Bytes(bytes) => bytes,
        Haystack::Tree(tree) => tree.source().as_bytes(),
        Haystack::Rope(rope) => {
            whole = rope.chunks().collect();
            whole.as_bytes()
        }
    };
    progress.set_total(bytes.len() as u64);
    let mut found = Found::default();
    let mut at = 0;
    while at < bytes.len() && !progress.is_cancelled() {
        let end = bytes.len().min(at + STEP);
        let mut behind = end;
        pattern.each_hit(bytes, at..end, |hit| {
            found.total += 1;
            behind = behind.max(hit.end);
            if found.hits.len() < MOST_HITS {
                found.hits.push(Hit { at: hit.start, len: hit.len() });
            }
        });
        at = behind;
        progress.set_done(at as u64);
    }
    found
}

impl Cx<'_> {
    pub(in crate::app::update) fn open_find(&mut self) {
        self.leave_fields();
        self.tab().focus = Pane::Detail;
        match &mut self.tab().log.detail.find.line {
            Some(line) => {
                line.editing = true;
                line.input.select_all();
            }
            line => {
                let placeholder = "text in this message — ↑ ↓ hits, Enter keeps, Esc ends";
                let input = Editor::for_field(Field::line().placeholder(placeholder));
                *line = Some(SearchLine { input, regex: false, case: false, editing: true });
            }
        }
    }

    /// The pattern or a switch has changed.
    pub(in crate::app::update) fn find_changed(&mut self) {
        let find = &mut self.tab().log.detail.find;
        find.problem = None;
        find.pattern = None;
        if let Some(line) = &find.line
            && !line.input.is_empty()
        {
            let mode = if line.regex { Mode::Regex } else { Mode::Plain };
            match Pattern::new(&line.input.text(), mode, !line.case) {
                Ok(pattern) => find.pattern = Some(pattern),
                Err(problem) => find.problem = Some(problem.to_string()),
            }
        }
        self.find_anew();
    }

    /// Searches what is shown now, from the beginning.
    pub(super) fn find_anew(&mut self) {
        let tab = self.tab();
        let id = tab.id;
        let detail = &mut tab.log.detail;
        detail.find.reset();
        let Some(pattern) = detail.find.pattern.clone() else { return };
        let Some(haystack) = haystack(detail) else { return };
        if haystack.len() <= INLINE {
            let found = search(&haystack, &pattern, &Progress::default());
            let stamp = detail.find.stamp;
            self.found(id, stamp, found);
            return;
        }
        let progress = Progress::new(haystack.len() as u64);
        detail.find.running = Some(progress.clone());
        let stamp = detail.find.stamp;
        self.effects.push(Effect::Job(Job::Find { tab: id, stamp, haystack, pattern, progress }));
    }

    /// The search is through. While its line is typed in, the first hit comes into view.
    pub(in crate::app::update) fn found(&mut self, tab: TabId, stamp: u64, found: Found) {
        let front = self.tab().id == tab;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        let find = &mut tab.log.detail.find;
        if find.stamp != stamp {
            return;
        }
        find.running = None;
        find.found = found;
        let editing = find.line.as_ref().is_some_and(|line| line.editing);
        if front && editing && !find.found.hits.is_empty() {
            self.go_hit(0);
        }
    }

    pub(in crate::app::update) fn find_submit(&mut self) {
        let find = &mut self.tab().log.detail.find;
        if let Some(line) = &mut find.line {
            line.editing = false;
            if line.input.is_empty() {
                find.line = None;
            }
        }
    }

    /// Next hit or previous; goes round at the ends. False if nothing is searched for here.
    pub(in crate::app::update) fn find_step(&mut self, forward: bool) -> bool {
        let find = &self.tab().log.detail.find;
        if find.line.is_none() {
            return false;
        }
        let len = find.found.hits.len();
        if len == 0 {
            let running = find.running.is_some();
            self.info(if running { "Still searching …" } else { "No hits." });
            return true;
        }
        let at = match (find.at, forward) {
            (None, true) => 0,
            (None, false) => len - 1,
            (Some(at), true) => (at + 1) % len,
            (Some(at), false) => (at + len - 1) % len,
        };
        self.go_hit(at);
        true
    }

    fn go_hit(&mut self, at: usize) {
        self.detail_measure();
        let detail = &mut self.tab().log.detail;
        let Some(hit) = detail.find.found.hits.get(at).copied() else { return };
        detail.find.at = Some(at);
        detail.go_byte(hit);
    }
}

fn haystack(detail: &Detail) -> Option<Haystack> {
    match &detail.body {
        Body::Text => Some(Haystack::Rope(detail.text.rope().clone())),
        Body::Raw | Body::Hex => Some(Haystack::Bytes(detail.payload.clone())),
        Body::Tree(tree) => Some(Haystack::Tree(Arc::clone(&tree.tree))),
        Body::Empty | Body::Frames | Body::Diff(_) | Body::Trouble(_) => None,
    }
}

impl Detail {
    /// Brings a place of what is shown into the window.
    fn go_byte(&mut self, hit: Hit) {
        let height = usize::from(self.viewport.height.max(1));
        match &mut self.body {
            Body::Text => {
                let rope = self.text.rope();
                let bytes = rope.len_bytes();
                let start = rope.byte_to_char(hit.at.min(bytes));
                let end = rope.byte_to_char((hit.at + hit.len).min(bytes));
                self.text.select(start..end);
                self.viewport.scroll_to_cursor(&self.text);
            }
            Body::Hex => {
                let row = hit.at / WIDTH;
                if row < self.top || row >= self.top + height {
                    self.top = row.saturating_sub(height / 2);
                }
            }
            Body::Raw => {
                let rows = self.rows();
                let row = rows.at(hit.at);
                let end = rows.down(self.place, height);
                let seen = (self.place..end).contains(&row);
                let place = if seen { self.place } else { rows.up(row, height / 2) };
                let mut column = 0;
                if !self.viewport.wrap {
                    let piece = rows.row(row);
                    rows.glyphs(piece.range, |glyph| {
                        column = glyph.column;
                        glyph.bytes.end <= hit.at
                    });
                }
                self.place = place;
                let width = usize::from(self.viewport.width.max(8));
                let left = self.viewport.left_column;
                if column < left || column + hit.len.min(width / 2) >= left + width {
                    self.viewport.left_column = column.saturating_sub(width / 3);
                }
            }
            Body::Tree(tree) => {
                if let Some(node) = tree.tree.at(hit.at) {
                    tree.go(node, height);
                }
            }
            Body::Empty | Body::Frames | Body::Diff(_) | Body::Trouble(_) => {}
        }
    }
}
