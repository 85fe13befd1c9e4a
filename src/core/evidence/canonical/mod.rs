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

mod cause;
mod parts;
#[cfg(test)]
mod tests;

pub use cause::CanonicalCause;

use super::Evidence;
use cause::cause;
use parts::{Parts, Told, scope_of};

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
