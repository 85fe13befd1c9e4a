//! An App that is bound to the service: a signature by AppKey and AppSecret, or the AppKey alone
//! where the service allows simple authentication.

use super::super::credential::Credential;
use super::super::{About, AuthProblem, Context, Field, Group, LockPolicy, Values, Way};
use super::canonical::Key;
use super::{SIGNED_HEADER, access_name, address, lock, signed};
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct App;

impl Way for App {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "huawei-app",
            label: "Huawei Cloud App",
            summary: "Signs the request with AppKey and AppSecret; without the secret it sends \
                      the AppKey alone.",
            group: Group::Huawei,
            fields: &[
                Field {
                    help: "AppKey of an App that is bound to the service (Authorization \
                           Management).",
                    ..Field::text("app-key", "AppKey")
                },
                Field {
                    help: "AppSecret of the App; if it is empty, the AppKey alone is sent in the \
                           header apikey (simple authentication).",
                    ..Field::secret("app-secret", "AppSecret").optional()
                },
                SIGNED_HEADER,
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        field.name != SIGNED_HEADER.name || !values.get("app-secret").trim().is_empty()
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (key, mut notes) =
            Credential::read("AppKey", values.get("app-key")).unquote().finish(self.label())?;
        access_name("AppKey", key)?;
        notes.extend(address::misfits(self.kind(), ctx));
        if values.get("app-secret").trim().is_empty() {
            return Ok(AuthContribution {
                headers: vec![AuthHeader::secret("apikey", key)],
                notes,
                ..AuthContribution::default()
            });
        }
        let (secret, more) = Credential::read("AppSecret", values.get("app-secret"))
            .unquote()
            .finish(self.label())?;
        notes.extend(more);
        signed::contribute(Key { access: key, secret }, Vec::new(), values, ctx, notes)
    }

    fn lock(&self) -> Option<LockPolicy> {
        Some(lock("app-key"))
    }
}
