//! Digest (RFC 7616): proves that the password is known without sending it.
//!
//! It takes two handshakes. The first one, without a credential, is refused with a challenge; the
//! second answers it. The answer covers method and target, so it is made anew for each attempt.

mod challenge;

use digest_auth::{AlgorithmType, AuthContext, AuthorizationHeader, Charset, HttpMethod};

use super::credential::only;
use super::{About, Ask, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, AuthHeader, Shown};
use crate::core::secret::{MASK, Secret};

#[derive(Debug)]
pub(super) struct DigestWay;

impl Way for DigestWay {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "digest",
            label: "Digest",
            summary: "Asks for the server's challenge first, then answers it with user name and \
                      password (MD5, SHA-256, SHA-512-256).",
            group: Group::Proof,
            fields: &[
                Field { help: "As the server knows it.", ..Field::text("username", "User name") },
                Field {
                    help: "It is not sent; the answer is computed from it.",
                    ..Field::secret("password", "Password").optional()
                },
            ],
        };
        &ABOUT
    }

    fn ask(&self, values: &Values<'_>, ctx: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        let (url, user) = (ctx.request.url.clone(), values.get("username").to_owned());
        Ok(Some(Ask::DigestChallenge { url, user }))
    }

    /// The grant's facts named `challenge` are the server's challenges, each a whole value of
    /// `WWW-Authenticate`; its fact `nc`, if there is one, counts the uses of the nonce, this one
    /// included.
    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (user, password) = (values.get("username"), values.get("password"));
        only(user, "user name", "a header", |c| !c.is_control())?;
        let target = ctx.address()?.target;
        let Some(grant) = ctx.grant else {
            return Ok(AuthContribution {
                headers: vec![AuthHeader::open(
                    "Authorization",
                    format!("Digest (answers the server's challenge for GET {target})"),
                )],
                pending: Some(
                    "the server's challenge, which is asked for at connecting by an attempt \
                     without a credential"
                        .into(),
                ),
                ..AuthContribution::default()
            });
        };
        let values = grant.facts.more.iter().filter(|(name, _)| name == "challenge");
        let mut chosen = challenge::strongest(values.map(|(_, value)| value.as_str()))?;
        if let Ok(nc) = grant.fact("nc").parse::<u32>() {
            chosen.nc = nc.saturating_sub(1);
        }
        // A count can be as large as the server's list; the crate adds one to it.
        chosen.nc = chosen.nc.min(u32::MAX - 1);
        let mut secrets = AuthContext::new_with_method(
            user,
            password,
            target.as_str(),
            Some(&b""[..]),
            HttpMethod::GET,
        );
        let cnonce: String = ctx.entropy.iter().map(|byte| format!("{byte:02x}")).collect();
        secrets.set_custom_cnonce(cnonce);
        let answer = AuthorizationHeader::from_prompt(&mut chosen, &secrets).map_err(|_| {
            AuthProblem::Value {
                label: "the server's challenge",
                why: "offers no quality of protection that is known".into(),
            }
        })?;
        let line = answer.to_string();
        let mut notes = Vec::new();
        if answer.algorithm.algo == AlgorithmType::MD5 {
            notes.push("the server's challenge offers nothing better than MD5".into());
        }
        if chosen.stale {
            notes.push("the server says that the nonce before this one had become stale".into());
        }
        if !user.is_ascii() && chosen.charset == Charset::ASCII {
            notes.push(
                "the user name is not ASCII, and the server does not say that it takes UTF-8"
                    .into(),
            );
        }
        let qop = answer.qop.map_or_else(|| "none (RFC 2069)".to_owned(), |qop| qop.to_string());
        let text = format!(
            "realm {}\nalgorithm {}\nqop {qop}\nmethod and target GET {target}\nnc {:08x}",
            answer.realm, answer.algorithm, answer.nc,
        );
        let shown = line.replace(&answer.response, MASK);
        Ok(AuthContribution {
            headers: vec![AuthHeader {
                name: "Authorization".into(),
                value: line.into(),
                shown: Some(shown),
            }],
            notes,
            // Who reads it can try passwords on it.
            secrets: vec![Secret::from(answer.response.as_str())],
            shown: vec![Shown { title: "Digest".into(), text }],
            ..AuthContribution::default()
        })
    }
}

#[cfg(test)]
mod tests;
