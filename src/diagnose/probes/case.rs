//! A record as plans look at it: what went out beside the bare handshake, and what must not be
//! tried again.

use super::MOST_LOGINS;
use crate::core::evidence::{Evidence, HttpProblem, ReplyFacts};
use crate::core::finding::{Confidence, Finding};
use crate::core::url::split_query;
use crate::diagnose::{see, words};

/// What may be planned at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// The server is angry already: a lock, a ban, a limit of requests.
    Nothing,
    /// A login was refused: no further one.
    NoLogin,
    All,
}

pub(super) struct Case<'a> {
    pub e: &'a Evidence,
    pub findings: &'a [Finding],
    pub guard: Guard,
    /// What went out beside a bare handshake, in some words; Origin is not among it.
    pub extras: Vec<String>,
    /// Value of the Origin header that was sent.
    pub origin: Option<String>,
}

/// Findings after which a server is left alone.
const ANGRY: &[&str] = &[
    "http/401-key-locked",
    "http/403-waf",
    "http/403-account",
    "http/429",
    "http/409-429-conn-limit",
];

/// Header lines of the handshake itself, in lower case.
const OWN_HEADERS: &[&str] = &[
    "host",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "origin",
];

impl<'a> Case<'a> {
    pub(super) fn of(e: &'a Evidence, findings: &'a [Finding]) -> Case<'a> {
        Case { e, findings, guard: guard(e, findings), extras: extras(e), origin: origin(e) }
    }

    pub(super) fn has(&self, ids: &[&str]) -> bool {
        self.findings.iter().any(|finding| ids.contains(&&*finding.code))
    }

    /// The first finding is sure of a cause that has nothing to do with how the upgrade travels.
    pub(super) fn is_told(&self) -> bool {
        const OPEN: &[&str] = &[
            "http/400-upgrade-stripped",
            "http/400-bare",
            "http/426-upgrade",
            "http/404-path",
            "http/404-no-ws-support",
            "http/200-",
            "http/other-status",
            "http/failed",
        ];
        self.findings.first().is_some_and(|finding| {
            finding.confidence == Confidence::Certain
                && !OPEN.iter().any(|open| finding.code.starts_with(open))
        })
    }

    /// The attempt itself was bare, but for an Origin.
    pub(super) fn was_bare(&self) -> bool {
        self.extras.is_empty()
    }

    /// Probes that look at the wire reach the server itself.
    pub(super) fn is_direct(&self) -> bool {
        self.e.proxy.is_none()
    }

    pub(super) fn is_wss(&self) -> bool {
        see::is_wss(self.e)
    }

    pub(super) fn refusal(&self) -> Option<&'a ReplyFacts> {
        see::refusal(self.e)
    }

    /// The opening handshake got no answer that is HTTP.
    pub(super) fn no_answer(&self) -> Option<HttpProblem> {
        let (problem, http) = see::http(self.e)?;
        (http.reply.is_none()).then_some(problem)
    }

    /// Path as sent, without the query; empty if the record does not say.
    pub(super) fn path(&self) -> &'a str {
        split_query(&self.e.request.target).0
    }

    /// Whether the path can be written into an address as it stands.
    pub(super) fn has_plain_path(&self) -> bool {
        let path = self.path();
        path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic())
    }

    pub(super) fn target(&self) -> String {
        words::target(self.e)
    }

    /// The server's own address as a browser names it.
    pub(super) fn own_origin(&self) -> Option<String> {
        own_origin(self.e)
    }
}

/// `https://api.example.com`, with the port if it is not the scheme's own.
pub(in crate::diagnose) fn own_origin(e: &Evidence) -> Option<String> {
    let request = &e.request;
    let (scheme, usual) = if see::is_wss(e) { ("https", 443) } else { ("http", 80) };
    let plain = !request.host.is_empty() && request.host.bytes().all(|b| b.is_ascii_graphic());
    let host = if request.host.contains(':') {
        format!("[{}]", request.host)
    } else {
        request.host.clone()
    };
    plain.then(|| match request.port {
        port if port == usual => format!("{scheme}://{host}"),
        port => format!("{scheme}://{host}:{port}"),
    })
}

/// Lines of the recorded request's head as name and value.
fn lines(e: &Evidence) -> impl Iterator<Item = (&str, &str)> {
    let head = e.http.as_ref().map_or("", |http| http.request.as_str());
    head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(n, v)| (n.trim(), v.trim()))
}

pub(super) fn origin(e: &Evidence) -> Option<String> {
    e.request.origin.clone().or_else(|| {
        let mut found = lines(e).filter(|(name, _)| name.eq_ignore_ascii_case("origin"));
        found.next().map(|(_, value)| value.to_owned())
    })
}

pub(super) fn extras(e: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    if see::has_credentials(e) {
        out.push("credentials".to_owned());
    }
    if split_query(&e.request.target).1.is_some_and(|query| !query.is_empty()) {
        out.push("the query".to_owned());
    }
    let own = lines(e).any(|(name, _)| {
        !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str())
            && !e.request.credentials.contains(&format!("header {name}"))
    });
    if own || !e.request.overridden.is_empty() {
        out.push("headers of your own".to_owned());
    }
    if !e.request.subprotocols.is_empty() {
        out.push("subprotocols".to_owned());
    }
    out
}

fn guard(e: &Evidence, findings: &[Finding]) -> Guard {
    let has = |ids: &[&str]| findings.iter().any(|finding| ids.contains(&&*finding.code));
    // The record is about another address than the request by now.
    let elsewhere = !e.redirects.is_empty();
    if has(ANGRY) || see::status(e, &[429]).is_some() || elsewhere {
        return Guard::Nothing;
    }
    let closed = see::end(e).and_then(|(_, end)| end.code_received);
    let refused = see::status(e, &[401, 407]).is_some()
        || has(&["http/403-scope", "proxy/auth-407"])
        || closed.is_some_and(is_login_close);
    if refused || failed_logins(e) >= MOST_LOGINS {
        return Guard::NoLogin;
    }
    Guard::All
}

/// Close codes that refuse a login.
fn is_login_close(code: u16) -> bool {
    matches!(code, 1008 | 3000 | 3003 | 4401 | 4403)
}

/// Logins in a row that failed before this attempt, and this one.
fn failed_logins(e: &Evidence) -> usize {
    let failed = |code: Option<&str>, close: Option<u16>| {
        code.is_some_and(|code| code.contains("/401") || code.contains("/403"))
            || close.is_some_and(is_login_close)
    };
    let before = e.earlier.iter().rev();
    let before = before.take_while(|a| failed(a.code.as_deref(), a.close_code)).count();
    before + usize::from(see::status(e, &[401, 403]).is_some())
}
