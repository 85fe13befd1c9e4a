//! The API key of a service of ModelArts' new generation (`/v2/infer/…`).

use super::super::credential::Credential;
use super::super::{AuthProblem, Context, Field, Group, Values, Way};
use super::address;
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct ApiKey;

impl Way for ApiKey {
    fn kind(&self) -> &'static str {
        "huawei-api-key"
    }

    fn label(&self) -> &'static str {
        "ModelArts API key"
    }

    fn summary(&self) -> &'static str {
        "Sends Authorization: Bearer with an API key of ModelArts' new generation (/v2/infer)."
    }

    fn group(&self) -> Group {
        Group::Huawei
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[Field {
            help: "API key of ModelArts; the word Bearer is written before it.",
            ..Field::secret("api-key", "API key")
        }];
        FIELDS
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (key, mut notes) = Credential::read("API key", values.get("api-key"))
            .unquote()
            .without_prefix("Authorization:")
            .without_prefix("Bearer ")
            .finish(self.label())?;
        notes.extend(address::misfits(self.kind(), ctx));
        Ok(AuthContribution {
            headers: vec![AuthHeader::secret("Authorization", format!("Bearer {key}"))],
            notes,
            ..AuthContribution::default()
        })
    }
}
