//! One rule for each stage that says where the attempt stopped, for when nothing else is known.

use crate::core::evidence::{Evidence, FailureKind};
use crate::core::stage::Stage;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::rule::{FnRule, Rule};
use crate::diagnose::{see, words};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::fallback("url/failed", |e| failed(e, Stage::Url)),
    &FnRule::fallback("dns/failed", |e| failed(e, Stage::Dns)),
    &FnRule::fallback("tcp/failed", |e| failed(e, Stage::Tcp)),
    &FnRule::fallback("proxy/failed", |e| failed(e, Stage::Proxy)),
    &FnRule::fallback("tls/failed", |e| failed(e, Stage::Tls)),
    &FnRule::fallback("http/failed", |e| failed(e, Stage::Http)),
    &FnRule::fallback("ws/failed", |e| failed(e, Stage::WebSocket).or_else(|| ended(e))),
];

fn failed(e: &Evidence, stage: Stage) -> Option<Draft> {
    let failure = e.failure.as_ref().filter(|failure| failure.stage == stage)?;
    let label = stage.label();
    let draft = match failure.kind {
        FailureKind::Cancelled => {
            return Some(
                certain(format!("The attempt was cancelled during {label}."))
                    .info()
                    .because(words::trail(e)),
            );
        }
        FailureKind::TimedOut => certain(format!(
            "The attempt reached its time limit of {} during {label}.",
            words::span(e.request.timeout_ms.saturating_mul(1000))
        )),
        FailureKind::Internal => certain(format!("wsdeck itself failed during {label}."))
            .hint("Report this with the evidence saved by `check --json`."),
        _ => certain(format!("The attempt to reach {} failed during {label}.", words::target(e))),
    };
    let good = e.stages.iter().rev().find(|r| r.outcome == crate::core::evidence::Outcome::Ok);
    let good = match good {
        Some(record) => format!("The last stage that worked is {}.", record.stage.label()),
        None => "No stage before it was finished.".into(),
    };
    let error = see::text(e);
    let error = if error.is_empty() {
        String::new()
    } else {
        format!("The error was {}.", words::said(error))
    };
    Some(
        draft
            .because(good)
            .because(error)
            .because(words::trail(e))
            .hint("Try again, and compare with an attempt that worked.")
            .hint("Read the log of the server for this moment."),
    )
}

/// A connection that was open and did not end in good order.
fn ended(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    use crate::core::evidence::EndedBy;
    if end.is_clean() || matches!(end.by, EndedBy::Us | EndedBy::Cut) {
        return None;
    }
    Some(
        certain("The open connection ended out of order.")
            .because(format!(
                "It was open for {} and ended with code {}.",
                words::span(see::open_us(session, end)),
                end.code()
            ))
            .because(if end.text.is_empty() {
                String::new()
            } else {
                format!("The error was {}.", words::said(&end.text))
            })
            .hint("Connect again and compare the time and the last message before the end."),
    )
}
