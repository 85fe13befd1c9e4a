//! Plans, readings and weights, by value.

use std::net::IpAddr;

use super::*;
use crate::core::change::Change;
use crate::core::evidence::*;
use crate::core::finding::{Confidence, Severity};
use crate::core::request::IpFamily;
use crate::core::stage::Stage;
use crate::core::url::Scheme;
use crate::diagnose::diagnose;
use crate::diagnose::fixtures::*;

use ProbeKind as K;

fn planned(e: &Evidence) -> Vec<Planned> {
    plan(e, &diagnose(e))
}

fn kinds(e: &Evidence) -> Vec<ProbeKind> {
    planned(e).iter().filter(|p| p.is_bare()).map(|p| p.kind).collect()
}

fn asked(e: &Evidence) -> Vec<ProbeKind> {
    planned(e).iter().filter(|p| !p.is_bare()).map(|p| p.kind).collect()
}

fn with(mut e: Evidence, edit: impl FnOnce(&mut Evidence)) -> Evidence {
    edit(&mut e);
    e
}

/// A bearer token went out.
fn secretly(e: Evidence) -> Evidence {
    with(e, |e| e.request.credentials.push("header Authorization".into()))
}

fn record(kind: ProbeKind, result: ProbeResult) -> ProbeRecord {
    ProbeRecord::new(kind, "a change", result, "it happened")
}

/// The record after its plan was carried out with this result of the probe of that kind.
fn probed(mut e: Evidence, kind: ProbeKind, result: ProbeResult) -> Evidence {
    let all = planned(&e);
    let chosen = all.iter().find(|p| p.kind == kind).unwrap_or_else(|| panic!("{kind:?}: {all:?}"));
    let mut record = ProbeRecord::new(kind, &chosen.changed, result, "it happened");
    record.change.clone_from(&chosen.change);
    record.credentials = chosen.whole;
    e.probes.push(record);
    e
}

const OPEN: ProbeResult = ProbeResult::Open;

fn code(status: u16) -> ProbeResult {
    ProbeResult::Status { status }
}

fn tls13() -> ProbeResult {
    ProbeResult::Tls { version: Some("TLS 1.3".into()) }
}

fn two_families(e: Evidence) -> Evidence {
    with(e, |e| {
        if let Some(dns) = &mut e.dns {
            dns.answers = ["::1", "127.0.0.1"].map(|ip| ip.parse::<IpAddr>().unwrap()).to_vec();
        }
    })
}

#[test]
fn each_failure_has_its_ladder() {
    let origin =
        |e| with(e, |e: &mut Evidence| e.request.origin = Some("https://x.example".into()));
    let offered = |e| with(e, |e: &mut Evidence| e.request.subprotocols = vec!["v1".into()]);
    let target = |e, to: &str| with(e, |e: &mut Evidence| e.request.target = to.into());
    let eof = no_answer(HttpProblem::Eof, 0);
    let engine = r#"{"code":0,"message":"Transport unknown"}"#;
    let location = |to: &str| status(308, &[("Location", to)], "");
    for (what, e, want) in [
        ("ws, nothing and FIN", eof, &[K::TlsHello, K::ConnectAndWait, K::PlainGet][..]),
        (
            "ws, silence",
            failed(Stage::Http, FailureKind::TimedOut, ""),
            &[K::TlsHello, K::ConnectAndWait, K::PlainGet],
        ),
        (
            "ws, SSH",
            not_http("5353482d322e30", "SSH-2.0"),
            &[K::TlsHello, K::ConnectAndWait, K::PlainGet],
        ),
        (
            "wss, plain HTTP",
            plain_http_server(),
            &[K::PlainGet, K::ConnectAndWait, K::Tls12Only, K::TlsWithoutSni],
        ),
        (
            "wss, alert no_application_protocol",
            alert(120, "no_application_protocol"),
            &[K::TlsH2, K::TlsWithoutAlpn],
        ),
        ("wss, wants our certificate", late_alert(116, "certificate_required"), &[]),
        ("wss, expired", untrusted(TrustProblem::Expired, |_| {}), &[K::TlsUnverified]),
        ("refused", refused(), &[]),
        ("refused at two addresses", two_families(refused()), &[K::EachAddress]),
        ("a passing fault of DNS", dns("a.example", DnsProblem::TryAgain), &[K::SameAgain]),
        ("200", status(200, &[], "<!doctype html>"), &[K::GetSamePath]),
        ("404", status(404, &[], "nope"), &[K::GetSamePath, K::TrailingSlash]),
        ("404 at /", target(status(404, &[], "nope"), "/"), &[K::GetSamePath]),
        ("426", status(426, &[("Upgrade", "websocket")], ""), &[K::GetSamePath]),
        ("400", status(400, &[], ""), &[K::GetSamePath]),
        ("400 of engine.io", status(400, &[], engine), &[K::EngineIo]),
        (
            "400 with subprotocols",
            offered(status(400, &[], "")),
            &[K::GetSamePath, K::BareUpgrade, K::WithoutSubprotocols],
        ),
        (
            "400 that names one",
            status(400, &[], "Missing subprotocol: offer mqtt"),
            &[K::OtherSubprotocol],
        ),
        ("401", status(401, &[], ""), &[]),
        ("403", status(403, &[], ""), &[K::OwnOrigin]),
        ("403 with an Origin", origin(status(403, &[], "")), &[K::WithoutOrigin, K::OwnOrigin]),
        ("503", status(503, &[], ""), &[K::SameAgain]),
        ("429", status(429, &[], ""), &[]),
        (
            "a firewall's page",
            status(403, &[("cf-mitigated", "challenge"), ("cf-ray", "8")], ""),
            &[],
        ),
        ("redirect on the host", location("/feed/"), &[K::FollowRedirect]),
        (
            "redirect to the same address",
            location("http://api.example.com:8080/x?a=b"),
            &[K::FollowRedirect],
        ),
        ("redirect to another host", location("http://eu.example.net/feed"), &[]),
        ("redirect to another port", location("http://api.example.com/feed/"), &[]),
        ("redirect to TLS", location("https://api.example.com/feed"), &[]),
        (
            "Phoenix",
            target(status(404, &[], ""), "/socket"),
            &[K::GetSamePath, K::WebSocketSuffix, K::TrailingSlash],
        ),
        ("graphql's 4406", closed(4406, "Subprotocol not acceptable"), &[K::OtherSubprotocol]),
        ("a healthy one", healthy(), &[]),
        ("cancelled", failed(Stage::Tcp, FailureKind::Cancelled, ""), &[]),
    ] {
        assert_eq!(kinds(&e), want, "{what}: {:?}", diagnose(&e).first().map(|f| &f.code));
    }
}

/// Every record of the fixtures: bounded, and what goes unasked stays on scheme, host and port,
/// or only switches the scheme.
#[test]
fn plans_are_bounded_and_bare_ones_stay_where_they_are() {
    for (id, e) in cases() {
        let all = planned(&e);
        let bare = all.iter().filter(|p| p.is_bare()).count();
        assert!(bare <= MOST_BARE && all.len() - bare <= MOST_ASKED, "{id}: {all:?}");
        assert!(all[..bare].iter().all(Planned::is_bare), "{id}: bare ones come first");
        for planned in all.iter().filter(|p| p.is_bare()) {
            assert!(!planned.whole && planned.question().is_none(), "{id}: {planned:?}");
            let allowed = match &planned.change {
                Some(Change::SetHeader { name, .. }) => name == "Origin",
                Some(Change::SetUrl { url }) => {
                    let address = crate::core::url::read(url).unwrap();
                    address.host == e.request.host && address.port_or_default() == e.request.port
                }
                Some(
                    Change::SetHost { .. } | Change::SetPort { .. } | Change::SetVerify { .. },
                ) => false,
                _ => true,
            };
            assert!(allowed, "{id}: {planned:?}");
        }
        for planned in all.iter().filter(|p| !p.is_bare()) {
            assert!(planned.question().is_some_and(|q| q.contains(&e.request.host)), "{id}");
        }
    }
}

#[test]
fn what_sends_credentials_is_asked_for_and_named() {
    let e = secretly(status(404, &[], "nope"));
    assert_eq!(kinds(&e), [K::GetSamePath, K::BareUpgrade, K::TrailingSlash]);
    let all = planned(&e);
    let whole = all.iter().find(|p| p.whole).unwrap();
    let question = whole.question().unwrap();
    for part in ["header Authorization", "api.example.com:8080", "lock"] {
        assert!(question.contains(part), "{question}");
    }
    // The same once more is no bare one when credentials went out.
    let e = secretly(status(503, &[], ""));
    assert_eq!((kinds(&e), asked(&e)), (vec![K::BareUpgrade], vec![K::SameAgain]));
}

#[test]
fn after_a_refused_login_nothing_logs_in_again() {
    let refused = |e| secretly(e);
    for (what, e) in [
        ("401", refused(status(401, &[("WWW-Authenticate", "Bearer")], ""))),
        ("401 without a challenge", refused(status(401, &[], ""))),
        ("1008", refused(closed(1008, "policy"))),
        ("4401", refused(closed(4401, "unauthorized"))),
        (
            "the third login in a row",
            with(refused(status(403, &[], "")), |e| {
                let code = Some("http/403-bare".into());
                let earlier = EarlierAttempt { code, ..EarlierAttempt::default() };
                e.earlier = vec![earlier.clone(), earlier];
            }),
        ),
    ] {
        assert!(planned(&e).iter().all(|p| !p.whole), "{what}: {:?}", planned(&e));
    }
    let locked = secretly(status(401, &[], "AK access failed to reach the limit,forbidden"));
    assert_eq!(planned(&locked), []);
}

#[test]
fn a_proxy_is_not_gone_round_unasked() {
    let behind = |url: &str| {
        with(no_answer(HttpProblem::Eof, 0), |e| {
            e.proxy = Some(ProxyFacts { url: url.into(), ..ProxyFacts::default() });
        })
    };
    assert_eq!(kinds(&behind("http://p.example:8080")), []);
    let unreachable = proxy(ProxyProblem::Status, Some(503), "HTTP/1.1 503 No");
    assert_eq!(asked(&unreachable), [K::WithoutProxy]);
    let question = planned(&unreachable)[0].question().unwrap();
    assert!(question.contains("round the proxy"), "{question}");
    // A proxy that wants a password is sent it with every attempt.
    let e = with(status(404, &[], "nope"), |e| {
        e.proxy = Some(ProxyFacts {
            url: "http://u:••••••@p.example:1".into(),
            ..Default::default()
        });
    });
    assert_eq!(kinds(&e), []);
    assert!(planned(&e).iter().all(|p| p.question().unwrap().contains("proxy")));
}

/// `(record, kind, result, what is concluded, finding that comes first, its fix)`
#[test]
fn results_become_a_sentence_and_the_first_finding() {
    let eof = || no_answer(HttpProblem::Eof, 0);
    let origin =
        |e| with(e, |e: &mut Evidence| e.request.origin = Some("https://x.example".into()));
    let wss = Change::SetScheme { scheme: Scheme::Wss };
    let ws = Change::SetScheme { scheme: Scheme::Ws };
    let own =
        Change::SetHeader { name: "Origin".into(), value: "http://api.example.com:8080".into() };
    let no_origin = Change::DisableHeader { name: "Origin".into() };
    let slash = Change::SetPath { path: "/feed/".into() };
    let mqtt = Change::SetSubprotocols { names: vec!["mqtt".into()] };
    let needs_mqtt = || status(400, &[], "Missing subprotocol: offer mqtt");
    for (e, kind, result, told, first, fix) in [
        (
            eof(),
            K::TlsHello,
            tls13(),
            "TLS 1.3: the scheme should be wss",
            "http/tls-port-closed",
            Some(wss),
        ),
        (
            eof(),
            K::ConnectAndWait,
            ProbeResult::Closed,
            "before anything is sent",
            "tcp/accepted-then-closed",
            None,
        ),
        (
            eof(),
            K::PlainGet,
            code(200),
            "does not answer the upgrade",
            "http/closed-no-answer",
            None,
        ),
        (
            tls(TlsProblem::Eof),
            K::PlainGet,
            code(404),
            "the scheme should be ws",
            "tls/plain-http-server",
            Some(ws),
        ),
        (
            alert(120, "no_application_protocol"),
            K::TlsH2,
            tls13(),
            "serves HTTP/2 only",
            "tls/no-alpn",
            None,
        ),
        (
            status(403, &[], ""),
            K::OwnOrigin,
            OPEN,
            "403 only when Origin is absent",
            "http/403-origin",
            Some(own.clone()),
        ),
        (
            status(403, &[], "no"),
            K::OwnOrigin,
            code(401),
            "403 only when Origin is absent",
            "http/403-origin",
            Some(own),
        ),
        (
            origin(status(403, &[], "no")),
            K::WithoutOrigin,
            OPEN,
            "403 only when Origin is “https://x.example”",
            "http/403-origin",
            Some(no_origin),
        ),
        (
            status(404, &[], "nope"),
            K::TrailingSlash,
            OPEN,
            "404 as it stands; it opens with a slash",
            "http/404-path",
            Some(slash),
        ),
        (
            needs_mqtt(),
            K::OtherSubprotocol,
            OPEN,
            "it opens with the subprotocol mqtt",
            "http/400-subprotocol",
            Some(mqtt),
        ),
        (status(503, &[], ""), K::SameAgain, OPEN, "the fault passes", "http/503", None),
        (
            status(404, &[], "nope"),
            K::TrailingSlash,
            code(404),
            "made no difference",
            "http/404-path",
            None,
        ),
    ] {
        let e = probed(e, kind, result);
        let conclusion = conclude(&e).unwrap();
        assert!(conclusion.sentence.contains(told), "{kind:?}: {conclusion:?}");
        let findings = diagnose(&e);
        assert_eq!(findings[0].code, first, "{kind:?}: {findings:#?}");
        if conclusion.by.is_some() {
            let explanation = &findings[0].explanation;
            assert!(explanation.contains("Checked: "), "{kind:?}: {explanation}");
        }
        if let Some(fix) = fix {
            assert_eq!(findings[0].fixes[0].change, fix, "{kind:?}");
            assert_eq!(findings[0].confidence, Confidence::Certain, "{kind:?}");
            assert_eq!(findings[0].severity, Severity::Error, "{kind:?}");
            assert!(decides(&e, &e.probes[0]), "{kind:?}");
            assert!(!findings[0].hints.is_empty(), "{kind:?}");
        }
    }
    assert_eq!(conclude(&healthy()), None);
}

#[test]
fn of_one_that_opened_only_the_choice_of_a_subprotocol_counts() {
    let closed = || closed(4406, "Subprotocol not acceptable");
    let opens = probed(closed(), K::OtherSubprotocol, OPEN);
    assert_eq!(conclude(&opens).unwrap().by, None);
    let chosen = with(opens, |e| e.probes[0].told = "opens, with graphql-transport-ws".into());
    assert_eq!(conclude(&chosen).unwrap().sentence, "The server speaks graphql-transport-ws.");
    let names = vec!["graphql-transport-ws".to_owned()];
    assert_eq!(diagnose(&chosen)[0].fixes[0].change, Change::SetSubprotocols { names });
}

#[test]
fn what_a_probe_rules_out_goes() {
    let eof = no_answer(HttpProblem::Eof, 0);
    let has = |e: &Evidence, id: &str| diagnose(e).iter().any(|f| f.code == id);
    assert!(has(&eof, "http/tls-port-closed"));
    let no_tls = probed(eof.clone(), K::TlsHello, ProbeResult::Closed);
    assert!(!has(&no_tls, "http/tls-port-closed"));
    let is_tls = probed(eof, K::TlsHello, tls13());
    assert_eq!(diagnose(&is_tls).len(), 1, "{:#?}", diagnose(&is_tls));
    // What is certain stays, whatever a probe says.
    let certain = probed(not_http("15030300020246", ""), K::ConnectAndWait, ProbeResult::Quiet);
    assert!(has(&certain, "http/tls-port-alert"));
}

#[test]
fn a_remedy_that_was_tried_in_vain_is_not_offered() {
    let e = status(404, &[], "nope");
    let offers = |e: &Evidence| !diagnose(e)[0].fixes.is_empty();
    assert!(offers(&e));
    assert!(!offers(&probed(e, K::TrailingSlash, code(404))));
}

/// The bare probe leaves more out than the Origin: only together with another one it proves
/// something.
#[test]
fn a_probe_that_changed_more_than_one_thing_proves_less() {
    let e = secretly(status(403, &[], ""));
    let alone = probed(e, K::OwnOrigin, OPEN);
    assert_eq!(diagnose(&alone)[0].code, "http/403-bare");
    let sentence = conclude(&alone).unwrap().sentence;
    assert!(sentence.contains("credentials"), "{sentence}");
    // Without credentials and without Origin it is refused as well: so it is the Origin.
    let mut control = record(K::BareUpgrade, code(403));
    control.same = true;
    let both = with(alone, |e| e.probes.insert(0, control));
    assert_eq!(conclude(&both).unwrap().sentence, "403 only when Origin is absent.");
}

#[test]
fn one_dead_family_is_told_with_its_remedy() {
    let tried = |address: &str, family, result| {
        let mut r = ProbeRecord::new(K::EachAddress, format!("TCP to {address}"), result, "");
        r.change = Some(Change::SetIpFamily { family });
        r
    };
    let e = with(two_families(refused()), |e| {
        let refused = ProbeResult::Failed { stage: Stage::Tcp };
        e.probes.push(tried("[::1]:80", IpFamily::V6, refused));
        e.probes.push(tried("127.0.0.1:80", IpFamily::V4, ProbeResult::Quiet));
    });
    let sentence = conclude(&e).unwrap().sentence;
    assert_eq!(sentence, "Only 127.0.0.1:80 takes a connection; [::1]:80 does not.");
    let findings = diagnose(&e);
    let change = Change::SetIpFamily { family: IpFamily::V4 };
    assert_eq!((&*findings[0].code, &findings[0].fixes[0].change), ("tcp/ipv6-broken", &change));
}

#[test]
fn hostile_words_in_a_saved_record_are_escaped() {
    let mut e = no_answer(HttpProblem::Eof, 0);
    let told = "it says “\u{1b}]52;c;aGk=\u{7}\u{202e}”";
    e.probes.push(ProbeRecord::new(
        K::ConnectAndWait,
        "\u{1b}[2J",
        ProbeResult::OtherProtocol,
        told,
    ));
    for finding in diagnose(&e) {
        let all = format!("{}{}{:?}", finding.summary, finding.explanation, finding.fixes);
        assert!(!all.chars().any(|c| c.is_control() || c == '\u{202e}'), "{all:?}");
    }
}

/// Whatever is in a record, reading it never panics, and no finding is lost to nothing.
#[test]
fn every_result_of_every_probe_can_be_read() {
    let results = [
        OPEN,
        code(200),
        code(401),
        code(403),
        tls13(),
        ProbeResult::Tls { version: None },
        ProbeResult::OtherProtocol,
        ProbeResult::Quiet,
        ProbeResult::Closed,
        ProbeResult::Failed { stage: Stage::Tls },
        ProbeResult::TimedOut,
        ProbeResult::Skipped,
    ];
    let kinds = [
        K::TlsHello,
        K::PlainGet,
        K::ConnectAndWait,
        K::EachAddress,
        K::Ipv4Only,
        K::Ipv6Only,
        K::WithoutProxy,
        K::OtherProxyKind,
        K::TlsWithoutAlpn,
        K::TlsH2,
        K::Tls12Only,
        K::Tls13Only,
        K::TlsWithoutSni,
        K::TlsUnverified,
        K::GetSamePath,
        K::BareUpgrade,
        K::WithoutOrigin,
        K::OwnOrigin,
        K::WithoutExtensions,
        K::WithoutSubprotocols,
        K::OtherSubprotocol,
        K::EngineIo,
        K::WebSocketSuffix,
        K::TrailingSlash,
        K::FollowRedirect,
        K::SameAgain,
    ];
    // Some of each phase: all of them with everything would take minutes.
    for (id, e) in cases().into_iter().step_by(11) {
        let before = diagnose(&e);
        for kind in kinds {
            for result in &results {
                for same in [false, true] {
                    let mut made = record(kind, result.clone());
                    made.same = same;
                    let e = with(e.clone(), |e| e.probes.push(made));
                    let after = diagnose(&e);
                    assert!(before.is_empty() || !after.is_empty(), "{id} {kind:?} {result:?}");
                    let skipped = *result == ProbeResult::Skipped;
                    assert_eq!(conclude(&e).is_none(), skipped, "{id} {kind:?} {result:?}");
                    if skipped {
                        assert_eq!(after, before, "{id} {kind:?}");
                    }
                }
            }
        }
    }
}
