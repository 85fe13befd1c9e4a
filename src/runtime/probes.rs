//! Probes beside the loop: one run a tab, each step told as it comes.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::AbortHandle;

use super::inbox::Inbox;
use crate::app::Msg;
use crate::app::effect::ProbeRequest;
use crate::app::model::TabId;
use crate::app::msg::ProbeStep;
use crate::credentials::{Credentials, Nobody};
use crate::net::clock::Clock;
use crate::probe::{self, Limits, Step, Subject};

/// All runs of the program.
#[derive(Debug)]
pub(super) struct Probes {
    inbox: Inbox,
    clock: Clock,
    running: HashMap<TabId, AbortHandle>,
    credentials: Arc<Credentials>,
}

impl Probes {
    pub(super) fn new(inbox: Inbox, clock: Clock, credentials: Arc<Credentials>) -> Probes {
        Probes { inbox, clock, running: HashMap::new(), credentials }
    }

    /// Begins a run; one that the tab had is stopped. Its end is told, unless it is stopped.
    pub(super) fn begin(&mut self, request: ProbeRequest) {
        let tab = request.tab;
        let credentials = Arc::clone(&self.credentials);
        let task = tokio::spawn(run(request, self.inbox.clone(), self.clock, credentials));
        if let Some(old) = self.running.insert(tab, task.abort_handle()) {
            old.abort();
        }
    }

    /// Stops the run of a tab: dropping it cuts the connection that it has.
    pub(super) fn stop(&mut self, tab: TabId) {
        if let Some(task) = self.running.remove(&tab) {
            task.abort();
        }
    }

    /// Stops the runs of tabs that are gone, and forgets those that have ended.
    pub(super) fn tidy(&mut self, exists: impl Fn(TabId) -> bool) {
        self.running.retain(|tab, task| {
            let keep = exists(*tab) && !task.is_finished();
            if !keep {
                task.abort();
            }
            keep
        });
    }
}

impl Drop for Probes {
    fn drop(&mut self) {
        self.running.values().for_each(AbortHandle::abort);
    }
}

async fn run(request: ProbeRequest, inbox: Inbox, clock: Clock, credentials: Arc<Credentials>) {
    let ProbeRequest { tab, run, draft, evidence, planned } = request;
    let tell = |step: ProbeStep| inbox.push(Msg::Probed { tab, run, step });
    // The attempt before has got the credential; where it must be asked for anew, nobody is.
    if let Ok(ready) = credentials.prepare_whole(&draft, None, &Nobody).await {
        let subject = Subject { draft: ready.draft, spec: ready.spec, means: ready.means };
        let limits = Limits::default();
        let sink = |step: Step<'_>| match step {
            Step::Began(at, _) => tell(ProbeStep::Began(at)),
            Step::Made(record) => tell(ProbeStep::Made(Box::new(record.clone()))),
        };
        probe::run(&subject, &evidence, &planned, limits, clock, sink).await;
    }
    // A request that cannot be written any more has no probes, either.
    tell(ProbeStep::Over);
}
