//! The record of one attempt to connect and of the connection that came of it.
//!
//! Everything that a diagnosis may rest on is here as a value, so that a rule is a pure function
//! and a record saved on one machine can be judged on another. Secrets are masked when the record
//! is made, not when it is printed. Times are microseconds since the attempt began, so that two
//! records can be compared.

mod canonical;
mod credential;
pub mod diff;
mod http;
mod probe;
mod proxy;
mod session;
mod surroundings;
mod tls;
mod token;
mod words;

pub use canonical::{CanonicalCause, CanonicalDifference, CanonicalRow, canonical_difference};
pub use credential::{CredentialFacts, CredentialProblem, CredentialStep, LockFacts};
pub use http::{HttpFacts, HttpProblem, ReplyFacts};
pub use probe::{ProbeKind, ProbeRecord, ProbeResult};
pub use proxy::{ProxyFacts, ProxyKind, ProxyLeg, ProxyProblem, SocksFacts};
pub use session::{
    Counts, DeflateFault, DeflateProblem, End, EndedBy, FrameRecord, SentMessage, SessionFacts,
    Violation,
};
pub use surroundings::{Inside, Surroundings};
pub use tls::{Certificate, TlsAlert, TlsFacts, TlsProblem, TrustProblem};
pub use token::{OddAuthorization, TokenFacts};

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::proxy::ProxyExemption;
use super::stage::Stage;
use super::time::Micros;
use super::url::{Mend, UrlProblem};

/// Version of the record's form; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    pub version: u32,
    /// Version of the program that made the record.
    pub wsdeck: String,
    /// `std::env::consts::OS` of the machine that made it.
    pub os: String,
    /// Wall clock when the attempt began.
    pub started: Micros,
    /// Where the program ran, as far as it changes what an address means.
    #[serde(skip_serializing_if = "Surroundings::is_plain", default)]
    pub surroundings: Surroundings,
    pub request: RequestFacts,
    /// Every stage that was entered, in order.
    pub stages: Vec<StageRecord>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dns: Option<DnsFacts>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tcp: Option<TcpFacts>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proxy: Option<ProxyFacts>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tls: Option<TlsFacts>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub http: Option<HttpFacts>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub websocket: Option<WebSocketFacts>,
    /// The open connection; `None` if it never opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionFacts>,
    /// Where and how the attempt stopped before it was open; `None` if it opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// How earlier connections to the same address ended, newest last; filled in by whoever
    /// keeps them, since one attempt alone shows no pattern.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub earlier: Vec<EarlierAttempt>,
    /// Redirects that were followed before, first one first; the rest of the record is about the
    /// last address.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub redirects: Vec<Redirect>,
    /// Further attempts that changed one thing each, in the order in which they were made.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub probes: Vec<ProbeRecord>,
}

/// A redirect that was followed because the user asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redirect {
    pub status: u16,
    /// Address that answered so, secrets masked.
    pub from: String,
    /// Address that it named, made absolute, secrets masked.
    pub to: String,
    /// Credentials that were left behind, as [`RequestFacts::credentials`] names them: they are
    /// never carried to another host, port or weaker scheme.
    pub dropped: Vec<String>,
    /// When the answer was there, in microseconds from the start of the attempt. The stages of
    /// the record begin after the last one.
    #[serde(default)]
    pub at_us: u64,
}

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

/// One stage with its times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    pub stage: Stage,
    /// Microseconds from the start of the attempt.
    pub began_us: u64,
    /// `None` while it is going on.
    pub ended_us: Option<u64>,
    pub outcome: Outcome,
    /// What came of it in some words: `2 addresses`, `127.0.0.1:9001`, `TLS 1.3, http/1.1`.
    pub detail: String,
}

impl StageRecord {
    /// Duration in milliseconds; 0 while it is going on.
    #[must_use]
    pub fn millis(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        self.ended_us.map_or(0.0, |end| end.saturating_sub(self.began_us) as f64 / 1000.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Running,
    Ok,
    Failed,
    /// The user ended it.
    Cancelled,
    /// The handshake time limit ended it.
    TimedOut,
}

/// Where an attempt stopped. The facts of that stage say more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub stage: Stage,
    pub kind: FailureKind,
    /// The error in the words of the layer that reported it, escaped and with secrets masked.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    Cancelled,
    TimedOut,
    Url(UrlProblem),
    Dns(DnsProblem),
    Tcp(IoProblem),
    Proxy(ProxyProblem),
    Tls(TlsProblem),
    Http(HttpProblem),
    /// The credential could not be got, so that no attempt was made; the steps in
    /// [`RequestFacts::credential`] say more.
    Credential(CredentialProblem),
    /// The reply was a 101 that cannot be accepted; see [`WebSocketFacts::deviations`].
    Upgrade,
    /// Our own fault.
    Internal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsProblem {
    /// The name does not exist.
    NotFound,
    /// The name exists and has no address of the family asked for.
    NoAddress,
    /// The resolver could not be reached or did not answer (`EAI_AGAIN`).
    TryAgain,
    /// The resolver answered with a failure (`EAI_FAIL`).
    Failed,
    Other,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsFacts {
    pub host: String,
    pub source: DnsSource,
    /// In the order in which the resolver gave them.
    pub answers: Vec<IpAddr>,
    /// The resolver's error in its own words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsSource {
    /// The operating system's resolver (hosts file, DNS, mDNS).
    #[default]
    System,
    /// The host was an address already.
    Literal,
    /// `--resolve` gave it.
    Override,
    /// The proxy looks the name up.
    Proxy,
}

/// Errors of the operating system that rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IoProblem {
    Refused,
    TimedOut,
    Reset,
    /// End of the stream where more was due.
    Eof,
    /// No route to host or network.
    Unreachable,
    Permission,
    /// There is no such Unix socket.
    NotFound,
    /// Too many open files, no free local port.
    LocalLimit,
    /// The TLS layer failed or was told to stop by an alert.
    Tls,
    Other,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TcpFacts {
    /// Path of the Unix socket that was connected to instead of an address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub socket: Option<String>,
    /// Every address that was tried, in the order in which the tries began.
    pub tries: Vec<TcpTry>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub local: Option<SocketAddr>,
    /// The address that won.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub peer: Option<SocketAddr>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TcpTry {
    pub address: SocketAddr,
    pub began_us: u64,
    pub ended_us: Option<u64>,
    /// `None` if it connected, or was still going on when another one won.
    pub problem: Option<IoProblem>,
    /// Number of the operating system's error.
    pub errno: Option<i32>,
    pub text: String,
}

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

/// What is remembered of an earlier attempt at the same address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EarlierAttempt {
    pub started: Micros,
    /// Id of the first finding, if there was one.
    pub code: Option<String>,
    pub opened: bool,
    /// How long it was open, in microseconds.
    pub open_us: u64,
    /// Silence before it ended, in microseconds.
    pub silence_us: u64,
    /// Who ended it, if it was open.
    pub ended_by: Option<EndedBy>,
    pub close_code: Option<u16>,
    /// Status of the answer to the opening handshake, if one came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Text and binary messages that came in and went out.
    #[serde(default)]
    pub received: u64,
    #[serde(default)]
    pub sent: u64,
    /// Payload bytes of the last message that went out.
    #[serde(default)]
    pub last_sent_bytes: u64,
    /// Time from that message to the end, if nothing came after it, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unanswered_us: Option<u64>,
    /// Payload bytes of the largest message that was answered; see
    /// [`SessionFacts::largest_answered`].
    #[serde(default)]
    pub largest_answered: u64,
}

impl EarlierAttempt {
    /// What is worth remembering of an attempt that is over; `code` is its first finding's id.
    #[must_use]
    pub fn of(evidence: &Evidence, code: Option<String>) -> EarlierAttempt {
        let session = evidence.session.as_ref();
        let end = session.and_then(|session| session.end.as_ref());
        let unanswered_us = session.zip(end).and_then(|(session, end)| {
            let sent = session.last_message_sent_us.filter(|_| !session.answered_last_message)?;
            Some(end.at_us.saturating_sub(sent))
        });
        EarlierAttempt {
            started: evidence.started,
            code,
            opened: evidence.opened(),
            open_us: session
                .zip(end)
                .map_or(0, |(session, end)| end.at_us.saturating_sub(session.opened_us)),
            silence_us: end.map_or(0, |end| end.silence_us),
            ended_by: end.map(|end| end.by),
            close_code: end.and_then(|end| end.code_received),
            status: evidence
                .http
                .as_ref()
                .and_then(|http| http.reply.as_ref())
                .map(|reply| reply.status),
            received: session.map_or(0, |session| session.received.messages()),
            sent: session.map_or(0, |session| session.sent.messages()),
            last_sent_bytes: session.map_or(0, |session| session.last_message_sent_bytes),
            unanswered_us,
            largest_answered: session.map_or(0, |session| session.largest_answered),
        }
    }
}

impl Evidence {
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StageRecord> {
        self.stages.iter().find(|record| record.stage == stage)
    }

    /// Whether the connection was open.
    #[must_use]
    pub fn opened(&self) -> bool {
        self.session.is_some()
    }
}
