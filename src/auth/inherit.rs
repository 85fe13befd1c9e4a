//! The way of the folder or workspace around the request.
//!
//! [`Scopes::effective`](crate::core::request::Scopes::effective) puts that way in place of this
//! one before anything is prepared; what is left of it then contributes nothing.

use super::{About, AuthProblem, Context, Group, Values, Way};
use crate::core::request::{AuthContribution, INHERIT};

#[derive(Debug)]
pub(super) struct Inherit;

impl Way for Inherit {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: INHERIT,
            label: "As the folder or workspace",
            summary: "Takes the way that the folder or the workspace sets for all its requests.",
            group: Group::Plain,
            fields: &[],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        _values: &Values<'_>,
        _ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        Ok(AuthContribution::default())
    }
}
