//! Rows of the Auth and Settings tabs: what they show and how they are changed.

use crate::auth;
use crate::core::reference;
use crate::core::request::{IpFamily, RequestDraft, RequestSettings, TlsVersions};
use crate::core::secret::MASK;
use crate::editor::Editor;
use crate::payload::human_count;

#[derive(Debug, Default)]
pub struct FormState {
    pub row: usize,
    pub scroll: usize,
    /// The field of the row under the cursor while it is edited.
    pub editing: Option<Editor>,
    /// Secrets are shown in clear.
    pub reveal: bool,
    /// Why the last value was not taken.
    pub remark: Option<String>,
}

/// How a row is changed.
#[derive(Clone, PartialEq, Eq)]
pub enum FormValue {
    /// Space switches it.
    Switch(bool),
    /// Space or the arrow keys go to the next one.
    Choice {
        options: Vec<(String, String)>,
        chosen: usize,
    },
    Text(String),
    Number {
        value: u64,
        unit: &'static str,
        zero: Option<&'static str>,
    },
    Secret(String),
    /// Comma-separated.
    List(Vec<String>),
    /// A remark that cannot be changed.
    Note(String),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// Name of the field in the draft.
    pub field: String,
    pub label: String,
    pub value: FormValue,
    /// Whether the value is the default.
    pub is_default: bool,
    pub help: String,
    /// The way is incomplete without it.
    pub required: bool,
    /// The value is kept from being seen.
    pub secret: bool,
    /// Stands in an empty row.
    pub placeholder: &'static str,
}

impl FormRow {
    /// The value as it is drawn; secrets in clear only with `reveal`.
    #[must_use]
    pub fn shown(&self, reveal: bool) -> String {
        match &self.value {
            FormValue::Switch(true) => "on".into(),
            FormValue::Switch(false) => "off".into(),
            FormValue::Choice { options, chosen } => {
                options.get(*chosen).map(|(_, label)| label.clone()).unwrap_or_default()
            }
            FormValue::Text(text) | FormValue::Note(text) => text.clone(),
            FormValue::Number { value: 0, zero: Some(word), .. } => (*word).to_owned(),
            FormValue::Number { value, unit, .. } => format!("{value} {unit}"),
            // A reference only says where the secret is.
            FormValue::Secret(text) if text.is_empty() || reveal || is_reference(text) => {
                text.clone()
            }
            FormValue::Secret(text) => {
                format!("{MASK} ({} chars)", human_count(text.chars().count() as u64))
            }
            FormValue::List(items) => items.join(", "),
        }
    }

    /// The text that an editor of this row begins with; `None` if it is not edited as text.
    #[must_use]
    pub fn editable_text(&self) -> Option<String> {
        match &self.value {
            FormValue::Text(text) | FormValue::Secret(text) => Some(text.clone()),
            FormValue::Number { value, .. } => Some(value.to_string()),
            FormValue::List(items) => Some(items.join(", ")),
            FormValue::Switch(_) | FormValue::Choice { .. } | FormValue::Note(_) => None,
        }
    }
}

/// Whether a text refers to a secret; a long one does not.
fn is_reference(text: &str) -> bool {
    text.len() <= 4_096 && reference::is_in(text)
}

/// A shift of the clock: `+15 min`, `-90 s`; empty for none.
#[must_use]
pub fn offset_words(seconds: i64) -> String {
    match seconds {
        0 => String::new(),
        _ if seconds % 60 == 0 => format!("{:+} min", seconds / 60),
        _ => format!("{seconds:+} s"),
    }
}

/// Rows of the Auth tab: the way, then its fields.
#[must_use]
pub fn auth_rows(draft: &RequestDraft) -> Vec<FormRow> {
    let ways = auth::ways();
    let chosen = ways.iter().position(|way| way.kind() == draft.auth.kind).unwrap_or(0);
    let mut rows = vec![FormRow {
        field: "kind".into(),
        label: "Way".into(),
        value: FormValue::Choice {
            options: ways.iter().map(|w| (w.kind().to_owned(), w.label().to_owned())).collect(),
            chosen,
        },
        is_default: chosen == 0,
        help: ways.get(chosen).map(|w| w.about().summary.to_owned()).unwrap_or_default(),
        required: false,
        secret: false,
        placeholder: "",
    }];
    for field in auth::fields(&draft.auth) {
        let text = draft.auth.value(field.name).to_owned();
        let value = if !field.choices.is_empty() {
            let current = if text.is_empty() { field.default } else { text.as_str() };
            FormValue::Choice {
                options: field.choices.iter().map(|c| ((*c).to_owned(), (*c).to_owned())).collect(),
                chosen: field.choices.iter().position(|c| *c == current).unwrap_or(0),
            }
        } else if field.secret {
            FormValue::Secret(text.clone())
        } else {
            FormValue::Text(text.clone())
        };
        rows.push(FormRow {
            field: field.name.into(),
            label: field.label.into(),
            value,
            is_default: text.is_empty(),
            help: field.help.into(),
            required: field.required,
            secret: field.secret,
            placeholder: field.placeholder,
        });
    }
    rows
}

/// Rows of the Settings tab.
#[must_use]
pub fn settings_rows(draft: &RequestDraft) -> Vec<FormRow> {
    let settings = &draft.settings;
    let default = RequestSettings::default();
    let row = |field: &str, label: &str, value: FormValue, is_default: bool, help: &str| FormRow {
        field: field.into(),
        label: label.into(),
        value,
        is_default,
        help: help.into(),
        required: false,
        secret: field == "cert_password",
        placeholder: "",
    };
    let number = |value: u64, unit: &'static str, zero: Option<&'static str>| FormValue::Number {
        value,
        unit,
        zero,
    };
    let family = match settings.ip_family {
        IpFamily::Any => 0,
        IpFamily::V4 => 1,
        IpFamily::V6 => 2,
    };
    macro_rules! same {
        ($field:ident) => {
            settings.$field == default.$field
        };
    }
    vec![
        row(
            "connect_timeout_ms",
            "Handshake time limit",
            number(settings.connect_timeout_ms, "ms", None),
            same!(connect_timeout_ms),
            "All stages from the name to the 101 must end within it.",
        ),
        row(
            "verify",
            "Verify certificates",
            FormValue::Switch(settings.verify),
            same!(verify),
            "Off: any certificate is taken, and a mark stays on screen.",
        ),
        row(
            "ca_file",
            "Custom CA",
            FormValue::Text(settings.ca_file.clone()),
            same!(ca_file),
            "PEM file of CAs to trust beside the system's.",
        ),
        row(
            "cert_file",
            "Client certificate",
            FormValue::Text(settings.cert_file.clone()),
            same!(cert_file),
            "PEM file, leaf first, or a PKCS#12 file (.p12, .pfx).",
        ),
        row(
            "key_file",
            "Client key",
            FormValue::Text(settings.key_file.clone()),
            same!(key_file),
            "PEM file of the key that belongs to it.",
        ),
        row(
            "cert_password",
            "Certificate password",
            FormValue::Secret(draft.auth.cert_password().to_owned()),
            draft.auth.cert_password().is_empty(),
            "Of the PKCS#12 file. Kept apart from what is shared, as all secrets are.",
        ),
        row(
            "max_message",
            "Max message size",
            number(settings.max_message, "bytes", Some("no limit")),
            same!(max_message),
            "A larger message ends the connection with 1009. 0 for none below 2 GiB.",
        ),
        row(
            "subprotocols",
            "Subprotocols",
            FormValue::List(settings.subprotocols.clone()),
            same!(subprotocols),
            "Offered in this order, separated by commas.",
        ),
        row(
            "reconnect_attempts",
            "Auto-reconnect",
            number(u64::from(settings.reconnect_attempts), "attempts", Some("off")),
            same!(reconnect_attempts),
            "After a connection was lost. A refused login is never tried again.",
        ),
        row(
            "reconnect_interval_ms",
            "Reconnect interval",
            number(settings.reconnect_interval_ms, "ms", None),
            same!(reconnect_interval_ms),
            "Before the first attempt; doubled with each one, up to a minute.",
        ),
        row(
            "heartbeat_ms",
            "Heartbeat ping",
            number(settings.heartbeat_ms, "ms", Some("off")),
            same!(heartbeat_ms),
            "Ping interval; also changes the live connection.",
        ),
        row(
            "override_handshake",
            "Override handshake headers",
            FormValue::Switch(settings.override_handshake),
            same!(override_handshake),
            "For testers: Host, Connection, Sec-WebSocket-… of the table replace ours.",
        ),
        row(
            "proxy",
            "Proxy",
            FormValue::Text(settings.proxy.clone()),
            same!(proxy),
            "http:, https:, socks5h:, socks5: … //host:port; empty for the environment's, none.",
        ),
        row(
            "no_proxy",
            "Hosts without proxy",
            FormValue::List(settings.no_proxy.clone()),
            same!(no_proxy),
            "Names, addresses, networks (10.0.0.0/8) or *; empty for NO_PROXY.",
        ),
        row(
            "resolve",
            "Fixed addresses",
            FormValue::List(settings.resolve.clone()),
            same!(resolve),
            "HOST:PORT:ADDRESS instead of DNS, separated by commas.",
        ),
        row(
            "ip_family",
            "IP version",
            FormValue::Choice {
                options: vec![
                    ("any".into(), "any".into()),
                    ("v4".into(), "IPv4 only".into()),
                    ("v6".into(), "IPv6 only".into()),
                ],
                chosen: family,
            },
            same!(ip_family),
            "Which addresses of a name are tried.",
        ),
        row(
            "server_name",
            "TLS server name",
            FormValue::Text(settings.server_name.clone()),
            same!(server_name),
            "Sent in the ClientHello (SNI) and checked instead of the host; empty for the host.",
        ),
        row(
            "tls_versions",
            "TLS versions",
            FormValue::Choice {
                options: vec![
                    ("any".into(), "any".into()),
                    ("1.2".into(), "1.2 only".into()),
                    ("1.3".into(), "1.3 only".into()),
                ],
                chosen: match settings.tls_versions {
                    TlsVersions::Any => 0,
                    TlsVersions::Only12 => 1,
                    TlsVersions::Only13 => 2,
                },
            },
            same!(tls_versions),
            "Versions that are offered.",
        ),
        row(
            "trusted",
            "Trusted fingerprints",
            FormValue::List(settings.trusted.clone()),
            same!(trusted),
            "SHA-256 of certificates to trust for this request, whoever issued them.",
        ),
        row(
            "follow_redirects",
            "Follow redirects",
            number(u64::from(settings.follow_redirects), "at most", Some("off")),
            same!(follow_redirects),
            "Credentials stay with the host that they were given for.",
        ),
        row(
            "cookies",
            "Cookie jar",
            FormValue::Switch(settings.cookies),
            same!(cookies),
            "Cookies of the jar go out, and those that a reply sets are kept in it.",
        ),
        row(
            "clock_offset_s",
            "Clock for signatures",
            FormValue::Text(offset_words(settings.clock_offset_s)),
            same!(clock_offset_s),
            "Added to this machine's clock for signatures and tokens: +900, -90 s, 15 min. Not saved.",
        ),
        row(
            "compression",
            "Compression",
            FormValue::Switch(settings.compression),
            same!(compression),
            "Whether permessage-deflate is offered, which packs messages.",
        ),
    ]
}
