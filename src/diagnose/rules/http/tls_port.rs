//! ws:// spoken to a port that wants TLS.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, HttpProblem};
use crate::core::finding::Confidence;
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

const TEXTS: &[&str] = &[
    "plain http request was sent to https port",
    "client sent an http request to an https server",
    "you're speaking plain http to an ssl-enabled server port",
    "this combination of host and port requires tls",
];

fn switch(draft: Draft) -> Draft {
    draft
        .hint("Switch the address to wss://.")
        .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss })
}

pub(super) fn text(e: &Evidence) -> Option<Draft> {
    (!see::is_wss(e)).then_some(())?;
    let reply = see::refusal(e)?;
    let text = see::holds(reply, TEXTS)?;
    Some(switch(certain(format!("Port {} wants TLS.", e.request.port)).because(format!(
        "The request went out in clear text, and the server answered {} with the text “{text}”.",
        reply.status
    ))))
}

pub(super) fn alert(e: &Evidence) -> Option<Draft> {
    (!see::is_wss(e)).then_some(())?;
    let (_, http) = see::http(e)?;
    let bytes = see::unhex(http.first_bytes_hex.as_deref()?);
    let [0x15, 3, _, _, _, _, number, ..] = bytes.as_slice() else { return None };
    Some(switch(certain(format!("Port {} answered in TLS.", e.request.port)).because(format!(
        "The request went out in clear text, and the first bytes that came back are a TLS alert \
         (number {number}): {}.",
        words::said_in(http.first_bytes_hex.as_deref().unwrap_or_default(), 40)
    ))))
}

pub(super) fn closed(e: &Evidence) -> Option<Draft> {
    (!see::is_wss(e) && e.proxy.is_none()).then_some(())?;
    let (HttpProblem::Eof, http) = see::http(e)? else { return None };
    (http.received == 0).then_some(())?;
    let usual = matches!(e.request.port, 443 | 8443 | 9443 | 6443);
    Some(
        switch(
            likely(format!("Port {} may speak TLS only.", e.request.port))
                .confidence(if usual { Confidence::Likely } else { Confidence::Possible })
                .because(
                    "The server closed the connection after a request in clear text and said \
                     nothing. Servers on OpenSSL and Node do that on a TLS port.",
                )
                .because(if usual { "The port is one that usually has TLS." } else { "" }),
        )
        .hint("Run `openssl s_client -connect host:port` to see whether TLS answers."),
    )
}
