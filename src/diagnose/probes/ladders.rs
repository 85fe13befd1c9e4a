//! What to try, in which order, for each way in which an attempt can fail. A ladder ends with the
//! first probe that decides; that is for whoever makes them to see to.

use super::case::Case;
use super::{Consent, Planned};
use crate::core::change::Change;
use crate::core::evidence::{FailureKind, IoProblem, ProbeKind, ProxyProblem, TlsProblem};
use crate::core::request::{IpFamily, TlsVersions};
use crate::core::stage::Stage;
use crate::core::url::{self, Scheme, split_query};
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

fn tls(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
    if !case.is_direct() {
        return;
    }
    let facts = case.e.tls.as_ref();
    let nothing_came = facts.is_none_or(|tls| tls.first_bytes_hex.is_empty());
    let problem = match kind {
        FailureKind::Tls(problem) => Some(problem),
        _ => None,
    };
    if matches!(problem, Some(TlsProblem::Certificate)) {
        out.push(bare(
            ProbeKind::TlsUnverified,
            "TLS without trust, no byte of HTTP",
            &["tls/cert-wrong-host", "tls/cert-default", "tls/cert-self-signed"],
        ));
        if case.has(&["tls/cert-wrong-host", "tls/cert-default"]) {
            out.push(without_sni());
        }
        return;
    }
    if matches!(problem, Some(TlsProblem::NotTls)) || nothing_came {
        out.push(plain_get(case));
    }
    if nothing_came || matches!(problem, Some(TlsProblem::NotTls)) {
        out.push(connect_and_wait());
    }
    let alert = see::alert(case.e);
    if matches!(alert, Some(42 | 43 | 44 | 45 | 46 | 48 | 49 | 116)) {
        // The server wants a certificate of ours; no greeting changes that.
        return;
    }
    if alert == Some(120) || case.has(&["tls/no-alpn", "tls/alpn-h2-chosen"]) {
        out.push(bare(
            ProbeKind::TlsH2,
            "TLS that offers h2 by ALPN",
            &["tls/no-alpn", "tls/alpn-h2-chosen"],
        ));
        out.push(without_alpn());
    }
    if alert != Some(120) {
        out.push(
            bare(
                ProbeKind::Tls12Only,
                "TLS 1.2 only",
                &["tls/peer-dislikes-hello", "tls/silent", "tls/protocol-version"],
            )
            .with(Change::SetTlsVersions { versions: TlsVersions::Only12 }),
        );
        if alert.is_some() {
            out.push(
                bare(ProbeKind::Tls13Only, "TLS 1.3 only", &["tls/protocol-version"])
                    .with(Change::SetTlsVersions { versions: TlsVersions::Only13 }),
            );
            out.push(without_alpn());
        }
        if facts.is_some_and(|tls| tls.sni.is_some()) {
            out.push(without_sni());
        }
    }
}

fn without_alpn() -> Planned {
    bare(ProbeKind::TlsWithoutAlpn, "TLS without ALPN", &["tls/no-alpn", "tls/alpn-h2-chosen"])
}

fn without_sni() -> Planned {
    bare(
        ProbeKind::TlsWithoutSni,
        "TLS without a server name",
        &["tls/reset-on-hello", "tls/no-sni", "tls/cert-default", "tls/unrecognized-name"],
    )
}

fn plain_get(case: &Case<'_>) -> Planned {
    let planned = bare(
        ProbeKind::PlainGet,
        "GET / in clear text on the same port",
        &["tls/plain-http-server", "tls/closed-on-hello", "tls/silent", "http/closed-no-answer"],
    );
    if case.is_wss() { planned.with(Change::SetScheme { scheme: Scheme::Ws }) } else { planned }
}

fn connect_and_wait() -> Planned {
    bare(
        ProbeKind::ConnectAndWait,
        "connect and say nothing",
        &["tls/plain-other-server", "http/not-http", "tcp/accepted-then-closed"],
    )
}

fn tls_hello() -> Planned {
    bare(
        ProbeKind::TlsHello,
        "TLS hello to the same port",
        &["http/tls-port-closed", "http/closed-no-answer", "tcp/accepted-then-closed"],
    )
    .with(Change::SetScheme { scheme: Scheme::Wss })
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

fn http(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
    let Some(reply) = case.refusal() else {
        let silent = matches!(kind, FailureKind::TimedOut) || case.no_answer().is_some();
        if silent && case.is_direct() && see::alert(case.e).is_none() {
            no_answer(case, out);
        }
        return;
    };
    let from = out.len();
    match reply.status {
        300..=399 => redirect(case, out),
        // Without a challenge it is not even said that a login is missing.
        401 if reply.header("www-authenticate").is_none() && see::has_credentials(case.e) => {
            out.push(bare_upgrade(case));
        }
        401 | 407 => {}
        403 => origin(case, out),
        500 | 502..=504 | 520..=530 => {
            if !case.was_bare() {
                out.push(bare_upgrade(case));
            }
            out.push(again(case, &["http/502", "http/503", "http/504"]));
        }
        _ => {
            if reply.status == 400 && !case.is_wss() && case.is_direct() && speaks_of_tls(case) {
                out.push(tls_hello());
            }
            // Where the answer says what it is about, the upgrade was seen.
            if !case.is_told() {
                out.push(same_path());
            }
            if !case.was_bare() {
                out.push(bare_upgrade(case));
            }
            shapes(case, reply.status, &reply.body, out);
        }
    }
    // What a bare one cannot show, since the server looks at who asks first.
    if see::has_credentials(case.e) && !matches!(reply.status, 401 | 407) {
        let changed: Vec<Planned> = out[from..]
            .iter()
            .filter(|planned| planned.is_bare() && planned.change.is_some())
            .filter(|planned| planned.kind != ProbeKind::TlsHello)
            .map(|planned| with_credentials(case, planned))
            .collect();
        out.extend(changed);
    }
}

fn speaks_of_tls(case: &Case<'_>) -> bool {
    case.has(&["http/tls-port-400"])
}

/// No byte, or none that is HTTP, came back.
fn no_answer(case: &Case<'_>, out: &mut Vec<Planned>) {
    if case.is_wss() {
        if case.has(&["tls/h2-frames", "tls/alpn-h2-chosen"]) {
            out.push(without_alpn());
        }
        out.push(same_path());
        return;
    }
    out.push(tls_hello());
    out.push(connect_and_wait());
    out.push(plain_get(case));
}

fn redirect(case: &Case<'_>, out: &mut Vec<Planned>) {
    let Some(path) = case.refusal().and_then(|reply| reply.header("location")) else { return };
    let Some(path) = same_place(case, path) else { return };
    let words = "at the redirect's path";
    out.push(
        bare(ProbeKind::FollowRedirect, words, &["http/redirect-path"])
            .with(Change::SetPath { path }),
    );
}

/// The path of a redirect that stays on this scheme, host and port; without its query, which may
/// hold what was sent.
fn same_place(case: &Case<'_>, location: &str) -> Option<String> {
    if !location.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let path = if location.starts_with('/') && !location.starts_with("//") {
        split_query(location).0.to_owned()
    } else {
        let address = url::read(location).ok()?;
        let request = &case.e.request;
        let same = address.scheme.name() == request.scheme
            && address.host == request.host
            && address.port_or_default() == request.port;
        same.then(|| split_query(&address.target).0.to_owned())?
    };
    (path != case.path()).then_some(path)
}

fn origin(case: &Case<'_>, out: &mut Vec<Planned>) {
    if case.origin.is_some() {
        out.push(
            bare(ProbeKind::WithoutOrigin, "without Origin", &["http/403-origin"])
                .with(Change::DisableHeader { name: "Origin".into() }),
        );
    } else if !case.was_bare() {
        out.push(bare_upgrade(case));
    }
    out.extend(own_origin(case, &["http/403-origin", "http/404-origin-cable"]));
}

fn own_origin(case: &Case<'_>, settles: &'static [&'static str]) -> Option<Planned> {
    let own = case.own_origin()?;
    (case.origin.as_ref() != Some(&own)).then(|| {
        bare(ProbeKind::OwnOrigin, &format!("with Origin: {own}"), settles)
            .with(Change::SetHeader { name: "Origin".into(), value: own })
    })
}

/// Other shapes of the request, where the answer or the address suggests them.
fn shapes(case: &Case<'_>, status: u16, original: &str, out: &mut Vec<Planned>) {
    let body = original.to_lowercase();
    let path = case.path();
    let speaks_of = |words: &[&str]| {
        words.iter().any(|word| body.contains(word) || path.to_lowercase().contains(word))
    };
    if case.has(&["http/400-engineio", "http/400-engineio-version"])
        || speaks_of(&["socket.io", "engine.io"])
    {
        out.extend(engine_io(case));
    }
    if status == 404 && path.trim_end_matches('/').ends_with("/cable") {
        out.extend(own_origin(case, &["http/404-origin-cable"]));
    }
    if case.has_plain_path() && (case.has(&["http/200-sockjs-base"]) || speaks_of(&["sockjs"]))
        || path.ends_with("/socket")
        || path.ends_with("/live")
    {
        let path = format!("{}/websocket", path.trim_end_matches('/'));
        out.push(
            bare(
                ProbeKind::WebSocketSuffix,
                "with /websocket behind the path",
                &["http/200-sockjs-base", "msg/phoenix-path"],
            )
            .with(Change::SetPath { path }),
        );
    }
    if status == 404 {
        out.extend(slash(case));
    }
    if status == 400 {
        subprotocols(case, original, &["http/400-subprotocol"], out);
        if !case.e.request.extensions.is_empty() {
            out.push(without_extensions());
        }
    }
}

fn without_extensions() -> Planned {
    bare(
        ProbeKind::WithoutExtensions,
        "without extensions",
        &["http/400-extensions", "ws/extension-unrequested"],
    )
    .with(Change::SetCompression { on: false })
}

fn slash(case: &Case<'_>) -> Option<Planned> {
    let path = case.path();
    if !case.has_plain_path() || path == "/" {
        return None;
    }
    let (changed, path) = match path.strip_suffix('/') {
        Some(short) => ("without the slash at the end", short.to_owned()),
        None => ("with a slash at the end", format!("{path}/")),
    };
    let planned = bare(ProbeKind::TrailingSlash, changed, &["http/404-path", "http/redirect-path"]);
    Some(planned.with(Change::SetPath { path }))
}

/// The address of a Socket.IO server on this host. It opens a session for a moment.
fn engine_io(case: &Case<'_>) -> Option<Planned> {
    let request = &case.e.request;
    let scheme = if case.is_wss() { Scheme::Wss } else { Scheme::Ws };
    let target = case.target();
    target.bytes().all(|b| b.is_ascii_graphic()).then_some(())?;
    let authority = match request.port {
        port if port == scheme.default_port() => target.rsplit_once(':')?.0.to_owned(),
        _ => target,
    };
    let scheme = scheme.name();
    let url = format!("{scheme}://{authority}/socket.io/?EIO=4&transport=websocket");
    Some(
        bare(
            ProbeKind::EngineIo,
            "at /socket.io/?EIO=4&transport=websocket",
            &["http/400-engineio", "http/400-engineio-version"],
        )
        .with(Change::SetUrl { url }),
    )
}

fn subprotocols(
    case: &Case<'_>,
    body: &str,
    settles: &'static [&'static str],
    out: &mut Vec<Planned>,
) {
    let offered = &case.e.request.subprotocols;
    let mut names: Vec<String> = Vec::new();
    for fix in case.findings.iter().flat_map(|finding| &finding.fixes) {
        match &fix.change {
            Change::AddSubprotocol { name } => names.push(name.clone()),
            Change::SetSubprotocols { names: list } => names.extend(list.iter().take(1).cloned()),
            _ => {}
        }
    }
    names.extend(named(body));
    names.retain(|name| offered.as_slice() != std::slice::from_ref(name));
    names.dedup();
    for name in names.into_iter().take(2) {
        out.push(
            bare(ProbeKind::OtherSubprotocol, &format!("with the subprotocol {name}"), settles)
                .with(Change::SetSubprotocols { names: vec![name] }),
        );
    }
    if !offered.is_empty() {
        out.push(
            bare(ProbeKind::WithoutSubprotocols, "without subprotocols", settles)
                .with(Change::SetSubprotocols { names: Vec::new() }),
        );
    }
}

/// Subprotocols that a refusal in JSON lists.
fn named(body: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(body.trim()) else {
        return Vec::new();
    };
    ["supported", "subprotocols", "protocols", "expected"]
        .iter()
        .filter_map(|key| value.get(key)?.as_array())
        .flatten()
        .filter_map(|name| name.as_str())
        .filter(|name| !name.is_empty() && name.len() <= 64)
        .filter(|name| name.chars().all(crate::core::headers::is_token_char))
        .map(str::to_owned)
        .collect()
}

/// A 101 that cannot be taken.
fn upgrade(case: &Case<'_>, out: &mut Vec<Planned>) {
    if !case.e.request.extensions.is_empty() {
        out.push(without_extensions());
    }
    if !case.e.request.subprotocols.is_empty() {
        out.push(
            bare(
                ProbeKind::WithoutSubprotocols,
                "without subprotocols",
                &["ws/subprotocol-unrequested", "ws/subprotocol-multiple"],
            )
            .with(Change::SetSubprotocols { names: Vec::new() }),
        );
    }
    out.push(same_path());
}

/// It opened: probes are for what the opening handshake decides.
fn opened(case: &Case<'_>, out: &mut Vec<Planned>) {
    if case.is_direct() && case.has(&["tcp/ipv6-broken", "tcp/localhost-v6"]) {
        out.push(each_address());
        out.push(
            bare(ProbeKind::Ipv4Only, "over IPv4 only", &["tcp/ipv6-broken"])
                .with(Change::SetIpFamily { family: IpFamily::V4 }),
        );
    }
    let code = see::end(case.e).and_then(|(_, end)| end.code_received);
    if code == Some(4406) {
        let other = match case.e.request.subprotocols.first().map(String::as_str) {
            Some("graphql-transport-ws") => "graphql-ws",
            _ => "graphql-transport-ws",
        };
        out.push(
            bare(
                ProbeKind::OtherSubprotocol,
                &format!("with the subprotocol {other}"),
                &["msg/graphql-4406"],
            )
            .with(Change::SetSubprotocols { names: vec![other.to_owned()] }),
        );
    }
}
