//! The table of request headers, and the names that belong to the opening handshake.

use serde::{Deserialize, Serialize};

use super::secret::{is_sensitive_name, mask_value};

/// A header as typed. Order, case and duplicates go out as they stand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderRow {
    pub enabled: bool,
    pub name: String,
    pub value: String,
}

impl HeaderRow {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> HeaderRow {
        HeaderRow { enabled: true, name: name.into(), value: value.into() }
    }

    /// The value as it may be shown: masked if the name says that it is a secret.
    #[must_use]
    pub fn shown_value(&self) -> String {
        if is_sensitive_name(&self.name) { mask_value(&self.value) } else { self.value.clone() }
    }
}

impl std::fmt::Debug for HeaderRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let off = if self.enabled { "" } else { " (off)" };
        write!(f, "{}: {}{off}", self.name, self.shown_value())
    }
}

/// Why a header name belongs to the handshake itself, in a sentence; `None` if it is free.
#[must_use]
pub fn owned_reason(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "host" => "Host is written from the URL; servers and proxies choose the site by it.",
        "upgrade" => "Upgrade: websocket is what makes the request a WebSocket handshake.",
        "connection" => "Connection: Upgrade is what makes the request a WebSocket handshake.",
        "sec-websocket-key" => {
            "Sec-WebSocket-Key is made anew for each attempt; the server's answer is checked against it."
        }
        "sec-websocket-version" => "Sec-WebSocket-Version must be 13 (RFC 6455).",
        "sec-websocket-protocol" => {
            "Sec-WebSocket-Protocol is written from the subprotocols in Settings."
        }
        "sec-websocket-extensions" => {
            "Sec-WebSocket-Extensions is written from Compression in Settings."
        }
        "content-length" => "A handshake has no body, so it has no Content-Length.",
        "transfer-encoding" => "A handshake has no body, so it has no Transfer-Encoding.",
        _ => return None,
    })
}

/// What keeps a header from being sent as one line; `None` if it can go out.
#[must_use]
pub fn syntax_problem(name: &str, value: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it has no name".into());
    }
    if let Some(c) = name.chars().find(|c| !is_token_char(*c)) {
        return Some(format!("its name holds {}", describe(c)));
    }
    value
        .chars()
        .find(|c| c.is_control() && *c != '\t')
        .map(|c| format!("its value holds {}", describe(c)))
}

/// Characters of a token (RFC 9110 section 5.6.2), as names of headers and subprotocols are.
#[must_use]
pub fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// Names a character in words, for messages about text that may not be seen.
#[must_use]
pub fn describe(c: char) -> String {
    match c {
        ' ' => "a blank".into(),
        '\n' | '\r' => "a line break".into(),
        '\t' => "a tab".into(),
        ':' => "a colon".into(),
        ',' => "a comma".into(),
        c if c.is_control() || !c.is_ascii() => format!("U+{:04X}", u32::from(c)),
        c => format!("“{c}”"),
    }
}

/// Names that are offered while a header name is typed, most used first.
pub const KNOWN_NAMES: &[&str] = &[
    "Authorization",
    "Origin",
    "User-Agent",
    "Cookie",
    "X-Auth-Token",
    "X-API-Key",
    "X-Request-Id",
    "X-Correlation-Id",
    "Accept-Language",
    "Accept",
    "Accept-Encoding",
    "api-key",
    "apikey",
    "Cache-Control",
    "CF-Access-Client-Id",
    "CF-Access-Client-Secret",
    "Content-Type",
    "Date",
    "DNT",
    "Forwarded",
    "From",
    "OpenAI-Beta",
    "Ocp-Apim-Subscription-Key",
    "Pragma",
    "Proxy-Authorization",
    "Referer",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "traceparent",
    "tracestate",
    "Via",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Apig-AppCode",
    "X-Client-Version",
    "X-CSRF-Token",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Functions-Key",
    "x-goog-api-key",
    "X-Project-Id",
    "X-Real-IP",
    "X-Sdk-Date",
    "X-Security-Token",
    "X-Tenant-Id",
    "X-Trace-Id",
];

/// Known names that continue `typed`, then those that only hold it; nothing for an empty text or
/// a name that is already whole.
#[must_use]
pub fn complete_name(typed: &str) -> Vec<&'static str> {
    if typed.is_empty() || KNOWN_NAMES.iter().any(|name| name.eq_ignore_ascii_case(typed)) {
        return Vec::new();
    }
    let lower = typed.to_ascii_lowercase();
    let (mut starts, holds): (Vec<&str>, Vec<&str>) = KNOWN_NAMES
        .iter()
        .copied()
        .filter(|name| name.to_ascii_lowercase().contains(&lower))
        .partition(|name| name.to_ascii_lowercase().starts_with(&lower));
    starts.extend(holds);
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_handshake_are_explained() {
        for name in ["Host", "CONNECTION", "sec-websocket-key", "Upgrade"] {
            assert!(owned_reason(name).is_some_and(|why| why.ends_with('.')), "{name}");
        }
        assert_eq!(owned_reason("Origin"), None);
    }

    #[test]
    fn a_line_break_in_a_value_is_told() {
        assert_eq!(syntax_problem("A", "b\n"), Some("its value holds a line break".into()));
        assert_eq!(syntax_problem("A b", "c"), Some("its name holds a blank".into()));
        assert_eq!(syntax_problem("A:", "c"), Some("its name holds a colon".into()));
        assert_eq!(syntax_problem("A", "ü\t"), None);
    }

    #[test]
    fn completion_prefers_what_begins_so() {
        assert_eq!(complete_name("auth")[0], "Authorization");
        assert!(complete_name("token").contains(&"X-Auth-Token"));
        assert!(complete_name("origin").is_empty());
    }

    #[test]
    fn debug_masks_secrets() {
        let row = HeaderRow::new("Authorization", "Bearer abcdefgh");
        assert!(!format!("{row:?}").contains("abcdefgh"));
    }
}
