//! Sending what was composed.

use super::Cx;
use crate::app::effect::{About, Effect, Encoded, Job, Outgoing};
use crate::app::model::{Level, Modal, Question, TabId, Task};
use crate::core::event::Command;
use crate::core::progress::Progress;
use crate::core::stage::ConnectionState;
use crate::payload::{BinaryForm, Kind, convert};

/// Texts above this many bytes are made ready outside the loop.
const INLINE: usize = 256 * 1024;

impl Cx<'_> {
    pub(super) fn send(&mut self) {
        let waiting = self.tab().conn.reconnect.is_some();
        match self.tab().conn.state {
            ConnectionState::Open => self.encode(Encoded::Send),
            ConnectionState::Connecting(_) => {
                self.encode(Encoded::Queue);
                self.info("It will be sent once the connection is open.");
            }
            ConnectionState::Closing => self.info("The connection is closing."),
            _ if waiting => {
                self.encode(Encoded::Queue);
                self.info("It will be sent once the connection is open again.");
            }
            _ => {
                let id = self.tab().id;
                let shown = crate::core::url::masked(&self.tab().draft.url);
                self.model.modals.push(Modal::Confirm {
                    title: "Not connected".into(),
                    text: format!("Connect to {shown} first, and send once it is open?"),
                    yes: "Connect and send",
                    no: "Cancel",
                    question: Question::ConnectAndSend(id),
                    on_yes: true,
                });
            }
        }
    }

    pub(super) fn connect_and_send(&mut self, id: TabId) {
        if self.tab().id != id {
            return;
        }
        self.encode(Encoded::Queue);
        let queued = std::mem::take(&mut self.tab().conn.queued);
        self.tab().conn.attempts = 0;
        self.tab().conn.queued = queued;
        self.start_attempt(self.model.active, 0);
    }

    /// Makes the composed text ready to go out.
    fn encode(&mut self, then: Encoded) {
        let tab = self.tab();
        let (id, kind, form) = (tab.id, tab.composer.kind, tab.composer.form);
        if tab.composer.is_file() {
            self.measure(then);
        } else if tab.composer.editor.len_bytes() > INLINE {
            self.encode_aside(kind, form, then);
        } else {
            let text = tab.composer.editor.text();
            let result = encode_text(kind, form, text);
            self.encoded(id, then, result);
        }
    }

    /// Makes a long text, or what a file holds, ready beside the loop.
    pub(super) fn encode_aside(&mut self, kind: Kind, form: BinaryForm, then: Encoded) {
        let text = self.tab().composer.editor.rope().clone();
        // Other work goes on: what is sent is the text as it is now.
        let about = if self.tab().composer.work.is_none() {
            self.begin_work(Task::Prepare)
        } else {
            let number = self.model.new_work();
            About { tab: self.tab().id, number, progress: Progress::default() }
        };
        self.effects.push(Effect::Job(Job::Encode { about, kind, form, text, then }));
    }

    pub(super) fn encoded(&mut self, tab: TabId, then: Encoded, result: Result<Outgoing, String>) {
        let command = match result {
            Ok(Outgoing::Text(text)) => Command::SendText(text),
            Ok(Outgoing::Binary(bytes)) => Command::SendBinary(bytes),
            Err(why) => {
                self.say(Level::Error, format!("Nothing was sent: {why}."));
                return;
            }
        };
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        match (tab.conn.state, tab.conn.id) {
            (ConnectionState::Open, Some(conn)) => {
                self.effects.push(Effect::Command(conn, command))
            }
            _ if then == Encoded::Queue => tab.conn.queued.push(command),
            _ => self.say(Level::Warning, "Nothing was sent: the connection is not open."),
        }
    }

    /// Sends a payload that is ready, if the connection is open.
    pub(super) fn send_now(&mut self, command: Command) {
        let tab = self.tab();
        match (tab.conn.state, tab.conn.id) {
            (ConnectionState::Open, Some(conn)) => {
                self.effects.push(Effect::Command(conn, command))
            }
            (ConnectionState::Connecting(_), _) => {
                tab.conn.queued.push(command);
                self.info("It will be sent once the connection is open.");
            }
            _ => self.info("Nothing was sent: the connection is not open."),
        }
    }
}

/// Text as it goes out, binary forms as their bytes.
///
/// # Errors
/// The first character that is no hexadecimal digit or base64, with its place. A file cannot be
/// read here.
pub fn encode_text(kind: Kind, form: BinaryForm, text: String) -> Result<Outgoing, String> {
    if kind != Kind::Binary {
        return Ok(Outgoing::Text(text));
    }
    match convert::parse_binary(form, &text) {
        Ok(bytes) => Ok(Outgoing::Binary(bytes.into())),
        Err(problem) => Err(problem.to_string()),
    }
}
