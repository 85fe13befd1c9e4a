//! What will hurt although the connection is open.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::words;

use super::trust::fingerprint;

/// Days before its end from which a certificate is worth a word.
const SOON_DAYS: u64 = 30;

pub(super) fn verification_off(e: &Evidence) -> Option<Draft> {
    let tls = e.tls.as_ref()?;
    let leaf = tls.chain.first()?;
    (!e.request.verify && e.request.scheme == "wss").then_some(())?;
    let verdict = if tls.trust.is_some() {
        "The certificate would have been refused."
    } else {
        "The certificate would have been accepted, so nothing is lost by switching it on."
    };
    Some(
        certain("The server's certificate is not checked, so anybody could be at the other end.")
            .warning()
            .because(format!("The SHA-256 of the certificate begins with {}.", fingerprint(leaf)))
            .because(verdict)
            .hint("Switch verification on, and set a CA file if the server has its own.")
            .fix("Switch verification on", Change::SetVerify { verify: true }),
    )
}

pub(super) fn expires_soon(e: &Evidence) -> Option<Draft> {
    let leaf = e.tls.as_ref()?.chain.first()?;
    let end = leaf.not_after?;
    let left = end.since(e.started).as_secs() / 86_400;
    (end > e.started && left < SOON_DAYS).then_some(())?;
    Some(
        certain(format!(
            "The certificate of {} ends on {}, in {}.",
            words::host(e),
            words::day(end),
            words::days(e.started, end)
        ))
        .warning()
        .because(format!("Its issuer is {}.", words::said_in(&leaf.issuer, 80)))
        .because("Certificates that are renewed by a program are usually replaced before that.")
        .hint("Renew it, or check that the program that renews it still runs."),
    )
}
