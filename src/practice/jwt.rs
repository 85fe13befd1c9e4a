//! Checks JSON Web Tokens (RFC 7519) against the practice keys.
//!
//! Own code around the verifiers that TLS uses, which share nothing with the crate that our client
//! signs with.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rcgen::{KeyPair, PublicKeyData as _};
use rustls::SignatureScheme;
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};

/// Seconds that a token's times may be off.
const LEEWAY: f64 = 5.0;

/// The private keys that tokens for the practice server are signed with. They guard nothing.
const RSA: &str = include_str!("../../assets/practice/jwt-rsa.pem");
const P256: &str = include_str!("../../assets/practice/jwt-p256.pem");
const P384: &str = include_str!("../../assets/practice/jwt-p384.pem");
const ED25519: &str = include_str!("../../assets/practice/jwt-ed25519.pem");

/// The private key, in PEM, that an algorithm needs; `None` for those that sign with a secret.
pub(super) fn private_pem(algorithm: &str) -> Option<&'static str> {
    Some(match algorithm {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => RSA,
        "ES256" => P256,
        "ES384" => P384,
        "EdDSA" => ED25519,
        _ => return None,
    })
}

/// Checks the signature and gives the claims.
///
/// # Errors
/// A sentence, as libraries word it.
pub(super) fn verify(token: &str, secret: &[u8]) -> Result<BTreeMap<String, Value>, String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err("The token is malformed: it must have three parts".into());
    };
    let object = |part: &str| -> Option<BTreeMap<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (Some(head), Some(said)) = (object(header), object(claims)) else {
        return Err("The token is malformed: header and claims must be JSON objects".into());
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return Err("The token is malformed: its signature is not base64url".into());
    };
    let algorithm = head.get("alg").and_then(Value::as_str).unwrap_or_default();
    let message = format!("{header}.{claims}");
    match signed(algorithm, message.as_bytes(), &signature, secret) {
        Some(true) => Ok(said),
        Some(false) => Err("The signature is invalid".into()),
        None => Err(format!("The algorithm {algorithm} is not allowed")),
    }
}

/// Whether the signature is right; `None` for an algorithm that is not taken.
fn signed(algorithm: &str, message: &[u8], signature: &[u8], secret: &[u8]) -> Option<bool> {
    macro_rules! mac {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(secret).ok()?;
            mac.update(message);
            return Some(mac.verify_slice(signature).is_ok());
        }};
    }
    let scheme = match algorithm {
        "HS256" => mac!(Sha256),
        "HS384" => mac!(Sha384),
        "HS512" => mac!(Sha512),
        "RS256" => SignatureScheme::RSA_PKCS1_SHA256,
        "RS384" => SignatureScheme::RSA_PKCS1_SHA384,
        "RS512" => SignatureScheme::RSA_PKCS1_SHA512,
        "PS256" => SignatureScheme::RSA_PSS_SHA256,
        "PS384" => SignatureScheme::RSA_PSS_SHA384,
        "PS512" => SignatureScheme::RSA_PSS_SHA512,
        "ES256" => SignatureScheme::ECDSA_NISTP256_SHA256,
        "ES384" => SignatureScheme::ECDSA_NISTP384_SHA384,
        "EdDSA" => SignatureScheme::ED25519,
        _ => return None,
    };
    let pair = KeyPair::from_pem(private_pem(algorithm)?).ok()?;
    Some(by_key(scheme, pair.der_bytes(), message, signature))
}

fn by_key(scheme: SignatureScheme, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let provider = rustls::crypto::ring::default_provider();
    let mapping = provider.signature_verification_algorithms.mapping;
    let Some((_, verifiers)) = mapping.iter().find(|(known, _)| *known == scheme) else {
        return false;
    };
    let is_ecdsa = matches!(
        scheme,
        SignatureScheme::ECDSA_NISTP256_SHA256 | SignatureScheme::ECDSA_NISTP384_SHA384
    );
    // The first is that of the scheme's own curve.
    let Some(verifier) = verifiers.first() else { return false };
    if is_ecdsa {
        let Some(der) = ecdsa_der(signature, if key.len() > 70 { 48 } else { 32 }) else {
            return false;
        };
        return verifier.verify_signature(key, message, &der).is_ok();
    }
    verifier.verify_signature(key, message, signature).is_ok()
}

/// The two numbers of a signature, which a token has one behind the other (RFC 7518 section 3.4),
/// in the form of certificates: a sequence of two integers.
fn ecdsa_der(signature: &[u8], size: usize) -> Option<Vec<u8>> {
    if signature.len() != 2 * size {
        return None;
    }
    let mut body = Vec::new();
    for number in signature.chunks(size) {
        let zeros = number.iter().take_while(|byte| **byte == 0).count().min(size - 1);
        let digits = &number[zeros..];
        // A number whose first bit is set would be negative.
        let pad = usize::from(digits[0] & 0x80 != 0);
        body.extend([0x02, u8::try_from(digits.len() + pad).ok()?]);
        body.extend(std::iter::repeat_n(0, pad));
        body.extend(digits);
    }
    let mut out = vec![0x30, u8::try_from(body.len()).ok().filter(|length| *length < 0x80)?];
    out.append(&mut body);
    Some(out)
}

/// Checks the times of a token; it must have an end.
///
/// # Errors
/// A sentence with the time that is wrong, as .NET and others word it.
pub(super) fn in_time(
    claims: &BTreeMap<String, Value>,
    now: jiff::Timestamp,
) -> Result<(), String> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of this age of the world fit")]
    let second = now.as_second() as f64;
    let number = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(format!("The claim {name} is no number")),
    };
    let words = |at: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
        let at = jiff::Timestamp::from_second(at as i64).unwrap_or(jiff::Timestamp::MAX);
        at.strftime("%m/%d/%Y %H:%M:%S").to_string()
    };
    let Some(exp) = number("exp")? else { return Err("The token has no expiration".into()) };
    if exp + LEEWAY < second {
        return Err(format!("The token expired at '{}'", words(exp)));
    }
    for claim in ["nbf", "iat"] {
        if let Some(from) = number(claim)?.filter(|from| *from - LEEWAY > second) {
            return Err(format!("The token is not valid before '{}'", words(from)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standards_are_right() {
        // RFC 7515 appendix A.1.
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let claims = verify(token, &key).unwrap();
        assert_eq!(claims["iss"], "joe");
        let late = in_time(&claims, jiff::Timestamp::from_second(1_300_819_386).unwrap());
        assert_eq!(late.unwrap_err(), "The token expired at '03/22/2011 18:43:00'");
        assert!(in_time(&claims, jiff::Timestamp::from_second(1_300_819_380).unwrap()).is_ok());
        assert_eq!(verify(token, b"other").unwrap_err(), "The signature is invalid");
    }

    #[test]
    fn an_ecdsa_signature_is_rewritten() {
        // RFC 7515 appendix A.3, with the key as x and y behind a 4 (uncompressed).
        let point = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let mut key = vec![4];
        key.extend(point("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"));
        key.extend(point("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
        let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = point(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        );
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        assert!(by_key(scheme, &key, message.as_bytes(), &signature));
        assert!(!by_key(scheme, &key, b"other", &signature));
        // Short numbers lose their zeros, and a high first bit gets one.
        let mut small = vec![0; 64];
        (small[31], small[63]) = (1, 0x80);
        assert_eq!(ecdsa_der(&small, 32).unwrap(), [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]);
        assert_eq!(ecdsa_der(&[0; 63], 32), None);
    }

    #[test]
    fn what_is_no_token_is_told() {
        let none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"),
            URL_SAFE_NO_PAD.encode("{}")
        );
        for (token, why) in [
            ("a.b", "three parts"),
            ("a.b.c", "JSON objects"),
            (none.as_str(), "The algorithm none is not allowed"),
        ] {
            let problem = verify(token, b"x").unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
        for algorithm in ["RS256", "ES256", "ES384", "EdDSA"] {
            let pair = KeyPair::from_pem(private_pem(algorithm).unwrap());
            assert!(pair.is_ok(), "{algorithm}");
        }
    }
}
