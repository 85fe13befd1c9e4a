//! Settings of one request, saved with it.

use serde::{Deserialize, Serialize};

use crate::core::limits::DEFAULT_MAX_MESSAGE;
use crate::core::proxy;
use crate::core::secret::MASK;
use crate::core::subprotocol;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpFamily {
    #[default]
    Any,
    V4,
    V6,
}

/// Versions of TLS that are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    #[default]
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "1.2")]
    Only12,
    #[serde(rename = "1.3")]
    Only13,
}

/// How to connect and how to keep the connection. Times are in milliseconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestSettings {
    /// Limit for all stages from the name to the 101.
    pub connect_timeout_ms: u64,
    /// Whether the server's certificate must be trusted and fit the name.
    pub verify: bool,
    /// PEM file of CAs to trust beside the system's; empty for none.
    pub ca_file: String,
    /// Client certificate: a PEM file, with the key in it or in `key_file`, or a PKCS#12 file;
    /// empty for none.
    pub cert_file: String,
    pub key_file: String,
    /// Largest message that is accepted, in bytes; 0 for no limit but that of 2 GiB
    /// for what is here as a whole.
    pub max_message: u64,
    /// Subprotocols to offer, best first.
    pub subprotocols: Vec<String>,
    /// Attempts after a connection was lost; 0 for none. A refused login is never tried again
    /// by itself.
    pub reconnect_attempts: u32,
    /// Wait before the first of them; doubled with each one.
    pub reconnect_interval_ms: u64,
    /// Ping interval; 0 for none.
    pub heartbeat_ms: u64,
    /// The tester's switch: handshake headers in the table replace ours, whatever they say.
    pub override_handshake: bool,
    /// `http://host:port` of a proxy (or `https`, `socks5`, `socks5h`, `socks4`, `socks4a`); empty
    /// for what the environment says, `none` for none.
    pub proxy: String,
    /// Hosts that are reached without a proxy; empty for what the environment says.
    pub no_proxy: Vec<String>,
    /// `HOST:PORT:ADDRESS` lines that stand before DNS, as curl's option has it.
    pub resolve: Vec<String>,
    pub ip_family: IpFamily,
    /// Server name in the ClientHello (SNI) instead of the host; empty for the host.
    pub server_name: String,
    pub tls_versions: TlsVersions,
    /// SHA-256 (lower-case hex) of certificates that are trusted for this request, whoever
    /// issued them.
    pub trusted: Vec<String>,
    /// Redirects that are followed; 0 shows them only.
    pub follow_redirects: u32,
    /// Whether compression of messages (permessage-deflate, RFC 7692) is offered.
    pub compression: bool,
    /// Whether cookies of the jar go out, and those of a reply are kept in it.
    pub cookies: bool,
    /// Seconds that are added to this machine's clock for signatures and tokens, when a refusal
    /// has shown that the server's clock is another one. Not saved: the cure is to set the clock.
    #[serde(skip)]
    pub clock_offset_s: i64,
}

impl std::fmt::Debug for RequestSettings {
    /// What is not the default, with the proxy's password and tokens among the subprotocols masked.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tokens = subprotocol::credentials(&self.subprotocols);
        let offered = self.subprotocols.iter().zip(&tokens).map(|(item, token)| match token {
            Some(token) => item.replace(token, MASK),
            None => item.clone(),
        });
        let mut shown = self.clone();
        shown.subprotocols = offered.collect();
        if !shown.proxy.is_empty() {
            shown.proxy = proxy::masked(&shown.proxy);
        }
        let fields = |settings: &RequestSettings| match serde_json::to_value(settings) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let usual = fields(&RequestSettings::default());
        let mut out = f.debug_struct("RequestSettings");
        for (name, value) in fields(&shown) {
            if usual.get(&name) != Some(&value) {
                out.field(&name, &format_args!("{value}"));
            }
        }
        out.finish_non_exhaustive()
    }
}

impl Default for RequestSettings {
    fn default() -> Self {
        RequestSettings {
            connect_timeout_ms: 10_000,
            verify: true,
            ca_file: String::new(),
            cert_file: String::new(),
            key_file: String::new(),
            max_message: DEFAULT_MAX_MESSAGE as u64,
            subprotocols: Vec::new(),
            reconnect_attempts: 0,
            reconnect_interval_ms: 1_000,
            heartbeat_ms: 0,
            override_handshake: false,
            proxy: String::new(),
            no_proxy: Vec::new(),
            resolve: Vec::new(),
            ip_family: IpFamily::Any,
            server_name: String::new(),
            tls_versions: TlsVersions::Any,
            trusted: Vec::new(),
            follow_redirects: 0,
            compression: true,
            cookies: true,
            clock_offset_s: 0,
        }
    }
}

/// A SHA-256 fingerprint as people paste it, with or without colons and blanks, in lower-case hex.
///
/// # Errors
/// In words, if it is none.
pub fn read_fingerprint(text: &str) -> Result<String, String> {
    let text = text.trim();
    let text = text.rsplit_once('=').map_or(text, |(_, digits)| digits);
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    if let Some(odd) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(format!("it holds {}", crate::core::headers::describe(odd)));
    }
    match digits.len() {
        64 => Ok(digits.to_ascii_lowercase()),
        40 => Err("it is a SHA-1 fingerprint; the one of SHA-256 has 64 digits".into()),
        n => Err(format!("it has {n} hexadecimal digits, and SHA-256 has 64")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_they_are_pasted() {
        let plain = "0123456789abcdef".repeat(4);
        let colons: Vec<String> = plain
            .to_uppercase()
            .as_bytes()
            .chunks(2)
            .map(|c| String::from_utf8_lossy(c).into())
            .collect();
        for text in [
            plain.clone(),
            plain.to_uppercase(),
            colons.join(":"),
            format!(" sha256 Fingerprint={} ", colons.join(":")),
        ] {
            assert_eq!(read_fingerprint(&text).as_ref(), Ok(&plain), "{text}");
        }
        for (text, why) in [
            ("", "0 hexadecimal digits"),
            ("0123456789012345678901234567890123456789", "SHA-1"),
            ("xyz", "it holds"),
        ] {
            assert!(read_fingerprint(text).unwrap_err().contains(why), "{text}");
        }
    }
}
