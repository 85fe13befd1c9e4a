//! 200 where 101 was wanted.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

fn ok(e: &Evidence) -> Option<&ReplyFacts> {
    see::refusal(e).filter(|reply| (200..300).contains(&reply.status))
}

fn path(e: &Evidence) -> String {
    words::name(split_query(&e.request.target).0)
}

pub(super) fn page(e: &Evidence) -> Option<Draft> {
    let reply = ok(e)?;
    let body = reply.body.trim_start().to_lowercase();
    let html = see::header_has(reply, "content-type", "text/html")
        || body.starts_with("<!doctype html")
        || body.starts_with("<html");
    (html && see::holds(reply, &["welcome to sockjs"]).is_none()).then_some(())?;
    Some(
        likely("The server answered with a web page; this path is not the WebSocket's.")
            .because(format!(
                "The answer to {} is {} with HTML. Front ends often answer every unknown path \
                 with their start page.",
                path(e),
                reply.status
            ))
            .hint("Check the path; usual ones are /ws, /socket, /cable, /graphql and /socket.io/.")
            .hint("Look in the browser's network tab for the address that the page itself uses.")
            .hint("Check that the proxy sends this path to the WebSocket server."),
    )
}

pub(super) fn events(e: &Evidence) -> Option<Draft> {
    let reply = ok(e)?;
    see::header_has(reply, "content-type", "text/event-stream").then_some(())?;
    Some(
        certain("This address streams server-sent events, not a WebSocket.")
            .because("The answer's type is text/event-stream.")
            .hint("Use a client for server-sent events, such as `curl -N`.")
            .hint("Check the path if the server has both."),
    )
}

pub(super) fn sockjs(e: &Evidence) -> Option<Draft> {
    let reply = ok(e)?;
    let info = reply.body.contains("\"websocket\"") && reply.body.contains("\"entropy\"");
    (info || see::holds(reply, &["welcome to sockjs"]).is_some()).then_some(())?;
    let base = split_query(&e.request.target).0;
    let base = base.strip_suffix("/info").unwrap_or(base).trim_end_matches('/');
    let draft =
        certain("This is the base address of SockJS; plain clients use its path /websocket.")
            .because(format!("The answer to {} is the greeting of a SockJS server.", path(e)))
            .hint("Add /websocket to the path.");
    let new = format!("{base}/websocket");
    Some(if new.bytes().all(|b| b.is_ascii_graphic()) {
        draft.fix(format!("Use the path {new}"), Change::SetPath { path: new })
    } else {
        draft
    })
}

/// Text of an error in a JSON body, if that is what it is.
fn json_error(body: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(body.trim()).ok()?;
    let object = value.as_object()?;
    let code = object.get("code").or_else(|| object.get("status")).and_then(|c| c.as_i64());
    let error = object.get("error").or_else(|| object.get("error_msg"));
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
        serde_json::Value::Object(inner) => {
            inner.get("message").and_then(|m| m.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    if let Some(text) = error.and_then(text) {
        return Some(text);
    }
    let message = object.get("message").or_else(|| object.get("msg")).and_then(text);
    match code {
        Some(400..=599) => Some(message.unwrap_or_else(|| format!("code {}", code.unwrap_or(0)))),
        _ => None,
    }
}

pub(super) fn error_in_body(e: &Evidence) -> Option<Draft> {
    let reply = ok(e)?;
    let text = json_error(&reply.body)?;
    Some(
        likely(format!(
            "The server answered {}, but its body reports an error: {}.",
            reply.status,
            words::said_in(&text, 100)
        ))
        .because("Some interfaces answer 200 always and put the real status into the body.")
        .because(format!("The body is {}.", words::said(&reply.body)))
        .hint("Read the body, and take its code for the status.")
        .hint("Check the credentials and the path that it names."),
    )
}

pub(super) fn plain(e: &Evidence) -> Option<Draft> {
    let reply = ok(e)?;
    Some(
        likely("This address answers as an ordinary HTTP endpoint.")
            .because(format!(
                "The answer to {} is {} instead of 101, so the upgrade was ignored. Either there \
                 is no WebSocket at this path, or a proxy took the Upgrade header out.",
                path(e),
                reply.status
            ))
            .because(match reply.body.trim() {
                "" => String::new(),
                body => format!("The body is {}.", words::said(body)),
            })
            .hint("Check the path.")
            .hint("Look in the server's log whether the Upgrade header arrived."),
    )
}
