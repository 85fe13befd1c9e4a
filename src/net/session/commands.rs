//! What the owner asks of an open connection.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::ending::Cause;
use super::{Session, State, close_payload};
use crate::core::close::may_be_sent;
use crate::core::event::{Command, EventKind};
use crate::core::evidence::EndedBy;
use crate::core::message::MessageKind;
use crate::net::handle::Queued;
use crate::net::tap::OutFrame;

/// Commands that are heard in one round.
const COMMANDS: usize = 256;

impl Session<'_> {
    pub(super) fn poll_commands(&mut self, cx: &mut Context<'_>) -> bool {
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
            Command::SendSplit { .. }
            | Command::SendFile { .. }
            | Command::CancelFile(_)
            | Command::Pong(_)
            | Command::Pongs(_)
            | Command::Raw(_)
            | Command::HalfClose => self.reject("this", "it is not known yet".to_owned()),
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

    pub(super) fn send(&mut self, frame: OutFrame) {
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

    pub(super) fn reject(&mut self, command: &'static str, why: String) {
        self.delivery.event(EventKind::Rejected { command, why });
    }
}
