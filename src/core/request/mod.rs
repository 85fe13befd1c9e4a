//! A request as typed (the draft) and as it will go out (the spec).
//!
//! The draft may hold anything, half-written too. [`RequestDraft::spec`] judges it and writes down
//! the very headers and target that will be sent, so that a preview, a dry run and the wire cannot
//! differ.

mod contribution;
mod cookies;
mod facts;
mod files;
mod redirect;
mod scope;
mod settings;
mod spec;
#[cfg(test)]
mod tests;
mod wire;

pub use contribution::{
    AuthContribution, AuthHeader, AuthSubprotocol, FirstMessage, SavedMessage, Shown, Signing,
};
pub use files::{Files, KeyLog};
pub use scope::{INHERIT, Scope, Scopes};
pub use settings::{IpFamily, RequestSettings, TlsVersions, read_fingerprint};
pub use spec::{LockedKey, Provenance, RequestSpec, Resolve, TlsSpec};
pub use wire::{HeaderOrigin, WireHeader};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::headers::HeaderRow;
use super::params::Params;
use super::secret::Secret;
use super::url;

/// Key of the client certificate's password among the values; no way of authenticating has the
/// name in front of it.
const CERT_PASSWORD: &str = "certificate.password";

/// Which way of authenticating, with its fields by name. The ways themselves live in `auth`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthDraft {
    /// `none`, `bearer` …
    pub kind: String,
    /// Fields of every way that was filled in, as `kind.field`, so that trying another way and
    /// going back loses nothing.
    #[serde(default)]
    pub values: BTreeMap<String, Secret>,
    /// Where it comes from, if not from the request itself; set by [`Scopes::effective`].
    #[serde(skip)]
    pub inherited_from: Option<String>,
}

impl Default for AuthDraft {
    fn default() -> Self {
        AuthDraft { kind: "none".into(), values: BTreeMap::new(), inherited_from: None }
    }
}

impl AuthDraft {
    /// A field of the chosen way; empty if it was not filled in.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        self.values.get(&format!("{}.{field}", self.kind)).map_or("", Secret::expose)
    }

    pub fn set(&mut self, field: &str, value: Secret) {
        self.values.insert(format!("{}.{field}", self.kind), value);
    }

    /// Password of the client certificate's PKCS#12 file. It stands here, and not in the settings,
    /// so that it is kept as the other secrets are, away from files that are shared.
    #[must_use]
    pub fn cert_password(&self) -> &str {
        self.values.get(CERT_PASSWORD).map_or("", Secret::expose)
    }

    /// Sets it; an empty one goes away.
    pub fn set_cert_password(&mut self, password: Secret) {
        if password.is_empty() {
            self.values.remove(CERT_PASSWORD);
        } else {
            self.values.insert(CERT_PASSWORD.into(), password);
        }
    }
}

/// A request as a person edits it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestDraft {
    /// Exactly as typed. Change it by [`RequestDraft::set_url`], so that the table follows.
    pub url: String,
    /// All query parameters, also those that are off.
    pub params: Params,
    pub headers: Vec<HeaderRow>,
    /// Headers of the folder and the workspace, with words for where each comes from; set by
    /// [`Scopes::effective`] and never saved with the request.
    #[serde(skip)]
    pub inherited_headers: Vec<(HeaderRow, String)>,
    pub auth: AuthDraft,
    pub settings: RequestSettings,
    /// Text messages kept with the request that may be sent on open, in the order of the list;
    /// filled in for an attempt by whoever keeps them, and never saved with the draft.
    #[serde(skip)]
    pub first_messages: Vec<SavedMessage>,
}

impl std::fmt::Debug for RequestDraft {
    /// With the secrets of the address masked, as all others mask themselves.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestDraft")
            .field("url", &url::masked(&self.url))
            .field("params", &self.params)
            .field("headers", &self.headers)
            .field("inherited_headers", &self.inherited_headers)
            .field("auth", &self.auth)
            .field("settings", &self.settings)
            .finish()
    }
}

impl RequestDraft {
    /// Takes a new address; the table of parameters follows its query.
    pub fn set_url(&mut self, text: String) {
        let (_, query, _) = url::split_query(&text);
        self.params.take_query(query);
        self.url = text;
    }

    /// Takes a new table of parameters; the address's query follows. A `?` that stands alone
    /// in the address goes away with the last row.
    pub fn set_params(&mut self, params: Params) {
        self.url = url::with_query(&self.url, params.query().as_deref());
        self.params = params;
    }
}
