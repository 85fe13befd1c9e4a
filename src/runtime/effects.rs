//! Carrying effects out. What concerns the terminal goes back to the loop, which has it.

use std::sync::Arc;

use bytes::Bytes;
use ropey::Rope;

use super::clipboard::{Clipboard, Surroundings};
use super::connections::Connections;
use super::files;
use super::inbox::Inbox;
use super::jobs::Jobs;
use super::kept::{self, Which};
use super::probes::Probes;
use super::sessions::Sessions;
use super::workspace::{self, Saver};
use crate::app::effect::Effect;
use crate::app::model::{Model, TabId};
use crate::app::{Msg, msg};
use crate::config::Settings;
use crate::credentials::Credentials;
use crate::log::LogHandle;
use crate::net::clock::Clock;
use crate::store::write_private;

/// Everything outside of model and terminal.
pub(super) struct Outside {
    pub(super) inbox: Inbox,
    pub(super) connections: Connections,
    pub(super) jobs: Jobs,
    pub(super) probes: Probes,
    credentials: Arc<Credentials>,
    pub(super) clipboard: Clipboard,
    /// `None` if nothing is to be kept.
    pub(super) saver: Option<Saver>,
    pub(super) sessions: Sessions,
}

/// What only the loop can do.
#[derive(Debug)]
pub(super) enum ForTerminal {
    Edit { tab: TabId, text: Rope, suffix: &'static str },
    Page { text: Rope, suffix: &'static str },
    Suspend,
    Redraw,
    Quit,
}

impl Outside {
    pub(super) fn new(
        inbox: Inbox,
        clock: Clock,
        settings: &Settings,
        around: Surroundings,
        saver: Option<Saver>,
        credentials: Arc<Credentials>,
    ) -> Outside {
        Outside {
            probes: Probes::new(inbox.clone(), clock, Arc::clone(&credentials)),
            connections: Connections::new(inbox.clone(), clock, Arc::clone(&credentials)),
            credentials,
            jobs: Jobs::new(inbox.clone()),
            clipboard: Clipboard::new(inbox.clone(), settings.interface.clipboard, around),
            saver,
            sessions: Sessions::default(),
            inbox,
        }
    }

    /// Carries an effect out, or begins to.
    pub(super) fn perform(&mut self, effect: Effect, model: &Model) -> Option<ForTerminal> {
        match effect {
            Effect::Connect(request) => self.connections.connect(*request),
            Effect::Command(conn, command) => self.connections.command(conn, command),
            Effect::Answer { question, yes } => self.connections.waiting.answer(question, yes),
            Effect::ListCookies => kept::cookies(&self.credentials, &self.inbox, Which::None),
            Effect::ForgetCookies(row) => {
                let which = row.map_or(Which::All, Which::One);
                kept::cookies(&self.credentials, &self.inbox, which);
            }
            Effect::ForgetGrant(draft) => {
                kept::forget_grant(&self.credentials, &self.inbox, *draft);
            }
            Effect::Forget(conn) => self.connections.forget(conn),
            Effect::Probe(request) => self.probes.begin(*request),
            Effect::StopProbes(tab) => self.probes.stop(tab),
            Effect::Job(job) => self.jobs.begin(job),
            Effect::Copy { text, what } => self.clipboard.copy(text, what),
            Effect::Paste => self.clipboard.paste(),
            Effect::Discard(leftovers) => {
                tokio::task::spawn_blocking(move || drop(leftovers));
            }
            Effect::WriteFile { path, text, what } => self.write_file(path, text, what),
            Effect::WritePayload { path, payload, log, what } => {
                self.write_payload(path, payload, log, what);
            }
            Effect::KeepMarks { tab, marks } => self.sessions.keep_marks(tab, marks),
            Effect::Save => {
                if let Some(saver) = &self.saver {
                    saver.save(workspace::snapshot(model));
                }
            }
            Effect::Edit { tab, text, suffix } => {
                return Some(ForTerminal::Edit { tab, text, suffix });
            }
            Effect::Page { text, suffix } => return Some(ForTerminal::Page { text, suffix }),
            Effect::Suspend => return Some(ForTerminal::Suspend),
            Effect::Redraw => return Some(ForTerminal::Redraw),
            Effect::Quit => return Some(ForTerminal::Quit),
        }
        None
    }

    fn write_file(&self, path: String, text: String, what: String) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            let written = write_private(&files::path_of(&path), text.as_bytes());
            inbox.push(match written {
                Ok(()) => Msg::Said { ok: true, text: format!("{what} was written to {path}.") },
                Err(error) => Msg::Said { ok: false, text: error.to_string() },
            });
        });
    }

    fn write_payload(&self, path: String, payload: Bytes, log: LogHandle, what: String) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            inbox.push(match write_private(&files::path_of(&path), &payload) {
                Ok(()) if log.holds_secret(&payload) => Msg::Said {
                    ok: false,
                    text: format!("{what} was written to {path}. It holds a secret of this tab."),
                },
                Ok(()) => Msg::Said { ok: true, text: format!("{what} was written to {path}.") },
                Err(error) => Msg::Said { ok: false, text: error.to_string() },
            });
        });
    }

    /// A message is about to be handled.
    pub(super) fn seen(&mut self, msg: &msg::Msg) {
        if let Msg::Ended { conn, .. } = msg {
            self.connections.ended(*conn);
        }
    }
}
