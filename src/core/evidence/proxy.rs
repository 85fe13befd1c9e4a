//! The dialogue with a proxy, of whichever kind.

use serde::{Deserialize, Serialize};

use super::{IoProblem, TlsFacts};

/// What a proxy is spoken to with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyKind {
    /// HTTP with CONNECT (RFC 9110 section 9.3.6).
    #[default]
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS 4; names are resolved here.
    Socks4,
    /// SOCKS 4a; the proxy resolves names.
    Socks4a,
    /// SOCKS 5 (RFC 1928); names are resolved here.
    Socks5,
    /// SOCKS 5; the proxy resolves names.
    Socks5h,
}

impl ProxyKind {
    /// The scheme of its addresses.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks4 => "socks4",
            ProxyKind::Socks4a => "socks4a",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        }
    }

    #[must_use]
    pub fn is_socks(self) -> bool {
        !matches!(self, ProxyKind::Http | ProxyKind::Https)
    }

    /// Whether the server's name goes to the proxy as it stands.
    #[must_use]
    pub fn resolves_there(self) -> bool {
        !matches!(self, ProxyKind::Socks4 | ProxyKind::Socks5)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProxyFacts {
    /// Address of the proxy, secrets masked.
    pub url: String,
    /// Setting or variable that chose it.
    pub source: String,
    pub kind: ProxyKind,
    /// What was sent, secrets masked: the head of CONNECT, or the steps of SOCKS in words.
    pub request: String,
    /// Status of the answer to CONNECT.
    pub status: Option<u16>,
    /// Head of the answer, escaped; of SOCKS its bytes in hex, a line a step.
    pub reply: String,
    /// What was asked and answered before, if the proxy's challenge was taken up (RFC 7616).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub earlier: Vec<ProxyLeg>,
    /// First bytes of an answer of another kind, at most 64, in hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bytes_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub socks: Option<SocksFacts>,
    /// The handshake with a proxy that is itself spoken to over TLS.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tls: Option<Box<TlsFacts>>,
}

/// One CONNECT and its answer; the fields are as in [`ProxyFacts`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProxyLeg {
    pub request: String,
    pub status: Option<u16>,
    pub reply: String,
}

/// The numbers of a SOCKS dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SocksFacts {
    /// 4 or 5.
    pub version: u8,
    /// Ways to log in that were offered (RFC 1928 section 3): 0 none, 2 name and password.
    pub methods_offered: Vec<u8>,
    /// The one that the proxy chose; 255 for none of them.
    pub method: Option<u8>,
    /// Status of the login (RFC 1929 section 2); 0 is success.
    pub login_status: Option<u8>,
    /// Reply to the request (RFC 1928 section 6; in version 4 from 90 on); 0 and 90 are success.
    pub reply: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyProblem {
    /// Its name does not resolve, or it cannot be connected to.
    Unreachable(IoProblem),
    /// It answered CONNECT with a status that is no success; see [`ProxyFacts::status`].
    Status,
    Closed,
    /// The answer is not of the proxy's kind; see [`ProxyFacts::first_bytes_hex`].
    NotAProxy,
    /// It was to be spoken to over TLS and does not speak it; see [`ProxyFacts::tls`].
    NotTls,
    /// The TLS handshake with the proxy itself failed in another way; see [`ProxyFacts::tls`].
    Tls,
    /// A SOCKS proxy takes none of the ways to log in, or refuses name and password; see
    /// [`ProxyFacts::socks`].
    SocksAuth,
    /// A SOCKS proxy refused the request; see [`SocksFacts::reply`].
    SocksReply,
    /// This kind of proxy is not supported.
    Unsupported,
}
