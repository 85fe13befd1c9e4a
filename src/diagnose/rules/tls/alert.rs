//! Alerts that the peer sent (RFC 8446 section 6).

use std::net::IpAddr;

use crate::core::evidence::{Evidence, TlsFacts, TlsProblem};
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
    Some(
        likely("The server found nothing in common with this client's TLS settings.")
            .because(named(tls))
            .because(offered(tls))
            .because(words::trail(e))
            .hint("Check the server's list of cipher suites, groups and versions.")
            .hint("Compare with `openssl s_client -connect host:port`.")
            .hint("Check whether the server wants a client certificate."),
    )
}

pub(super) fn protocol_version(e: &Evidence) -> Option<Draft> {
    let by_answer = match see::tls(e) {
        Some((TlsProblem::Version, tls)) => Some(tls),
        _ => None,
    };
    let tls = alert(e, &[70]).or(by_answer)?;
    Some(
        certain("The server does not speak TLS 1.2 or 1.3, the versions that this client can do.")
            .because(named(tls))
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
    Some(
        likely("Server and client have no cipher suite in common.")
            .because(named(tls))
            .because(offered(tls))
            .because("This client offers only modern suites with forward secrecy.")
            .hint("Update the server's list of cipher suites (ECDHE with AES-GCM or ChaCha20)."),
    )
}

pub(super) fn unrecognized_name(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[112])?;
    let name = tls.sni.as_deref().map_or_else(|| words::host(e), words::name);
    Some(
        certain(format!("The server does not know the name {name}."))
            .because(named(tls))
            .because("The name in the TLS greeting chooses the site, and no site has this one.")
            .hint("Check the host name in the address.")
            .hint("Check that the server or gateway has a site for that name."),
    )
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
            .hint("Set a fixed answer (HOST:PORT:ADDRESS) in Settings to keep this address."),
    )
}

pub(super) fn decrypt_or_mac(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[20, 21, 51])?;
    Some(
        possible("TLS data arrived damaged.")
            .because(named(tls))
            .because("Something on the way alters the bytes, or one of the two sides has a fault.")
            .hint("Try from another network.")
            .hint("Check for a filter or antivirus that opens TLS."),
    )
}

pub(super) fn dislikes_hello(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[10, 47, 50, 109])?;
    Some(
        possible("The server cannot read this client's TLS greeting.")
            .because(named(tls))
            .because("Old servers and boxes in between stumble over newer extensions.")
            .because(offered(tls))
            .hint("Update the server or the box in front of it.")
            .hint("Compare with `openssl s_client -tls1_2 -connect host:port`."),
    )
}

pub(super) fn fallback_refused(e: &Evidence) -> Option<Draft> {
    let tls = alert(e, &[86])?;
    Some(
        certain("The server refuses the lowered TLS version.")
            .because(named(tls))
            .hint("Remove the limit of the TLS version."),
    )
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
