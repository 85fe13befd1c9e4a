//! Chains that lead to no trusted root, and certificates out of their time.

use crate::core::change::Change;
use crate::core::evidence::{Certificate, Evidence, TlsFacts, TlsProblem, TrustProblem};
use crate::core::finding::Severity;
use crate::core::request::read_fingerprint;
use crate::core::time::Micros;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// The verifier's objection with the leaf. It is only a warning if the connection went on.
pub(super) fn objection(e: &Evidence) -> Option<(&TlsFacts, &TrustProblem, &Certificate)> {
    let tls = e.tls.as_ref()?;
    Some((tls, tls.trust.as_ref()?, tls.chain.first()?))
}

/// An error if it ended the handshake, else a warning.
pub(super) fn severity(e: &Evidence) -> Severity {
    match see::tls(e) {
        Some((TlsProblem::Certificate, _)) => Severity::Error,
        _ => Severity::Warning,
    }
}

/// First digits of the fingerprint, enough to compare by eye.
pub(super) fn fingerprint(leaf: &Certificate) -> String {
    leaf.sha256.chars().filter(char::is_ascii_hexdigit).take(16).collect()
}

/// Offers to trust just this certificate, beside its fingerprint and never without it. `although`
/// says what else is wrong with it: `it is for another name`.
pub(super) fn trusting(draft: Draft, e: &Evidence, leaf: &Certificate, although: &str) -> Draft {
    let Ok(sha256) = read_fingerprint(&leaf.sha256) else { return draft };
    if severity(e) != Severity::Error {
        return draft;
    }
    let although =
        if although.is_empty() { String::new() } else { format!(" although {although}") };
    draft.fix(
        format!(
            "Trust this certificate for this request{although} (SHA-256 {}…)",
            fingerprint(leaf)
        ),
        Change::TrustCertificate { sha256 },
    )
}

/// What the fingerprint is good for.
fn compare(leaf: &Certificate) -> String {
    format!(
        "Its SHA-256 begins with {}; compare it with what the server's operator tells you.",
        fingerprint(leaf)
    )
}

pub(super) fn expired(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::Expired, leaf) = objection(e)? else { return None };
    let summary = match leaf.not_after {
        Some(end) if end <= e.started => format!(
            "The certificate of {} expired on {} ({} ago).",
            words::host(e),
            words::day(end),
            words::days(end, e.started)
        ),
        _ => format!("A certificate in the chain of {} has expired.", words::host(e)),
    };
    let draft = certain(summary)
        .severity(severity(e))
        .because(format!(
            "The certificate of {} was issued by {}.",
            words::said_in(&leaf.subject, 80),
            words::said_in(&leaf.issuer, 80)
        ))
        .hint("Renew the certificate, and reload the server so that it uses the new one.")
        .hint("Check this machine's clock.");
    Some(trusting(draft, e, leaf, "its time is over"))
}

pub(super) fn not_yet_valid(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::NotYetValid, leaf) = objection(e)? else { return None };
    let from = leaf.not_before.map(words::day).unwrap_or_else(|| "a later day".into());
    Some(
        certain(format!("The certificate of {} is valid only from {from}.", words::host(e)))
            .severity(severity(e))
            .because(format!("By this machine's clock it is {}.", words::day(e.started)))
            .hint("Check this machine's clock.")
            .hint("Wait until the certificate is valid."),
    )
}

/// No record of this program can be older: 2025-01-01.
const FIRST_RECORD: Micros = Micros(1_735_689_600_000_000);

pub(super) fn clock_wrong(e: &Evidence) -> Option<Draft> {
    let (_, TrustProblem::Expired | TrustProblem::NotYetValid, _) = objection(e)? else {
        return None;
    };
    (e.started < FIRST_RECORD).then_some(())?;
    Some(
        likely("This machine's clock looks wrong; that breaks certificates and signatures.")
            .severity(severity(e))
            .because(format!(
                "By its clock it is {}, which is before this program was made.",
                words::day(e.started)
            ))
            .hint("Set the clock, best by the network (NTP).")
            .hint("Check the battery of a machine whose clock falls back at each start."),
    )
}

fn unknown_issuer(e: &Evidence) -> Option<(&TlsFacts, &Certificate)> {
    match objection(e)? {
        (tls, TrustProblem::UnknownIssuer, leaf) => Some((tls, leaf)),
        _ => None,
    }
}

fn roots(tls: &TlsFacts) -> String {
    let trusted = if tls.roots.is_empty() {
        String::new()
    } else {
        format!("Trusted are the {} roots.", words::name(&tls.roots))
    };
    if tls.custom_cas.is_empty() {
        trusted
    } else {
        format!("{trusted} The CA file holds {}.", words::names(&tls.custom_cas, 3))
    }
}

pub(super) fn self_signed(e: &Evidence) -> Option<Draft> {
    let (tls, leaf) = unknown_issuer(e)?;
    (tls.chain.len() == 1 && leaf.self_issued).then_some(())?;
    let draft = certain(format!("The certificate of {} is self-signed.", words::host(e)))
        .severity(severity(e))
        .because(format!(
            "{} signed itself, so only the fingerprint can tell whether it is the right one. Its \
             SHA-256 begins with {}.",
            words::said_in(&leaf.subject, 80),
            fingerprint(leaf)
        ))
        .because(roots(tls))
        .hint("Compare the fingerprint with the one that the server's operator gives you.")
        .hint("Trust this one certificate for this request, or set it as CA file in Settings.");
    Some(trusting(draft, e, leaf, ""))
}

/// The chain names an issuer that sent itself along, or that no public CA would be.
pub(super) fn private_ca(e: &Evidence) -> Option<Draft> {
    let (tls, leaf) = unknown_issuer(e)?;
    let root_sent = tls.chain.len() > 1 && tls.chain.last().is_some_and(|top| top.self_issued);
    let private = !leaf.self_issued && leaf.issuer_url.is_none();
    (root_sent || private).then_some(())?;
    let top = tls.chain.last().map_or(&leaf.issuer, |top| &top.issuer);
    let issuer = tls.missing_issuer.as_ref().unwrap_or(top);
    let draft = if root_sent { certain } else { likely };
    let draft =
        draft(format!("{} uses a private CA that this machine does not trust.", words::host(e)))
            .severity(severity(e))
            .because(if tls.missing_issuer.is_some() {
                format!(
                    "The way to a root ends at {}, which was neither sent nor is among the roots.",
                    words::said_in(issuer, 80)
                )
            } else {
                format!(
                    "The chain ends at {}, which is not among the roots.",
                    words::said_in(issuer, 80)
                )
            })
            .because(roots(tls))
            .because(compare(leaf))
            .hint("Set that CA's certificate as CA file in Settings.")
            .hint("Add the CA to the system's store if other programs need it too.");
    Some(trusting(draft, e, leaf, ""))
}

pub(super) fn incomplete_chain(e: &Evidence) -> Option<Draft> {
    let (tls, leaf) = unknown_issuer(e)?;
    let url = leaf.issuer_url.as_ref()?;
    let top = tls.chain.last()?;
    (!leaf.self_issued && !top.self_issued).then_some(())?;
    let draft = if tls.chain.len() == 1 { certain } else { likely };
    let issuer = tls.missing_issuer.as_ref().unwrap_or(&top.issuer);
    let draft = draft(format!(
        "{} does not send its intermediate certificate; browsers hide this fault.",
        words::host(e)
    ))
    .severity(severity(e))
    .because(format!(
        "Sent were {}; the issuer {} is missing. Browsers fetch it from {}, other programs \
             do not.",
        words::count(tls.chain.len() as u64, "certificate"),
        words::said_in(issuer, 80),
        words::name(url)
    ))
    .because(compare(leaf))
    .hint("Install the full chain at the server (often the file fullchain.pem).")
    .hint("Set the intermediate certificate as CA file in Settings meanwhile.");
    Some(trusting(draft, e, leaf, "its issuer was not sent"))
}

/// Issuers that stand between people and their servers.
const INSPECTORS: &[&str] = &[
    "zscaler",
    "netskope",
    "palo alto",
    "fortinet",
    "fortigate",
    "kaspersky",
    "avast",
    "avg ",
    "eset ssl",
    "bitdefender",
    "sophos",
    "blue coat",
    "symantec web",
    "cisco umbrella",
    "mcafee web",
    "skyhigh",
    "forcepoint",
    "check point",
    "mitmproxy",
    "charles proxy",
    "fiddler",
];

/// Issuer in the chain that belongs to a product which opens TLS, and the product's name.
pub(in crate::diagnose::rules) fn inspector(tls: &TlsFacts) -> Option<(&str, &'static str)> {
    tls.chain.iter().find_map(|cert| {
        let issuer = cert.issuer.to_lowercase();
        let product = INSPECTORS.iter().find(|name| issuer.contains(**name))?;
        Some((cert.issuer.as_str(), *product))
    })
}

pub(super) fn inspected(e: &Evidence) -> Option<Draft> {
    let (tls, _) = unknown_issuer(e)?;
    let (issuer, product) = inspector(tls)?;
    Some(
        likely("Something on this network opens TLS, and its CA is not trusted here.")
            .severity(severity(e))
            .because(format!(
                "The issuer is {}, which belongs to a product that inspects traffic ({}).",
                words::said_in(issuer, 80),
                product.trim()
            ))
            .because(roots(tls))
            .hint("Set the product's CA as CA file in Settings, or use the system's roots.")
            .hint("Keep verification on: switched off, nobody can be told from the filter.")
            .hint("Ask for an exception for this host."),
    )
}
