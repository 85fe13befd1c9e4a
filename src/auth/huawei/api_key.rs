//! The API key of a service of ModelArts' new generation (`/v2/infer/…`).

use super::super::credential::Credential;
use super::super::{About, AuthProblem, Context, Field, Group, Values, Way};
use super::address;
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct ApiKey;

impl Way for ApiKey {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "huawei-api-key",
            label: "ModelArts API key",
            summary: "Sends Authorization: Bearer with an API key of ModelArts' new generation \
                      (/v2/infer).",
            group: Group::Huawei,
            fields: &[Field {
                help: "API key of ModelArts; the word Bearer is written before it.",
                ..Field::secret("api-key", "API key")
            }],
        };
        &ABOUT
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
