//! The request's head, byte for byte as the spec says, and the same with secrets masked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::core::request::RequestSpec;
use crate::core::secret::Secret;
use crate::core::url;
use crate::net::recorder::Recorder;

/// A request ready to be sent.
pub(super) struct Request {
    pub bytes: Secret,
    /// For the record: line ends as `\n`, secrets masked, escaped.
    pub shown: String,
    /// Value of the first `Sec-WebSocket-Key` that goes out, ours or the user's.
    pub key: Option<String>,
    /// Subprotocols that are offered, in order.
    pub subprotocols: Vec<String>,
    /// Values of the headers that offer extensions.
    pub extensions: Vec<String>,
}

/// 16 random bytes in base64 (RFC 6455 section 4.1, point 7).
fn new_key() -> String {
    let mut bytes = [0; 16];
    crate::net::random(&mut bytes);
    STANDARD.encode(bytes)
}

pub(super) fn build(spec: &RequestSpec, recorder: &Recorder) -> Request {
    let mut bytes = format!("GET {} HTTP/1.1\r\n", spec.target.expose());
    let mut shown =
        format!("GET {} HTTP/1.1\n", recorder.clean(&url::masked(spec.target.expose())));
    let mut key = None;
    let mut subprotocols = Vec::new();
    let mut extensions = Vec::new();
    for header in &spec.headers {
        let fresh = header.is_key.then(new_key);
        let value = fresh.as_deref().unwrap_or(header.value.expose());
        bytes.push_str(&format!("{}: {value}\r\n", header.name));
        let shown_value = fresh.clone().unwrap_or_else(|| header.shown_value());
        shown.push_str(&recorder.clean(&format!("{}: {shown_value}", header.name)));
        shown.push('\n');
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("Sec-WebSocket-Key") && key.is_none() {
            key = Some(value.trim().to_owned());
        } else if is("Sec-WebSocket-Protocol") {
            subprotocols.extend(list(value).map(str::to_owned));
        } else if is("Sec-WebSocket-Extensions") {
            extensions.push(value.to_owned());
        }
    }
    bytes.push_str("\r\n");
    shown.push('\n');
    Request { bytes: Secret::new(bytes), shown, key, subprotocols, extensions }
}

/// Items of a header with a comma-separated list.
pub(super) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty())
}
