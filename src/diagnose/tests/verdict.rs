//! Which finding comes first, and what is left out.

use super::*;
use crate::core::evidence::*;
use crate::core::stage::Stage;
use crate::core::url::UrlProblem;
use crate::diagnose::see;
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
        (plain_http_server(), "tls/plain-http-server"),
        (late_alert(116, "certificate_required"), "tls/client-cert-13"),
        (alert(40, "handshake_failure"), "tls/handshake-failure"),
        (untrusted(TrustProblem::Expired, |_| {}), "tls/cert-expired"),
        (not_http("15030300020246", ""), "http/tls-port-alert"),
        (no_answer(HttpProblem::Eof, 0), "http/closed-no-answer"),
        (status(401, &[], ""), "http/401-no-credentials"),
        (refused_login(401, "Bearer", &[], ""), "http/401-bare"),
        (status(403, &[], ""), "http/403-bare"),
        (status(404, &[], "nope"), "http/404-path"),
        (status(404, &[("Server", "uvicorn")], ""), "http/404-no-ws-support"),
        (status(426, &[("Upgrade", "websocket")], ""), "http/426-upgrade"),
        (status(418, &[], ""), "http/other-status"),
        (status(200, &[], "<!doctype html>"), "http/200-spa"),
        (bad_101(&[], &[Deviation::AcceptWrong]), "ws/accept-mismatch"),
        (dropped_at_once(EndedBy::PeerDropped), "ws/101-then-fin"),
        (dropped_after_one(EndedBy::PeerDropped), "msg/one-request-then-close"),
        (ended(EndedBy::PeerDropped), "ws/close-1006"),
        (ended(EndedBy::OurLimit), "msg/too-big-received"),
        (idle(60, 1), "msg/idle-60"),
        (idle(45, 1), "msg/idle-other"),
        (idle(60, 0), "ws/close-1006"),
        (closed(4401, ""), "ws/close-44xx"),
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

#[test]
fn wrong_version_number_is_found_by_its_name() {
    let finding = diagnose(&plain_http_server()).remove(0);
    assert!(finding.explanation.contains("WRONG_VERSION_NUMBER"));
    assert!(finding.also_called.iter().any(|name| name == "WRONG_VERSION_NUMBER"));
    assert!(explain(&finding.code).is_some_and(|page| page.contains("WRONG_VERSION_NUMBER")));
}

#[test]
fn a_proxys_407_is_not_the_servers_401() {
    let e = proxy(ProxyProblem::Status, Some(407), "HTTP/1.1 407 Proxy Authentication Required\n");
    assert_eq!(first(&e), "proxy/auth-407");
}

#[test]
fn one_drop_is_no_pattern_but_a_question() {
    let e = idle(45, 0);
    assert!(diagnose(&e).iter().all(|finding| finding.code != "msg/idle-other"));
    assert!(open_questions(&e).iter().any(|(id, _)| *id == "msg/idle-other"));
}

#[test]
fn the_heartbeat_that_is_offered_lies_below_the_silence() {
    use crate::core::change::Change;
    for seconds in [6, 10, 30, 60, 350] {
        for finding in diagnose(&idle(seconds, 2)) {
            for fix in finding.fixes {
                if let Change::SetHeartbeat { ms } = fix.change {
                    assert!(ms >= 1_000 && ms < seconds * 1_000, "{seconds} s: {ms} ms");
                }
            }
        }
    }
}

#[test]
fn the_servers_reason_comes_first() {
    let finding = diagnose(&closed(1008, "token expired")).remove(0);
    assert!(finding.summary.ends_with("“token expired”."), "{}", finding.summary);
}

#[test]
fn credentials_do_not_follow_a_redirect() {
    let e = refused_login(307, "Bearer", &[("Location", "https://eu.example.net/feed")], "");
    let finding = diagnose(&e).into_iter().find(|f| f.code == "http/redirect-other-host");
    // The only way there that is offered leaves them behind.
    let fixes: Vec<_> = finding.iter().flat_map(|f| &f.fixes).collect();
    assert_eq!(fixes.len(), 1);
    assert_eq!(fixes[0].label, "Follow this redirect without credentials");
    assert_eq!(fixes[0].change, crate::core::change::Change::FollowRedirects { at_most: 1 });
}

/// The request that a record speaks of, as far as fixes touch it.
fn draft_of(e: &Evidence) -> crate::core::request::RequestDraft {
    use crate::core::headers::HeaderRow;
    let r = &e.request;
    let mut draft = crate::core::request::RequestDraft::default();
    let port = if r.port_typed { format!(":{}", r.port) } else { String::new() };
    draft.set_url(match see::url(e) {
        Some(UrlProblem::Ipv6Brackets { .. }) => "ws://::1/x".to_owned(),
        Some(UrlProblem::BadCharacter { .. }) => "ws://a.example/a b".to_owned(),
        Some(UrlProblem::Fragment { .. }) => "ws://a.example/x#y".to_owned(),
        _ => format!("{}://{}{port}{}", r.scheme, r.host, r.target),
    });
    let own = ["Accept", "Host", "Origin"].map(str::to_owned);
    draft.headers = r.overridden.iter().chain(&own).map(|n| HeaderRow::new(n, "x")).collect();
    draft.settings.subprotocols.clone_from(&r.subprotocols);
    draft.settings.verify = r.verify;
    draft.settings.server_name = "set.example".into();
    if e.tls.as_ref().is_some_and(|tls| tls.versions_offered.len() == 1) {
        draft.settings.tls_versions = crate::core::request::TlsVersions::Only13;
    }
    draft.settings.heartbeat_ms = r.heartbeat_ms;
    draft.settings.max_message = r.max_message;
    draft.settings.reconnect_attempts = 3;
    draft.settings.compression = !r.extensions.is_empty();
    draft.auth.kind.clone_from(&r.auth);
    // Every slip that can be taken out.
    draft.auth.set("token", "Bearer x".into());
    draft.auth.set("value", "\"x\"".into());
    draft.auth.set("key", "a b\n".into());
    draft
}

#[test]
fn every_fix_changes_its_request() {
    let mut idle = Vec::new();
    for (id, e) in cases() {
        // Both schemes are offered where none could be read.
        for finding in diagnose(&e).into_iter().filter(|f| f.code != "url/unknown-scheme") {
            for fix in finding.fixes {
                // A message for the composer is no part of the request.
                if matches!(fix.change, crate::core::change::Change::SetMessage { .. }) {
                    continue;
                }
                let before = draft_of(&e);
                let mut after = before.clone();
                fix.change.apply(&mut after);
                if before == after {
                    idle.push(format!("{id}, {}: {}", finding.code, fix.label));
                }
            }
        }
    }
    assert!(idle.is_empty(), "{idle:#?}");
}
