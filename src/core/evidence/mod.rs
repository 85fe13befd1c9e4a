//! The record of one attempt to connect and of the connection that came of it.
//!
//! Everything that a diagnosis may rest on is here as a value, so that a rule is a pure function
//! and a record saved on one machine can be judged on another. Secrets are masked when the record
//! is made, not when it is printed. Times are microseconds since the attempt began, so that two
//! records can be compared.

mod canonical;
mod credential;
pub mod diff;
mod earlier;
mod http;
mod network;
mod probe;
mod proxy;
mod request;
mod session;
mod surroundings;
mod tls;
mod token;
mod websocket;
mod words;

pub use canonical::{CanonicalCause, CanonicalDifference, CanonicalRow, canonical_difference};
pub use credential::{CredentialFacts, CredentialProblem, CredentialStep, LockFacts};
pub use earlier::EarlierAttempt;
pub use http::{HttpFacts, HttpProblem, ReplyFacts};
pub use network::{DnsFacts, DnsProblem, DnsSource, IoProblem, TcpFacts, TcpTry};
pub use probe::{ProbeKind, ProbeRecord, ProbeResult};
pub use proxy::{ProxyFacts, ProxyKind, ProxyLeg, ProxyProblem, SocksFacts};
pub use request::{HeaderFacts, RequestFacts};
pub use session::{
    Counts, DeflateFault, DeflateProblem, End, EndedBy, FrameRecord, SentMessage, SessionFacts,
    Violation,
};
pub use surroundings::{Inside, Surroundings};
pub use tls::{Certificate, TlsAlert, TlsFacts, TlsProblem, TrustProblem};
pub use token::{OddAuthorization, TokenFacts};
pub use websocket::{DeflateFacts, Deviation, ExtensionProblem, WebSocketFacts};

use serde::{Deserialize, Serialize};

use super::stage::Stage;
use super::time::Micros;
use super::url::UrlProblem;

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
