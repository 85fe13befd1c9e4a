//! An open connection until its end.
//!
//! One state machine, polled as a whole: commands first, then timers, reading, writing and
//! delivery, in rounds until none of them moves. So a slow owner cannot hold up a pong or a close,
//! a large message going out cannot stop the reading, and a flood cannot drown a command.

mod commands;
mod delivery;
mod ending;
mod pings;
mod report;
mod starts;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Sink, Stream};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use self::delivery::{BATCH_MESSAGES, Delivery};
use self::ending::Cause;
use self::pings::Pings;
use super::handle::Queued;
use super::link::Link;
use super::options::Options;
use super::recorder::Recorder;
use super::tap::{OutFrame, Sent, Tap};
use crate::core::close::may_be_sent;
use crate::core::event::{Event, EventKind};
use crate::core::evidence::{EndedBy, SessionFacts, Violation};
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::request::FirstMessage;
use crate::core::time::Micros;

/// Largest message even if the user sets no limit: the message layer reserves what a header
/// announces, and a hostile announcement must not end the process.
const LARGEST_MESSAGE: u64 = 2 * 1024 * 1024 * 1024;

/// Read buffer of the message layer; larger ones cost more than they gain.
const READ_BUFFER: usize = 128 * 1024;

/// Rounds before other tasks get their turn.
const ROUNDS: usize = 16;

/// Reads that are thrown away in one round after the last frame.
const DISCARDS: usize = 16;

/// Messages each way whose beginning is kept, and how much of it.
const FIRST_MESSAGES: usize = 3;
const PREVIEW_CELLS: usize = 200;
const PREVIEW_BYTES: usize = 1024;

#[derive(Debug)]
enum State {
    Open,
    /// Our close frame is queued or out, the peer's is awaited.
    Closing {
        due: Instant,
    },
    /// Writing failed; what the peer sent before is still read.
    Broken {
        cause: Cause,
        until: Instant,
    },
    /// The last frame came. What we owe goes out, and the end of the stream is awaited.
    Lingering {
        cause: Cause,
        until: Instant,
    },
    Done(Cause),
}

/// What a session begins with.
pub(super) struct Start<'r> {
    pub link: Link,
    /// Bytes that came behind the reply's head.
    pub early: Bytes,
    pub max_message: u64,
    pub heartbeat: Option<Duration>,
    /// Go out before anything that the owner sends.
    pub first_messages: Vec<FirstMessage>,
    pub commands: mpsc::Receiver<Queued>,
    pub events: mpsc::Sender<Event>,
    pub recorder: &'r mut Recorder,
    pub options: Options,
}

pub(super) struct Session<'r> {
    ws: WebSocketStream<Tap<Link>>,
    is_tls: bool,
    commands: mpsc::Receiver<Queued>,
    /// Some handle is left.
    heard: bool,
    delivery: Delivery,
    recorder: &'r mut Recorder,
    options: Options,
    state: State,
    pings: Pings,
    heartbeat: Option<Duration>,
    next_beat: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
    armed: Option<Instant>,
    facts: SessionFacts,
    /// What is told of the first messages instead of what they hold, as long as they wait. They
    /// are the first text messages that go out, and those keep their order.
    masked: VecDeque<Bytes>,
    /// Beginning of the last message that went out; written into the record at the end only.
    last_sent: Option<starts::Start>,
    close_received: Option<Bytes>,
    close_sent: Option<Bytes>,
    /// Last frame either way that is no close frame.
    active: Micros,
    ended: Option<Micros>,
}

impl<'r> Session<'r> {
    /// `open` is told before everything else.
    pub(super) async fn new(start: Start<'r>, open: EventKind) -> Session<'r> {
        let Start {
            link,
            early,
            max_message,
            heartbeat,
            first_messages,
            commands,
            events,
            recorder,
            options,
        } = start;
        let largest = match max_message {
            0 => LARGEST_MESSAGE,
            limit => limit.min(LARGEST_MESSAGE),
        };
        let limit = Some(usize::try_from(largest).unwrap_or(usize::MAX));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            // It writes control frames only, and the tap takes each at once.
            .write_buffer_size(0)
            .max_write_buffer_size(READ_BUFFER)
            .max_message_size(limit)
            .max_frame_size(limit);
        let is_tls = link.is_tls();
        let deflate = recorder.evidence.websocket.as_ref().and_then(|ws| ws.deflate);
        let tap = Tap::new(link, early, largest, deflate.as_ref(), options.clock);
        let mut session = Session {
            ws: WebSocketStream::from_raw_socket(tap, Role::Client, Some(config)).await,
            is_tls,
            commands,
            heard: true,
            delivery: Delivery::new(recorder.conn(), options.clock, events),
            facts: recorder.evidence.session.clone().unwrap_or_default(),
            active: recorder.now(),
            recorder,
            options,
            state: State::Open,
            pings: Pings::default(),
            heartbeat: None,
            next_beat: None,
            sleep: Box::pin(tokio::time::sleep(Duration::ZERO)),
            armed: None,
            masked: VecDeque::new(),
            last_sent: None,
            close_received: None,
            close_sent: None,
            ended: None,
        };
        session.delivery.event(open);
        for message in first_messages {
            session.masked.push_back(message.logged.into());
            let payload = Bytes::copy_from_slice(message.text.expose().as_bytes());
            session.send(OutFrame { kind: MessageKind::Text, payload, share: None });
        }
        session.set_heartbeat(heartbeat);
        session
    }

    /// Runs until the connection has ended and all of it was delivered.
    pub(super) async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        let cause = match std::mem::replace(&mut self.state, State::Open) {
            State::Done(cause) => cause,
            _ => Cause::new(EndedBy::Network, "the session stopped without a cause"),
        };
        if cause.by != EndedBy::Cut {
            // Says goodbye (FIN, close_notify); a peer that takes no bytes does not hold us up.
            let goodbye = self.ws.get_mut().shutdown();
            let _ = tokio::time::timeout(Duration::from_millis(100), goodbye).await;
        }
        self.finish(cause).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            let mut moved = self.poll_commands(cx);
            moved |= self.poll_timers(cx);
            moved |= self.poll_read(cx);
            moved |= self.poll_write(cx);
            moved |= self.delivery.poll(cx);
            if self.delivery.is_gone() {
                self.done(Cause::new(EndedBy::Cut, "nobody listens to this connection any more"));
            }
            if matches!(self.state, State::Done(_)) {
                return Poll::Ready(());
            }
            if !moved {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    // Timers.

    fn set_heartbeat(&mut self, interval: Option<Duration>) {
        self.heartbeat = interval.filter(|interval| !interval.is_zero());
        self.next_beat = self.heartbeat.map(|interval| Instant::now() + interval);
    }

    fn next_deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Open => self.next_beat,
            State::Closing { due } => Some(*due),
            State::Broken { until, .. } | State::Lingering { until, .. } => Some(*until),
            State::Done(_) => None,
        }
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.next_deadline() else { return false };
        if self.armed != Some(deadline) {
            self.sleep.as_mut().reset(deadline);
            self.armed = Some(deadline);
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.armed = None;
        match std::mem::replace(&mut self.state, State::Open) {
            State::Open => self.beat(),
            State::Closing { .. } => self.done(Cause::new(
                EndedBy::TimedOut,
                format!("no close frame came within {:?} of ours", self.options.close_wait),
            )),
            State::Broken { cause, .. } | State::Lingering { cause, .. } => self.done(cause),
            State::Done(cause) => self.state = State::Done(cause),
        }
        true
    }

    fn beat(&mut self) {
        let read_at = self.ws.get_ref().read_at();
        if self.pings.is_dead(read_at) {
            return self.done(Cause::new(
                EndedBy::TimedOut,
                "nothing came since the last three pings of the heartbeat",
            ));
        }
        let payload = self.pings.next_beat();
        self.send(OutFrame { kind: MessageKind::Ping, payload, share: None });
        self.next_beat = self.heartbeat.map(|interval| Instant::now() + interval);
    }

    // Reading.

    fn poll_read(&mut self, cx: &mut Context<'_>) -> bool {
        match self.state {
            State::Lingering { .. } => return self.poll_discard(cx),
            State::Done(_) => return false,
            _ => {}
        }
        self.ws.get_mut().allow_reads();
        let mut messages = 0;
        while messages < BATCH_MESSAGES && !self.delivery.is_full() {
            match Pin::new(&mut self.ws).poll_next(cx) {
                Poll::Pending => return messages > 0,
                Poll::Ready(Some(Ok(frame))) => {
                    messages += 1;
                    if self.received(frame) {
                        return true;
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    let cause = self.cause_of(&error);
                    self.stop(cause);
                    return true;
                }
                Poll::Ready(None) => {
                    self.stop(Cause::dropped("the stream ended"));
                    return true;
                }
            }
        }
        // A pong that was read before the pause must not wait for its end.
        self.flush_answers(cx);
        messages > 0
    }

    /// Lets the message layer write the pong that it owes.
    fn flush_answers(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.ws).poll_flush(cx);
    }

    fn poll_discard(&mut self, cx: &mut Context<'_>) -> bool {
        for n in 0..DISCARDS {
            match self.ws.get_mut().poll_discard(cx) {
                Poll::Pending => return n > 0,
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(0) | Err(_)) => {
                    if let State::Lingering { cause, .. } =
                        std::mem::replace(&mut self.state, State::Open)
                    {
                        self.done(cause);
                    }
                    return true;
                }
            }
        }
        true
    }

    /// Takes note of what came; true if it was the close frame.
    fn received(&mut self, frame: Frame) -> bool {
        let at = self.ws.get_ref().read_at();
        let (kind, payload) = match frame {
            Frame::Text(text) => (MessageKind::Text, Bytes::from(text)),
            Frame::Binary(bytes) => (MessageKind::Binary, bytes),
            Frame::Ping(bytes) => (MessageKind::Ping, bytes),
            Frame::Pong(bytes) => (MessageKind::Pong, bytes),
            Frame::Close(_) => {
                let raw = self.ws.get_ref().close_payload().unwrap_or_default();
                (MessageKind::Close, Bytes::copy_from_slice(raw))
            }
            // Only ever written.
            Frame::Frame(_) => return false,
        };
        let bytes = payload.len() as u64;
        self.facts.received.add(kind, bytes);
        let (mut round_trip, mut packed) = (None, None);
        match kind {
            MessageKind::Text | MessageKind::Binary => {
                let number = self.facts.received.messages() - 1;
                packed = self.ws.get_mut().packed_size(number);
                if self.facts.first_received.len() < FIRST_MESSAGES {
                    self.note_first_received(at, kind, &payload);
                }
                self.facts.largest_received = self.facts.largest_received.max(bytes);
                if !self.facts.answered_last_message && self.facts.last_message_sent_us.is_some() {
                    self.facts.answered_last_message = true;
                    self.facts.largest_answered =
                        self.facts.largest_answered.max(self.facts.last_message_sent_bytes);
                }
            }
            MessageKind::Pong => round_trip = self.pings.answered(&payload, at),
            MessageKind::Ping => {}
            MessageKind::Close => self.close_received = Some(payload.clone()),
        }
        let is_close = kind == MessageKind::Close;
        if !is_close {
            self.active = at;
        }
        self.delivery.message(Message { at, direction: Direction::In, kind, payload, packed });
        if let Some(trip) = round_trip {
            self.delivery.event(EventKind::RoundTrip(trip));
        }
        if is_close {
            self.peer_closed();
        }
        is_close
    }

    fn peer_closed(&mut self) {
        let code = self.close_received.as_deref().and_then(close_code);
        // Answered with the same code (section 5.5.1); does nothing if ours went out before.
        let answer = match code {
            Some(code) if !may_be_sent(code) => close_payload(Some(1002), "protocol error"),
            code => close_payload(code, ""),
        };
        self.ws.get_mut().push_close_now(answer);
        let cause = match code {
            Some(code) if !may_be_sent(code) => Cause {
                violation: Some(Violation::CloseCode),
                ..Cause::new(
                    EndedBy::PeerViolation,
                    format!("the close frame carries the code {code}, which must not be sent"),
                )
            },
            _ if self.close_sent.is_some() => Cause::new(EndedBy::Us, ""),
            _ => Cause::new(EndedBy::Peer, ""),
        };
        self.linger(cause);
    }

    /// Why reading stopped, with what the tap saw of it that the message layer does not tell.
    fn cause_of(&mut self, error: &Error) -> Cause {
        let cause = Cause::of(error);
        let tap = self.ws.get_ref();
        if cause.by == EndedBy::OurLimit && tap.violation() == Some(Violation::Length) {
            // The message layer only finds it too large.
            return Cause {
                violation: Some(Violation::Length),
                owed: Some((1002, "protocol error")),
                ..Cause::new(EndedBy::PeerViolation, "a frame's length has its top bit set")
            };
        }
        let is_close = |payload: &[u8]| match cause.violation {
            Some(Violation::CloseOneByte) => payload.len() == 1,
            Some(Violation::TextNotUtf8) => {
                payload.get(2..).is_some_and(|reason| std::str::from_utf8(reason).is_err())
            }
            _ => false,
        };
        let Some(close) = tap.close_payload().filter(|payload| is_close(payload)) else {
            return cause;
        };
        // The layer above keeps such a close frame to itself.
        let payload = Bytes::copy_from_slice(close);
        let at = tap.read_at();
        self.facts.received.add(MessageKind::Close, payload.len() as u64);
        self.close_received = Some(payload.clone());
        self.delivery.message(Message {
            at,
            direction: Direction::In,
            kind: MessageKind::Close,
            payload,
            packed: None,
        });
        let one_byte = cause.violation == Some(Violation::CloseOneByte);
        let (violation, text) = if one_byte {
            (Violation::CloseOneByte, "the close frame's payload is a single byte")
        } else {
            (Violation::CloseReasonNotUtf8, "the close frame's reason is not UTF-8")
        };
        Cause { violation: Some(violation), text: text.into(), blame_latest: false, ..cause }
    }

    /// Reading has come to an end without a close frame.
    fn stop(&mut self, mut cause: Cause) {
        if let Some((code, reason)) = cause.owed {
            self.ws.get_mut().push_close_now(close_payload(Some(code), reason));
            return self.linger(cause);
        }
        match std::mem::replace(&mut self.state, State::Open) {
            // The peer went away instead of answering our close frame.
            State::Closing { .. } if self.close_sent.is_some() => cause.by = EndedBy::Us,
            State::Broken { cause: first, .. } if cause.by == EndedBy::PeerDropped => cause = first,
            _ => {}
        }
        self.done(cause);
    }

    // Writing.

    fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        if matches!(self.state, State::Broken { .. } | State::Done(_)) {
            return false;
        }
        let messages = !self.delivery.is_overfull();
        let moved = match self.ws.get_mut().poll_drain(cx, messages) {
            Poll::Pending | Poll::Ready(Ok(0)) => false,
            Poll::Ready(Ok(_)) => {
                if let State::Closing { due } = &mut self.state {
                    // A long message before the close frame is no reason to give up.
                    *due = Instant::now() + self.options.close_wait;
                }
                true
            }
            Poll::Ready(Err(error)) => {
                let cause = Cause::io(&error);
                let until = Instant::now() + self.options.linger;
                self.state = match std::mem::replace(&mut self.state, State::Open) {
                    State::Lingering { cause, .. } => State::Done(cause),
                    _ => State::Broken { cause, until },
                };
                true
            }
        };
        let sent: Vec<Sent> = self.ws.get_mut().take_sent().collect();
        for frame in sent {
            self.sent(frame);
        }
        moved
    }

    fn sent(&mut self, Sent { at, kind, mut payload, packed }: Sent) {
        if !kind.is_control()
            && let Some(masked) = self.masked.pop_front()
        {
            payload = masked;
        }
        self.facts.sent.add(kind, payload.len() as u64);
        let at_us = self.recorder.us(at);
        self.facts.last_sent_us = Some(at_us);
        match kind {
            MessageKind::Text | MessageKind::Binary => {
                let bytes = payload.len() as u64;
                self.facts.last_message_sent_us = Some(at_us);
                self.facts.last_message_sent_bytes = bytes;
                self.facts.largest_sent = self.facts.largest_sent.max(bytes);
                self.facts.answered_last_message = false;
                self.note_sent(at_us, kind, &payload);
            }
            MessageKind::Ping => self.pings.sent(payload.clone(), at),
            MessageKind::Pong => {}
            MessageKind::Close => self.close_sent = Some(payload.clone()),
        }
        if kind != MessageKind::Close {
            self.active = at;
        }
        self.delivery.message(Message { at, direction: Direction::Out, kind, payload, packed });
    }

    // The end.

    fn linger(&mut self, cause: Cause) {
        self.note_end();
        self.state = State::Lingering { cause, until: Instant::now() + self.options.linger };
    }

    fn done(&mut self, cause: Cause) {
        self.note_end();
        self.state = State::Done(cause);
    }

    fn note_end(&mut self) {
        if self.ended.is_none() {
            self.ended = Some(self.recorder.now());
        }
    }
}

fn close_payload(code: Option<u16>, reason: &str) -> Bytes {
    let mut payload = BytesMut::new();
    if let Some(code) = code {
        payload.put_u16(code);
        payload.put_slice(reason.as_bytes());
    }
    payload.freeze()
}

fn close_code(payload: &[u8]) -> Option<u16> {
    payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code))
}
