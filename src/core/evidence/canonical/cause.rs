//! What the first difference between two canonical requests means.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::CanonicalRow;
use super::parts::Parts;

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
}

/// Names it.
pub(super) fn cause(ours: &Parts, theirs: &Parts, rows: &[CanonicalRow]) -> CanonicalCause {
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
