//! The dialogue with a SOCKS proxy.

use super::fix::{by_scheme, is_socks};
use super::reach::proxy_name;
use crate::core::evidence::{Evidence, ProxyKind, ProxyProblem, SocksFacts};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

fn socks(e: &Evidence) -> Option<&SocksFacts> {
    e.proxy.as_ref()?.socks.as_ref()
}

pub(super) fn auth(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::SocksAuth).then_some(())?;
    let facts = socks(e)?;
    let sent = facts.login_status.is_some();
    let offered = facts.methods_offered.contains(&2);
    let draft = if sent {
        certain("The SOCKS proxy refuses this name and password.").because(format!(
            "{} answered the login with status {} (RFC 1929), where 0 would be success.",
            proxy_name(e),
            facts.login_status.unwrap_or_default()
        ))
    } else if facts.version == 4 {
        certain("The SOCKS proxy wants to confirm the user, and cannot.").because(format!(
            "{} answered {}: it asks an ident service on this machine who connects.",
            proxy_name(e),
            facts.reply.unwrap_or_default()
        ))
    } else {
        certain("The SOCKS proxy serves nobody without a login.").because(format!(
            "{} answered the greeting with {}, which takes none of what was offered{}.",
            proxy_name(e),
            facts.method.map_or_else(|| "nothing".into(), |method| format!("05 {method:02x}")),
            if offered { ", name and password among them" } else { ": no login was set" }
        ))
    };
    let draft = draft.because(words::trail(e));
    Some(if sent || !offered {
        draft
            .hint("Set the proxy's own name and password in its address: socks5h://name:password@host:port.")
            .hint("Keep the server's credentials out of the proxy's address.")
    } else {
        draft
            .hint("Ask the proxy's administrators which login it takes; GSSAPI is not known here.")
            .hint("Use the HTTP port of the proxy if it has one.")
    })
}

pub(super) fn reply(e: &Evidence) -> Option<Draft> {
    (see::proxy(e)? == ProxyProblem::SocksReply).then_some(())?;
    let facts = socks(e)?;
    let code = facts.reply?;
    let target = words::target(e);
    let what = match (facts.version, code) {
        (4, _) => "refused or failed".to_owned(),
        (_, 1) => "general failure".to_owned(),
        (_, 2) => "not allowed by its rules".to_owned(),
        (_, 3) => "network unreachable".to_owned(),
        (_, 4) => "host unreachable".to_owned(),
        (_, 5) => "connection refused".to_owned(),
        (_, 6) => "time to live expired".to_owned(),
        (_, 7) => "command not supported".to_owned(),
        (_, 8) => "kind of address not supported".to_owned(),
        (_, code) => format!("unknown reply {code}"),
    };
    let mut draft = certain(format!("The SOCKS proxy says of {target}: {what}."))
        .because(format!(
            "{} was reached and answered the request with code {code}. What failed is between it \
             and the server.",
            proxy_name(e)
        ))
        .because(words::trail(e));
    draft = match code {
        2 if facts.version == 5 => {
            draft.hint("Ask the proxy's administrators for an exception for this host and port.")
        }
        5 if facts.version == 5 => {
            draft.hint("Check that the server runs, and its port: nothing listens there.")
        }
        _ => draft.hint("Check the server's name and port."),
    };
    // A name may be known on one side of the proxy only.
    let by_name = matches!(code, 1 | 3 | 4 | 6 | 8) || facts.version == 4;
    let other = match e.proxy.as_ref().map(|proxy| proxy.kind) {
        Some(ProxyKind::Socks5) => Some(("socks5h", "let the proxy resolve the name")),
        Some(ProxyKind::Socks5h) => Some(("socks5", "resolve the name here")),
        Some(ProxyKind::Socks4) => Some(("socks4a", "let the proxy resolve the name")),
        Some(ProxyKind::Socks4a) => Some(("socks4", "resolve the name here")),
        _ => None,
    };
    let is_name = e.request.host.parse::<std::net::IpAddr>().is_err();
    if by_name
        && is_name
        && is_socks(e)
        && let Some((scheme, does)) = other
    {
        draft = draft.hint(format!("Try {scheme}://, to {does}."));
        if let Some(change) = by_scheme(e, scheme) {
            draft = draft.fix(format!("Switch the proxy to {scheme}://"), change);
        }
    }
    Some(draft)
}
