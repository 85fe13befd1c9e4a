//! Reaching the proxy itself, and whether it was meant to be used.

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
            .hint("Connect without the proxy if your network allows it."),
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
            .hint("Connect without the proxy if your network allows it."),
    )
}

pub(super) fn unsupported(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::Unsupported).then_some(())?;
    Some(
        certain("This kind of proxy is not supported.")
            .because(format!("{} was to be used.", capital(&proxy_name(e))))
            .because(error(e))
            .hint("Use an HTTP proxy: http://host:port.")
            .hint("Start a local helper that turns one kind into the other."),
    )
}

/// A local target through a proxy that a variable chose.
pub(super) fn env_surprise(e: &Evidence) -> Option<Draft> {
    let proxy = e.proxy.as_ref()?;
    let from_variable = proxy.source.to_ascii_uppercase().contains("PROXY");
    (from_variable && host_is_local(&e.request.host) && e.failure.is_some()).then_some(())?;
    Some(
        certain("The environment sends this connection through a proxy, though the host is local.")
            .warning()
            .because(format!("Used was {}.", proxy_name(e)))
            .because("A proxy elsewhere cannot reach localhost or a private address of yours.")
            .hint("Add the host to NO_PROXY.")
            .hint("Clear the variable for this shell and try again."),
    )
}

fn error(e: &Evidence) -> String {
    let text = see::text(e);
    if text.is_empty() { String::new() } else { format!("The error was {}.", words::said(text)) }
}

fn capital(text: &str) -> String {
    text.strip_prefix("the proxy")
        .map_or_else(|| text.to_owned(), |rest| format!("The proxy{rest}"))
}
