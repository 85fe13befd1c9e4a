//! Work on the composed message beside the loop: beginning it, stopping it, hearing of its end; and
//! what a long text asks of the rest, to be freed and saved without a pause.

use super::Cx;
use crate::app::effect::{About, Effect};
use crate::app::model::{Composer, TabId, Task, Working};
use crate::core::progress::Progress;
use crate::editor::Leftovers;

/// Texts above this size are saved after a pause only: they are written as a whole.
pub const LONG_DRAFT: usize = 1024 * 1024;
/// How long a pause.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);
/// And how long it is waited for.
const AT_LATEST: std::time::Duration = std::time::Duration::from_secs(10);

impl Cx<'_> {
    /// Begins work in the tab in front; what it takes the place of is stopped.
    pub(super) fn begin_work(&mut self, task: Task) -> About {
        let number = self.model.new_work();
        let (progress, began) = (Progress::default(), self.now);
        let tab = self.tab();
        if let Some(old) = tab.composer.work.take() {
            old.progress.cancel();
        }
        tab.composer.work = Some(Working { task, number, progress: progress.clone(), began });
        About { tab: tab.id, number, progress }
    }

    /// Work has come to its end; true if it was waited for.
    pub(super) fn work_over(&mut self, tab: TabId, number: u64) -> bool {
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return false };
        let waited = tab.composer.work.as_ref().is_some_and(|work| work.number == number);
        if waited {
            tab.composer.work = None;
        }
        waited
    }

    /// Stops the work in the tab in front; false if there is none.
    pub(super) fn stop_work(&mut self) -> bool {
        let Some(work) = self.tab().composer.work.take() else { return false };
        work.progress.cancel();
        self.info(format!("Stopped {}. The message is as it was.", work.task.words()));
        true
    }

    /// A text that is not wanted any more.
    pub(super) fn discard(&mut self, text: ropey::Rope) {
        let mut leftovers = Leftovers::default();
        leftovers.add(text);
        self.hand_out(leftovers);
    }

    /// What the composer's editor has left over.
    pub(super) fn free_leftovers(&mut self) {
        let leftovers = self.tab().composer.editor.take_leftovers();
        self.hand_out(leftovers);
    }

    fn hand_out(&mut self, leftovers: Leftovers) {
        if !leftovers.is_empty() {
            self.effects.push(Effect::Discard(leftovers));
        }
    }

    /// Lets go of a composer whose tab is gone.
    pub(super) fn let_go(&mut self, composer: &mut Composer) {
        for progress in composer.judging.take().into_iter() {
            progress.cancel();
        }
        if let Some(work) = composer.work.take() {
            work.progress.cancel();
        }
        composer.editor.reset_rope(ropey::Rope::new());
        let leftovers = composer.editor.take_leftovers();
        self.hand_out(leftovers);
    }

    /// The composed text has changed, and is to be saved.
    pub(super) fn touch_draft(&mut self) {
        if self.tab().composer.editor.len_bytes() <= LONG_DRAFT {
            self.touch();
            return;
        }
        let now = self.now;
        let since = self.model.draft_at.map_or(now, |(since, _)| since);
        let at = now.plus(PAUSE).min(since.plus(AT_LATEST));
        self.model.draft_at = Some((since, at));
    }
}
