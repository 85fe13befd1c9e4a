//! Endpoints that speak a protocol on top of WebSocket, as far as a client meets it that makes one
//! mistake: the first message, its end, its order, its identity.
//!
//! Each keeps the codes and words of the original, and `ms=` shortens the original's patience.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::reply::Reply;
use crate::practice::session::{Session, Talk};
use crate::practice::upgrade;

/// Ends a SignalR message.
const RECORD_SEPARATOR: char = '\u{1e}';

/// The token that endpoints here take.
const TOKEN: &str = "practice-token";

fn patience(call: &Call, usual_ms: u64) -> Duration {
    Duration::from_millis(call.head.number("ms", usual_ms))
}

/// Leaves the endpoint's function with the peer's end, or gives its message as text and whether
/// it was one.
macro_rules! hear {
    ($session:expr) => {
        match $session.talk().await? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) => (lossy(&bytes), true),
            Talk::Binary(bytes) => (lossy(&bytes), false),
        }
    };
}

fn lossy(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Opens with the first of `known` that the client offers, or without a subprotocol.
async fn open_known<'a>(
    call: &Call,
    conn: &'a mut Conn,
    known: &[&'static str],
) -> io::Result<Result<(Session<'a>, Option<&'static str>), End>> {
    let offered = upgrade::offered(&call.head);
    let chosen = known.iter().copied().find(|name| offered.iter().any(|o| o == name));
    Ok(call.open_with(conn, chosen).await?.map(|session| (session, chosen)))
}

macro_rules! open_known {
    ($call:expr, $conn:expr, $known:expr) => {
        match open_known($call, $conn, $known).await? {
            Ok(opened) => opened,
            Err(end) => return Ok(end),
        }
    };
}

/// `/graphql`: the protocol graphql-transport-ws with its close codes; `legacy=1` speaks
/// subscriptions-transport-ws, `token=1` wants `practice-token` in the payload.
pub(super) async fn graphql(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let legacy = call.head.flag("legacy");
    let wants_token = call.head.flag("token");
    let wait = patience(call, 3_000);
    let known = if legacy { "graphql-ws" } else { "graphql-transport-ws" };
    let (mut session, chosen) = open_known!(call, conn, &[known]);
    if chosen.is_none() {
        return session.close(4406, b"Subprotocol not acceptable").await;
    }
    session.conn.drain().await?;
    let begun = tokio::time::Instant::now();
    let mut acknowledged = false;
    let mut ids = HashSet::new();
    loop {
        let said = if acknowledged {
            session.talk().await?
        } else {
            let left = wait.saturating_sub(begun.elapsed());
            match timeout(left, session.talk()).await {
                Ok(said) => said?,
                Err(_) if legacy => return Ok(End::Drop),
                Err(_) => {
                    return session.close(4408, b"Connection initialisation timeout").await;
                }
            }
        };
        let text = match said {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) | Talk::Binary(bytes) => lossy(&bytes),
        };
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str().unwrap_or_default() {
            "connection_init" if acknowledged && !legacy => {
                return session.close(4429, b"Too many initialisation requests").await;
            }
            "connection_init" => {
                let given = message["payload"].to_string();
                if wants_token && !given.contains(TOKEN) {
                    return session.close(4403, b"Forbidden").await;
                }
                acknowledged = true;
                session.text(r#"{"type":"connection_ack"}"#);
                if legacy {
                    session.text(r#"{"type":"ka"}"#);
                }
            }
            "ping" if !legacy => session.text(r#"{"type":"pong"}"#),
            "pong" | "complete" | "stop" => {
                ids.remove(&id);
            }
            "subscribe" if !legacy && !acknowledged => {
                return session.close(4401, b"Unauthorized").await;
            }
            "subscribe" if !legacy && !id.is_empty() => {
                if !ids.insert(id.clone()) {
                    let reason = format!("Subscriber for {id} already exists");
                    return session.close(4409, reason.as_bytes()).await;
                }
                let data = json!({ "data": { "tick": 1 } });
                session.text(&json!({ "id": id, "type": "next", "payload": data }).to_string());
            }
            "start" if legacy => {
                let data = json!({ "data": { "tick": 1 } });
                session.text(&json!({ "id": id, "type": "data", "payload": data }).to_string());
            }
            _ if legacy => {
                let error = json!({ "message": "Invalid message type!" });
                session.text(&json!({ "id": id, "type": "error", "payload": error }).to_string());
            }
            _ => return session.close(4400, b"Invalid message received").await,
        }
    }
}

/// `/stomp`: login `practice` with passcode `practice`, or no login at all.
pub(super) async fn stomp(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let wait = patience(call, 10_000);
    let (mut session, _) = open_known!(call, conn, &["v12.stomp", "v11.stomp", "v10.stomp"]);
    session.conn.drain().await?;
    let mut connected = false;
    loop {
        let said = match timeout(wait, session.talk()).await {
            Ok(said) => said?,
            // Brokers drop who does not connect in time.
            Err(_) if !connected => return Ok(End::Drop),
            Err(_) => continue,
        };
        let text = match said {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) | Talk::Binary(bytes) => lossy(&bytes),
        };
        let mut refuse = async |message: &str| {
            session.text(&format!("ERROR\nmessage:{message}\ncontent-length:0\n\n\0"));
            session.conn.drain().await?;
            session.close(1002, b"").await
        };
        let frame = text.trim_end_matches('\n');
        if frame.is_empty() {
            continue;
        }
        if !frame.ends_with('\0') {
            return refuse("malformed frame received").await;
        }
        let header =
            |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        match frame.lines().next().unwrap_or_default() {
            "CONNECT" | "STOMP" => {
                if header("login").is_some() && header("passcode") != Some("practice") {
                    return refuse("Access refused for user").await;
                }
                connected = true;
                session.text("CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0");
            }
            _ if !connected => return refuse("not connected").await,
            "SEND" => {
                let body = frame.split_once("\n\n").map_or("", |(_, body)| body);
                let body = body.trim_end_matches('\0');
                session.text(&format!("MESSAGE\nsubscription:0\nmessage-id:1\n\n{body}\0"));
            }
            "DISCONNECT" => return session.close(1000, b"").await,
            _ => {}
        }
    }
}

/// `/signalr`.
pub(super) async fn signalr(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let wait = patience(call, 15_000);
    let mut session = open!(call, conn);
    session.conn.drain().await?;
    let canceled = format!("{{\"error\":\"Handshake was canceled.\"}}{RECORD_SEPARATOR}");
    let mut seen = String::new();
    let due = tokio::time::Instant::now() + wait;
    let handshake = loop {
        match tokio::time::timeout_at(due, session.talk()).await {
            Err(_) => {
                session.text(&canceled);
                return session.close(1000, b"").await;
            }
            Ok(said) => match said? {
                Talk::Over(end) => return Ok(end),
                Talk::Text(bytes) | Talk::Binary(bytes) => seen.push_str(&lossy(&bytes)),
            },
        }
        // Without its end the message is not whole, and the original goes on waiting.
        if let Some((message, _)) = seen.split_once(RECORD_SEPARATOR) {
            break message.to_owned();
        }
    };
    let value: Value = serde_json::from_str(&handshake).unwrap_or_default();
    if value["protocol"] != "json" {
        let error = json!({ "error": "The protocol is not supported." });
        session.text(&format!("{error}{RECORD_SEPARATOR}"));
        return session.close(1000, b"").await;
    }
    session.text(&format!("{{}}{RECORD_SEPARATOR}"));
    loop {
        let (text, _) = hear!(session);
        let answer = match text.strip_suffix(RECORD_SEPARATOR).map(serde_json::from_str::<Value>) {
            // The rest of the message may still come.
            None => continue,
            Some(Ok(message)) if message["type"] == 1 => json!({
                "type": 3, "invocationId": message["invocationId"], "result": message["arguments"],
            }),
            Some(Ok(message)) if message["type"] == 6 => json!({ "type": 6 }),
            Some(_) => {
                let error = json!({ "type": 7, "error": "Connection closed with an error." });
                session.text(&format!("{error}{RECORD_SEPARATOR}"));
                return session.close(1000, b"").await;
            }
        };
        session.text(&format!("{answer}{RECORD_SEPARATOR}"));
    }
}

/// `/mqtt`: answers CONNECT with the return code `rc=`, by itself 5 for a wrong user name.
pub(super) async fn mqtt(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let forced = call.head.param("rc").and_then(|rc| rc.parse::<u8>().ok());
    let wait = patience(call, 10_000);
    let (mut session, chosen) = open_known!(call, conn, &["mqtt", "mqttv3.1"]);
    session.conn.drain().await?;
    if chosen.is_none() {
        return Ok(End::Drop);
    }
    let Ok(said) = timeout(wait, session.talk()).await else { return Ok(End::Drop) };
    let packet = match said? {
        Talk::Over(end) => return Ok(end),
        Talk::Text(_) => return session.close(1003, b"").await,
        Talk::Binary(bytes) => bytes,
    };
    // Byte 9 holds the connect flags, of which bit 7 says that a user name is there.
    if packet.first() != Some(&0x10) || packet.get(4..8) != Some(b"MQTT".as_slice()) {
        return Ok(End::Drop);
    }
    let named = packet.get(9).is_some_and(|flags| flags & 0x80 != 0);
    let known = packet.windows(8).any(|window| window == b"practice");
    let rc = forced.unwrap_or(if named && !known { 5 } else { 0 });
    session.binary(&[0x20, 0x02, 0x00, rc]);
    if rc != 0 {
        session.conn.drain().await?;
        return Ok(End::Drop);
    }
    loop {
        match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(_) => return session.close(1003, b"").await,
            Talk::Binary(bytes) => match bytes.first() {
                Some(0xC0) => session.binary(&[0xD0, 0]),
                Some(0xE0) => return Ok(End::Finish),
                Some(0x82) => {
                    let id = bytes.get(2..4).unwrap_or(&[0, 0]);
                    session.binary(&[0x90, 3, id[0], id[1], 0]);
                }
                _ => {}
            },
        }
    }
}

/// `/ocpp/ID`: knows charge points whose id begins with `CP`, and the version of `version=1.6`.
pub(super) async fn ocpp(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let id = call.head.path().rsplit('/').next().unwrap_or_default().to_owned();
    if !id.starts_with("CP") {
        return Reply::new(404)
            .json(&json!({ "error": "unknown charge point", "id": id }))
            .send(conn)
            .await;
    }
    let newer = call.head.param("version").is_some_and(|version| version.starts_with('2'));
    let known: &[&str] = if newer { &["ocpp2.0.1"] } else { &["ocpp1.6"] };
    let (mut session, chosen) = open_known!(call, conn, known);
    if chosen.is_none() {
        return session.close(1002, b"").await;
    }
    loop {
        let (text, _) = hear!(session);
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        let unique = message[1].as_str().unwrap_or_default().to_owned();
        match (message[0].as_u64(), message[2].as_str()) {
            (Some(2), Some("BootNotification")) => {
                let answer = json!({
                    "status": "Accepted", "interval": 300, "currentTime": "2026-01-01T00:00:00Z",
                });
                session.text(&json!([3, unique, answer]).to_string());
            }
            (Some(2), Some("Heartbeat")) => {
                let answer = json!({ "currentTime": "2026-01-01T00:00:00Z" });
                session.text(&json!([3, unique, answer]).to_string());
            }
            (Some(2), Some(action)) => {
                let words = format!("{action} is not known here");
                session.text(&json!([4, unique, "NotImplemented", words, {}]).to_string());
            }
            _ => session.text(&json!([4, unique, "FormationViolation", "", {}]).to_string()),
        }
    }
}

/// `/sockjs`: a SockJS transport, which is what raw clients meet at the wrong path.
pub(super) async fn sockjs(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    session.text("o");
    loop {
        let (text, _) = hear!(session);
        match serde_json::from_str::<Vec<String>>(&text) {
            Ok(messages) => session.text(&format!("a{}", json!(messages))),
            Err(_) if text.is_empty() => {}
            // Broken framing ends the connection.
            Err(_) => return session.close(1002, b"Broken framing").await,
        }
    }
}

/// `/cable`: ActionCable with the channel `PracticeChannel`; `unauthorized=1` refuses the
/// connection.
pub(super) async fn cable(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let refused = call.head.flag("unauthorized");
    let (mut session, _) =
        open_known!(call, conn, &["actioncable-v1-json", "actioncable-unsupported"]);
    if refused {
        let goodbye = json!({ "type": "disconnect", "reason": "unauthorized", "reconnect": false });
        session.text(&goodbye.to_string());
        return session.close(1000, b"").await;
    }
    session.text(r#"{"type":"welcome"}"#);
    loop {
        let (text, _) = hear!(session);
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        let identifier = message["identifier"].as_str().unwrap_or_default();
        let channel: Value = serde_json::from_str(identifier).unwrap_or_default();
        // What cannot be read is logged at the server and not answered.
        match (message["command"].as_str(), channel["channel"].as_str()) {
            (Some("subscribe"), Some("PracticeChannel")) => session.text(
                &json!({ "identifier": identifier, "type": "confirm_subscription" }).to_string(),
            ),
            (Some("subscribe"), Some(_)) => session.text(
                &json!({ "identifier": identifier, "type": "reject_subscription" }).to_string(),
            ),
            (Some("message"), Some("PracticeChannel")) => {
                let echo = json!({ "identifier": identifier, "message": message["data"] });
                session.text(&echo.to_string());
            }
            _ => {}
        }
    }
}

/// `/socket/websocket`: Phoenix channels with the topic `room:practice`; ends who sends nothing
/// for `ms=60000`.
pub(super) async fn phoenix(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let wait = patience(call, 60_000);
    let mut session = open!(call, conn);
    session.conn.drain().await?;
    loop {
        let Ok(said) = timeout(wait, session.talk()).await else {
            return session.close(1000, b"").await;
        };
        let text = match said? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) | Talk::Binary(bytes) => lossy(&bytes),
        };
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        let topic = message[2].as_str().unwrap_or_default();
        let (status, response) = match (topic, message[3].as_str()) {
            ("phoenix", Some("heartbeat")) | ("room:practice", Some(_)) => ("ok", json!({})),
            (_, Some(_)) => ("error", json!({ "reason": "unmatched topic" })),
            // The original fails on what is no message, and so ends the connection.
            (_, None) => return session.close(1011, b"").await,
        };
        let payload = json!({ "status": status, "response": response });
        let reply = json!([message[0], message[1], topic, "phx_reply", payload]);
        session.text(&reply.to_string());
    }
}

/// `/wamp`: knows the realm `realm1`.
pub(super) async fn wamp(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let (mut session, chosen) = open_known!(call, conn, &["wamp.2.json"]);
    if chosen.is_none() {
        return session.close(1002, b"").await;
    }
    loop {
        let (text, _) = hear!(session);
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        match (message[0].as_u64(), message[1].as_str()) {
            (Some(1), Some("realm1")) => {
                session
                    .text(&json!([2, 1, { "roles": { "broker": {}, "dealer": {} } }]).to_string());
            }
            (Some(1), _) => {
                session.text(&json!([3, {}, "wamp.error.no_such_realm"]).to_string());
                return session.close(1000, b"").await;
            }
            (Some(6), _) => {
                session.text(&json!([6, {}, "wamp.close.goodbye_and_out"]).to_string());
                return session.close(1000, b"").await;
            }
            _ => return session.close(1002, b"").await,
        }
    }
}
