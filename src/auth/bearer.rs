//! A bearer token (RFC 6750).

use super::credential::Credential;
use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(super) struct Bearer;

impl Way for Bearer {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "bearer",
            label: "Bearer token",
            summary: "Sends Authorization: Bearer TOKEN.",
            group: Group::Token,
            fields: &[Field {
                placeholder: "eyJhbGciOi…",
                help: "The token alone; the word Bearer is written before it.",
                ..Field::secret("token", "Token")
            }],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (token, notes) = Credential::read("token", values.get("token"))
            .unquote()
            .without_prefix("Authorization:")
            .without_prefix("Bearer ")
            .note_expiry(ctx.now)
            .finish(self.label())?;
        Ok(AuthContribution {
            headers: vec![AuthHeader::secret("Authorization", format!("Bearer {token}"))],
            notes,
            ..AuthContribution::default()
        })
    }
}
