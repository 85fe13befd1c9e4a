//! What the server said last.

use crate::core::evidence::{EndedBy, Evidence, SessionFacts};
use crate::core::message::MessageKind;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

fn last(e: &Evidence) -> Option<&str> {
    e.session.as_ref()?.last_received.as_deref()
}

/// A message of API Gateway itself: it carries the connection's id.
fn gateway<'a>(e: &'a Evidence, message: &str) -> Option<&'a str> {
    let text = last(e)?;
    let own = text.contains("\"connectionId\"") && text.contains("\"requestId\"");
    (own && text.contains(message)).then_some(text)
}

pub(super) fn no_route(e: &Evidence) -> Option<Draft> {
    let text = gateway(e, "\"Forbidden\"")?;
    Some(
        certain("API Gateway found no route for the last message.")
            .warning()
            .because(format!("It says {}.", words::said(text)))
            .hint("Set the field that the route selection expression names, usually action.")
            .hint("Add a $default route to the API."),
    )
}

pub(super) fn internal(e: &Evidence) -> Option<Draft> {
    let text = gateway(e, "Internal server error")?;
    Some(
        certain("The function behind API Gateway failed on the last message.")
            .warning()
            .because(format!("It says {}.", words::said(text)))
            .hint("Look in the function's log for that requestId."),
    )
}

const NOT_JSON: &[&str] = &[
    "unexpected token",
    "invalid json",
    "json parse error",
    "malformed json",
    "-32700",
    "could not parse json",
    "failed to parse json",
];

pub(super) fn json_rejected(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    (session.sent.messages() > 0).then_some(())?;
    let text = last(e)?;
    let lower = text.to_lowercase();
    NOT_JSON.iter().any(|part| lower.contains(part)).then_some(())?;
    Some(
        certain("The server could not parse the last message as JSON.")
            .warning()
            .because(format!("It says {}.", words::said(text)))
            .because(fault(session).unwrap_or_default())
            .hint("Check the message in the editor, which marks the first fault.")
            .hint("Remove typographic quotes, trailing commas and unfilled variables."),
    )
}

/// Where our own parser sees the fault of the last message, if the record shows all of it.
fn fault(session: &SessionFacts) -> Option<String> {
    let message = session.last_sent.as_ref()?;
    let whole = message.kind == MessageKind::Text && message.bytes == message.start.len() as u64;
    let error =
        serde_json::from_str::<serde_json::Value>(&message.start).err().filter(|_| whole)?;
    let quote = message.start.chars().find(|c| "“”„‘’".contains(*c));
    Some(match quote {
        Some(c) => format!("The message holds the typographic quotation mark {c}."),
        None => format!("Read here, the message breaks at column {}: {error}.", error.column()),
    })
}

/// Text of an error message: `{"type":"error",…}`, `{"error":…}` or `{"errors":[…]}`.
fn error_text(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text.trim()).ok()?;
    let object = value.as_object()?;
    // As the gateways of Huawei Cloud write it.
    let named = |names: [&str; 2]| names.iter().find_map(|name| object.get(*name)?.as_str());
    if let Some(code) = named(["error_code", "errorCode"]) {
        return Some(format!("{code} {}", named(["error_msg", "errorMsg"]).unwrap_or_default()));
    }
    let of = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Object(inner) => inner.get("message")?.as_str().map(str::to_owned),
        serde_json::Value::Array(list) => list.first()?.get("message")?.as_str().map(str::to_owned),
        _ => None,
    };
    let direct = object.get("error").or_else(|| object.get("errors")).and_then(of);
    let typed = object.get("type").and_then(|t| t.as_str()) == Some("error");
    direct.or_else(|| typed.then(|| object.get("message").and_then(of)).flatten())
}

pub(super) fn error(e: &Evidence) -> Option<Draft> {
    let (_, end) = see::end(e)?;
    matches!(end.by, EndedBy::Peer | EndedBy::PeerDropped | EndedBy::Reset).then_some(())?;
    (end.code() != 1000).then_some(())?;
    let text = error_text(last(e)?)?;
    Some(
        certain(format!("The server said before it closed: {}.", words::said_in(&text, 120)))
            .because(format!(
                "Its last message is an error, and the connection ended {} later with code {}.",
                words::span(end.silence_us),
                end.code()
            ))
            .because(match end.reason_received.trim() {
                "" => String::new(),
                reason => format!("The close reason is {}.", words::said(reason)),
            })
            .hint("Read that message first; the close code only follows from it."),
    )
}
