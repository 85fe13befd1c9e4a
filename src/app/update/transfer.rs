//! Files that go out as messages straight from the disk: asked about first, one after the other, seen
//! on their way, and stopped.

use std::path::PathBuf;

use super::Cx;
use crate::app::effect::{Effect, Encoded, Job};
use crate::app::model::{
    FileTransfer, Level, Modal, Outfile, Pane, Question, RequestTab, TabId, TransferStage,
};
use crate::core::event::{Command, Transfer, TransferId, TransferState};
use crate::core::message::MessageKind;
use crate::core::stage::ConnectionState;
use crate::payload::{BinaryForm, Kind, human_bytes, human_count};

/// Files up to this size are read as a whole and sent like any other message.
const WHOLE: u64 = 1024 * 1024;

/// A longer text is no path.
const LONGEST_PATH: usize = 8 * 1024;

impl Cx<'_> {
    /// The message is text that a file holds; what is in the composer is its path.
    pub(super) fn text_from_file(&mut self) {
        let tab = self.tab();
        tab.composer.kind = Kind::Text;
        tab.composer.form = BinaryForm::File;
        tab.request_tab = RequestTab::Message;
        tab.focus = Pane::Body;
        self.composer_changed();
    }

    /// Looks at the file that is named in the composer, to send it.
    pub(super) fn measure(&mut self, then: Encoded) {
        let tab = self.tab();
        let long = tab.composer.editor.len_bytes() > LONGEST_PATH;
        let path = if long { String::new() } else { tab.composer.editor.text() };
        let path = path.trim().to_owned();
        if path.is_empty() {
            let why = if long { "this is no path of a file" } else { "it names no file" };
            self.say(Level::Error, format!("Nothing was sent: {why}."));
            return;
        }
        let (tab, kind) = (tab.id, tab.composer.kind);
        self.effects.push(Effect::Job(Job::Measure { tab, path, kind, then }));
    }

    pub(super) fn measured(
        &mut self,
        id: TabId,
        typed: &str,
        kind: Kind,
        then: Encoded,
        result: Result<(PathBuf, u64), String>,
    ) {
        if self.tab().id != id {
            return;
        }
        let (path, size) = match result {
            Ok(facts) => facts,
            Err(why) => {
                self.say(Level::Error, format!("Nothing was sent: {typed} cannot be read: {why}."));
                return;
            }
        };
        if size <= WHOLE {
            self.encode_aside(kind, BinaryForm::File, then);
            return;
        }
        let kind = match kind {
            Kind::Binary => MessageKind::Binary,
            _ => MessageKind::Text,
        };
        let frame = self.frame_size();
        let frames = human_count(size.div_ceil(frame as u64));
        let mut text = format!(
            "{} go out as one {} message in {frames} frames of {}, read from the file on their way. \
             Stopping it halfway costs the connection.",
            human_bytes(size),
            kind.name(),
            human_bytes(frame as u64),
        );
        if kind == MessageKind::Text {
            text.push_str(" What is not UTF-8 ends it.");
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        self.model.modals.push(Modal::Confirm {
            title: format!("Send {name}?"),
            text,
            yes: "Send",
            no: "Cancel",
            question: Question::SendFile(
                id,
                Box::new(Outfile { path, kind, size, queue: then == Encoded::Queue }),
            ),
            on_yes: true,
        });
    }

    /// Payload bytes of a frame.
    fn frame_size(&self) -> usize {
        self.model.settings.composer.stream_frame_kib as usize * 1024
    }

    pub(super) fn send_file(&mut self, id: TabId, file: Outfile) {
        let number = self.model.new_work();
        let frame = self.frame_size();
        let Some(index) = self.model.tabs.iter().position(|tab| tab.id == id) else { return };
        let conn = &mut self.model.tabs[index].conn;
        let awaited =
            matches!(conn.state, ConnectionState::Connecting(_)) || conn.reconnect.is_some();
        if conn.state != ConnectionState::Open && !(file.queue && awaited) {
            self.say(Level::Warning, "Nothing was sent: the connection is not open.");
            return;
        }
        conn.transfers.push_back(FileTransfer::new(
            TransferId(number),
            file.path,
            file.kind,
            frame,
            file.size,
        ));
        if conn.transfers.len() > 1 {
            let ahead = conn.transfers.len() - 1;
            let files = if ahead == 1 { "file" } else { "files" };
            self.info(format!("It goes out after {ahead} other {files}."));
        }
        self.next_transfer(index);
    }

    /// Begins the first one that waits, if the connection is open and none is on its way.
    pub(super) fn next_transfer(&mut self, index: usize) {
        let now = self.now;
        let conn = &mut self.model.tabs[index].conn;
        let (ConnectionState::Open, Some(id)) = (conn.state, conn.id) else { return };
        if let Some(first) = conn.transfers.front_mut()
            && first.stage == TransferStage::Waiting
        {
            let command = first.begin(now);
            self.effects.push(Effect::Command(id, command));
        }
    }

    pub(super) fn transfer_told(&mut self, index: usize, news: &Transfer) {
        let now = self.now;
        let transfers = &mut self.model.tabs[index].conn.transfers;
        let Some(at) = transfers.iter().position(|file| file.id == news.id) else { return };
        let file = &mut transfers[at];
        file.told(news, now);
        if news.state == TransferState::Running {
            return;
        }
        let Some(file) = transfers.remove(at) else { return };
        let (name, sent) = (file.name(), human_bytes(file.sent));
        match &news.state {
            TransferState::Running => {}
            TransferState::Done => {
                let took = file.began.map(|began| now.since(began)).unwrap_or_default();
                let rate = file.mean_rate(now).map(|rate| format!(", {}/s", human_bytes(rate)));
                let text = format!(
                    "{name}: {sent} sent in {:.1} s{}.",
                    took.as_secs_f64(),
                    rate.unwrap_or_default()
                );
                self.info(text);
            }
            TransferState::Stopped => {
                let total = human_bytes(file.total);
                self.say(Level::Warning, format!("{name}: stopped at {sent} of {total}."));
            }
            TransferState::Failed(why) => {
                self.say(Level::Error, format!("{name} was not sent: {why}"));
            }
        }
        self.next_transfer(index);
    }

    /// The command was not taken, so its file is not on its way.
    pub(super) fn transfer_refused(&mut self, index: usize, command: &str) {
        let transfers = &mut self.model.tabs[index].conn.transfers;
        if command == "Sending the file" {
            transfers.pop_front();
        } else if command == "Stopping the file"
            && let Some(first) = transfers.front_mut()
        {
            first.stage = TransferStage::Running;
        }
    }

    /// The connection has ended, and with it what was on its way.
    pub(super) fn transfers_ended(&mut self, index: usize, again: bool) {
        let tab = &mut self.model.tabs[index];
        let mut cut = None;
        tab.conn.transfers.retain(|file| {
            let waits = file.stage == TransferStage::Waiting;
            if !waits {
                cut = Some((file.name(), file.sent, file.total));
            }
            waits && again
        });
        if let Some((name, sent, total)) = cut {
            let (sent, total) = (human_bytes(sent), human_bytes(total));
            self.say(
                Level::Warning,
                format!("{name} was not sent whole: the connection ended after {sent} of {total}."),
            );
        }
    }

    /// Asks before the file on its way is stopped.
    pub(super) fn ask_stop_file(&mut self) {
        let tab = self.tab();
        let Some(file) = tab.conn.transfers.front() else {
            if !self.stop_work() {
                self.info("No file is being sent.");
            }
            return;
        };
        let (id, transfer, name) = (tab.id, file.id, file.name());
        let text = match (file.stage, file.sent) {
            (TransferStage::Waiting, _) => {
                self.stop_file(id, transfer);
                return;
            }
            (_, 0) => "Nothing of it has gone out yet, so nothing is lost but the message.".into(),
            (_, sent) => format!(
                "{} of {} have gone out. A message cannot be taken back: the connection is closed \
                 with 1001, and the server gets no whole message.",
                human_bytes(sent),
                human_bytes(file.total)
            ),
        };
        self.model.modals.push(Modal::Confirm {
            title: format!("Stop sending {name}?"),
            text,
            yes: "Stop it",
            no: "Go on",
            question: Question::StopFile(id, transfer),
            on_yes: false,
        });
    }

    pub(super) fn stop_file(&mut self, id: TabId, transfer: TransferId) {
        let Some(tab) = self.model.tab_by_id_mut(id) else { return };
        let transfers = &mut tab.conn.transfers;
        let Some(at) = transfers.iter().position(|file| file.id == transfer) else { return };
        if transfers[at].stage == TransferStage::Waiting {
            transfers.remove(at);
            self.info("It is not sent.");
        } else if let Some(conn) = tab.conn.id {
            transfers[at].stage = TransferStage::Stopping;
            // What the connection ends by then was asked for.
            tab.conn.closing_by_user |= transfers[at].sent > 0;
            self.effects.push(Effect::Command(conn, Command::CancelFile(transfer)));
        }
    }
}
