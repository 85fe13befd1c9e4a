//! Probes below HTTP: TLS greetings, ports that are listened to, addresses that are tried. No byte
//! of the request goes out.

use std::net::SocketAddr;
use std::time::Duration;

use super::Subject;
use crate::core::change::Change;
use crate::core::evidence::{Evidence, IoProblem, ProbeKind, ProbeRecord, ProbeResult, TlsFacts};
use crate::core::request::{IpFamily, TlsVersions};
use crate::core::sanitize::{escape, escape_bytes, truncate_to_width};
use crate::core::stage::Stage;
use crate::diagnose::probes::Planned;
use crate::net::clock::Clock;
use crate::net::{self, Heard, HeardKind, HelloAlpn, HelloKind, HelloOutcome};

/// Addresses of a name that are tried at most.
const MOST_ADDRESSES: usize = 6;

/// Cells of a banner that are shown.
const BANNER: usize = 60;

pub(super) fn is_below_http(kind: ProbeKind) -> bool {
    use ProbeKind as K;
    matches!(
        kind,
        K::TlsHello
            | K::ConnectAndWait
            | K::EachAddress
            | K::OtherProxyKind
            | K::TlsWithoutAlpn
            | K::TlsH2
            | K::Tls12Only
            | K::Tls13Only
            | K::TlsWithoutSni
            | K::TlsUnverified
    )
}

/// Makes one. Only addresses that the attempt itself used or was given are gone to.
pub(super) async fn look(
    subject: &Subject,
    evidence: &Evidence,
    probe: &Planned,
    listen: Duration,
    limit: Duration,
    clock: Clock,
) -> Vec<ProbeRecord> {
    let skipped = |why: &str| {
        let told = format!("not made: {why}");
        vec![ProbeRecord::new(probe.kind, &probe.changed, ProbeResult::Skipped, told)]
    };
    let through_proxy = evidence.proxy.is_some() || subject.spec.proxy.is_some();
    if through_proxy && probe.kind != ProbeKind::OtherProxyKind {
        return skipped("it would go round the proxy");
    }
    if probe.kind == ProbeKind::EachAddress {
        return each_address(subject, evidence, probe, limit, clock).await;
    }
    let Some(address) = peer(evidence) else {
        return skipped("the attempt reached no address");
    };
    let (result, told) = match probe.kind {
        ProbeKind::ConnectAndWait => waited(net::listen(address, b"", listen, limit).await),
        ProbeKind::OtherProxyKind => other_proxy(subject, evidence, address, limit).await,
        kind => greeted(kind, subject, address, limit).await,
    };
    vec![ProbeRecord::new(probe.kind, &probe.changed, result, told)]
}

/// Address that the attempt was connected to, or tried first.
fn peer(evidence: &Evidence) -> Option<SocketAddr> {
    let tcp = evidence.tcp.as_ref()?;
    tcp.peer.or_else(|| tcp.tries.first().map(|tried| tried.address))
}

/// Bytes from outside as a short line.
fn banner(bytes: &[u8]) -> String {
    let text = escape_bytes(bytes);
    let text = text.trim_end_matches("\\n").trim_end_matches("\\r");
    format!("“{}”", truncate_to_width(text, BANNER))
}

fn waited(heard: Heard) -> (ProbeResult, String) {
    match heard.kind {
        HeardKind::Spoke => {
            (ProbeResult::OtherProtocol, format!("it says {}", banner(&heard.bytes)))
        }
        HeardKind::Closed => (ProbeResult::Closed, "closes before a word".into()),
        HeardKind::Reset => (ProbeResult::Closed, format!("reset: {}", heard.text)),
        HeardKind::Quiet => (ProbeResult::Quiet, "stays open and quiet".into()),
        HeardKind::Unconnected(problem) => unconnected(problem, &heard.text),
    }
}

fn unconnected(problem: IoProblem, text: &str) -> (ProbeResult, String) {
    match problem {
        IoProblem::TimedOut => (ProbeResult::TimedOut, "no connection in time".into()),
        _ => (ProbeResult::Failed { stage: Stage::Tcp }, format!("TCP: {}", escape(text))),
    }
}

async fn each_address(
    subject: &Subject,
    evidence: &Evidence,
    probe: &Planned,
    limit: Duration,
    clock: Clock,
) -> Vec<ProbeRecord> {
    let port = subject.spec.address.port_or_default();
    let answers = evidence.dns.as_ref().map(|dns| dns.answers.as_slice()).unwrap_or_default();
    let mut out = Vec::new();
    let end = clock.now().plus(limit);
    for ip in answers.iter().take(MOST_ADDRESSES) {
        let address = SocketAddr::new(*ip, port);
        let began = clock.now();
        // Each gets its share of what is left.
        let left = u32::try_from(answers.len().min(MOST_ADDRESSES) - out.len()).unwrap_or(1);
        let share = end.since(began) / left.max(1);
        let heard = net::listen(address, b"", Duration::ZERO, share).await;
        let (result, told) = match heard.kind {
            HeardKind::Unconnected(problem) => unconnected(problem, &heard.text),
            _ => (ProbeResult::Quiet, "takes the connection".into()),
        };
        let mut record = ProbeRecord::new(probe.kind, format!("TCP to {address}"), result, told);
        let family = if ip.is_ipv4() { IpFamily::V4 } else { IpFamily::V6 };
        record.change = Some(Change::SetIpFamily { family });
        let took = clock.now().since(began).as_micros();
        record.took_us = u64::try_from(took).unwrap_or(u64::MAX).max(1);
        out.push(record);
    }
    out
}

/// The greeting of the kind of proxy that was not asked: without a user, to the proxy itself.
async fn other_proxy(
    subject: &Subject,
    evidence: &Evidence,
    address: SocketAddr,
    limit: Duration,
) -> (ProbeResult, String) {
    let url = evidence.proxy.as_ref().map_or("", |proxy| proxy.url.as_str());
    let asked_socks = url.trim_start().to_ascii_lowercase().starts_with("socks");
    if asked_socks {
        let host = &subject.spec.address;
        let target = format!("{}:{}", host.host_in_url(), host.port_or_default());
        let hello = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
        let heard = net::listen(address, hello.as_bytes(), limit, limit).await;
        if heard.bytes.starts_with(b"HTTP/") {
            return (ProbeResult::OtherProtocol, "it answers as an HTTP proxy".into());
        }
        return waited_for_proxy(heard);
    }
    // Version 5, one method: no authentication (RFC 1928 section 3).
    let heard = net::listen(address, b"\x05\x01\x00", limit, limit).await;
    if heard.bytes.first() == Some(&5) && heard.bytes.len() == 2 {
        return (ProbeResult::OtherProtocol, "it answers as a SOCKS5 proxy".into());
    }
    waited_for_proxy(heard)
}

/// What is not the greeting that was looked for.
fn waited_for_proxy(heard: Heard) -> (ProbeResult, String) {
    match waited(heard) {
        (ProbeResult::OtherProtocol, told) => {
            (ProbeResult::Closed, format!("not that kind: {told}"))
        }
        other => other,
    }
}

async fn greeted(
    kind: ProbeKind,
    subject: &Subject,
    address: SocketAddr,
    limit: Duration,
) -> (ProbeResult, String) {
    let alpn = match kind {
        ProbeKind::TlsWithoutAlpn => HelloAlpn::None,
        ProbeKind::TlsH2 => HelloAlpn::H2,
        _ => HelloAlpn::Http11,
    };
    let versions = match kind {
        ProbeKind::Tls12Only => TlsVersions::Only12,
        ProbeKind::Tls13Only => TlsVersions::Only13,
        _ => TlsVersions::Any,
    };
    let own = &subject.draft.settings.server_name;
    let host = if own.is_empty() { &subject.spec.address.host } else { own };
    let host = (kind != ProbeKind::TlsWithoutSni).then_some(host.as_str());
    let hello = HelloKind { alpn, versions };
    let result = net::tls_hello(host, address, hello, limit).await;
    let text = escape(&result.text).into_owned();
    match result.outcome {
        HelloOutcome::Agreed => {
            let told = agreed(kind, &result.facts);
            (ProbeResult::Tls { version: result.facts.version }, told)
        }
        // Who sends an alert speaks TLS; whether that is what was asked depends on the probe.
        HelloOutcome::Alert => {
            let alert = result.facts.alert_received.as_ref();
            let name = alert.map_or_else(|| text.clone(), |alert| alert.name.clone());
            let result = match kind {
                ProbeKind::TlsHello => ProbeResult::Tls { version: None },
                _ => ProbeResult::Failed { stage: Stage::Tls },
            };
            (result, format!("TLS alert {}", escape(&name)))
        }
        HelloOutcome::NotTls => {
            let told = result.facts.first_bytes_text.unwrap_or_default();
            let told = format!("no TLS: “{}”", truncate_to_width(&escape(&told), BANNER));
            (ProbeResult::OtherProtocol, told)
        }
        HelloOutcome::Closed => (ProbeResult::Closed, "closes on the greeting".into()),
        HelloOutcome::Reset => (ProbeResult::Closed, "resets on the greeting".into()),
        HelloOutcome::Silent => (ProbeResult::TimedOut, "no answer to the greeting".into()),
        HelloOutcome::Unconnected(problem) => unconnected(problem, &text),
        HelloOutcome::Failed(_) => {
            (ProbeResult::Failed { stage: Stage::Tls }, format!("TLS: {text}"))
        }
    }
}

fn agreed(kind: ProbeKind, facts: &TlsFacts) -> String {
    let version = facts.version.clone().unwrap_or_else(|| "TLS".into());
    let alpn = facts.alpn.as_ref().map(|alpn| format!(", {}", escape(alpn))).unwrap_or_default();
    let leaf = facts.chain.first().filter(|_| kind == ProbeKind::TlsUnverified).map(|leaf| {
        let names = leaf.names.iter().take(2).map(|name| escape(name)).collect::<Vec<_>>();
        let sha = leaf.sha256.get(..16).unwrap_or_default();
        format!(", certificate of {} (SHA-256 {}…)", names.join(", "), escape(sha))
    });
    format!("answers {version}{alpn}{}", leaf.unwrap_or_default())
}
