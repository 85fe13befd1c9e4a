//! An open connection until its end.
//!
//! One state machine, polled as a whole: commands first, then timers, reading, writing and
//! delivery, in rounds until none of them moves. So a slow owner cannot hold up a pong or a close,
//! a large message going out cannot stop the reading, and a flood cannot drown a command.

mod commands;
mod delivery;
mod ending;
mod pings;
mod reading;
mod report;
mod starts;
mod writing;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use self::delivery::{BATCH_MESSAGES, Delivery};
use self::ending::Cause;
use self::pings::Pings;
use super::handle::Queued;
use super::link::Link;
use super::options::Options;
use super::recorder::Recorder;
use super::tap::{OutFrame, Tap};
use crate::core::event::{Event, EventKind};
use crate::core::evidence::{EndedBy, SessionFacts};
use crate::core::message::MessageKind;
use crate::core::request::FirstMessage;
use crate::core::time::Micros;

/// Largest message even if the user sets no limit: it is here as a whole, and a server that sends
/// on and on must not end the process. What a header announces costs no memory before it comes.
const LARGEST_MESSAGE: u64 = 2 * 1024 * 1024 * 1024;

/// Read buffer of the message layer; larger ones cost more than they gain.
const READ_BUFFER: usize = 128 * 1024;

/// Rounds before other tasks get their turn.
const ROUNDS: usize = 16;

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
    /// Pongs that were held, as told last.
    held_told: u64,
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
            held_told: 0,
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
        let pong = self.ws.get_mut().release_pongs().map(|wait| Instant::now() + wait);
        let own = self.next_deadline();
        let Some(deadline) = own.into_iter().chain(pong).min() else { return false };
        if self.armed != Some(deadline) {
            self.sleep.as_mut().reset(deadline);
            self.armed = Some(deadline);
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.armed = None;
        if own != Some(deadline) {
            // A pong was due; it is released at the next turn.
            return true;
        }
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

    /// Reading has come to an end without a close frame.
    fn stop(&mut self, mut cause: Cause) {
        if let Some((code, reason)) = cause.owed {
            self.ws.get_mut().push_close_now(close_payload(Some(code), reason));
            return self.linger(cause);
        }
        match std::mem::replace(&mut self.state, State::Open) {
            // The peer went away instead of answering our close frame.
            State::Closing { .. } if self.close_sent.is_some() => cause.by = EndedBy::Us,
            // It did what we had done before: that is how half a close ends.
            _ if self.facts.half_closed_us.is_some() && cause.by == EndedBy::PeerDropped => {
                cause.by = EndedBy::Cut;
                cause.text = "the peer ended its half after ours was ended".into();
            }
            State::Broken { cause: first, .. } if cause.by == EndedBy::PeerDropped => cause = first,
            _ => {}
        }
        self.done(cause);
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
