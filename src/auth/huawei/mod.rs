//! Huawei Cloud and ModelArts: the ways that its API gateway knows.
//!
//! Old real-time services (`/v1/infers/…`) take a token, a signature by AK/SK, or an App (a
//! signature, the AppCode, or the AppKey alone) on an address of its own. Services of the new
//! generation (`/v2/infer/…`) take an API key or a token. [`advise`] tells them apart by the
//! pasted address.
//!
//! - `canonical`: the request in the form that is signed, and the signature; values only.
//! - `signed`: from a request to what is signed of it, for AK/SK and App alike.
//! - `address`: what a pasted address says.

mod address;
mod aksk;
mod api_key;
mod app;
mod app_code;
mod canonical;
mod signed;
#[cfg(test)]
mod tests;
mod token;

pub use address::{Advice, Fit, Generation, Remark, advise};
pub(super) use aksk::AkSk;
pub(super) use api_key::ApiKey;
pub(super) use app::App;
pub(super) use app_code::AppCode;
pub(super) use token::Token;

use super::{AuthProblem, Field, LockPolicy};
use crate::core::headers::describe;

/// The gateway locks a key for five minutes after five failures in a row (`AK access failed to
/// reach the limit,forbidden`).
const fn lock(field: &'static str) -> LockPolicy {
    LockPolicy { limit: 5, locked_s: 300, field }
}

const SIGNED_HEADER: Field = Field {
    required: false,
    repeatable: true,
    names_headers: true,
    placeholder: "X-Stage, X-Trace",
    help: "Headers of the request that are signed beside Host and X-Sdk-Date, with commas between \
           them.",
    ..Field::text("signed-header", "Signed headers")
};

/// What names a key stands in a header between `Access=` and a comma.
///
/// # Errors
/// When it holds a character that would end it there. A placeholder of a preview
/// (`‹cmd:…›`) may.
fn access_name(what: &'static str, name: &str) -> Result<(), AuthProblem> {
    if name.starts_with('‹') {
        return Ok(());
    }
    match name.chars().enumerate().find(|(_, c)| c.is_whitespace() || *c == ',') {
        Some((at, c)) => Err(AuthProblem::Character {
            what,
            character: describe(c),
            position: at + 1,
            place: "the name of a key",
        }),
        None => Ok(()),
    }
}
