//! OAuth 2.0 tokens (RFC 6749).

use super::{Failed, Work};
use crate::auth::{Grant, OAuth2Ask};

/// Asks the authorization server for a token.
#[expect(clippy::unused_async, reason = "asking is an exchange over the network")]
pub(super) async fn obtain(
    ask: &OAuth2Ask,
    _old: Option<&Grant>,
    _work: &mut Work<'_>,
) -> Result<Grant, Failed> {
    Err(Failed::unusable(format!("a token from {} cannot be got in this version", ask.token_url)))
}
