//! Refusals that their status explains.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// What the server said and who it says it is.
fn says(reply: &ReplyFacts) -> String {
    let server = reply
        .header("server")
        .map(|server| format!(" as {}", words::said_in(server, 40)))
        .unwrap_or_default();
    match reply.body.trim() {
        "" => format!("It answered {}{server}, without a text.", reply.status),
        body => format!("It answered {}{server} and says {}.", reply.status, words::said(body)),
    }
}

/// The wait that the server asks for.
fn wait(reply: &ReplyFacts) -> Option<String> {
    let value = reply.header("retry-after")?.trim();
    Some(match value.parse::<u64>() {
        Ok(seconds) => words::span(seconds.saturating_mul(1_000_000)),
        Err(_) => words::name(value),
    })
}

/// Name under which the server keeps this request in its log.
fn request_id(reply: &ReplyFacts) -> String {
    ["x-request-id", "x-amzn-requestid", "cf-ray", "x-correlation-id", "x-trace-id"]
        .iter()
        .find_map(|name| Some((name, reply.header(name)?)))
        .map(|(name, value)| {
            format!("Its log knows the request as {} ({name}).", words::said_in(value, 60))
        })
        .unwrap_or_default()
}

pub(super) fn method(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[405])?;
    Some(
        certain("The path exists, but not for a WebSocket, which begins as a GET request.")
            .because(says(reply))
            .because(match reply.header("allow") {
                Some(allow) => format!("It allows {}.", words::said_in(allow, 60)),
                None => String::new(),
            })
            .hint("Check the path.")
            .hint("Check that WebSocket was switched on when the service was deployed."),
    )
}

pub(super) fn not_acceptable(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[406, 415])?;
    let name = if reply.status == 406 { "Accept" } else { "Content-Type" };
    Some(
        certain(format!("The server dislikes the header {name}."))
            .because(says(reply))
            .hint("Remove the headers Accept and Content-Type; a handshake needs neither.")
            .fix(
                format!("Switch the header {name} off"),
                Change::DisableHeader { name: name.into() },
            ),
    )
}

pub(super) fn proxy_login(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[407])?;
    e.proxy.is_none().then_some(())?;
    Some(
        certain("A proxy in between wants a login, though none is set here.")
            .because(says(reply))
            .hint("Set that proxy in Settings with its credentials.")
            .hint("Use wss://, which a proxy in between cannot answer."),
    )
}

pub(super) fn request_timeout(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[408])?;
    Some(
        likely("The server waited for the request and gave up.")
            .because(says(reply))
            .hint("Check the network; a proxy may hold the request back.")
            .hint("Try again."),
    )
}

pub(super) fn connection_limit(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[403, 409, 429, 503])?;
    see::holds(
        reply,
        &["too many connections", "max sessions", "connection limit", "too many open"],
    )?;
    Some(
        certain("Too many connections are open for this account or address.")
            .because(says(reply))
            .hint("Close other connections, also in other programs.")
            .hint("Check for a loop that reconnects."),
    )
}

pub(super) fn gone(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[410])?;
    Some(
        certain("This endpoint or session is gone for good.")
            .because(says(reply))
            .hint("Use the new address from the vendor's documentation.")
            .hint("Get a new session."),
    )
}

pub(super) fn too_large(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[411, 413, 414])?;
    let (before, query, _) = split_query(&e.request.target);
    Some(
        certain("The request is too large for the server, or carries a body's headers.")
            .because(says(reply))
            .because(format!(
                "The path has {} and the query {}.",
                words::bytes(before.len() as u64),
                words::bytes(query.map_or(0, str::len) as u64)
            ))
            .hint("Shorten the query; put a long token into a header.")
            .hint("Remove headers that speak of a body."),
    )
}

pub(super) fn misdirected(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[421])?;
    Some(
        certain("The server got another name in TLS than in the Host header.")
            .because(says(reply))
            .hint("Remove your own Host header.")
            .hint("Set `proxy_ssl_server_name on` in the nginx before it.")
            .fix("Switch the header Host off", Change::DisableHeader { name: "Host".into() }),
    )
}

pub(super) fn too_many(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[429])?;
    let (summary, hint) = match wait(reply) {
        Some(wait) => (
            format!("Too many attempts; the server asks to wait {wait}."),
            format!("Wait {wait} before the next attempt."),
        ),
        None => (
            "Too many attempts in a short time.".to_owned(),
            "Wait a minute or more before the next attempt.".to_owned(),
        ),
    };
    Some(
        certain(summary)
            .because(says(reply))
            .hint(hint)
            .hint("Stop programs that reconnect in a loop.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
    )
}

pub(super) fn headers_too_large(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[431, 494])?;
    let largest = e
        .http
        .as_ref()
        .and_then(|http| http.request.lines().skip(1).max_by_key(|line| line.len()))
        .and_then(|line| line.split_once(':'))
        .map(|(name, _)| {
            format!("The longest line that went out is {}.", words::said_in(name, 40))
        });
    Some(
        certain("The request headers are too large for the server.")
            .because(says(reply))
            .because(largest.unwrap_or_default())
            .hint("Shorten the token or the cookie; a token for one project is shorter.")
            .hint("Remove headers that the server does not need."),
    )
}

pub(super) fn alb(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[464])?;
    Some(
        certain("The AWS load balancer sends this path to an HTTP/2-only target.")
            .because(says(reply))
            .hint("Set the protocol version of the target group to HTTP1."),
    )
}

pub(super) fn internal(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[500])?;
    let hijack = see::holds(reply, &["hijack"]).is_some();
    Some(
        certain("The server failed while it answered.")
            .because(says(reply))
            .because(request_id(reply))
            .hint("Read the server's log for this moment.")
            .hint(if hijack {
                "Remove the middleware that wraps the response: it hides http.Hijacker."
            } else {
                "Check middleware at the server that buffers or wraps the response."
            }),
    )
}

pub(super) fn not_implemented(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[501, 505])?;
    Some(
        certain("The server does not support this kind of request.")
            .because(says(reply))
            .hint("Check port and path.")
            .hint("Check for an old proxy in between, which knows no Upgrade."),
    )
}

pub(super) fn bad_gateway(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[502])?;
    Some(
        certain("The gateway got no usable answer from the server behind it.")
            .because(says(reply))
            .because("That server is down, listens on another port, or speaks TLS where the gateway does not, or the reverse.")
            .because(request_id(reply))
            .hint("Start the server behind the gateway, or check its port and protocol.")
            .hint("Read the gateway's error log."),
    )
}

pub(super) fn unavailable(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[503])?;
    Some(
        certain("No server is available behind the gateway.")
            .because(says(reply))
            .because(request_id(reply))
            .hint(match wait(reply) {
                Some(wait) => format!("Wait {wait} and try again; the server asks for that."),
                None => "Wait and try again: a cold start can take half a minute.".into(),
            })
            .hint("Check the health checks of the servers behind it.")
            .hint("Check that an Apache in between has its proxy modules loaded."),
    )
}

pub(super) fn gateway_timeout(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[504])?;
    let waited =
        e.http.as_ref().and_then(|http| Some(http.first_byte_us?.saturating_sub(http.sent_us)));
    Some(
        certain("The gateway waited for the server behind it and gave up.")
            .because(match waited {
                Some(us) => format!("It answered 504 after {}.", words::span(us)),
                None => says(reply),
            })
            .because(request_id(reply))
            .hint("Read the log of the server behind the gateway.")
            .hint("Check that it answers upgrades on this path."),
    )
}

/// Statuses of a content network about the origin behind it. What each means is in its table.
pub(super) fn origin(e: &Evidence) -> Option<Draft> {
    let reply = see::refusal(e).filter(|reply| matches!(reply.status, 520..=530))?;
    Some(
        likely("A content network in front of the server reached no working origin.")
            .because(says(reply))
            .because(request_id(reply))
            .hint("Check that the origin is up, and that its firewall lets the network in.")
            .hint("Look the number up in the network's documentation."),
    )
}

/// Statuses that have a general rule of their own.
fn is_told(status: u16) -> bool {
    matches!(status, 200..=299 | 400 | 401 | 403 | 404 | 405 | 500 | 502 | 503 | 504)
}

pub(super) fn other(e: &Evidence) -> Option<Draft> {
    let reply = see::refusal(e).filter(|reply| !is_told(reply.status))?;
    let reason = match reply.reason.trim() {
        "" => String::new(),
        reason => format!(" {}", words::name(reason)),
    };
    let text = match reply.body.trim().lines().next().unwrap_or_default() {
        "" => String::new(),
        line => format!(": {}", words::said_in(line, 100)),
    };
    Some(
        certain(format!("The server answered {}{reason} instead of 101{text}.", reply.status))
            .because(says(reply))
            .because(words::trail(e))
            .hint("Look at headers and body in the Handshake tab.")
            .hint("Try a plain GET of the same path, and look the code up at the vendor."),
    )
}
