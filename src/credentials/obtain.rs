//! Getting what a way of authenticating asks for.

use super::Attendant;
use crate::auth::{Ask, Grant};
use crate::core::evidence::{CredentialProblem, CredentialStep};
use crate::core::request::{Files, RequestDraft};

/// Why there is no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) problem: CredentialProblem,
    /// Escaped and masked.
    pub(super) text: String,
}

/// Asks for a grant. Every exchange leaves a step, the one that failed as well.
pub(super) async fn obtain(
    ask: &Ask,
    _draft: &RequestDraft,
    _files: &Files,
    _steps: &mut Vec<CredentialStep>,
    _attendant: &dyn Attendant,
) -> Result<Grant, Failed> {
    let text = format!("{} cannot be got in this version", ask.what());
    Err(Failed { problem: CredentialProblem::Unusable { why: text.clone() }, text })
}
