//! Endpoints with a limit: of time, of size, of the kind or number of messages.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::session::{Session, Talk};

/// How to end: `how=drop` and `how=reset` without a close frame, else with the code in `code=`.
async fn end(call: &Call, session: &mut Session<'_>, code: u64, reason: &str) -> io::Result<End> {
    session.conn.drain().await?;
    match call.head.param("how").as_deref() {
        Some("drop") => return Ok(End::Drop),
        Some("reset") => return Ok(End::Reset),
        _ => {}
    }
    let code = u16::try_from(call.head.number("code", code)).unwrap_or(1000);
    let reason = call.head.param("reason").unwrap_or_else(|| reason.to_owned());
    session.close(code, &reason.as_bytes()[..reason.floor_char_boundary(123)]).await
}

fn size(said: &Talk) -> u64 {
    match said {
        Talk::Text(bytes) | Talk::Binary(bytes) => bytes.len() as u64,
        Talk::Over(_) => 0,
    }
}

/// `/drop-each`: a message is answered by the end of TCP.
pub(super) async fn drop_each(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    Ok(match session.talk().await? {
        Talk::Over(end) => end,
        _ => End::Drop,
    })
}

/// `/size-limit`.
pub(super) async fn size_limit(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let most = call.head.number("bytes", 1024);
    let mut session = open!(call, conn);
    loop {
        match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            said if size(&said) > most => {
                return end(call, &mut session, 1009, "message too big").await;
            }
            said => session.echo(&said).await?,
        }
    }
}

/// `/text-only` and `/binary-only`.
pub(super) async fn only(call: &Call, conn: &mut Conn, text: bool) -> io::Result<End> {
    let mut session = open!(call, conn);
    loop {
        match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            said if matches!(said, Talk::Text(_)) != text => {
                let reason = if text { "only text is taken" } else { "only binary is taken" };
                return end(call, &mut session, 1003, reason).await;
            }
            said => session.echo(&said).await?,
        }
    }
}

/// `/first-message`: who sends nothing in time is closed.
pub(super) async fn first_message(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let limit = Duration::from_secs_f64(call.head.fraction("seconds", 10.0));
    let ask = call.head.param("ask");
    let mut session = open!(call, conn);
    if let Some(ask) = ask {
        session.text(&ask);
    }
    session.conn.drain().await?;
    match timeout(limit, session.talk()).await {
        Err(_) => end(call, &mut session, 4003, "connection unused").await,
        Ok(Ok(Talk::Over(end))) => Ok(end),
        Ok(said) => {
            session.echo(&said?).await?;
            session.echo_all().await
        }
    }
}

/// `/rate-limit`: more than `count` messages within `seconds` are too many.
pub(super) async fn rate_limit(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let most = call.head.number("count", 5);
    let span = Duration::from_secs_f64(call.head.fraction("seconds", 1.0));
    let mut session = open!(call, conn);
    let (mut since, mut count) = (Instant::now(), 0);
    loop {
        let said = session.talk().await?;
        if let Talk::Over(end) = said {
            return Ok(end);
        }
        if since.elapsed() > span {
            (since, count) = (Instant::now(), 0);
        }
        count += 1;
        if count > most {
            return end(call, &mut session, 1008, "rate limit exceeded").await;
        }
        session.echo(&said).await?;
    }
}

/// `/lifetime`: whatever is said, it ends at its age.
pub(super) async fn lifetime(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let age = Duration::from_millis(call.head.number("ms", 60_000));
    let mut session = open!(call, conn);
    session.conn.drain().await?;
    let due = Instant::now() + age;
    loop {
        match timeout_at(due, session.talk()).await {
            Err(_) => return end(call, &mut session, 1001, "").await,
            Ok(said) => match said? {
                Talk::Over(end) => return Ok(end),
                said => session.echo(&said).await?,
            },
        }
    }
}

/// `/deaf`: reads nothing after the handshake.
pub(super) async fn deaf(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let age = Duration::from_millis(call.head.number("ms", 60_000));
    let session = open!(call, conn);
    session.conn.drain().await?;
    sleep_until(Instant::now() + age).await;
    Ok(End::Reset)
}

/// `/say`: the texts of `text=` in their order, `after=` messages, and then an end if `code=` or
/// `how=` asks for one.
pub(super) async fn say(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let ends = call.head.param("code").is_some() || call.head.param("how").is_some();
    let after = call.head.number("after", 0);
    let mut session = open!(call, conn);
    for _ in 0..after {
        if let Talk::Over(end) = session.talk().await? {
            return Ok(end);
        }
    }
    for text in call.head.params("text") {
        session.text(&text);
    }
    for hex in call.head.params("hex") {
        session.binary(&bytes_of(&hex));
    }
    if ends { end(call, &mut session, 1000, "").await } else { session.echo_all().await }
}

/// Bytes from pairs of hexadecimal digits; what is none ends them.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .map_while(|c| c.to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_as_far_as_it_goes() {
        assert_eq!(bytes_of("20020005"), [0x20, 2, 0, 5]);
        assert_eq!(bytes_of("2002x5"), [0x20, 2]);
        assert_eq!(bytes_of("200"), [0x20]);
    }
}
