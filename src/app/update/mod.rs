//! What happens when something happens: one entry, then a file a subject.
//!
//! Every function here is synchronous and takes the time as a value. What the outside shall do is
//! collected as effects and returned.

mod actions;
mod auth;
mod composer;
mod connection;
mod cookies;
mod copy;
mod credential;
mod detail;
mod field;
mod files;
mod filter;
mod find;
mod form;
mod handshake;
mod history;
mod keys;
mod log;
mod log_columns;
mod log_jump;
mod log_marks;
mod log_rules;
mod log_seek;
mod modal;
mod mouse;
mod navigate;
mod net;
mod pages;
mod palette;
mod probe;
mod reflow;
mod reshape;
mod saved;
mod scopes;
mod search;
mod send;
mod stats;
mod table;
mod tabs;
mod transfer;
mod wire;
mod work;

pub use composer::judge;
pub use connection::is_login_refusal;
pub use copy::what_was_copied;
pub use detail::{
    BESIDE, LoadedSchema, Made, Request as LayRequest, as_composed, bare, lay,
    search as search_detail,
};
pub use keys::contexts;
pub use palette::ranked as ranked_actions;
pub use reflow::reflow;
pub use send::encode_text;
pub use work::LONG_DRAFT;

use crate::app::effect::{Effect, ScanLane};
use crate::app::model::{Level, Model, Tab};
use crate::app::msg::{JobDone, Msg};
use crate::core::time::Micros;

/// How long after a change the workspace is written to disk.
const SAVE_AFTER: std::time::Duration = std::time::Duration::from_millis(500);

/// Lets one thing happen. Effects are to be carried out in order.
#[must_use]
pub fn update(model: &mut Model, msg: Msg, now: Micros) -> Vec<Effect> {
    let mut cx = Cx { model, now, effects: Vec::new() };
    cx.handle(msg);
    cx.sync_credential();
    cx.sync_pairs();
    cx.sync_detail();
    cx.effects
}

/// One update under way.
struct Cx<'a> {
    model: &'a mut Model,
    now: Micros,
    effects: Vec<Effect>,
}

impl Cx<'_> {
    fn handle(&mut self, msg: Msg) {
        match msg {
            Msg::Key(key) => self.key(key),
            Msg::Paste(text) => self.paste(text),
            Msg::Mouse(mouse) => self.mouse(mouse),
            Msg::Resize { width, height } => {
                self.model.geometry.screen.width = width;
                self.model.geometry.screen.height = height;
                self.reflow_reader();
            }
            Msg::Drawn(geometry) => self.model.geometry = geometry,
            Msg::Do(action) => self.act(action),
            Msg::Net { tab, conn, event } => self.net(tab, conn, event),
            Msg::Ended { tab, conn, evidence, findings } => {
                self.ended(tab, conn, evidence, findings);
            }
            Msg::Credential { tab, conn, news } => self.credential(tab, conn, news),
            Msg::Cookies(rows) => self.cookies(rows),
            Msg::Probed { tab, run, step } => self.probed(tab, run, step),
            Msg::LogGrew(tab) => self.log_grew(tab),
            Msg::Job(done) => self.job_done(done),
            Msg::DraftFound { tab, path } => self.draft_found(tab, path),
            Msg::MarksFound { tab, marks } => self.marks_found(tab, marks),
            Msg::Edited { tab, result } => self.edited_outside(tab, result),
            Msg::Said { ok, text } => {
                self.say(if ok { Level::Info } else { Level::Error }, text);
            }
            Msg::Deadline => self.deadline(),
            Msg::Terminate => self.quit_now(),
        }
    }

    fn job_done(&mut self, done: JobDone) {
        match done {
            JobDone::Validated { tab, revision, kind, form, result } => {
                self.validated(tab, (revision, kind, form), result);
            }
            JobDone::Laid { tab, number, revision, result } => {
                self.laid(tab, number, revision, result);
            }
            JobDone::Rewritten { tab, number, revision, text } => {
                self.rewritten(tab, number, revision, text);
            }
            JobDone::Woven { tab, number, text } => self.woven(tab, number, text),
            JobDone::Loaded { tab, number, path, result } => {
                self.loaded(tab, number, &path, result);
            }
            JobDone::Measured { tab, typed, kind, then, result } => {
                self.measured(tab, &typed, kind, then, result);
            }
            JobDone::Sought { tab, generation, revision, hit } => {
                self.found_far(tab, generation, revision, hit);
            }
            JobDone::Counted { tab, generation, hits } => self.counted(tab, generation, hits),
            JobDone::Encoded { tab, number, then, result } => {
                self.work_over(tab, number);
                self.encoded(tab, then, result);
            }
            JobDone::Detail { tab, stamp, result } => self.detail_laid(tab, stamp, result),
            JobDone::Found { tab, stamp, found } => self.found(tab, stamp, found),
            JobDone::Schema { tab, result } => self.schema_loaded(tab, result),
            JobDone::Composed { tab, kind, form, text } => {
                self.entry_composed(tab, kind, form, text);
            }
            JobDone::Readable { text } => self.effects.push(Effect::Page { text, suffix: "txt" }),
            JobDone::Scanned { tab, lane: ScanLane::Search, generation, done } => {
                self.searched(tab, generation, done);
            }
            JobDone::Scanned { tab, lane: ScanLane::Sieve, generation, done } => {
                self.sifted(tab, generation, done);
            }
            JobDone::Scanned { tab, lane: ScanLane::Pairs, generation, done } => {
                self.paired(tab, generation, done);
            }
            JobDone::Scanned { tab, lane: ScanLane::Seek, generation, done } => {
                self.sought(tab, generation, done);
            }
            JobDone::Gathered { text, what } => self.effects.push(Effect::Copy { text, what }),
        }
    }

    /// Something is due: a notice goes, a reconnect comes, the workspace is saved.
    fn deadline(&mut self) {
        if self.model.notice.as_ref().is_some_and(|notice| notice.until <= self.now) {
            self.model.notice = None;
        }
        if self.model.save_at.is_some_and(|at| at <= self.now) {
            self.model.save_at = None;
            self.effects.push(Effect::Save);
        }
        if self.model.draft_at.is_some_and(|(_, at)| at <= self.now) {
            self.model.draft_at = None;
            self.effects.push(Effect::Save);
        }
        self.due_endings();
        self.due_reconnects();
    }

    fn tab(&mut self) -> &mut Tab {
        self.model.tab_mut()
    }

    fn say(&mut self, level: Level, text: impl Into<String>) {
        self.model.say(level, text, self.now);
    }

    fn info(&mut self, text: impl Into<String>) {
        self.say(Level::Info, text);
    }

    /// Something that is kept between runs has changed.
    fn touch(&mut self) {
        if self.model.save_at.is_none() {
            self.model.save_at = Some(self.now.plus(SAVE_AFTER));
        }
    }

    /// The request of the tab in front has changed.
    fn request_changed(&mut self) {
        let now = self.now;
        let tab = self.tab();
        tab.draft_changed();
        tab.refresh_preview(now);
        self.share();
        self.touch();
    }
}

#[cfg(test)]
mod tests;
