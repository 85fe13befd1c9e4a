//! Probes that are whole attempts: an opening handshake, or a GET in its place.

use std::time::Duration;

use tokio::time::timeout;

use super::{Subject, bare};
use crate::core::event::{Command, EventKind};
use crate::core::evidence::{
    Evidence, FailureKind, HttpProblem, ProbeRecord, ProbeResult, ReplyFacts,
};
use crate::core::stage::ConnId;
use crate::diagnose::diagnose;
use crate::diagnose::probes::Planned;
use crate::net::clock::Clock;
use crate::net::{self, Options};

/// How long the closing handshake of a connection that opened may take.
pub(super) const GOODBYE: Duration = Duration::from_millis(500);

/// How long the body of a refusal is read.
const BODY: Duration = Duration::from_millis(300);

/// Numbers of connections that no other part of the program uses: they are never seen outside.
const CONN: ConnId = ConnId(u64::MAX);

/// Waits of an attempt of which only the answer counts.
pub(super) fn brief(clock: Clock) -> Options {
    Options {
        clock,
        close_wait: GOODBYE,
        linger: GOODBYE / 2,
        body_wait: BODY,
        ..Options::default()
    }
}

/// Makes one.
pub(super) async fn make(
    subject: &Subject,
    evidence: &Evidence,
    probe: &Planned,
    limit: Duration,
    clock: Clock,
) -> ProbeRecord {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let spec = match bare::spec(subject, probe, limit_ms, clock.now()) {
        Ok(spec) => spec,
        Err(why) => {
            let told = format!("not made: {why}");
            return ProbeRecord::new(probe.kind, &probe.changed, ProbeResult::Skipped, told);
        }
    };
    let (handle, mut events) = net::spawn(CONN, spec, brief(clock));
    let mut found = None;
    let talk = async {
        while let Some(event) = events.recv().await {
            match event.kind {
                EventKind::Open(open) => {
                    found = Some(open);
                    let close = Command::Close { code: Some(1000), reason: String::new() };
                    let _ = handle.try_send(close);
                }
                EventKind::Ended(ended) => {
                    // An attempt that opened has told what is asked; how it ends is no matter.
                    found.get_or_insert(ended);
                    return;
                }
                _ => {}
            }
        }
    };
    // The attempt has its own limit; what comes after it has this one.
    let _ = timeout(limit + GOODBYE * 2, talk).await;
    match found {
        Some(found) => record(evidence, probe, &found),
        None => ProbeRecord::new(
            probe.kind,
            &probe.changed,
            ProbeResult::TimedOut,
            "nothing came in time",
        ),
    }
}

/// What an attempt's record comes to.
fn record(evidence: &Evidence, probe: &Planned, found: &Evidence) -> ProbeRecord {
    let reply = found.http.as_ref().and_then(|http| http.reply.as_ref());
    let (result, told) = match (&found.failure, reply) {
        _ if found.opened() => (ProbeResult::Open, opened(found)),
        (Some(failure), Some(reply)) if failure.kind == FailureKind::Http(HttpProblem::Status) => {
            (ProbeResult::Status { status: reply.status }, status_line(reply))
        }
        (Some(failure), _) => {
            let result = match failure.kind {
                FailureKind::TimedOut => ProbeResult::TimedOut,
                FailureKind::Http(HttpProblem::NotHttp) => ProbeResult::OtherProtocol,
                FailureKind::Http(HttpProblem::Eof | HttpProblem::Reset)
                    if found.http.as_ref().is_none_or(|http| http.received == 0) =>
                {
                    ProbeResult::Closed
                }
                _ => ProbeResult::Failed { stage: failure.stage },
            };
            (result, format!("{}: {}", failure.stage.label(), failure.text))
        }
        (None, _) => (ProbeResult::Open, opened(found)),
    };
    let mut record = ProbeRecord::new(probe.kind, &probe.changed, result, told);
    record.code = diagnose(found)
        .into_iter()
        .next()
        .filter(|_| found.failure.is_some())
        .map(|finding| finding.code);
    let first = evidence.http.as_ref().and_then(|http| http.reply.as_ref());
    record.same = first
        .zip(reply)
        .is_some_and(|(first, reply)| first.status == reply.status && first.body == reply.body);
    record
}

fn opened(found: &Evidence) -> String {
    match found.websocket.as_ref().and_then(|ws| ws.subprotocol.as_ref()) {
        Some(name) => format!("opens, with {name}"),
        None => "opens".into(),
    }
}

fn status_line(reply: &ReplyFacts) -> String {
    let challenge = reply.header("www-authenticate").map(|challenge| {
        format!(", asks for {}", challenge.split_whitespace().next().unwrap_or_default())
    });
    let line = format!("{} {}", reply.status, reply.reason);
    format!("{}{}", line.trim_end(), challenge.unwrap_or_default())
}
