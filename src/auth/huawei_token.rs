//! A token of Huawei Cloud's IAM, as ModelArts and other services behind its API gateway take it.

use super::credential::Credential;
use super::{AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, AuthHeader};

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

    fn group(&self) -> Group {
        Group::Huawei
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
            headers: vec![AuthHeader::secret("X-Auth-Token", token)],
            notes,
            ..AuthContribution::default()
        })
    }
}
