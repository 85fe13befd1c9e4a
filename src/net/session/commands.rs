//! What the owner asks of an open connection.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::ending::Cause;
use super::{Session, State, close_payload};
use crate::core::close::may_be_sent;
use crate::core::event::{Command, EventKind, Split, Transfer, TransferState};
use crate::core::evidence::EndedBy;
use crate::core::message::MessageKind;
use crate::net::handle::Queued;
use crate::net::tap::{FileSend, OutFrame};

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
            Command::SendSplit { kind, payload, sizes } => {
                self.send_cut(OutFrame { kind, payload, share }, sizes);
            }
            Command::SendFile { transfer, kind, path, frame } => {
                self.send_file(FileSend { transfer, kind, path, frame });
            }
            Command::CancelFile(transfer) => {
                self.ws.get_mut().cancel_file(transfer);
            }
            Command::Pong(payload) if payload.len() > 125 => self
                .reject("pong", format!("a pong carries at most 125 bytes, not {}", payload.len())),
            Command::Pong(payload) => {
                self.send(OutFrame { kind: MessageKind::Pong, payload, share });
            }
            Command::Pongs(policy) => self.ws.get_mut().set_pongs(policy),
            Command::Raw(frame) => {
                let taken = self.is_open() && self.ws.get_mut().push_raw(frame);
                self.refuse("a frame by hand", taken);
            }
            Command::HalfClose => {
                let taken = self.is_open() && self.ws.get_mut().end_half();
                self.refuse("half-close", taken);
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

    pub(super) fn send(&mut self, frame: OutFrame) {
        let command = match frame.kind {
            MessageKind::Ping => "ping",
            MessageKind::Pong => "pong",
            _ => "send",
        };
        let taken = self.is_open() && self.ws.get_mut().push(frame);
        self.refuse(command, taken);
    }

    fn send_cut(&mut self, frame: OutFrame, sizes: Split) {
        if frame.kind.is_control() {
            let why = "a control frame goes in one piece (RFC 6455 section 5.5)";
            return self.reject("send", why.to_owned());
        }
        if frame.kind == MessageKind::Text && simdutf8::basic::from_utf8(&frame.payload).is_err() {
            return self.reject("send", "a text must be UTF-8".to_owned());
        }
        let taken = self.is_open() && self.ws.get_mut().push_cut(frame, sizes);
        self.refuse("send", taken);
    }

    fn send_file(&mut self, file: FileSend) {
        let (id, kind) = (file.transfer, file.kind);
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
        if !kind.is_control() && self.is_open() && self.ws.get_mut().push_file(file) {
            return;
        }
        let why =
            if kind.is_control() { "it can be a text or a binary message" } else { self.why() };
        // Whoever waits for this file must hear of its end.
        let transfer = Transfer {
            id,
            kind,
            name: name.unwrap_or_default(),
            sent: 0,
            total: 0,
            frames: 0,
            state: TransferState::Failed(why.to_owned()),
        };
        self.delivery.event(EventKind::Transfer(transfer));
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Why nothing can be sent.
    fn why(&self) -> &'static str {
        if self.ws.get_ref().is_half_ending() {
            "our half of the connection is closed"
        } else {
            "the connection is closing"
        }
    }

    fn refuse(&mut self, command: &'static str, taken: bool) {
        if !taken {
            let why = self.why().to_owned();
            self.reject(command, why);
        }
    }

    fn close(&mut self, code: Option<u16>, reason: &str) {
        let problem = match code {
            _ if !matches!(self.state, State::Open) => Some("it is closing already".to_owned()),
            _ if self.ws.get_ref().is_half_ending() => Some(
                "our half of the connection is closed, so no close frame can go out; it can be cut"
                    .to_owned(),
            ),
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
