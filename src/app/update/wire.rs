//! Control frames, fragments and frames by hand: what a tester does to the wire.

use bytes::Bytes;

use super::Cx;
use crate::app::effect::{Effect, Outgoing};
use crate::app::model::wire::{self, FRAME_FORM};
use crate::app::model::{Choice, Level, MenuItem, Modal, TextPrompt};
use crate::core::action::Action;
use crate::core::close::code_name;
use crate::core::event::{Command, PongPolicy};
use crate::core::frame::RawFrame;
use crate::core::message::MessageKind;
use crate::core::stage::{ConnId, ConnectionState};
use crate::payload::{BinaryForm, Kind};

/// Longest composed text that is cut into frames.
const LONGEST_CUT: usize = 256 * 1024;

/// Why nothing is done without the switch.
const NO_TESTER: &str = "Frames by hand can break the protocol. Set interface.tester = true in the \
                         settings to allow them.";

impl Cx<'_> {
    /// False if the action is none of these.
    pub(super) fn wire_act(&mut self, action: Action) -> bool {
        match action {
            Action::WireMenu => self.open_wire(),
            Action::SendFragments => self.prompt(TextPrompt::Fragments),
            Action::PingWith => self.prompt(TextPrompt::PingWith),
            Action::Pong => self.prompt(TextPrompt::Pong),
            Action::AnswerPings => self.pongs(PongPolicy::Answer),
            Action::DelayPongs => self.prompt(TextPrompt::PongDelay),
            Action::HoldPongs => self.pongs(PongPolicy::Hold),
            Action::HalfClose => self.half_close(),
            Action::RawFrame if !self.model.settings.interface.tester => {
                self.say(Level::Warning, NO_TESTER);
            }
            Action::RawFrame => self.prompt(TextPrompt::RawFrame),
            _ => return false,
        }
        true
    }

    fn open_wire(&mut self) {
        let policy = self.tab().conn.pongs;
        let is_delay = matches!(policy, PongPolicy::Delay(_));
        let half = self.tab().conn.half_closed;
        let items = [
            ('f', "Send in fragments…", None, Action::SendFragments),
            ('p', "Ping with a payload…", None, Action::PingWith),
            ('o', "Send a pong…", None, Action::Pong),
            ('a', "Answer pings", Some(policy == PongPolicy::Answer), Action::AnswerPings),
            ('d', "Delay pongs…", Some(is_delay), Action::DelayPongs),
            ('h', "Hold pongs", Some(policy == PongPolicy::Hold), Action::HoldPongs),
            ('c', "Close with a code…", None, Action::CloseWith),
            ('s', "Close our half", Some(half), Action::HalfClose),
            ('r', "Frame by hand…", None, Action::RawFrame),
        ];
        let items = items
            .into_iter()
            .map(|(key, label, on, action)| MenuItem {
                key: Some(key),
                label: label.into(),
                note: self.model.keymap.does(action).to_owned(),
                on,
                choice: Choice::Do(action),
            })
            .collect();
        let title = "Wire".into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: false });
    }

    /// Title, help and first text of a prompt of these.
    pub(super) fn wire_prompt(purpose: TextPrompt) -> (&'static str, &'static str, String) {
        match purpose {
            TextPrompt::Fragments => (
                "Send the message in fragments",
                "Bytes of each frame, such as 16; or the sizes in turn: 3, 0, 5.",
                "16".to_owned(),
            ),
            TextPrompt::PingWith => (
                "Ping with a payload",
                "Text, or bytes as hex:00 ff; at most 125 bytes.",
                String::new(),
            ),
            TextPrompt::Pong => (
                "Send a pong that nobody asked for",
                "Text, or bytes as hex:00 ff; at most 125 bytes.",
                String::new(),
            ),
            TextPrompt::PongDelay => {
                ("Answer pings late", "Milliseconds, or seconds such as 1.5 s.", "2000".to_owned())
            }
            _ => (
                "Frame by hand",
                "It goes out as it is. What is left out is as in a text frame; the rest of the line \
                 behind text: or hex: is the payload.",
                FRAME_FORM.to_owned(),
            ),
        }
    }

    /// What was typed into a prompt of these. Says what is wrong with it.
    pub(super) fn wire_typed(&mut self, purpose: TextPrompt, typed: &str) -> Result<(), String> {
        match purpose {
            TextPrompt::Fragments => self.send_fragments(typed),
            TextPrompt::PingWith => {
                let payload = wire::control_payload(typed)?;
                self.command_open(Command::Ping(payload))
            }
            TextPrompt::Pong => {
                let payload = wire::control_payload(typed)?;
                self.command_open(Command::Pong(payload))
            }
            TextPrompt::PongDelay => {
                let policy = PongPolicy::Delay(wire::delay(typed)?);
                self.command_open(Command::Pongs(policy))?;
                self.tab().conn.pongs = policy;
                Ok(())
            }
            _ => {
                let frame = wire::frame(typed)?;
                self.command_open(Command::Raw(frame))
            }
        }
    }

    fn open_conn(&mut self) -> Result<ConnId, String> {
        let conn = &self.tab().conn;
        match (conn.state, conn.id) {
            (ConnectionState::Open, Some(id)) => Ok(id),
            _ => Err("the connection is not open".into()),
        }
    }

    fn command_open(&mut self, command: Command) -> Result<(), String> {
        let id = self.open_conn()?;
        self.effects.push(Effect::Command(id, command));
        Ok(())
    }

    fn pongs(&mut self, policy: PongPolicy) {
        if self.command_open(Command::Pongs(policy)).is_err() {
            self.info("How pings are answered is chosen for an open connection.");
            return;
        }
        self.tab().conn.pongs = policy;
        self.info(match policy {
            PongPolicy::Hold => "Pings are not answered from now on.",
            _ => "Pings are answered at once.",
        });
    }

    fn half_close(&mut self) {
        if self.tab().conn.half_closed {
            self.info("Our half is closed already. Disconnecting cuts the connection.");
        } else if self.command_open(Command::HalfClose).is_err() {
            self.info("Closing our half needs an open connection.");
        }
    }

    fn send_fragments(&mut self, typed: &str) -> Result<(), String> {
        let sizes = wire::split(typed)?;
        self.open_conn()?;
        let composer = &self.tab().composer;
        let (kind, form) = (composer.kind, composer.form);
        if kind == Kind::Binary && form == BinaryForm::File {
            return Err("a file goes out in frames by itself; send it as it is".into());
        }
        if composer.editor.len_bytes() > LONGEST_CUT {
            return Err("messages of up to 256 KiB are cut by hand".into());
        }
        let text = composer.editor.text();
        let (kind, payload) = match super::encode_text(kind, form, text)? {
            Outgoing::Text(text) => (MessageKind::Text, Bytes::from(text)),
            Outgoing::Binary(bytes) => (MessageKind::Binary, bytes),
        };
        self.command_open(Command::SendSplit { kind, payload, sizes })
    }

    /// A close frame that breaks the rules, if the tester's switch allows it.
    pub(super) fn close_raw(&mut self, code: u16, reason: &str) -> Result<(), String> {
        if !self.model.settings.interface.tester {
            return Err(format!(
                "{code} ({}) never goes over the wire (RFC 6455 section 7.4); interface.tester = \
                 true in the settings allows it",
                code_name(code)
            ));
        }
        let payload = [&code.to_be_bytes()[..], reason.as_bytes()].concat().into();
        let frame = RawFrame { fin: true, rsv: 0, opcode: 8, masked: true, payload };
        self.command_open(Command::Raw(frame))?;
        let now = self.now;
        let conn = &mut self.tab().conn;
        conn.closing_by_user = true;
        conn.state = ConnectionState::Closing;
        conn.began = now;
        Ok(())
    }
}
