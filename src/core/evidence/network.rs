//! Names, addresses and TCP.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

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
