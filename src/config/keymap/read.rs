//! The form of the key table: `[[bind]]` entries, each checked by itself.

use std::ops::Range;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};
use toml::de::{DeTable, DeValue};

use crate::config::document::{Document, found, in_order};
use crate::config::suggest::cure;
use crate::core::action::{Action, Context};
use crate::core::key::KeyCombo;

/// An entry as read, with the places that later checks point at.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) action: Action,
    pub(super) keys: Vec<(KeyCombo, Range<usize>)>,
    pub(super) contexts: Vec<Context>,
    pub(super) does: Option<String>,
    pub(super) hint: Option<String>,
    /// Where the entry's action stands.
    pub(super) at: Range<usize>,
}

/// Contexts in which text is typed: a plain character bound there could never be typed.
pub(super) const TYPED_IN: [Context; 5] =
    [Context::Global, Context::Field, Context::Line, Context::Url, Context::Composer];

const PARTS: [&str; 5] = ["action", "keys", "in", "does", "hint"];

/// All sound entries of a table; the rest is reported. A sound entry may have lost single keys
/// that are wrong, and never means more than was written.
pub(super) fn entries(document: &Document<'_>, root: &DeTable<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, value) in in_order(root) {
        match value.get_ref() {
            DeValue::Array(list) if name.get_ref() == "bind" => {
                for item in list {
                    match item.get_ref() {
                        DeValue::Table(table) => {
                            entries.extend(entry(document, table, &item.span()));
                        }
                        other => document.report(
                            &item.span(),
                            "bind",
                            format!("an entry must be a table, but found {}", found(other)),
                            "write [[bind]] and below it action, keys and in",
                        ),
                    }
                }
            }
            _ => document.report(
                &name.span(),
                name.get_ref().as_ref(),
                format!("unknown part {}", name.get_ref()),
                "every entry starts with [[bind]]",
            ),
        }
    }
    entries
}

fn entry(document: &Document<'_>, table: &DeTable<'_>, at: &Range<usize>) -> Option<Entry> {
    for (name, _) in in_order(table) {
        if !PARTS.contains(&name.get_ref().as_ref()) {
            let message = format!("unknown part {} of an entry", name.get_ref());
            document.report(&name.span(), "bind", message, cure(name.get_ref(), &PARTS));
        }
    }
    // All parts are read before any is given up, so that each mistake is told.
    let action = match table.get("action") {
        Some(value) => text(document, "action", value.get_ref(), &value.span()).and_then(|name| {
            let action = named::<Action>(name);
            if action.is_none() {
                let known: Vec<String> = Action::ALL.iter().map(name_of).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let hint = crate::config::suggest::nearest(name, known)
                    .map_or("help and palette list the actions".to_owned(), |known| {
                        format!("did you mean {known}?")
                    });
                document.report(&value.span(), "action", format!("unknown action {name}"), hint);
            }
            action.map(|action| (action, value.span()))
        }),
        None => {
            document.report(at, "action", "the entry has no action", "add action = \"…\"");
            None
        }
    };
    let contexts = contexts(document, table, at, action.as_ref().map(|(action, _)| *action));
    let keys = keys(document, table, at, &contexts);
    let does = optional(document, table, "does");
    let hint = optional(document, table, "hint");
    let (action, at) = action?;
    let keys = keys?;
    (!contexts.is_empty()).then_some(Entry { action, keys, contexts, does, hint, at })
}

fn contexts(
    document: &Document<'_>,
    table: &DeTable<'_>,
    at: &Range<usize>,
    action: Option<Action>,
) -> Vec<Context> {
    let known: Vec<String> = Context::ALL.iter().map(name_of).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let Some(value) = table.get("in") else {
        let name = action.map_or("the entry".to_owned(), |action| name_of(&action));
        let hint = format!("add in = [\"global\"], or one of {}", known[1..].join(", "));
        document.report(at, "in", format!("{name} does not say where its keys work"), hint);
        return Vec::new();
    };
    let mut contexts = Vec::new();
    for (name, span) in texts(document, "in", value.get_ref(), &value.span()).unwrap_or_default() {
        match named::<Context>(name) {
            Some(context) if contexts.contains(&context) => {}
            Some(context) => contexts.push(context),
            None => {
                document.report(&span, "in", format!("unknown place {name}"), cure(name, &known));
            }
        }
    }
    contexts
}

fn keys(
    document: &Document<'_>,
    table: &DeTable<'_>,
    at: &Range<usize>,
    contexts: &[Context],
) -> Option<Vec<(KeyCombo, Range<usize>)>> {
    let Some(value) = table.get("keys") else {
        let hint = "add keys = [\"…\"], or keys = [] to unbind the action";
        document.report(at, "keys", "the entry has no keys", hint);
        return None;
    };
    let mut keys = Vec::new();
    for (name, span) in texts(document, "keys", value.get_ref(), &value.span())? {
        match name.parse::<KeyCombo>() {
            Err(problem) => document.report(&span, "keys", problem.to_string(), ""),
            Ok(key) => match contexts.iter().find(|c| TYPED_IN.contains(c)) {
                Some(typed_in) if key.typed().is_some() => document.report(
                    &span,
                    "keys",
                    format!(
                        "{key} could no longer be typed if it were a command in {}",
                        name_of(typed_in)
                    ),
                    format!("use ctrl+{0} or alt+{0}, or bind it in command", name.to_lowercase()),
                ),
                _ => keys.push((key, span)),
            },
        }
    }
    Some(keys)
}

fn optional(document: &Document<'_>, table: &DeTable<'_>, part: &str) -> Option<String> {
    let value = table.get(part)?;
    text(document, part, value.get_ref(), &value.span()).map(str::to_owned)
}

fn text<'v>(
    document: &Document<'_>,
    part: &str,
    value: &'v DeValue<'_>,
    span: &Range<usize>,
) -> Option<&'v str> {
    let text = value.as_str();
    if text.is_none() {
        let message = format!("{part} must be text, but found {}", found(value));
        document.report(span, part, message, "write it between double quotes");
    }
    text.filter(|_| !document.is_broken(span))
}

fn texts<'v>(
    document: &Document<'_>,
    part: &str,
    value: &'v DeValue<'_>,
    span: &Range<usize>,
) -> Option<Vec<(&'v str, Range<usize>)>> {
    let Some(list) = value.as_array().filter(|_| !document.is_broken(span)) else {
        let message = format!("{part} must be a list, but found {}", found(value));
        document.report(span, part, message, format!("write {part} = [\"…\"]"));
        return None;
    };
    let items = list.iter().map(|item| {
        text(document, part, item.get_ref(), &item.span()).map(|text| (text, item.span()))
    });
    Some(items.flatten().collect())
}

/// The value that has this name in files.
fn named<'n, T: Deserialize<'n>>(name: &'n str) -> Option<T> {
    let name: StrDeserializer<'n, Error> = name.into_deserializer();
    T::deserialize(name).ok()
}

/// The name of a value in files. (Actions and contexts are written as plain text, which the test
/// of the embedded table proves for all of them.)
pub(super) fn name_of<T: serde::Serialize>(value: &T) -> String {
    match toml::Value::try_from(value) {
        Ok(toml::Value::String(name)) => name,
        _ => String::new(),
    }
}
