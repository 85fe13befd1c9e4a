//! Text that must not be seen: passwords, tokens, keys.
//!
//! In memory they are [`Secret`]s, on a screen and in a record they are masked by the name of where
//! they stand ([`is_sensitive_name`]) and by their value ([`Masker`]). What is done about copies:
//! a [`Secret`] is wiped when it is dropped, whatever path led there; the text of an address or of
//! a header that a person edits is an ordinary string as long as it is edited, and is only kept
//! from `Debug`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize as _, Zeroizing};

/// What stands where a secret was.
pub const MASK: &str = "••••••";

/// A string that is wiped when dropped, and that neither `Debug` nor `Serialize` gives away.
///
/// Reading it takes a call to [`Secret::expose`], which is easy to find in a review. It is
/// [`SecretString`] with the traits that the drafts need: they are compared, and written to files
/// with a mask in its place.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret::from(text.into())
    }

    /// The text itself, for putting it on the wire or into a field that its owner edits.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(mut text: String) -> Secret {
        if text.len() == text.capacity() {
            return Secret(text.into());
        }
        // Making it fit might move it and leave a copy behind.
        let secret = Secret::from(text.as_str());
        text.zeroize();
        secret
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.expose().len())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(if self.is_empty() { "" } else { MASK })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        // A masked value that comes back from a file is no secret, and must not be sent as one.
        Ok(if text == MASK { Secret::default() } else { Secret::from(text) })
    }
}

/// Header names whose values are masked wherever they are shown or stored.
const SENSITIVE_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-auth-token",
    "x-subject-token",
    "x-security-token",
    "x-amz-security-token",
    "x-apig-appcode",
    "apikey",
    "api-key",
    "x-api-key",
    "x-goog-api-key",
    "x-functions-key",
    "ocp-apim-subscription-key",
];

/// Pieces of a header or query name that mark its value as a secret.
const SENSITIVE_PIECES: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "api_key",
    "api-key",
    "signature",
    "credential",
];

/// Whether the value under this header or query name is masked on screen and in records.
///
/// `Sec-WebSocket-*` never is: their values are no secrets, and debugging needs them.
#[must_use]
pub fn is_sensitive_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("sec-websocket-") {
        return false;
    }
    SENSITIVE_HEADERS.contains(&lower.as_str())
        || SENSITIVE_PIECES.iter().any(|piece| lower.contains(piece))
        || matches!(lower.as_str(), "auth" | "sig" | "jwt" | "key" | "code" | "pwd")
}

/// Whether a word is none that somebody has made for people: `graphql-ws` is, `9f2c-Ab41` is not.
#[must_use]
pub fn looks_random(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    word.len() >= 8
        && (word.len() >= 32
            || has(char::is_ascii_digit)
            || (has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase)))
}

/// Shows that a value is there and how long it is, and for an `Authorization` value its scheme
/// word, which tells half of all mistakes: `Bearer •••••• (43 chars)`.
#[must_use]
pub fn mask_value(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let (scheme, rest) = match value.split_once(' ') {
        Some((word, rest))
            if word.len() <= 20
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && matches!(
                    word.to_ascii_lowercase().as_str(),
                    "bearer"
                        | "basic"
                        | "digest"
                        | "token"
                        | "apikey"
                        | "negotiate"
                        | "ntlm"
                        | "sdk-hmac-sha256"
                        | "aws4-hmac-sha256"
                        | "v11-hmac-sha256"
                        | "hmac"
                ) =>
        {
            (Some(word), rest)
        }
        _ => (None, value),
    };
    let count = rest.chars().count();
    let plural = if count == 1 { "char" } else { "chars" };
    match scheme {
        Some(word) => format!("{word} {MASK} ({count} {plural})"),
        None => format!("{MASK} ({count} {plural})"),
    }
}

/// Secret values that were used, to find them again in text that is about to leave: a token that
/// a server echoes in an error body is as secret as the one in our own header.
#[derive(Clone, Default)]
pub struct Masker {
    values: Vec<Secret>,
}

impl Masker {
    /// Shorter values would mask half of every text; they are masked by name only.
    const SHORTEST: usize = 6;

    /// Takes note of a value, and of the forms in which it may come back, to be masked from now
    /// on: percent-encoded, and in both alphabets of base64 (RFC 4648), as in a header of Basic
    /// without a user or in a subprotocol.
    pub fn add(&mut self, value: &str) {
        let trimmed = value.trim();
        if trimmed.len() < Self::SHORTEST || self.values.iter().any(|v| v.expose() == trimmed) {
            return;
        }
        self.values.push(Secret::from(trimmed));
        let percent =
            percent_encoding::utf8_percent_encode(trimmed, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        let json = serde_json::to_string(trimmed).unwrap_or_default();
        let json = Zeroizing::new(json);
        let forms = [
            percent,
            STANDARD_NO_PAD.encode(trimmed),
            URL_SAFE_NO_PAD.encode(trimmed),
            json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned(),
        ];
        for form in forms.map(Secret::from) {
            if !self.values.contains(&form) {
                self.values.push(form);
            }
        }
        // Longest first, so that a secret that holds another one is masked whole.
        self.values.sort_by_key(|v| std::cmp::Reverse(v.expose().len()));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Takes over all values of another one.
    pub fn join(&mut self, other: &Masker) {
        for value in &other.values {
            if !self.values.contains(value) {
                self.values.push(value.clone());
            }
        }
        self.values.sort_by_key(|v| std::cmp::Reverse(v.expose().len()));
    }

    /// `text` with every byte of a known secret replaced by an asterisk, so that it keeps its
    /// size.
    #[must_use]
    pub fn mask_bytes(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in &self.values {
            if out.contains(value.expose()) {
                out = out.replace(value.expose(), &"*".repeat(value.expose().len()));
            }
        }
        out
    }

    /// `text` with every known secret replaced by [`MASK`].
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in &self.values {
            if out.contains(value.expose()) {
                out = out.replace(value.expose(), MASK);
            }
        }
        out
    }
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masker({} values)", self.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_json_do_not_tell() {
        let secret = Secret::new("hunter2-hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&secret).unwrap().contains("hunter2"));
    }

    #[test]
    fn equal_texts_are_equal_however_they_were_made() {
        let mut roomy = String::with_capacity(100);
        roomy.push_str("hunter2");
        let secret = Secret::from(roomy);
        assert_eq!((secret.expose(), &secret), ("hunter2", &Secret::from("hunter2")));
        assert_eq!(secret, Secret::new("hunter2"));
        assert_ne!(secret, Secret::default());
        assert!(Secret::default().is_empty());
    }

    #[test]
    fn a_mask_read_back_is_no_secret() {
        let json = serde_json::to_string(&Secret::new("x")).unwrap();
        assert!(serde_json::from_str::<Secret>(&json).unwrap().is_empty());
    }

    #[test]
    fn names_that_hold_secrets() {
        for name in ["Authorization", "X-Auth-Token", "cookie", "access_token", "X-Api-Key", "sig"]
        {
            assert!(is_sensitive_name(name), "{name}");
        }
        for name in ["Sec-WebSocket-Key", "Origin", "User-Agent", "stream", "Host", "keyboard"] {
            assert!(!is_sensitive_name(name), "{name}");
        }
    }

    #[test]
    fn the_scheme_word_stays_readable() {
        assert_eq!(mask_value("Bearer abc"), format!("Bearer {MASK} (3 chars)"));
        assert_eq!(mask_value("abc def"), format!("{MASK} (7 chars)"));
    }

    #[test]
    fn masks_by_value_also_when_percent_encoded() {
        let mut masker = Masker::default();
        masker.add("s3cret/value");
        assert_eq!(masker.mask("a s3cret/value b"), format!("a {MASK} b"));
        assert_eq!(masker.mask("?t=s3cret%2Fvalue"), format!("?t={MASK}"));
        assert_eq!(masker.mask("x czNjcmV0L3ZhbHVl y"), format!("x {MASK} y"));
        let mut other = Masker::default();
        other.add("quo\"ted-one");
        other.join(&masker);
        other.join(&masker);
        assert_eq!(other.mask("quo\\\"ted-one s3cret/value"), format!("{MASK} {MASK}"));
    }
}
