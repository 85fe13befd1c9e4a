//! Endpoints that refuse the opening handshake, or let it wait.

use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tokio::time::sleep;

use super::{Call, talk};
use crate::practice::conn::{Conn, End};
use crate::practice::reply::{Framing, Reply, reason};

/// How long `slow_body=1` lets the body wait, in milliseconds; larger values say it themselves.
const BODY_PAUSE: u64 = 200;

/// `/status/NNN`: the status with the headers that belong to it and a body of the caller's choice.
pub(super) async fn status(call: &Call, conn: &mut Conn, status: u16) -> io::Result<End> {
    let head = &call.head;
    if !(100..=999).contains(&status) {
        let body = json!({ "error": "a status has three digits" });
        return Reply::new(404).json(&body).send(conn).await;
    }
    let mut reply = Reply::new(status);
    match status {
        300..=399 => {
            let location = head.param("location").unwrap_or_else(|| "/echo".to_owned());
            reply = reply.header("Location", &location);
        }
        401 => reply = reply.header("WWW-Authenticate", "Bearer realm=\"practice\""),
        407 => reply = reply.header("Proxy-Authenticate", "Basic realm=\"practice\""),
        405 => reply = reply.header("Allow", "POST"),
        426 => reply = reply.header("Upgrade", "websocket").header("Connection", "Upgrade"),
        429 | 503 => reply = reply.header("Retry-After", "30"),
        _ => {}
    }
    for line in head.params("header") {
        if let Some((name, value)) = line.split_once(':') {
            reply = reply.header(name.trim(), value.trim());
        }
    }
    let body = match head.param("body") {
        Some(text) => text,
        None => json!({ "status": status, "error": reason(status) }).to_string(),
    };
    let kind = match (head.param("type"), head.param("body")) {
        (Some(kind), _) => kind,
        (None, Some(_)) => "text/plain; charset=utf-8".to_owned(),
        (None, None) => "application/json".to_owned(),
    };
    if head.flag("gzip") {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(body.as_bytes())?;
        reply = reply.header("Content-Encoding", "gzip").body(&kind, gzip.finish()?);
    } else {
        reply = reply.body(&kind, body);
    }
    if head.flag("chunked") {
        reply = reply.framing(Framing::Chunked);
    } else if head.flag("until_close") {
        reply = reply.framing(Framing::UntilClose);
    }
    if head.flag("slow_body") {
        let ms = Some(head.number("slow_body", 1)).filter(|ms| *ms > 1).unwrap_or(BODY_PAUSE);
        reply = reply.pause(Duration::from_millis(ms.min(86_400_000)));
    }
    reply.send(conn).await
}

/// `/origin`: what servers do that admit browsers of their own site only.
pub(super) async fn origin(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let allowed = call.head.param("allow").unwrap_or_else(|| "https://practice.example".to_owned());
    if call.head.header("origin").as_deref() == Some(allowed.as_str()) {
        return talk::echo(call, conn).await;
    }
    refuse_origin(call, conn, "origin not allowed").await
}

/// `/origin/own`: what browsers of the server's own pages pass, and nobody else.
pub(super) async fn own_origin(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let scheme = if call.tls { "https" } else { "http" };
    let own = format!("{scheme}://{}", call.head.header("host").unwrap_or_default());
    if call.head.header("origin").is_some_and(|origin| origin == own) {
        return talk::echo(call, conn).await;
    }
    refuse_origin(call, conn, "forbidden").await
}

/// `/origin/none`: what a service for programs does that wants no browsers.
pub(super) async fn no_origin(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if call.head.header("origin").is_none() {
        return talk::echo(call, conn).await;
    }
    refuse_origin(call, conn, "forbidden").await
}

/// 403 for an upgrade; a plain request gets what it would get with the right Origin.
async fn refuse_origin(call: &Call, conn: &mut Conn, error: &str) -> io::Result<End> {
    if !call.head.wants_upgrade() {
        return talk::echo(call, conn).await;
    }
    let body = json!({ "error": error, "origin": call.head.header("origin") });
    Reply::new(403).json(&body).send(conn).await
}

/// `/slow`: lets the handshake wait, unless the client goes first.
pub(super) async fn slow(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let delay = Duration::from_millis(call.head.number("ms", 3000).min(86_400_000));
    tokio::select! {
        () = sleep(delay) => {}
        () = conn.wait_for_end() => return Ok(End::Finish),
    }
    talk::echo(call, conn).await
}

/// `/hang`: says nothing, for as long as the client waits.
pub(super) async fn hang(conn: &mut Conn) -> io::Result<End> {
    conn.wait_for_end().await;
    Ok(End::Finish)
}
