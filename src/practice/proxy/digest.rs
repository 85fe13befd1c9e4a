//! Digest (RFC 7616) as a proxy checks it, computed here by itself: SHA-256 and `qop=auth`.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::practice::credentials::{PASSWORD, USER};

const REALM: &str = "practice proxy";
/// The same for everybody, always: it guards nothing.
const NONCE: &str = "cHJhY3RpY2Utbm9uY2U";

/// The value of `Proxy-Authenticate`.
pub(super) fn challenge() -> String {
    format!("Digest realm=\"{REALM}\", qop=\"auth\", algorithm=SHA-256, nonce=\"{NONCE}\"")
}

/// Whether this value of `Proxy-Authorization` proves the practice user for a CONNECT to `target`.
pub(super) fn is_practice_user(value: &str, target: &str) -> bool {
    let Some(rest) = value.strip_prefix("Digest ") else { return false };
    // No value that is right has a comma in it.
    let field = |name: &str| {
        rest.split(',')
            .filter_map(|piece| piece.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.trim_matches('"').to_owned()))
    };
    let field = |name: &str| field(name).unwrap_or_default();
    let (nc, cnonce) = (field("nc"), field("cnonce"));
    let ha1 = hash(&format!("{USER}:{REALM}:{PASSWORD}"));
    let ha2 = hash(&format!("CONNECT:{target}"));
    let expected = hash(&format!("{ha1}:{NONCE}:{nc}:{cnonce}:auth:{ha2}"));
    field("username") == USER
        && field("realm") == REALM
        && field("nonce") == NONCE
        && field("uri") == target
        && field("qop") == "auth"
        && nc == "00000001"
        && !cnonce.is_empty()
        && field("response") == expected
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_proof_counts() {
        // The response was computed with sha256sum.
        let good = format!(
            "Digest username=\"practice\", realm=\"practice proxy\", nonce=\"{NONCE}\", \
             uri=\"a.example:80\", qop=auth, nc=00000001, cnonce=\"c\", \
             response=\"b529a6134f82c5382f2e059c27d54c4f626a435c2dde99db33d586e2ab92f1da\", algorithm=SHA-256"
        );
        assert!(is_practice_user(&good, "a.example:80"), "{good}");
        assert!(!is_practice_user(&good, "b.example:80"));
        for (from, to) in [("=\"c\"", "=\"d\""), ("Digest", "Basic"), ("=auth", "=auth-int")] {
            assert!(!is_practice_user(&good.replace(from, to), "a.example:80"), "{from}");
        }
        assert!(!is_practice_user("", ""));
    }
}
