//! Probes beside the loop: one run a tab, each step told as it comes.

use std::collections::HashMap;

use tokio::task::AbortHandle;

use super::files;
use super::inbox::Inbox;
use crate::app::Msg;
use crate::app::effect::ProbeRequest;
use crate::app::model::TabId;
use crate::app::msg::ProbeStep;
use crate::auth;
use crate::core::proxy::ProxyEnvironment;
use crate::core::request::Files;
use crate::net::clock::Clock;
use crate::probe::{self, Limits, Step, Subject};

/// All runs of the program.
#[derive(Debug)]
pub(super) struct Probes {
    inbox: Inbox,
    clock: Clock,
    running: HashMap<TabId, AbortHandle>,
    /// What the environment says of proxies: probes go the way of the attempt.
    pub(super) proxies: ProxyEnvironment,
}

impl Probes {
    pub(super) fn new(inbox: Inbox, clock: Clock) -> Probes {
        Probes { inbox, clock, running: HashMap::new(), proxies: ProxyEnvironment::default() }
    }

    /// Begins a run; one that the tab had is stopped. Its end is told, unless it is stopped.
    pub(super) fn begin(&mut self, request: ProbeRequest) {
        let tab = request.tab;
        let task = tokio::spawn(run(request, self.inbox.clone(), self.clock, self.proxies.clone()));
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

async fn run(request: ProbeRequest, inbox: Inbox, clock: Clock, proxies: ProxyEnvironment) {
    let ProbeRequest { tab, run, draft, evidence, planned } = request;
    let tell = |step: ProbeStep| inbox.push(Msg::Probed { tab, run, step });
    let settings = draft.settings.clone();
    let read = tokio::task::spawn_blocking(move || files::of_request(&settings)).await;
    if let Ok(Ok(files)) = read
        && let files = (Files { proxy_environment: proxies, ..files })
        && let Ok(spec) = auth::prepare(&draft, files, clock.now())
    {
        let subject = Subject { draft, spec };
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
