//! Questions and news of a credential on their way to the screen, and answers on their way back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::inbox::Inbox;
use crate::app::Msg;
use crate::app::model::TabId;
use crate::app::msg::CredentialNews;
use crate::core::credential::{Notice, Question};
use crate::core::stage::ConnId;
use crate::credentials::Attendant;

/// Questions that wait for an answer, of all connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: AtomicU64,
    open: Mutex<HashMap<u64, oneshot::Sender<bool>>>,
}

impl Waiting {
    fn put(&self) -> (u64, oneshot::Receiver<bool>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody waits any more for the answer to a question whose attempt was stopped.
        open.retain(|_, sender| !sender.is_closed());
        open.insert(id, sender);
        (id, receiver)
    }

    /// The user has answered.
    pub(super) fn answer(&self, question: u64, yes: bool) {
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = open.remove(&question) {
            // Whoever asked may be gone.
            let _ = sender.send(yes);
        }
    }
}

/// Meets the user by dialogues in one tab.
#[derive(Clone, Debug)]
pub(super) struct Dialogues {
    pub(super) tab: TabId,
    pub(super) conn: ConnId,
    pub(super) inbox: Inbox,
    pub(super) waiting: Waiting,
}

impl Dialogues {
    fn push(&self, news: CredentialNews) {
        self.inbox.push(Msg::Credential { tab: self.tab, conn: self.conn, news });
    }
}

impl Attendant for Dialogues {
    fn ask(&self, question: Question) -> BoxFuture<'_, bool> {
        let (id, answer) = self.waiting.put();
        self.push(CredentialNews::Question { id, question });
        Box::pin(async move { answer.await.unwrap_or(false) })
    }

    fn tell(&self, notice: Notice) {
        self.push(CredentialNews::Notice(notice));
    }
}
