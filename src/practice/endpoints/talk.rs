//! Endpoints that keep all rules and have a conversation.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::frames::{self, BINARY, CONTINUATION, FIN, PING, TEXT};
use crate::practice::reply::Reply;
use crate::practice::session::{Event, Session, Talk};
use crate::practice::upgrade;

/// The messages of `/xml`.
pub(super) const XML: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order id=\"1\"><item qty=\"2\">tea</item><note><![CDATA[<no sugar>]]></note></order>",
    "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><m:Price xmlns:m=\"urn:practice\">4.20</m:Price></soap:Body></soap:Envelope>",
    "<!-- not well-formed on purpose --><a><b></a>",
];

/// The messages of `/html`.
pub(super) const HTML: &[&str] = &[
    "<!DOCTYPE html><html lang=\"en\"><head><title>Practice</title></head><body><h1 class=\"big\">Hello</h1><p>one<br>two &amp; three</p></body></html>",
    "<ul><li>first<li>second</ul><script>if (1 < 2) { console.log(\"</p>\") }</script>",
];

/// A PNG of one grey pixel.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\
    \x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\
    \xda\x63\x68\x00\x00\x00\x82\x00\x81\xda\x45\x08\x3b\x00\x00\x00\x00\x49\x45\x4e\x44\
    \xae\x42\x60\x82";

/// The shortest time between two ticks or pings.
const TICK_MIN: Duration = Duration::from_millis(1);

/// `/echo`.
pub(super) async fn echo(call: &Call, conn: &mut Conn) -> io::Result<End> {
    open!(call, conn).echo_all().await
}

/// `/clock`.
pub(super) async fn clock(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    let mut ticks = ticks(call);
    let mut count = 0_u64;
    loop {
        tokio::select! {
            said = session.talk() => match said? {
                Talk::Over(end) => return Ok(end),
                said => session.echo(&said).await?,
            },
            _ = ticks.tick(), if !session.is_behind() => {
                count += 1;
                let now = jiff::Timestamp::now().to_string();
                session.text(&json!({ "tick": count, "time": now }).to_string());
            }
        }
    }
}

fn ticks(call: &Call) -> tokio::time::Interval {
    let every = Duration::from_secs_f64(call.head.fraction("every", 1.0));
    let mut ticks = interval(every.max(TICK_MIN));
    // A client that does not read gets fewer ticks, not all of them at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}

/// `/xml` and `/html`: a few documents, then an echo.
pub(super) async fn documents(call: &Call, conn: &mut Conn, texts: &[&str]) -> io::Result<End> {
    let mut session = open!(call, conn);
    for text in texts {
        session.text(text);
    }
    session.echo_all().await
}

/// `/binary`.
pub(super) async fn binary(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    let every_byte: Vec<u8> = (0..=255).collect();
    for bytes in [PNG, &every_byte, b"text in a binary message", b""] {
        session.binary(bytes);
    }
    session.echo_all().await
}

/// `/headers`.
pub(super) async fn headers(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    let head = &call.head;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let lines: Vec<_> =
        head.headers.iter().map(|(name, value)| json!([name, text(value)])).collect();
    let whole = json!({
        "method": head.method, "target": head.target, "tls": call.tls,
        "headers": lines, "raw": text(&head.raw),
    });
    session.text(&whole.to_string());
    session.echo_all().await
}

/// `/slow-echo`.
pub(super) async fn slow_echo(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let delay = Duration::from_millis(call.head.number("ms", 1000).min(86_400_000));
    let mut session = open!(call, conn);
    loop {
        match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            said => {
                session.conn.drain().await?;
                sleep(delay).await;
                session.echo(&said).await?;
            }
        }
    }
}

/// `/ping`: each ping carries its number, and each pong is told of.
pub(super) async fn ping(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    let mut ticks = ticks(call);
    let mut count = 0_u64;
    loop {
        let event = tokio::select! {
            event = session.event() => event?,
            _ = ticks.tick(), if !session.is_behind() => {
                count += 1;
                session.ping(count.to_string().as_bytes());
                continue;
            }
        };
        if let Event::Pong(payload) = &event {
            let text = String::from_utf8_lossy(payload);
            session.text(&json!({ "pong": text }).to_string());
        }
        match session.settle(event) {
            Some(Talk::Over(end)) => return Ok(end),
            Some(said) => session.echo(&said).await?,
            None => {}
        }
    }
}

/// `/fragments`.
pub(super) async fn fragments(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let parts = usize::try_from(call.head.number("parts", 16)).unwrap_or(16).clamp(1, 65_536);
    let mut session = open!(call, conn);
    // Cut by bytes, so that some cuts fall into the middle of a character.
    let text = "A message in pieces: grüße, 你好, 🦀. ".repeat(4);
    in_fragments(&mut session, TEXT, text.as_bytes(), parts);
    in_fragments(&mut session, BINARY, &[0xAB; 1000], parts);
    // All of it in the last fragment.
    for (first, payload) in [(TEXT, ""), (CONTINUATION, ""), (FIN | CONTINUATION, "late")] {
        frames::push(&mut session.conn.output, first, payload.as_bytes());
    }
    loop {
        match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) => in_fragments(&mut session, TEXT, &bytes, parts),
            Talk::Binary(bytes) => in_fragments(&mut session, BINARY, &bytes, parts),
        }
    }
}

/// Queues a message in at most so many fragments, a ping after each but the last.
fn in_fragments(session: &mut Session<'_>, opcode: u8, payload: &[u8], parts: usize) {
    let out = &mut session.conn.output;
    let mut chunks = payload.chunks(payload.len().div_ceil(parts).max(1)).peekable();
    let mut first = opcode;
    if chunks.peek().is_none() {
        frames::push(out, FIN | opcode, b"");
    }
    while let Some(chunk) = chunks.next() {
        if chunks.peek().is_none() {
            frames::push(out, FIN | first, chunk);
        } else {
            frames::push(out, first, chunk);
            frames::push(out, FIN | PING, b"between");
        }
        first = CONTINUATION;
    }
}

/// `/subprotocol`.
pub(super) async fn subprotocol(call: &Call, conn: &mut Conn) -> io::Result<End> {
    subprotocols(call, conn, call.head.flag("required")).await
}

/// `/subprotocol/required`: the same with `required=1`, for those who cannot send a query.
pub(super) async fn subprotocol_required(call: &Call, conn: &mut Conn) -> io::Result<End> {
    subprotocols(call, conn, true).await
}

async fn subprotocols(call: &Call, conn: &mut Conn, required: bool) -> io::Result<End> {
    const SPOKEN: [&str; 2] = ["chat.v2", "chat.v1"];
    let head = &call.head;
    let offered = upgrade::offered(head);
    let has = |name: &str| offered.iter().any(|offer| offer == name);
    let chosen = if head.flag("ignore") {
        None
    } else if head.flag("wrong") {
        Some("not-offered".to_owned())
    } else if let Some(name) = head.param("choose") {
        has(&name).then_some(name)
    } else {
        SPOKEN.iter().find(|name| has(name)).map(|name| (*name).to_owned())
    };
    if chosen.is_none() && required && head.wants_upgrade() {
        let body = json!({ "error": "a subprotocol is required", "supported": SPOKEN });
        return Reply::new(400).json(&body).send(conn).await;
    }
    let mut session = match call.open_with(conn, chosen.as_deref()).await? {
        Ok(session) => session,
        Err(end) => return Ok(end),
    };
    session.text(&json!({ "offered": offered, "chosen": chosen }).to_string());
    session.echo_all().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_png_is_one() {
        let crc = |bytes: &[u8]| {
            let mut crc = flate2::Crc::new();
            crc.update(bytes);
            crc.sum().to_be_bytes()
        };
        assert_eq!(PNG[29..33], crc(&PNG[12..29]), "IHDR");
        assert_eq!(PNG[51..55], crc(&PNG[37..51]), "IDAT");
        let mut pixels = Vec::new();
        let mut inflate = flate2::read::ZlibDecoder::new(&PNG[41..51]);
        std::io::Read::read_to_end(&mut inflate, &mut pixels).expect("zlib");
        assert_eq!(pixels.len(), 2);
    }
}
