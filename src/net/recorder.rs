//! Writes the record of an attempt as it goes on, and tells the owner of each stage.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::clock::Clock;
use super::dial::tls::Probe;
use super::options::Options;
use crate::core::event::{Event, EventKind};
use crate::core::evidence::{
    CredentialProblem, Evidence, Failure, FailureKind, Outcome, Redirect, RequestFacts,
    StageRecord, VERSION,
};
use crate::core::request::RequestSpec;
use crate::core::sanitize;
use crate::core::secret::{Masker, Secret};
use crate::core::stage::{ConnId, Stage};
use crate::core::time::Micros;
use crate::core::url::UrlProblem;

/// What ended an attempt from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    Cancelled,
    TimedOut,
}

#[derive(Debug)]
pub(super) struct Recorder {
    pub evidence: Evidence,
    pub masker: Masker,
    /// What the TLS handshake has shown so far, kept here for the case that it is interrupted.
    pub tls: Option<Arc<Probe>>,
    /// Name and TCP are the proxy's at the moment, so that what fails there is a matter of it.
    pub to_proxy: bool,
    conn: ConnId,
    clock: Clock,
    events: mpsc::Sender<Event>,
}

/// A record with nothing in it yet.
fn blank(request: RequestFacts, started: Micros) -> Evidence {
    Evidence {
        version: VERSION,
        wsdeck: env!("CARGO_PKG_VERSION").to_owned(),
        os: std::env::consts::OS.to_owned(),
        started,
        request,
        ..Evidence::default()
    }
}

/// The record of an attempt that failed before any network use: the address or the request cannot
/// be sent. `facts` holds what is known of the request, secrets masked.
#[must_use]
pub fn url_failure(facts: RequestFacts, problem: UrlProblem, clock: Clock) -> Evidence {
    let mut evidence = blank(facts, clock.now());
    let problem = problem.masked();
    let text = sanitize::escape(&problem.to_string()).into_owned();
    evidence.stages.push(StageRecord {
        stage: Stage::Url,
        began_us: 0,
        ended_us: Some(0),
        outcome: Outcome::Failed,
        detail: text.clone(),
    });
    evidence.failure = Some(Failure { stage: Stage::Url, kind: FailureKind::Url(problem), text });
    evidence
}

/// The record of an attempt that was not made, since its credential could not be got.
#[must_use]
pub fn credential_failure(
    facts: RequestFacts,
    problem: CredentialProblem,
    text: String,
    clock: Clock,
) -> Evidence {
    let mut evidence = blank(facts, clock.now());
    evidence.failure =
        Some(Failure { stage: Stage::Http, kind: FailureKind::Credential(problem), text });
    evidence
}

impl Recorder {
    pub(super) fn new(
        conn: ConnId,
        spec: &RequestSpec,
        options: &Options,
        events: mpsc::Sender<Event>,
    ) -> Recorder {
        let clock = options.clock;
        Recorder {
            evidence: Evidence {
                surroundings: options.surroundings,
                ..blank(spec.facts.clone(), clock.now())
            },
            masker: spec.masker.clone(),
            tls: None,
            to_proxy: false,
            conn,
            clock,
            events,
        }
    }

    pub(super) fn conn(&self) -> ConnId {
        self.conn
    }

    pub(super) fn now(&self) -> Micros {
        self.clock.now()
    }

    pub(super) fn started(&self) -> Micros {
        self.evidence.started
    }

    /// `at` as microseconds from the start of the attempt.
    pub(super) fn us(&self, at: Micros) -> u64 {
        u64::try_from(at.since(self.evidence.started).as_micros()).unwrap_or(u64::MAX)
    }

    /// Microseconds from the start of the attempt until now.
    pub(super) fn elapsed(&self) -> u64 {
        self.us(self.clock.now())
    }

    /// Text from outside for the record: secrets masked, then escaped.
    pub(super) fn clean(&self, text: &str) -> String {
        sanitize::escape(&self.masker.mask(text)).into_owned()
    }

    /// As [`Recorder::clean`], line ends kept.
    pub(super) fn clean_lines(&self, text: &str) -> String {
        sanitize::escape_multiline(&self.masker.mask(text)).into_owned()
    }

    pub(super) fn begin(&mut self, stage: Stage) {
        let began_us = self.elapsed();
        self.evidence.stages.push(StageRecord {
            stage,
            began_us,
            ended_us: None,
            outcome: Outcome::Running,
            detail: String::new(),
        });
        self.tell(EventKind::StageBegan(stage));
    }

    /// The stage that is going on has gone well.
    pub(super) fn succeed(&mut self, detail: impl Into<String>) {
        self.close_stage(Outcome::Ok, detail.into());
    }

    /// The attempt has failed.
    pub(super) fn fail(&mut self, failure: Failure) {
        let text = self.clean(&failure.text);
        let outcome = match failure.kind {
            FailureKind::Cancelled => Outcome::Cancelled,
            FailureKind::TimedOut => Outcome::TimedOut,
            _ => Outcome::Failed,
        };
        self.collect_tls();
        // A TLS 1.3 server refuses our certificate after the handshake, in answer to the request.
        if failure.stage == Stage::Tls
            && let Some(tls) =
                self.evidence.stages.iter_mut().find(|record| record.stage == Stage::Tls)
        {
            tls.outcome = outcome;
        }
        self.close_stage(outcome, text.clone());
        self.evidence.failure = Some(Failure { text, ..failure });
    }

    pub(super) fn interrupt(&mut self, by: Interruption, limit_ms: u64) {
        let stage = self.evidence.stages.last().map_or(Stage::Url, |record| record.stage);
        let (kind, text) = match by {
            Interruption::Cancelled => (FailureKind::Cancelled, "cancelled".to_owned()),
            Interruption::TimedOut => (
                FailureKind::TimedOut,
                format!("not open after {limit_ms} ms, while {}", stage.doing()),
            ),
        };
        // Whatever it takes to reach a proxy is a matter of the proxy.
        let to_proxy = matches!(stage, Stage::Dns | Stage::Tcp) && self.to_proxy;
        let stage = if to_proxy { Stage::Proxy } else { stage };
        self.fail(Failure { stage, kind, text });
    }

    /// A reply of that address has set cookies.
    pub(super) fn set_cookies(&self, url: String, lines: Vec<Secret>) {
        if !lines.is_empty() {
            self.tell(EventKind::Cookies { url: Secret::new(url), lines });
        }
    }

    fn close_stage(&mut self, outcome: Outcome, detail: String) {
        let ended = self.elapsed();
        let Some(record) = self.evidence.stages.last_mut() else { return };
        if record.ended_us.is_some() {
            return;
        }
        record.ended_us = Some(ended);
        record.outcome = outcome;
        record.detail = detail;
        let record = record.clone();
        self.tell(EventKind::StageEnded(record));
    }

    /// The answer was a redirect, which is followed: from now on the record is about the next
    /// address.
    pub(super) fn redirected(&mut self, redirect: Redirect, request: RequestFacts) {
        self.close_stage(Outcome::Ok, format!("{}, followed", redirect.status));
        let mut redirects = std::mem::take(&mut self.evidence.redirects);
        redirects.push(Redirect { at_us: self.elapsed(), ..redirect });
        let old = &self.evidence;
        self.evidence = Evidence {
            version: old.version,
            wsdeck: old.wsdeck.clone(),
            os: old.os.clone(),
            started: old.started,
            request,
            redirects,
            ..Evidence::default()
        };
        self.tls = None;
        self.to_proxy = false;
    }

    /// Puts what the TLS handshake has shown into the record.
    pub(super) fn collect_tls(&mut self) {
        if let Some(probe) = &self.tls {
            let mut facts = self.evidence.tls.take().unwrap_or_default();
            probe.fill(&mut facts);
            self.evidence.tls = Some(facts);
        }
    }

    /// The stages of one attempt always have room in the channel, which is empty at its start.
    fn tell(&self, kind: EventKind) {
        let _ = self.events.try_send(Event { conn: self.conn, at: self.clock.now(), kind });
    }
}
