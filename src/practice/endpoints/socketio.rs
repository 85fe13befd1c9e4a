//! `/socket.io/`: as much of a Socket.IO server (Engine.IO protocol 4 over WebSocket) as a client
//! meets that does not know to be talking to one.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, interval_at};

use super::Call;
use crate::practice::conn::{Conn, End};
use crate::practice::reply::Reply;
use crate::practice::session::{Session, Talk};

const SID: &str = "practice0000000000AA";
/// How long a client may take to answer a ping, in milliseconds.
const PING_TIMEOUT: u64 = 20_000;

pub(super) async fn socketio(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let head = &call.head;
    let refuse = |code: u8, message: &str| {
        Reply::new(400).json(&json!({ "code": code, "message": message }))
    };
    if head.param("transport").as_deref() != Some("websocket") {
        return refuse(0, "Transport unknown").send(conn).await;
    }
    if head.param("EIO").as_deref() != Some("4") {
        return refuse(5, "Unsupported protocol version").send(conn).await;
    }
    if !head.wants_upgrade() {
        return refuse(3, "Bad request").send(conn).await;
    }
    match call.open(conn).await? {
        Ok(mut session) => talk(&mut session, head.number("interval", 25_000)).await,
        Err(end) => Ok(end),
    }
}

async fn talk(session: &mut Session<'_>, interval_ms: u64) -> io::Result<End> {
    let greeting = json!({
        "sid": SID, "upgrades": [], "pingInterval": interval_ms, "pingTimeout": PING_TIMEOUT,
        "maxPayload": 1_000_000,
    });
    session.text(&format!("0{greeting}"));
    let every = Duration::from_millis(interval_ms.clamp(1, 86_400_000));
    let mut pings = interval_at(Instant::now() + every, every);
    // A pong is due by then; far away while none is.
    let mut due: Option<Instant> = None;
    loop {
        let overdue = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            said = session.talk() => match said? {
                Talk::Over(end) => return Ok(end),
                Talk::Text(bytes) => {
                    if bytes.first() == Some(&b'3') {
                        due = None;
                    }
                    match answer(&bytes) {
                        Some(answer) => answer.iter().for_each(|packet| session.text(packet)),
                        // A packet that is none ends the connection, without a close frame.
                        None => return Ok(End::Drop),
                    }
                }
                Talk::Binary(_) => return Ok(End::Drop),
            },
            _ = pings.tick(), if due.is_none() => {
                session.text("2");
                due = Some(Instant::now() + Duration::from_millis(PING_TIMEOUT));
            }
            () = overdue => return Ok(End::Drop),
        }
    }
}

/// The packets to send for a packet received; `None` if it is no Engine.IO packet.
fn answer(packet: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(packet).ok()?;
    let mut answers = Vec::new();
    match text.as_bytes() {
        // A connect to a namespace: the default one has no name.
        [b'4', b'0', ..] => answers.push(format!("40{{\"sid\":\"{SID}\"}}")),
        // An event comes back as it is.
        [b'4', b'2', ..] => answers.push(text.to_owned()),
        [b'4', b'1' | b'3'..=b'6', ..] | [b'3' | b'5' | b'6', ..] => {}
        [b'2', rest @ ..] => answers.push(format!("3{}", String::from_utf8_lossy(rest))),
        _ => return None,
    }
    Some(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_answered_and_other_text_is_not_borne() {
        let one = |packet: &str| answer(packet.as_bytes()).map(|answers| answers.join(" "));
        assert_eq!(one("40").as_deref(), Some(r#"40{"sid":"practice0000000000AA"}"#));
        assert_eq!(one(r#"42["hello",1]"#).as_deref(), Some(r#"42["hello",1]"#));
        assert_eq!(one("2probe").as_deref(), Some("3probe"));
        assert_eq!(one("3").as_deref(), Some(""));
        for wrong in ["hello", "{\"a\":1}", "", "9", "4", "1"] {
            assert_eq!(one(wrong), None, "{wrong:?}");
        }
    }
}
