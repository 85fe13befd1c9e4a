//! Questions to a record that many rules ask.

use crate::core::challenge::{self, Challenge};
use crate::core::evidence::{
    DnsProblem, End, Evidence, FailureKind, HttpFacts, HttpProblem, IoProblem, ProxyProblem,
    ReplyFacts, SessionFacts, TlsFacts, TlsProblem, TokenFacts,
};
use crate::core::stage::Stage;
use crate::core::time::Micros;
use crate::core::url::UrlProblem;

pub(super) fn kind(e: &Evidence) -> Option<&FailureKind> {
    e.failure.as_ref().map(|failure| &failure.kind)
}

/// The error in the words of the layer that reported it.
pub(super) fn text(e: &Evidence) -> &str {
    e.failure.as_ref().map_or("", |failure| failure.text.as_str())
}

/// Whether the time limit, ours or the system's, ended the attempt in this stage.
pub(super) fn timed_out(e: &Evidence, stage: Stage) -> bool {
    e.failure.as_ref().is_some_and(|failure| {
        failure.stage == stage
            && matches!(failure.kind, FailureKind::TimedOut | FailureKind::Tcp(IoProblem::TimedOut))
    })
}

pub(super) fn url(e: &Evidence) -> Option<&UrlProblem> {
    match kind(e)? {
        FailureKind::Url(problem) => Some(problem),
        _ => None,
    }
}

pub(super) fn dns(e: &Evidence) -> Option<DnsProblem> {
    match kind(e)? {
        FailureKind::Dns(problem) => Some(*problem),
        _ => None,
    }
}

pub(super) fn tcp(e: &Evidence) -> Option<IoProblem> {
    match kind(e)? {
        FailureKind::Tcp(problem) => Some(*problem),
        _ => None,
    }
}

pub(super) fn proxy(e: &Evidence) -> Option<ProxyProblem> {
    match kind(e)? {
        FailureKind::Proxy(problem) => Some(*problem),
        _ => None,
    }
}

/// The failed TLS handshake: how, and what was seen of it.
pub(super) fn tls(e: &Evidence) -> Option<(&TlsProblem, &TlsFacts)> {
    match kind(e)? {
        FailureKind::Tls(problem) => Some((problem, e.tls.as_ref()?)),
        _ => None,
    }
}

/// The failed exchange of the opening handshake.
pub(super) fn http(e: &Evidence) -> Option<(HttpProblem, &HttpFacts)> {
    match kind(e)? {
        FailureKind::Http(problem) => Some((*problem, e.http.as_ref()?)),
        _ => None,
    }
}

/// A reply that is not the 101 that was wanted.
pub(super) fn refusal(e: &Evidence) -> Option<&ReplyFacts> {
    e.failure.as_ref()?;
    e.http.as_ref()?.reply.as_ref().filter(|reply| reply.status != 101)
}

/// A refusal with one of these statuses.
pub(super) fn status<'a>(e: &'a Evidence, wanted: &[u16]) -> Option<&'a ReplyFacts> {
    refusal(e).filter(|reply| wanted.contains(&reply.status))
}

/// The first of these texts that the reply's body, reason or a header holds, without regard to
/// case.
pub(super) fn holds<'t>(reply: &ReplyFacts, texts: &[&'t str]) -> Option<&'t str> {
    let body = reply.body.to_lowercase();
    let reason = reply.reason.to_lowercase();
    texts.iter().copied().find(|text| {
        let text = text.to_lowercase();
        body.contains(&text)
            || reason.contains(&text)
            || reply.headers.iter().any(|(_, value)| value.to_lowercase().contains(&text))
    })
}

/// Whether a header is there and its value holds this text, without regard to case.
pub(super) fn header_has(reply: &ReplyFacts, header: &str, text: &str) -> bool {
    reply
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(header))
        .any(|(_, value)| value.to_lowercase().contains(&text.to_lowercase()))
}

/// What the server's software calls itself, in lower case.
pub(super) fn server(e: &Evidence) -> String {
    e.http
        .as_ref()
        .and_then(|http| http.reply.as_ref())
        .and_then(|reply| reply.header("server"))
        .unwrap_or_default()
        .to_lowercase()
}

pub(super) fn reply(e: &Evidence) -> Option<&ReplyFacts> {
    e.http.as_ref()?.reply.as_ref()
}

/// The fatal alert of an attempt that failed, also one that came after the handshake.
pub(super) fn alert(e: &Evidence) -> Option<u8> {
    e.failure.as_ref()?;
    Some(e.tls.as_ref()?.alert_received.as_ref()?.number)
}

/// An open connection that has ended, and how.
pub(super) fn end(e: &Evidence) -> Option<(&SessionFacts, &End)> {
    let session = e.session.as_ref()?;
    Some((session, session.end.as_ref()?))
}

/// How long the connection was open, in microseconds.
pub(super) fn open_us(session: &SessionFacts, end: &End) -> u64 {
    end.at_us.saturating_sub(session.opened_us)
}

/// Whether the host is this machine, by its name or literal.
pub(super) fn is_loopback(e: &Evidence) -> bool {
    let host = e.request.host.as_str();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the address asks for TLS.
pub(super) fn is_wss(e: &Evidence) -> bool {
    e.request.scheme == "wss"
}

/// Scheme word of the `Authorization` header that was sent (`Bearer`), as the recorded request
/// shows it.
pub(super) fn sent_scheme(e: &Evidence) -> Option<String> {
    let request = &e.http.as_ref()?.request;
    let line = request.lines().find(|line| {
        line.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("authorization:"))
    })?;
    let word = line.get(14..)?.split_whitespace().next()?;
    Some(word.trim_end_matches(',').to_owned()).filter(|w| w.chars().all(is_scheme_char))
}

fn is_scheme_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn challenged(reply: &ReplyFacts) -> impl Iterator<Item = Challenge> {
    let is_it = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("www-authenticate");
    reply.headers.iter().filter(is_it).flat_map(|(_, value)| challenge::read(value))
}

/// Scheme words of the reply's challenges, each once.
pub(super) fn challenges(reply: &ReplyFacts) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for one in challenged(reply) {
        if !out.iter().any(|known| one.is(known)) {
            out.push(one.scheme);
        }
    }
    out
}

/// Value of a parameter of the reply's challenges: `error` of `Bearer error="invalid_token"`.
pub(super) fn challenge_param(reply: &ReplyFacts, param: &str) -> Option<String> {
    challenged(reply).find_map(|mut one| one.params.remove(param))
}

/// Bytes as recorded in hex; what is no hex ends them.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map_while(|c| c.to_digit(16))
        .filter_map(|d| u8::try_from(d).ok())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Whether a credential of any kind was sent.
pub(super) fn has_credentials(e: &Evidence) -> bool {
    !e.request.credentials.is_empty()
}

/// When the attempt began, by the server's clock if its answer told it.
pub(super) fn server_now(e: &Evidence) -> Micros {
    let skew = reply(e).and_then(|reply| reply.clock_skew_ms).unwrap_or(0);
    let us = skew.unsigned_abs().saturating_mul(1000);
    Micros(if skew < 0 { e.started.0.saturating_sub(us) } else { e.started.0.saturating_add(us) })
}

/// A token that went out after its end, and when that was.
pub(super) fn expired_token(e: &Evidence) -> Option<(&TokenFacts, Micros)> {
    let now = server_now(e);
    let tokens = e.request.tokens.iter().filter_map(|token| Some((token, token.exp?)));
    tokens.filter(|(_, exp)| *exp <= now).min_by_key(|(_, exp)| *exp)
}
