//! How the credential of a request came about, without the credential.

use serde::{Deserialize, Serialize};

use crate::core::credential::GrantFacts;
use crate::core::request::{Shown, Signing};
use crate::core::stage::Stage;
use crate::core::time::Micros;

/// What is known of the way of authenticating beside what goes out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialFacts {
    /// Where the way is set if not at the request itself: `the workspace`, `the folder chat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<String>,
    /// What was signed, secrets masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<Signing>,
    /// What was computed, secrets masked: header and claims of a JWT of our own …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Shown>,
    /// Exchanges that were made to get it, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<CredentialStep>,
    /// What was got by them, or kept from earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantFacts>,
    /// When what goes out ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Micros>,
    /// Seconds that were added to this machine's clock, because the user asked for it.
    #[serde(skip_serializing_if = "is_zero")]
    pub clock_offset_s: i64,
    /// Names of cookies that came from the jar.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jar: Vec<String>,
    /// For services that lock a key after some failures in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockFacts>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

impl CredentialFacts {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == CredentialFacts::default()
    }
}

/// One exchange with somebody who gives credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialStep {
    /// In words: `token request`, `device code`, `command pass show x`.
    pub what: String,
    /// Whom, secrets masked: an address, a file, a variable.
    pub from: String,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// Status of the answer, for an exchange over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub ok: bool,
    /// What came of it: `expires 2026-11-25T08:00:00Z`, `invalid_client: no such client`.
    pub detail: String,
}

/// How near a key is to being locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LockFacts {
    /// Failures in a row with this key before this attempt, as far as they were made here.
    pub failed: u32,
    /// Failures in a row after which the service locks it.
    pub limit: u32,
    /// For how long, in seconds.
    pub locked_s: u32,
}

/// Why a credential could not be got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CredentialProblem {
    /// Whoever gives it could not be reached; the stage where that ended.
    Unreachable { stage: Stage },
    /// It answered with a refusal; `error` and `description` as OAuth (RFC 6749 section 5.2) or
    /// the vendor names them, escaped.
    Refused { status: u16, error: Option<String>, description: Option<String> },
    /// Its answer holds no credential.
    Unusable { why: String },
    /// A person said no, here or at the service.
    Denied,
    /// Nobody answered in time.
    TimedOut,
    /// There is none at the usual places (files, variables) or at the one that was named.
    NotFound { places: Vec<String> },
}
