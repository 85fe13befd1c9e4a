//! Which finding comes first, and what is left out.

use super::*;
use crate::core::evidence::*;
use crate::core::stage::Stage;
use fixtures::*;

fn first(e: &Evidence) -> String {
    diagnose(e).first().map(|finding| finding.code.to_string()).unwrap_or_default()
}

#[test]
fn a_healthy_connection_gives_nothing() {
    assert_eq!(diagnose(&healthy()), []);
    assert_eq!(diagnose(&healthy_tls()), []);
}

#[test]
fn every_failure_has_a_finding_that_is_an_error() {
    for (id, e) in cases() {
        if let Some(failure) = &e.failure {
            let findings = diagnose(&e);
            let cancelled = failure.kind == FailureKind::Cancelled;
            assert!(
                findings.first().is_some_and(|f| cancelled || f.severity == Severity::Error),
                "{id}: {findings:?}"
            );
        }
    }
}

#[test]
fn warnings_only_while_it_is_open() {
    for (id, e) in cases() {
        let open = e.session.as_ref().is_some_and(|session| session.end.is_none());
        if open && e.failure.is_none() {
            assert!(diagnose(&e).iter().all(|f| f.severity != Severity::Error), "{id}");
        }
    }
}

#[test]
fn findings_come_in_order() {
    for (_, e) in cases() {
        let keys: Vec<_> = diagnose(&e).iter().map(|f| (f.severity, f.confidence)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }
}

#[test]
fn the_first_finding_is_the_one_that_helps() {
    let named = |host: &str| dns(host, DnsProblem::NotFound);
    for (e, id) in [
        (refused(), "tcp/refused"),
        (tcp(IoProblem::TimedOut), "tcp/timeout-filtered"),
        (named("redis"), "dns/single-label"),
        (named("x.local"), "dns/local-mdns"),
        (named("api.exmaple.com"), "dns/nxdomain"),
        (failed(Stage::Tls, FailureKind::Internal, "boom"), "tls/failed"),
    ] {
        assert_eq!(first(&e), id);
    }
}

#[test]
fn general_findings_leave_when_a_special_one_is_there() {
    let mut e = refused();
    e.request.port_typed = false;
    let codes: Vec<_> = diagnose(&e).into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["tcp/refused-default-port"]);
}

#[test]
fn the_stage_before_is_named_with_its_time() {
    let findings = diagnose(&failed(Stage::Tls, FailureKind::Internal, "boom"));
    assert!(findings[0].explanation.contains("TCP 30 ms"), "{}", findings[0].explanation);
}
