//! What to try, in which order, for each way in which an attempt can fail. A ladder ends with the
//! first probe that decides; that is for whoever makes them to see to.

mod http;
mod shapes;
mod tls;

use self::http::{http, opened, upgrade};
use self::tls::tls;
use super::case::Case;
use super::{Consent, Planned};
use crate::core::change::Change;
use crate::core::evidence::{FailureKind, IoProblem, ProbeKind, ProxyProblem};
use crate::core::stage::Stage;
use crate::core::url::Scheme;
use crate::diagnose::see;

/// Everything that helps in this case.
pub(super) fn climb(case: &Case<'_>) -> Vec<Planned> {
    let mut out = Vec::new();
    match &case.e.failure {
        Some(failure) => match (failure.stage, &failure.kind) {
            (_, FailureKind::Cancelled | FailureKind::Internal | FailureKind::Url(_)) => {}
            (Stage::Url, _) => {}
            (Stage::Dns, _) => out.push(again(case, &["dns/timeout", "dns/servfail"])),
            (Stage::Tcp, kind) => tcp(case, kind, &mut out),
            (Stage::Proxy, kind) => proxy(case, kind, &mut out),
            (Stage::Tls, kind) => tls(case, kind, &mut out),
            (Stage::Http, kind) => http(case, kind, &mut out),
            (Stage::WebSocket, _) => upgrade(case, &mut out),
        },
        None => opened(case, &mut out),
    }
    if behind_secret_proxy(case) {
        for planned in &mut out {
            if planned.is_bare() && planned.kind != ProbeKind::WithoutProxy {
                planned.consent = Consent::Asks {
                    sends: vec!["the proxy's user and password".into()],
                    to: case.target(),
                    why: "The proxy sees another login.".into(),
                };
            }
        }
    }
    out
}

/// The proxy in use has a user or a password, which every attempt sends again.
fn behind_secret_proxy(case: &Case<'_>) -> bool {
    case.e.proxy.as_ref().is_some_and(|proxy| proxy.url.contains('@'))
}

fn bare(kind: ProbeKind, changed: &str, settles: &'static [&'static str]) -> Planned {
    let consent = Consent::Bare;
    Planned { kind, changed: changed.into(), change: None, consent, whole: false, settles }
}

impl Planned {
    fn with(self, change: Change) -> Planned {
        Planned { change: Some(change), ..self }
    }
}

/// The same probe with everything that the request sends, which must be asked for.
fn with_credentials(case: &Case<'_>, of: &Planned) -> Planned {
    Planned {
        changed: format!("{}, the whole request", of.changed),
        consent: Consent::Asks {
            sends: sent(case),
            to: case.target(),
            why: "The server may count it as a failed login; some lock a key after five.".into(),
        },
        whole: true,
        ..of.clone()
    }
}

/// What goes out again when the request does: credentials by their places, or what else is there.
fn sent(case: &Case<'_>) -> Vec<String> {
    if case.e.request.credentials.is_empty() {
        case.extras.clone()
    } else {
        case.e.request.credentials.clone()
    }
}

fn again(case: &Case<'_>, settles: &'static [&'static str]) -> Planned {
    let planned = bare(ProbeKind::SameAgain, "the same once more", settles);
    let reached = see::reply(case.e).is_some();
    if reached && !case.was_bare() {
        Planned {
            consent: Consent::Asks {
                sends: sent(case),
                to: case.target(),
                why: "The server sees the same request once more.".into(),
            },
            whole: true,
            ..planned
        }
    } else {
        planned
    }
}

fn tcp(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
    if !case.is_direct() {
        return;
    }
    let answers = case.e.dns.as_ref().map(|dns| dns.answers.as_slice()).unwrap_or_default();
    if answers.len() > 1 {
        out.push(each_address());
    }
    if matches!(kind, FailureKind::TimedOut)
        || matches!(kind, FailureKind::Tcp(IoProblem::Reset | IoProblem::TimedOut | IoProblem::Eof))
    {
        out.push(again(case, &["tcp/timeout-filtered", "tcp/reset-on-connect"]));
    }
}

fn each_address() -> Planned {
    bare(
        ProbeKind::EachAddress,
        "TCP to each address",
        &["tcp/ipv6-broken", "tcp/localhost-v6", "tcp/refused"],
    )
}

fn proxy(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
    let reached = case.e.tcp.as_ref().is_some_and(|tcp| tcp.peer.is_some());
    let odd = matches!(
        kind,
        FailureKind::Proxy(ProxyProblem::NotAProxy | ProxyProblem::NotTls | ProxyProblem::Closed)
            | FailureKind::TimedOut
    );
    if reached && odd {
        // A greeting holds no user and no password.
        out.push(bare(
            ProbeKind::OtherProxyKind,
            "the greeting of the other kind to the proxy",
            &["proxy/kind-mismatch"],
        ));
    }
    out.push(Planned {
        consent: Consent::Asks {
            sends: Vec::new(),
            to: case.target(),
            why: "It goes round the proxy, which your network may forbid.".into(),
        },
        ..bare(
            ProbeKind::WithoutProxy,
            "without the proxy",
            &["proxy/env-surprise", "proxy/connect-5xx", "proxy/connect-403"],
        )
        .with(Change::SetProxy { url: "none".into() })
    });
}

fn plain_get(case: &Case<'_>) -> Planned {
    let planned = bare(
        ProbeKind::PlainGet,
        "GET / in clear text on the same port",
        &["tls/plain-http-server", "tls/closed-on-hello", "tls/silent", "http/closed-no-answer"],
    );
    if case.is_wss() { planned.with(Change::SetScheme { scheme: Scheme::Ws }) } else { planned }
}

fn same_path() -> Planned {
    bare(
        ProbeKind::GetSamePath,
        "plain GET of the same path",
        &["http/400-upgrade-stripped", "http/426-upgrade", "http/404-path", "http/200-spa"],
    )
}

fn bare_upgrade(case: &Case<'_>) -> Planned {
    let changed = format!("without {}", listed(&case.extras));
    bare(ProbeKind::BareUpgrade, &changed, &["http/404-path", "http/401-bare", "http/403-bare"])
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "anything beside the handshake".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
