//! The answer to a proxy's Digest challenge (RFC 7616), with the method CONNECT and `host:port` as
//! the address (RFC 9112 section 3.2.3).

use digest_auth::{AuthContext, HttpMethod, Qop, WwwAuthenticateHeader};

use crate::core::secret::Secret;

/// Longest challenge that is looked at.
const LONGEST: usize = 8 * 1024;

/// The value of `Proxy-Authorization`; `None` if the proxy offers something else as well as
/// Digest, no Digest, or none that can be answered. The first challenge that can be is the one
/// that the proxy likes best (RFC 7616 section 3.7).
pub(super) fn answer(
    challenges: &[&[u8]],
    user: &str,
    password: &Secret,
    target: &str,
) -> Option<Secret> {
    let texts: Option<Vec<&str>> =
        challenges.iter().map(|value| std::str::from_utf8(value).ok()).collect();
    let all: Vec<(&str, &str)> = texts?.into_iter().flat_map(split).collect();
    if all.iter().any(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) {
        return None;
    }
    all.into_iter()
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("digest"))
        .find_map(|(_, challenge)| respond(challenge, user, password, target))
}

fn respond(challenge: &str, user: &str, password: &Secret, target: &str) -> Option<Secret> {
    // The parser counts characters where it means bytes.
    if !challenge.is_ascii() || challenge.len() > LONGEST {
        return None;
    }
    let mut prompt = WwwAuthenticateHeader::parse(challenge).ok()?;
    if prompt.qop.as_ref().is_some_and(|offered| offered.contains(&Qop::AUTH)) {
        // CONNECT has no body that would be worth a hash of its own.
        prompt.qop = Some(vec![Qop::AUTH]);
    }
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

/// The challenges of one header line, each with its scheme: `Basic realm="a", Digest realm=…`
/// (RFC 9110 section 11.6.1).
fn split(value: &str) -> Vec<(&str, &str)> {
    let mut starts = vec![0];
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted && begins_challenge(&value[at + 1..]) => starts.push(at + 1),
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).map(|start| start - 1).chain([value.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| value[*start..end].trim())
        .map(|one| one.split_once(' ').unwrap_or((one, "")))
        .collect()
}

/// Whether a scheme's name follows, and not the next parameter of the same challenge.
fn begins_challenge(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let (word, after) = rest.split_at(word.unwrap_or(rest.len()));
    !word.is_empty() && !after.trim_start().starts_with('=')
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
            &["Digest realm=\"ü\", nonce=\"n\""],
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
