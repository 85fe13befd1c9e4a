//! The files that belong to one person: secrets, what was open, history.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};
use zeroize::Zeroizing;

use super::history::History;
use super::problem::{Fault, newer_version};
use super::secrets::Secrets;
use super::state::{ComposerDraft, WorkspaceState};

const VERSION: u32 = 1;

fn first_version() -> u32 {
    VERSION
}

fn head() -> DocumentMut {
    let mut document = DocumentMut::new();
    document.insert("version", value(i64::from(VERSION)));
    document
}

pub(super) fn texts<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Item {
    let mut array = Array::new();
    for item in items {
        array.push(item.as_ref());
    }
    value(array)
}

/// Secrets of all requests by the requests' ids.
pub(super) type AllSecrets = BTreeMap<String, Secrets>;

#[derive(Deserialize)]
struct SecretsFile {
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default)]
    requests: AllSecrets,
    /// More is in the keyring.
    #[serde(default)]
    keyring: bool,
}

pub(super) fn read_secrets(text: &str) -> Result<AllSecrets, Fault> {
    let file: SecretsFile = toml::from_str(text).map_err(|error| {
        // The parser's words may quote a secret, so only the place is told.
        Fault::at(text, error.span().map(|span| span.start), "this is not as wsdeck writes it")
    })?;
    newer_version(file.version, VERSION).map_or(Ok(file.requests), Err)
}

/// Whether the file says that there are secrets in the keyring.
pub(super) fn is_in_keyring(text: &str) -> bool {
    toml::from_str::<SecretsFile>(text).is_ok_and(|file| file.keyring)
}

pub(super) fn write_secrets(secrets: &AllSecrets, in_keyring: bool) -> Zeroizing<String> {
    let mut requests = Table::new();
    requests.set_implicit(true);
    for (id, values) in secrets.iter().filter(|(_, values)| !values.is_empty()) {
        let mut table = Table::new();
        for (key, secret) in values {
            table.insert(key, value(secret.expose()));
        }
        requests.insert(id, Item::Table(table));
    }
    let mut document = head();
    if in_keyring {
        document.insert("keyring", value(true));
    }
    if !requests.is_empty() {
        document.insert("requests", Item::Table(requests));
    }
    Zeroizing::new(document.to_string())
}

/// What was open and being composed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Session {
    pub(super) open: Vec<String>,
    pub(super) active: Option<String>,
    pub(super) composers: BTreeMap<String, ComposerDraft>,
}

#[derive(Deserialize)]
struct SessionFile {
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default)]
    open: Vec<String>,
    active: Option<String>,
    #[serde(default)]
    composers: BTreeMap<String, Composer>,
}

#[derive(Deserialize)]
struct Composer {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    form: String,
    #[serde(default)]
    text: String,
}

pub(super) fn read_session(text: &str) -> Result<Session, Fault> {
    let file: SessionFile = toml::from_str(text).map_err(|error| Fault::toml(text, &error))?;
    if let Some(fault) = newer_version(file.version, VERSION) {
        return Err(fault);
    }
    let composers = file
        .composers
        .into_iter()
        .map(|(id, Composer { kind, form, text })| (id, ComposerDraft { kind, form, text }));
    Ok(Session { open: file.open, active: file.active, composers: composers.collect() })
}

pub(super) fn write_session(state: &WorkspaceState) -> String {
    let mut document = head();
    document.insert("open", texts(&state.open));
    if let Some(active) = &state.active {
        document.insert("active", value(active));
    }
    let mut composers = Table::new();
    composers.set_implicit(true);
    for request in &state.requests {
        let ComposerDraft { kind, form, text } = &request.composer;
        if request.composer == ComposerDraft::default() {
            continue;
        }
        let mut table = Table::new();
        table.insert("kind", value(kind));
        if !form.is_empty() {
            table.insert("form", value(form));
        }
        table.insert("text", value(text));
        composers.insert(&request.id, Item::Table(table));
    }
    if !composers.is_empty() {
        document.insert("composers", Item::Table(composers));
    }
    document.to_string()
}

#[derive(Deserialize)]
struct HistoryFile {
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default)]
    urls: Vec<String>,
}

pub(super) fn read_history(text: &str) -> Result<History, Fault> {
    let file: HistoryFile = toml::from_str(text).map_err(|error| Fault::toml(text, &error))?;
    newer_version(file.version, VERSION).map_or_else(|| Ok(History::from_urls(file.urls)), Err)
}

pub(super) fn write_history(history: &History) -> String {
    let mut urls = Array::new();
    for url in history.urls() {
        let mut url: toml_edit::Value = url.into();
        url.decor_mut().set_prefix("\n  ");
        urls.push_formatted(url);
    }
    urls.set_trailing("\n");
    urls.set_trailing_comma(true);
    let mut document = head();
    document.insert("urls", value(urls));
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::Secret;

    #[test]
    fn secrets_come_back_and_faults_do_not_quote_them() {
        let mut all = AllSecrets::new();
        let values = Secrets::from([
            ("auth/bearer.token".to_owned(), Secret::new("a\n\"b\"'''\u{1}")),
            ("header/x#1".to_owned(), Secret::new("c")),
        ]);
        all.insert("echo".into(), values);
        let text = write_secrets(&all, false);
        assert!(!is_in_keyring(&text) && is_in_keyring(&write_secrets(&all, true)));
        assert_eq!(read_secrets(&text).unwrap(), all);
        for text in ["requests = \"hunter2\"", "[requests.echo]\na = hunter2", "a = \"hunter2"] {
            let fault = read_secrets(text).unwrap_err();
            assert!(!fault.what.contains("hunter2"), "{fault:?}");
            assert!(fault.place.is_some());
        }
    }

    #[test]
    fn history_comes_back() {
        let history = History::from_urls(["ws://a", "ws://b"]);
        let text = write_history(&history);
        assert_eq!(text, "version = 1\nurls = [\n  \"ws://a\",\n  \"ws://b\",\n]\n");
        assert_eq!(read_history(&text).unwrap(), history);
        assert_eq!(read_history(&write_history(&History::default())).unwrap(), History::default());
    }
}
