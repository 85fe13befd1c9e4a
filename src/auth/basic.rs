//! User name and password (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, AuthHeader};

#[derive(Debug)]
pub(super) struct Basic;

impl Way for Basic {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "basic",
            label: "Basic",
            summary: "Sends Authorization: Basic with user name and password in base64, as UTF-8.",
            group: Group::Token,
            fields: &[
                Field {
                    help: "May be empty where a server takes a key as the password.",
                    ..Field::text("username", "User name").optional()
                },
                Field {
                    help: "Sent as typed, blanks included.",
                    ..Field::secret("password", "Password").optional()
                },
            ],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        _: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (username, password) = (values.get("username"), values.get("password"));
        let mut notes = Vec::new();
        if username.is_empty() && password.is_empty() {
            return Err(AuthProblem::Missing { label: "User name", way: self.label() });
        }
        if username.contains(':') {
            notes.push(
                "the user name holds a colon: the server will take what follows it as the password"
                    .into(),
            );
        }
        for (what, text) in [("user name", username), ("password", password)] {
            if text.is_empty() {
                notes.push(format!("the {what} is empty"));
            } else if text.ends_with(['\n', '\r']) {
                notes.push(format!("the {what} has a line break at its end, sent as typed"));
            } else if text.trim() != text {
                notes.push(format!("the {what} has blanks at its ends, sent as typed"));
            }
        }
        let pair = Zeroizing::new(format!("{username}:{password}"));
        let value = format!("Basic {}", STANDARD.encode(pair.as_bytes()));
        Ok(AuthContribution {
            headers: vec![AuthHeader::secret("Authorization", value)],
            notes,
            ..AuthContribution::default()
        })
    }
}
