//! The lawful server's side of an open WebSocket: messages in, messages out.
//!
//! Nothing here sends while it waits for a message except what is queued, so waiting can be given
//! up at any time (for a clock's tick, for instance) without losing or doubling a byte.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::conn::{Conn, End, Moved};
use super::deflate::{Deflate, RSV1};
use super::frames::{self, BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};

/// Payloads up to this size are queued; longer ones go out without a copy.
const QUEUE_MAX: usize = 64 * 1024;
/// How long the peer may take to answer our close frame.
const CLOSE_WAIT: Duration = Duration::from_secs(5);
/// Longest payload of a control frame (RFC 6455 section 5.5).
const CONTROL_MAX: u64 = 125;

/// What the peer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Text(Bytes),
    Binary(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    /// The payload of its close frame.
    Close(Bytes),
    /// It ended the connection without a close frame.
    Gone,
    /// It broke the protocol; the close code and the reason for it.
    Violation(u16, &'static str),
}

/// What an endpoint has to react to, the control frames having been answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Talk {
    Text(Bytes),
    Binary(Bytes),
    Over(End),
}

/// An open WebSocket over a connection.
pub(super) struct Session<'a> {
    pub(super) conn: &'a mut Conn,
    /// Longest message taken, in bytes.
    limit: u64,
    /// The fragments so far of a message, and its opcode with RSV1.
    partial: Option<(u8, BytesMut)>,
    /// Whether pings are answered.
    pub(super) pongs: bool,
    /// Compression, if it was agreed on.
    pub(super) deflate: Option<Deflate>,
    /// Into how many fragments a compressed message is cut.
    pub(super) parts: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(conn: &'a mut Conn, limit: u64) -> Session<'a> {
        Session { conn, limit, partial: None, pongs: true, deflate: None, parts: 1 }
    }

    /// The next thing that the peer does. Cancel-safe.
    pub(super) async fn event(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.take() {
                return Ok(event);
            }
            if self.conn.exchange().await? == Moved::Read(0) {
                return Ok(Event::Gone);
            }
        }
    }

    /// The next message, or the end; pings and closes are answered by the way. Cancel-safe.
    pub(super) async fn talk(&mut self) -> io::Result<Talk> {
        loop {
            let event = self.event().await?;
            if let Some(talk) = self.settle(event) {
                return Ok(talk);
            }
        }
    }

    /// As [`Session::talk`], but only with what has arrived already.
    pub(super) fn pending(&mut self) -> Option<Talk> {
        while let Some(event) = self.take() {
            let talk = self.settle(event);
            if talk.is_some() {
                return talk;
            }
        }
        None
    }

    /// Gives a control frame its lawful answer, and passes on the rest.
    pub(super) fn settle(&mut self, event: Event) -> Option<Talk> {
        match event {
            Event::Text(text) => Some(Talk::Text(text)),
            Event::Binary(bytes) => Some(Talk::Binary(bytes)),
            Event::Ping(payload) => {
                if self.pongs {
                    frames::push(&mut self.conn.output, FIN | PONG, &payload);
                }
                None
            }
            Event::Pong(_) => None,
            Event::Close(payload) => {
                // Only the code goes back (RFC 6455 section 5.5.1), nothing if there was none.
                let code = payload.get(..2).unwrap_or_default();
                frames::push(&mut self.conn.output, FIN | CLOSE, code);
                Some(Talk::Over(End::Finish))
            }
            Event::Gone => Some(Talk::Over(End::Finish)),
            Event::Violation(code, reason) => {
                frames::push_close(&mut self.conn.output, code, reason.as_bytes());
                Some(Talk::Over(End::Finish))
            }
        }
    }

    /// Whether so much waits to be sent that what may be left out should be.
    pub(super) fn is_behind(&self) -> bool {
        self.conn.output.len() > QUEUE_MAX
    }

    /// Queues a text message.
    pub(super) fn text(&mut self, text: &str) {
        self.queue(TEXT, text.as_bytes());
    }

    /// Queues a binary message.
    pub(super) fn binary(&mut self, bytes: &[u8]) {
        frames::push(&mut self.conn.output, FIN | BINARY, bytes);
    }

    /// Queues a ping.
    pub(super) fn ping(&mut self, payload: &[u8]) {
        frames::push(&mut self.conn.output, FIN | PING, payload);
    }

    /// Sends a message back as it came; a long one is sent before this returns.
    pub(super) async fn echo(&mut self, talk: &Talk) -> io::Result<()> {
        match talk {
            Talk::Text(bytes) => self.send(TEXT, bytes).await,
            Talk::Binary(bytes) => self.send(BINARY, bytes).await,
            Talk::Over(_) => Ok(()),
        }
    }

    /// Queues a message, packed if that was agreed on.
    fn queue(&mut self, opcode: u8, payload: &[u8]) {
        let out = &mut self.conn.output;
        let Some(packed) = self.deflate.as_mut().and_then(|deflate| deflate.pack(payload)) else {
            return frames::push(out, FIN | opcode, payload);
        };
        let mut first = RSV1 | opcode;
        let mut rest = packed.as_slice();
        let size = rest.len().div_ceil(self.parts).max(1);
        while rest.len() > size {
            frames::push(out, first, &rest[..size]);
            first = CONTINUATION;
            rest = &rest[size..];
        }
        frames::push(out, FIN | first, rest);
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        if payload.len() <= QUEUE_MAX || self.deflate.is_some() {
            self.queue(opcode, payload);
            return Ok(());
        }
        frames::push_header(&mut self.conn.output, FIN | opcode, payload.len() as u64, None);
        self.bulk(payload).await
    }

    /// Sends what is queued and then these bytes, reading meanwhile so that the peer need not stop
    /// sending first. Fails if the peer ends its side.
    pub(super) async fn bulk(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.conn.drain().await?;
        let mut left = bytes;
        while !left.is_empty() {
            match self.conn.exchange_bulk(left).await? {
                Moved::Wrote(count) => left = &left[count..],
                Moved::Read(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Moved::Read(_) => {}
            }
        }
        Ok(())
    }

    /// Echoes until the peer ends it.
    pub(super) async fn echo_all(&mut self) -> io::Result<End> {
        loop {
            match self.talk().await? {
                Talk::Over(end) => return Ok(end),
                said => self.echo(&said).await?,
            }
        }
    }

    /// Starts the closing handshake and sees it through, forgetting what still comes.
    pub(super) async fn close(&mut self, code: u16, reason: &[u8]) -> io::Result<End> {
        frames::push_close(&mut self.conn.output, code, reason);
        self.closed().await
    }

    /// Sends what is queued, a close frame being the last of it, and waits for the peer's.
    pub(super) async fn closed(&mut self) -> io::Result<End> {
        let answer = async {
            self.conn.drain().await?;
            loop {
                match self.event().await? {
                    Event::Close(_) | Event::Gone | Event::Violation(..) => return Ok(End::Finish),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(CLOSE_WAIT, answer).await.unwrap_or(Ok(End::Finish))
    }

    /// Takes the next event out of what has arrived.
    fn take(&mut self) -> Option<Event> {
        loop {
            let header = frames::read_header(&self.conn.input)?;
            if let Some((code, reason)) = self.objection(&header) {
                // What follows cannot be understood any more.
                self.conn.input.clear();
                return Some(Event::Violation(code, reason));
            }
            // The limit fits a usize, so the length, which is below it, does too.
            let length = usize::try_from(header.length).ok()?;
            let missing = (header.size + length).saturating_sub(self.conn.input.len());
            self.conn.expected = missing;
            if missing > 0 {
                return None;
            }
            match self.frame(header, length) {
                None => continue,
                event => return event,
            }
        }
    }

    /// Takes one whole frame from the input; no event if it is a fragment before the last.
    fn frame(&mut self, header: frames::Header, length: usize) -> Option<Event> {
        let mut payload = self.conn.input.split_to(header.size + length).split_off(header.size);
        if let Some(key) = header.mask {
            frames::apply_mask(&mut payload, key);
        }
        let payload = match header.opcode() {
            PING => return Some(Event::Ping(payload.freeze())),
            PONG => return Some(Event::Pong(payload.freeze())),
            CLOSE => return Some(Event::Close(payload.freeze())),
            opcode => match (self.partial.take(), header.fin()) {
                (None, true) => (opcode | header.reserved(), payload),
                (None, false) => {
                    self.partial = Some((opcode | header.reserved(), payload));
                    return None;
                }
                (Some((opcode, mut joined)), fin) => {
                    joined.extend_from_slice(&payload);
                    if !fin {
                        self.partial = Some((opcode, joined));
                        return None;
                    }
                    (opcode, joined)
                }
            },
        };
        let payload = match (payload, &mut self.deflate) {
            ((first, packed), Some(deflate)) if first & RSV1 != 0 => {
                match deflate.unpack(&packed, self.limit) {
                    Ok(plain) => (first & !RSV1, BytesMut::from(plain.as_slice())),
                    Err((code, why)) => return Some(Event::Violation(code, why)),
                }
            }
            (payload, _) => payload,
        };
        match payload {
            (TEXT, text) if simdutf8::basic::from_utf8(&text).is_err() => {
                Some(Event::Violation(1007, "text is not UTF-8"))
            }
            (TEXT, text) => Some(Event::Text(text.freeze())),
            (_, bytes) => Some(Event::Binary(bytes.freeze())),
        }
    }

    /// What RFC 6455 has against this frame at this moment.
    fn objection(&self, header: &frames::Header) -> Option<(u16, &'static str)> {
        let joined = self.partial.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64);
        let is_first = matches!(header.opcode(), TEXT | BINARY);
        let may = if self.deflate.is_some() && is_first { RSV1 } else { 0 };
        match header.opcode() {
            _ if header.reserved() & !may != 0 => Some((1002, "reserved bits are set")),
            _ if header.mask.is_none() => Some((1002, "client frames must be masked")),
            CLOSE | PING | PONG if !header.fin() => Some((1002, "fragmented control frame")),
            CLOSE | PING | PONG if header.length > CONTROL_MAX => {
                Some((1002, "control frame over 125 bytes"))
            }
            CLOSE if header.length == 1 => Some((1002, "close frame with half a code")),
            CLOSE | PING | PONG => None,
            CONTINUATION if self.partial.is_none() => Some((1002, "nothing to continue")),
            TEXT | BINARY if self.partial.is_some() => Some((1002, "continuation expected")),
            CONTINUATION | TEXT | BINARY if joined.saturating_add(header.length) > self.limit => {
                Some((1009, "message too big"))
            }
            CONTINUATION | TEXT | BINARY => None,
            _ => Some((1002, "unknown opcode")),
        }
    }
}
