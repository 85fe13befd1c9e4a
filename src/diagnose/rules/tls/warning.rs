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

pub(super) fn pinned(e: &Evidence) -> Option<Draft> {
    let tls = e.tls.as_ref().filter(|tls| tls.pinned)?;
    let leaf = tls.chain.first()?;
    Some(
        certain("The certificate is trusted by its fingerprint alone.")
            .info()
            .because(format!(
                "The request trusts the SHA-256 that begins with {}; by the roots it would have \
                 been refused.",
                fingerprint(leaf)
            ))
            .because("A renewed certificate has another fingerprint and will be refused.")
            .hint("Set the CA file of the server's authority to be free of the fingerprint."),
    )
}

pub(super) fn key_log(e: &Evidence) -> Option<Draft> {
    let tls = e.tls.as_ref()?;
    if let Some(path) = &tls.key_log {
        return Some(
            certain(format!("Session keys are written to {}.", words::name(path)))
                .warning()
                .because(
                    "The environment variable SSLKEYLOGFILE asks for it. Who has that file and a \
                     capture can read all that went over the connection.",
                )
                .hint("Clear SSLKEYLOGFILE when the capture is done, and remove the file."),
        );
    }
    let problem = tls.key_log_problem.as_ref()?;
    Some(
        certain("Session keys cannot be written where SSLKEYLOGFILE says.")
            .warning()
            .because(format!("The reason: {}.", words::name(problem).trim_end_matches('.')))
            .hint("Set SSLKEYLOGFILE to a file that can be written, or clear it."),
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
