//! What a workspace or a folder gives to its requests, in files that people read and review:
//! `workspace.toml` (beside the order of the requests) and `folder.toml` in a folder of requests.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Table, value};

use super::merge::{LEAF, Schema};
use super::problem::{Fault, newer_version};
use super::request_file::{Auth, Header, auth_table, header_list};
use super::secrets::{Secrets, put_back, take_out};
use crate::core::log_rules::{HighlightRule, LogRules, NamedFilter};
use crate::core::request::{AuthDraft, RequestDraft, Scope};
use crate::core::secret::Secret;

const VERSION: u32 = 1;

/// Name of a folder's file; no request can have it.
pub(super) const FOLDER_STEM: &str = "folder";

/// Key of the workspace's secrets among those of the requests; no request has such an id.
pub(super) const WORKSPACE_KEY: &str = "/workspace";

/// The same of a folder.
pub(super) fn folder_key(path: &str) -> String {
    format!("/folder/{path}")
}

/// Keys that are ours in both files; `order`, `filters` and `highlights` are in the workspace's
/// only.
pub(super) const SCHEMA: &Schema = &Schema {
    keys: &[
        ("version", LEAF),
        ("order", LEAF),
        ("auth", &Schema { keys: &[("kind", LEAF), ("values", LEAF)], all: false }),
        ("headers", LEAF),
        ("filters", LEAF),
        ("highlights", LEAF),
    ],
    all: false,
};

#[derive(Deserialize)]
struct ScopeFile {
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default)]
    order: Vec<String>,
    auth: Option<Auth>,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    filters: Vec<NamedFilter>,
    #[serde(default)]
    highlights: Vec<HighlightRule>,
}

/// What only the workspace's file has beside its scope.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Extras {
    /// Order of the requests.
    pub(super) order: Vec<String>,
    pub(super) rules: LogRules,
}

fn first_version() -> u32 {
    VERSION
}

/// Reads a file; what it does not say is as in `otherwise`. Masks stand in place of secrets.
pub(super) fn read(text: &str, otherwise: Scope) -> Result<(Scope, Extras), Fault> {
    let file: ScopeFile = toml::from_str(text).map_err(|error| Fault::toml(text, &error))?;
    if let Some(fault) = newer_version(file.version, VERSION) {
        return Err(fault);
    }
    let auth = match file.auth {
        Some(auth) => AuthDraft {
            kind: auth.kind,
            values: auth.values.into_iter().map(|(k, v)| (k, Secret::new(v))).collect(),
            ..AuthDraft::default()
        },
        None => otherwise.auth,
    };
    let headers = file.headers.into_iter().map(Header::row).collect();
    let rules = LogRules { filters: file.filters, highlights: file.highlights };
    Ok((Scope { auth, headers }, Extras { order: file.order, rules }))
}

/// The document with masks, and the secrets that they stand for. What is as in `otherwise` is
/// left out.
pub(super) fn write(scope: &Scope, otherwise: &Scope) -> (DocumentMut, Secrets) {
    let (masked, secrets) = take_out(&as_request(scope));
    let mut document = DocumentMut::new();
    let root = document.as_table_mut();
    root.insert("version", value(i64::from(VERSION)));
    if scope.auth != otherwise.auth {
        root.insert("auth", auth_table(&masked.auth));
    }
    if !masked.headers.is_empty() {
        root.insert("headers", header_list(&masked.headers));
    }
    (document, secrets)
}

/// Puts filters and marks into the workspace's document, if there are any.
pub(super) fn write_rules(document: &mut DocumentMut, rules: &LogRules) {
    let root = document.as_table_mut();
    if !rules.filters.is_empty() {
        let rows = rules.filters.iter().map(|NamedFilter { name, query }| {
            let mut row = Table::new();
            row.insert("name", value(name));
            row.insert("query", value(query));
            row
        });
        root.insert("filters", Item::ArrayOfTables(rows.collect()));
    }
    if !rules.highlights.is_empty() {
        let rows = rules.highlights.iter().map(|HighlightRule { query, tint, word, on }| {
            let mut row = Table::new();
            row.insert("query", value(query));
            row.insert("tint", value(tint.name()));
            if !word.is_empty() {
                row.insert("word", value(word));
            }
            if !on {
                row.insert("on", value(false));
            }
            row
        });
        root.insert("highlights", Item::ArrayOfTables(rows.collect()));
    }
}

/// Puts secrets in place of masks.
pub(super) fn fill(scope: &mut Scope, secrets: Option<&Secrets>) {
    let mut request = as_request(scope);
    put_back(&mut request, secrets.unwrap_or(&BTreeMap::new()));
    *scope = Scope { auth: request.auth, headers: request.headers };
}

/// Whether a secret stands in clear.
pub(super) fn is_exposed(scope: &Scope) -> bool {
    !take_out(&as_request(scope)).1.is_empty()
}

fn as_request(scope: &Scope) -> RequestDraft {
    RequestDraft {
        auth: scope.auth.clone(),
        headers: scope.headers.clone(),
        ..RequestDraft::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::headers::HeaderRow;
    use crate::core::request::INHERIT;

    #[test]
    fn a_scope_comes_back_without_its_secrets_in_the_file() {
        let mut scope = Scope::default();
        scope.auth.kind = "bearer".into();
        scope.auth.set("token", "hunter2hunter2".into());
        scope.headers =
            vec![HeaderRow::new("X-Team", "a"), HeaderRow::new("X-Api-Key", "hunter2b")];
        scope.headers[0].enabled = false;
        let (document, secrets) = write(&scope, &Scope::default());
        let text = document.to_string();
        assert!(!text.contains("hunter2"), "{text}");
        let (mut back, extras) = read(&text, Scope::default()).unwrap();
        assert_eq!(extras, Extras::default());
        fill(&mut back, Some(&secrets));
        assert_eq!(back, scope);
        fill(&mut back, None);
        assert_eq!(back, scope);
        let (mut masked, _) = read(&text, Scope::default()).unwrap();
        fill(&mut masked, None);
        assert_eq!(masked.auth.value("token"), "");
    }

    #[test]
    fn filters_and_marks_come_back() {
        use crate::core::log_rules::Tint;
        let filter =
            |name: &str, query: &str| NamedFilter { name: name.into(), query: query.into() };
        let rules = LogRules {
            filters: vec![filter("errors", r#"$.type == "error""#), filter("big", "size>1M")],
            highlights: vec![
                HighlightRule { query: "a".into(), tint: Tint::Warn, word: "w".into(), on: false },
                HighlightRule { query: "b".into(), on: true, ..HighlightRule::default() },
            ],
        };
        let (mut document, _) = write(&Scope::default(), &Scope::default());
        write_rules(&mut document, &rules);
        let text = document.to_string();
        assert_eq!(read(&text, Scope::default()).unwrap().1.rules, rules, "{text}");
        // What people write by hand may be shorter.
        let text = "[[highlights]]\nquery = \"ping\"\n";
        let (_, extras) = read(text, Scope::default()).unwrap();
        assert!(extras.rules.highlights[0].on);
        assert!(
            read("[[highlights]]\nquery = \"a\"\ntint = \"pink\"\n", Scope::default()).is_err()
        );
    }

    #[test]
    fn a_folder_that_says_nothing_inherits() {
        let (scope, _) = read("version = 1\n", Scope::of_folder()).unwrap();
        assert_eq!(scope.auth.kind, INHERIT);
        let (document, _) = write(&scope, &Scope::of_folder());
        assert_eq!(document.to_string(), "version = 1\n");
        // A folder whose requests go without says so.
        let none = Scope::default();
        let text = write(&none, &Scope::of_folder()).0.to_string();
        assert_eq!(read(&text, Scope::of_folder()).unwrap().0, none);
        assert!(read("version = 2\n", Scope::default()).is_err());
    }
}
