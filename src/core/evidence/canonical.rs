//! The text that was signed, ours beside the server's.
//!
//! Some gateways answer a signature that does not fit with the canonical request that they made of
//! what reached them: Huawei Cloud's API gateway with `|` for each line break
//! (`canonicalRequest:GET|/x/||host:a|…`), AWS between quotation marks behind `The Canonical
//! String for this request should have been`. Both texts are cut into the same parts and compared;
//! the first part that differs names the cause, since what differs there was changed on the way or
//! encoded differently. If nothing differs, the text is right and the secret is not.
//!
//! A `|` inside a value cannot be told from a line break, so line breaks of ours become `|` too
//! before anything is compared. Secrets are masked in both texts alike.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Evidence;
use crate::core::request::Signing;

/// What both sides signed, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalDifference {
    /// In the order of the text: method, path, query, headers, signed headers, payload hash, and
    /// the scope of AWS if both sides tell it.
    pub rows: Vec<CanonicalRow>,
    /// What the first difference means.
    pub cause: CanonicalCause,
}

/// One part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalRow {
    /// `method`, `path`, `query`, `header host`, `signed headers`, `payload hash`, `scope`.
    pub part: String,
    /// Empty if the part is not there.
    pub ours: String,
    /// Empty if the part is not there.
    pub theirs: String,
    pub same: bool,
}

/// Why two canonical requests differ, or why the signature does not fit although they do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanonicalCause {
    Method,
    /// Only slashes at the end differ.
    PathSlash,
    /// The same path, percent-encoded in another way.
    PathEncoding,
    /// Another path reached the server.
    Path,
    /// The same parameters in another order.
    QueryOrder,
    /// The same parameters, encoded in another way.
    QueryEncoding {
        /// A blank stands as `+` on one side and as `%20` on the other, or a `+` as `%2B`.
        plus: bool,
    },
    /// The server got a parameter that was not signed.
    ParameterAdded {
        name: String,
    },
    /// A signed parameter did not reach the server.
    ParameterDropped {
        name: String,
    },
    ParameterChanged {
        name: String,
    },
    /// The same host with another port, or with and without one.
    HostPort,
    /// Another host name reached the server.
    HostName,
    /// The lists of signed headers differ.
    SignedHeaders,
    HeaderChanged {
        name: String,
    },
    HeaderDropped {
        name: String,
    },
    PayloadHash,
    /// Date, region or service of AWS's scope differ.
    Scope,
    /// Everything is equal as far as the server's text goes, which is cut.
    Unseen,
    /// Both texts are equal, so the keys are not.
    Secret,
}

impl CanonicalDifference {
    /// The first row that differs; `None` if none does.
    #[must_use]
    pub fn first(&self) -> Option<&CanonicalRow> {
        let part = match &self.cause {
            CanonicalCause::SignedHeaders => Some("signed headers".to_owned()),
            CanonicalCause::HeaderChanged { name } | CanonicalCause::HeaderDropped { name } => {
                Some(format!("header {name}"))
            }
            _ => None,
        };
        let named = part.and_then(|part| self.rows.iter().find(|row| row.part == part));
        named.or_else(|| self.rows.iter().find(|row| !row.same))
    }

    /// The rows that differ.
    pub fn differing(&self) -> impl Iterator<Item = &CanonicalRow> {
        self.rows.iter().filter(|row| !row.same)
    }
}

impl CanonicalCause {
    /// One sentence that names it.
    #[must_use]
    pub fn sentence(&self) -> String {
        use CanonicalCause as C;
        match self {
            C::Method => "The server signed another method.".into(),
            C::PathSlash => "The signed paths differ in the slash at their end.".into(),
            C::PathEncoding => "The signed paths are percent-encoded differently.".into(),
            C::Path => "The server got another path than the one that was signed.".into(),
            C::QueryOrder => "The query's parameters stand in another order.".into(),
            C::QueryEncoding { plus: true } => {
                "A blank or plus in the query is encoded differently (+, %20 or %2B).".into()
            }
            C::QueryEncoding { plus: false } => "The query is encoded differently.".into(),
            C::ParameterAdded { name } => {
                format!("The server got the query parameter {name}, which was not signed.")
            }
            C::ParameterDropped { name } => {
                format!("The signed query parameter {name} did not reach the server.")
            }
            C::ParameterChanged { name } => {
                format!("The query parameter {name} has another value at the server.")
            }
            C::HostPort => "The signed host differs in its port.".into(),
            C::HostName => "The server got another Host than the one that was signed.".into(),
            C::SignedHeaders => "The lists of signed headers differ.".into(),
            C::HeaderChanged { name } => {
                format!("The signed header {name} has another value at the server.")
            }
            C::HeaderDropped { name } => {
                format!("The signed header {name} did not reach the server.")
            }
            C::PayloadHash => "The hash of the payload differs.".into(),
            C::Scope => "The signature is scoped to another day, region or service.".into(),
            C::Unseen => {
                "The signature does not fit, though the texts agree as far as the server shows its \
                 own."
                    .into()
            }
            C::Secret => {
                "Both sides signed the same text, so the secret key is not the one of this access \
                 key."
                    .into()
            }
        }
    }

    /// Next steps in the imperative, best first, at most two.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        use CanonicalCause as C;
        let list: &[&str] = match self {
            C::Method => &["Check which proxy on the way changes the request's method."],
            C::PathSlash => &[
                "Type the path as the server has it, with or without the slash at its end.",
                "Check whether a proxy or load balancer on the way adds or cuts the slash.",
            ],
            C::PathEncoding => &[
                "Type the path in its plain form, and encode each letter at most once.",
                "Check whether a proxy on the way decodes the path.",
            ],
            C::Path => &[
                "Check which proxy or load balancer rewrites the path, and sign what it makes of it.",
                "Use the gateway's own address, without the proxy between.",
            ],
            C::QueryOrder => &[
                "Sort the parameters by their names in the address.",
                "Check whether a proxy on the way changes their order.",
            ],
            C::QueryEncoding { plus: true } => &[
                "Write a blank as %20 and a plus as %2B in the address, never as a bare +.",
                "Check whether a proxy on the way encodes the query anew.",
            ],
            C::QueryEncoding { plus: false } => &[
                "Write the value in its plain form in the Params tab, which encodes it once.",
                "Check whether a proxy on the way encodes the query anew.",
            ],
            C::ParameterAdded { .. } => &[
                "Check which proxy, load balancer or content network adds the parameter.",
                "Use the gateway's own address, without the proxy between.",
            ],
            C::ParameterDropped { .. } => &[
                "Check which proxy, load balancer or content network takes the parameter away.",
                "Remove the parameter from the address if the service does not need it.",
            ],
            C::ParameterChanged { .. } => {
                &["Check which proxy, load balancer or content network changes the parameter."]
            }
            C::HostPort => &[
                "Leave the port out of the address if it is the scheme's own.",
                "Check whether a proxy or load balancer listens on another port than the gateway.",
            ],
            C::HostName => &[
                "Use the host name that the gateway itself has.",
                "Let the proxy or load balancer pass the Host header on as it came.",
            ],
            C::SignedHeaders => &[
                "Check the list of signed headers in the Auth tab.",
                "Check whether a proxy on the way changes the Authorization header.",
            ],
            C::HeaderChanged { .. } => &[
                "Take the header out of the signed ones if the service does not need it there.",
                "Check which proxy on the way changes it.",
            ],
            C::HeaderDropped { .. } => &[
                "Take the header out of the signed ones if the service does not need it there.",
                "Check which proxy on the way drops it.",
            ],
            C::PayloadHash => {
                &["Remove a header such as X-Sdk-Content-Sha256: a handshake has no payload."]
            }
            C::Scope => &["Set the region and the service that the server names in the Auth tab."],
            C::Unseen => &[
                "Check that secret and key belong together.",
                "Ask the operator for the whole canonical request from the gateway's log.",
            ],
            C::Secret => &[
                "Paste the secret key again, whole and without blanks.",
                "Check that secret and key belong together: making a new pair ends the old secret.",
            ],
        };
        list.iter().map(|hint| (*hint).to_owned()).collect()
    }
}

/// Compares what was signed with what the refusal says should have been; `None` if either is not
/// in the record.
#[must_use]
pub fn canonical_difference(e: &Evidence) -> Option<CanonicalDifference> {
    let signing = e.request.credential.signing.as_ref()?;
    let told = Told::of(&e.http.as_ref()?.reply.as_ref()?.body)?;
    let ours = Parts::read(&signing.canonical_request.replace('\n', "|"));
    let theirs = Parts::read(&told.canonical);
    let scopes = told.scope.as_deref().zip(scope_of(signing));
    let rows = rows(&ours, &theirs, scopes);
    let cause = cause(&ours, &theirs, &rows);
    Some(CanonicalDifference { rows, cause })
}

/// The server's own texts.
struct Told {
    /// Line breaks as `|`.
    canonical: String,
    scope: Option<String>,
}

/// Bytes of a canonical request that are looked at; headers of 64 KiB fit.
const MOST: usize = 256 * 1024;

impl Told {
    fn of(body: &str) -> Option<Told> {
        if body.len() > MOST {
            return None;
        }
        let text = messages(body);
        if let Some((_, rest)) = split_after(&text, "canonicalrequest:") {
            let canonical = rest.trim_matches(['\n', '\r', ' ']).replace('\n', "|");
            return Some(Told { canonical, scope: None });
        }
        let (_, rest) = split_after(&text, "canonical string for this request should have been")?;
        let (canonical, rest) = quoted(rest)?;
        let signed = split_after(rest, "string-to-sign should have been");
        let scope = signed.and_then(|(_, rest)| {
            let (text, _) = quoted(rest)?;
            text.lines().nth(2).map(str::to_owned)
        });
        Some(Told { canonical: canonical.replace('\n', "|"), scope })
    }
}

/// All texts of a JSON body, or the body with `\n` as line breaks.
fn messages(body: &str) -> String {
    fn collect(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
            Value::Object(map) => map.values().for_each(|value| collect(value, out)),
            _ => {}
        }
    }
    let body = body.trim();
    let mut out = Vec::new();
    match serde_json::from_str(body) {
        Ok(value) if body.starts_with(['{', '[', '"']) => collect(&value, &mut out),
        _ => {
            // JSON that is cut, or XML.
            let end = ["\",\"", "\"}", "</"].iter().filter_map(|end| body.find(end)).min();
            let body =
                if body.starts_with('{') { &body[..end.unwrap_or(body.len())] } else { body };
            return body.replace("\\n", "\n").replace("&apos;", "'").replace("&#39;", "'");
        }
    }
    let marked = |text: &&String| {
        let lower = text.to_ascii_lowercase();
        lower.contains("canonicalrequest:") || lower.contains("canonical string")
    };
    out.iter().find(marked).or(out.first()).cloned().unwrap_or_default()
}

/// What stands before and behind the first of these words, in any case of letters.
fn split_after<'t>(text: &'t str, words: &str) -> Option<(&'t str, &'t str)> {
    // Lowering ASCII only keeps every offset.
    let at = text.to_ascii_lowercase().find(words)?;
    Some((&text[..at], &text[at + words.len()..]))
}

/// The text in the next pair of single quotation marks, the second of which ends a line; and what
/// follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let rest = &text[text.find('\'')? + 1..];
    let end = rest
        .match_indices('\'')
        .map(|(at, _)| at)
        .find(|at| rest[at + 1..].is_empty() || rest[at + 1..].starts_with(['\n', '\r']))
        .unwrap_or(rest.len());
    Some((&rest[..end], rest.get(end + 1..).unwrap_or_default()))
}

/// The third line of AWS's string to sign: `20261124/eu-west-1/execute-api/aws4_request`.
fn scope_of(signing: &Signing) -> Option<&str> {
    let text = &signing.string_to_sign;
    text.starts_with("AWS4-").then(|| text.lines().nth(2)).flatten()
}

/// A canonical request in its parts.
#[derive(Debug, Default)]
struct Parts {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    signed: String,
    hash: String,
    /// Whether it was whole, down to the hash.
    whole: bool,
    /// Lines that were there, the last of which may be cut if it is not whole.
    lines: usize,
}

impl Parts {
    /// Reads one with `|` between its lines.
    fn read(text: &str) -> Parts {
        let mut pieces: Vec<&str> = text.split('|').collect();
        // What a gateway writes behind the hash is its own.
        let hash = pieces.iter().rposition(|piece| is_hash(piece)).filter(|at| *at >= 5);
        let whole = hash.is_some();
        let (mut signed, mut payload) = (String::new(), String::new());
        if let Some(at) = hash {
            payload = hash_of(pieces[at]).to_owned();
            pieces[at - 1].clone_into(&mut signed);
            pieces.truncate(at - 1);
        } else if let Some(at) = pieces.iter().skip(3).position(|piece| piece.is_empty()) {
            // Cut behind the headers.
            signed = pieces.get(at + 4).copied().unwrap_or_default().to_owned();
            pieces.truncate(at + 3);
        }
        let lines = pieces.len();
        if !whole && lines > 3 && !pieces[lines - 1].contains(':') {
            pieces.truncate(lines - 1);
        }
        let part = |n: usize| pieces.get(n).copied().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = Vec::new();
        let names: Vec<&str> = signed.split(';').collect();
        for piece in pieces.iter().skip(3).filter(|piece| !piece.is_empty()) {
            let named = piece.split_once(':').filter(|(name, _)| {
                names.contains(name) || (names == [""] && !name.contains([' ', '"']))
            });
            match (named, headers.last_mut()) {
                (Some((name, value)), _) => headers.push((name.to_owned(), value.to_owned())),
                // A `|` inside a value.
                (None, Some((_, value))) => {
                    value.push('|');
                    value.push_str(piece);
                }
                (None, None) => headers.push(((*piece).to_owned(), String::new())),
            }
        }
        Parts {
            method: part(0),
            path: part(1),
            query: part(2),
            headers,
            signed,
            hash: payload,
            whole,
            lines,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The hash that a line begins with.
fn hash_of(line: &str) -> &str {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(line.len());
    &line[..end]
}

fn is_hash(line: &str) -> bool {
    let word = hash_of(line);
    word == "UNSIGNED-PAYLOAD" || (word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn rows(ours: &Parts, theirs: &Parts, scopes: Option<(&str, &str)>) -> Vec<CanonicalRow> {
    let row = |part: &str, own: &str, other: &str, known: bool| CanonicalRow {
        part: part.to_owned(),
        ours: own.to_owned(),
        theirs: other.to_owned(),
        same: own == other || !known,
    };
    let whole = |line: usize| theirs.whole || theirs.lines > line + 1;
    let mut rows = vec![
        row("method", &ours.method, &theirs.method, whole(0)),
        row("path", &ours.path, &theirs.path, whole(1)),
        row("query", &ours.query, &theirs.query, whole(2)),
    ];
    let last = theirs.headers.last().map(|(name, _)| name).filter(|_| !theirs.whole);
    let more = theirs.headers.iter().filter(|(name, _)| ours.header(name).is_none());
    for (name, _) in ours.headers.iter().chain(more) {
        let (own, other) = (ours.header(name), theirs.header(name));
        // Of a text that is cut, what is missing may be behind the cut.
        let known = theirs.whole || other.is_some();
        let cut =
            last == Some(name) && own.zip(other).is_some_and(|(own, other)| own.starts_with(other));
        let same = own == other || !known || cut;
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        rows.push(CanonicalRow {
            part: format!("header {name}"),
            ours: text(own),
            theirs: text(other),
            same,
        });
    }
    rows.push(row("signed headers", &ours.signed, &theirs.signed, theirs.whole));
    rows.push(row("payload hash", &ours.hash, &theirs.hash, theirs.whole));
    if let Some((theirs, ours)) = scopes {
        rows.push(row("scope", ours, theirs, true));
    }
    rows
}

fn cause(ours: &Parts, theirs: &Parts, rows: &[CanonicalRow]) -> CanonicalCause {
    use CanonicalCause as C;
    let differs = |part: &str| rows.iter().any(|row| row.part == part && !row.same);
    if differs("method") {
        return C::Method;
    }
    if differs("path") {
        return path_cause(&ours.path, &theirs.path);
    }
    if differs("query") {
        return query_cause(&ours.query, &theirs.query);
    }
    if differs("header host") {
        let (own, other) = (ours.header("host"), theirs.header("host"));
        let name = |host: Option<&str>| host.map(|host| without_port(host).to_ascii_lowercase());
        return if name(own) == name(other) { C::HostPort } else { C::HostName };
    }
    if differs("signed headers") {
        return C::SignedHeaders;
    }
    if let Some(row) = rows.iter().find(|row| row.part.starts_with("header ") && !row.same) {
        let name = row.part["header ".len()..].to_owned();
        let gone = row.theirs.is_empty();
        return if gone { C::HeaderDropped { name } } else { C::HeaderChanged { name } };
    }
    if differs("payload hash") {
        return C::PayloadHash;
    }
    if differs("scope") {
        return C::Scope;
    }
    if theirs.whole { C::Secret } else { C::Unseen }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Percent-decoded until nothing is left to decode, at most three times.
fn decoded(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for _ in 0..3 {
        let next = percent_decode_str(&out).decode_utf8_lossy().into_owned();
        if next == *out {
            break;
        }
        out = Cow::Owned(next);
    }
    out
}

fn path_cause(ours: &str, theirs: &str) -> CanonicalCause {
    let (own, other) = (decoded(ours), decoded(theirs));
    let ends = |text: &str| text.trim_end_matches('/').to_owned();
    if ours.trim_end_matches('/') == theirs.trim_end_matches('/') {
        CanonicalCause::PathSlash
    } else if ends(&own) == ends(&other) {
        CanonicalCause::PathEncoding
    } else {
        CanonicalCause::Path
    }
}

fn query_cause(ours: &str, theirs: &str) -> CanonicalCause {
    use CanonicalCause as C;
    fn pieces(query: &str) -> Vec<&str> {
        query.split('&').filter(|piece| !piece.is_empty()).collect()
    }
    fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
        list.sort_unstable();
        list
    }
    let (own, other) = (pieces(ours), pieces(theirs));
    if sorted(own.clone()) == sorted(other.clone()) {
        return C::QueryOrder;
    }
    // `a` and `a=` are the same parameter; a `+` may be a blank.
    let plain = |piece: &str, plus: bool| {
        let piece = if plus { piece.replace('+', " ") } else { piece.to_owned() };
        let text = decoded(&piece).into_owned();
        if plus { text.replace('+', " ") } else { text }.trim_end_matches('=').to_owned()
    };
    let all = |list: &[&str], plus| sorted(list.iter().map(|p| plain(p, plus)).collect());
    if all(&own, false) == all(&other, false) {
        return C::QueryEncoding { plus: false };
    }
    if all(&own, true) == all(&other, true) {
        return C::QueryEncoding { plus: true };
    }
    let names = |list: &[&str]| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for piece in list {
            *count
                .entry(decoded(piece.split('=').next().unwrap_or_default()).into())
                .or_default() += 1;
        }
        count
    };
    let (here, there) = (names(&own), names(&other));
    let more = |a: &BTreeMap<String, usize>, b: &BTreeMap<String, usize>| {
        a.iter().find(|(name, n)| b.get(*name).is_none_or(|m| m < n)).map(|(name, _)| name.clone())
    };
    if let Some(name) = more(&there, &here) {
        return C::ParameterAdded { name };
    }
    if let Some(name) = more(&here, &there) {
        return C::ParameterDropped { name };
    }
    let changed = own.iter().find(|piece| !other.contains(piece)).copied().unwrap_or_default();
    C::ParameterChanged { name: decoded(changed.split('=').next().unwrap_or_default()).into() }
}

#[cfg(test)]
mod tests;
