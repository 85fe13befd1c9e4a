//! What a probe's result means for the attempt that it belongs to.

use super::case;
use crate::core::change::Change;
use crate::core::evidence::{Evidence, ProbeKind, ProbeRecord, ProbeResult};
use crate::core::finding::Fix;
use crate::core::request::IpFamily;
use crate::core::url::host_is_local;
use crate::diagnose::{see, words};

/// How much a result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It settles the question.
    Decides,
    /// It narrows it down.
    Tells,
    /// It is worth a word.
    Remark,
}

/// What one probe says.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub kind: ProbeKind,
    pub weight: Weight,
    /// A sentence, with what was changed in it.
    pub sentence: String,
    /// Findings that it makes certain, the most fitting first: the first that is among those of
    /// the record counts, and if none is, the first of all.
    pub strengthens: &'static [&'static str],
    /// Findings that it rules out, unless something else proves them.
    pub contradicts: &'static [&'static str],
    /// The change that helped.
    pub fix: Option<Fix>,
}

impl Reading {
    fn new(record: &ProbeRecord, weight: Weight, sentence: impl Into<String>) -> Reading {
        Reading {
            kind: record.kind,
            weight,
            sentence: sentence.into(),
            strengthens: &[],
            contradicts: &[],
            fix: None,
        }
    }

    fn so(self, strengthens: &'static [&'static str]) -> Reading {
        Reading { strengthens, ..self }
    }

    fn not(self, contradicts: &'static [&'static str]) -> Reading {
        Reading { contradicts, ..self }
    }

    /// Offers the record's change as a remedy.
    fn fix(self, record: &ProbeRecord, label: impl Into<String>) -> Reading {
        let fix = record.change.clone().map(|change| Fix { label: label.into(), change });
        Reading { fix, ..self }
    }
}

pub(super) fn is_skipped(record: &ProbeRecord) -> bool {
    record.result == ProbeResult::Skipped
}

/// Readings of all probes of a record, in their order.
pub(super) fn all(e: &Evidence) -> Vec<Reading> {
    let mut out: Vec<Reading> = e.probes.iter().filter_map(|record| reading(e, record)).collect();
    out.extend(addresses(e));
    out
}

/// What this one says; `None` if nothing, or only together with others.
pub(super) fn reading(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    use ProbeKind as K;
    if is_skipped(r) {
        return None;
    }
    match r.kind {
        K::TlsHello => Some(tls_hello(r)),
        K::PlainGet => plain_get(e, r),
        K::ConnectAndWait => connect_and_wait(e, r),
        K::EachAddress => None,
        K::Ipv4Only | K::Ipv6Only => family(r),
        K::WithoutProxy => without_proxy(r),
        K::OtherProxyKind => other_proxy(r),
        K::TlsWithoutAlpn | K::TlsH2 | K::Tls12Only | K::Tls13Only | K::TlsWithoutSni => tls(r),
        K::TlsUnverified => unverified(e, r),
        K::GetSamePath => same_path(e, r),
        K::BareUpgrade => bare_upgrade(e, r),
        K::WithoutOrigin | K::OwnOrigin => origin(e, r),
        K::WithoutExtensions
        | K::WithoutSubprotocols
        | K::OtherSubprotocol
        | K::EngineIo
        | K::WebSocketSuffix
        | K::TrailingSlash
        | K::FollowRedirect => shape(e, r),
        K::SameAgain => again(e, r),
    }
}

fn status(r: &ProbeRecord) -> Option<u16> {
    match r.result {
        ProbeResult::Status { status } => Some(status),
        _ => None,
    }
}

/// The server let the changed request further than the attempt: it opened, or a login is asked
/// for where the attempt was turned away before that.
fn went_further(e: &Evidence, r: &ProbeRecord) -> bool {
    let before = see::refusal(e).map(|reply| reply.status);
    match r.result {
        ProbeResult::Open => true,
        ProbeResult::Status { status: 401 } => before.is_some_and(|status| status != 401),
        _ => false,
    }
}

/// `403`, or how the attempt ended if there was no reply.
fn refused_as(e: &Evidence) -> String {
    match see::refusal(e) {
        Some(reply) => reply.status.to_string(),
        None => "Refused".into(),
    }
}

fn tls_hello(r: &ProbeRecord) -> Reading {
    match &r.result {
        ProbeResult::Tls { version } => {
            let version = version.as_deref().map(|v| v.trim_start_matches("TLS ").to_owned());
            let version = version.map(|v| format!(" {v}")).unwrap_or_default();
            Reading::new(
                r,
                Weight::Decides,
                format!("This port answers TLS{version}: the scheme should be wss."),
            )
            .so(&["http/tls-port-closed", "http/tls-port-alert", "http/tls-port-400"])
            .not(&[
                "http/closed-no-answer",
                "http/reset-no-answer",
                "http/silent",
                "http/not-http",
                "http/partial-head",
                "tcp/accepted-then-closed",
            ])
            .fix(r, "Switch to wss://")
        }
        _ => Reading::new(r, Weight::Remark, "This port does not answer a TLS greeting.")
            .not(&["http/tls-port-closed"]),
    }
}

fn plain_get(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    let status = match status(r) {
        Some(status) => status,
        None if see::is_wss(e) => {
            let sentence = "A plain GET on this port gets no HTTP answer either.";
            return Some(Reading::new(r, Weight::Remark, sentence));
        }
        None => return None,
    };
    if !see::is_wss(e) {
        let sentence = format!(
            "A plain GET on this port is answered with {status}: the server speaks HTTP and \
             does not answer the upgrade."
        );
        return Some(
            Reading::new(r, Weight::Decides, sentence)
                .so(&["http/closed-no-answer", "http/silent", "http/reset-no-answer"])
                .not(&["tcp/accepted-then-closed", "http/tls-port-closed"]),
        );
    }
    let reading = Reading::new(
        r,
        Weight::Decides,
        format!("This port answers plain HTTP ({status}): the scheme should be ws."),
    )
    .so(&["tls/plain-http-server"])
    .not(&[
        "tls/closed-on-hello",
        "tls/silent",
        "tls/reset-on-hello",
        "tls/peer-dislikes-hello",
        "tls/plain-other-server",
        "tcp/accepted-then-closed",
    ]);
    // In clear text credentials would be read by everybody on the way; that is no one-key remedy.
    Some(if see::has_credentials(e) { reading } else { reading.fix(r, "Switch to ws://") })
}

fn connect_and_wait(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    match r.result {
        ProbeResult::OtherProtocol => {
            let sentence = format!("The server speaks first: {}.", r.told);
            Some(Reading::new(r, Weight::Decides, sentence).so(if see::is_wss(e) {
                &["tls/plain-other-server"]
            } else {
                &["http/not-http"]
            }))
        }
        ProbeResult::Closed => Some(
            Reading::new(
                r,
                Weight::Decides,
                "The port closes the connection before anything is sent.",
            )
            .so(&["tcp/accepted-then-closed"])
            .not(&["http/tls-port-closed", "tls/closed-on-hello"]),
        ),
        ProbeResult::Quiet => Some(
            Reading::new(
                r,
                Weight::Remark,
                "The connection stays open as long as nothing is sent.",
            )
            .not(&["tcp/accepted-then-closed"]),
        ),
        _ => None,
    }
}

/// All addresses together: one that answers and one that does not tell the story.
fn addresses(e: &Evidence) -> Option<Reading> {
    let tried: Vec<&ProbeRecord> =
        e.probes.iter().filter(|r| r.kind == ProbeKind::EachAddress && !is_skipped(r)).collect();
    let good = |r: &&&ProbeRecord| matches!(r.result, ProbeResult::Quiet | ProbeResult::Open);
    let answers: Vec<&&ProbeRecord> = tried.iter().filter(good).collect();
    let dead: Vec<&&ProbeRecord> = tried.iter().filter(|r| !good(r)).collect();
    let first = tried.first()?;
    if dead.is_empty() {
        return None;
    }
    let names = |list: &[&&ProbeRecord]| {
        let names: Vec<&str> =
            list.iter().map(|r| r.changed.trim_start_matches("TCP to ")).collect();
        words::names(&names, 3)
    };
    if answers.is_empty() {
        let sentence = format!("None of {} addresses takes a connection.", tried.len());
        return Some(Reading::new(first, Weight::Tells, sentence));
    }
    let sentence =
        format!("Only {} takes a connection; {} does not.", names(&answers), names(&dead));
    let family = |list: &[&&ProbeRecord], wanted: IpFamily| {
        list.iter()
            .all(|r| matches!(r.change, Some(Change::SetIpFamily { family }) if family == wanted))
    };
    let reading = Reading::new(first, Weight::Decides, sentence);
    Some(if family(&answers, IpFamily::V4) && family(&dead, IpFamily::V6) {
        let ids: &[&str] = if host_is_local(&e.request.host) {
            &["tcp/localhost-v6", "tcp/ipv6-broken"]
        } else {
            &["tcp/ipv6-broken"]
        };
        reading.so(ids).fix(answers.first()?, "Use IPv4 only")
    } else if family(&answers, IpFamily::V6) && family(&dead, IpFamily::V4) {
        reading.fix(answers.first()?, "Use IPv6 only")
    } else {
        reading
    })
}

fn family(r: &ProbeRecord) -> Option<Reading> {
    let (family, ids, label): (_, &[&str], _) = match r.kind {
        ProbeKind::Ipv4Only => ("IPv4", &["tcp/ipv6-broken"], "Use IPv4 only"),
        _ => ("IPv6", &[], "Use IPv6 only"),
    };
    matches!(r.result, ProbeResult::Open | ProbeResult::Status { .. }).then(|| {
        Reading::new(r, Weight::Tells, format!("Over {family} alone the server answers."))
            .so(ids)
            .fix(r, label)
    })
}

fn without_proxy(r: &ProbeRecord) -> Option<Reading> {
    Some(match r.result {
        ProbeResult::Open | ProbeResult::Status { .. } => Reading::new(
            r,
            Weight::Decides,
            "Without the proxy the server answers: the proxy stands in the way.",
        )
        .so(&["proxy/env-surprise", "proxy/connect-5xx", "proxy/connect-403"])
        .fix(r, "Connect without the proxy"),
        _ => Reading::new(r, Weight::Tells, "Without the proxy it fails as well."),
    })
}

fn other_proxy(r: &ProbeRecord) -> Option<Reading> {
    matches!(r.result, ProbeResult::OtherProtocol).then(|| {
        Reading::new(r, Weight::Decides, format!("The proxy is of the other kind: {}.", r.told))
            .so(&["proxy/kind-mismatch"])
    })
}

fn tls(r: &ProbeRecord) -> Option<Reading> {
    matches!(r.result, ProbeResult::Tls { .. }).then_some(())?;
    let decides = |sentence: &str| Reading::new(r, Weight::Decides, sentence);
    Some(match r.kind {
        ProbeKind::TlsWithoutAlpn => {
            decides("TLS works without ALPN: the server dislikes the offer of http/1.1.")
                .so(&["tls/no-alpn", "tls/alpn-h2-chosen"])
                .not(&["tls/peer-dislikes-hello", "tls/handshake-failure"])
        }
        ProbeKind::TlsH2 => decides(
            "TLS works when h2 is offered: the port serves HTTP/2 only, which no WebSocket \
             of RFC 6455 goes over.",
        )
        .so(&["tls/no-alpn", "tls/alpn-h2-chosen"])
        .not(&["tls/peer-dislikes-hello", "tls/handshake-failure"]),
        ProbeKind::Tls12Only => {
            decides("TLS 1.2 alone works: something dislikes the larger greeting of TLS 1.3.")
                .so(&["tls/peer-dislikes-hello", "tls/protocol-version", "tls/silent"])
                .not(&["tls/closed-on-hello", "tcp/accepted-then-closed"])
                .fix(r, "Offer TLS 1.2 only")
        }
        ProbeKind::Tls13Only => decides("TLS 1.3 alone works.")
            .so(&["tls/protocol-version"])
            .fix(r, "Offer TLS 1.3 only"),
        _ => decides("TLS works when the greeting names no server: the name is what is refused.")
            .so(&["tls/unrecognized-name", "tls/reset-on-hello"])
            .not(&["tls/closed-on-hello", "tls/silent"]),
    })
}

fn unverified(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    matches!(r.result, ProbeResult::Tls { .. }).then_some(())?;
    let who = e.tls.as_ref().and_then(|tls| tls.chain.first()).map(|leaf| {
        format!(" of {} (SHA-256 {})", words::said_in(&leaf.subject, 60), words::name(&leaf.sha256))
    });
    Some(Reading::new(
        r,
        Weight::Tells,
        format!(
            "TLS itself works; only the certificate{} is not trusted.",
            who.unwrap_or_default()
        ),
    ))
}

fn same_path(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    const STRIPPED: &[&str] =
        &["http/400-upgrade-stripped", "http/426-upgrade", "http/404-no-ws-support"];
    let got = status(r)?;
    let Some(refusal) = see::refusal(e) else {
        let sentence = format!("A plain GET of the path is answered with {got}.");
        return Some(Reading::new(r, Weight::Tells, sentence).not(&["tcp/accepted-then-closed"]));
    };
    if !r.same {
        let sentence = format!(
            "A plain GET is answered otherwise ({got}) than the upgrade ({}): the server saw \
             the upgrade.",
            refusal.status
        );
        return Some(Reading::new(r, Weight::Remark, sentence).not(STRIPPED));
    }
    let sentence = "A plain GET gets the same answer: the upgrade is not seen.";
    Some(match refusal.status {
        // A path that takes nothing at all answers so, too.
        400 => Reading::new(r, Weight::Tells, sentence).so(&["http/400-upgrade-stripped"]),
        426 => Reading::new(r, Weight::Decides, sentence).so(&["http/426-upgrade"]),
        200 => Reading::new(r, Weight::Decides, sentence).so(&[
            "http/200-spa",
            "http/200-plain-endpoint",
            "http/200-sse",
            "http/200-sockjs-base",
            "http/200-error-in-body",
        ]),
        // What is not there is not there for a GET either.
        _ => {
            Reading::new(r, Weight::Remark, format!("A plain GET is answered with {got} as well."))
        }
    })
}

fn bare_upgrade(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    let extras = case::extras(e).join(" or ");
    let extras = if extras.is_empty() { "what the request adds".to_owned() } else { extras };
    Some(match r.result {
        ProbeResult::Open => Reading::new(
            r,
            Weight::Decides,
            format!("It opens without {extras}: that is what the server refuses."),
        )
        .not(&["http/404-path", "http/404-no-ws-support", "http/400-upgrade-stripped"]),
        ProbeResult::Status { status: 401 } if went_further(e, r) => Reading::new(
            r,
            Weight::Tells,
            "Without credentials the answer is 401: the path exists, and the login counts there.",
        )
        .not(&["http/404-path", "http/404-no-ws-support"]),
        _ if r.same => {
            let sentence = format!("Without {extras} the answer is the same.");
            Reading::new(r, Weight::Remark, sentence)
        }
        _ => return None,
    })
}

fn origin(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    const IDS: &[&str] = &["http/403-origin", "http/404-origin-cable", "http/403-origin-unwanted"];
    let refused = refused_as(e);
    let sent = case::origin(e);
    if !went_further(e, r) {
        let own = r.kind == ProbeKind::OwnOrigin && status(r) == Some(403) && refused == "403";
        return own.then(|| {
            let sentence = "The answer is 403 with the server's own Origin too.";
            Reading::new(r, Weight::Remark, sentence)
        });
    }
    // The probe left out more than the Origin; whether that counts, a bare one has shown.
    let alone = case::extras(e).is_empty()
        || r.credentials
        || e.probes.iter().any(|other| {
            let bare = matches!(other.kind, ProbeKind::BareUpgrade | ProbeKind::OwnOrigin);
            bare && other.kind != r.kind && !other.credentials && !went_further(e, other)
        });
    let (sentence, label) = match (r.kind, &sent) {
        (ProbeKind::WithoutOrigin, Some(origin)) => (
            format!("{refused} only when Origin is {}.", words::said_in(origin, 80)),
            "Switch the header Origin off",
        ),
        (ProbeKind::WithoutOrigin, None) => return None,
        (_, None) => {
            (format!("{refused} only when Origin is absent."), "Set Origin to the host's own")
        }
        (_, Some(origin)) => (
            format!(
                "{refused} when Origin is {}, and not with the server's own.",
                words::said_in(origin, 80)
            ),
            "Set Origin to the host's own",
        ),
    };
    if alone {
        return Some(Reading::new(r, Weight::Decides, sentence).so(IDS).fix(r, label));
    }
    let sentence = format!(
        "A bare handshake {} goes further: the Origin, or {}, is what the server refuses.",
        r.changed,
        case::extras(e).join(" or ")
    );
    Some(Reading::new(r, Weight::Tells, sentence).so(IDS).fix(r, label))
}

/// The attempt opened by itself, so that opening proves nothing; that the server chose the
/// subprotocol does.
fn taken(r: &ProbeRecord) -> Option<Reading> {
    let name = r.changed.strip_prefix("with the subprotocol ")?;
    r.told.ends_with(&format!("with {name}")).then(|| {
        Reading::new(r, Weight::Decides, format!("The server speaks {}.", words::name(name)))
            .so(&["msg/graphql-4406", "ws/subprotocol-not-chosen"])
            .fix(r, format!("Offer {name}"))
    })
}

/// Another shape of the request that went further.
fn shape(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    let refused = refused_as(e);
    if !went_further(e, r) {
        return None;
    }
    if e.opened() {
        return taken(r);
    }
    let how = match r.result {
        ProbeResult::Open => "it opens",
        _ => "a login is asked for",
    };
    let changed = r.changed.trim_end_matches(", the whole request");
    let sentence = match r.kind {
        ProbeKind::WithoutExtensions => format!("{refused} only when extensions are offered."),
        ProbeKind::WithoutSubprotocols => {
            format!("{refused} only when these subprotocols are offered.")
        }
        _ => format!("{refused} as it stands; {how} {changed}."),
    };
    let (ids, label): (&[&str], String) = match r.kind {
        ProbeKind::WithoutExtensions => {
            (&["http/400-extensions", "ws/extension-unrequested"], "Offer no extension".into())
        }
        ProbeKind::WithoutSubprotocols => (
            &["http/400-subprotocol", "ws/subprotocol-unrequested", "ws/subprotocol-multiple"],
            "Offer no subprotocol".into(),
        ),
        ProbeKind::OtherSubprotocol => (
            &["http/400-subprotocol", "msg/graphql-4406", "ws/subprotocol-not-chosen"],
            format!("Offer {}", changed.trim_start_matches("with the subprotocol ")),
        ),
        ProbeKind::EngineIo => (
            &["http/400-engineio", "http/400-engineio-version", "http/404-path"],
            "Use Socket.IO's path and query".into(),
        ),
        ProbeKind::WebSocketSuffix => (
            &["http/200-sockjs-base", "msg/phoenix-path", "http/404-path"],
            "Put /websocket behind the path".into(),
        ),
        ProbeKind::TrailingSlash => (
            &["http/redirect-path", "http/404-path"],
            match &r.change {
                Some(Change::SetPath { path }) if path.ends_with('/') => {
                    "Add a slash at the end".into()
                }
                _ => "Remove the slash at the end".into(),
            },
        ),
        _ => (&["http/redirect-path"], "Use the redirect's path".into()),
    };
    Some(Reading::new(r, Weight::Decides, sentence).so(ids).fix(r, label))
}

fn again(e: &Evidence, r: &ProbeRecord) -> Option<Reading> {
    let reached =
        matches!(r.result, ProbeResult::Open) || (see::reply(e).is_none() && status(r).is_some());
    if reached {
        let sentence = "The same went well a moment later: the fault passes.";
        return Some(Reading::new(r, Weight::Decides, sentence));
    }
    let same = r.same
        || matches!(&r.result, ProbeResult::Failed { stage }
        if e.failure.as_ref().is_some_and(|failure| failure.stage == *stage));
    same.then(|| Reading::new(r, Weight::Remark, "It fails alike a second time: no passing fault."))
}
