//! The checks of a 101, and what was agreed on.

use serde::{Deserialize, Serialize};

/// The checks of a 101 (RFC 6455 section 4.1), all of them, not only the first that fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebSocketFacts {
    /// `Sec-WebSocket-Key` that was sent.
    pub key: String,
    pub accept_expected: String,
    pub accept_received: Option<String>,
    pub subprotocol: Option<String>,
    /// Value of the reply's `Sec-WebSocket-Extensions`.
    pub extensions: Option<String>,
    pub deviations: Vec<Deviation>,
    /// Compression as it was agreed on; `None` without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deflate: Option<DeflateFacts>,
    /// What is wrong with the reply's extensions, for [`Deviation::ExtensionBadParameter`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extension_problem: Option<ExtensionProblem>,
}

/// The parameters of permessage-deflate that both sides agreed on (RFC 7692 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeflateFacts {
    /// The server packs each message by itself.
    pub server_no_context_takeover: bool,
    /// We pack each message by ourselves.
    pub client_no_context_takeover: bool,
    /// Base-2 logarithm of the window that the server packs with, 8 to 15.
    pub server_max_window_bits: u8,
    /// The same of what we pack with.
    pub client_max_window_bits: u8,
}

impl Default for DeflateFacts {
    fn default() -> Self {
        DeflateFacts {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: 15,
        }
    }
}

/// Why the extensions that a server agreed to cannot be used. Names and values are the server's,
/// escaped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ExtensionProblem {
    /// The header is no list of extensions (RFC 6455 section 9.1).
    Syntax,
    /// The extension is in the list twice.
    Doubled { extension: String },
    /// A parameter that permessage-deflate does not have.
    Unknown { name: String },
    /// A parameter that stands there twice.
    Twice { name: String },
    /// A parameter without the value that it needs.
    NoValue { name: String },
    /// A value that the parameter cannot have.
    BadValue { name: String, value: String },
    /// A parameter that may only be there if it was offered.
    NotOffered { name: String },
    /// A parameter that was demanded and is not there.
    Ignored { name: String },
}

impl ExtensionProblem {
    /// The same with each text of the server changed.
    #[must_use]
    pub fn map_texts(self, change: impl Fn(&str) -> String) -> ExtensionProblem {
        use ExtensionProblem as P;
        match self {
            P::Syntax => P::Syntax,
            P::Doubled { extension } => P::Doubled { extension: change(&extension) },
            P::Unknown { name } => P::Unknown { name: change(&name) },
            P::Twice { name } => P::Twice { name: change(&name) },
            P::NoValue { name } => P::NoValue { name: change(&name) },
            P::BadValue { name, value } => {
                P::BadValue { name: change(&name), value: change(&value) }
            }
            P::NotOffered { name } => P::NotOffered { name: change(&name) },
            P::Ignored { name } => P::Ignored { name: change(&name) },
        }
    }
}

impl std::fmt::Display for ExtensionProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ExtensionProblem::Syntax => f.write_str("it is no list of extensions"),
            ExtensionProblem::Doubled { extension } => write!(f, "{extension} is there twice"),
            ExtensionProblem::Unknown { name } => write!(f, "{name} is no parameter of it"),
            ExtensionProblem::Twice { name } => write!(f, "{name} is there twice"),
            ExtensionProblem::NoValue { name } => write!(f, "{name} has no value"),
            ExtensionProblem::BadValue { name, value } => {
                write!(f, "{name} cannot have the value {value}")
            }
            ExtensionProblem::NotOffered { name } => write!(f, "{name} was not offered"),
            ExtensionProblem::Ignored { name } => write!(f, "{name} was demanded and is missing"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deviation {
    UpgradeMissing,
    UpgradeWrong,
    ConnectionMissing,
    ConnectionWrong,
    AcceptMissing,
    AcceptWrong,
    AcceptTwice,
    /// A subprotocol that was not offered.
    SubprotocolNotOffered,
    /// Subprotocols were offered and none was chosen; the connection is used all the same.
    SubprotocolIgnored,
    /// An extension that was not offered.
    ExtensionNotOffered,
    /// permessage-deflate with parameters that RFC 7692 section 7.1 does not allow; see
    /// [`WebSocketFacts::extension_problem`].
    ExtensionBadParameter,
    /// The user's headers held no `Sec-WebSocket-Key`, so no accept value could be expected.
    KeyNotSent,
}

impl Deviation {
    /// Whether RFC 6455 section 4.1 says that the client must fail the connection.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        !matches!(self, Deviation::SubprotocolIgnored | Deviation::KeyNotSent)
    }
}
