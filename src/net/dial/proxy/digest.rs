//! The answer to a proxy's Digest challenge (RFC 7616), with the method CONNECT and `host:port` as
//! the address (RFC 9112 section 3.2.3).

use digest_auth::{AuthContext, HttpMethod};

use crate::core::challenge::{self, Challenge};
use crate::core::secret::Secret;

/// The value of `Proxy-Authorization`; `None` if the proxy takes Basic as well, which was sent
/// already, or if it offers no Digest that can be answered.
pub(super) fn answer(
    challenges: &[&[u8]],
    user: &str,
    password: &Secret,
    target: &str,
) -> Option<Secret> {
    let texts: Option<Vec<&str>> =
        challenges.iter().map(|value| std::str::from_utf8(value).ok()).collect();
    let all: Vec<Challenge> = texts?.into_iter().flat_map(challenge::read).collect();
    if all.iter().any(|one| one.is("basic")) {
        return None;
    }
    let mut prompt = challenge::strongest(&all)?;
    let context = AuthContext::new_with_method(
        user,
        password.expose(),
        target,
        None::<&[u8]>,
        HttpMethod::CONNECT,
    );
    let header = prompt.respond(&context).ok()?;
    Some(Secret::new(header.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_to(challenges: &[&str]) -> Option<String> {
        let bytes: Vec<&[u8]> = challenges.iter().map(|text| text.as_bytes()).collect();
        let answer = answer(&bytes, "Mufasa", &"Circle of Life".into(), "a.example:443")?;
        Some(answer.expose().to_owned())
    }

    #[test]
    fn a_challenge_is_answered() {
        // By hand with md5sum: HA1 of Mufasa:r:Circle of Life, HA2 of CONNECT:a.example:443.
        let answer = answer_to(&["Digest realm=\"r\", nonce=\"n\""]).unwrap();
        assert!(answer.starts_with("Digest username=\"Mufasa\""), "{answer}");
        assert!(answer.contains("uri=\"a.example:443\""), "{answer}");
        assert!(answer.contains("response=\"03d0e0e07c3a09b6853439df824c2730\""), "{answer}");
        let sha = answer_to(&[
            "Digest realm=\"a, b\", qop=\"auth,auth-int\", algorithm=SHA-256, nonce=\"n\", opaque=\"o\"",
        ]);
        let sha = sha.unwrap();
        assert!(sha.contains("qop=auth,") && sha.contains("algorithm=SHA-256"), "{sha}");
        assert!(!sha.contains("Circle"), "{sha}");
    }

    #[test]
    fn the_first_that_can_be_answered_counts() {
        let new = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-1024";
        let old = "digest realm=\"r\", nonce=\"m\", algorithm=MD5";
        for challenges in [&[new, old][..], &[&format!("{new}, {old}")], &["Negotiate", old]] {
            let answer = answer_to(challenges).unwrap();
            assert!(answer.contains("nonce=\"m\""), "{answer}");
        }
    }

    #[test]
    fn what_is_no_digest_alone_is_left() {
        for challenges in [
            &[][..],
            &["Basic realm=\"r\""],
            &["NTLM", "Negotiate"],
            &["Digest realm=\"r\", nonce=\"n\", Basic realm=\"r\""],
            &["Digest realm=\"r\""],
            &["Digest realm=\"r"],
            &["Digest"],
        ] {
            assert_eq!(answer_to(challenges), None, "{challenges:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_challenge_is_taken(text in "\\PC{0,80}", tail in "[ -~]{0,80}") {
            let _ = answer_to(&[&format!("Digest {text}"), &format!("Digest realm=\"r\", {tail}")]);
        }
    }
}
