//! A change to a request as a value, so that a rule can propose it and the interface apply it.

use serde::{Deserialize, Serialize};

use super::headers::HeaderRow;
use super::request::{IpFamily, RequestDraft, TlsVersions};
use super::url::{self, Scheme, split_query, with_query};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    SetScheme {
        scheme: Scheme,
    },
    SetHost {
        host: String,
    },
    /// `None` takes the port away.
    SetPort {
        port: Option<u16>,
    },
    SetUrl {
        url: String,
    },
    SetPath {
        path: String,
    },
    /// Takes one of the addresses that [`UrlProblem::mended`](super::url::UrlProblem::mended)
    /// offers for the address as typed, which may hold secrets and so is not written here.
    MendUrl {
        choice: usize,
    },
    /// Adds a query parameter, or sets the first one of that name.
    SetParam {
        name: String,
        value: String,
    },
    /// Sets the first header of that name, or adds one.
    SetHeader {
        name: String,
        value: String,
    },
    /// Switches every header of that name off; the rows stay.
    DisableHeader {
        name: String,
    },
    AddSubprotocol {
        name: String,
    },
    SetSubprotocols {
        names: Vec<String>,
    },
    SetVerify {
        verify: bool,
    },
    SetTimeout {
        ms: u64,
    },
    SetHeartbeat {
        ms: u64,
    },
    SetMaxMessage {
        bytes: u64,
    },
    SetReconnect {
        attempts: u32,
    },
    /// Takes every query parameter of that name away.
    RemoveParam {
        name: String,
    },
    /// `none` for no proxy, whatever the environment says; empty for what the environment says.
    SetProxy {
        url: String,
    },
    SetIpFamily {
        family: IpFamily,
    },
    /// Trusts the certificate with this SHA-256 (lower-case hex) for this request, and no other.
    TrustCertificate {
        sha256: String,
    },
    /// Name in the ClientHello; empty for the host's.
    SetServerName {
        name: String,
    },
    SetTlsVersions {
        versions: TlsVersions,
    },
    /// Follows that many redirects; credentials stay with the host that they were given for.
    FollowRedirects {
        at_most: u32,
    },
    /// Offers compression (permessage-deflate). Off, no extension at all is offered: a
    /// `Sec-WebSocket-Extensions` of the table is switched off too.
    SetCompression {
        on: bool,
    },
    /// Adds that many seconds to this machine's clock for signatures and tokens of this request.
    SetClockOffset {
        seconds: i64,
    },
    /// Chooses another way of authenticating; what was filled in for the old one stays.
    SetAuthKind {
        way: String,
    },
    /// Fills in a field of the chosen way that is no secret.
    SetAuthField {
        name: String,
        value: String,
    },
    /// Takes a slip out of a secret field of the chosen way without its value being written
    /// here; see [`TokenSlip`].
    MendToken {
        slip: TokenSlip,
    },
    /// Puts a text message into the composer, control characters of its protocol included. It is
    /// not sent by that; a place for a secret in it is left to be filled in.
    SetMessage {
        text: String,
    },
}

/// A slip of a pasted secret that can be taken out whatever the secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSlip {
    /// Line breaks and blanks anywhere in it.
    Blanks,
    /// Quotation marks around it.
    Quotes,
    /// A scheme word or header name in front of it: `Bearer …`, `Authorization: …`.
    Prefix,
}

impl TokenSlip {
    /// The text without the slip.
    #[must_use]
    pub fn mended(self, text: &str) -> String {
        match self {
            TokenSlip::Blanks => text.split_whitespace().collect(),
            TokenSlip::Quotes => text
                .trim()
                .trim_matches(['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'])
                .to_owned(),
            TokenSlip::Prefix => {
                let mut rest = text.trim();
                // `Authorization: Bearer Bearer x` has three of them.
                while let Some((word, more)) = rest.split_once([' ', ':'])
                    && !more.trim().is_empty()
                    && word.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
                {
                    rest = more.trim_start();
                }
                rest.to_owned()
            }
        }
    }
}

impl Change {
    /// Makes the change. The rest of the request, also how the URL is written, stays as it is.
    pub fn apply(&self, draft: &mut RequestDraft) {
        match self {
            // A Unix socket has neither scheme nor host nor port to change.
            Change::SetScheme { .. } | Change::SetHost { .. } | Change::SetPort { .. }
                if url::split_socket(&draft.url).is_some() => {}
            Change::SetScheme { scheme } => {
                let rest = match draft.url.trim_start().split_once("://") {
                    Some((_, rest)) => rest.to_owned(),
                    None => draft.url.trim().to_owned(),
                };
                draft.set_url(format!("{}://{rest}", scheme.name()));
            }
            Change::SetHost { host } => draft.set_url(edit_authority(&draft.url, |old| {
                let (userinfo, _, port) = authority_parts(old);
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                format!("{userinfo}{host}{port}")
            })),
            Change::SetPort { port } => draft.set_url(edit_authority(&draft.url, |old| {
                let (userinfo, host, _) = authority_parts(old);
                let port = port.map(|p| format!(":{p}")).unwrap_or_default();
                format!("{userinfo}{host}{port}")
            })),
            Change::SetUrl { url } => draft.set_url(url.clone()),
            Change::MendUrl { choice } => {
                if let Err(problem) = url::read(&draft.url)
                    && let Some((_, mended)) = problem.mended().into_iter().nth(*choice)
                {
                    draft.set_url(mended);
                }
            }
            Change::SetPath { path } => {
                let (before, query, fragment) = split_query(&draft.url);
                if let Some((socket, _)) = url::split_socket(before) {
                    let colon = if socket.ends_with(':') && socket.len() > "ws+unix:".len() {
                        ""
                    } else {
                        ":"
                    };
                    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
                    draft.set_url(format!("{socket}{colon}{path}{query}{fragment}"));
                    return;
                }
                let start = before.find("://").map_or(0, |at| at + 3);
                let end = before[start..].find('/').map_or(before.len(), |at| start + at);
                let query = query.map(|q| format!("?{q}")).unwrap_or_default();
                draft.set_url(format!("{}{path}{query}{fragment}", &before[..end]));
            }
            Change::SetParam { name, value } => {
                let piece = format!(
                    "{}={}",
                    url::encode_piece(name, true),
                    url::encode_piece(value, false)
                );
                let (_, query, _) = split_query(&draft.url);
                let mut pieces: Vec<String> = query
                    .filter(|q| !q.is_empty())
                    .map(|q| q.split('&').map(str::to_owned).collect())
                    .unwrap_or_default();
                match pieces.iter_mut().find(|p| p.split('=').next() == Some(name)) {
                    Some(old) => *old = piece,
                    None => pieces.push(piece),
                }
                draft.set_url(with_query(&draft.url, Some(&pieces.join("&"))));
            }
            Change::SetHeader { name, value } => {
                match draft.headers.iter_mut().find(|row| row.name.eq_ignore_ascii_case(name)) {
                    Some(row) => {
                        row.value.clone_from(value);
                        row.enabled = true;
                    }
                    None => draft.headers.push(HeaderRow::new(name, value)),
                }
            }
            Change::DisableHeader { name } => {
                for row in &mut draft.headers {
                    if row.name.eq_ignore_ascii_case(name) {
                        row.enabled = false;
                    }
                }
            }
            Change::AddSubprotocol { name } => {
                if !draft.settings.subprotocols.contains(name) {
                    draft.settings.subprotocols.push(name.clone());
                }
            }
            Change::SetSubprotocols { names } => draft.settings.subprotocols.clone_from(names),
            Change::SetVerify { verify } => draft.settings.verify = *verify,
            Change::SetTimeout { ms } => draft.settings.connect_timeout_ms = *ms,
            Change::SetHeartbeat { ms } => draft.settings.heartbeat_ms = *ms,
            Change::SetMaxMessage { bytes } => draft.settings.max_message = *bytes,
            Change::SetReconnect { attempts } => draft.settings.reconnect_attempts = *attempts,
            Change::RemoveParam { name } => {
                let (_, query, _) = split_query(&draft.url);
                let kept: Vec<&str> = query
                    .unwrap_or_default()
                    .split('&')
                    .filter(|piece| piece.split('=').next() != Some(name))
                    .collect();
                let kept = (!kept.is_empty()).then(|| kept.join("&"));
                draft.set_url(with_query(&draft.url, kept.as_deref()));
            }
            Change::SetProxy { url } => draft.settings.proxy.clone_from(url),
            Change::SetIpFamily { family } => draft.settings.ip_family = *family,
            Change::TrustCertificate { sha256 } => {
                if !draft.settings.trusted.contains(sha256) {
                    draft.settings.trusted.push(sha256.clone());
                }
            }
            Change::SetServerName { name } => draft.settings.server_name.clone_from(name),
            Change::SetTlsVersions { versions } => draft.settings.tls_versions = *versions,
            Change::FollowRedirects { at_most } => draft.settings.follow_redirects = *at_most,
            Change::SetCompression { on } => {
                draft.settings.compression = *on;
                if !on {
                    let name = "Sec-WebSocket-Extensions".into();
                    Change::DisableHeader { name }.apply(draft);
                }
            }
            Change::SetClockOffset { seconds } => draft.settings.clock_offset_s = *seconds,
            Change::SetAuthKind { way } => {
                draft.auth.kind.clone_from(way);
                draft.auth.inherited_from = None;
            }
            Change::SetAuthField { name, value } => draft.auth.set(name, value.as_str().into()),
            Change::MendToken { slip } => {
                let kind = format!("{}.", draft.auth.kind);
                for (key, value) in &mut draft.auth.values {
                    let secret = ["token", "key", "value", "code", "password"]
                        .iter()
                        .any(|word| key.ends_with(word));
                    if key.starts_with(&kind)
                        && secret
                        && crate::core::reference::Reference::read(value.expose()).is_none()
                    {
                        *value = slip.mended(value.expose()).into();
                    }
                }
            }
            // A message is no part of the request: whoever holds the composer takes it.
            Change::SetMessage { .. } => {}
        }
    }
}

/// Rewrites what stands between `://` and the path.
fn edit_authority(url: &str, edit: impl Fn(&str) -> String) -> String {
    let (before, query, fragment) = split_query(url);
    let start = before.find("://").map_or(0, |at| at + 3);
    let end = before[start..].find('/').map_or(before.len(), |at| start + at);
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}{}{}{query}{fragment}", &before[..start], edit(&before[start..end]), &before[end..])
}

/// `user:pw@`, `host` (an IPv6 literal with its brackets) and `:port`, each as typed.
fn authority_parts(authority: &str) -> (&str, &str, &str) {
    let (userinfo, rest) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let host_end = match rest.find(']') {
        Some(at) => at + 1,
        None => rest.find(':').unwrap_or(rest.len()),
    };
    (userinfo, &rest[..host_end], &rest[host_end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(url: &str, change: &Change) -> String {
        let mut draft = RequestDraft::default();
        draft.set_url(url.to_owned());
        change.apply(&mut draft);
        draft.url
    }

    #[test]
    fn the_address_of_a_socket_has_a_path_only() {
        let path = Change::SetPath { path: "/b".into() };
        assert_eq!(changed("ws+unix:///run/x:/a?q", &path), "ws+unix:///run/x:/b?q");
        assert_eq!(changed("ws+unix:///run/x", &path), "ws+unix:///run/x:/b");
        for change in [
            Change::SetScheme { scheme: Scheme::Wss },
            Change::SetHost { host: "a.example".into() },
            Change::SetPort { port: Some(9) },
        ] {
            assert_eq!(changed("ws+unix:///run/x:/a", &change), "ws+unix:///run/x:/a");
        }
    }

    #[test]
    fn only_the_named_part_of_the_url_changes() {
        let url = "wss://u:p@a.example:9/x?Q=%7e&y#f";
        for (change, expected) in [
            (Change::SetScheme { scheme: Scheme::Ws }, "ws://u:p@a.example:9/x?Q=%7e&y#f"),
            (Change::SetHost { host: "::1".into() }, "wss://u:p@[::1]:9/x?Q=%7e&y#f"),
            (Change::SetPort { port: Some(80) }, "wss://u:p@a.example:80/x?Q=%7e&y#f"),
            (Change::SetPort { port: None }, "wss://u:p@a.example/x?Q=%7e&y#f"),
            (Change::SetPath { path: "/y/".into() }, "wss://u:p@a.example:9/y/?Q=%7e&y#f"),
            (
                Change::SetParam { name: "EIO".into(), value: "4".into() },
                "wss://u:p@a.example:9/x?Q=%7e&y&EIO=4#f",
            ),
            (
                Change::SetParam { name: "y".into(), value: "a b".into() },
                "wss://u:p@a.example:9/x?Q=%7e&y=a%20b#f",
            ),
            (Change::RemoveParam { name: "Q".into() }, "wss://u:p@a.example:9/x?y#f"),
        ] {
            assert_eq!(changed(url, &change), expected, "{change:?}");
        }
        assert_eq!(
            changed("a.example/x", &Change::SetScheme { scheme: Scheme::Ws }),
            "ws://a.example/x"
        );
    }

    #[test]
    fn the_params_table_follows() {
        let mut draft = RequestDraft::default();
        Change::SetParam { name: "EIO".into(), value: "4".into() }.apply(&mut draft);
        assert_eq!(draft.params.enabled(), 1);
    }

    #[test]
    fn json_names_the_kind() {
        let json = serde_json::to_string(&Change::SetScheme { scheme: Scheme::Ws }).unwrap();
        assert_eq!(json, r#"{"kind":"set-scheme","scheme":"ws"}"#);
    }
}
