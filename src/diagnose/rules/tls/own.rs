//! What of the user's own keeps a handshake from beginning, or from being trusted.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, TlsProblem, TrustProblem};
use crate::core::url::UrlProblem;
use crate::diagnose::draft::{Draft, certain, possible};
use crate::diagnose::{see, words};

use super::trust::{objection, severity};

fn problem(e: &Evidence) -> Option<&TlsProblem> {
    see::tls(e).map(|(problem, _)| problem)
}

/// The words of the error, as a sentence's end.
fn why(e: &Evidence) -> String {
    words::name(see::text(e)).trim_end_matches('.').to_owned()
}

pub(super) fn client_files(e: &Evidence) -> Option<Draft> {
    // Records of earlier versions have one word for all of it.
    let ours = match problem(e)? {
        TlsProblem::ClientFiles => true,
        TlsProblem::OwnConfiguration => !is_about_name(e),
        _ => false,
    };
    ours.then_some(())?;
    let draft = certain("The client certificate or its key cannot be used.")
        .because(format!("Nothing was sent. The reason: {}.", why(e)));
    let text = see::text(e);
    Some(if text.contains("password") {
        draft
            .hint("Set the password in Settings, or by --cert-password.")
            .hint("Check it with `openssl pkcs12 -info -noout -in FILE`.")
    } else if text.contains("encrypted") {
        draft
            .hint("Take the passphrase off the key with `openssl pkey -in KEY -out PLAIN`.")
            .hint("Use a PKCS#12 file, whose password can be set.")
    } else {
        draft
            .hint("Check that the key belongs to the certificate.")
            .hint("Use PEM files, text that begins with -----BEGIN, or a PKCS#12 file.")
    })
}

/// A file that cannot be read at all is told by `url/file-unreadable`, as any other one.
pub(super) fn ca_file(e: &Evidence) -> Option<Draft> {
    if matches!(problem(e), Some(TlsProblem::CaFile)) {
        return Some(
            certain("The CA file holds no certificate that can be used.")
                .because(format!("Nothing was sent. The reason: {}.", why(e)))
                .hint("Use a PEM file, text that begins with -----BEGIN CERTIFICATE-----.")
                .hint("Change DER to PEM with `openssl x509 -inform der -in FILE -out FILE.pem`."),
        );
    }
    other_ca(e)
}

/// The CA file is sound, and not the one that is needed.
fn other_ca(e: &Evidence) -> Option<Draft> {
    let (tls, trust, leaf) = objection(e)?;
    (!tls.custom_cas.is_empty()).then_some(())?;
    let held = words::names(&tls.custom_cas, 3);
    let issues = |cert: &crate::core::evidence::Certificate| tls.custom_cas.contains(&cert.issuer);
    let known = tls.chain.iter().any(issues);
    let draft = match trust {
        TrustProblem::UnknownIssuer | TrustProblem::BadSignature if known => possible(
            "The CA file may hold an older authority, of the right name and with another key.",
        )
        .because(format!(
            "It holds {held}, which is the issuer's name, but its key has not signed the \
             certificate of {}.",
            words::said_in(&leaf.subject, 80)
        ))
        .hint("Get the authority's present certificate."),
        TrustProblem::UnknownIssuer if !leaf.self_issued => possible(
            "The CA file may hold another authority than the one that issued the certificate.",
        )
        .because(format!(
            "It holds {held}; the issuer is {}.",
            words::said_in(tls.missing_issuer.as_ref().unwrap_or(&leaf.issuer), 80)
        ))
        .hint("Set the file that holds this issuer as CA file in Settings."),
        _ => return None,
    };
    Some(draft.severity(severity(e)))
}

pub(super) fn fingerprint(e: &Evidence) -> Option<Draft> {
    let UrlProblem::Trusted { text, why } = see::url(e)? else { return None };
    Some(
        certain("A trusted fingerprint of this request is none.")
            .because(format!("{} cannot be used: {}.", words::said_in(text, 80), words::name(why)))
            .hint("Paste the SHA-256 of the certificate, which has 64 hexadecimal digits.")
            .hint("Get it with `openssl x509 -noout -fingerprint -sha256 -in cert.pem`."),
    )
}

fn is_about_name(e: &Evidence) -> bool {
    see::text(e).contains("cannot be a name in TLS")
}

pub(super) fn server_name(e: &Evidence) -> Option<Draft> {
    matches!(problem(e)?, TlsProblem::OwnConfiguration).then_some(())?;
    is_about_name(e).then_some(())?;
    Some(
        certain("The TLS server name of this request cannot be sent.")
            .because(format!("Nothing was sent. The reason: {}.", why(e)))
            .because("It is a host name such as api.example.com, without scheme, port and path.")
            .hint("Correct TLS server name in Settings.")
            .fix("Use the host's own name in TLS", Change::SetServerName { name: String::new() }),
    )
}
