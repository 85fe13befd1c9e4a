//! Certificates that do not fit the host or the purpose.

use std::net::IpAddr;

use crate::core::change::Change;
use crate::core::evidence::{Evidence, TrustProblem};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::words;

use super::trust::{fingerprint, objection, severity, trusting};

/// Names offered as a fix.
const MOST_NAMES: usize = 3;

fn is_host(name: &str) -> bool {
    (name.contains('.') || name == "localhost")
        && name.len() <= 253
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn wrong_name(e: &Evidence) -> Option<&[String]> {
    match objection(e)? {
        (_, TrustProblem::WrongName { presented, .. }, leaf) => {
            Some(if presented.is_empty() { &leaf.names } else { presented })
        }
        _ => None,
    }
}

/// Offers to keep the address and to ask for a name that the certificate holds, which is what a
/// tunnel, a port that is forwarded or an address before DNS needs.
fn ask_for(draft: Draft, names: &[String]) -> Draft {
    let plausible = names.iter().find(|name| is_host(name) && name.parse::<IpAddr>().is_err());
    match plausible {
        Some(name) => draft.fix(
            format!("Keep the address, and ask for {name} in TLS"),
            Change::SetServerName { name: name.clone() },
        ),
        None => draft,
    }
}

/// The name that TLS Settings put in place of the host's.
fn other_name(e: &Evidence) -> Option<&str> {
    let sni = e.tls.as_ref()?.sni.as_deref()?;
    let host = e.request.host.trim_end_matches('.');
    (!host.is_empty() && !sni.eq_ignore_ascii_case(host)).then_some(sni)
}

pub(super) fn wrong_host(e: &Evidence) -> Option<Draft> {
    let names = wrong_name(e)?;
    let mut draft = certain(format!(
        "The certificate is for {}, not for {}.",
        if names.is_empty() { "no name at all".into() } else { words::names(names, 4) },
        other_name(e).map_or_else(|| words::host(e), words::name)
    ))
    .severity(severity(e))
    .because(
        "The server that answered may be another one than you meant, or it has no certificate \
         for this name. A wildcard covers one label only.",
    )
    .because(match e.tls.as_ref().and_then(|tls| tls.sni.as_deref()) {
        Some(sni) => format!("The name in the TLS greeting was {}.", words::name(sni)),
        None => String::new(),
    })
    .hint("Use a name that the certificate holds.")
    .hint("Check that DNS leads to the right server.");
    if let Some(sni) = other_name(e) {
        return Some(
            draft.because(format!("{} was set as TLS server name.", words::name(sni))).fix(
                "Use the host's own name in TLS",
                Change::SetServerName { name: String::new() },
            ),
        );
    }
    for name in names.iter().filter(|name| is_host(name)).take(MOST_NAMES) {
        draft = draft.fix(format!("Use {name}"), Change::SetHost { host: name.clone() });
    }
    Some(ask_for(draft, names))
}

pub(super) fn ip(e: &Evidence) -> Option<Draft> {
    let names = wrong_name(e)?;
    let address: IpAddr = e.request.host.parse().ok()?;
    (!names.is_empty() && names.iter().all(|n| n.parse::<IpAddr>().is_err())).then_some(())?;
    let mut draft = certain(format!("The certificate names hosts, not the address {address}."))
        .severity(severity(e))
        .because(format!("It holds {}.", words::names(names, 4)))
        .hint("Connect by one of these names.")
        .hint("Set TLS server name in Settings to one of them to keep this address.");
    draft = ask_for(draft, names);
    for name in names.iter().filter(|name| is_host(name)).take(MOST_NAMES) {
        draft = draft.fix(format!("Use {name}"), Change::SetHost { host: name.clone() });
    }
    Some(draft)
}

pub(super) fn no_san(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::WrongName { .. }, leaf) = objection(e)? else { return None };
    (leaf.names.is_empty() && leaf.subject.contains("CN=")).then_some(())?;
    let draft = certain("The certificate names its host only in the old common-name field.")
        .severity(severity(e))
        .because(format!(
            "Its subject is {}, and it holds no subject alternative names, which are the only \
             ones that count (RFC 9525).",
            words::said_in(&leaf.subject, 80)
        ))
        .hint("Make the certificate again with a subjectAltName.");
    Some(trusting(draft, e, leaf, "it names no host"))
}

/// Subjects of certificates that servers answer with when they know nothing of the name.
const DEFAULTS: &[&str] = &[
    "kubernetes ingress controller fake certificate",
    "traefik default cert",
    "plesk",
    "snakeoil",
    "azurewebsites.net",
    "openresty",
    "default-ssl",
    "invalid2.invalid",
];

pub(super) fn default(e: &Evidence) -> Option<Draft> {
    let (_, _, leaf) = objection(e)?;
    let subject = leaf.subject.to_lowercase();
    let by_subject = DEFAULTS.iter().any(|name| subject.contains(name));
    by_subject.then_some(())?;
    Some(
        certain(format!(
            "The server answered with its default certificate; it does not know the name {}.",
            words::host(e)
        ))
        .severity(severity(e))
        .because(format!("The certificate's subject is {}.", words::said_in(&leaf.subject, 80)))
        .hint("Check the gateway's rule and TLS secret for this host.")
        .hint("Check that DNS leads to the right gateway."),
    )
}

pub(super) fn ca_as_leaf(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::CaAsServer, leaf) = objection(e)? else { return None };
    let draft = certain(
        "This home-made certificate marks itself as a CA, and is not accepted as a server's.",
    )
    .severity(severity(e))
    .because(format!(
        "The certificate of {} says CA:TRUE, which is what `openssl req -x509` writes by default. \
         OpenSSL accepts that for a server; stricter libraries do not, also if the file is \
         trusted.",
        words::said_in(&leaf.subject, 80)
    ))
    .hint("Make it again with `-addext basicConstraints=critical,CA:FALSE`.")
    .because(format!("Its SHA-256 begins with {}.", fingerprint(leaf)))
    .hint("Compare the fingerprint, and trust this one certificate for this request.");
    Some(trusting(draft, e, leaf, ""))
}

pub(super) fn weak(e: &Evidence) -> Option<Draft> {
    let (_, trust, leaf) = objection(e)?;
    let bits: Option<u32> = leaf.key.strip_prefix("RSA ").and_then(|bits| bits.parse().ok());
    let what = match trust {
        // Libraries say no more of it than that the signature cannot be verified.
        TrustProblem::WeakSignature | TrustProblem::BadSignature
            if bits.is_some_and(|bits| bits < 2048) =>
        {
            format!("a key that is too short ({})", words::name(&leaf.key))
        }
        TrustProblem::WeakSignature => format!(
            "a weak signature or key ({}, {})",
            words::name(&leaf.signature),
            words::name(&leaf.key)
        ),
        TrustProblem::UnsupportedVersion => "an old X.509 version".into(),
        TrustProblem::BadSignature => "a signature that does not fit".into(),
        _ => return None,
    };
    Some(
        certain(format!(
            "The certificate of {} has {what}, which is not accepted.",
            words::host(e)
        ))
        .severity(severity(e))
        .because(format!("Its subject is {}.", words::said_in(&leaf.subject, 80)))
        .hint("Make a new certificate with SHA-256 and RSA 2048 or P-256."),
    )
}

pub(super) fn revoked(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::Revoked, leaf) = objection(e)? else { return None };
    Some(
        certain(format!("The certificate of {} was revoked.", words::host(e)))
            .severity(severity(e))
            .because(format!(
                "Its issuer {} has withdrawn it, usually because its key was lost.",
                words::said_in(&leaf.issuer, 80)
            ))
            .hint("Tell the operator, and stop here."),
    )
}

pub(super) fn usage(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::WrongPurpose, leaf) = objection(e)? else { return None };
    Some(
        certain("The certificate is not meant for servers.")
            .severity(severity(e))
            .because(format!(
                "The one of {} may be used for something else only, such as clients.",
                words::said_in(&leaf.subject, 80)
            ))
            .hint("Make one for server authentication (extendedKeyUsage serverAuth)."),
    )
}
