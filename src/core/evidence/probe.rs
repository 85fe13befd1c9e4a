//! A further attempt that changed one thing, to settle what the first one left open.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::core::change::Change;
use crate::core::stage::Stage;

/// What a probe changed or looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// A TLS greeting on the port of a `ws://` address.
    TlsHello,
    /// A plain HTTP request on the port of a `wss://` address.
    PlainGet,
    /// TCP, and then nothing but listening.
    ConnectAndWait,
    /// TCP to every address of the name.
    EachAddress,
    Ipv4Only,
    Ipv6Only,
    /// Straight to the server.
    WithoutProxy,
    /// The greeting of the other kind to the proxy.
    OtherProxyKind,
    /// A ClientHello without ALPN.
    TlsWithoutAlpn,
    /// A ClientHello that offers `h2`.
    TlsH2,
    Tls12Only,
    Tls13Only,
    TlsWithoutSni,
    /// The handshake to its end without trust, and not a byte of HTTP.
    TlsUnverified,
    /// The same path without the headers of the upgrade.
    GetSamePath,
    /// The opening handshake without credentials, query and headers of the user.
    BareUpgrade,
    WithoutOrigin,
    /// With the server's own address as Origin.
    OwnOrigin,
    WithoutExtensions,
    WithoutSubprotocols,
    OtherSubprotocol,
    /// Socket.IO's path and query.
    EngineIo,
    /// The path with `/websocket` behind it, as Phoenix and SockJS have it.
    WebSocketSuffix,
    /// With a slash at the end of the path, or without the one that is there.
    TrailingSlash,
    /// The target of a redirect.
    FollowRedirect,
    /// The same once more.
    SameAgain,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ProbeResult {
    /// The opening handshake went well.
    Open,
    /// An HTTP reply with this status.
    Status { status: u16 },
    /// The peer speaks TLS; the version agreed, if the handshake came that far.
    Tls { version: Option<String> },
    /// The peer speaks something else than what was asked.
    OtherProtocol,
    /// Connected, and as quiet as we were.
    Quiet,
    /// Closed or reset before a word.
    Closed,
    /// Failed in this stage.
    Failed { stage: Stage },
    /// Nothing came in time.
    TimedOut,
    /// Not run; [`ProbeRecord::told`] says why.
    Skipped,
}

/// One probe and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeRecord {
    pub kind: ProbeKind,
    /// What was different, in some words: `without Origin`.
    pub changed: String,
    /// Whether credentials went out again; only ever with the user's word.
    pub credentials: bool,
    /// How long it took, in microseconds.
    pub took_us: u64,
    pub result: ProbeResult,
    /// What happened, in some words, escaped and with secrets masked.
    pub told: String,
    /// Id of the first finding about this attempt, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<Cow<'static, str>>,
    /// The reply is the one that the attempt itself got: the same status and the same body.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub same: bool,
    /// The change to the request that the probe stands for, if there is one: what can be offered
    /// as a remedy when it went well.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<Change>,
}

impl ProbeRecord {
    /// A bare probe that came to this; its time, finding and change are filled in by the caller.
    #[must_use]
    pub fn new(
        kind: ProbeKind,
        changed: impl Into<String>,
        result: ProbeResult,
        told: impl Into<String>,
    ) -> ProbeRecord {
        ProbeRecord {
            kind,
            changed: changed.into(),
            credentials: false,
            took_us: 0,
            result,
            told: told.into(),
            code: None,
            same: false,
            change: None,
        }
    }
}
