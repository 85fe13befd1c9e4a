//! The peer says nothing to the TLS greeting, or hangs up.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, TlsProblem};
use crate::core::stage::Stage;
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, likely};
use crate::diagnose::{see, words};

fn nothing_came(e: &Evidence) -> bool {
    e.tls.as_ref().is_none_or(|tls| tls.first_bytes_hex.is_empty())
}

pub(super) fn closed(e: &Evidence) -> Option<Draft> {
    matches!(see::tls(e)?, (TlsProblem::Eof, _)).then_some(())?;
    nothing_came(e).then_some(())?;
    let draft = likely(format!(
        "The server closed the connection when TLS began; it may not speak TLS on port {}.",
        e.request.port
    ))
    .because("It took the TLS greeting and hung up without sending a byte.")
    .because(words::trail(e))
    .hint("Try ws:// without credentials to see whether the port is a plain one.")
    .hint("Check the port, and any port mapping in between.")
    .hint("Check that the server has a certificate for this name.");
    Some(if see::has_credentials(e) {
        draft
    } else {
        draft.fix("Switch to ws://", Change::SetScheme { scheme: Scheme::Ws })
    })
}

pub(super) fn reset(e: &Evidence) -> Option<Draft> {
    matches!(see::tls(e)?, (TlsProblem::Reset, _)).then_some(())?;
    nothing_came(e).then_some(())?;
    let sni = e.tls.as_ref().and_then(|tls| tls.sni.as_deref());
    Some(
        likely(
            "The connection was reset when TLS began, often by a filter that reads the server name.",
        )
        .because(match sni {
            Some(sni) => format!(
                "The greeting names {} in clear text, and the reset came before any answer.",
                words::name(sni)
            ),
            None => "The reset came before any answer to the greeting.".into(),
        })
        .because(words::trail(e))
        .hint("Try from another network.")
        .hint("Check that the server knows this name.")
        .hint("Compare with another host on the same address."),
    )
}

pub(super) fn silent(e: &Evidence) -> Option<Draft> {
    see::timed_out(e, Stage::Tls).then_some(())?;
    nothing_came(e).then_some(())?;
    Some(
        likely("TCP is up, but the server never answered the TLS greeting.")
            .because(format!(
                "{} took the connection, and no byte came back within {}. A plain server that \
                 waits for a line of text does that, and so does a path that loses large packets.",
                words::target(e),
                words::span(e.request.timeout_ms.saturating_mul(1000))
            ))
            .because(words::trail(e))
            .hint("Check the port.")
            .hint("Try ws:// without credentials to see whether the port is a plain one.")
            .hint("Try from another network or without the VPN, which may lose large packets."),
    )
}
