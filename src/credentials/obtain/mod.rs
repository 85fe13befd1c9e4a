//! Getting what a way of authenticating asks for; one file a kind of [`Ask`].
//!
//! Every exchange, read file or command leaves a step for the record, the one that failed as well.
//! Nothing is tried a second time.

mod aws;
mod digest;
mod iam;
mod login;
pub(super) mod oauth2;

use super::Attendant;
use super::http::Like;
use crate::auth::{Ask, Grant};
use crate::core::evidence::{CredentialProblem, CredentialStep};
use crate::core::sanitize;
use crate::core::secret::{Masker, Secret};
use crate::core::time::Micros;

/// Longest text of somebody else's that goes into a step or a message, in characters.
const LONGEST_WORDS: usize = 400;

/// Why there is no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) problem: CredentialProblem,
    /// Escaped and masked.
    pub(super) text: String,
}

impl Failed {
    /// The answer holds no credential.
    pub(super) fn unusable(why: impl Into<String>) -> Failed {
        let why = why.into();
        Failed { problem: CredentialProblem::Unusable { why: why.clone() }, text: why }
    }
}

/// What the asking has at hand.
pub(super) struct Work<'a> {
    /// For exchanges over HTTP as the request would make them.
    pub(super) like: Like<'a>,
    /// Where each exchange is put down.
    pub(super) steps: &'a mut Vec<CredentialStep>,
    pub(super) attendant: &'a dyn Attendant,
    /// `Set-Cookie` lines of answers with the addresses that gave them, for the jar.
    pub(super) cookies: Vec<(String, Vec<Secret>)>,
}

impl Work<'_> {
    pub(super) fn now(&self) -> Micros {
        self.like.clock.now()
    }

    /// Milliseconds since then.
    pub(super) fn ms_since(&self, began: Micros) -> f64 {
        self.now().since(began).as_secs_f64() * 1_000.0
    }
}

/// Asks for a grant. `old` is one that was got for the same ask and has ended, or soon will; it
/// may hold a refresh token.
pub(super) async fn obtain(
    ask: &Ask,
    old: Option<&Grant>,
    work: &mut Work<'_>,
) -> Result<Grant, Failed> {
    match ask {
        Ask::HuaweiToken(ask) => iam::obtain(ask, work).await,
        Ask::OAuth2(ask) => oauth2::obtain(ask, old, work).await,
        Ask::AwsKeys { profile } => aws::obtain(profile, work).await,
        Ask::DigestChallenge { .. } => digest::obtain(work).await,
        Ask::Login(ask) => login::obtain(ask, work).await,
    }
}

/// Words of somebody else's for a record: secrets masked, escaped, and not too many.
pub(super) fn words(text: &str, secrets: &[&str]) -> String {
    let mut masker = Masker::default();
    secrets.iter().for_each(|secret| masker.add(secret));
    let text = masker.mask(text.trim());
    let cut: String = text.chars().take(LONGEST_WORDS).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", sanitize::escape(&cut))
}

/// Host of an address, for a sentence.
fn host(address: &str) -> String {
    crate::core::url::read(address).map_or_else(|_| String::new(), |address| address.host)
}

/// A time as it stands in an answer (RFC 3339).
fn time(text: &str) -> Option<Micros> {
    let stamp: jiff::Timestamp = text.trim().parse().ok()?;
    u64::try_from(stamp.as_microsecond()).ok().map(Micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_masked_escaped_and_cut() {
        let said = words("no \u{1b}[31m user with hunter2-secret", &["hunter2-secret"]);
        assert!(!said.contains("hunter2") && !said.contains('\u{1b}'), "{said}");
        assert!(words(&"x".repeat(10_000), &[]).chars().count() <= LONGEST_WORDS + 1);
    }

    #[test]
    fn times_are_read_as_iam_writes_them() {
        assert_eq!(time("1970-01-01T00:00:01.500000Z"), Some(Micros(1_500_000)));
        assert_eq!(time("tomorrow"), None);
    }
}
