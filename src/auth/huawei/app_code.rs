//! The AppCode of an App: simple authentication, which ModelArts has switched on by default.

use super::super::credential::Credential;
use super::super::{About, AuthProblem, Context, Field, Group, Values, Way};
use super::address;
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct AppCode;

impl Way for AppCode {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "huawei-appcode",
            label: "Huawei Cloud AppCode",
            summary: "Sends X-Apig-AppCode with the code of an App that is bound to the service.",
            group: Group::Huawei,
            fields: &[Field {
                help: "AppCode of an App that is bound to the service (Authorization Management).",
                ..Field::secret("app-code", "AppCode")
            }],
        };
        &ABOUT
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
