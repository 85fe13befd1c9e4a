//! Reading an address as a person typed it.
//!
//! The text itself is kept: letters, order and percent-signs of path and query go out as they
//! stand. The `url` crate only judges the host (and writes it in ASCII), since it rewrites
//! everything else (`/a/../b`, `%2e`, `{{id}}`, a default port).

mod problem;
mod read;
mod resolve;
mod unix;

pub use problem::UrlProblem;
pub use read::{encode_all, encode_piece, read, trim};
pub use resolve::resolve;
pub use unix::split_socket;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Ws,
    Wss,
}

impl Scheme {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Ws => "ws",
            Scheme::Wss => "wss",
        }
    }

    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Ws => 80,
            Scheme::Wss => 443,
        }
    }

    #[must_use]
    pub fn other(self) -> Scheme {
        match self {
            Scheme::Ws => Scheme::Wss,
            Scheme::Wss => Scheme::Ws,
        }
    }
}

/// Something that was changed between the text as typed and the address as used; always shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mend {
    /// Blanks or quotation marks around the address were left out.
    Trimmed,
    /// No scheme was given; this one is a guess from host and port.
    SchemeGuessed { scheme: Scheme },
    /// `http` became `ws`, `https` became `wss`.
    SchemeMapped { from: String, to: Scheme },
    /// One slash after the scheme became two.
    SlashAdded,
    /// The host was written in ASCII (punycode) for DNS and the `Host` header.
    HostAscii { ascii: String },
}

impl Mend {
    /// A sentence for the line under the address.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Mend::Trimmed => "Blanks or quotes around the address are left out.".into(),
            Mend::SchemeGuessed { scheme } => {
                format!("No scheme was given: {}:// is a guess.", scheme.name())
            }
            Mend::SchemeMapped { from, to } => {
                format!("{from}:// is used as {}://.", to.name())
            }
            Mend::SlashAdded => "A slash was missing after the scheme.".into(),
            Mend::HostAscii { ascii } => format!("The host goes out as {ascii}."),
        }
    }
}

/// An address that can be connected to, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub scheme: Scheme,
    /// `user:password` before the `@`, percent-decoded. Goes out as Basic authentication.
    pub userinfo: Option<(String, super::secret::Secret)>,
    /// Host in ASCII, lower case; an IPv6 literal without its brackets, with its zone behind a
    /// plain `%`.
    pub host: String,
    /// Port as typed; `None` if the scheme's default is meant.
    pub port: Option<u16>,
    /// Path and query as they go out: as typed, `/` put in front if the path is empty.
    pub target: String,
    /// Path of the Unix socket that leads to the server (`ws+unix:`), percent-decoded; the host is
    /// `localhost` then.
    pub socket: Option<String>,
    /// What was changed on the way from the typed text, in order.
    pub mends: Vec<Mend>,
}

impl std::fmt::Debug for Address {
    /// The query may hold a token, so only its length is told.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("target_bytes", &self.target.len())
            .field("socket", &self.socket)
            .field("mends", &self.mends)
            .finish_non_exhaustive()
    }
}

impl Address {
    /// The port that is connected to.
    #[must_use]
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// Host as it stands in a URL: an IPv6 literal in brackets, `%25` before its zone (RFC 6874).
    #[must_use]
    pub fn host_in_url(&self) -> String {
        match split_zone(&self.host) {
            (ip, Some(zone)) => format!("[{ip}%25{zone}]"),
            (ip, None) if ip.contains(':') => format!("[{ip}]"),
            (name, None) => name.to_owned(),
        }
    }

    /// Host without the zone of an IPv6 literal, which means something on this machine only and
    /// is never sent (RFC 6874 section 4); no brackets.
    #[must_use]
    pub fn host_without_zone(&self) -> &str {
        split_zone(&self.host).0
    }

    /// Host and port as other machines are told: no zone, an IPv6 literal in brackets.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host_in_header(), self.port_or_default())
    }

    fn host_in_header(&self) -> String {
        let host = self.host_without_zone();
        if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
    }

    /// Value of the `Host` header: the port only if it is not the scheme's default (RFC 6455
    /// section 4.1, point 4).
    #[must_use]
    pub fn host_header(&self) -> String {
        match self.port {
            Some(port) if port != self.scheme.default_port() => {
                format!("{}:{port}", self.host_in_header())
            }
            _ => self.host_in_header(),
        }
    }

    /// The address as used, without user and password.
    #[must_use]
    pub fn to_url(&self) -> String {
        if let Some(socket) = &self.socket {
            return unix::to_url(socket, &self.target);
        }
        let port = self.port.map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}://{}{port}{}", self.scheme.name(), self.host_in_url(), self.target)
    }

    /// Whether the host is this machine or a private network, by its name or literal only.
    #[must_use]
    pub fn is_local(&self) -> bool {
        host_is_local(&self.host)
    }
}

/// Loopback, private and link-local literals, `localhost`, and names without a dot or in `.local`.
#[must_use]
pub fn host_is_local(host: &str) -> bool {
    let (host, _zone) = split_zone(host);
    if let Ok(ip) = host.parse::<std::net::IpAddr>() {
        return match ip {
            std::net::IpAddr::V4(v4) => {
                v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()
            }
            std::net::IpAddr::V6(v6) => {
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
            }
        };
    }
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(".local")
        || host.ends_with(".internal")
        || !host.contains('.')
}

/// Cuts the zone from an IPv6 literal: `fe80::1%eth0` into `fe80::1` and `eth0`.
#[must_use]
pub fn split_zone(host: &str) -> (&str, Option<&str>) {
    match host.split_once('%') {
        Some((ip, zone)) if ip.contains(':') => (ip, Some(zone)),
        _ => (host, None),
    }
}

/// Cuts a typed URL into what stands before the query, the query without its `?`, and the
/// fragment with its `#`. Nothing is decoded; joining the three gives the text back.
#[must_use]
pub fn split_query(text: &str) -> (&str, Option<&str>, &str) {
    let (rest, fragment) = match text.find('#') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    match rest.split_once('?') {
        Some((before, query)) => (before, Some(query), fragment),
        None => (rest, None, fragment),
    }
}

/// `text` with its query replaced; `None` takes the `?` away too.
#[must_use]
pub fn with_query(text: &str, query: Option<&str>) -> String {
    let (before, _, fragment) = split_query(text);
    match query {
        Some(query) => format!("{before}?{query}{fragment}"),
        None => format!("{before}{fragment}"),
    }
}

/// `text` for showing and storing: the password before `@` and values of query parameters whose
/// names say secret are masked.
#[must_use]
pub fn masked(text: &str) -> String {
    let (before, query, fragment) = split_query(text);
    let mut out = mask_userinfo(before);
    if let Some(query) = query {
        out.push('?');
        let pieces: Vec<String> = query
            .split('&')
            .map(|piece| match piece.split_once('=') {
                Some((name, value))
                    if super::secret::is_sensitive_name(name) && !value.is_empty() =>
                {
                    format!("{name}={}", super::secret::MASK)
                }
                _ => piece.to_owned(),
            })
            .collect();
        out.push_str(&pieces.join("&"));
    }
    out.push_str(fragment);
    out
}

fn mask_userinfo(before_query: &str) -> String {
    let Some((scheme, rest)) = before_query.split_once("://") else {
        return before_query.to_owned();
    };
    let end = if password_holds_slash(before_query) {
        rest.rfind('@')
            .map_or(rest.len(), |at| rest[at..].find('/').map_or(rest.len(), |slash| at + slash))
    } else {
        rest.find('/').unwrap_or(rest.len())
    };
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((userinfo, host)) => {
            let user = userinfo.split_once(':').map_or(userinfo, |(user, _)| user);
            format!("{scheme}://{user}:{}@{host}{path}", super::secret::MASK)
        }
        None => before_query.to_owned(),
    }
}

/// Whether an `@` stands behind the first slash of the address and before its query, and what is
/// before the slash has a colon: then a password holds a slash, most likely.
#[must_use]
pub fn password_holds_slash(typed: &str) -> bool {
    let rest = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let rest = rest.split('?').next().unwrap_or_default();
    let (Some(slash), Some(at)) = (rest.find('/'), rest.rfind('@')) else { return false };
    // `host:80/@name` is an address with a path; `user:80/x@host` is taken for one, too.
    let port = rest[..slash].rsplit_once(':').map(|(_, port)| port);
    at > slash && port.is_some_and(|port| port.parse::<u16>().is_err())
}

#[cfg(test)]
mod tests;
