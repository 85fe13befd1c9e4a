//! Comparing a message with one that was marked, or with the one before of its kind.

use std::sync::Arc;

use super::lay::{Ask, INLINE, Request};
use crate::app::effect::{Effect, Job};
use crate::app::model::{Against, Body, Pane, Work};
use crate::app::update::Cx;
use crate::core::message::MessageKind;
use crate::core::progress::Progress;
use crate::log::{Filter, Row};

/// From this width on, both messages stand side by side.
pub const BESIDE: u16 = 100;

impl Cx<'_> {
    pub(super) fn mark_for_diff(&mut self) {
        self.model.show_detail = true;
        self.sync_detail();
        let detail = &mut self.tab().log.detail;
        if detail.views.is_empty() {
            self.info("Choose a message first.");
            return;
        }
        detail.marked = Some(detail.number);
        let number = detail.number;
        self.info(format!("#{number} is marked: & compares another one with it."));
    }

    /// Compares with this from now on; asked for again, or with `None`, no more.
    pub(super) fn compare(&mut self, against: Option<Against>) {
        if against.is_some() {
            self.focus(Pane::Detail);
        }
        let detail = &mut self.tab().log.detail;
        detail.against = against.filter(|against| detail.against != Some(*against));
        self.lay_anew();
    }

    pub(super) fn compare_marked(&mut self) {
        match self.tab().log.detail.marked {
            Some(number) => self.compare(Some(Against::Marked(number))),
            None => self.info("Nothing is marked. A marks the message to compare with."),
        }
    }

    pub(super) fn step_change(&mut self, forward: bool) {
        let detail = &mut self.tab().log.detail;
        let (height, beside) =
            (usize::from(detail.viewport.height), detail.viewport.width >= BESIDE);
        let Body::Diff(compared) = &mut detail.body else {
            self.info("Nothing is compared. D compares with the one before of the same kind.");
            return;
        };
        match compared.step(forward, beside) {
            Some(line) if line < detail.top || line + 1 >= detail.top + height => {
                let last = compared.len(beside).saturating_sub(height);
                detail.top = line.saturating_sub(height / 3).min(last);
            }
            Some(_) => {}
            None => self.info("Nothing differs."),
        }
    }

    /// Begins the comparison that the tab asks for. False if it asks for none, or there is nothing
    /// to compare with.
    pub(super) fn compare_payload(&mut self) -> bool {
        let tab = self.tab();
        let id = tab.id;
        let log = &mut tab.log;
        let right = log.detail.number;
        let left = match log.detail.against {
            None => return false,
            Some(Against::Marked(number)) => Some(number),
            Some(Against::Previous) => {
                log.handle.get(right).as_ref().and_then(crate::log::Entry::message).and_then(
                    |(direction, kind, _)| {
                        let filter = Filter::new(&[direction], &[kind], false);
                        log.handle.step_from(filter, right, -1).filter(|number| *number < right)
                    },
                )
            }
        };
        let Some(left) = left.filter(|left| *left != right) else { return false };
        let Some(entry) = log.handle.get(left) else {
            log.detail.note = format!("#{left} is no longer kept, so nothing is compared");
            return false;
        };
        let detail = &mut log.detail;
        let (other, other_is_text) = match &entry.row {
            Row::Message { kind, payload, .. } => (payload.clone(), *kind == MessageKind::Text),
            // Asked for again when it is there.
            Row::Pending => {
                detail.waiting = true;
                detail.body = Body::Empty;
                return true;
            }
            Row::Note(_) => return false,
        };
        let progress = Progress::new((detail.payload.len() + other.len()) as u64);
        let request = Request {
            ask: Ask::Diff { left, other, other_is_text, right },
            payload: detail.payload.clone(),
            is_text: detail.is_text,
            progress: progress.clone(),
        };
        if detail.payload.len() > INLINE || matches!(detail.body, Body::Empty | Body::Frames) {
            detail.show_raw();
        }
        detail.work = Some(Work { what: "comparing", progress });
        let stamp = detail.stamp;
        self.effects.push(Effect::Job(Job::Lay { tab: id, stamp, request: Arc::new(request) }));
        true
    }
}
