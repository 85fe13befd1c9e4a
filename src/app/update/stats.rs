//! The statistics of the tab, and the search for pairs that feeds them.

use std::sync::Arc;

use super::Cx;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::{
    Figures, Modal, Pane, StatsView, TabId, as_json, as_markdown, as_text, sections,
};
use crate::core::action::Action;
use crate::log::{Mate, Pairs, Scan as _, Stats};

/// Rows of this session.
fn has_rows(stats: &Stats) -> bool {
    stats.end > stats.first.max(stats.restored)
}

impl Cx<'_> {
    pub(super) fn open_stats(&mut self) {
        self.leave_fields();
        let is_open = |modal: &Modal| matches!(modal, Modal::Stats(_));
        if !self.model.modals.iter().any(is_open) {
            self.model.modals.push(Modal::Stats(StatsView::default()));
        }
    }

    /// An action in the window.
    pub(super) fn stats_act(&mut self, action: Action) {
        match action {
            Action::Copy => self.copy_stats('y'),
            Action::Submit | Action::Statistics => {
                self.model.modals.pop();
            }
            action => {
                let page = usize::from(self.model.geometry.modal.height.max(2)) - 1;
                let last = self.model.geometry.modal_last;
                let Some(Modal::Stats(view)) = self.model.modals.last_mut() else { return };
                let at = view.scroll.min(last);
                view.scroll = match action {
                    Action::Up => at.saturating_sub(1),
                    Action::Down => at + 1,
                    Action::PageUp => at.saturating_sub(page),
                    Action::PageDown => at + page,
                    Action::First => 0,
                    Action::Last => last,
                    _ => at,
                }
                .min(last);
            }
        }
    }

    /// A letter in the window.
    pub(super) fn stats_letter(&mut self, c: char) {
        match c {
            's' | 'S' => {
                if let Some(Modal::Stats(view)) = self.model.modals.last_mut() {
                    view.sort = view.sort.next();
                }
            }
            'y' | 'm' | 'j' => self.copy_stats(c),
            ' ' => self.stats_act(Action::PageDown),
            _ => {}
        }
    }

    fn copy_stats(&mut self, form: char) {
        let Some(Modal::Stats(view)) = self.model.modals.last() else { return };
        let sort = view.sort;
        let figures = Figures::of(self.model.tab(), self.now);
        let (text, what) = match form {
            'm' => (as_markdown(&figures, &sections(&figures, sort)), "The statistics as Markdown"),
            'j' => (as_json(&figures), "The statistics as JSON"),
            _ => (as_text(&figures, &sections(&figures, sort)), "The statistics"),
        };
        self.effects.push(Effect::Copy { text, what: what.into() });
    }

    /// Looks for pairs in this tab from now on, or no more.
    pub(super) fn toggle_pairs(&mut self) {
        let log = &mut self.tab().log;
        log.pairing = !log.pairing;
        let on = log.pairing;
        self.info(if on {
            "Replies are paired with their requests."
        } else {
            "Replies are no longer paired with their requests."
        });
    }

    /// Begins and ends the search for pairs, as it is wanted: in tabs where it is on, and where
    /// the statistics are open. Nothing is begun before there is a row.
    pub(super) fn sync_pairs(&mut self) {
        let watched = self.model.modals.iter().any(|modal| matches!(modal, Modal::Stats(_)));
        let front = self.model.tab().id;
        for tab in &mut self.model.tabs {
            let is_wanted = tab.log.pairing || watched && tab.id == front;
            match (&tab.log.pairs, is_wanted) {
                (None, true) if has_rows(&tab.log.handle.stats()) => {
                    let pairs = Pairs::new();
                    tab.log.pairs = Some(pairs.clone());
                    tab.log.pairs_generation += 1;
                    tab.log.pairing_behind = true;
                    self.effects.push(Effect::Job(Job::Scan {
                        tab: tab.id,
                        lane: ScanLane::Pairs,
                        generation: tab.log.pairs_generation,
                        scan: Arc::new(pairs),
                        log: tab.log.handle.clone(),
                    }));
                }
                (Some(pairs), false) => {
                    pairs.cancel();
                    tab.log.pairs = None;
                }
                _ => {}
            }
        }
    }

    /// More pairs were found.
    pub(super) fn paired(&mut self, tab: TabId, generation: u64, done: bool) {
        if let Some(tab) = self.model.tab_by_id_mut(tab)
            && tab.log.pairs_generation == generation
        {
            tab.log.pairing_behind = !done;
        }
    }

    /// From a request to its reply, and back.
    pub(super) fn jump_to_mate(&mut self) {
        let log = &self.tab().log;
        let Some(pairs) = &log.pairs else {
            self.info("Pairs are not looked for in this tab; the palette switches that on.");
            return;
        };
        let number = match log.cursor {
            0 => log.detail.number,
            cursor => cursor,
        };
        let Some(mate) = pairs.mate(number) else {
            self.info("This message has neither a request nor a reply that is kept.");
            return;
        };
        let other = mate.number();
        let view = log.view();
        let is_kept = log.handle.get(other).is_some();
        let is_shown = log.handle.row_of(&view, other) < log.handle.row_of(&view, other + 1);
        if !is_kept {
            self.info(format!("#{other} is not kept any more."));
            return;
        }
        if !is_shown {
            self.info(format!("The filter hides #{other}; a shows everything again."));
            return;
        }
        if self.tab().focus != Pane::Detail {
            self.tab().focus = Pane::Log;
        }
        self.log_go(other);
        let time = crate::core::time::measured(
            u64::try_from(mate.round_trip().as_micros()).unwrap_or(u64::MAX),
        );
        let words = match mate {
            Mate::Reply { .. } => format!("The request #{other}, {time} before its reply."),
            Mate::Request { replies: 1, .. } => format!("The reply #{other}, {time} later."),
            Mate::Request { replies, last, .. } => {
                format!("The first of {replies} replies, {time} later; the last is #{last}.")
            }
        };
        self.info(words);
    }
}
