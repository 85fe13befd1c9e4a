//! The stages of an attempt, the phases of a verdict, and the state of a connection.

use serde::{Deserialize, Serialize};

/// A step of connecting, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Judging the address and the request before any network use.
    Url,
    Dns,
    Tcp,
    Proxy,
    Tls,
    /// From the first byte of the request to the whole reply of the opening handshake.
    Http,
    /// Checking the 101, and all of the open connection after it.
    WebSocket,
}

impl Stage {
    pub const ALL: [Stage; 7] = [
        Stage::Url,
        Stage::Dns,
        Stage::Tcp,
        Stage::Proxy,
        Stage::Tls,
        Stage::Http,
        Stage::WebSocket,
    ];

    /// As in JSON output: `dns`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stage::Url => "url",
            Stage::Dns => "dns",
            Stage::Tcp => "tcp",
            Stage::Proxy => "proxy",
            Stage::Tls => "tls",
            Stage::Http => "http",
            Stage::WebSocket => "websocket",
        }
    }

    /// Stage that a finding's id belongs to by its first word; `ws/…` and `msg/…` are about the
    /// WebSocket.
    #[must_use]
    pub fn of_code(code: &str) -> Stage {
        let word = code.split('/').next().unwrap_or_default();
        let named = Stage::ALL.into_iter().find(|stage| stage.name() == word);
        named.unwrap_or(Stage::WebSocket)
    }

    /// As on screen: `DNS`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Stage::Url => "URL",
            Stage::Dns => "DNS",
            Stage::Tcp => "TCP",
            Stage::Proxy => "proxy",
            Stage::Tls => "TLS",
            Stage::Http => "HTTP",
            Stage::WebSocket => "WebSocket",
        }
    }

    /// What is going on in this stage, for the status line while connecting.
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Stage::Url => "checking the URL",
            Stage::Dns => "resolving",
            Stage::Tcp => "TCP",
            Stage::Proxy => "proxy",
            Stage::Tls => "TLS",
            Stage::Http => "upgrading",
            Stage::WebSocket => "checking the upgrade",
        }
    }

    /// Process exit code of a failure in this stage (a contract, see the manual).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Stage::Url => 10,
            Stage::Dns => 11,
            Stage::Tcp => 12,
            Stage::Proxy => 13,
            Stage::Tls => 14,
            Stage::Http => 15,
            Stage::WebSocket => 16,
        }
    }
}

/// How the connection of a tab stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not tried yet, or closed by us in good order.
    #[default]
    Idle,
    Connecting(Stage),
    Open,
    /// A close frame was sent and the peer's is awaited.
    Closing,
    /// It was open and has ended; the code as RFC 6455 section 7.1.5 names it (1005, 1006 too).
    Closed {
        code: u16,
    },
    /// It never opened; the stage that failed.
    Failed(Stage),
}

impl ConnectionState {
    /// A socket exists or is being made.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Connecting(_) | Self::Open | Self::Closing)
    }
}

/// Names one attempt to connect and the connection that comes of it. Never used twice in a run,
/// so that an event that arrives late cannot be taken for one of a newer connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_contract() {
        let codes: Vec<u8> = Stage::ALL.iter().map(|s| s.exit_code()).collect();
        assert_eq!(codes, [10, 11, 12, 13, 14, 15, 16]);
    }

    #[test]
    fn names_in_json_are_the_names() {
        for stage in Stage::ALL {
            assert_eq!(serde_json::to_string(&stage).unwrap(), format!("\"{}\"", stage.name()));
        }
    }
}
