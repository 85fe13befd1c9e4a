//! The upgrade was not seen, or another one is wanted.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

const STRIPPED: &[&str] = &[
    "'upgrade' token not found in 'connection' header",
    "'websocket' token not found in 'upgrade' header",
    "can \"upgrade\" only to \"websocket\"",
    "not a valid websocket request",
    "bad \"upgrade\" header",
    "upgrade request required",
    "websockets request was expected",
    "the client is not using the websocket protocol",
    "missing upgrade header",
    // What left here was HTTP/1.1; nginx speaks 1.0 to the server behind it unless told otherwise.
    "unsupported http version: http/1.0",
];

fn hops(draft: Draft) -> Draft {
    draft
        .hint(
            "Set in nginx: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
             proxy_set_header Connection \"upgrade\";`.",
        )
        .hint("Allow upgrades in the gateway, load balancer or content network in between.")
        .hint("Connect to the server directly to see whether it works without the proxy.")
}

/// Whether the request as sent lacked the upgrade because the user replaced its headers.
fn own_fault(e: &Evidence) -> bool {
    e.request
        .overridden
        .iter()
        .any(|name| name.eq_ignore_ascii_case("upgrade") || name.eq_ignore_ascii_case("connection"))
}

pub(super) fn stripped(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[400, 403, 405, 500, 505])?;
    let text = see::holds(reply, STRIPPED)?;
    (!own_fault(e)).then_some(())?;
    Some(hops(certain("The server never saw the upgrade; a proxy in between removed it.").because(
        format!(
            "The request that left here asks for the upgrade, and the server says “{text}”. \
                 Upgrade and Connection are for one hop only, so each proxy must pass them on by \
                 intent."
        ),
    )))
}

pub(super) fn required(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[426])?;
    let other =
        reply.header("upgrade").is_some_and(|value| !value.to_lowercase().contains("websocket"));
    (!other && reply.header("sec-websocket-version").is_none() && !own_fault(e)).then_some(())?;
    Some(hops(
        certain("The server asks for the upgrade that was sent: a proxy in between removed it.")
            .because(format!(
                "It answered 426 (Upgrade Required){}, though the request that left here asks \
                 for it.",
                by(reply)
            )),
    ))
}

fn by(reply: &ReplyFacts) -> String {
    reply
        .header("server")
        .map(|server| format!(" as {}", words::said_in(server, 40)))
        .unwrap_or_default()
}

pub(super) fn http10(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[426])?;
    see::header_has(reply, "server", "envoy").then_some(())?;
    Some(
        likely("A proxy in between speaks HTTP/1.0, which Envoy refuses.")
            .because(format!("The answer is 426{}.", by(reply)))
            .hint("Set `proxy_http_version 1.1` in the nginx before it."),
    )
}

pub(super) fn tls(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[426])?;
    let wanted = reply.header("upgrade")?;
    let lower = wanted.to_lowercase();
    (!lower.contains("websocket")).then_some(())?;
    let draft = certain(format!("The server wants {} first.", words::said_in(wanted, 40)))
        .because("It answered 426 (Upgrade Required) and names another protocol than WebSocket.");
    Some(if lower.contains("tls") && !see::is_wss(e) {
        draft
            .hint("Switch the address to wss://.")
            .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss })
    } else {
        draft.hint("Use another port or listener of the server.")
    })
}

pub(super) fn version(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[400, 426])?;
    let listed = reply.header("sec-websocket-version");
    let texts = ["invalid sec-websocket-version", "unsupported version", "websocket version"];
    (listed.is_some() || see::holds(reply, &texts).is_some()).then_some(())?;
    let has_13 = listed.is_some_and(|list| list.split(',').any(|v| v.trim() == "13"));
    let list = listed.map_or_else(|| "another version".into(), |l| words::said_in(l, 40));
    Some(
        certain(format!("The server wants WebSocket version {list}; this client speaks 13."))
            .because(if has_13 {
                "13 is in its list, so the header that said so was lost on the way."
            } else {
                "Version 13 is the one of RFC 6455, which all servers since 2011 speak."
            })
            .hint(if has_13 {
                "Check the proxy in between: it drops Sec-WebSocket-Version."
            } else {
                "Update the server."
            }),
    )
}
