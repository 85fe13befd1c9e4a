//! Makes JSON Web Tokens (RFC 7519) in the compact form of RFC 7515 section 7.1, for the ways that
//! sign one of their own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, AlgorithmFamily, EncodingKey};
use zeroize::Zeroizing;

use super::problem::AuthProblem;
use super::template;
use crate::core::request::Shown;
use crate::core::secret::Secret;
use crate::core::time::Micros;

/// Where a key in a form that cannot be read is helped on.
const CONVERT: &str = "convert it with `openssl pkcs8 -topk8 -nocrypt`";

/// Signs header and claims, both JSON as they are to go out. `None` for a key that is a reference
/// which is not read yet.
///
/// # Errors
/// When the key is not one of the algorithm's kind.
pub(super) fn sign(
    header: &str,
    claims: &str,
    algorithm: Algorithm,
    key: &KeyText<'_>,
) -> Result<Option<Secret>, AuthProblem> {
    if template::is_later(key.text) {
        return Ok(None);
    }
    let key = key.read(algorithm)?;
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = crypto::sign(message.as_bytes(), &key, algorithm).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::InvalidEcdsaKey => "is no key of that algorithm's curve".into(),
            ErrorKind::InvalidRsaKey(_) | ErrorKind::Signing(_) | ErrorKind::RsaFailedSigning => {
                format!("is no key that {algorithm:?} can sign with")
            }
            _ => format!("cannot sign with {algorithm:?}"),
        };
        AuthProblem::Value { label: "the key", why }
    })?;
    Ok(Some(Secret::new(format!("{message}.{signature}"))))
}

/// A key as it stands in a field.
#[derive(Clone, Copy)]
pub(super) struct KeyText<'a> {
    pub(super) text: &'a str,
    /// For HMAC: the text is the key in base64, of either alphabet.
    pub(super) base64: bool,
}

impl KeyText<'_> {
    fn read(&self, algorithm: Algorithm) -> Result<EncodingKey, AuthProblem> {
        let bad = |why: String| AuthProblem::Value { label: "the key", why };
        let text = self.text;
        let is_pem = text.contains("-----BEGIN ");
        if algorithm.family() == AlgorithmFamily::Hmac {
            if is_pem {
                return Err(bad(format!("is a PEM file, and {algorithm:?} signs with a secret")));
            }
            if !self.base64 {
                return Ok(EncodingKey::from_secret(text.as_bytes()));
            }
            let bytes = decode_base64(text)
                .ok_or_else(|| bad("is not base64, as its encoding says".into()))?;
            return Ok(EncodingKey::from_secret(&bytes));
        }
        if !is_pem {
            return Err(bad(format!(
                "is no PEM file (“-----BEGIN PRIVATE KEY-----”), which {algorithm:?} needs; give it \
                 as file:PATH"
            )));
        }
        if text.contains("ENCRYPTED") {
            return Err(bad(format!("is encrypted; {CONVERT}")));
        }
        if text.contains("-----BEGIN EC PRIVATE KEY") {
            return Err(bad(format!("is in the form of SEC 1 and not PKCS#8; {CONVERT}")));
        }
        if text.contains("-----BEGIN OPENSSH") {
            return Err(bad("is in the form of OpenSSH and not PKCS#8".into()));
        }
        if text.contains("PUBLIC KEY") || text.contains("-----BEGIN CERTIFICATE") {
            return Err(bad("is public, and only a private key can sign".into()));
        }
        let pem = text.trim().as_bytes();
        let (key, kind) = match algorithm.family() {
            AlgorithmFamily::Rsa => (EncodingKey::from_rsa_pem(pem), "an RSA key"),
            AlgorithmFamily::Ec => (EncodingKey::from_ec_pem(pem), "a key of an elliptic curve"),
            _ => (EncodingKey::from_ed_pem(pem), "an Ed25519 key"),
        };
        key.map_err(|_| bad(format!("is not {kind}, which {algorithm:?} needs")))
    }
}

/// Base64 of either alphabet, with or without padding; line breaks within do not count.
pub(super) fn decode_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let plain: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != '=')
            .map(|c| match c {
                '+' => '-',
                '/' => '_',
                c => c,
            })
            .collect(),
    );
    URL_SAFE_NO_PAD.decode(plain.as_bytes()).ok().map(Zeroizing::new)
}

/// Header, claims and times of a token, to be looked at.
pub(super) fn shown(header: &str, claims: &str, now: Micros) -> Vec<Shown> {
    let part = |title: &str, text: String| Shown { title: title.into(), text };
    let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
    let pretty = |json: &str| {
        let lines = read(json).and_then(|value| serde_json::to_string_pretty(&value).ok());
        lines.unwrap_or_else(|| json.to_owned())
    };
    let mut out = vec![part("JWT header", pretty(header)), part("JWT claims", pretty(claims))];
    let claims = read(claims);
    let mut times = Vec::new();
    for (claim, words) in [("iat", "issued"), ("nbf", "not before"), ("exp", "expires")] {
        if let Some(at) = claims.as_ref().and_then(|claims| second(claims, claim)) {
            times.push(format!("{words} {} ({})", at.to_second(), distance(at, now)));
        }
    }
    if !times.is_empty() {
        out.push(part("JWT times", times.join("\n")));
    }
    out
}

/// A time among the claims (RFC 7519 section 2, NumericDate).
pub(super) fn second(claims: &serde_json::Value, claim: &str) -> Option<Micros> {
    let seconds = claims.get(claim)?.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates"
    )]
    Some(Micros((seconds * 1e6) as u64))
}

fn distance(at: Micros, now: Micros) -> String {
    let words = |seconds: u64| match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    };
    match (at.since(now).as_secs(), now.since(at).as_secs()) {
        (0, 0) => "now".into(),
        (0, past) => format!("{} ago", words(past)),
        (ahead, _) => format!("in {}", words(ahead)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_token_comes_out() {
        // The example that jwt.io opens with.
        let token = sign(
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
            Algorithm::HS256,
            &KeyText { text: "your-256-bit-secret", base64: false },
        );
        assert_eq!(
            token.unwrap().unwrap().expose(),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
             eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
             SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        );
    }

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 7515 appendix A.1, line breaks included.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let token = sign(
            "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
            Algorithm::HS256,
            &KeyText { text: key, base64: true },
        );
        let token = token.unwrap().unwrap();
        assert!(
            token.expose().ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "{}",
            token.expose()
        );
    }

    #[test]
    fn a_key_of_the_wrong_kind_is_told_and_never_shown() {
        let pem = |kind: &str| format!("-----BEGIN {kind}-----\nc2VjcmV0\n-----END {kind}-----\n");
        for (algorithm, text, why) in [
            (Algorithm::RS256, "hunter2-hunter2".to_owned(), "is no PEM file"),
            (Algorithm::HS256, pem("PRIVATE KEY"), "is a PEM file, and HS256 signs with a secret"),
            (Algorithm::ES256, pem("EC PRIVATE KEY"), "openssl pkcs8 -topk8 -nocrypt"),
            (Algorithm::RS256, pem("ENCRYPTED PRIVATE KEY"), "is encrypted"),
            (Algorithm::RS256, pem("PUBLIC KEY"), "only a private key can sign"),
            (Algorithm::EdDSA, pem("PRIVATE KEY"), "is not an Ed25519 key, which EdDSA needs"),
        ] {
            let key = KeyText { text: &text, base64: false };
            let problem = sign("{}", "{}", algorithm, &key).unwrap_err().to_string();
            assert!(problem.contains(why), "{algorithm:?}: {problem}");
            assert!(!problem.contains("hunter2") && !problem.contains("c2VjcmV0"));
        }
        let key = KeyText { text: "no base64!", base64: true };
        let problem = sign("{}", "{}", Algorithm::HS256, &key).unwrap_err().to_string();
        assert_eq!(problem, "the key cannot be used: it is not base64, as its encoding says");
    }

    #[test]
    fn times_are_told_in_words() {
        let parts = shown("{}", r#"{"exp":1300,"iat":1000}"#, Micros(1_000_000_000));
        assert_eq!(
            parts[2].text,
            "issued 1970-01-01T00:16:40Z (now)\nexpires 1970-01-01T00:21:40Z (in 5 min)"
        );
    }
}
