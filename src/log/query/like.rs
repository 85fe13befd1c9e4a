//! A filter that shows messages like a given one.

use super::show::write_quoted;
use crate::core::message::{Direction, MessageKind};

/// Names under which services say what kind of message it is, in the order of trust.
const NAMES: &[&str] = &[
    "type", "event", "method", "op", "action", "channel", "topic", "kind", "cmd", "command", "e",
    "name", "msg", "message",
];

/// Larger payloads are not read for it.
const LONGEST: usize = 1024 * 1024;

/// Longest value that says a kind.
const LONGEST_KIND: usize = 80;

/// A query for messages of the same kind: by the member of the JSON that names it, or by its first
/// element if that is a number or a short text, as OCPP, Phoenix and WAMP do; else by direction
/// and type.
#[must_use]
pub fn like(direction: Direction, kind: MessageKind, payload: &[u8]) -> String {
    json_kind(kind, payload).unwrap_or_else(|| {
        let way = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        format!("{way} type:{}", kind.name())
    })
}

fn json_kind(kind: MessageKind, payload: &[u8]) -> Option<String> {
    if kind != MessageKind::Text || payload.len() > LONGEST {
        return None;
    }
    match serde_json::from_slice(payload).ok()? {
        serde_json::Value::Object(members) => NAMES.iter().find_map(|name| {
            let value = said(members.get(*name)?)?;
            Some(format!("$.{name} == {value}"))
        }),
        serde_json::Value::Array(elements) => Some(format!("$[0] == {}", said(elements.first()?)?)),
        _ => None,
    }
}

/// A value that may say a kind, as it is typed in a query.
fn said(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) if text.len() <= LONGEST_KIND => {
            Some(Quoted(text).to_string())
        }
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_quoted(f, self.0)
    }
}
