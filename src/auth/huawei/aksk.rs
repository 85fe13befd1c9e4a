//! A signature by an access key and its secret (AK/SK) of an IAM user.

use super::super::credential::Credential;
use super::super::{About, AuthProblem, Context, Field, Group, LockPolicy, Values, Way};
use super::canonical::Key;
use super::{SIGNED_HEADER, access_name, address, lock, signed};
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(in crate::auth) struct AkSk;

/// Lengths of an AK and of an SK, as the console gives them.
const AK_LENGTH: usize = 20;
const SK_LENGTH: usize = 40;

impl Way for AkSk {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "huawei-aksk",
            label: "Huawei Cloud AK/SK",
            summary: "Signs the request with an access key and its secret (SDK-HMAC-SHA256), anew \
                      at each attempt.",
            group: Group::Huawei,
            fields: &[
                Field {
                    placeholder: "QTWAOYTTINDUT2QVKYUC",
                    help: "AK of an IAM user: 20 letters and digits. It is sent and is no secret.",
                    ..Field::text("access-key", "Access key (AK)")
                },
                Field {
                    help: "SK that belongs to the AK: 40 letters and digits. It is never sent.",
                    ..Field::secret("secret-key", "Secret key (SK)")
                },
                Field {
                    help: "Only with temporary keys: the token that came with them \
                           (X-Security-Token).",
                    ..Field::secret("security-token", "Security token").optional()
                },
                Field {
                    placeholder: "65382450e8f64ac0870cd180d14e684b",
                    help: "Only for resources of a sub-project: its id (X-Project-Id).",
                    ..Field::text("project-id", "Project id").optional()
                },
                SIGNED_HEADER,
            ],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (access, mut notes) = Credential::read("access key", values.get("access-key"))
            .unquote()
            .finish(self.label())?;
        access_name("access key", access)?;
        let (secret, more) = Credential::read("secret key", values.get("secret-key"))
            .unquote()
            .finish(self.label())?;
        notes.extend(more);
        if access.len() == SK_LENGTH && secret.len() == AK_LENGTH {
            notes.push("by their lengths access key and secret key have changed places".into());
        }
        let mut extra = Vec::new();
        if !values.get("security-token").trim().is_empty() {
            let (token, more) = Credential::read("security token", values.get("security-token"))
                .unquote()
                .without_prefix("X-Security-Token:")
                .finish(self.label())?;
            notes.extend(more);
            extra.push(AuthHeader::secret(signed::TOKEN, token));
        }
        if !values.get("project-id").trim().is_empty() {
            let (project, more) =
                Credential::read("project id", values.get("project-id")).finish(self.label())?;
            notes.extend(more);
            extra.push(AuthHeader::open("X-Project-Id", project));
        }
        notes.extend(address::misfits(self.kind(), ctx));
        signed::contribute(Key { access, secret }, extra, values, ctx, notes)
    }

    fn lock(&self) -> Option<LockPolicy> {
        Some(lock("access-key"))
    }
}
