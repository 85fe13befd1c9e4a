//! The server's side of the opening handshake (RFC 6455 section 4.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use sha1::{Digest, Sha1};

use super::head::Head;
use super::reply::Reply;

/// The value that RFC 6455 section 1.3 appends to the client's key.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
pub(super) fn accept_value(key: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(GUID);
    STANDARD.encode(hash.finalize())
}

/// Checks the request as a lawful server does.
///
/// # Errors
/// The reply that refuses it.
pub(super) fn check(head: &Head) -> Result<(), Reply> {
    let refuse = |status, message: &str| {
        Err(Reply::new(status).json(&serde_json::json!({ "error": message })))
    };
    if head.method != "GET" {
        return refuse(405, "a WebSocket is opened with GET").map_err(|r| r.header("Allow", "GET"));
    }
    if !head.wants_upgrade() {
        return refuse(426, "this is a WebSocket endpoint: ask with Upgrade: websocket")
            .map_err(|reply| reply.header("Upgrade", "websocket").header("Connection", "Upgrade"));
    }
    if head.header("sec-websocket-version").as_deref() != Some("13") {
        return refuse(426, "only version 13 of the WebSocket protocol is spoken here")
            .map_err(|reply| reply.header("Sec-WebSocket-Version", "13"));
    }
    let key = head.header("sec-websocket-key").unwrap_or_default();
    if STANDARD.decode(&key).map(|bytes| bytes.len()) != Ok(16) {
        return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    Ok(())
}

/// The subprotocols that the client offers, in its order.
pub(super) fn offered(head: &Head) -> Vec<String> {
    head.elements("sec-websocket-protocol")
}

/// The head of a 101 with these lines after `Upgrade` and `Connection`.
pub(super) fn switching(lines: &[(&str, &str)]) -> BytesMut {
    let mut text = String::from(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    );
    for (name, value) in lines {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    BytesMut::from(text.as_bytes())
}

/// The head that accepts this request, with the subprotocol if there is one.
pub(super) fn accepting(head: &Head, subprotocol: Option<&str>) -> BytesMut {
    accepting_with(head, subprotocol, None)
}

/// The same with extensions.
pub(super) fn accepting_with(
    head: &Head,
    subprotocol: Option<&str>,
    extensions: Option<&str>,
) -> BytesMut {
    let accept = accept_value(&head.header("sec-websocket-key").unwrap_or_default());
    let mut lines = vec![("Sec-WebSocket-Accept", accept.as_str())];
    lines.extend(subprotocol.map(|name| ("Sec-WebSocket-Protocol", name)));
    lines.extend(extensions.map(|value| ("Sec-WebSocket-Extensions", value)));
    switching(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::head::parsed;

    #[test]
    fn the_accept_value_of_rfc_6455() {
        assert_eq!(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn only_a_proper_handshake_passes() {
        let base = "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        assert!(check(&parsed(base)).is_ok());
        for (from, to) in [
            ("GET", "POST"),
            ("Upgrade: websocket", "Upgrade: h2c"),
            ("Connection: Upgrade", "Connection: close"),
            ("Version: 13", "Version: 8"),
            ("dGhlIHNhbXBsZSBub25jZQ==", "short"),
        ] {
            assert!(check(&parsed(&base.replace(from, to))).is_err(), "{to}");
        }
    }
}
