//! Checks a request signed with AWS Signature Version 4, in headers or as a presigned address, and
//! refuses as AWS's services do.
//!
//! Written from AWS's description and not from what our client uses, so that the two test each
//! other: the verifier starts from the header names and parameters that came.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use super::credentials::{AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN, AWS_TEMPORARY_KEY};
use super::head::Head;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the date of a signature in headers may be off, in seconds.
const TOLERANCE: i64 = 5 * 60;

/// Why a request is refused: the name of the error and what it says, both in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: &'static str,
    pub(super) message: String,
}

fn refuse(error: &'static str, message: impl Into<String>) -> Refused {
    Refused { error, message: message.into() }
}

/// What the request says of its signature.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    /// Access key, day, region, service and `aws4_request`.
    credential: Vec<String>,
    signed_headers: String,
    signature: String,
    date: String,
    token: Option<String>,
    /// Seconds; `None` for a signature in headers.
    expires: Option<i64>,
}

/// A key to check with; a test brings AWS's published one.
pub(super) struct Key<'a> {
    access: &'a str,
    secret: &'a str,
    /// Temporary keys must bring it.
    token: Option<&'a str>,
}

/// The practice server's own: one for good, and one that needs a session token.
pub(super) const KEYS: [Key<'static>; 2] = [
    Key { access: AWS_ACCESS_KEY, secret: AWS_SECRET_KEY, token: None },
    Key { access: AWS_TEMPORARY_KEY, secret: AWS_SECRET_KEY, token: Some(AWS_SESSION_TOKEN) },
];

/// Checks the signature of a request. `region` and `service` are what the scope must name; empty
/// for any.
///
/// # Errors
/// The refusal, in AWS's words.
pub(super) fn verify(
    head: &Head,
    keys: &[Key<'_>],
    now: Timestamp,
    region: &str,
    service: &str,
) -> Result<(), Refused> {
    let claim = claim(head)?;
    let [access, day, its_region, its_service, end] = claim.credential.as_slice() else {
        return Err(refuse(
            "IncompleteSignatureException",
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{}'",
                claim.credential.join("/")
            ),
        ));
    };
    let invalid = |message: String| Err(refuse("InvalidSignatureException", message));
    if end != "aws4_request" {
        return invalid(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{end}'."
        ));
    }
    let Some(key) = keys.iter().find(|key| key.access == access) else {
        return Err(refuse(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    };
    if key.token != claim.token.as_deref() {
        return Err(refuse(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    if !region.is_empty() && region != its_region {
        return invalid(format!(
            "Credential should be scoped to a valid region, not '{its_region}'. "
        ));
    }
    if !service.is_empty() && service != its_service {
        return invalid(format!("Credential should be scoped to correct service: '{service}'. "));
    }
    let Some(signed_at) = parse_date(&claim.date) else {
        return Err(refuse(
            "IncompleteSignatureException",
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See \
                 http://en.wikipedia.org/wiki/ISO_8601",
                claim.date
            ),
        ));
    };
    if !claim.date.starts_with(day.as_str()) {
        return invalid(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{day}' != '{}', from '{}'.",
            claim.date.split('T').next().unwrap_or_default(),
            claim.date
        ));
    }
    in_time(&claim, signed_at, now)?;
    if !claim.signed_headers.split(';').any(|name| name == "host") {
        return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.".into());
    }
    let canonical = canonical_request(head, &claim, its_service);
    let scope = [day, its_region, its_service, end].map(String::as_str).join("/");
    let to_sign =
        format!("{ALGORITHM}\n{}\n{scope}\n{}", claim.date, hex(&Sha256::digest(&canonical)));
    let mut signing_key = format!("AWS4{}", key.secret).into_bytes();
    for part in [day, its_region, its_service, end] {
        signing_key = mac(&signing_key, part);
    }
    if hex(&mac(&signing_key, &to_sign)) == claim.signature {
        return Ok(());
    }
    invalid(format!(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for \
         details.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe \
         String-to-Sign should have been\n'{to_sign}'\n"
    ))
}

/// Whether the signature is of now.
fn in_time(claim: &Claim, signed_at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    let age = now.as_second() - signed_at.as_second();
    let text = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let off = |seconds: i64| {
        let at = now.as_second().saturating_add(seconds);
        Timestamp::from_second(at).map(text).unwrap_or_default()
    };
    let invalid = |message: String| Err(refuse("InvalidSignatureException", message));
    let (date, server) = (&claim.date, text(now));
    if age < -TOLERANCE {
        return invalid(format!(
            "Signature not yet current: {date} is still later than {} ({server} + 5 min.)",
            off(TOLERANCE)
        ));
    }
    let limit = claim.expires.unwrap_or(TOLERANCE);
    if age > limit {
        let span = match claim.expires {
            Some(seconds) => format!("{seconds} sec."),
            None => "5 min.".into(),
        };
        return invalid(format!(
            "Signature expired: {date} is now earlier than {} ({server} - {span})",
            off(-limit)
        ));
    }
    Ok(())
}

fn claim(head: &Head) -> Result<Claim, Refused> {
    if head.param("X-Amz-Algorithm").is_some() {
        return presigned(head);
    }
    let Some(value) = head.header("authorization") else {
        return Err(refuse("MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    let Some(rest) = value.strip_prefix(ALGORITHM) else {
        return Err(refuse(
            "IncompleteSignatureException",
            format!(
                "'{value}' not a valid key=value pair (missing equal-sign) in Authorization header."
            ),
        ));
    };
    let part = |name: &str| {
        let pairs = rest.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
    };
    let missing = |name: &str| {
        refuse(
            "IncompleteSignatureException",
            format!("Authorization header requires '{name}' parameter. Authorization={value}"),
        )
    };
    let date = head.header("x-amz-date").or_else(|| head.header("date")).ok_or_else(|| {
        refuse(
            "IncompleteSignatureException",
            format!(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                 header. Authorization={value}"
            ),
        )
    })?;
    let credential = part("Credential").ok_or_else(|| missing("Credential"))?;
    Ok(Claim {
        credential: credential.split('/').map(str::to_owned).collect(),
        signed_headers: part("SignedHeaders").ok_or_else(|| missing("SignedHeaders"))?,
        signature: part("Signature").ok_or_else(|| missing("Signature"))?,
        date,
        token: head.header("x-amz-security-token"),
        expires: None,
    })
}

fn presigned(head: &Head) -> Result<Claim, Refused> {
    let part = |name: &str| {
        head.param(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            refuse(
                "IncompleteSignatureException",
                format!("AWS query-string parameters must include '{name}'."),
            )
        })
    };
    let algorithm = part("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(refuse(
            "IncompleteSignatureException",
            format!("Unsupported AWS 'algorithm': '{algorithm}'."),
        ));
    }
    let expires: i64 = part("X-Amz-Expires")?.parse().unwrap_or(-1);
    if !(1..=604_800).contains(&expires) {
        return Err(refuse(
            "IncompleteSignatureException",
            "X-Amz-Expires must be between 1 and 604800 seconds.",
        ));
    }
    Ok(Claim {
        credential: part("X-Amz-Credential")?.split('/').map(str::to_owned).collect(),
        signed_headers: part("X-Amz-SignedHeaders")?,
        signature: part("X-Amz-Signature")?,
        date: part("X-Amz-Date")?,
        token: head.param("X-Amz-Security-Token"),
        expires: Some(expires),
    })
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn canonical_request(head: &Head, claim: &Claim, service: &str) -> String {
    // IoT Core leaves the session token out of what is signed.
    let skip_token = service == "iotdevicegateway";
    let mut lines = vec![head.method.clone(), canonical_path(head.path())];
    lines.push(canonical_query(head.raw_query(), skip_token));
    for name in claim.signed_headers.split(';') {
        let values: Vec<String> = head.values(name).map(|value| squeeze(&value)).collect();
        lines.push(format!("{name}:{}", values.join(",")));
    }
    lines.push(String::new());
    lines.push(claim.signed_headers.clone());
    lines.push(hex(&Sha256::digest(b"")));
    lines.join("\n")
}

/// Runs of blanks as one.
fn squeeze(value: &str) -> String {
    let mut out = String::new();
    for c in value.trim_matches(' ').chars() {
        if !(c == ' ' && out.ends_with(' ')) {
            out.push(c);
        }
    }
    out
}

/// The path that came, without dot segments, encoded once more.
fn canonical_path(path: &str) -> String {
    let mut kept = Vec::new();
    let mut open_end = true;
    for part in path.split('/') {
        open_end = matches!(part, "" | "." | "..");
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(encode(part.as_bytes())),
        }
    }
    match (kept.join("/"), open_end) {
        (text, _) if text.is_empty() => "/".into(),
        (text, true) => format!("/{text}/"),
        (text, false) => format!("/{text}"),
    }
}

/// Every parameter but the signature, decoded, encoded and sorted.
fn canonical_query(query: &str, skip_token: bool) -> String {
    let decode = |text: &str| {
        let bytes: Vec<u8> = text.bytes().map(|b| if b == b'+' { b' ' } else { b }).collect();
        // As text, since that is how names and values are compared: wrong UTF-8 is replaced.
        let decoded = percent_decode(&bytes).decode_utf8_lossy().into_owned();
        encode(decoded.as_bytes())
    };
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .filter(|(name, _)| !(skip_token && *name == "X-Amz-Security-Token"))
        .map(|(name, value)| format!("{}={}", decode(name), decode(value)))
        .collect();
    // By name, then by value: `=` must not take part in the comparison of names.
    pairs.sort_by(|a, b| {
        let key = |pair: &str| pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned()));
        key(a).cmp(&key(b))
    });
    pairs.join("&")
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::head::parsed;

    const KEY: Key<'_> = Key {
        access: "AKIDEXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        token: None,
    };

    fn check(head: &Head, second: i64) -> Result<(), Refused> {
        let then = parse_date("20150830T123600Z").unwrap();
        let now = Timestamp::from_second(then.as_second() + second).unwrap();
        verify(head, &[KEY], now, "us-east-1", "service")
    }

    /// AWS's published vectors, in headers.
    #[test]
    fn published_signatures_are_right() {
        for (target, signature) in [
            ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ),
            (
                "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            ),
            (
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            ),
            ("//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
            (
                "/example1/example2/../..",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
        ] {
            let head = |signature: &str| {
                parsed(&format!(
                    "GET {target} HTTP/1.1\r\nHost:example.amazonaws.com\r\n\
                     X-Amz-Date:20150830T123600Z\r\nAuthorization:AWS4-HMAC-SHA256 \
                     Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature={signature}\r\n\r\n"
                ))
            };
            assert_eq!(check(&head(signature), 0), Ok(()), "{target}");
            let refused = check(&head(&"0".repeat(64)), 0).unwrap_err();
            assert!(
                refused
                    .message
                    .contains("The Canonical String for this request should have been\n'GET\n/")
            );
        }
    }

    #[test]
    fn a_presigned_address_is_right_until_it_expires() {
        let head = |signature: &str| {
            parsed(&format!(
                "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2F\
                 us-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&\
                 X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature={signature} \
                 HTTP/1.1\r\nHost:example.amazonaws.com\r\n\r\n"
            ))
        };
        let right = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d";
        assert_eq!(check(&head(right), 3_600), Ok(()));
        let late = check(&head(right), 3_601).unwrap_err().message;
        assert_eq!(
            late,
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
             (20150830T133601Z - 3600 sec.)"
        );
        let early = check(&head(right), -301).unwrap_err().message;
        assert!(early.starts_with("Signature not yet current: 20150830T123600Z"), "{early}");
        assert!(check(&head("00"), 0).is_err());
    }

    #[test]
    fn what_is_incomplete_is_named() {
        for (lines, error, part) in [
            ("", "MissingAuthenticationTokenException", "Missing Authentication Token"),
            ("Authorization: Bearer x\r\n", "IncompleteSignatureException", "missing equal-sign"),
            (
                "Authorization: AWS4-HMAC-SHA256 Credential=a\r\n",
                "IncompleteSignatureException",
                "'X-Amz-Date' or a 'Date'",
            ),
            (
                "X-Amz-Date: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a\r\n",
                "IncompleteSignatureException",
                "requires 'SignedHeaders'",
            ),
            (
                "X-Amz-Date: 20150830T123600Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0\r\n",
                "UnrecognizedClientException",
                "security token",
            ),
            (
                "X-Amz-Date: 20150830T123600Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s/aws4_request, SignedHeaders=host, Signature=0\r\n",
                "InvalidSignatureException",
                "valid region, not 'eu-west-1'",
            ),
        ] {
            let head = parsed(&format!("GET / HTTP/1.1\r\nHost: h\r\n{lines}\r\n"));
            let refused = check(&head, 0).unwrap_err();
            assert_eq!(refused.error, error, "{lines}");
            assert!(refused.message.contains(part), "{}", refused.message);
        }
    }
}
