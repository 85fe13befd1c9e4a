//! 404 by what else the answer holds.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

fn missing(e: &Evidence) -> Option<(&ReplyFacts, &str)> {
    Some((see::status(e, &[404])?, split_query(&e.request.target).0))
}

fn says(reply: &ReplyFacts) -> String {
    match reply.body.trim() {
        "" => String::new(),
        body => format!("The server says {}.", words::said(body)),
    }
}

pub(super) fn path(e: &Evidence) -> Option<Draft> {
    let (reply, path) = missing(e)?;
    let draft = certain(format!("There is nothing at the path {}.", words::said_in(path, 80)))
        .because(format!("{} answered 404.", words::target(e)))
        .because(says(reply))
        .hint("Check the path, its prefix, its version and the slash at its end.")
        .hint("Look in the server's list of routes, or in the browser's network tab.");
    let plain = path.bytes().all(|b| b.is_ascii_graphic());
    Some(match path.strip_suffix('/') {
        Some(short) if plain && !short.is_empty() => {
            draft.fix("Remove the slash at the end", Change::SetPath { path: short.into() })
        }
        None if plain => {
            draft.fix("Add a slash at the end", Change::SetPath { path: format!("{path}/") })
        }
        _ => draft,
    })
}

pub(super) fn default_backend(e: &Evidence) -> Option<Draft> {
    let (reply, path) = missing(e)?;
    let text = see::holds(
        reply,
        &[
            "default backend - 404",
            "no route matched with those values",
            "404 page not found",
            "no such app",
            "fault filter abort",
        ],
    )?;
    Some(
        certain(format!(
            "The gateway has no route for the host {} and the path {}.",
            words::host(e),
            words::said_in(path, 80)
        ))
        .because(format!(
            "Its text is “{text}”, which comes from a gateway or router, not from an application."
        ))
        .hint("Check the gateway's rules for this host and this prefix.")
        .hint("Check that the address belongs to the right environment."),
    )
}

pub(super) fn no_ws_support(e: &Evidence) -> Option<Draft> {
    let (reply, path) = missing(e)?;
    let express = see::holds(reply, &["cannot get "]).is_some();
    let uvicorn = see::header_has(reply, "server", "uvicorn");
    (express || uvicorn).then_some(())?;
    let draft = likely("The server treated the upgrade as an ordinary GET.").because(format!(
        "The answer to {} comes from {}, which says 404 when nobody takes the upgrade.",
        words::said_in(path, 60),
        if uvicorn { "uvicorn" } else { "an Express application" }
    ));
    Some(
        if uvicorn {
            draft.hint(
                "Install a WebSocket library at the server: `pip install 'uvicorn[standard]'`.",
            )
        } else {
            draft.hint(
                "Check that the WebSocket server is attached to the HTTP server and to this path.",
            )
        }
        .hint("Check the path.")
        .hint("Check that no proxy takes the Upgrade header out."),
    )
}

pub(super) fn cable(e: &Evidence) -> Option<Draft> {
    let (_, path) = missing(e)?;
    path.trim_end_matches('/').ends_with("/cable").then_some(())?;
    let scheme = if see::is_wss(e) { "https" } else { "http" };
    let origin = format!("{scheme}://{}", e.request.host);
    let draft = likely("Rails ActionCable hides “origin not allowed” behind 404.")
        .because(
            "The path is that of ActionCable, which answers 404 when it does not like the Origin.",
        )
        .hint("Set the Origin header to the address of the site.")
        .hint("Offer the subprotocol actioncable-v1-json.");
    Some(if origin.bytes().all(|b| b.is_ascii_graphic()) {
        draft
            .fix(
                "Set Origin to the host's own",
                Change::SetHeader { name: "Origin".into(), value: origin },
            )
            .fix(
                "Offer actioncable-v1-json",
                Change::AddSubprotocol { name: "actioncable-v1-json".into() },
            )
    } else {
        draft
    })
}

pub(super) fn signalr(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[400, 404])?;
    see::holds(reply, &["no connection with that id", "connection id required"])?;
    Some(
        certain("SignalR does not know this connection id.")
            .because(says(reply))
            .because("Each id comes from a POST to /negotiate, is good for one connection, and only at the server that gave it.")
            .hint("Get a new connectionToken from /negotiate and use it at once as the parameter id.")
            .hint("Remove the id to connect without negotiation."),
    )
}

/// Texts of servers that miss the object and not the route.
const NO_OBJECT: &[&str] =
    &["no such target id", "kernel does not exist", "does not exist or has ended", "unknown room"];

/// A piece of a path that names one object: a UUID, a long number, a long hex string.
fn is_object_id(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let hex = piece.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let number = digits >= 4 && digits == piece.len();
    number || (hex && digits >= 2 && piece.len() >= 12)
}

pub(super) fn resource(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[400, 404, 410, 500])?;
    let path = split_query(&e.request.target).0;
    let id = path.split('/').rev().find(|piece| is_object_id(piece));
    let text = see::holds(reply, NO_OBJECT);
    let draft = match (text, id) {
        (Some(_), _) => certain("The object that the path names does not exist (any more)."),
        (None, Some(id)) if reply.status == 404 => possible(format!(
            "The object {} in the path may not exist (any more).",
            words::said_in(id, 60)
        )),
        _ => return None,
    };
    Some(
        draft
            .because(match text {
                Some(_) => says(reply),
                None => "The path looks like that of one object (a session, a kernel, a device), \
                         and such objects end."
                    .to_owned(),
            })
            .hint("Get a new id from the service.")
            .hint("Check that no letter of the id is missing."),
    )
}
