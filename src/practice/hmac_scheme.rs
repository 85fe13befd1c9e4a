//! Checks a signature by a scheme such as services make up for themselves.
//!
//! In a header: `Authorization: HMAC key=KEY, ts=SECONDS, sig=SIGNATURE`, over method, target and
//! time with line feeds between them, and a `nonce=…` behind them if there is one. In the query: `signature`, the
//! last parameter, over the query before it, in which `timestamp` counts milliseconds.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::credentials::{HMAC_KEY, HMAC_SECRET};
use super::head::Head;

/// How far the time may be off, in seconds.
const TOLERANCE: i64 = 300;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: &'static str,
    pub(super) message: String,
    /// What should have been signed, for a wrong signature.
    pub(super) string_to_sign: Option<String>,
}

fn refuse(error: &'static str, message: impl Into<String>) -> Refused {
    Refused { error, message: message.into(), string_to_sign: None }
}

/// Checks the signature. `algorithm` and `encoding` are those of the endpoint's query.
///
/// # Errors
/// The refusal.
pub(super) fn verify(
    head: &Head,
    algorithm: &str,
    encoding: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    let (text, signature) = match head.header("authorization") {
        Some(value) => in_header(head, &value, now)?,
        None => in_query(head, now)?,
    };
    let given = match encoding {
        "base64" => STANDARD.decode(&signature).ok(),
        "base64url" => URL_SAFE_NO_PAD.decode(&signature).ok(),
        _ => hex(&signature),
    };
    let right = match algorithm {
        "sha1" => check(Hmac::<Sha1>::new_from_slice(HMAC_SECRET.as_bytes()), &text, given),
        "sha512" => check(Hmac::<Sha512>::new_from_slice(HMAC_SECRET.as_bytes()), &text, given),
        _ => check(Hmac::<Sha256>::new_from_slice(HMAC_SECRET.as_bytes()), &text, given),
    };
    if right {
        return Ok(());
    }
    let message = "The signature does not match";
    Err(Refused { string_to_sign: Some(text), ..refuse("invalid_signature", message) })
}

fn check<M: Mac, E>(mac: Result<M, E>, text: &str, given: Option<Vec<u8>>) -> bool {
    let (Ok(mut mac), Some(given)) = (mac, given) else { return false };
    mac.update(text.as_bytes());
    mac.verify_slice(&given).is_ok()
}

fn in_header(head: &Head, value: &str, now: Timestamp) -> Result<(String, String), Refused> {
    let Some(rest) = value.strip_prefix("HMAC ") else {
        return Err(refuse("invalid_authorization", "Authorization must begin with HMAC"));
    };
    let part = |name: &str| {
        let pairs = rest.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    };
    let (Some(key), Some(ts), Some(signature)) = (part("key"), part("ts"), part("sig")) else {
        return Err(refuse("invalid_authorization", "Authorization must have key, ts and sig"));
    };
    key_known(key)?;
    in_time(ts.parse().ok(), now)?;
    let mut text = format!("{}\n{}\n{ts}", head.method, head.target);
    if let Some(nonce) = part("nonce") {
        text.push_str(&format!("\n{nonce}"));
    }
    Ok((text, signature.to_owned()))
}

fn in_query(head: &Head, now: Timestamp) -> Result<(String, String), Refused> {
    let query = head.raw_query();
    let (Some((before, _)), Some(signature)) =
        (query.rsplit_once("&signature="), head.param("signature"))
    else {
        return Err(refuse("missing_signature", "No signature came"));
    };
    key_known(&head.param("key").unwrap_or_default())?;
    let at = head.param("timestamp").and_then(|text| text.parse::<i64>().ok());
    in_time(at.map(|at| at / 1_000), now)?;
    Ok((before.to_owned(), signature))
}

fn key_known(key: &str) -> Result<(), Refused> {
    if key == HMAC_KEY {
        Ok(())
    } else {
        Err(refuse("unknown_key", format!("No key is called {key}")))
    }
}

fn in_time(at: Option<i64>, now: Timestamp) -> Result<(), Refused> {
    let Some(at) = at else {
        return Err(refuse("invalid_timestamp", "The timestamp is no number"));
    };
    if now.as_second().saturating_sub(at).saturating_abs() <= TOLERANCE {
        return Ok(());
    }
    let message =
        format!("The timestamp {at} is too far from the server's time {}", now.as_second());
    Err(refuse("timestamp_expired", message))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::head::parsed;

    fn refused(target: &str, line: &str) -> Refused {
        let head = parsed(&format!("GET {target} HTTP/1.1\r\n{line}\r\n"));
        verify(&head, "sha256", "hex", Timestamp::from_second(1_000).unwrap()).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (target, line, error) in [
            ("/", "", "missing_signature"),
            ("/", "Authorization: Bearer x\r\n", "invalid_authorization"),
            ("/", "Authorization: HMAC key=x\r\n", "invalid_authorization"),
            ("/", "Authorization: HMAC key=x, ts=1, sig=2\r\n", "unknown_key"),
            (
                "/",
                "Authorization: HMAC key=practice-hmac-key, ts=x, sig=2\r\n",
                "invalid_timestamp",
            ),
            (
                "/",
                "Authorization: HMAC key=practice-hmac-key, ts=-9223372036854775808, sig=2\r\n",
                "timestamp_expired",
            ),
            ("/?key=practice-hmac-key&timestamp=1000000&signature=00", "", "invalid_signature"),
        ] {
            assert_eq!(refused(target, line).error, error, "{target} {line}");
        }
        let wrong = refused(
            "/x?a=1",
            "Authorization: HMAC key=practice-hmac-key, ts=1000, sig=00, nonce=n\r\n",
        );
        assert_eq!(wrong.string_to_sign.as_deref(), Some("GET\n/x?a=1\n1000\nn"));
    }

    #[test]
    fn a_published_value_is_right() {
        // RFC 4231 section 4.3.
        let mac = Hmac::<Sha256>::new_from_slice(b"Jefe");
        let value = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(check(mac.clone(), "what do ya want for nothing?", hex(value)));
        assert!(!check(mac, "what do ya want for nothing", hex(value)));
    }
}
