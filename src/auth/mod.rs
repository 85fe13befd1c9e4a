//! How each way of authenticating puts itself on the opening handshake.
//!
//! A way is one file: what it needs ([`Way::fields`]) and what it makes of it
//! ([`Way::contribute`]). Forms, command-line options and documentation are drawn from the fields,
//! so adding a way takes its file and one line in [`ways`].
//!
//! Everything here is pure: the clock comes in by [`Context`], references to secrets
//! (`env:`, `file:`, `cmd:`) are resolved before, and files and network are somebody else's.

mod api_key;
mod basic;
mod bearer;
mod credential;
mod field;
mod huawei_token;
mod jwt;
mod none;
mod problem;
#[cfg(test)]
mod tests;

pub use field::{Field, Values};
pub use problem::AuthProblem;

use crate::core::request::{AuthContribution, AuthDraft, Files, RequestDraft, RequestSpec};
use crate::core::time::Micros;
use crate::core::url::UrlProblem;

/// What a way may look at beside its own fields.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The clock of ways that sign or judge an expiry.
    pub now: Micros,
    /// The request that is to carry the credential; ways that sign read its address and headers.
    pub request: &'a RequestDraft,
}

/// A way of authenticating.
pub trait Way: Sync {
    /// Its name in files and on the command line: `bearer`.
    fn kind(&self) -> &'static str;

    /// Its name on screen: `Bearer token`.
    fn label(&self) -> &'static str;

    /// A sentence on what it puts on the handshake.
    fn summary(&self) -> &'static str;

    /// What it needs, in the order of a form.
    fn fields(&self) -> &'static [Field];

    /// What it puts on the handshake.
    ///
    /// # Errors
    /// When a field is missing or holds something that cannot be sent.
    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem>;
}

/// Every way that this version knows, in the order of a menu.
#[must_use]
pub fn ways() -> &'static [&'static dyn Way] {
    &[&none::None, &bearer::Bearer, &basic::Basic, &api_key::ApiKey, &huawei_token::HuaweiToken]
}

/// The way of that kind.
#[must_use]
pub fn find(kind: &str) -> Option<&'static dyn Way> {
    ways().iter().copied().find(|way| way.kind() == kind)
}

/// What the chosen way puts on the handshake.
///
/// # Errors
/// When the kind is not known, or see [`Way::contribute`].
pub fn contribute(draft: &AuthDraft, ctx: &Context<'_>) -> Result<AuthContribution, AuthProblem> {
    let way =
        find(&draft.kind).ok_or_else(|| AuthProblem::UnknownKind { kind: draft.kind.clone() })?;
    let values = Values::new(draft, way.fields());
    for field in way.fields() {
        let value = values.get(field.name);
        if field.required && value.trim().is_empty() {
            return Err(AuthProblem::Missing { label: field.label, way: way.label() });
        }
        if !field.choices.is_empty() && !field.choices.contains(&value) {
            return Err(AuthProblem::Choice { label: field.label, choices: field.choices });
        }
    }
    way.contribute(&values, ctx)
}

/// The draft with its authentication as it will go out: [`contribute`], then
/// [`RequestDraft::spec`], with every secret field noted for masking.
///
/// # Errors
/// The first thing that keeps the request from being sent.
pub fn prepare(draft: &RequestDraft, files: Files, now: Micros) -> Result<RequestSpec, UrlProblem> {
    let contribution = contribute(&draft.auth, &Context { now, request: draft })?;
    let mut spec = draft.spec(&contribution, files)?;
    // A password inside Basic is masked as it goes out; a server may echo it in clear as well.
    if let Some(way) = find(&draft.auth.kind) {
        for field in way.fields().iter().filter(|field| field.secret) {
            spec.masker.add(draft.auth.value(field.name));
        }
    }
    Ok(spec)
}
