//! Checks a request signed with Huawei Cloud's SDK-HMAC-SHA256, and refuses as its API gateway
//! does, with the canonical request that it made of the request.
//!
//! `gateway` remembers what a gateway must: failures and tokens. `iam` gives the tokens.
//!
//! Written from the vendor's rules and not from our client's signing, so that the two test each
//! other. A signature is checked over what came on the wire: the path as it was sent gets its
//! trailing slash here.

mod gateway;
pub(super) mod iam;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::credentials::{ACCESS_KEY, APP_KEY, APP_SECRET, SECRET_KEY};
use super::head::Head;

pub(super) use gateway::{Gateway, Worth};

const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// How far the signature's date may be from the gateway's, in seconds.
const CLOCK_TOLERANCE: i64 = 15 * 60;
/// SHA-256 of nothing: a handshake has no body.
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// What stays unencoded: letters, digits, `-`, `_`, `.` and `~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Why a request is refused, in the gateway's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Whose key signs; the gateway words its refusals by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signer {
    Iam,
    App,
}

impl Signer {
    fn refuse(self, what: &str) -> Refused {
        match self {
            Signer::Iam => Refused {
                code: "APIG.0301",
                message: format!("Incorrect IAM authentication information: {what}"),
            },
            Signer::App => Refused {
                code: "APIG.0303",
                message: format!("Incorrect app authentication information: {what}"),
            },
        }
    }
}

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
struct Authorization<'a> {
    access: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(value: &'a str) -> Option<Authorization<'a>> {
        let (access, rest) =
            value.strip_prefix(ALGORITHM)?.trim_start().strip_prefix("Access=")?.split_once(',')?;
        let (signed_headers, rest) =
            rest.trim_start().strip_prefix("SignedHeaders=")?.split_once(',')?;
        let signature = rest.trim_start().strip_prefix("Signature=")?;
        Some(Authorization { access, signed_headers, signature })
    }
}

/// Checks the signature of a request.
///
/// # Errors
/// The refusal, in the gateway's words.
fn verify(head: &Head, now: Timestamp) -> Result<(), Refused> {
    let Some(value) = head.header("authorization") else {
        return Err(Signer::Iam.refuse("x-auth-token not found"));
    };
    let Some(authorization) = Authorization::parse(&value) else {
        return Err(Signer::Iam.refuse("verify aksk signature fail, Authorization format error"));
    };
    let (signer, secret) = match authorization.access {
        ACCESS_KEY => (Signer::Iam, SECRET_KEY),
        APP_KEY => (Signer::App, APP_SECRET),
        // The two kinds are told apart by the service's address; here by the name of ours.
        other if other.contains("APP") => {
            return Err(Signer::App.refuse(&format!("app not found, appkey {other}")));
        }
        other => {
            let what = format!("Get secretKey failed, ak:{other}, err:ak not exist");
            return Err(Signer::Iam.refuse(&what));
        }
    };
    let date = head.header("x-sdk-date").unwrap_or_default();
    let signed: Vec<&str> = authorization.signed_headers.split(';').collect();
    let Some(signed_at) = parse_date(&date).filter(|_| signed.contains(&"x-sdk-date")) else {
        return Err(signer.refuse("x-sdk-date not found or not signed"));
    };
    if (now.as_second() - signed_at.as_second()).abs() > CLOCK_TOLERANCE {
        let what = format!(
            "{}signature expired, signature time:{date},server time:{}",
            if signer == Signer::Iam { "calc ak sk signature fail:" } else { "" },
            now.strftime("%Y%m%dT%H%M%SZ"),
        );
        return Err(signer.refuse(&what));
    }
    let canonical = canonical_request(head, authorization.signed_headers);
    if signature(secret, &string_to_sign(&date, &canonical)) == authorization.signature {
        return Ok(());
    }
    let what = match signer {
        Signer::Iam => "verify aksk signature fail",
        Signer::App => "verify signature fail",
    };
    Err(signer.refuse(&format!("{what}, canonicalRequest:{}", canonical.replace('\n', "|"))))
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// The request in its canonical form.
fn canonical_request(head: &Head, signed_headers: &str) -> String {
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let values: Vec<String> = head.values(name).collect();
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{}",
        head.method,
        canonical_path(head.path()),
        canonical_query(head.raw_query()),
        head.header("x-sdk-content-sha256").as_deref().unwrap_or(EMPTY_HASH),
    )
}

/// Decoded once, encoded part by part, with a slash at the end.
fn canonical_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let parts: Vec<String> = decoded.split('/').map(encode).collect();
    let mut canonical = parts.join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Pairs decoded, sorted, encoded; a `+` stands for itself.
fn canonical_query(query: &str) -> String {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort();
    let encoded: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    encoded.join("&")
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

fn string_to_sign(date: &str, canonical: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical.as_bytes())))
}

fn signature(secret: &str, string_to_sign: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
