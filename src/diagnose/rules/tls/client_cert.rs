//! The server wants a certificate of ours, or does not like the one it got.

use crate::core::evidence::{Evidence, TlsProblem};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

const ASKS: &str = "The server asks for a client certificate.";

fn set(draft: Draft) -> Draft {
    draft
        .hint("Set a client certificate and its key in Settings.")
        .hint("Ask the operator which issuer the certificate must come from.")
}

pub(super) fn tls12(e: &Evidence) -> Option<Draft> {
    (see::alert(e)? == 40).then_some(())?;
    let tls = e.tls.as_ref()?;
    (tls.client_cert_requested && !tls.client_cert_sent).then_some(())?;
    Some(set(certain(ASKS)
        .because(
            "It asked for one in the handshake, none was sent, and it broke off with alert 40 \
         (handshake_failure), as servers do in TLS 1.2.",
        )
        .because(words::trail(e))))
}

pub(super) fn tls13(e: &Evidence) -> Option<Draft> {
    (see::alert(e)? == 116).then_some(())?;
    Some(set(certain(ASKS)
        .because(
            "In TLS 1.3 the handshake ends well for the client before the server has looked for \
             a certificate; its alert 116 (certificate_required) comes on the first read and \
             looks like a hang-up after the request.",
        )
        .because(words::trail(e))))
}

/// Alerts about our own certificate, in words.
fn meaning(alert: u8) -> Option<&'static str> {
    Some(match alert {
        42 => "it cannot be read",
        43 => "its kind is not supported",
        44 => "it was revoked",
        45 => "it has expired",
        46 => "something about it is wrong",
        48 => "its issuer is not known there",
        49 => "it is valid, but not allowed in",
        _ => return None,
    })
}

pub(super) fn rejected(e: &Evidence) -> Option<Draft> {
    let number = see::alert(e)?;
    let words_of = meaning(number)?;
    let tls = e.tls.as_ref()?;
    let draft = if tls.client_cert_sent { certain } else { likely };
    let draft = draft(format!("The server rejects the client certificate: {words_of}."))
        .because(format!("It sent alert {number}, which is about the certificate that it got."))
        .because(if tls.client_cert_sent {
            ""
        } else {
            "None was sent from here, so the alert may mean that one is wanted."
        });
    Some(match number {
        48 => draft
            .hint("Send the whole chain of the client certificate.")
            .hint("Check that it comes from the issuer that the server trusts."),
        45 => draft.hint("Renew the client certificate."),
        49 => draft.hint("Ask the operator to allow this certificate."),
        _ => draft.hint("Check the client certificate in Settings."),
    })
}

/// Texts and statuses by which servers ask for a certificate in HTTP.
const TEXTS: &[&str] = &[
    "no required ssl certificate was sent",
    "the ssl certificate error",
    "ssl certificate required",
    "client certificate required",
    "verify client certificate failed",
];

pub(super) fn http(e: &Evidence) -> Option<Draft> {
    let reply = see::refusal(e)?;
    let text = see::holds(reply, TEXTS);
    (matches!(reply.status, 495 | 496) || text.is_some()).then_some(())?;
    Some(set(certain("The server got no valid client certificate.").because(format!(
        "It answered {} over HTTP{}.",
        reply.status,
        text.map(|text| format!(" with the text “{text}”")).unwrap_or_default()
    ))))
}

pub(super) fn files(e: &Evidence) -> Option<Draft> {
    matches!(see::tls(e)?, (TlsProblem::OwnConfiguration, _)).then_some(())?;
    Some(
        certain("A certificate, key or CA file of this request cannot be used.")
            .because(format!("Nothing was sent. The error was {}.", words::said(see::text(e))))
            .hint("Check that the key belongs to the certificate.")
            .hint("Use PEM files: text that begins with -----BEGIN.")
            .hint("Take the passphrase off the key, or unpack the PKCS#12 file."),
    )
}
