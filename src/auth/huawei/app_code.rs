//! The AppCode of an App: simple authentication, which ModelArts has switched on by default.

use super::super::credential::Credential;
use super::super::{AuthProblem, Context, Field, Group, Values, Way};
use super::address;
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct AppCode;

impl Way for AppCode {
    fn kind(&self) -> &'static str {
        "huawei-appcode"
    }

    fn label(&self) -> &'static str {
        "Huawei Cloud AppCode"
    }

    fn summary(&self) -> &'static str {
        "Sends X-Apig-AppCode with the code of an App that is bound to the service."
    }

    fn group(&self) -> Group {
        Group::Huawei
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[Field {
            help: "AppCode of an App that is bound to the service (Authorization Management).",
            ..Field::secret("app-code", "AppCode")
        }];
        FIELDS
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (code, mut notes) = Credential::read("AppCode", values.get("app-code"))
            .unquote()
            .without_prefix("X-Apig-AppCode:")
            .finish(self.label())?;
        notes.extend(address::misfits(self.kind(), ctx));
        Ok(AuthContribution {
            headers: vec![AuthHeader::secret("X-Apig-AppCode", code)],
            notes,
            ..AuthContribution::default()
        })
    }
}
