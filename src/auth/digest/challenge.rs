//! Chooses the challenge that is answered, and says what is wrong with those that cannot be.

use digest_auth::WwwAuthenticateHeader;

use crate::auth::AuthProblem;
use crate::core::challenge::{self, Challenge};
use crate::core::sanitize;

/// The strongest of the challenges of these header values.
pub(super) fn strongest<'a>(
    values: impl Iterator<Item = &'a str>,
) -> Result<WwwAuthenticateHeader, AuthProblem> {
    let all: Vec<Challenge> = values.flat_map(challenge::read).collect();
    challenge::strongest(&all).ok_or_else(|| {
        let list = |texts: Vec<&String>| {
            let texts = texts.into_iter().map(|text| sanitize::escape_line(text).into_owned());
            texts.collect::<Vec<_>>().join(", ")
        };
        let why = if all.is_empty() {
            "asks for nothing".to_owned()
        } else if all.iter().any(|one| one.is("digest")) {
            let known = all.iter().filter_map(|one| one.params.get("algorithm")).collect();
            format!(
                "has no realm, no nonce or an algorithm or qop that is not known ({})",
                list(known)
            )
        } else {
            let schemes = all.iter().map(|one| &one.scheme).collect();
            format!("asks for {} and not for Digest", list(schemes))
        };
        AuthProblem::Value { label: "the server's challenge", why }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_answered_is_told() {
        for (value, why) in [
            ("", "asks for nothing"),
            ("Bearer realm=x, Negotiate", "asks for Bearer, Negotiate and not for Digest"),
            ("Digest realm=x", "has no realm, no nonce"),
            ("Digest realm=x, nonce=y, algorithm=SM3", "not known (SM3)"),
            ("Digest realm=x, nonce=y, qop=\"other\"", "not known"),
            ("Digest realm=x, nonce=\"a\rb\"", "has no realm, no nonce"),
        ] {
            let problem = strongest(std::iter::once(value)).unwrap_err().to_string();
            assert!(problem.contains(why), "{value}: {problem}");
        }
    }
}
