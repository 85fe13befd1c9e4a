//! Reads the challenges of `WWW-Authenticate` (RFC 9110 section 11.6.1), which come from the
//! network, and chooses one.

use std::collections::BTreeMap;

use digest_auth::{Algorithm, AlgorithmType, Charset, WwwAuthenticateHeader};

use crate::auth::AuthProblem;
use crate::core::headers::is_token_char;
use crate::core::sanitize;

/// Longest value that is read, and how much of a name is told.
const LONGEST: usize = 16 * 1024;

/// A challenge of any scheme: its name and its parameters, names in lower case.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    scheme: String,
    params: BTreeMap<String, String>,
}

/// The challenge with the strongest algorithm that is known; of equals the first.
pub(super) fn strongest<'a>(
    values: impl Iterator<Item = &'a str>,
) -> Result<WwwAuthenticateHeader, AuthProblem> {
    let bad = |why: String| AuthProblem::Value { label: "the server's challenge", why };
    let all: Vec<Challenge> = values.flat_map(read).collect();
    let digests: Vec<&Challenge> =
        all.iter().filter(|one| one.scheme.eq_ignore_ascii_case("digest")).collect();
    if digests.is_empty() {
        let others: Vec<String> =
            all.iter().map(|one| sanitize::escape_line(&one.scheme).into_owned()).collect();
        return Err(bad(if others.is_empty() {
            "asks for nothing".into()
        } else {
            format!("asks for {} and not for Digest", others.join(", "))
        }));
    }
    let mut usable: Vec<WwwAuthenticateHeader> =
        digests.iter().filter_map(|one| one.usable()).collect();
    // A stable sort, so that the server's order decides among equals.
    usable.sort_by_key(|one| match one.algorithm.algo {
        AlgorithmType::SHA2_512_256 => 0,
        AlgorithmType::SHA2_256 => 1,
        AlgorithmType::MD5 => 2,
    });
    usable.into_iter().next().ok_or_else(|| {
        let algorithms: Vec<String> = digests
            .iter()
            .filter_map(|one| one.params.get("algorithm"))
            .map(|name| sanitize::escape_line(name).into_owned())
            .collect();
        bad(format!(
            "has no realm, no nonce or an algorithm or qop that is not known ({})",
            algorithms.join(", ")
        ))
    })
}

impl Challenge {
    /// As the crate takes it; `None` if it lacks something or wants what is not known.
    fn usable(&self) -> Option<WwwAuthenticateHeader> {
        let get = |name: &str| self.params.get(name).cloned();
        let is = |name: &str, value: &str| {
            self.params.get(name).is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        let algorithm = match get("algorithm") {
            None => Algorithm::new(AlgorithmType::MD5, false),
            Some(name) => {
                let upper = name.to_ascii_uppercase();
                let (base, sess) = match upper.strip_suffix("-SESS") {
                    Some(base) => (base, true),
                    None => (upper.as_str(), false),
                };
                let kind = match base {
                    "MD5" => AlgorithmType::MD5,
                    "SHA-256" => AlgorithmType::SHA2_256,
                    "SHA-512-256" => AlgorithmType::SHA2_512_256,
                    _ => return None,
                };
                Algorithm::new(kind, sess)
            }
        };
        let qop = match get("qop") {
            None => None,
            Some(offered) => Some(vec![super::best_qop(&offered)?]),
        };
        let (realm, nonce, opaque) = (get("realm")?, get("nonce")?, get("opaque"));
        // They are sent back, and must not end the header's line.
        let texts = [&realm, &nonce].into_iter().chain(&opaque);
        if texts.into_iter().any(|text| text.chars().any(char::is_control)) {
            return None;
        }
        Some(WwwAuthenticateHeader {
            domain: None,
            realm,
            nonce,
            opaque,
            stale: is("stale", "true"),
            algorithm,
            qop,
            userhash: is("userhash", "true"),
            charset: if is("charset", "utf-8") { Charset::UTF8 } else { Charset::ASCII },
            nc: 0,
        })
    }
}

/// The challenges of one value. A word that no `=` follows begins a new one.
fn read(value: &str) -> Vec<Challenge> {
    let mut out: Vec<Challenge> = Vec::new();
    if value.len() > LONGEST {
        return out;
    }
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find(|c: char| !is_token_char(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        if word.is_empty() {
            // What can be neither a word nor a gap is passed over, one character at a time.
            let mut chars = rest.chars();
            if chars.next().is_none() {
                return out;
            }
            rest = chars.as_str();
            continue;
        }
        match behind.trim_start().strip_prefix('=') {
            // `Basic QWxh==`: the end of a token68 is no parameter.
            Some(after) if !after.starts_with('=') && !out.is_empty() => {
                let (text, left) = parameter(after.trim_start());
                if let Some(last) = out.last_mut() {
                    last.params.entry(word.to_ascii_lowercase()).or_insert(text);
                }
                rest = left;
            }
            Some(after) => rest = after,
            None => {
                out.push(Challenge { scheme: word.to_owned(), params: BTreeMap::new() });
                rest = behind;
            }
        }
    }
}

/// A token or quoted string, and what is left behind it.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut out = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    (out, chars.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn several_challenges_in_one_value_are_told_apart() {
        let all = read(
            "Basic realm=\"a, b=\\\"c\\\"\", Negotiate, Digest realm=x , nonce = \"n\",qop=\"auth, auth-int\"",
        );
        let names: Vec<&str> = all.iter().map(|one| one.scheme.as_str()).collect();
        assert_eq!(names, ["Basic", "Negotiate", "Digest"]);
        assert_eq!(all[0].params["realm"], "a, b=\"c\"");
        assert_eq!(all[2].params["nonce"], "n");
        assert_eq!(all[2].params["qop"], "auth, auth-int");
    }

    #[test]
    fn the_strongest_that_is_known_is_taken() {
        let digest = |rest: &str| format!("Digest realm=\"r\", nonce=\"n\"{rest}");
        let chosen = |values: &[String]| {
            strongest(values.iter().map(String::as_str)).map(|one| one.algorithm.to_string())
        };
        let md5 = digest("");
        assert_eq!(chosen(std::slice::from_ref(&md5)).unwrap(), "MD5");
        let both = [md5, digest(", algorithm=sha-256"), digest(", algorithm=SHA-1024")];
        assert_eq!(chosen(&both).unwrap(), "SHA-256");
        let joined = [both.join(", "), digest(", algorithm=SHA-512-256-sess")];
        assert_eq!(chosen(&joined).unwrap(), "SHA-512-256-sess");
        for (value, why) in [
            ("", "asks for nothing"),
            ("Bearer realm=x, Negotiate", "asks for Bearer, Negotiate and not for Digest"),
            ("Digest realm=x", "has no realm, no nonce"),
            ("Digest realm=x, nonce=y, algorithm=SM3", "not known (SM3)"),
            ("Digest realm=x, nonce=y, qop=\"other\"", "not known"),
            ("Digest realm=x, nonce=\"a\rb\"", "has no realm, no nonce"),
        ] {
            let problem = chosen(&[value.to_owned()]).unwrap_err().to_string();
            assert!(problem.contains(why), "{value}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_the_network_makes_it_panic(value in "[Digest realmnoc=,\"\\\\ \\PC]{0,60}") {
            let _ = strongest(std::iter::once(value.as_str()));
        }
    }
}
