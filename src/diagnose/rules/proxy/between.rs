//! Boxes on the way that nobody set as a proxy: those that do not understand a plain WebSocket,
//! that open TLS and take the upgrade out, and that want a login page first.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts, TrustProblem};
use crate::core::stage::Stage;
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::rules::tls::inspector;
use crate::diagnose::{see, words};

/// Headers that proxies and caches write, with a text that tells them from a server's own.
const OF_PROXIES: &[(&str, &str)] = &[
    ("via", ""),
    ("x-cache", ""),
    ("x-cache-lookup", ""),
    ("x-squid-error", ""),
    ("proxy-connection", ""),
    ("x-bluecoat-via", ""),
    ("server", "squid"),
    ("server", "bluecoat"),
    ("server", "mcafee web gateway"),
    ("server", "zscaler"),
];

/// Caches that belong to the server's side, which write the same headers.
const OF_SERVERS: &[&str] =
    &["varnish", "cloudfront", "fastly", "google", "akamai", "vegur", "envoy"];

fn of_proxy(reply: &ReplyFacts) -> Option<(&str, &str)> {
    let (name, value) = reply.headers.iter().find(|(name, value)| {
        OF_PROXIES.iter().any(|(known, text)| {
            name.eq_ignore_ascii_case(known) && value.to_lowercase().contains(text)
        })
    })?;
    let lower = value.to_lowercase();
    (!OF_SERVERS.iter().any(|known| lower.contains(known))).then_some((name, value))
}

pub(super) fn plain_ws(e: &Evidence) -> Option<Draft> {
    (e.request.scheme == "ws").then_some(())?;
    let reply = see::status(e, &[200, 400, 405, 426, 501, 502, 503])?;
    let (name, value) = of_proxy(reply)?;
    let squid = ["squid", "bluecoat", "zscaler", "mcafee"]
        .iter()
        .any(|known| value.to_lowercase().contains(known));
    // A load balancer at the server writes Via as well; the names of proxies tell more.
    let draft = if squid || reply.status == 501 { likely } else { possible };
    let sure = see::is_loopback(e);
    if sure && !squid {
        return None;
    }
    Some(
        draft("Something between here and the server does not understand a plain ws:// handshake.")
            .because(format!(
                "The answer {} has the header {}: {}, which a proxy or cache on the way writes. Such \
                 a box treats the upgrade as an ordinary GET.",
                reply.status,
                words::name(name),
                words::said_in(value, 60)
            ))
            .because(words::trail(e))
            .hint("Use wss://: nothing in between can read it, or stumble over it.")
            .hint("Set the proxy in Settings, so that a tunnel is asked for by CONNECT.")
            .hint("Try from another network.")
            .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss }),
    )
}

pub(super) fn strips_upgrade(e: &Evidence) -> Option<Draft> {
    let tls = e.tls.as_ref()?;
    let (issuer, product) = inspector(tls)?;
    let failure = e.failure.as_ref()?;
    let refused = see::status(e, &[200, 400, 403, 404, 426, 500, 501, 502, 503]);
    let hung = see::timed_out(e, Stage::Http);
    (refused.is_some() || hung).then_some(())?;
    let seen = match refused {
        Some(reply) => format!("The handshake was then answered with {}.", reply.status),
        None => format!("The handshake was then not answered: {}.", words::said(&failure.text)),
    };
    Some(
        likely("A filter that opens TLS on this network removes the WebSocket upgrade.")
            .because(format!(
                "The certificate's issuer is {}, a product that inspects traffic ({}), so this was \
                 not the server's own certificate.",
                words::said_in(issuer, 80),
                product.trim()
            ))
            .because(seen)
            .because(words::trail(e))
            .hint("Ask the network's administrators to leave this host out of the inspection.")
            .hint("Try from another network, to see whether it works without the filter."),
    )
}

/// Words in the address of a login page of a network.
const PORTALS: &[&str] = &[
    "captive",
    "hotspot",
    "wispr",
    "portal.",
    "/portal",
    "guest",
    "wifi",
    "wlan",
    "fortinet",
    "login.meraki",
    "securelogin",
    "splash",
];

/// What such a network writes into the page itself.
const IN_PAGES: &[&str] =
    &["wispaccessgatewayparam", "captive portal", "captiveportal", "hotspot login"];

pub(super) fn captive_portal(e: &Evidence) -> Option<Draft> {
    let because = if let Some(reply) = see::status(e, &[511]) {
        return Some(portal(
            certain("This network wants a login page first."),
            e,
            format!(
                "The answer was {} {}, which a network gives to those who are not logged in \
                 (RFC 6585 section 6).",
                reply.status,
                words::name(&reply.reason)
            ),
        ));
    } else if let Some(reply) = see::status(e, &[200, 301, 302, 303, 307, 308]) {
        let location = reply.header("location").unwrap_or_default().to_lowercase();
        let elsewhere = location.contains("://") && !location.contains(&e.request.host);
        let named = elsewhere && PORTALS.iter().any(|word| location.contains(word));
        let body = see::holds(reply, IN_PAGES);
        (e.request.scheme == "ws" && (named || body.is_some())).then_some(())?;
        match body {
            Some(text) => format!("The page that came instead holds {}.", words::said(text)),
            None => format!("The answer leads to {}.", words::said_in(&location, 80)),
        }
    } else {
        let tls = e.tls.as_ref().filter(|_| e.failure.is_some())?;
        let Some(TrustProblem::WrongName { presented, .. }) = &tls.trust else { return None };
        let name = presented.iter().find(|name| {
            let name = name.to_lowercase();
            PORTALS.iter().any(|word| name.contains(word))
        })?;
        format!("The certificate is for {}.", words::said_in(name, 80))
    };
    Some(portal(likely("This network seems to want a login page first."), e, because))
}

fn portal(draft: Draft, e: &Evidence, because: String) -> Draft {
    draft
        .because(because)
        .because(
            "Hotels and guest networks answer in place of every server until somebody logs in.",
        )
        .because(words::trail(e))
        .hint("Open a browser, visit any http:// page, and log in to the network.")
        .hint("Try again afterwards.")
}
