//! What a way of authenticating puts on the handshake.

use serde::{Deserialize, Serialize};

use crate::core::secret::{MASK, Masker, Secret};

/// All that one way adds to a request.
#[derive(Clone, Debug, Default)]
pub struct AuthContribution {
    /// Put behind the table's, in this order.
    pub headers: Vec<AuthHeader>,
    /// Put behind what was typed, percent-encoded there.
    pub query: Vec<(String, Secret)>,
    /// Takes the place of path and query as typed, for ways that sign them in a form of their own
    /// (a canonical query) or that put the signature into the query. Written as it goes out.
    pub target: Option<Secret>,
    /// Offered behind those of the settings.
    pub subprotocols: Vec<AuthSubprotocol>,
    /// Joined with those of the jar to one header line (RFC 6265 section 5.4).
    pub cookies: Vec<(String, Secret)>,
    /// Sent as soon as the connection is open, before anything else, in this order.
    pub first_messages: Vec<FirstMessage>,
    /// What is odd about the credential, in words that do not give it away.
    pub notes: Vec<String>,
    /// For ways that sign: what was signed.
    pub signing: Option<Signing>,
    /// What was computed or will be asked for, to be looked at before connecting.
    pub shown: Vec<Shown>,
    /// Secrets beside those above that may come back in an answer, such as a signing key.
    pub secrets: Vec<Secret>,
    /// When the credential ends, if that is known.
    pub expires: Option<crate::core::time::Micros>,
    /// What is still missing, if this is a preview of a credential that is read or fetched only
    /// when connecting: `the token, which IAM gives at connecting`. Such a request is shown and
    /// never sent.
    pub pending: Option<String>,
}

/// One header line of a credential.
#[derive(Clone, Debug)]
pub struct AuthHeader {
    pub name: String,
    pub value: Secret,
    /// What is shown instead of the value; `None` for a mask.
    pub shown: Option<String>,
}

impl AuthHeader {
    /// A line whose value is masked.
    #[must_use]
    pub fn secret(name: impl Into<String>, value: impl Into<Secret>) -> AuthHeader {
        AuthHeader { name: name.into(), value: value.into(), shown: None }
    }

    /// A line that holds no secret, such as a signature or a date, and is shown as it is.
    #[must_use]
    pub fn open(name: impl Into<String>, value: impl Into<String>) -> AuthHeader {
        let value = value.into();
        AuthHeader { name: name.into(), value: Secret::from(&*value), shown: Some(value) }
    }
}

/// A subprotocol that carries a credential, or the word that announces one (`bearer`).
#[derive(Clone, Debug)]
pub struct AuthSubprotocol {
    pub text: Secret,
    /// The text is the credential itself, and is masked.
    pub is_secret: bool,
}

/// A text message that carries the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstMessage {
    pub text: Secret,
    /// The same with a mask in place of each secret: what is shown beforehand.
    pub shown: String,
    /// The same with an asterisk in place of each byte of a secret: what the log keeps, so that
    /// its sizes are those of the wire.
    pub logged: String,
}

impl FirstMessage {
    /// A message without a secret.
    #[must_use]
    pub fn plain(text: &str) -> FirstMessage {
        FirstMessage { text: text.into(), shown: text.into(), logged: text.into() }
    }

    /// Adds text that is no secret.
    pub fn push(&mut self, text: &str) {
        self.add(text, text, text);
    }

    /// Adds a secret.
    pub fn push_secret(&mut self, text: &str) {
        self.add(text, MASK, &"*".repeat(text.len()));
    }

    fn add(&mut self, text: &str, shown: &str, logged: &str) {
        let whole = zeroize::Zeroizing::new([self.text.expose(), text].concat());
        self.text = Secret::from(whole.as_str());
        self.shown.push_str(shown);
        self.logged.push_str(logged);
    }

    /// Whether a part of it is kept from being seen.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        self.text.expose() != self.logged
    }

    /// Masks known secrets in what is shown and logged.
    pub fn mask(&mut self, masker: &Masker) {
        self.shown = masker.mask(&self.shown);
        self.logged = masker.mask_bytes(&self.logged);
    }
}

/// A message of the request's own that may be sent on open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMessage {
    pub name: String,
    /// Sent by itself on open; otherwise only if the way of authenticating names it.
    pub on_open: bool,
    pub message: FirstMessage,
}

/// Something computed for a request, in words and lines that hold no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// `Canonical request`, `JWT claims`, `Token request`.
    pub title: String,
    /// One or more lines.
    pub text: String,
}

/// What a signature was made of. A signed header may hold a secret (`X-Security-Token`), so this
/// is masked by value before it is shown or recorded; `Debug` tells sizes only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signing {
    /// Empty for schemes that have none.
    pub canonical_request: String,
    pub string_to_sign: String,
    /// As it goes out, in hexadecimal or base64; no secret.
    pub signature: String,
}

impl Signing {
    /// The same with each text changed, to mask it.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Signing {
        Signing {
            canonical_request: change(&self.canonical_request),
            string_to_sign: change(&self.string_to_sign),
            signature: self.signature.clone(),
        }
    }
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (request, text) = (self.canonical_request.len(), self.string_to_sign.len());
        write!(f, "Signing({request} bytes, {text} bytes, {})", self.signature)
    }
}
