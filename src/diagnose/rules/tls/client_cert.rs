//! The server wants a certificate of ours, or does not like the one it got.

use crate::core::evidence::Evidence;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

const ASKS: &str = "The server asks for a client certificate.";

fn set(draft: Draft, e: &Evidence) -> Draft {
    let issuers = e.tls.as_ref().map_or(&[][..], |tls| &tls.client_cert_issuers);
    let draft = draft
        .because(if issuers.is_empty() {
            String::new()
        } else {
            format!("It accepts certificates issued by {}.", words::names(issuers, 3))
        })
        .hint("Set a client certificate and its key in Settings.");
    if issuers.is_empty() {
        draft.hint("Ask the operator which issuer the certificate must come from.")
    } else {
        draft.hint("Ask the operator for a certificate of one of these issuers.")
    }
}

/// The handshake itself was refused, and a certificate had been asked for.
pub(super) fn tls12(e: &Evidence) -> Option<Draft> {
    let number = see::alert(e).filter(|number| matches!(number, 40 | 116))?;
    let tls = e.tls.as_ref()?;
    let asked = tls.client_cert_requested && !tls.client_cert_sent && tls.version.is_none();
    asked.then_some(())?;
    Some(set(
        certain(ASKS)
            .because(format!(
                "It asked for one in the handshake, none was sent, and it broke off with alert \
                 {number}, as servers do in TLS 1.2."
            ))
            .because(words::trail(e)),
        e,
    ))
}

pub(super) fn tls13(e: &Evidence) -> Option<Draft> {
    (see::alert(e)? == 116).then_some(())?;
    // Under 1.2 the same alert comes within the handshake.
    let within = e.tls.as_ref().is_some_and(|tls| tls.version.is_none());
    (!within).then_some(())?;
    Some(set(certain(ASKS)
        .because(
            "In TLS 1.3 the handshake ends well for the client before the server has looked for \
             a certificate; its alert 116 (certificate_required) comes on the first read and \
             looks like a hang-up after the request.",
        )
        .because(words::trail(e)), e))
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
        51 => "the signature on it, or by its key, does not fit",
        49 => "it is valid, but not allowed in",
        _ => return None,
    })
}

pub(super) fn rejected(e: &Evidence) -> Option<Draft> {
    let number = see::alert(e)?;
    let words_of = meaning(number)?;
    let tls = e.tls.as_ref()?;
    // Without a certificate of ours it is about the keys of the session.
    (number != 51 || tls.client_cert_sent).then_some(())?;
    let draft = if tls.client_cert_sent { certain } else { likely };
    let draft = draft(format!("The server rejects the client certificate: {words_of}."))
        .because(format!("It sent alert {number}, which is about the certificate that it got."))
        .because(if tls.client_cert_sent {
            ""
        } else {
            "None was sent from here, so the alert may mean that one is wanted."
        })
        .because(if tls.client_cert_issuers.is_empty() {
            String::new()
        } else {
            format!("It accepts issuers {}.", words::names(&tls.client_cert_issuers, 3))
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
    Some(set(
        certain("The server got no valid client certificate.").because(format!(
            "It answered {} over HTTP{}.",
            reply.status,
            text.map(|text| format!(" with the text “{text}”")).unwrap_or_default()
        )),
        e,
    ))
}
