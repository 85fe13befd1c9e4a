//! Alerts that the peer sent (RFC 8446 section 6).

use std::net::IpAddr;

use crate::core::change::Change;
use crate::core::evidence::{Evidence, TlsFacts, TlsProblem};
use crate::core::request::TlsVersions;
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

/// The alert if it is one of these, and no certificate of ours is what it is about.
fn alert<'a>(e: &'a Evidence, wanted: &[u8]) -> Option<&'a TlsFacts> {
    wanted.contains(&see::alert(e)?).then_some(e.tls.as_ref()?)
}

/// The alert's number and name.
fn named(tls: &TlsFacts) -> String {
    match &tls.alert_received {
        Some(alert) => format!("It sent alert {} ({}).", alert.number, words::name(&alert.name)),
        None => String::new(),
    }
}

fn offered(tls: &TlsFacts) -> String {
    if tls.versions_offered.is_empty() {
        return String::new();
    }
    format!(
        "Offered were {} with {}.",
        words::names(&tls.versions_offered, 4),
        words::count(tls.ciphers_offered.len() as u64, "cipher suite")
    )
}

pub(super) fn handshake_failure(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[40, 113, 115])?;
    let draft = likely("The server found nothing in common with this client's TLS settings.")
        .because(named(tls))
        .because(offered(tls))
        .because(words::trail(e))
        .hint("Check the server's list of cipher suites, groups and versions.")
        .hint("Compare with `openssl s_client -connect host:port`.")
        .hint("Check whether the server wants a client certificate.");
    Some(unlimited(draft, tls))
}

/// Versions that this client could offer and the request's limit holds back.
fn is_limited(tls: &TlsFacts) -> bool {
    tls.versions_offered.len() == 1
}

fn unlimited(draft: Draft, tls: &TlsFacts) -> Draft {
    if is_limited(tls) {
        draft
            .fix("Offer all versions of TLS", Change::SetTlsVersions { versions: TlsVersions::Any })
    } else {
        draft
    }
}

/// The version of the ServerHello or, where there was none, of the record, if it is an old one.
fn old_version(tls: &TlsFacts) -> Option<&str> {
    const OLD: [&str; 4] = ["SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1"];
    let said = tls.server_hello_version.as_deref().or(tls.record_version.as_deref())?;
    OLD.into_iter().find(|old| *old == said)
}

pub(super) fn protocol_version(e: &Evidence) -> Option<Draft> {
    let by_answer = match see::tls(e) {
        Some((TlsProblem::Version, tls)) => Some(tls),
        _ => None,
    };
    let tls = alert(e, &[70]).or(by_answer)?;
    if is_limited(tls) {
        let draft = certain(format!(
            "The server does not speak {}, the only version that this request offers.",
            words::names(&tls.versions_offered, 1)
        ))
        .because(named(tls))
        .because("The request's settings limit the versions of TLS.")
        .hint("Offer all versions of TLS.");
        return Some(unlimited(draft, tls));
    }
    let summary = match (&tls.server_hello_version, old_version(tls)) {
        (Some(_), Some(old)) => {
            format!("The server speaks at most {old}; this client needs TLS 1.2 or 1.3.")
        }
        _ => {
            "The server does not speak TLS 1.2 or 1.3, the versions that this client can do.".into()
        }
    };
    Some(
        certain(summary)
            .because(named(tls))
            .because(match (&tls.server_hello_version, old_version(tls)) {
                (Some(_), Some(old)) => format!("Its ServerHello is one of {old}."),
                (None, Some(old)) => format!("The record that it came in is one of {old}."),
                _ => String::new(),
            })
            .because(offered(tls))
            .because("TLS 1.0 and 1.1 were withdrawn in 2021 (RFC 8996).")
            .hint("Update the server or its TLS settings.")
            .hint("Put a TLS bridge such as stunnel in front of a server that cannot be updated."),
    )
}

pub(super) fn no_shared_cipher(e: &Evidence) -> Option<Draft> {
    let by_answer = match see::tls(e) {
        Some((TlsProblem::NothingShared, tls)) => Some(tls),
        _ => None,
    };
    let tls = alert(e, &[71]).or(by_answer)?;
    let draft = likely("Server and client have no cipher suite in common.")
        .because(named(tls))
        .because(if by_answer.is_some() {
            "It answered with a cipher suite, group or signature that was not offered."
        } else {
            ""
        })
        .because(offered(tls))
        .because("This client offers only modern suites with forward secrecy.")
        .hint("Update the server's list of cipher suites (ECDHE with AES-GCM or ChaCha20).");
    Some(unlimited(draft, tls))
}

pub(super) fn unrecognized_name(e: &Evidence) -> Option<Draft> {
    // As a warning it may come before a handshake that goes on.
    see::tls(e)?;
    let tls = alert(e, &[112])?;
    let name = tls.sni.as_deref().map_or_else(|| words::host(e), words::name);
    let draft = certain(format!("The server does not know the name {name}."))
        .because(named(tls))
        .because("The name in the TLS greeting chooses the site, and no site has this one.")
        .hint("Check the host name in the address.")
        .hint("Check that the server or gateway has a site for that name.");
    let host = e.request.host.trim_end_matches('.');
    let other = tls.sni.as_deref().is_some_and(|sni| !sni.eq_ignore_ascii_case(host));
    Some(if other && !host.is_empty() {
        draft
            .because("It was set as TLS server name.")
            .fix("Use the host's own name in TLS", Change::SetServerName { name: String::new() })
    } else {
        draft
    })
}

pub(super) fn internal_error(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[80])?;
    Some(
        likely(format!(
            "The server failed during TLS; often it has no certificate for {}.",
            words::host(e)
        ))
        .because(named(tls))
        .because("Content networks and servers with automatic certificates answer so for a name that they do not serve.")
        .because(words::trail(e))
        .hint("Check that the domain is set up at the server or content network.")
        .hint("Wait some minutes if the certificate was ordered just now."),
    )
}

pub(super) fn no_alpn(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[120])?;
    Some(
        certain("This port accepts only HTTP/2; a WebSocket needs HTTP/1.1.")
            .because(named(tls))
            .because(format!("Offered was {}.", words::names(&tls.alpn_offered, 4)))
            .hint("Use another port or listener; this one may be for gRPC.")
            .hint("Allow http/1.1 in the listener's ALPN list."),
    )
}

pub(super) fn no_sni(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[40, 80, 112])?;
    (tls.sni.is_none() && e.request.host.parse::<IpAddr>().is_ok()).then_some(())?;
    Some(
        likely("No server name was sent, because the address is an IP address.")
            .because(named(tls))
            .because(
                "A server with several sites chooses by the name in the TLS greeting, which cannot \
                 hold an address (RFC 6066 section 3).",
            )
            .hint("Connect by name.")
            .hint("Set TLS server name in Settings to the name that the server has.")
            .hint("Set a fixed answer (HOST:PORT:ADDRESS) in Settings to keep this address."),
    )
}

pub(super) fn decrypt_or_mac(e: &Evidence) -> Option<Draft> {
    let by_us = match see::tls(e) {
        Some((TlsProblem::Damaged, tls)) => Some(tls),
        _ => None,
    };
    let tls = alert(e, &[20, 21, 22, 51]).or(by_us)?;
    Some(
        possible("TLS data arrived damaged.")
            .because(named(tls))
            .because(if by_us.is_some() { "What came could not be decrypted." } else { "" })
            .because("Something on the way alters the bytes, or one of the two sides has a fault.")
            .hint("Try from another network.")
            .hint("Check for a filter or antivirus that opens TLS."),
    )
}

pub(super) fn dislikes_hello(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[10, 47, 50, 109])?;
    let draft = possible("The server cannot read this client's TLS greeting.")
        .because(named(tls))
        .because("Old servers and boxes in between stumble over newer extensions.")
        .because(offered(tls))
        .because(if tls.hello_bytes > 0 {
            format!("The greeting has {}.", words::bytes(tls.hello_bytes))
        } else {
            String::new()
        })
        .hint("Update the server or the box in front of it.")
        .hint("Compare with `openssl s_client -tls1_2 -connect host:port`.");
    Some(if is_limited(tls) {
        draft
    } else {
        draft.fix("Offer TLS 1.2 only", Change::SetTlsVersions { versions: TlsVersions::Only12 })
    })
}

pub(super) fn fallback_refused(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[86])?;
    let draft = certain("The server refuses the lowered TLS version.")
        .because(named(tls))
        .hint("Remove the limit of the TLS version.");
    Some(unlimited(draft, tls))
}

pub(super) fn close_notify(e: &Evidence) -> Option<Draft> {
    see::tls(e)?;
    let tls = alert(e, &[0, 90, 100])?;
    Some(
        possible("The server ended the TLS handshake by itself.")
            .because(named(tls))
            .because(words::trail(e))
            .hint("Try again once.")
            .hint("Read the server's log for this moment."),
    )
}
