//! To the next or previous row of a kind. The nearest rows are looked at here; what takes longer
//! goes on beside the loop.

use std::sync::Arc;

use super::Cx;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::TabId;
use crate::log::{Likeness, Scan as _, Seek};

/// Bytes of payload that are looked at here: well under a millisecond.
const INLINE: usize = 128 * 1024;

impl Cx<'_> {
    /// The next message like the one under the cursor.
    pub(super) fn seek_like(&mut self, forward: bool) {
        let Some(number) = self.row_here() else { return };
        let log = &self.tab().log;
        let Some(entry) = log.handle.get(number) else {
            self.info("This row is not kept any more.");
            return;
        };
        let seek = match Likeness::of(&entry) {
            Some(like) => Seek::like(like, &log.view(), number, forward),
            None if entry.is_pending() => {
                self.info("It is still being read from disk.");
                return;
            }
            None => Seek::notes(&log.view(), number, forward),
        };
        self.seek(seek);
    }

    /// The next line about the connection: opened, closed, failed.
    pub(super) fn seek_note(&mut self, forward: bool) {
        let Some(number) = self.row_here() else { return };
        let log = &self.tab().log;
        if !log.shown.notes {
            self.info("Lines about the connection are filtered out.");
            return;
        }
        let seek = Seek::notes(&log.view(), number, forward);
        self.seek(seek);
    }

    fn seek(&mut self, seek: Option<Seek>) {
        let tab = self.tab();
        tab.log.seeks += 1;
        let generation = tab.log.seeks;
        if let Some(old) = tab.log.seek.take() {
            old.cancel();
        }
        let Some(seek) = seek else { return };
        let (id, log) = (tab.id, tab.log.handle.clone());
        let progress = seek.step(&log, INLINE);
        tab.log.seek = Some(seek.clone());
        if progress.done {
            self.sought(id, generation, true);
            return;
        }
        self.info(format!("Looking for the next {} …", seek.words()));
        let scan = Arc::new(seek);
        let job = Job::Scan { tab: id, lane: ScanLane::Seek, generation, scan, log };
        self.effects.push(Effect::Job(job));
    }

    /// The seek is through, or found its row.
    pub(super) fn sought(&mut self, tab: TabId, generation: u64, done: bool) {
        let front = self.tab().id;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        if tab.log.seeks != generation || !done {
            return;
        }
        let Some(seek) = tab.log.seek.take() else { return };
        seek.cancel();
        if tab.id != front {
            return;
        }
        match seek.found() {
            Some(number) => {
                self.model.notice = None;
                self.log_go(number);
            }
            None => {
                let way = if seek.is_forward() { "further" } else { "earlier" };
                self.info(format!("No {way} {}.", seek.words()));
            }
        }
    }
}
