//! Endpoints that break the protocol at the level of bytes.

use std::io;

use bytes::BytesMut;

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::deflate::RSV1;
use crate::practice::frames::{self, FIN, TEXT};
use crate::practice::head::Head;
use crate::practice::session::Session;
use crate::practice::upgrade;

/// How many bytes of header lines `/endless-headers` sends before it only waits: no client should
/// have read on so far, and none should be kept busy for ever.
const ENDLESS_MAX: usize = 64 * 1024 * 1024;

/// Opens lawfully, sends a greeting and then the bytes of a fault, and echoes whatever comes.
pub(super) async fn frame(
    call: &Call,
    conn: &mut Conn,
    fault: fn(&Head, &mut BytesMut),
) -> io::Result<End> {
    let mut session = open!(call, conn);
    session.text("the next frame is wrong");
    fault(&call.head, &mut session.conn.output);
    session.echo_all().await
}

/// `/bad-utf8`: valid, then a lone start byte, an overlong slash, a surrogate.
pub(super) fn bad_utf8(_: &Head, out: &mut BytesMut) {
    frames::push(out, FIN | TEXT, b"caf\xc3 \xc0\xaf \xed\xa0\x80");
}

/// `/mask` (RFC 6455 section 5.1: a server must not mask).
pub(super) fn mask(_: &Head, out: &mut BytesMut) {
    let key = [0x11, 0x22, 0x33, 0x44];
    let mut payload = *b"masked by the server";
    frames::push_header(out, FIN | TEXT, payload.len() as u64, Some(key));
    frames::apply_mask(&mut payload, key);
    out.extend_from_slice(&payload);
}

/// `/reserved-bits`: RSV1 without permessage-deflate having been agreed.
pub(super) fn reserved_bits(_: &Head, out: &mut BytesMut) {
    frames::push(out, FIN | RSV1 | TEXT, b"not compressed at all");
}

/// `/reserved-opcode`: 3 to 7 and 11 to 15 are reserved (RFC 6455 section 5.2).
pub(super) fn reserved_opcode(head: &Head, out: &mut BytesMut) {
    let opcode = u8::try_from(head.number("opcode", 3)).unwrap_or(3) & 0x0F;
    frames::push(out, FIN | opcode, b"?");
}

/// `/bad-close-code`: 1005, 1006 and 1015 never travel (RFC 6455 section 7.4.1).
pub(super) fn bad_close_code(head: &Head, out: &mut BytesMut) {
    let code = u16::try_from(head.number("code", 1005)).unwrap_or(1005);
    frames::push_close(out, code, b"this code must not be sent");
}

/// `/huge-frame`: the length is lawful in form and larger than any memory.
pub(super) fn huge_frame(_: &Head, out: &mut BytesMut) {
    frames::push_header(out, FIN | TEXT, 1 << 62, None);
    out.extend_from_slice(b"the first of 4611686018427387904 bytes");
}

/// Sends a 101 that is not lawful, and goes on as if it were.
async fn switched(call: &Call, conn: &mut Conn, lines: &[(&str, &str)]) -> io::Result<End> {
    if let Err(reply) = upgrade::check(&call.head) {
        return reply.send(conn).await;
    }
    conn.output.extend_from_slice(&upgrade::switching(lines));
    Session::new(conn, call.max_message).echo_all().await
}

/// `/no-accept`.
pub(super) async fn no_accept(call: &Call, conn: &mut Conn) -> io::Result<End> {
    switched(call, conn, &[]).await
}

/// `/wrong-accept`: the accept value of the RFC's example key, whatever key came.
pub(super) async fn wrong_accept(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let accept = upgrade::accept_value("dGhlIHNhbXBsZSBub25jZQ==");
    switched(call, conn, &[("Sec-WebSocket-Accept", &accept)]).await
}

/// `/endless-headers`.
pub(super) async fn endless_headers(conn: &mut Conn) -> io::Result<End> {
    conn.write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n").await?;
    let block: String =
        (0..256).map(|n| format!("X-Endless-{n}: {}\r\n", "more ".repeat(20))).collect();
    for _ in 0..ENDLESS_MAX / block.len() {
        conn.write_all(block.as_bytes()).await?;
    }
    conn.wait_for_end().await;
    Ok(End::Finish)
}

/// `/garbage`: begins like nothing known, and holds what upsets terminals.
pub(super) async fn garbage(conn: &mut Conn) -> io::Result<End> {
    let mut bytes = vec![0x00, 0xFF, 0xFE, 0x1B, b'[', b'2', b'J'];
    bytes.extend((0..=255).rev());
    conn.write_all(&bytes).await?;
    Ok(End::Finish)
}

/// `/late-body`: what a server does that takes the 101 for a reply with a body.
pub(super) async fn late_body(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if let Err(reply) = upgrade::check(&call.head) {
        return reply.send(conn).await;
    }
    conn.output.extend_from_slice(&upgrade::accepting(&call.head, None));
    conn.drain().await?;
    conn.write_all(b"WebSocket connection established\r\n").await?;
    conn.wait_for_end().await;
    Ok(End::Finish)
}
