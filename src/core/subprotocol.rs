//! Subprotocols that carry a credential. Browsers can set no header on a handshake, so that many
//! services take a token among the subprotocols: behind a word that announces it (`bearer, TOKEN`)
//! or behind a prefix (`base64url.bearer.authorization.k8s.io.TOKEN`).

use super::jwt;
use super::secret::looks_random;

/// Words after which a credential stands as the next item.
const WORDS: &[&str] = &[
    "bearer",
    "authorization",
    "auth",
    "token",
    "access_token",
    "access-token",
    "jwt",
    "apikey",
    "api-key",
    "api_key",
    "x-api-key",
    "basic",
];

/// Beginnings behind which a credential stands in the same item.
const PREFIXES: &[&str] = &[
    "base64url.bearer.authorization.k8s.io.",
    "authorization.bearer.",
    "bearer.",
    "access_token.",
    "token.",
];

/// The credential in each item, as far as it can be told: the part of the item that is one.
#[must_use]
pub fn credentials<S: AsRef<str>>(offered: &[S]) -> Vec<Option<&str>> {
    let mut before = "";
    let mut out = Vec::with_capacity(offered.len());
    for item in offered {
        let item = item.as_ref().trim();
        let behind = PREFIXES.iter().find_map(|prefix| {
            let head = item.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| &item[prefix.len()..])
        });
        let announced = WORDS.iter().any(|word| before.eq_ignore_ascii_case(word));
        let found = match behind {
            Some(rest) if !rest.is_empty() => Some(rest),
            _ if announced && looks_random(item) => Some(item),
            _ if jwt::read(item, "").is_some() => Some(item),
            _ => None,
        };
        out.push(found);
        before = item;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_names() {
        let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
        let kubernetes = format!("base64url.bearer.authorization.k8s.io.{jwt}");
        for (offered, expected) in [
            (vec!["chat", "v2.channel.k8s.io"], vec![None, None]),
            (vec!["bearer", "s3cret-token"], vec![None, Some("s3cret-token")]),
            (vec!["Bearer", "graphql-ws"], vec![None, None]),
            (vec!["chat", jwt], vec![None, Some(jwt)]),
            (vec![&*kubernetes], vec![Some(jwt)]),
            (vec!["token.", "bearer"], vec![None, None]),
            (vec!["é.bearer", ""], vec![None, None]),
        ] {
            assert_eq!(credentials(&offered), expected, "{offered:?}");
        }
        assert_eq!(credentials::<&str>(&[]), Vec::<Option<&str>>::new());
    }
}
