//! What goes out, and what is told of it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;

use super::ending::Cause;
use super::{Session, State};
use crate::core::event::{EventKind, Transfer, TransferState};
use crate::core::evidence::EndedBy;
use crate::core::frame::Frames;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;
use crate::net::tap::{CutShort, Sent};

impl Session<'_> {
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
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
                self.write_failed(&error);
                true
            }
        };
        let sent: Vec<Sent> = self.ws.get_mut().take_sent().collect();
        for sent in sent {
            self.sent(sent);
        }
        self.follow_tap();
        moved
    }

    fn write_failed(&mut self, error: &std::io::Error) {
        if let Some(cut) = error.get_ref().and_then(|inner| inner.downcast_ref::<CutShort>()) {
            return self.done(Cause::new(EndedBy::Cut, cut.to_string()));
        }
        let cause = Cause::io(error);
        let until = Instant::now() + self.options.linger;
        self.state = match std::mem::replace(&mut self.state, State::Open) {
            State::Lingering { cause, .. } => State::Done(cause),
            _ => State::Broken { cause, until },
        };
    }

    /// Takes note of what the tap has done by itself.
    fn follow_tap(&mut self) {
        let tap = self.ws.get_ref();
        if tap.is_closing() && matches!(self.state, State::Open) {
            // A message that cannot be gone on with, or a close frame made by hand.
            self.state = State::Closing { due: Instant::now() + self.options.close_wait };
        }
        if self.facts.half_closed_us.is_none()
            && let Some(at) = tap.half_ended()
        {
            self.facts.half_closed_us = Some(self.recorder.us(at));
            self.next_beat = None;
            self.heartbeat = None;
            self.delivery.event(EventKind::HalfClosed);
        }
        let (held, held_ever) = tap.pongs_held();
        if held != self.held_told {
            self.held_told = held;
            self.facts.pongs_held = held_ever;
            self.delivery.event(EventKind::PongsHeld(held));
        }
    }

    pub(super) fn sent(&mut self, sent: Sent) {
        match sent {
            Sent::Message { at, kind, payload, packed, split } => {
                self.sent_message(at, kind, payload, packed, split);
            }
            Sent::Handmade { at, head, payload } => {
                self.facts.handmade += 1;
                self.facts.last_sent_us = Some(self.recorder.us(at));
                match head.opcode {
                    8 => self.close_sent = Some(payload.clone()),
                    9 => self.pings.sent(payload.clone(), at),
                    _ => {}
                }
                self.delivery.event(EventKind::Handmade { head, payload });
            }
            Sent::File { at, transfer } => self.sent_of_file(at, transfer),
        }
    }

    fn sent_of_file(&mut self, at: Micros, transfer: Transfer) {
        self.active = at;
        let at_us = self.recorder.us(at);
        if transfer.sent > 0 {
            self.facts.last_sent_us = Some(at_us);
        }
        if transfer.state == TransferState::Done {
            self.facts.sent.add(transfer.kind, transfer.total);
            self.facts.files_sent += 1;
            self.facts.file_bytes_sent += transfer.total;
            self.message_sent(at_us, transfer.total);
        }
        self.delivery.event(EventKind::Transfer(transfer));
    }

    /// A text or binary message is out.
    fn message_sent(&mut self, at_us: u64, bytes: u64) {
        self.facts.last_message_sent_us = Some(at_us);
        self.facts.last_message_sent_bytes = bytes;
        self.facts.largest_sent = self.facts.largest_sent.max(bytes);
        self.facts.answered_last_message = false;
    }

    fn sent_message(
        &mut self,
        at: Micros,
        kind: MessageKind,
        mut payload: Bytes,
        packed: Option<NonZeroU32>,
        split: Option<Arc<Frames>>,
    ) {
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
                self.message_sent(at_us, payload.len() as u64);
                self.note_sent(at_us, kind, &payload);
            }
            MessageKind::Ping => self.pings.sent(payload.clone(), at),
            MessageKind::Pong => {}
            MessageKind::Close => self.close_sent = Some(payload.clone()),
        }
        if kind != MessageKind::Close {
            self.active = at;
        }
        self.delivery.message(Message {
            at,
            direction: Direction::Out,
            kind,
            payload,
            packed,
            split,
        });
    }
}
