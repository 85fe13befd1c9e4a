//! An open connection until its end.
//!
//! One state machine, polled as a whole: commands first, then timers, reading, writing and
//! delivery, in rounds until none of them moves. So a slow owner cannot hold up a pong or a close,
//! a large message going out cannot stop the reading, and a flood cannot drown a command.

mod delivery;
mod ending;
mod pings;

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
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use self::delivery::{BATCH_MESSAGES, Delivery};
use self::ending::Cause;
use self::pings::Pings;
use super::handle::Queued;
use super::link::Link;
use super::options::Options;
use super::recorder::Recorder;
use super::tap::{OutFrame, Sent, StreamEnd, Tap};
use crate::core::close::may_be_sent;
use crate::core::event::{Command, Event, EventKind};
use crate::core::evidence::{End, EndedBy, SessionFacts};
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::sanitize;
use crate::core::time::Micros;

/// Largest message even if the user sets no limit: the message layer reserves what a header
/// announces, and a hostile announcement must not end the process.
const LARGEST_MESSAGE: u64 = 2 * 1024 * 1024 * 1024;

/// Read buffer of the message layer; larger ones cost more than they gain.
const READ_BUFFER: usize = 128 * 1024;

/// Rounds before other tasks get their turn.
const ROUNDS: usize = 16;

/// Commands that are heard in one round.
const COMMANDS: usize = 256;

/// Reads that are thrown away in one round after the last frame.
const DISCARDS: usize = 16;

/// Messages whose beginning is kept, and how much of it.
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
    close_received: Option<Bytes>,
    close_sent: Option<Bytes>,
    /// Last frame either way that is no close frame.
    active: Micros,
    ended: Option<Micros>,
}

impl<'r> Session<'r> {
    /// `open` is told before everything else.
    pub(super) async fn new(start: Start<'r>, open: EventKind) -> Session<'r> {
        let Start { link, early, max_message, heartbeat, commands, events, recorder, options } =
            start;
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
        let tap = Tap::new(link, early, largest, options.clock);
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
            close_received: None,
            close_sent: None,
            ended: None,
        };
        session.delivery.event(open);
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

    // Commands.

    fn poll_commands(&mut self, cx: &mut Context<'_>) -> bool {
        let mut moved = false;
        for _ in 0..COMMANDS {
            if !self.heard {
                break;
            }
            match self.commands.poll_recv(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => {
                    self.heard = false;
                    // A closing handshake that was asked for ends by itself.
                    if matches!(self.state, State::Open | State::Broken { .. }) {
                        self.done(Cause::new(EndedBy::Cut, "its owner let go of it"));
                    }
                }
                Poll::Ready(Some(queued)) => self.command(queued),
            }
            moved = true;
        }
        moved
    }

    fn command(&mut self, queued: Queued) {
        let share = queued.share;
        match queued.command {
            Command::SendText(text) => {
                self.send(OutFrame { kind: MessageKind::Text, payload: text.into(), share });
            }
            Command::SendBinary(payload) => {
                self.send(OutFrame { kind: MessageKind::Binary, payload, share });
            }
            Command::Ping(payload) if payload.len() > 125 => self
                .reject("ping", format!("a ping carries at most 125 bytes, not {}", payload.len())),
            Command::Ping(payload) => {
                self.send(OutFrame { kind: MessageKind::Ping, payload, share });
            }
            Command::Close { code, reason } => self.close(code, &reason),
            Command::Heartbeat(interval) => self.set_heartbeat(interval),
            Command::Disconnect => match std::mem::replace(&mut self.state, State::Open) {
                State::Lingering { cause, .. } | State::Broken { cause, .. } => self.done(cause),
                State::Done(cause) => self.state = State::Done(cause),
                State::Open | State::Closing { .. } => {
                    self.done(Cause::new(EndedBy::Cut, ""));
                }
            },
        }
    }

    fn send(&mut self, frame: OutFrame) {
        let command = if frame.kind == MessageKind::Ping { "ping" } else { "send" };
        if !matches!(self.state, State::Open) || !self.ws.get_mut().push(frame) {
            self.reject(command, "the connection is closing".to_owned());
        }
    }

    fn close(&mut self, code: Option<u16>, reason: &str) {
        let problem = match code {
            _ if !matches!(self.state, State::Open) => Some("it is closing already".to_owned()),
            Some(code) if !may_be_sent(code) => Some(format!(
                "{code} cannot be sent: 1000 to 1003, 1007 to 1014 and 3000 to 4999 can"
            )),
            None if !reason.is_empty() => Some("a reason needs a code before it".to_owned()),
            _ if reason.len() > 123 => {
                Some(format!("a reason holds at most 123 bytes, not {}", reason.len()))
            }
            _ => None,
        };
        if let Some(why) = problem {
            return self.reject("close", why);
        }
        let payload = close_payload(code, reason);
        self.ws.get_mut().push(OutFrame { kind: MessageKind::Close, payload, share: None });
        self.state = State::Closing { due: Instant::now() + self.options.close_wait };
    }

    fn reject(&mut self, command: &'static str, why: String) {
        self.delivery.event(EventKind::Rejected { command, why });
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
                    self.stop(Cause::of(&error));
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
        self.facts.received.add(kind, payload.len() as u64);
        let mut round_trip = None;
        match kind {
            MessageKind::Text | MessageKind::Binary => {
                if self.facts.first_received.len() < FIRST_MESSAGES {
                    let preview = self.preview(kind, &payload);
                    self.facts.first_received.push(preview);
                }
                self.facts.answered_last_message = self.facts.last_message_sent_us.is_some();
            }
            MessageKind::Pong => round_trip = self.pings.answered(&payload, at),
            MessageKind::Ping => {}
            MessageKind::Close => self.close_received = Some(payload.clone()),
        }
        let is_close = kind == MessageKind::Close;
        if !is_close {
            self.active = at;
        }
        self.delivery.message(Message { at, direction: Direction::In, kind, payload });
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
            Some(code) if !may_be_sent(code) => Cause::new(
                EndedBy::PeerViolation,
                format!("the close frame carries the code {code}, which must not be sent"),
            ),
            _ if self.close_sent.is_some() => Cause::new(EndedBy::Us, ""),
            _ => Cause::new(EndedBy::Peer, ""),
        };
        self.linger(cause);
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

    fn sent(&mut self, Sent { at, kind, payload }: Sent) {
        self.facts.sent.add(kind, payload.len() as u64);
        let at_us = self.recorder.us(at);
        self.facts.last_sent_us = Some(at_us);
        match kind {
            MessageKind::Text | MessageKind::Binary => {
                self.facts.last_message_sent_us = Some(at_us);
                self.facts.last_message_sent_bytes = payload.len() as u64;
                self.facts.answered_last_message = false;
            }
            MessageKind::Ping => self.pings.sent(payload.clone(), at),
            MessageKind::Pong => {}
            MessageKind::Close => self.close_sent = Some(payload.clone()),
        }
        if kind != MessageKind::Close {
            self.active = at;
        }
        self.delivery.message(Message { at, direction: Direction::Out, kind, payload });
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

    async fn finish(mut self, cause: Cause) {
        let tap = self.ws.get_ref();
        let (frames_in, frames_out) = tap.frames();
        let delivered = self.facts.received.messages();
        let ended = self.ended.unwrap_or_else(|| self.recorder.now());
        let started = self.recorder.started();
        let unsent = tap.unsent();
        let code_received = self.close_received.as_deref().and_then(close_code);
        let reason = self
            .close_received
            .as_deref()
            .and_then(|payload| payload.get(2..))
            .map(|bytes| self.recorder.clean(&String::from_utf8_lossy(bytes)))
            .unwrap_or_default();
        let mut facts = std::mem::take(&mut self.facts);
        facts.received.frames = frames_in;
        facts.sent.frames = frames_out;
        if frames_in > 0 {
            facts.last_received_us = Some(self.recorder.us(tap.read_at()));
        }
        facts.last_frames = tap.records(started, cause.blame_latest.then_some(delivered));
        facts.last_received =
            self.delivery.last_received().map(|last| self.preview(last.kind, &last.payload));
        facts.unanswered_pings = self.pings.unanswered();
        facts.round_trips_us = self.pings.round_trips();
        facts.stalled_us = self.delivery.stalled_us();
        facts.end = Some(End {
            at_us: self.recorder.us(ended),
            by: cause.by,
            code_received,
            reason_received: reason,
            close_received: self.close_received.is_some(),
            close_sent: self.close_sent.is_some(),
            code_sent: self.close_sent.as_deref().and_then(close_code),
            frame_cut: self.close_received.is_none()
                && cause.owed.is_none()
                && tap.is_inside_frame(),
            problem: cause.problem,
            text: self.recorder.clean(&cause.text),
            silence_us: u64::try_from(ended.since(self.active).as_micros()).unwrap_or(u64::MAX),
        });
        if let Some(tls) = &mut self.recorder.evidence.tls {
            tls.close_notify = self.is_tls && tap.end() == Some(StreamEnd::Orderly);
        }
        self.recorder.evidence.session = Some(facts);
        if unsent > 0 {
            self.reject(
                "send",
                format!("the connection ended before {unsent} of the messages went out"),
            );
        }
        let evidence = Box::new(self.recorder.evidence.clone());
        self.delivery.event(EventKind::Ended(evidence));
        // The socket goes before the owner has taken the last event.
        drop(self.ws);
        drop(self.commands);
        self.delivery.finish().await;
    }

    /// The beginning of a message for the record: secrets masked, escaped, short.
    fn preview(&self, kind: MessageKind, payload: &[u8]) -> String {
        let head = &payload[..payload.len().min(PREVIEW_BYTES)];
        let is_text = kind == MessageKind::Text;
        match std::str::from_utf8(head) {
            Err(error) if !is_text || error.error_len().is_some() => {
                sanitize::preview(head, false, PREVIEW_CELLS)
            }
            _ => {
                let masked = self.recorder.masker.mask(&String::from_utf8_lossy(head));
                sanitize::preview(masked.as_bytes(), is_text, PREVIEW_CELLS)
            }
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
