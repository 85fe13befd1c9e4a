//! Work beside the loop.
//!
//! Of work whose result is only good if it is the newest (judging and laying out texts), one job
//! of a kind runs for each tab, and one waits: a newer one takes the place of the one that waits.
//! Messages to be sent are made ready one after the other, so that none overtakes another.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ropey::{Rope, RopeBuilder};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::inbox::Inbox;
use super::{files, texts};
use crate::app::Msg;
use crate::app::effect::{About, Job, Portion, ScanLane};
use crate::app::model::TabId;
use crate::app::msg::JobDone;
use crate::app::update::{as_composed, bare, lay, search_detail, what_was_copied};
use crate::editor::{count_all, find_far};
use crate::log::{CopyAs, LogHandle, Scan};
use crate::payload;

/// Bytes that a scan reads before it tells of hits: a few milliseconds.
const SCAN_STEP: usize = 8 * 1024 * 1024;

/// Least time between two tidings of a scan.
const SCAN_PACE: Duration = Duration::from_millis(50);

/// Rows that come during one step of a scan when it is a flood.
const FLOOD: u64 = 10_000;

/// How much longer than a step pairing rests after it during a flood: nobody reads round trips
/// then, and the processor is wanted for taking messages. What it lags behind it makes up for
/// afterwards.
const REST: u32 = 15;

/// Messages that may wait to be made ready.
const READY_QUEUE: usize = 64;

/// Gives nothing if it was stopped.
type Work = Box<dyn FnOnce() -> Option<JobDone> + Send>;

/// What runs and what waits in one lane.
#[derive(Default)]
struct Lane {
    running: bool,
    waiting: VecDeque<Work>,
}

type Shared = Arc<Mutex<Lane>>;

fn lock(lane: &Shared) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kinds {
    Validate,
    /// On the composed text as a whole, and waited for.
    Work,
    Measure,
    Seek,
    Count,
    Lay,
    Find,
    Read,
    Schema,
    Compose,
    Gather,
    Encode,
}

/// All work of the program.
pub(super) struct Jobs {
    inbox: Inbox,
    lanes: HashMap<(TabId, Kinds), Shared>,
    scans: HashMap<(TabId, ScanLane), (Arc<dyn Scan>, AbortHandle)>,
}

impl Jobs {
    pub(super) fn new(inbox: Inbox) -> Jobs {
        Jobs { inbox, lanes: HashMap::new(), scans: HashMap::new() }
    }

    /// Begins a job; its result comes as [`Msg::Job`].
    pub(super) fn begin(&mut self, job: Job) {
        match job {
            Job::Validate { tab, revision, kind, form, text, progress } => {
                self.newest(tab, Kinds::Validate, move || {
                    let result = texts::judged(kind, form, &text, &progress)?;
                    Some(JobDone::Validated { tab, revision, kind, form, result })
                });
            }
            Job::Reshape { about, revision, kind, out, text } => {
                let About { tab, number, progress } = about;
                self.newest(tab, Kinds::Work, move || {
                    let result = texts::reshaped(kind, out, text, &progress)?;
                    Some(JobDone::Laid { tab, number, revision, result })
                });
            }
            Job::Rewrite { about, revision, from, to, text } => {
                let About { tab, number, progress } = about;
                self.newest(tab, Kinds::Work, move || {
                    let text = texts::rewritten(from, to, &text, &progress)?;
                    Some(JobDone::Rewritten { tab, number, revision, text })
                });
            }
            Job::Weave { about: About { tab, number, progress }, text } => {
                self.newest(tab, Kinds::Work, move || {
                    let text = texts::woven(&text, &progress)?;
                    Some(JobDone::Woven { tab, number, text })
                });
            }
            Job::Load { about: About { tab, number, progress }, path, most } => {
                self.newest(tab, Kinds::Work, move || {
                    let result = texts::loaded(&path, most, &progress)?;
                    Some(JobDone::Loaded { tab, number, path, result })
                });
            }
            Job::Measure { tab, path, kind, then } => {
                self.newest(tab, Kinds::Measure, move || {
                    let result = files::measure(&path).map_err(|error| error.to_string());
                    Some(JobDone::Measured { tab, typed: path, kind, then, result })
                });
            }
            Job::Seek { tab, generation, revision, query, from, direction, text, progress } => {
                self.newest(tab, Kinds::Seek, move || {
                    let hit = find_far(&query, &text, from, direction, &progress);
                    let goes_on = !progress.is_cancelled();
                    goes_on.then_some(JobDone::Sought { tab, generation, revision, hit })
                });
            }
            Job::Count { tab, generation, query, text, progress } => {
                self.newest(tab, Kinds::Count, move || {
                    let hits = count_all(&query, &text, &progress)?;
                    Some(JobDone::Counted { tab, generation, hits })
                });
            }
            Job::Lay { tab, stamp, request } => {
                self.newest(tab, Kinds::Lay, move || JobDone::Detail {
                    tab,
                    stamp,
                    result: lay(&request),
                });
            }
            Job::Find { tab, stamp, haystack, pattern, progress } => {
                self.newest(tab, Kinds::Find, move || {
                    let found = search_detail(&haystack, &pattern, &progress);
                    JobDone::Found { tab, stamp, found }
                });
            }
            Job::CopyPortion { tab, portion, what, log } => {
                self.newest(tab, Kinds::Gather, move || copy_portion(portion, what, &log));
            }
            Job::LoadSchema { tab, paths } => {
                self.newest(tab, Kinds::Schema, move || JobDone::Schema {
                    tab,
                    result: super::schema::load(&paths),
                });
            }
            Job::Compose { tab, payload, is_text } => {
                self.newest(tab, Kinds::Compose, move || {
                    let (kind, form, text) = as_composed(&payload, is_text);
                    JobDone::Composed { tab, kind, form, text: Rope::from_str(&text) }
                });
            }
            Job::Read { tab, payload, hex } => {
                self.newest(tab, Kinds::Read, move || JobDone::Readable {
                    text: readable(&payload, hex),
                });
            }
            Job::Encode { about, kind, form, text, then } => {
                let About { tab, number, progress } = about;
                let lane = Arc::clone(self.lanes.entry((tab, Kinds::Encode)).or_default());
                if lock(&lane).waiting.len() >= READY_QUEUE {
                    let result = Err(format!("{READY_QUEUE} messages wait to be made ready"));
                    self.inbox.push(Msg::Job(JobDone::Encoded { tab, number, then, result }));
                    return;
                }
                let work = move || {
                    let result = texts::encoded(kind, form, &text, &progress)?;
                    Some(JobDone::Encoded { tab, number, then, result })
                };
                run(&self.inbox, lane, Box::new(work), false);
            }
            Job::Scan { tab, lane, generation, scan, log } => {
                self.scan((tab, lane, generation), scan, log);
            }
            Job::Gather { tab, first, last, form, view, log } => {
                self.newest(tab, Kinds::Gather, move || {
                    let entries = log.read(view, first..last.saturating_add(1));
                    let (text, was_masked) = log.export(&entries, form);
                    let what = what_was_copied(entries.len(), form, was_masked);
                    Some(JobDone::Gathered { text, what })
                });
            }
        }
    }

    /// The work gives its result, or nothing if it was stopped.
    fn newest<R: Into<Option<JobDone>>>(
        &mut self,
        tab: TabId,
        kind: Kinds,
        work: impl FnOnce() -> R + Send + 'static,
    ) {
        let lane = Arc::clone(self.lanes.entry((tab, kind)).or_default());
        run(&self.inbox, lane, Box::new(move || work().into()), true);
    }

    fn scan(&mut self, about: (TabId, ScanLane, u64), scan: Arc<dyn Scan>, log: LogHandle) {
        let task = tokio::spawn(run_scan(self.inbox.clone(), about, Arc::clone(&scan), log));
        let (tab, lane, _) = about;
        if let Some((old, task)) = self.scans.insert((tab, lane), (scan, task.abort_handle())) {
            old.cancel();
            task.abort();
        }
    }

    /// Drops scans that were cancelled, with the logs that they hold, and lanes of tabs that are
    /// gone.
    pub(super) fn tidy(&mut self, is_there: impl Fn(TabId) -> bool) {
        self.scans.retain(|(tab, _), (scan, task)| {
            let keep = !scan.is_cancelled() && is_there(*tab);
            if !keep {
                scan.cancel();
                task.abort();
            }
            keep
        });
        self.lanes.retain(|(tab, _), _| is_there(*tab));
    }
}

/// Runs a piece of work when its lane is free. With `newest_only` it takes the place of one that
/// waits.
fn run(inbox: &Inbox, lane: Shared, work: Work, newest_only: bool) {
    {
        let mut held = lock(&lane);
        if newest_only {
            held.waiting.clear();
        }
        held.waiting.push_back(work);
        if std::mem::replace(&mut held.running, true) {
            return;
        }
    }
    let inbox = inbox.clone();
    tokio::task::spawn_blocking(move || {
        loop {
            let work = {
                let mut held = lock(&lane);
                match held.waiting.pop_front() {
                    Some(work) => work,
                    None => {
                        held.running = false;
                        return;
                    }
                }
            };
            // A fault in one piece of work must not stop its lane for good.
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            match done {
                Ok(Some(done)) => inbox.push(Msg::Job(done)),
                Ok(None) => {}
                Err(_) => inbox.push(failed()),
            }
        }
    });
}

/// A part of a message as text, secrets masked.
fn copy_portion(portion: Portion, what: String, log: &LogHandle) -> JobDone {
    let bytes = match portion {
        Portion::Bytes(bytes) => bytes,
        Portion::Node(tree, node) => Bytes::from(tree.plain_value(node).into_owned()),
    };
    let (text, masked) = log.export(&[bare(bytes)], CopyAs::Whole);
    let what = if masked { format!("{what}, secrets masked,") } else { what };
    JobDone::Gathered { text, what }
}

/// A payload as text, a line of a dump at a time if it is to be one.
fn readable(payload: &[u8], hex: bool) -> Rope {
    if !hex {
        return Rope::from_str(&payload::text_of(payload));
    }
    let mut out = RopeBuilder::new();
    for index in 0..payload::hexdump_line_count(payload.len()) {
        out.append(&payload::hexdump_line(payload, index));
        out.append("\n");
    }
    out.finish()
}

fn failed() -> Msg {
    let text = "wsdeck failed at this; its log file (wsdeck.log) says where.".into();
    Msg::Said { ok: false, text }
}

/// Goes through what is there, and goes on whenever the log has grown.
async fn run_scan(
    inbox: Inbox,
    (tab, lane, generation): (TabId, ScanLane, u64),
    scan: Arc<dyn Scan>,
    log: LogHandle,
) {
    let mut told: Option<(u64, bool, Instant)> = None;
    loop {
        // Asked for before the step, so that what grows during it is not missed.
        let growth = inbox.growth();
        tokio::pin!(growth);
        growth.as_mut().enable();
        let (at_work, in_log) = (Arc::clone(&scan), log.clone());
        let (began, end) = (Instant::now(), log.stats().end);
        let step = tokio::task::spawn_blocking(move || at_work.step(&in_log, SCAN_STEP)).await;
        let Ok(progress) = step else {
            inbox.push(failed());
            return;
        };
        if scan.is_cancelled() {
            return;
        }
        let news = (progress.hits, progress.done);
        let due = told.is_none_or(|(hits, done, at)| {
            (hits, done) != news && (news.1 || at.elapsed() >= SCAN_PACE)
        });
        if due {
            told = Some((news.0, news.1, Instant::now()));
            let done = progress.done;
            inbox.push(Msg::Job(JobDone::Scanned { tab, lane, generation, done }));
        }
        if lane == ScanLane::Pairs && log.stats().end > end + FLOOD {
            tokio::time::sleep(began.elapsed() * REST).await;
        }
        if progress.done {
            growth.await;
            // A log that grows all the time is looked at now and then.
            if let Some((.., at)) = told {
                tokio::time::sleep_until(at + SCAN_PACE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::effect::{Encoded, Outgoing};
    use crate::core::message::{Direction, Message, MessageKind};
    use crate::core::progress::Progress;
    use crate::core::time::Micros;
    use crate::log::{Filter, Mode, Pattern, Search};
    use crate::payload::{BinaryForm, Kind};

    async fn next(inbox: &Inbox) -> Msg {
        let wait = async {
            loop {
                if let Some(msg) = inbox.pop() {
                    return msg;
                }
                inbox.woken().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("a result in time")
    }

    #[tokio::test]
    async fn only_the_newest_of_those_that_wait_is_done() {
        let inbox = Inbox::default();
        let lane = Shared::default();
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let done = |n| Some(JobDone::Gathered { text: String::new(), what: format!("{n}") });
        let first = move || {
            gate.recv().ok();
            done(0)
        };
        run(&inbox, Arc::clone(&lane), Box::new(first), true);
        // The first one runs, or waits still and is replaced; either way the last one is done.
        for n in 1..=50 {
            run(&inbox, Arc::clone(&lane), Box::new(move || done(n)), true);
        }
        go.send(()).ok();
        let mut results = Vec::new();
        while results.last().map(String::as_str) != Some("50") {
            match next(&inbox).await {
                Msg::Job(JobDone::Gathered { what, .. }) => results.push(what),
                other => panic!("{other:?}"),
            }
        }
        assert!(results.len() <= 2, "{results:?}");
    }

    #[tokio::test]
    async fn messages_are_made_ready_in_order_and_none_is_lost() {
        let inbox = Inbox::default();
        let mut jobs = Jobs::new(inbox.clone());
        for n in 0..20 {
            let (tab, number, progress) = (TabId(1), n, Progress::default());
            jobs.begin(Job::Encode {
                about: About { tab, number, progress },
                kind: Kind::Text,
                form: BinaryForm::Hex,
                text: Rope::from(n.to_string()),
                then: Encoded::Send,
            });
        }
        for n in 0..20 {
            match next(&inbox).await {
                Msg::Job(JobDone::Encoded { result: Ok(Outgoing::Text(text)), .. }) => {
                    assert_eq!(text, n.to_string());
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_search_goes_on_as_the_log_grows_and_ends_when_cancelled() {
        let inbox = Inbox::default();
        let mut jobs = Jobs::new(inbox.clone());
        let log = LogHandle::new(1 << 20);
        let message = |text: &'static str| Message {
            at: Micros(1),
            direction: Direction::In,
            kind: MessageKind::Text,
            payload: bytes::Bytes::from_static(text.as_bytes()),
            packed: None,
            split: None,
        };
        log.append(&[message("hay"), message("needle")]);
        let pattern = Pattern::new("needle", Mode::Plain, true).unwrap();
        let search = Search::new(pattern, Filter::ALL);
        let (tab, generation) = (TabId(1), 7);
        jobs.begin(Job::Scan {
            tab,
            lane: ScanLane::Search,
            generation,
            scan: Arc::new(search.clone()),
            log: log.clone(),
        });
        let told = |msg: &Msg| matches!(msg, Msg::Job(JobDone::Scanned { generation: 7, .. }));
        assert!(told(&next(&inbox).await));
        while search.total() < 1 {
            next(&inbox).await;
        }
        log.append(&[message("another needle")]);
        inbox.grew(tab);
        while search.total() < 2 {
            assert!(told(&next(&inbox).await));
        }
        search.cancel();
        jobs.tidy(|_| true);
        assert!(jobs.scans.is_empty());
    }
}
