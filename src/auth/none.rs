//! No authentication.

use super::{About, AuthProblem, Context, Group, Values, Way};
use crate::core::request::AuthContribution;

#[derive(Debug)]
pub(super) struct None;

impl Way for None {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "none",
            label: "No auth",
            summary: "Puts nothing on the handshake.",
            group: Group::Plain,
            fields: &[],
        };
        &ABOUT
    }

    fn contribute(&self, _: &Values<'_>, _: &Context<'_>) -> Result<AuthContribution, AuthProblem> {
        Ok(AuthContribution::default())
    }
}
