//! One request as a TOML file that people read and review.
//!
//! Only what differs from the defaults is written. Parameters that are on stand in the address;
//! those that are off follow with the number of rows before them that are on.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::merge::{LEAF, Schema};
use super::problem::{Fault, newer_version};
use super::secrets::{Secrets, take_out};
use super::state::{ComposerDraft, SavedMessage, StoredRequest};
use crate::core::headers::HeaderRow;
use crate::core::params::ParamRow;
use crate::core::request::{AuthDraft, RequestDraft, RequestSettings};
use crate::core::secret::Secret;

/// Version of the form; raised when an older wsdeck would misread a file.
const VERSION: u32 = 1;

/// Keys that are ours; all others stay in the file as they are.
pub(super) const SCHEMA: &Schema = &Schema {
    keys: &[
        ("version", LEAF),
        ("name", LEAF),
        ("url", LEAF),
        (
            "off-params",
            &Schema { keys: &[("after", LEAF), ("name", LEAF), ("value", LEAF)], all: false },
        ),
        (
            "headers",
            &Schema { keys: &[("name", LEAF), ("value", LEAF), ("off", LEAF)], all: false },
        ),
        ("auth", &Schema { keys: &[("kind", LEAF), ("values", LEAF)], all: false }),
        ("settings", SETTINGS),
        (
            "messages",
            &Schema {
                keys: &[
                    ("name", LEAF),
                    ("kind", LEAF),
                    ("form", LEAF),
                    ("on-open", LEAF),
                    ("text", LEAF),
                ],
                all: false,
            },
        ),
    ],
    all: false,
};

/// A test keeps this list and the settings the same.
const SETTINGS: &Schema = &Schema {
    keys: &[
        ("connect_timeout_ms", LEAF),
        ("verify", LEAF),
        ("ca_file", LEAF),
        ("cert_file", LEAF),
        ("key_file", LEAF),
        ("max_message", LEAF),
        ("subprotocols", LEAF),
        ("reconnect_attempts", LEAF),
        ("reconnect_interval_ms", LEAF),
        ("heartbeat_ms", LEAF),
        ("override_handshake", LEAF),
        ("proxy", LEAF),
        ("no_proxy", LEAF),
        ("resolve", LEAF),
        ("ip_family", LEAF),
        ("server_name", LEAF),
        ("tls_versions", LEAF),
        ("trusted", LEAF),
        ("follow_redirects", LEAF),
        ("compression", LEAF),
        ("cookies", LEAF),
    ],
    all: false,
};

#[derive(Deserialize)]
#[serde(default)]
struct RequestFile {
    version: u32,
    name: String,
    url: String,
    #[serde(rename = "off-params")]
    off_params: Vec<OffParam>,
    headers: Vec<Header>,
    auth: Auth,
    settings: toml::Table,
    messages: Vec<Message>,
}

impl Default for RequestFile {
    fn default() -> Self {
        RequestFile {
            version: VERSION,
            name: String::new(),
            url: String::new(),
            off_params: Vec::new(),
            headers: Vec::new(),
            auth: Auth::default(),
            settings: toml::Table::new(),
            messages: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct OffParam {
    #[serde(default)]
    after: usize,
    name: String,
    value: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Header {
    name: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    off: bool,
}

impl Header {
    pub(super) fn row(self) -> HeaderRow {
        HeaderRow { enabled: !self.off, name: self.name, value: self.value }
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Auth {
    pub(super) kind: String,
    pub(super) values: BTreeMap<String, String>,
}

impl Default for Auth {
    fn default() -> Self {
        Auth { kind: AuthDraft::default().kind, values: BTreeMap::new() }
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    form: String,
    #[serde(default, rename = "on-open")]
    on_open: bool,
    text: String,
}

/// The request in a file's text, masks in place of its secrets.
pub(super) fn read(id: &str, text: &str) -> Result<StoredRequest, Fault> {
    let file: RequestFile = toml::from_str(text).map_err(|error| Fault::toml(text, &error))?;
    if let Some(fault) = newer_version(file.version, VERSION) {
        return Err(fault);
    }
    let mut draft = RequestDraft {
        settings: read_settings(text, file.settings)?,
        headers: file.headers.into_iter().map(Header::row).collect(),
        ..RequestDraft::default()
    };
    draft.auth.kind = file.auth.kind;
    for (key, value) in file.auth.values {
        // Not by way of deserializing a secret, which would take a mask for nothing at all.
        draft.auth.values.insert(key, Secret::new(value));
    }
    draft.set_url(file.url);
    insert_off_params(&mut draft, file.off_params);
    Ok(StoredRequest {
        id: id.to_owned(),
        name: file.name,
        draft,
        messages: file
            .messages
            .into_iter()
            .map(|row| SavedMessage {
                name: row.name,
                kind: if row.kind.is_empty() { "text".into() } else { row.kind },
                form: row.form,
                text: row.text,
                on_open: row.on_open,
            })
            .collect(),
        composer: ComposerDraft::default(),
    })
}

fn insert_off_params(draft: &mut RequestDraft, off: Vec<OffParam>) {
    let mut on: Vec<ParamRow> = std::mem::take(&mut draft.params.rows);
    let mut rows = Vec::with_capacity(on.len() + off.len());
    let mut placed = 0;
    for row in off {
        let take = row.after.saturating_sub(placed).min(on.len());
        placed += take;
        rows.extend(on.drain(..take));
        rows.push(ParamRow { enabled: false, name: row.name, value: row.value });
    }
    rows.extend(on);
    draft.params.rows = rows;
}

/// Settings that this version knows; others are left to the version that wrote them.
fn read_settings(text: &str, mut table: toml::Table) -> Result<RequestSettings, Fault> {
    table.retain(|key, _| SETTINGS.keys.iter().any(|(name, _)| *name == key));
    table.clone().try_into().map_err(|error: toml::de::Error| {
        // The error knows no place, so the setting is looked for by itself.
        let wrong = table.iter().find(|(key, value)| {
            let alone = toml::Table::from_iter([((*key).clone(), (*value).clone())]);
            RequestSettings::deserialize(alone).is_err()
        });
        let key = wrong.map(|(key, _)| key.as_str()).unwrap_or_default();
        let place = toml_edit::Document::parse(text)
            .ok()
            .and_then(|document| document.get("settings")?.get(key)?.span())
            .map(|span| span.start);
        let what = error.message().trim_end_matches('.').replace('\n', ", ");
        Fault::at(text, place, format!("{key}: {what}"))
    })
}

/// The request as a document with masks, and the secrets that they stand for.
pub(super) fn write(request: &StoredRequest) -> (DocumentMut, Secrets) {
    let (draft, secrets) = take_out(&request.draft);
    let mut document = DocumentMut::new();
    let root = document.as_table_mut();
    root.insert("version", value(i64::from(VERSION)));
    root.insert("name", value(&request.name));
    root.insert("url", value(&draft.url));

    let mut on_before = 0;
    let mut off = ArrayOfTables::new();
    for row in &draft.params.rows {
        if row.enabled {
            on_before += 1;
            continue;
        }
        let mut table = Table::new();
        table.insert("after", value(on_before));
        table.insert("name", value(&row.name));
        if let Some(text) = &row.value {
            table.insert("value", value(text));
        }
        off.push(table);
    }
    insert_list(root, "off-params", off);

    if !draft.headers.is_empty() {
        root.insert("headers", header_list(&draft.headers));
    }

    if draft.auth != AuthDraft::default() {
        root.insert("auth", auth_table(&draft.auth));
    }

    let settings = settings_table(&draft.settings);
    if !settings.is_empty() {
        root.insert("settings", Item::Table(settings));
    }

    let messages = request.messages.iter().map(|message| {
        let mut table = Table::new();
        table.insert("name", value(&message.name));
        table.insert("kind", value(&message.kind));
        if !message.form.is_empty() {
            table.insert("form", value(&message.form));
        }
        if message.on_open {
            table.insert("on-open", value(true));
        }
        table.insert("text", value(&message.text));
        table
    });
    insert_list(root, "messages", messages.collect());
    (document, secrets)
}

pub(super) fn header_list(rows: &[HeaderRow]) -> Item {
    let tables = rows.iter().map(|row| {
        let mut table = Table::new();
        table.insert("name", value(&row.name));
        table.insert("value", value(&row.value));
        if !row.enabled {
            table.insert("off", value(true));
        }
        table
    });
    Item::ArrayOfTables(tables.collect())
}

/// A way and its values, which hold masks already.
pub(super) fn auth_table(draft: &AuthDraft) -> Item {
    let mut auth = Table::new();
    auth.insert("kind", value(&draft.kind));
    let mut values = Table::new();
    for (key, field) in draft.values.iter().filter(|(_, field)| !field.is_empty()) {
        values.insert(key, value(field.expose()));
    }
    if !values.is_empty() {
        auth.insert("values", Item::Table(values));
    }
    Item::Table(auth)
}

fn insert_list(root: &mut Table, key: &str, list: ArrayOfTables) {
    if !list.is_empty() {
        root.insert(key, Item::ArrayOfTables(list));
    }
}

/// The settings that differ from the defaults.
fn settings_table(settings: &RequestSettings) -> Table {
    let mut table = Table::new();
    let (ours, defaults) = (as_json(settings), as_json(&RequestSettings::default()));
    for (key, field) in ours.iter().filter(|(key, field)| defaults.get(*key) != Some(field)) {
        if let Some(field) = toml_value(field) {
            table.insert(key, value(field));
        }
    }
    table
}

fn as_json(settings: &RequestSettings) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(settings) {
        Ok(serde_json::Value::Object(map)) => map,
        // Numbers, texts, lists and flags can always be written.
        _ => serde_json::Map::new(),
    }
}

/// A setting in TOML, whose integers end at 2^63 - 1.
fn toml_value(json: &serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Bool(flag) => (*flag).into(),
        serde_json::Value::Number(number) => {
            number.as_i64().unwrap_or(if number.is_u64() { i64::MAX } else { 0 }).into()
        }
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(items) => {
            Value::Array(items.iter().filter_map(toml_value).collect::<Array>())
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::MASK;

    fn full() -> StoredRequest {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://h/x?a=1&b=2&b=3".into());
        for (index, name) in [(0, "first"), (2, "second"), (2, "third")] {
            draft
                .params
                .rows
                .insert(index, ParamRow { enabled: false, name: name.into(), value: None });
        }
        draft.headers =
            vec![HeaderRow::new("Origin", "https://o"), HeaderRow::new("Origin", "\"\u{7f}'''")];
        draft.headers[1].enabled = false;
        draft.auth.kind = "basic".into();
        draft.auth.set("username", Secret::new("me"));
        draft.settings.max_message = u64::MAX;
        draft.settings.verify = false;
        draft.settings.subprotocols = vec!["a".into(), "b".into()];
        StoredRequest {
            id: "full".into(),
            name: "Full".into(),
            draft,
            messages: vec![
                SavedMessage {
                    name: "hello".into(),
                    kind: "json".into(),
                    form: String::new(),
                    text: "{\n  \"a\": 1\n}\r\n".into(),
                    on_open: true,
                },
                SavedMessage {
                    kind: "binary".into(),
                    form: "hex".into(),
                    ..SavedMessage::default()
                },
            ],
            composer: ComposerDraft::default(),
        }
    }

    #[test]
    fn written_and_read_back() {
        let mut request = full();
        let (document, secrets) = write(&request);
        assert!(secrets.is_empty());
        request.draft.settings.max_message = i64::MAX as u64;
        assert_eq!(read("full", &document.to_string()).unwrap(), request);
    }

    #[test]
    fn a_plain_request_is_a_short_file() {
        let mut request = StoredRequest { name: "Echo".into(), ..StoredRequest::default() };
        request.draft.set_url("wss://h/x".into());
        request.draft.auth = AuthDraft { kind: "bearer".into(), ..AuthDraft::default() };
        request.draft.auth.set("token", Secret::new("hunter2"));
        let (document, secrets) = write(&request);
        assert_eq!(
            document.to_string(),
            format!(
                "version = 1\nname = \"Echo\"\nurl = \"wss://h/x\"\n\n[auth]\nkind = \"bearer\"\n\n\
                 [auth.values]\n\"bearer.token\" = \"{MASK}\"\n"
            )
        );
        assert_eq!(secrets["auth/bearer.token"].expose(), "hunter2");
    }

    #[test]
    fn every_setting_is_listed() {
        let listed: Vec<&str> = SETTINGS.keys.iter().map(|(name, _)| *name).collect();
        let mut known: Vec<String> = as_json(&RequestSettings::default()).keys().cloned().collect();
        known.sort();
        let mut sorted = listed;
        sorted.sort_unstable();
        assert_eq!(sorted, known);
    }

    #[test]
    fn what_is_not_known_is_no_fault() {
        let text = "url = \"ws://a\"\nfolder = \"x\"\n[settings]\nwarp = 9\nheartbeat_ms = 5\n";
        assert_eq!(read("a", text).unwrap().draft.settings.heartbeat_ms, 5);
    }

    #[test]
    fn faults_name_their_place() {
        for (text, place, word) in [
            ("url = \"a\"\nname = 5\n", Some((2, 8)), "string"),
            ("url = \"a\nname = 5\n", Some((1, 9)), ""),
            (
                "url = \"a\"\n[settings]\nverify = true\nheartbeat_ms = \"x\"\n",
                Some((4, 16)),
                "heartbeat_ms",
            ),
            ("version = 2\n", None, "version 2"),
            ("[[headers]]\nvalue = \"x\"\n", Some((1, 1)), "name"),
        ] {
            let fault = read("a", text).unwrap_err();
            assert_eq!(fault.place, place, "{text:?} {fault:?}");
            assert!(fault.what.contains(word), "{fault:?}");
        }
    }
}
