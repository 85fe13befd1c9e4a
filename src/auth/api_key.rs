//! A key under a name of the service's choice: as a header, in the query, as a cookie, or as a
//! subprotocol (the only place that a browser's program can write to).

use super::credential::{Credential, only};
use super::{AuthProblem, Context, Field, Group, Values, Way};
use crate::core::headers::is_token_char;
use crate::core::request::{AuthContribution, AuthHeader, AuthSubprotocol};

#[derive(Debug)]
pub(super) struct ApiKey;

impl Way for ApiKey {
    fn kind(&self) -> &'static str {
        "api-key"
    }

    fn label(&self) -> &'static str {
        "API key"
    }

    fn summary(&self) -> &'static str {
        "Sends a named key as a header, query parameter, cookie or subprotocol."
    }

    fn group(&self) -> Group {
        Group::Token
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[
            Field {
                required: false,
                placeholder: "X-API-Key",
                help: "Name of the header, parameter or cookie; for a subprotocol the one that is \
                       offered before the key, if any.",
                ..Field::text("name", "Name")
            },
            Field { help: "The key.", ..Field::secret("value", "Value") },
            Field {
                required: false,
                choices: &["header", "query", "cookie", "subprotocol"],
                default: "header",
                help: "Where it goes.",
                ..Field::text("in", "In")
            },
        ];
        FIELDS
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
        match place {
            "query" => out.query.push((name.into(), value.into())),
            "cookie" => {
                only(name, "cookie's name", "a cookie", is_token_char)?;
                only(value, "key", "a cookie", is_cookie_char)?;
                out.cookies.push((name.into(), value.into()));
            }
            "subprotocol" => {
                only(name, "name", "a subprotocol", is_token_char)?;
                only(value, "key", "a subprotocol", is_token_char)?;
                if !name.is_empty() {
                    out.subprotocols.push(AuthSubprotocol { text: name.into(), is_secret: false });
                }
                out.subprotocols.push(AuthSubprotocol { text: value.into(), is_secret: true });
            }
            _ => {
                only(name, "header's name", "a header's name", is_token_char)?;
                out.headers.push(AuthHeader::secret(name, value));
            }
        }
        Ok(out)
    }
}

/// Characters of a cookie's value (RFC 6265 section 4.1.1, cookie-octet).
fn is_cookie_char(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\')
}
