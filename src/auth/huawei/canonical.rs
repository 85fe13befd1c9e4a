//! SDK-HMAC-SHA256: the canonical form of a request without a body, and its signature. Written by
//! the vendor's API Request Signing Guide; where that is silent, as most of the vendor's own
//! signers do it.
//!
//! Values only: what of a request is signed is decided in `signed`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::core::request::Signing;

/// Name of the algorithm, as it stands in the header and in the string to sign.
pub(super) const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// SHA-256 of nothing: a handshake has no body.
pub(super) const EMPTY_HASH: &str =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What stays unencoded: letters, digits, `-`, `_`, `.` and `~` (RFC 3986 section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Whose signature it is.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    /// AK or AppKey; no secret.
    pub(super) access: &'a str,
    /// SK or AppSecret.
    pub(super) secret: &'a str,
}

/// A handshake as far as it is signed.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// As it goes out, percent-encoded.
    pub(super) path: &'a str,
    /// As typed; [`query`] makes of it what goes out.
    pub(super) query: &'a str,
    /// Value of `X-Sdk-Date`.
    pub(super) date: &'a str,
    /// Headers to sign, each name once, in any order and case.
    pub(super) headers: &'a [(String, String)],
    /// Hash of the body as the request declares it.
    pub(super) body_hash: &'a str,
}

/// A signature and what it goes out with.
pub(super) struct Signed {
    pub(super) signing: Signing,
    /// Value of `Authorization`.
    pub(super) authorization: String,
}

/// Signs a request with method GET.
pub(super) fn sign(key: Key<'_>, request: &Request<'_>) -> Signed {
    let mut headers: Vec<(String, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches([' ', '\t'])))
        .collect();
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| &**name).collect();
    let names = names.join(";");
    let canonical_request = format!(
        "GET\n{}\n{}\n{lines}\n{names}\n{}",
        path(request.path),
        query(request.query),
        request.body_hash
    );
    let digest = hex(&Sha256::digest(canonical_request.as_bytes()));
    let string_to_sign = format!("{ALGORITHM}\n{}\n{digest}", request.date);
    let mut mac = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let authorization =
        format!("{ALGORITHM} Access={}, SignedHeaders={names}, Signature={signature}", key.access);
    Signed { signing: Signing { canonical_request, string_to_sign, signature }, authorization }
}

/// The path decoded once, encoded part by part, with a slash at the end.
pub(super) fn path(path: &str) -> String {
    let decoded = decode(path);
    let parts: Vec<String> = decoded.split('/').map(encode).collect();
    let mut out = parts.join("/");
    if !out.ends_with('/') {
        out.push('/');
    }
    out
}

/// The query that is sent and signed: decoded pairs in ascending order, encoded again. A `+`
/// stands for itself, and a key without a value has an empty one.
pub(super) fn query(query: &str) -> String {
    let mut pairs = pairs(query);
    // UTF-8 sorts as the code points that it stands for.
    pairs.sort_unstable();
    join(&pairs)
}

/// Whether signers of the vendor differ in the order of this query: most compare decoded keys,
/// the Java ones encoded keys, and the one for Node UTF-16 units.
pub(super) fn order_is_disputed(query: &str) -> bool {
    let mut decoded = pairs(query);
    decoded.sort_unstable();
    let mut encoded = decoded.clone();
    encoded.sort_by_key(|(key, value)| (encode(key), encode(value)));
    let mut utf16 = decoded.clone();
    utf16.sort_by_key(|(key, value)| {
        (key.encode_utf16().collect::<Vec<_>>(), value.encode_utf16().collect::<Vec<_>>())
    });
    encoded != decoded || utf16 != decoded
}

/// The pieces of a query as decoded pairs, in their order.
fn pairs(query: &str) -> Vec<(String, String)> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn join(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    pairs.join("&")
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Positions of each `%` that is not followed by two hexadecimal digits.
pub(super) fn bad_percents(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let all = text.match_indices('%').map(|(at, _)| at);
    all.filter(|at| !(is_hex(at + 1) && is_hex(at + 2))).collect()
}

/// Whether the decoded text is no UTF-8.
pub(super) fn is_no_utf8(text: &str) -> bool {
    percent_decode_str(text).decode_utf8().is_err()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
