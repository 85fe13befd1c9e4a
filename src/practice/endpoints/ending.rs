//! Endpoints that end an open connection in some way, or withhold a pong.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::session::{Session, Talk};

/// The longest reason that fits a close frame (RFC 6455 section 5.5).
const REASON_MAX: usize = 123;

/// Echoes so many messages; `Some` if the peer ended it before.
async fn echo_some(session: &mut Session<'_>, count: u64) -> io::Result<Option<End>> {
    for _ in 0..count {
        match session.talk().await? {
            Talk::Over(end) => return Ok(Some(end)),
            said => session.echo(&said).await?,
        }
    }
    session.conn.drain().await?;
    Ok(None)
}

/// As much of a text as a close frame can carry, cut at a character.
fn reason_of(text: &str) -> &[u8] {
    &text.as_bytes()[..text.floor_char_boundary(REASON_MAX)]
}

/// `/close/NNNN`.
pub(super) async fn close(call: &Call, conn: &mut Conn, code: u16) -> io::Result<End> {
    let reason = call.head.param("reason").unwrap_or_default();
    let after = call.head.number("after", 0);
    let mut session = open!(call, conn);
    match echo_some(&mut session, after).await? {
        Some(end) => Ok(end),
        None => session.close(code, reason_of(&reason)).await,
    }
}

/// `/close-codes`: a message such as `4001 go away` says how to close.
pub(super) async fn close_codes(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    let usual = json!({
        "send": "CODE REASON",
        "codes": [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000],
    });
    session.text(&usual.to_string());
    loop {
        let text = match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) | Talk::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let (code, reason) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        match code.parse() {
            Ok(code) => return session.close(code, reason_of(reason)).await,
            Err(_) => session.text(&json!({ "error": "no close code", "got": code }).to_string()),
        }
    }
}

/// `/drop` and `/reset`.
pub(super) async fn after(call: &Call, conn: &mut Conn, how: End) -> io::Result<End> {
    let after = call.head.number("after", 0);
    let mut session = open!(call, conn);
    Ok(echo_some(&mut session, after).await?.unwrap_or(how))
}

/// `/idle`: any frame, a ping too, starts the time again.
pub(super) async fn idle(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let limit = Duration::from_secs_f64(call.head.fraction("seconds", 20.0));
    let mut session = open!(call, conn);
    session.conn.drain().await?;
    loop {
        let Ok(event) = timeout(limit, session.event()).await else { return Ok(End::Drop) };
        match session.settle(event?) {
            Some(Talk::Over(end)) => return Ok(end),
            Some(said) => session.echo(&said).await?,
            None => {}
        }
    }
}

/// `/no-pong`.
pub(super) async fn no_pong(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    session.pongs = false;
    session.echo_all().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(reason_of("short"), b"short");
        let long = "é".repeat(100);
        assert_eq!(reason_of(&long), "é".repeat(61).as_bytes());
    }
}
