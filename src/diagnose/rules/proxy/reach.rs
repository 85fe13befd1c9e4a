//! Reaching the proxy itself, and whether it was meant to be used.

use super::fix;
use crate::core::evidence::{Evidence, IoProblem, ProxyProblem};
use crate::core::url::host_is_local;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

/// The proxy's address with where it came from: `http://p:3128 (from HTTPS_PROXY)`.
pub(super) fn proxy_name(e: &Evidence) -> String {
    match e.proxy.as_ref().filter(|proxy| !proxy.url.is_empty()) {
        Some(proxy) if proxy.source.is_empty() => words::name(&proxy.url),
        Some(proxy) => {
            format!("{} (from {})", words::name(&proxy.url), words::name(&proxy.source))
        }
        None => "the proxy".into(),
    }
}

pub(super) fn refused(e: &Evidence) -> Option<Draft> {
    matches!(see::proxy(e)?, ProxyProblem::Unreachable(IoProblem::Refused)).then_some(())?;
    Some(
        certain("The proxy refuses the connection; the server was never asked.")
            .because(format!("Nothing listens at {}.", proxy_name(e)))
            .because(words::trail(e))
            .hint("Check the proxy's address and port.")
            .hint("Start the proxy if it runs on this machine.")
            .hint("Connect without the proxy if your network allows it.")
            .fix("Connect without the proxy", fix::without()),
    )
}

pub(super) fn unresolved(e: &Evidence) -> Option<Draft> {
    let ProxyProblem::Unreachable(problem) = see::proxy(e)? else { return None };
    (problem != IoProblem::Refused).then_some(())?;
    Some(
        certain("The proxy cannot be reached; the server was never asked.")
            .because(format!("{} could not be connected to.", capital(&proxy_name(e))))
            .because(error(e))
            .because(words::trail(e))
            .hint("Connect the VPN if the proxy belongs to a company network.")
            .hint("Check the proxy's name and port.")
            .hint("Connect without the proxy if your network allows it.")
            .fix("Connect without the proxy", fix::without()),
    )
}

pub(super) fn unsupported(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::Unsupported).then_some(())?;
    Some(
        certain("This kind of proxy is not supported.")
            .because(format!("{} was to be used.", capital(&proxy_name(e))))
            .because(error(e))
            .hint("Use an HTTP or SOCKS 5 proxy: http://host:port or socks5h://host:port.")
            .hint("Start a local helper that turns one kind into the other."),
    )
}

/// A local target through a proxy that a variable chose.
pub(super) fn env_surprise(e: &Evidence) -> Option<Draft> {
    let proxy = e.proxy.as_ref()?;
    // The setting calls itself so; anything else is the name of a variable.
    let from_variable = proxy.source.to_ascii_uppercase().ends_with("_PROXY");
    (from_variable && host_is_local(&e.request.host) && e.failure.is_some()).then_some(())?;
    Some(
        certain("The environment sends this connection through a proxy, though the host is local.")
            .warning()
            .because(format!("Used was {}.", proxy_name(e)))
            .because("A proxy elsewhere cannot reach localhost or a private address of yours.")
            .hint(format!("Add {} to NO_PROXY.", words::host(e)))
            .hint("Clear the variable for this shell and try again.")
            .fix("Bypass the proxy for this request", fix::without()),
    )
}

pub(super) fn tls_to_plain(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::NotTls).then_some(())?;
    let first = e.proxy.as_ref()?.first_bytes_hex.as_deref().unwrap_or_default();
    let first = String::from_utf8_lossy(&see::unhex(first)).into_owned();
    let seen = if first.is_empty() {
        String::new()
    } else {
        format!("It answered a TLS greeting with {}.", words::said_in(&first, 60))
    };
    let mut draft = certain("The proxy itself does not use TLS on this port.")
        .because(format!("{} was to be spoken to over TLS (https).", proxy_name(e)))
        .because(seen)
        .because(words::trail(e))
        .hint(
            "Write the proxy as http://; a wss:// connection is encrypted through it all the same.",
        )
        .hint("Check whether the proxy has another port for TLS.");
    if let Some(change) = fix::by_scheme(e, "http") {
        draft = draft.fix("Switch the proxy to http://", change);
    }
    Some(draft)
}

pub(super) fn tls_failed(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::Tls).then_some(())?;
    let tls = e.proxy.as_ref()?.tls.as_deref();
    let untrusted = tls.is_some_and(|tls| tls.trust.is_some());
    let summary = if untrusted {
        "The proxy's own certificate is not trusted, so it was not spoken to."
    } else {
        "The TLS handshake with the proxy itself failed; the server was never asked."
    };
    let leaf = tls.and_then(|tls| tls.chain.first());
    let draft = certain(summary)
        .because(format!("{} is spoken to over TLS.", capital(&proxy_name(e))))
        .because(error(e))
        .because(leaf.map_or_else(String::new, |leaf| {
            format!(
                "Its certificate is for {}, issued by {}.",
                words::said_in(&leaf.subject, 60),
                words::said_in(&leaf.issuer, 60)
            )
        }));
    Some(if untrusted {
        draft
            .hint("Set the CA of the proxy's certificate as CA file in Settings (--cacert).")
            .hint("Check that the proxy's name is one of those in its certificate.")
    } else {
        draft
            .hint("Check the proxy's port, and the versions of TLS that it speaks.")
            .hint("Write the proxy as http:// if it does not need TLS.")
    })
}

fn error(e: &Evidence) -> String {
    let text = see::text(e);
    if text.is_empty() { String::new() } else { format!("The error was {}.", words::said(text)) }
}

fn capital(text: &str) -> String {
    text.strip_prefix("the proxy")
        .map_or_else(|| text.to_owned(), |rest| format!("The proxy{rest}"))
}
