//! The peer speaks something else than what was asked for.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, TlsFacts, TlsProblem};
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// The first bytes of a peer that does not speak TLS.
fn first_bytes(e: &Evidence) -> Option<(Vec<u8>, &TlsFacts)> {
    let (problem, tls) = see::tls(e)?;
    let bytes = see::unhex(&tls.first_bytes_hex);
    let is_record = matches!(bytes.as_slice(), [0x14..=0x17, 3, ..]);
    (!bytes.is_empty() && (*problem == TlsProblem::NotTls || !is_record)).then_some((bytes, tls))
}

fn shown(tls: &TlsFacts) -> String {
    match &tls.first_bytes_text {
        Some(text) => format!("The first bytes it sent are {}.", words::said_in(text, 80)),
        None => {
            format!("The first bytes it sent are {}.", words::said_in(&tls.first_bytes_hex, 48))
        }
    }
}

pub(super) fn http(e: &Evidence) -> Option<Draft> {
    let (bytes, tls) = first_bytes(e)?;
    bytes.starts_with(b"HTTP").then_some(())?;
    let draft = certain(format!("Port {} speaks plain HTTP, not TLS.", e.request.port))
        .because(format!(
            "The TLS greeting for {} was answered in plain text. Other programs report this as \
             WRONG_VERSION_NUMBER: they read the text as a TLS record with an impossible version.",
            words::target(e)
        ))
        .because(shown(tls))
        .because(words::trail(e))
        .hint("Switch the address to ws:// if the server has no TLS.")
        .hint("Use the server's TLS port if it has one.");
    let draft = if see::has_credentials(e) {
        draft.hint("Check before switching: credentials would travel unencrypted over ws://.")
    } else {
        draft
    };
    Some(draft.fix("Switch to ws://", Change::SetScheme { scheme: Scheme::Ws }))
}

/// What a service says first, and its name.
const GREETINGS: &[(&[u8], &str)] = &[
    (b"SSH-", "SSH"),
    (b"220 ", "SMTP or FTP"),
    (b"220-", "SMTP or FTP"),
    (b"+OK", "POP3 or Redis"),
    (b"* OK", "IMAP"),
    (b"RFB ", "VNC"),
    (b"-ERR", "Redis"),
    (b"+PONG", "Redis"),
    (b"AMQP", "AMQP"),
    (b"\x05", "SOCKS"),
    (b"N", "PostgreSQL"),
];

/// Name of the service that greets so, as far as it is known.
pub(in crate::diagnose::rules) fn service(bytes: &[u8]) -> Option<&'static str> {
    // MySQL: a length of three bytes, packet number 0, protocol version 10.
    if let [_, _, 0, 0, 10, ..] = bytes {
        return Some("MySQL or MariaDB");
    }
    GREETINGS
        .iter()
        .find(|(start, name)| {
            bytes.starts_with(start) && (*name != "PostgreSQL" || bytes.len() == 1)
        })
        .map(|(_, name)| *name)
}

pub(super) fn other(e: &Evidence) -> Option<Draft> {
    let (bytes, tls) = first_bytes(e)?;
    (!bytes.starts_with(b"HTTP")).then_some(())?;
    let port = e.request.port;
    let draft = match service(&bytes) {
        Some(name) => certain(format!("Port {port} speaks {name}, not a web protocol.")),
        None => likely(format!("Port {port} speaks neither TLS nor HTTP.")),
    };
    Some(
        draft
            .because(format!(
                "The TLS greeting for {} was answered with something that is no TLS. Other \
                 programs report WRONG_VERSION_NUMBER for this.",
                words::target(e)
            ))
            .because(shown(tls))
            .because(words::trail(e))
            .hint("Check the port: this one belongs to another service."),
    )
}

/// A SETTINGS frame where an HTTP/1.1 reply was due.
pub(super) fn h2_frames(e: &Evidence) -> Option<Draft> {
    let (_, http) = see::http(e)?;
    let bytes = see::unhex(http.first_bytes_hex.as_deref()?);
    matches!(bytes.as_slice(), [0, 0, _, 4, 0, ..]).then_some(())?;
    Some(
        certain("The server speaks HTTP/2 only.")
            .because(
                "Its answer to the opening handshake begins with an HTTP/2 SETTINGS frame. A \
                 classic WebSocket begins as HTTP/1.1.",
            )
            .hint("Use another port or listener of the server.")
            .hint("Allow HTTP/1.1 on that listener at the server or gateway."),
    )
}

pub(super) fn h2_chosen(e: &Evidence) -> Option<Draft> {
    if let Some((TlsProblem::Alpn, tls)) = see::tls(e) {
        return Some(
            certain("The server chose a protocol that was not offered, most likely HTTP/2.")
                .because(format!(
                    "Offered by ALPN was {}, which a WebSocket needs; the server answered with \
                     another one.",
                    words::names(&tls.alpn_offered, 4)
                ))
                .hint("Allow http/1.1 in the listener's ALPN list.")
                .hint("Use another port or listener; this one may be for gRPC."),
        );
    }
    let tls = e.tls.as_ref().filter(|tls| tls.alpn.as_deref() == Some("h2"))?;
    e.failure.as_ref()?;
    Some(
        certain("HTTP/2 was agreed on, and the server does no WebSocket over HTTP/2.")
            .because(format!(
                "Offered: {}. The server chose h2.",
                words::names(&tls.alpn_offered, 4)
            ))
            .hint("Offer only http/1.1 in ALPN.")
            .hint("Update the gateway so that it can do extended CONNECT (RFC 8441)."),
    )
}
