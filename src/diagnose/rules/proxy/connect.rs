//! What the proxy answered, to CONNECT above all.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ProxyFacts, ProxyProblem};
use crate::core::stage::Stage;
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

use super::fix;
use super::reach::proxy_name;

/// The answer with a status that is no success.
fn answer(e: &Evidence) -> Option<(&ProxyFacts, u16)> {
    (see::proxy(e)? == ProxyProblem::Status).then_some(())?;
    let proxy = e.proxy.as_ref()?;
    Some((proxy, proxy.status?))
}

/// The first line of what the proxy said.
fn line(proxy: &ProxyFacts) -> String {
    match proxy.reply.lines().next().filter(|line| !line.trim().is_empty()) {
        Some(line) => format!("It answered {}.", words::said_in(line, 80)),
        None => String::new(),
    }
}

/// Values of the proxy's challenges, in lower case.
fn challenges(proxy: &ProxyFacts) -> Vec<String> {
    proxy
        .reply
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("proxy-authenticate"))
        .map(|(_, value)| value.trim().to_ascii_lowercase())
        .collect()
}

pub(super) fn auth_407(e: &Evidence) -> Option<Draft> {
    let (proxy, 407) = answer(e)? else { return None };
    if proxy.request.contains("Proxy-Authorization:") {
        return Some(
            certain("The proxy, not the server, refuses the name and password that it was given.")
                .because(format!("{} was sent the login of its address.", proxy_name(e)))
                .because(line(proxy))
                .because(words::trail(e))
                .hint("Check name and password in the proxy's address: http://name:password@host:port.")
                .hint("Percent-encode characters such as @, : and / in them."),
        );
    }
    Some(
        certain("The proxy, not the server, asks for a name and a password.")
            .because(format!("{} must be logged in to before it opens a tunnel.", proxy_name(e)))
            .because(line(proxy))
            .because(words::trail(e))
            .hint("Set the proxy's own credentials in its address: http://name:password@host:port.")
            .hint("Keep the server's credentials out of the proxy's address."),
    )
}

pub(super) fn auth_ntlm(e: &Evidence) -> Option<Draft> {
    let (proxy, 407) = answer(e)? else { return None };
    let asked = challenges(proxy);
    let windows = |c: &String| c.starts_with("ntlm") || c.starts_with("negotiate");
    (!asked.is_empty() && asked.iter().all(windows)).then_some(())?;
    Some(
        certain("The proxy wants a Windows login (NTLM or Kerberos), which this client cannot do.")
            .because(format!("{} offers nothing else.", proxy_name(e)))
            .because(line(proxy))
            .hint("Run a local helper such as px or cntlm and use it as proxy.")
            .hint("Ask the network's administrators for an exception."),
    )
}

pub(super) fn connect_403(e: &Evidence) -> Option<Draft> {
    let (proxy, 403 | 405) = answer(e)? else { return None };
    let mut draft = certain(format!("The proxy forbids a tunnel to {}.", words::target(e)))
        .because(format!("{} has rules for hosts and ports.", proxy_name(e)))
        .because(line(proxy))
        .because(words::trail(e));
    if e.request.port != 443 {
        draft = draft
            .hint("Try wss:// on port 443; many proxies allow tunnels to that port only.")
            .fix("Use port 443", Change::SetPort { port: Some(443) });
        if e.request.scheme == "ws" {
            draft = draft.fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss });
        }
    }
    Some(draft.hint("Ask the proxy's administrators for an exception for this host."))
}

pub(super) fn connect_5xx(e: &Evidence) -> Option<Draft> {
    let (proxy, 500..=599) = answer(e)? else { return None };
    Some(
        certain(format!("The proxy reached nothing at {}.", words::target(e)))
            .because(format!("{} could not connect to the target itself.", proxy_name(e)))
            .because(line(proxy))
            .because(words::trail(e))
            .hint("Check the name and the port of the server.")
            .hint("Add the host to NO_PROXY if it is an internal one.")
            .hint("Ask whether the proxy can resolve that name.")
            .fix("Connect without the proxy", fix::without()),
    )
}

pub(super) fn silent(e: &Evidence) -> Option<Draft> {
    see::timed_out(e, Stage::Proxy).then_some(())?;
    let what = if fix::is_socks(e) { "the SOCKS greeting" } else { "CONNECT" };
    let draft = likely(format!(
        "The proxy did not answer within {}.",
        words::span(e.request.timeout_ms.saturating_mul(1000))
    ))
    .because(format!("{} took the connection and said nothing to {what}.", proxy_name(e)))
    .because(words::trail(e))
    .hint("Check the kind of the proxy (http, socks5), and its port.")
    .hint("Raise the time limit if the proxy is known to be slow.");
    Some(other_kind(draft, e))
}

pub(super) fn closed(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::Closed).then_some(())?;
    let what = if fix::is_socks(e) { "in the middle of SOCKS" } else { "on CONNECT" };
    let draft = likely("The proxy closed the connection without an answer.")
        .because(format!("{} hung up {what}.", proxy_name(e)))
        .because(words::trail(e))
        .hint("Check the kind and the port of the proxy.")
        .hint("Ask whether it accepts connections from your address.");
    Some(other_kind(draft, e))
}

/// Offers to speak to the proxy in the other way.
fn other_kind(draft: Draft, e: &Evidence) -> Draft {
    let scheme = if fix::is_socks(e) { "http" } else { "socks5h" };
    match fix::by_scheme(e, scheme) {
        Some(change) => draft.fix(format!("Try the proxy as {scheme}://"), change),
        None => draft,
    }
}

pub(super) fn kind_mismatch(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::NotAProxy).then_some(())?;
    let proxy = e.proxy.as_ref()?;
    let first = see::unhex(proxy.first_bytes_hex.as_deref().unwrap_or_default());
    let seen = if !proxy.reply.is_empty() {
        format!("It answered {}.", words::said_in(&proxy.reply, 80))
    } else if !first.is_empty() {
        format!("It answered {}.", words::said_in(&String::from_utf8_lossy(&first), 80))
    } else {
        String::new()
    };
    let asked = if proxy.kind.is_socks() { "a SOCKS greeting" } else { "CONNECT" };
    // What it speaks, by its first bytes.
    let speaks = match first.as_slice() {
        [b'H', b'T', b'T', b'P', ..] => Some(("an HTTP proxy", "http")),
        [5, ..] => Some(("a SOCKS 5 proxy", "socks5h")),
        [0, 90..=93, ..] => Some(("a SOCKS 4 proxy", "socks4a")),
        _ => None,
    };
    let Some((kind, scheme)) = speaks else {
        return Some(
            certain("What is set as proxy speaks another language than that of such a proxy.")
                .because(format!(
                    "{} answered {asked} with something else.",
                    proxy_name(e)
                ))
                .because(seen)
                .hint("Check the proxy's kind and port: SOCKS proxies often use 1080, HTTP ones 3128 or 8080.")
                .hint("Check whether another service listens there."),
        );
    };
    let mut draft = certain(format!("What is set as {}:// proxy is {kind}.", proxy.kind.scheme()))
        .because(format!("{} answered {asked} in the manner of {kind}.", proxy_name(e)))
        .because(seen)
        .hint(format!("Write the proxy as {scheme}://."));
    if let Some(change) = fix::by_scheme(e, scheme) {
        draft = draft.fix(format!("Switch the proxy to {scheme}://"), change);
    }
    Some(draft)
}
