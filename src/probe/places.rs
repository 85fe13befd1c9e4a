//! The same token at each place that a server may read it from: header, query, cookie,
//! subprotocol; and none at all.
//!
//! Unlike the other probes these send a secret again, so they are made only when a person has
//! said yes, and never to another host than the request's own. What is put elsewhere is the token
//! as the finished request carries it; everything else of the request stays as it is. A server
//! that says that the key is locked, or that there were too many attempts, ends them.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::time::timeout;

use super::Subject;
use super::attempt::{GOODBYE, brief};
use crate::core::event::{Command, EventKind};
use crate::core::evidence::Evidence;
use crate::core::headers::{HeaderRow, is_token_char};
use crate::core::request::{
    AuthContribution, AuthDraft, AuthHeader, AuthSubprotocol, HeaderOrigin, RequestDraft,
    RequestSpec, WireHeader,
};
use crate::core::secret::Secret;
use crate::core::stage::ConnId;
use crate::core::url::{Address, UrlProblem};
use crate::diagnose::diagnose;
use crate::net;
use crate::net::clock::Clock;

/// Ways that carry one token, which could as well stand elsewhere.
pub const WAYS: &[&str] =
    &["bearer", "api-key", "huawei-token", "huawei-api-key", "huawei-appcode", "oauth2"];

/// Longest time of one attempt.
const EACH: Duration = Duration::from_secs(10);

/// How long an open connection is watched: some servers open first and then close with 1008 or
/// 4401.
const WATCHED: Duration = Duration::from_millis(400);

/// A number of connections that no other part of the program uses.
const CONN: ConnId = ConnId(u64::MAX - 1);

/// Close codes by which servers refuse a login after they opened.
const REFUSING_CODES: &[u16] = &[1008, 3000, 3003, 4001, 4003, 4401, 4403];

/// Where a token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    None,
    /// `Authorization: Bearer …`.
    Bearer,
    Header(String),
    Query(String),
    Cookie(String),
    /// Behind a subprotocol of this name; by itself if it is empty.
    Subprotocol(String),
}

impl Place {
    /// As in a table: `query access_token`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Place::None => "none".into(),
            Place::Bearer => "header Authorization: Bearer".into(),
            Place::Header(name) => format!("header {name}"),
            Place::Query(name) => format!("query {name}"),
            Place::Cookie(name) => format!("cookie {name}"),
            Place::Subprotocol(name) if name.is_empty() => "subprotocol".into(),
            Place::Subprotocol(name) => format!("subprotocol {name}"),
        }
    }
}

/// What a server made of a token at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Accepted,
    Refused,
    /// Neither: another status, no answer, no connection.
    Other,
    /// No attempt was made.
    NotMade,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceRecord {
    /// `query access_token`.
    pub place: String,
    /// Status of the answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub verdict: Verdict,
    pub ms: f64,
    /// In some words what happened, or why it was not made; secrets masked.
    pub detail: String,
}

/// The token of a finished request and where it stands there.
#[derive(Clone, Debug)]
pub struct Found {
    token: Secret,
    pub place: Place,
}

/// The token of a request; `None` if its way carries none, or not just one.
#[must_use]
pub fn token(subject: &Subject) -> Option<Found> {
    let RequestDraft { auth, .. } = &subject.draft;
    WAYS.contains(&auth.kind.as_str()).then_some(())?;
    let spec = &subject.spec;
    // Of these ways one header line is the credential, unless it stands elsewhere. User and
    // password in the address go out as one more, which is not the token.
    let of_address = |header: &WireHeader| {
        spec.address.userinfo.is_some()
            && header.name.eq_ignore_ascii_case("authorization")
            && header.value.expose().starts_with("Basic ")
    };
    let header = spec.headers.iter().find(|header| {
        header.origin == HeaderOrigin::Auth
            && !of_address(header)
            && !header.name.eq_ignore_ascii_case("cookie")
            && !header.name.to_ascii_lowercase().starts_with("sec-websocket-")
    });
    if let Some(header) = header {
        let value = header.value.expose();
        let bearer = header.name.eq_ignore_ascii_case("authorization")
            && value.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer "));
        return Some(if bearer {
            Found { token: value[7..].trim().into(), place: Place::Bearer }
        } else {
            Found { token: value.into(), place: Place::Header(header.name.clone()) }
        });
    }
    if let Some(secret) = spec.auth_subprotocols.iter().find(|s| s.is_secret) {
        let name = spec.auth_subprotocols.iter().find(|s| !s.is_secret);
        let name = name.map(|s| s.text.expose().to_owned()).unwrap_or_default();
        return Some(Found { token: secret.text.clone(), place: Place::Subprotocol(name) });
    }
    let name = match auth.value("name").trim() {
        "" => auth.value("param").trim(),
        name => name,
    };
    let name = if name.is_empty() { "access_token" } else { name };
    let cookies = spec.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("cookie"));
    let pairs = cookies.flat_map(|header| header.value.expose().split(';'));
    if let Some((_, value)) =
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name)
    {
        return Some(Found { token: value.into(), place: Place::Cookie(name.to_owned()) });
    }
    let (_, query) = spec.target.expose().split_once('?')?;
    let value = query.split('&').rev().filter_map(|piece| piece.split_once('=')).find_map(
        |(known, value)| {
            let known = percent_decode_str(known).decode_utf8().ok()?;
            (known == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        },
    )?;
    Some(Found { token: value.as_str().into(), place: Place::Query(name.to_owned()) })
}

/// The places that are tried, the one where the token stands first.
#[must_use]
pub fn places(found: &Found, way: &str) -> Vec<Place> {
    let mut out = vec![found.place.clone(), Place::None, Place::Bearer];
    let own = match way {
        "huawei-token" => "X-Auth-Token",
        "huawei-appcode" => "X-Apig-AppCode",
        _ => "X-API-Key",
    };
    if !matches!(way, "bearer" | "oauth2") {
        out.push(Place::Header(own.into()));
    }
    out.extend(["access_token", "token"].map(|name| Place::Query(name.into())));
    out.push(Place::Cookie("token".into()));
    out.push(Place::Subprotocol("bearer".into()));
    let mut seen: Vec<String> = Vec::new();
    out.retain(|place| {
        let label = place.label().to_ascii_lowercase();
        let fresh = !seen.contains(&label);
        seen.push(label);
        fresh
    });
    out
}

/// Tries the places one after the other and tells of each row. `first` is the record of the
/// attempt that has been made with the token where it stands, which is not made again.
///
/// Whoever calls this has the user's word for it.
pub async fn run(
    subject: &Subject,
    found: &Found,
    places: &[Place],
    first: &Evidence,
    clock: Clock,
    mut sink: impl FnMut(&PlaceRecord),
) -> Vec<PlaceRecord> {
    let mut rows = Vec::new();
    let mut stop: Option<&'static str> = None;
    for place in places {
        let row = if let Some(why) = stop {
            not_made(place, format!("not made: {why}"))
        } else if *place == found.place {
            let ms = first.stages.iter().map(crate::core::evidence::StageRecord::millis).sum();
            stop = forbids_more(first);
            row(place, first, ms)
        } else {
            match spec(subject, found, place) {
                Err(why) => not_made(place, format!("not made: {why}")),
                Ok(spec) => {
                    let began = clock.now();
                    let ended = attempt(*spec, clock).await;
                    #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
                    let ms = clock.now().since(began).as_micros() as f64 / 1000.0;
                    match ended {
                        Some(ended) => {
                            stop = forbids_more(&ended);
                            row(place, &ended, ms)
                        }
                        None => PlaceRecord {
                            place: place.label(),
                            status: None,
                            verdict: Verdict::Other,
                            ms,
                            detail: "nothing came in time".into(),
                        },
                    }
                }
            }
        };
        sink(&row);
        rows.push(row);
    }
    rows
}

fn not_made(place: &Place, detail: String) -> PlaceRecord {
    PlaceRecord { place: place.label(), status: None, verdict: Verdict::NotMade, ms: 0.0, detail }
}

/// Whether a server wants no further attempt.
fn forbids_more(e: &Evidence) -> Option<&'static str> {
    let status = e.http.as_ref().and_then(|http| http.reply.as_ref()).map(|reply| reply.status);
    if status == Some(429) {
        return Some("the server says that there were too many attempts");
    }
    let locked = diagnose(e).iter().any(|finding| finding.code == "http/401-key-locked");
    locked.then_some("the server says that the key is locked")
}

fn row(place: &Place, e: &Evidence, ms: f64) -> PlaceRecord {
    let reply = e.http.as_ref().and_then(|http| http.reply.as_ref());
    let close = e.session.as_ref().and_then(|s| s.end.as_ref()).and_then(|end| end.code_received);
    let (verdict, detail) = match (&e.failure, reply) {
        _ if e.opened() => match close.filter(|code| REFUSING_CODES.contains(code)) {
            Some(code) => (Verdict::Refused, format!("opens, and is closed with {code}")),
            None => (Verdict::Accepted, "opens".to_owned()),
        },
        (Some(_), Some(reply)) if reply.status != 101 => {
            let refused = matches!(reply.status, 401 | 403);
            let line = format!("{} {}", reply.status, reply.reason).trim_end().to_owned();
            (if refused { Verdict::Refused } else { Verdict::Other }, line)
        }
        (Some(failure), _) => {
            (Verdict::Other, format!("{}: {}", failure.stage.label(), failure.text))
        }
        (None, _) => (Verdict::Other, "it did not open".into()),
    };
    PlaceRecord {
        place: place.label(),
        status: reply.map(|reply| reply.status),
        verdict,
        ms,
        detail,
    }
}

/// The request with the token at another place.
fn spec(subject: &Subject, found: &Found, place: &Place) -> Result<Box<RequestSpec>, String> {
    let base = &subject.spec;
    let token = &found.token;
    let mut auth = AuthContribution { secrets: vec![token.clone()], ..AuthContribution::default() };
    match place {
        Place::None => {}
        Place::Bearer => {
            let value = format!("Bearer {}", token.expose());
            auth.headers.push(AuthHeader::secret("Authorization", value));
        }
        Place::Header(name) => auth.headers.push(AuthHeader::secret(name, token.clone())),
        Place::Query(name) => auth.query.push((name.clone(), token.clone())),
        Place::Cookie(name) => {
            let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\');
            if !token.expose().chars().all(fits) {
                return Err("the token has characters that a cookie cannot hold".into());
            }
            auth.cookies.push((name.clone(), token.clone()));
        }
        Place::Subprotocol(name) => {
            if !token.expose().chars().all(is_token_char) {
                return Err("the token has characters that a subprotocol cannot hold".into());
            }
            if !name.is_empty() {
                let text = Secret::from(name.as_str());
                auth.subprotocols.push(AuthSubprotocol { text, is_secret: false });
            }
            auth.subprotocols.push(AuthSubprotocol { text: token.clone(), is_secret: true });
        }
    }
    let draft = without(subject, found);
    let unwritable = |problem: UrlProblem| format!("the request cannot be written: {problem}");
    let mut spec = draft.spec(&auth, base.tls.files.clone()).map_err(unwritable)?;
    let same = base.address.host == spec.address.host
        && base.address.port_or_default() == spec.address.port_or_default()
        && base.address.socket == spec.address.socket
        && base.address.scheme == spec.address.scheme;
    if !same {
        return Err("it would go to another host or port".into());
    }
    // The way that the attempt took, whoever chose it.
    spec.proxy.clone_from(&base.proxy);
    let mut masker = base.masker.clone();
    masker.join(&spec.masker);
    masker.add(token.expose());
    spec.masker = masker;
    Ok(Box::new(spec))
}

/// The request as it went out, without its token.
fn without(subject: &Subject, found: &Found) -> RequestDraft {
    let base = &subject.spec;
    let mut draft = subject.draft.clone();
    draft.auth = AuthDraft::default();
    draft.inherited_headers.clear();
    // References in them are resolved there.
    draft.headers = base
        .headers
        .iter()
        .filter(|header| header.origin == HeaderOrigin::User)
        .map(|header| HeaderRow::new(&header.name, header.value.expose()))
        .collect();
    draft.settings.follow_redirects = 0;
    draft.settings.heartbeat_ms = 0;
    draft.settings.cookies = false;
    let target = base.target.expose();
    let target = match (&found.place, target.split_once('?')) {
        (Place::Query(name), Some((path, query))) => {
            let is_it = |piece: &&str| {
                let known = piece.split('=').next().unwrap_or_default();
                percent_decode_str(known).decode_utf8_lossy() == name.as_str()
            };
            let kept: Vec<&str> = query.split('&').filter(|piece| !is_it(piece)).collect();
            if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
        }
        _ => target.to_owned(),
    };
    draft.set_url(Address { target, ..base.address.clone() }.to_url());
    draft
}

/// One attempt, which is closed with 1000 if it stays open for a moment.
async fn attempt(mut spec: RequestSpec, clock: Clock) -> Option<Box<Evidence>> {
    let limit = u64::try_from(EACH.as_millis()).unwrap_or(u64::MAX);
    spec.connect_timeout_ms = spec.connect_timeout_ms.clamp(1, limit);
    let (handle, mut events) = net::spawn(CONN, spec, brief(clock));
    let mut opened = None;
    let talk = async {
        loop {
            let event = if opened.is_some() {
                match timeout(WATCHED, events.recv()).await {
                    Ok(event) => event,
                    // It stays open: that is an answer.
                    Err(_) => return opened.take(),
                }
            } else {
                events.recv().await
            };
            let Some(event) = event else { return opened.take() };
            match event.kind {
                EventKind::Open(open) => opened = Some(open),
                EventKind::Ended(ended) => return Some(ended),
                _ => {}
            }
        }
    };
    let found = timeout(EACH + WATCHED + GOODBYE, talk).await.ok().flatten();
    if found.as_ref().is_some_and(|e| e.session.as_ref().is_some_and(|s| s.end.is_none())) {
        let close = Command::Close { code: Some(1000), reason: String::new() };
        let _ = handle.try_send(close);
        let goodbye = async { while events.recv().await.is_some() {} };
        let _ = timeout(GOODBYE * 2, goodbye).await;
    }
    found
}

#[cfg(test)]
mod tests;
