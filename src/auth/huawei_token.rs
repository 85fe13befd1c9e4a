//! A token of Huawei Cloud's IAM, as ModelArts and other services behind its API gateway take it.

use super::credential::Credential;
use super::{AuthProblem, Context, Field, Values, Way};
use crate::core::request::AuthContribution;

#[derive(Debug)]
pub(super) struct HuaweiToken;

impl Way for HuaweiToken {
    fn kind(&self) -> &'static str {
        "huawei-token"
    }

    fn label(&self) -> &'static str {
        "Huawei Cloud token"
    }

    fn summary(&self) -> &'static str {
        "Sends X-Auth-Token with a token that IAM gave (valid for 24 hours)."
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[Field {
            placeholder: "MIIT…",
            help: "Value of X-Subject-Token in IAM's answer to POST /v3/auth/tokens, whole: \
                   several thousand characters in one line.",
            ..Field::secret("token", "Token")
        }];
        FIELDS
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (token, notes) = Credential::read("token", values.get("token"))
            .unquote()
            .without_prefix("X-Subject-Token:")
            .without_prefix("X-Auth-Token:")
            .note_expiry(ctx.now)
            .finish(self.label())?;
        Ok(AuthContribution {
            headers: vec![("X-Auth-Token".into(), token.into())],
            notes,
            ..AuthContribution::default()
        })
    }
}
