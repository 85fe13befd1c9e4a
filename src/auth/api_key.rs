//! A key under a name of the service's choice: as a header, in the query, as a cookie, or as a
//! subprotocol (the only place that a browser's program can write to).

use super::credential::Credential;
use super::place::{Place, Token};
use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::AuthContribution;

#[derive(Debug)]
pub(super) struct ApiKey;

impl Way for ApiKey {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "api-key",
            label: "API key",
            summary: "Sends a named key as a header, query parameter, cookie or subprotocol.",
            group: Group::Token,
            fields: &[
                Field {
                    placeholder: "X-API-Key",
                    help: "Name of the header, parameter or cookie; for a subprotocol the one \
                           that is offered before the key, if any.",
                    ..Field::text("name", "Name").optional()
                },
                Field { help: "The key.", ..Field::secret("value", "Value") },
                Field {
                    help: "Where it goes.",
                    ..Field::choice(
                        "in",
                        "In",
                        &["header", "query", "cookie", "subprotocol"],
                        "header",
                    )
                },
            ],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let place = values.get("in");
        let name = values.get("name").trim();
        if name.is_empty() && place != "subprotocol" {
            return Err(AuthProblem::Missing { label: "Name", way: self.label() });
        }
        let (value, notes) = Credential::read("key", values.get("value"))
            .note_quotes()
            .note_expiry(ctx.now)
            .finish(self.label())?;
        let mut out = AuthContribution { notes, ..AuthContribution::default() };
        let place = Place { at: place, name, word: "", what: "key" };
        place.put(&Token::Known(value), &mut out)?;
        Ok(out)
    }
}
