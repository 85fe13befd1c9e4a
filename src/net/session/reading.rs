//! What comes in: messages, control frames, the peer's close, and what went wrong.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use super::ending::Cause;
use super::{BATCH_MESSAGES, FIRST_MESSAGES, Session, State, close_code, close_payload};
use crate::core::close::may_be_sent;
use crate::core::event::EventKind;
use crate::core::evidence::{EndedBy, Violation};
use crate::core::frame::Frames;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;
use crate::net::tap::Quick;

/// Reads that are thrown away in one round after the last frame.
const DISCARDS: usize = 16;

impl Session<'_> {
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> bool {
        match self.state {
            State::Lingering { .. } => return self.poll_discard(cx),
            State::Done(_) => return false,
            _ => {}
        }
        self.ws.get_mut().allow_reads();
        let mut messages = 0;
        while messages < BATCH_MESSAGES && !self.delivery.is_full() {
            match self.ws.get_mut().poll_quick(cx) {
                Quick::Message(kind, payload) => {
                    messages += 1;
                    self.took(kind, payload, None, None);
                    continue;
                }
                Quick::Pending => {
                    self.flush_answers(cx);
                    return messages > 0;
                }
                Quick::LongWay => {}
            }
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
    pub(super) fn flush_answers(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.ws).poll_flush(cx);
    }

    pub(super) fn poll_discard(&mut self, cx: &mut Context<'_>) -> bool {
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
    pub(super) fn received(&mut self, frame: Frame) -> bool {
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
        let mut round_trip = None;
        match kind {
            MessageKind::Text | MessageKind::Binary => {
                let number = self.facts.received.messages();
                let tap = self.ws.get_mut();
                let (packed, split) = (tap.packed_size(number), tap.split_of(number));
                self.took(kind, payload, packed, split);
                return false;
            }
            MessageKind::Pong => round_trip = self.pings.answered(&payload, at),
            MessageKind::Ping => {}
            MessageKind::Close => self.close_received = Some(payload.clone()),
        }
        self.facts.received.add(kind, payload.len() as u64);
        let is_close = kind == MessageKind::Close;
        if !is_close {
            self.active = at;
        }
        self.tell(at, kind, payload, None, None);
        if let Some(trip) = round_trip {
            self.delivery.event(EventKind::RoundTrip { time: trip, at });
        }
        if is_close {
            self.peer_closed();
        }
        is_close
    }

    /// Takes note of a text or binary message, and hands it on.
    fn took(
        &mut self,
        kind: MessageKind,
        payload: Bytes,
        packed: Option<NonZeroU32>,
        split: Option<Arc<Frames>>,
    ) {
        let at = self.ws.get_ref().read_at();
        let bytes = payload.len() as u64;
        self.facts.received.add(kind, bytes);
        if self.facts.first_received.len() < FIRST_MESSAGES {
            self.note_first_received(at, kind, &payload);
        }
        self.facts.largest_received = self.facts.largest_received.max(bytes);
        if !self.facts.answered_last_message && self.facts.last_message_sent_us.is_some() {
            self.facts.answered_last_message = true;
            self.facts.largest_answered =
                self.facts.largest_answered.max(self.facts.last_message_sent_bytes);
        }
        self.active = at;
        self.tell(at, kind, payload, packed, split);
    }

    fn tell(
        &mut self,
        at: Micros,
        kind: MessageKind,
        payload: Bytes,
        packed: Option<NonZeroU32>,
        split: Option<Arc<Frames>>,
    ) {
        let direction = Direction::In;
        self.delivery.message(Message { at, direction, kind, payload, packed, split });
    }

    pub(super) fn peer_closed(&mut self) {
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
    pub(super) fn cause_of(&mut self, error: &Error) -> Cause {
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
            split: None,
        });
        let one_byte = cause.violation == Some(Violation::CloseOneByte);
        let (violation, text) = if one_byte {
            (Violation::CloseOneByte, "the close frame's payload is a single byte")
        } else {
            (Violation::CloseReasonNotUtf8, "the close frame's reason is not UTF-8")
        };
        Cause { violation: Some(violation), text: text.into(), blame_latest: false, ..cause }
    }
}
