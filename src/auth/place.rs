//! Where a token goes: a header behind a word, the query, a cookie, or a subprotocol (the only
//! place that a browser's program can write to).

use super::AuthProblem;
use super::credential::only;
use crate::core::headers::is_token_char;
use crate::core::request::{AuthContribution, AuthHeader, AuthSubprotocol};
use crate::core::secret::Secret;

/// Stands for what can only be computed with a secret that is read when connecting.
pub(super) const LATER: &str = "(computed at connecting)";

/// The same where only the characters of a subprotocol may stand.
const LATER_AS_SUBPROTOCOL: &str = "computed-at-connecting";

/// A token, or in a preview what stands for it.
#[derive(Debug)]
pub(super) enum Token<'a> {
    Known(&'a str),
    /// These words, which are shown.
    Later(&'a str),
}

impl<'a> Token<'a> {
    /// A token that was made here, or [`LATER`].
    pub(super) fn made(token: Option<&'a Secret>) -> Token<'a> {
        token.map_or(Token::Later(LATER), |token| Token::Known(token.expose()))
    }
}

/// One place for a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// `header`, `query`, `cookie` or `subprotocol`: the value of a field `in`.
    pub(super) at: &'a str,
    /// Name of the header, parameter or cookie; for a subprotocol the one that is offered before
    /// the token, if any.
    pub(super) name: &'a str,
    /// The word before the token in a header, such as `Bearer`; may be empty.
    pub(super) word: &'a str,
    /// What the token is called where it cannot stand: `key`.
    pub(super) what: &'static str,
}

impl Place<'_> {
    /// Puts the token there.
    ///
    /// # Errors
    /// When it or the name holds a character that cannot stand there.
    pub(super) fn put(
        &self,
        token: &Token<'_>,
        out: &mut AuthContribution,
    ) -> Result<(), AuthProblem> {
        let Place { name, what, .. } = *self;
        let (Token::Known(text) | Token::Later(text)) = *token;
        match self.at {
            "query" => out.query.push((name.into(), text.into())),
            "cookie" => {
                only(name, "cookie's name", "a cookie", is_token_char)?;
                if let Token::Known(text) = token {
                    only(text, what, "a cookie", is_cookie_char)?;
                }
                out.cookies.push((name.into(), text.into()));
            }
            "subprotocol" => {
                only(name, "name", "a subprotocol", is_token_char)?;
                if !name.is_empty() {
                    out.subprotocols.push(AuthSubprotocol { text: name.into(), is_secret: false });
                }
                out.subprotocols.push(match token {
                    Token::Known(text) => {
                        only(text, what, "a subprotocol", is_token_char)?;
                        AuthSubprotocol { text: (*text).into(), is_secret: true }
                    }
                    Token::Later(_) => {
                        AuthSubprotocol { text: LATER_AS_SUBPROTOCOL.into(), is_secret: false }
                    }
                });
            }
            _ => {
                only(name, "header's name", "a header's name", is_token_char)?;
                let blank = if self.word.is_empty() { "" } else { " " };
                let value = format!("{}{blank}{text}", self.word);
                out.headers.push(match token {
                    Token::Known(_) => AuthHeader::secret(name, value),
                    Token::Later(_) => AuthHeader::open(name, value),
                });
            }
        }
        Ok(())
    }
}

/// Characters of a cookie's value (RFC 6265 section 4.1.1, cookie-octet).
fn is_cookie_char(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\')
}
