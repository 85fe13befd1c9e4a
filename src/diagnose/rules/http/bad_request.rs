//! 400 by its text.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::headers::is_token_char;
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

use crate::diagnose::rules::ws::{is_offered, switch_off};

fn bad(e: &Evidence) -> Option<&ReplyFacts> {
    see::status(e, &[400])
}

fn says(reply: &ReplyFacts) -> String {
    match reply.body.trim() {
        "" => format!("It answered {} without a text.", reply.status),
        body => format!("It answered {} and says {}.", reply.status, words::said(body)),
    }
}

pub(super) fn key(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(reply, &["sec-websocket-key"])?;
    let draft = certain("The server did not get a valid Sec-WebSocket-Key.").because(says(reply));
    let own = e.request.overridden.iter().find(|n| n.eq_ignore_ascii_case("sec-websocket-key"));
    Some(match own {
        Some(name) => draft
            .hint("Switch off your own Sec-WebSocket-Key header.")
            .fix("Switch off your own key", Change::DisableHeader { name: name.clone() }),
        None => draft.hint("Check the proxy in between: it drops or changes the header."),
    })
}

pub(super) fn host(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(
        reply,
        &["invalid http_host header", "invalid host header", "invalid hostname", "allowed_hosts"],
    )?;
    Some(
        certain(format!("The server does not accept the host name {}.", words::host(e)))
            .because(says(reply))
            .hint("Use the name under which the server is set up.")
            .hint("Add the name to the server's list of allowed hosts."),
    )
}

/// The message of an engine.io refusal: `{"code":0,"message":"Transport unknown"}`.
fn engineio_code(reply: &ReplyFacts) -> Option<i64> {
    let value: serde_json::Value = serde_json::from_str(reply.body.trim()).ok()?;
    let code = value.get("code")?.as_i64()?;
    let message = value.get("message")?.as_str()?;
    let known = match code {
        0 => "Transport unknown",
        1 => "Session ID unknown",
        2 => "Bad handshake method",
        3 => "Bad request",
        5 => "Unsupported protocol version",
        _ => return None,
    };
    message.eq_ignore_ascii_case(known).then_some(code)
}

/// The two parameters that a Socket.IO server needs, and its usual path if another one was used.
pub(in crate::diagnose::rules) fn engineio_fixes(draft: Draft, e: &Evidence) -> Draft {
    let draft =
        draft.fix("Set EIO=4", Change::SetParam { name: "EIO".into(), value: "4".into() }).fix(
            "Set transport=websocket",
            Change::SetParam { name: "transport".into(), value: "websocket".into() },
        );
    if split_query(&e.request.target).0.contains("socket.io") {
        draft
    } else {
        draft.fix("Use the path /socket.io/", Change::SetPath { path: "/socket.io/".into() })
    }
}

pub(super) fn engineio(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    matches!(engineio_code(reply)?, 0 | 2 | 3).then_some(())?;
    Some(engineio_fixes(
        certain("This is a Socket.IO server; it needs its parameters in the query.")
            .because(says(reply))
            .because("Socket.IO is a protocol of its own on top of WebSocket (engine.io below it).")
            .hint("Add EIO=4 and transport=websocket to the query.")
            .hint("Use the path /socket.io/ unless the server sets another one."),
        e,
    ))
}

pub(super) fn engineio_version(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    (engineio_code(reply)? == 5).then_some(())?;
    let old = e.request.target.contains("EIO=3");
    let (other, servers) = if old { ("4", "3 and 4") } else { ("3", "2") };
    Some(
        certain("The server does not accept this version of the Socket.IO protocol.")
            .because(says(reply))
            .hint(format!("Set EIO={other}, which servers of version {servers} use."))
            .fix(
                format!("Set EIO={other}"),
                Change::SetParam { name: "EIO".into(), value: other.into() },
            ),
    )
}

pub(super) fn engineio_sid(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    (engineio_code(reply)? == 1).then_some(())?;
    Some(
        certain("The session id in the address is unknown to this server.")
            .because(says(reply))
            .because("The id is old, or it belongs to another server behind the same balancer.")
            .hint("Remove sid from the query.")
            .hint("Set sticky sessions at the load balancer."),
    )
}

/// Subprotocols that texts name, offered as a fix.
const KNOWN_SUBPROTOCOLS: &[&str] = &[
    "graphql-transport-ws",
    "graphql-ws",
    "mqtt",
    "v12.stomp",
    "wamp.2.json",
    "ocpp1.6",
    "ocpp2.0.1",
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "actioncable-v1-json",
    "vite-hmr",
    "sip",
    "xmpp",
    "soap",
];

pub(super) fn subprotocol(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(
        reply,
        &[
            "subprotocol",
            "sub-protocol",
            "sec-websocket-protocol",
            "no common protocols",
            "unable to negotiate",
            "invalid protocol",
        ],
    )?;
    let body = reply.body.to_lowercase();
    let named = KNOWN_SUBPROTOCOLS
        .iter()
        .find(|name| body.split(|c: char| !is_token_char(c)).any(|word| word == **name));
    let draft = certain("The server refuses the offer of subprotocols.")
        .because(says(reply))
        .because(if e.request.subprotocols.is_empty() {
            "None was offered.".to_owned()
        } else {
            format!("Offered: {}.", words::names(&e.request.subprotocols, 6))
        })
        .hint("Offer exactly the one that the server's documentation names.");
    Some(match named {
        Some(name) if e.request.subprotocols != [*name] => draft.fix(
            format!("Offer {name}"),
            Change::SetSubprotocols { names: vec![(*name).to_owned()] },
        ),
        _ => draft,
    })
}

pub(super) fn header_size(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(reply, &["request header or cookie too large", "header fields too large"])?;
    Some(
        certain("The request headers are too large for the server.")
            .because(says(reply))
            .hint("Shorten the cookie or the token.")
            .hint("Raise the limit at the server (nginx: large_client_header_buffers)."),
    )
}

pub(super) fn tls_host(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(reply, &["provided via sni and hostname"])?;
    Some(
        certain("The Host header and the name in TLS differ.")
            .because(says(reply))
            .hint("Remove your own Host header, or make both names equal.")
            .fix("Switch the header Host off", Change::DisableHeader { name: "Host".into() }),
    )
}

pub(super) fn extensions(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    see::holds(reply, &["sec-websocket-extensions", "permessage-deflate"])?;
    let own =
        e.request.overridden.iter().find(|n| n.eq_ignore_ascii_case("sec-websocket-extensions"));
    let draft = certain("The server dislikes the extensions on offer.")
        .because(says(reply))
        .because(match e.request.extensions.as_slice() {
            [] => "None was offered, so something on the way added the header.".to_owned(),
            list => format!("Offered: {}.", words::names(list, 4)),
        });
    Some(match own {
        Some(name) => draft
            .hint("Connect without the header Sec-WebSocket-Extensions.")
            .fix("Switch the header off", Change::DisableHeader { name: name.clone() }),
        None if is_offered(e) => switch_off(draft.hint("Connect without compression.")),
        None => draft.hint("Check the proxy in between: it adds or changes the header."),
    })
}

/// Vite's development server takes its socket only with the token that its page holds.
pub(super) fn dev_token(e: &Evidence) -> Option<Draft> {
    bad(e)?;
    let vite = e.request.subprotocols.iter().any(|name| name == "vite-hmr" || name == "vite-ping");
    let (_, query, _) = split_query(&e.request.target);
    let token = query.is_some_and(|q| q.split('&').any(|pair| pair.starts_with("token=")));
    (vite && !token).then_some(())?;
    Some(
        likely("Vite's development socket wants the token from its page.")
            .because("A subprotocol of Vite was offered, and the query has no token.")
            .because("Since version 6.0.9 the server refuses sockets without it.")
            .hint("Read the token in the source of the page /@vite/client, and add it as token=.")
            .hint("Offer the subprotocol vite-hmr."),
    )
}

/// The text that aiohttp gives a bare 400, from Home Assistant's WebSocket path.
pub(super) fn forwarded(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    let path = split_query(&e.request.target).0;
    let own = reply.body.trim().eq_ignore_ascii_case("400: bad request");
    (own && path.ends_with("/api/websocket")).then_some(())?;
    Some(
        likely("Home Assistant does not trust the proxy in front of it.")
            .because(says(reply))
            .because(
                "It answers so on this path when X-Forwarded-For comes from a proxy that its \
                 settings do not name.",
            )
            .hint("Set `use_x_forwarded_for: true` and `trusted_proxies` under `http:` in its configuration.")
            .hint("Connect to its own address to see whether it works without the proxy."),
    )
}

pub(super) fn bare(e: &Evidence) -> Option<Draft> {
    let reply = bad(e)?;
    let own = reply.body.trim();
    Some(
        certain(if own.is_empty() {
            "The server calls the handshake a bad request and does not say why.".into()
        } else {
            format!("The server calls the handshake a bad request: {}.", words::said_in(own, 100))
        })
        .because(
            "Servers answer 400 for a wrong path, a proxy that removed the upgrade, an unknown \
             host, or parameters that are missing.",
        )
        .because(format!("The path was {}.", words::name(split_query(&e.request.target).0)))
        .hint("Check the path first: some servers answer 400 for one that they do not know.")
        .hint("Try without subprotocols and without an Origin header.")
        .hint("Compare with a plain GET of the same path."),
    )
}
