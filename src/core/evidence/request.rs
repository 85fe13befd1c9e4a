//! What was asked for, secrets masked.

use serde::{Deserialize, Serialize};

use super::{CredentialFacts, OddAuthorization, TokenFacts};
use crate::core::proxy::ProxyExemption;
use crate::core::url::Mend;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestFacts {
    /// The address as typed, secrets masked.
    pub typed: String,
    /// The address as used, secrets masked.
    pub used: String,
    /// `ws` or `wss`; empty if the address could not be read.
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// Whether the port was typed.
    pub port_typed: bool,
    /// Path and query as sent, secrets masked.
    pub target: String,
    pub mends: Vec<Mend>,
    /// Subprotocols offered, in order.
    pub subprotocols: Vec<String>,
    /// Kind of authentication: `none`, `bearer` …
    pub auth: String,
    /// Whether anything that looks like a credential goes out, and where: `header Authorization`,
    /// `query token`, `certificate`.
    pub credentials: Vec<String>,
    /// What is odd about a credential (`a line break at its end`), without the credential.
    pub credential_notes: Vec<String>,
    /// What the JSON Web Tokens that go out say of themselves.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tokens: Vec<TokenFacts>,
    /// What is wrong with the form of the `Authorization` header.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub odd_authorization: Option<OddAuthorization>,
    /// Handshake headers that the user took over by the tester's switch.
    pub overridden: Vec<String>,
    /// How the credential came about.
    #[serde(skip_serializing_if = "CredentialFacts::is_plain", default)]
    pub credential: CredentialFacts,
    /// Whether the server's certificate is checked.
    pub verify: bool,
    /// Limit for all stages up to the open connection, in milliseconds.
    pub timeout_ms: u64,
    /// Largest message that is accepted, in bytes; 0 for no limit.
    pub max_message: u64,
    /// Ping interval that was set, in milliseconds; 0 for none.
    pub heartbeat_ms: u64,
    /// Value of the Origin header that goes out.
    pub origin: Option<String>,
    /// Extensions offered, with their parameters.
    pub extensions: Vec<String>,
    /// Names of query parameters whose value holds a `+`, which most servers read as a blank.
    pub plus_in_query: Vec<String>,
    /// Bytes of the request's head.
    pub head_bytes: u64,
    /// Headers in the order of the wire, also if none was sent yet.
    pub headers: Vec<HeaderFacts>,
    /// Why a proxy that the setting or the environment names was not used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proxy_exemption: Option<ProxyExemption>,
}

/// One header line that goes out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderFacts {
    pub name: String,
    /// Secrets masked; empty for the key, which is made anew for each attempt.
    pub value: String,
    /// Written by us, since the handshake needs it; otherwise typed, or of a way of
    /// authenticating.
    pub added: bool,
}
