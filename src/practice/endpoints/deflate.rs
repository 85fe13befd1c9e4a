//! `/deflate`: an echo that packs its messages, lawfully or not.

use std::io;

use super::Call;
use crate::practice::conn::{Conn, End};
use crate::practice::deflate::{Deflate, Params, RSV1, bomb, offer};
use crate::practice::frames::{self, BINARY, FIN, TEXT};
use crate::practice::reply::Reply;
use crate::practice::session::Session;
use crate::practice::upgrade;

/// What a bomb unpacks to if the query does not say.
const BOMB_SIZE: u64 = 1 << 30;

/// `/deflate`. Without the client's offer it is an echo like any other.
pub(super) async fn deflate(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let head = &call.head;
    if let Err(reply) = upgrade::check(head) {
        return reply.send(conn).await;
    }
    let fault = head.param("fault").unwrap_or_default();
    let offered = offer(head);
    if fault == "refuse" && head.header("sec-websocket-extensions").is_some() {
        // In the words of Node's ws.
        let text = "Invalid or unacceptable Sec-WebSocket-Extensions header";
        return Reply::new(400).body("text/html", text).send(conn).await;
    }
    let params = offered.as_deref().map(|offer| Params::choose(head, offer));
    let mut header = params.map(|params| params.header());
    if fault == "bad-parameter"
        && let Some(header) = &mut header
    {
        let wrong = head.param("parameter").unwrap_or_else(|| "server_max_window_bits=7".into());
        // No line of its own may come of it.
        header.push_str("; ");
        header.extend(wrong.chars().filter(|c| !c.is_control()));
    }
    conn.output.extend_from_slice(&upgrade::accepting_with(head, None, header.as_deref()));
    let mut session = Session::new(conn, call.max_message);
    session.parts = usize::try_from(head.number("parts", 1)).unwrap_or(1).clamp(1, 1024);
    if let Some(params) = params {
        session.deflate = Some(Deflate::new(params));
        match fault.as_str() {
            "corrupt" => {
                session.text("the next message cannot be unpacked");
                // A block of the reserved type (RFC 1951 section 3.2.3).
                frames::push(&mut session.conn.output, FIN | RSV1 | TEXT, b"\x06no DEFLATE data");
            }
            "bomb" => {
                session.text("the next message is small and large");
                let packed = bomb(head.number("size", BOMB_SIZE));
                frames::push(&mut session.conn.output, FIN | RSV1 | BINARY, &packed);
            }
            _ => {}
        }
    }
    session.echo_all().await
}
