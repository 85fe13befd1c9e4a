//! The last step before the transport: files, authentication and the finished request.

use super::files;
use crate::auth;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::time::Micros;
use crate::core::url::UrlProblem;

/// The request as it will go out.
///
/// # Errors
/// The first thing that keeps it from being sent; a finding of the phase `url`.
pub fn spec(draft: &RequestDraft, now: Micros) -> Result<RequestSpec, UrlProblem> {
    let files = files::read(&draft.settings)?;
    auth::prepare(draft, files, now)
}
