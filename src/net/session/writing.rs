//! What goes out, and what is told of it.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::ending::Cause;
use super::{Session, State};
use crate::core::message::{Direction, Message, MessageKind};
use crate::net::tap::Sent;

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
        self.delivery.message(Message {
            at,
            direction: Direction::Out,
            kind,
            payload,
            packed,
            split: None,
        });
    }
}
