//! No authentication.

use super::{AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::AuthContribution;

#[derive(Debug)]
pub(super) struct None;

impl Way for None {
    fn kind(&self) -> &'static str {
        "none"
    }

    fn label(&self) -> &'static str {
        "No auth"
    }

    fn summary(&self) -> &'static str {
        "Puts nothing on the handshake."
    }

    fn group(&self) -> Group {
        Group::Plain
    }

    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn contribute(&self, _: &Values<'_>, _: &Context<'_>) -> Result<AuthContribution, AuthProblem> {
        Ok(AuthContribution::default())
    }
}
