//! Results on their way to the loop.
//!
//! Whoever puts something in never waits: a connection's task must go on reading whatever the
//! screen is doing. It is bounded all the same. What comes by itself is merged with what waits
//! already (that a log grew, the share of a file); everything else is the answer to something
//! that the loop asked for, so there is never more of it than was asked for.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::app::Msg;
use crate::app::model::TabId;
use crate::app::msg::JobDone;
use crate::core::event::{EventKind, TransferState};
use crate::core::stage::ConnId;

/// Refused commands of one connection that may wait; further ones are counted.
const REFUSALS: usize = 16;

/// Round trips of one connection that may wait.
const ROUND_TRIPS: usize = 16;

/// Shared by everybody who has results; clones are the same inbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    held: Mutex<Held>,
    wake: Notify,
    /// Wakes those who wait for logs to grow, other than the loop.
    growth: Notify,
}

#[derive(Debug, Default)]
struct Held {
    queue: VecDeque<Msg>,
    grown: BTreeSet<TabId>,
    copy: Option<(String, String)>,
}

impl Inbox {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A queue of whole messages is whole after every step.
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a result in, or merges it with one that waits.
    pub(super) fn push(&self, msg: Msg) {
        {
            let mut held = self.held();
            if let Some(msg) = merged_into(&mut held.queue, msg) {
                held.queue.push_back(msg);
            }
        }
        self.inner.wake.notify_one();
    }

    /// Notes that a tab's log has grown. Wakes the loop at most once for each drawing.
    pub(super) fn grew(&self, tab: TabId) {
        if self.held().grown.insert(tab) {
            self.inner.wake.notify_one();
        }
        self.inner.growth.notify_waiters();
    }

    /// Resolves when any log has grown after this future was enabled.
    pub(super) fn growth(&self) -> Notified<'_> {
        self.inner.growth.notified()
    }

    /// Text that only the terminal can take to a clipboard, with a word for what it is; the
    /// newest one counts.
    pub(super) fn copy_by_terminal(&self, text: String, what: String) {
        self.held().copy = Some((text, what));
        self.inner.wake.notify_one();
    }

    /// See [`Inbox::copy_by_terminal`].
    pub(super) fn take_copy(&self) -> Option<(String, String)> {
        self.held().copy.take()
    }

    /// The oldest result.
    pub(super) fn pop(&self) -> Option<Msg> {
        self.held().queue.pop_front()
    }

    /// Whether a result waits.
    pub(super) fn has_more(&self) -> bool {
        !self.held().queue.is_empty()
    }

    /// Wakes the loop once more, for what it has left.
    pub(super) fn wake_again(&self) {
        self.inner.wake.notify_one();
    }

    /// Whether a log has grown since [`Inbox::take_grown`].
    pub(super) fn has_grown(&self) -> bool {
        !self.held().grown.is_empty()
    }

    /// Tabs whose logs have grown.
    pub(super) fn take_grown(&self) -> BTreeSet<TabId> {
        std::mem::take(&mut self.held().grown)
    }

    /// Returns when something was put in. May be dropped at any time.
    pub(super) async fn woken(&self) {
        self.inner.wake.notified().await;
    }
}

/// Merges a message into the queue if one of its kind waits; else gives it back.
fn merged_into(queue: &mut VecDeque<Msg>, msg: Msg) -> Option<Msg> {
    match &msg {
        Msg::Net { conn, event: EventKind::RoundTrip { .. }, .. } => {
            // Each is a point of a history, so only a crowd is merged, into its newest one.
            let conn = *conn;
            let mut waiting = queue.iter_mut().filter(|old| {
                matches!(old, Msg::Net { conn: c, event: EventKind::RoundTrip { .. }, .. } if *c == conn)
            });
            match waiting.nth(ROUND_TRIPS - 1) {
                Some(last) => *last = msg,
                None => return Some(msg),
            }
            None
        }
        Msg::Net { conn, event: EventKind::Transfer(news), .. } => {
            // Only the newest share counts; an end is never left out.
            let (conn, id) = (*conn, news.id);
            let old = queue.iter_mut().find(|old| {
                matches!(old, Msg::Net { conn: c, event: EventKind::Transfer(old), .. }
                    if *c == conn && old.id == id && old.state == TransferState::Running)
            });
            match old {
                Some(old) => *old = msg,
                None => return Some(msg),
            }
            None
        }
        Msg::Net { conn, event: EventKind::Rejected { .. }, .. } => {
            let waiting = queue.iter().filter(|old| is_refusal_of(old, *conn)).count();
            (waiting < REFUSALS).then_some(msg)
        }
        Msg::Job(JobDone::Scanned { tab, lane, generation, .. }) => {
            let about = (*tab, *lane, *generation);
            let old = queue.iter_mut().find(|old| {
                matches!(old, Msg::Job(JobDone::Scanned { tab, lane, generation, .. })
                    if (*tab, *lane, *generation) == about)
            });
            match old {
                Some(old) => *old = msg,
                None => return Some(msg),
            }
            None
        }
        _ => Some(msg),
    }
}

fn is_refusal_of(msg: &Msg, conn: ConnId) -> bool {
    matches!(msg, Msg::Net { conn: c, event: EventKind::Rejected { .. }, .. } if *c == conn)
}

#[cfg(test)]
mod tests {
    use crate::core::time::Micros;
    use std::time::Duration;

    use super::*;
    use crate::app::effect::ScanLane;
    use crate::core::event::{Transfer, TransferId};
    use crate::core::message::MessageKind;

    fn net(event: EventKind) -> Msg {
        Msg::Net { tab: TabId(1), conn: ConnId(1), event }
    }

    #[test]
    fn what_comes_by_itself_stays_bounded() {
        let inbox = Inbox::default();
        for n in 0..10_000 {
            inbox.grew(TabId(1));
            inbox.push(net(EventKind::RoundTrip { time: Duration::from_millis(n), at: Micros(n) }));
            inbox.push(net(EventKind::Rejected { command: "send", why: "no".into() }));
            let done = n == 9_999;
            let state = if done { TransferState::Done } else { TransferState::Running };
            let (id, total) = (TransferId(1), 10_000);
            inbox.push(net(EventKind::Transfer(Transfer {
                id,
                kind: MessageKind::Text,
                name: "file".into(),
                sent: n + 1,
                total,
                frames: 1,
                state,
            })));
            inbox.push(Msg::Job(JobDone::Scanned {
                tab: TabId(1),
                lane: ScanLane::Search,
                generation: 3,
                done,
            }));
        }
        assert_eq!(inbox.take_grown().len(), 1);
        assert!(!inbox.has_grown());
        let mut left = Vec::new();
        while let Some(msg) = inbox.pop() {
            left.push(msg);
        }
        assert_eq!(left.len(), REFUSALS + ROUND_TRIPS + 2);
        assert!(left.iter().any(|msg| matches!(msg,
            Msg::Net { event: EventKind::Transfer(news), .. }
                if news.state == TransferState::Done && news.sent == 10_000)));
        // Of what was merged the newest is kept.
        assert!(left.iter().any(|msg| matches!(msg,
            Msg::Net { event: EventKind::RoundTrip { time, .. }, .. }
                if *time == Duration::from_millis(9_999))));
        assert!(
            left.iter().any(|msg| matches!(msg, Msg::Job(JobDone::Scanned { done: true, .. })))
        );
    }

    #[test]
    fn answers_are_kept_in_order() {
        let inbox = Inbox::default();
        for n in 0..100 {
            inbox.push(Msg::Said { ok: true, text: n.to_string() });
        }
        for n in 0..100 {
            assert!(matches!(inbox.pop(), Some(Msg::Said { text, .. }) if text == n.to_string()));
        }
    }

    #[tokio::test]
    async fn what_was_put_in_before_the_wait_wakes_as_well() {
        let inbox = Inbox::default();
        inbox.grew(TabId(1));
        inbox.woken().await;
        inbox.grew(TabId(1));
        let again = tokio::time::timeout(Duration::from_millis(1), inbox.woken()).await;
        assert!(again.is_err(), "a log that is known to have grown must not wake again");
    }
}
