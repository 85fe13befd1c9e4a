//! The verdict on one attempt, as `check` tells it to scripts and to people.
//!
//! The fields of [`Report`] are the JSON object of `check --json` and do not change.

use serde::Serialize;

use crate::core::close;
use crate::core::evidence::{
    End, EndedBy, Evidence, Failure, FailureKind, Outcome, ProbeRecord, RequestFacts, StageRecord,
};
use crate::core::finding::{Confidence, Finding, Fix, Severity};
use crate::core::request::RequestDraft;
use crate::core::stage::Stage;
use crate::core::time::measured;
use crate::core::url::{self, UrlProblem};
use crate::diagnose;
use crate::diagnose::probes::{Planned, conclude};
use crate::net::clock::Clock;
use crate::net::url_failure;
use crate::probe::places::PlaceRecord;

/// One attempt, judged.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the program.
    pub wsdeck: &'static str,
    /// As typed, secrets masked.
    pub url: String,
    /// Connected, healthy, and ended as asked.
    pub ok: bool,
    /// Stage that failed, or `none`.
    pub phase: &'static str,
    /// Id of the first finding; `None` if all went well.
    pub code: Option<String>,
    /// One sentence.
    pub summary: String,
    /// What was seen and why it means that.
    pub explanation: String,
    /// Imperatives, best first.
    pub hints: Vec<String>,
    /// Changes to the request that would help.
    pub fixes: Vec<Fix>,
    /// Everything that was found, most certain first; warnings too, if all went well.
    pub findings: Vec<Finding>,
    /// Every stage that was entered.
    pub stages: Vec<ReportStage>,
    /// With `--probe`: further attempts that changed one thing each. The same stands in
    /// `evidence`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probes: Option<Vec<ProbeRecord>>,
    /// With `--probe`: what they showed, one sentence; `None` if none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// With `--auth-probe`: the same token at each place, and what the server made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_probe: Option<Vec<PlaceRecord>>,
    /// The record that all of it rests on, secrets masked.
    pub evidence: Evidence,
    /// Probes that were not made, because they must be allowed first.
    #[serde(skip)]
    pub unmade: Vec<Planned>,
    /// Stage that the attempt itself failed in, whatever probes said of the cause.
    #[serde(skip)]
    exit: Option<Stage>,
}

/// A stage as scripts see it.
#[derive(Debug, Serialize)]
pub struct ReportStage {
    pub name: &'static str,
    pub ms: f64,
    pub ok: bool,
    pub detail: String,
}

impl ReportStage {
    pub fn of(record: &StageRecord) -> ReportStage {
        ReportStage {
            name: record.stage.name(),
            ms: record.millis(),
            ok: record.outcome == Outcome::Ok,
            detail: record.detail.clone(),
        }
    }
}

impl Report {
    /// Judges a record.
    #[must_use]
    pub fn judge(evidence: Evidence) -> Report {
        let (findings, failed) = verdict(&evidence);
        // Probes may show that the cause lies elsewhere; what failed is what failed.
        let exit = if evidence.probes.is_empty() {
            failed
        } else {
            verdict(&Evidence { probes: Vec::new(), ..evidence.clone() }).1
        };
        let stages = evidence.stages.iter().map(ReportStage::of).collect();
        let first = failed.and_then(|_| findings.first());
        Report {
            wsdeck: env!("CARGO_PKG_VERSION"),
            url: evidence.request.typed.clone(),
            ok: failed.is_none(),
            phase: failed.map_or("none", Stage::name),
            code: first.map(|finding| finding.code.to_string()),
            summary: first.map_or_else(|| healthy(&evidence), |finding| finding.summary.clone()),
            explanation: first
                .map_or_else(|| what_happened(&evidence), |finding| finding.explanation.clone()),
            hints: first.map(|finding| finding.hints.clone()).unwrap_or_default(),
            fixes: first.map(|finding| finding.fixes.clone()).unwrap_or_default(),
            findings,
            stages,
            probes: None,
            conclusion: None,
            auth_probe: None,
            evidence,
            unmade: Vec::new(),
            exit,
        }
    }

    /// Probes were asked for: they are told by themselves too, and what was not allowed is kept
    /// to be named.
    pub fn probed(&mut self, unmade: Vec<Planned>) {
        self.probes = Some(self.evidence.probes.clone());
        self.conclusion = conclude(&self.evidence).map(|conclusion| conclusion.sentence);
        self.unmade = unmade;
    }

    /// Process exit code (a contract, see the manual).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let ours =
            matches!(&self.evidence.failure, Some(Failure { kind: FailureKind::Internal, .. }));
        match self.exit {
            _ if ours => super::EXIT_OURS,
            Some(stage) => stage.exit_code(),
            None => 0,
        }
    }
}

/// What was found, the finding that the verdict is about first, and the stage that it blames.
fn verdict(evidence: &Evidence) -> (Vec<Finding>, Option<Stage>) {
    let mut findings = diagnose::diagnose(evidence);
    let failed = failed_stage(evidence, &findings);
    if let Some(stage) = failed {
        match findings.iter().position(|finding| finding.severity == Severity::Error) {
            // The one that the verdict is about stands first.
            Some(at) => findings[..=at].rotate_right(1),
            None => findings.insert(0, unexplained(stage, evidence)),
        }
    }
    let failed = failed.map(|stage| match findings.first() {
        Some(first) if first.severity == Severity::Error => first.phase,
        _ => stage,
    });
    (findings, failed)
}

/// Record of a request that cannot be sent as it stands.
#[must_use]
pub fn unsendable(draft: &RequestDraft, problem: UrlProblem) -> Evidence {
    let facts = RequestFacts {
        typed: url::masked(&draft.url),
        auth: draft.auth.kind.clone(),
        verify: draft.settings.verify,
        timeout_ms: draft.settings.connect_timeout_ms,
        max_message: draft.settings.max_message,
        heartbeat_ms: draft.settings.heartbeat_ms,
        ..RequestFacts::default()
    };
    url_failure(facts, problem, Clock::process())
}

/// The stage that the verdict is about; `None` if the connection is healthy.
fn failed_stage(evidence: &Evidence, findings: &[Finding]) -> Option<Stage> {
    if let Some(failure) = &evidence.failure {
        return Some(failure.stage);
    }
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    match evidence.session.as_ref().and_then(|session| session.end.as_ref()) {
        _ if error.is_some() => error.map(|finding| finding.phase),
        Some(end) if ended_well(end) && !is_deaf(evidence) => None,
        _ => Some(Stage::WebSocket),
    }
}

/// The server let a ping of ours go unanswered, which RFC 6455 section 5.5.2 forbids unless it
/// was about to close.
fn is_deaf(evidence: &Evidence) -> bool {
    evidence.session.as_ref().is_some_and(|session| {
        session.unanswered_pings > 0
            && session.end.as_ref().is_some_and(|end| end.by == EndedBy::Us)
    })
}

/// The peer closed in good order, or answered our close; a peer that only hangs up on our close
/// was healthy as long as it mattered.
fn ended_well(end: &End) -> bool {
    end.is_clean() || (end.by == EndedBy::Us && !end.frame_cut)
}

/// For a failure that no rule has a word for: the facts, and no guess.
fn unexplained(stage: Stage, evidence: &Evidence) -> Finding {
    let (code, told) = match &evidence.failure {
        Some(Failure { kind: FailureKind::Url(problem), text, .. }) => {
            (problem.code().into(), text.clone())
        }
        Some(failure) => (format!("{}/failed", stage.name()).into(), failure.text.clone()),
        None if is_deaf(evidence) => ("ws/ping-unanswered".into(), what_happened(evidence)),
        None => ("ws/ended".into(), what_happened(evidence)),
    };
    let summary = match stage {
        Stage::Url => told.clone(),
        Stage::WebSocket if is_deaf(evidence) => "The server does not answer pings.".into(),
        Stage::WebSocket if evidence.opened() => "The connection opened and did not last.".into(),
        stage => format!("Connecting failed while {}.", stage.doing()),
    };
    Finding {
        code,
        phase: stage,
        severity: Severity::Error,
        confidence: Confidence::Certain,
        summary,
        explanation: told,
        hints: Vec::new(),
        fixes: Vec::new(),
        also_called: Vec::new(),
    }
}

fn healthy(evidence: &Evidence) -> String {
    let Some(session) = &evidence.session else { return "Connected.".into() };
    let opened = measured(session.opened_us);
    let answer = match session.round_trips_us.last() {
        Some(us) => format!("answered a ping in {}", measured(*us)),
        None => "closed in good order".into(),
    };
    format!("Connected in {opened}; the server {answer}.")
}

/// The open connection in some words.
fn what_happened(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    if let Some(facts) = &evidence.websocket {
        match (&facts.subprotocol, evidence.request.subprotocols.is_empty()) {
            (Some(name), _) => parts.push(format!("The server chose the subprotocol {name}.")),
            (None, false) => parts.push("The server chose none of the subprotocols.".into()),
            (None, true) => {}
        }
    }
    if let Some(session) = &evidence.session {
        parts.push(format!(
            "Received {}, sent {}.",
            messages(session.received.messages()),
            messages(session.sent.messages())
        ));
        if let Some(end) = &session.end {
            parts.push(how_it_ended(end));
        }
    }
    parts.join(" ")
}

/// How an open connection ended, as a sentence.
#[must_use]
pub fn how_it_ended(end: &End) -> String {
    let code = end.code();
    let reason = if end.reason_received.is_empty() {
        String::new()
    } else {
        format!(", “{}”", end.reason_received)
    };
    let close = format!("{code} ({}){reason}", close::code_name(code));
    match end.by {
        EndedBy::Us if end.close_received => format!("It was closed as asked, {close}."),
        EndedBy::Us => "It was closed as asked; the server did not answer the close.".into(),
        EndedBy::Peer => format!("The server closed with {close}."),
        EndedBy::PeerDropped => "The server dropped it without a close frame.".into(),
        EndedBy::Reset => "It was reset without a close frame.".into(),
        EndedBy::PeerViolation => format!("The server broke the protocol: {}.", end.text),
        EndedBy::OurLimit => format!("A message was larger than the limit: {}.", end.text),
        EndedBy::Cut => "It was cut by us.".into(),
        EndedBy::TimedOut => format!("The server did not answer in time: {}.", end.text),
        EndedBy::Network => format!("The network failed: {}.", end.text),
    }
}

fn messages(count: u64) -> String {
    let plural = if count == 1 { "message" } else { "messages" };
    format!("{count} {plural}")
}
