//! When the answer over HTTP, or none, is the trouble; and when it opened.

use super::shapes::{origin, shapes, without_extensions};
use super::tls::{connect_and_wait, tls_hello, without_alpn};
use super::{
    Case, FailureKind, Planned, ProbeKind, again, bare, bare_upgrade, each_address, plain_get,
    same_path, with_credentials,
};
use crate::core::change::Change;
use crate::core::request::IpFamily;
use crate::core::url::{self, split_query};
use crate::diagnose::see;

pub(super) fn http(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
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

pub(super) fn speaks_of_tls(case: &Case<'_>) -> bool {
    case.has(&["http/tls-port-400"])
}

/// No byte, or none that is HTTP, came back.
pub(super) fn no_answer(case: &Case<'_>, out: &mut Vec<Planned>) {
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

pub(super) fn redirect(case: &Case<'_>, out: &mut Vec<Planned>) {
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
pub(super) fn same_place(case: &Case<'_>, location: &str) -> Option<String> {
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

/// A 101 that cannot be taken.
pub(super) fn upgrade(case: &Case<'_>, out: &mut Vec<Planned>) {
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
pub(super) fn opened(case: &Case<'_>, out: &mut Vec<Planned>) {
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
