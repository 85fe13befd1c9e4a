//! Challenges of `WWW-Authenticate` and `Proxy-Authenticate` (RFC 9110 section 11.6.1), which come
//! from the network: read for those who answer them and for those who explain a refusal.

use std::collections::BTreeMap;

use digest_auth::{Algorithm, AlgorithmType, Charset, Qop, WwwAuthenticateHeader};

use super::headers::is_token_char;

/// Longest value that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// One challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// As it was written.
    pub scheme: String,
    /// Names in lower case; of a name that stands twice the first value.
    pub params: BTreeMap<String, String>,
}

impl Challenge {
    /// Whether it is of that scheme, whatever the case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// A Digest (RFC 7616) that can be answered; `None` of another scheme, if something is missing,
    /// or if it wants what is not known.
    #[must_use]
    pub fn digest(&self) -> Option<WwwAuthenticateHeader> {
        self.is("digest").then_some(())?;
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
            Some(offered) => Some(vec![best_qop(&offered)?]),
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

/// The Digest with the strongest algorithm that can be answered; of equals the first, since a
/// server lists them in the order of its preference (RFC 7616 section 3.7).
#[must_use]
pub fn strongest(all: &[Challenge]) -> Option<WwwAuthenticateHeader> {
    all.iter().filter_map(Challenge::digest).min_by_key(|one| match one.algorithm.algo {
        AlgorithmType::SHA2_512_256 => 0,
        AlgorithmType::SHA2_256 => 1,
        AlgorithmType::MD5 => 2,
    })
}

/// Quality of protection that is taken: `auth`, or `auth-int` over the empty body if the server
/// wants nothing else.
fn best_qop(offered: &str) -> Option<Qop> {
    let has = |wanted: &str| offered.split(',').any(|qop| qop.trim().eq_ignore_ascii_case(wanted));
    if has("auth") { Some(Qop::AUTH) } else { has("auth-int").then_some(Qop::AUTH_INT) }
}

/// The challenges of one value. A word that no `=` follows begins a new one.
#[must_use]
pub fn read(value: &str) -> Vec<Challenge> {
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
        assert!(all[2].is("digest") && !all[1].is("digest"));
    }

    #[test]
    fn the_strongest_that_is_known_is_taken() {
        let digest = |rest: &str| format!("Digest realm=\"r\", nonce=\"n\"{rest}");
        let chosen = |value: &str| strongest(&read(value)).map(|one| one.algorithm.to_string());
        let md5 = digest("");
        assert_eq!(chosen(&md5).as_deref(), Some("MD5"));
        let both = [md5, digest(", algorithm=sha-256"), digest(", algorithm=SHA-1024")].join(", ");
        assert_eq!(chosen(&both).as_deref(), Some("SHA-256"));
        let more = format!("{both}, {}", digest(", algorithm=SHA-512-256-sess"));
        assert_eq!(chosen(&more).as_deref(), Some("SHA-512-256-sess"));
        for value in [
            "",
            "Bearer realm=x, nonce=y",
            "Digest realm=x",
            "Digest realm=x, nonce=y, algorithm=SM3",
            "Digest realm=x, nonce=y, qop=\"other\"",
            "Digest realm=x, nonce=\"a\rb\"",
        ] {
            assert_eq!(chosen(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_the_network_makes_it_panic(value in "[Digest realmnoc=,\"\\\\ \\PC]{0,60}") {
            let _ = strongest(&read(&value));
        }
    }
}
