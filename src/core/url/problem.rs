//! What can be wrong with an address before anything is sent.

use serde::{Deserialize, Serialize};

use super::Scheme;

/// Why an address cannot be connected to. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum UrlProblem {
    #[error("No address was given.")]
    Empty,
    #[error("The scheme “{scheme}” is not one a WebSocket client can use.")]
    UnknownScheme { scheme: String },
    #[error("“{port}” is not a port: it must be a number from 1 to 65535.")]
    BadPort { port: String },
    #[error("The address names no host.")]
    EmptyHost,
    #[error("An IPv6 address must stand in square brackets.")]
    Ipv6Brackets { mended: String },
    #[error("The address still holds the placeholder {placeholder}.")]
    Placeholder { placeholder: String },
    #[error("The address holds {character} at position {position}, which cannot stand in a URL.")]
    BadCharacter { character: String, position: usize, encoded: String },
    #[error("A WebSocket address cannot have a #fragment; everything after # would not be sent.")]
    Fragment { without: String, encoded: String },
    /// A slash in a password ends the host, so that host and port are read out of the password.
    /// Nothing of it is kept here.
    #[error("The name or password in the address holds a reserved character.")]
    Userinfo,
    #[error("“{host}” cannot be a host name: {why}.")]
    BadHost { host: String, why: String },
    #[error("“{name}” is not a valid subprotocol name: {why}.")]
    Subprotocol { name: String, why: String },
    #[error("The header {} cannot be sent: {why}.", if name.is_empty() { "of an empty row" } else { name.as_str() })]
    Header { name: String, why: String },
    #[error("The authentication cannot be put on the request: {why}.")]
    Auth { why: String },
    #[error("“{text}” is not the fingerprint of a certificate: {why}.")]
    Trusted { text: String, why: String },
    #[error("A file that the request names cannot be used: {why}.")]
    File { why: String },
}

impl UrlProblem {
    /// Id of the finding that explains it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            UrlProblem::Empty => "url/empty",
            UrlProblem::UnknownScheme { .. } => "url/unknown-scheme",
            UrlProblem::BadPort { .. } => "url/bad-port",
            UrlProblem::EmptyHost => "url/empty-host",
            UrlProblem::Ipv6Brackets { .. } => "url/ipv6-brackets",
            UrlProblem::Placeholder { .. } => "url/unfilled-variable",
            UrlProblem::BadCharacter { .. } => "url/blank-or-invisible",
            UrlProblem::Fragment { .. } => "url/fragment",
            UrlProblem::Userinfo => "url/userinfo-special",
            UrlProblem::BadHost { .. } => "dns/bad-name",
            UrlProblem::Subprotocol { .. } => "url/subprotocol-syntax",
            UrlProblem::Header { .. } => "url/header-value",
            UrlProblem::Auth { .. } => "url/auth-incomplete",
            UrlProblem::Trusted { .. } => "tls/fingerprint",
            UrlProblem::File { .. } => "url/file-unreadable",
        }
    }

    /// For records: addresses in it have their secrets masked.
    #[must_use]
    pub fn masked(self) -> UrlProblem {
        let mask = |text: String| super::masked(&text);
        match self {
            UrlProblem::Ipv6Brackets { mended } => {
                UrlProblem::Ipv6Brackets { mended: mask(mended) }
            }
            UrlProblem::BadCharacter { character, position, encoded } => {
                UrlProblem::BadCharacter { character, position, encoded: mask(encoded) }
            }
            UrlProblem::Fragment { without, encoded } => {
                UrlProblem::Fragment { without: mask(without), encoded: mask(encoded) }
            }
            other => other,
        }
    }

    /// Addresses to offer instead, best first, each with what it changes.
    #[must_use]
    pub fn mended(&self) -> Vec<(String, String)> {
        match self {
            UrlProblem::Ipv6Brackets { mended } => {
                vec![("put the IPv6 address in brackets".into(), mended.clone())]
            }
            UrlProblem::BadCharacter { encoded, .. } => {
                vec![("percent-encode it".into(), encoded.clone())]
            }
            UrlProblem::Fragment { without, encoded } => vec![
                ("drop the fragment".into(), without.clone()),
                ("send # as %23".into(), encoded.clone()),
            ],
            _ => Vec::new(),
        }
    }
}

/// Scheme that fits best when none was typed: `ws` for what looks like this machine, a private
/// network or a port that is rarely TLS, else `wss`.
pub(super) fn guess_scheme(host: &str, port: Option<u16>) -> Scheme {
    match port {
        Some(443 | 8443) => Scheme::Wss,
        Some(_) => Scheme::Ws,
        None if super::host_is_local(host) => Scheme::Ws,
        None => Scheme::Wss,
    }
}
