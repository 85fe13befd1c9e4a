//! The way of the folder or workspace around the request.
//!
//! [`Scopes::effective`](crate::core::request::Scopes::effective) puts that way in place of this
//! one before anything is prepared; what is left of it then contributes nothing.

use super::{AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, INHERIT};

#[derive(Debug)]
pub(super) struct Inherit;

impl Way for Inherit {
    fn kind(&self) -> &'static str {
        INHERIT
    }

    fn label(&self) -> &'static str {
        "As the folder or workspace"
    }

    fn summary(&self) -> &'static str {
        "Takes the way that the folder or the workspace sets for all its requests."
    }

    fn group(&self) -> Group {
        Group::Plain
    }

    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn contribute(
        &self,
        _values: &Values<'_>,
        _ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        Ok(AuthContribution::default())
    }
}
