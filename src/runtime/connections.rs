//! Connecting, and the task that carries a connection's events.
//!
//! Each connection has a *pump*: a task that takes the transport's events as they come. Messages
//! go straight to the log, so that a flood costs the loop nothing; everything else goes to the
//! inbox. The pump never waits for the loop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use super::attendant::{Dialogues, Waiting};
use super::inbox::Inbox;
use super::told;
use crate::app::Msg;
use crate::app::effect::ConnectRequest;
use crate::app::model::TabId;
use crate::auth;
use crate::config;
use crate::core::event::{Command, Event, EventKind};
use crate::core::evidence::{EarlierAttempt, Evidence, FailureKind, RequestFacts};
use crate::core::finding::Finding;
use crate::core::request::{Files, RequestDraft, RequestSpec};
use crate::core::stage::ConnId;
use crate::core::time::Micros;
use crate::core::url::{self, UrlProblem};
use crate::credentials::{Credentials, NotReady};
use crate::diagnose::diagnose;
use crate::log::{LogHandle, Note};
use crate::net::clock::Clock;
use crate::net::{self, Handle};

/// How a connection can be spoken to.
#[derive(Debug)]
enum Slot {
    /// Its credential is being got; with what stops that.
    Preparing(Option<AbortHandle>),
    Live(Handle),
    /// It has ended.
    Gone,
    /// The loop wants to hear nothing of it.
    Forgotten,
}

type Shared = Arc<Mutex<Slot>>;

fn lock(slot: &Shared) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All connections of the program.
#[derive(Debug)]
pub(super) struct Connections {
    inbox: Inbox,
    clock: Clock,
    slots: HashMap<ConnId, (TabId, Shared)>,
    pumps: TaskTracker,
    credentials: Arc<Credentials>,
    /// Questions to the user.
    pub(super) waiting: Waiting,
}

/// What a pump has to know of its connection.
#[derive(Clone, Debug)]
struct Pump {
    tab: TabId,
    conn: ConnId,
    attempt: u32,
    earlier: Vec<EarlierAttempt>,
    log: LogHandle,
    inbox: Inbox,
    clock: Clock,
    /// Shared with the loop, which may forget the connection.
    slot: Shared,
}

/// What an attempt is made of, for those who learn from it.
#[derive(Debug)]
struct Made {
    spec: Arc<RequestSpec>,
    credentials: Arc<Credentials>,
}

impl Made {
    /// Lets those who keep credentials write their files, on a thread for blocking work: a disk
    /// that is slow must not hold up the other connections.
    async fn keep(&self, work: impl FnOnce(&Credentials, &RequestSpec) + Send + 'static) {
        let (credentials, spec) = (Arc::clone(&self.credentials), Arc::clone(&self.spec));
        if tokio::task::spawn_blocking(move || work(&credentials, &spec)).await.is_err() {
            tracing::error!("what an attempt taught of its credentials was not kept");
        }
    }
}

impl Connections {
    pub(super) fn new(inbox: Inbox, clock: Clock, credentials: Arc<Credentials>) -> Connections {
        Connections {
            inbox,
            clock,
            slots: HashMap::new(),
            pumps: TaskTracker::new(),
            credentials,
            waiting: Waiting::default(),
        }
    }

    /// Begins an attempt. Its end is always told by [`Msg::Ended`].
    pub(super) fn connect(&mut self, request: ConnectRequest) {
        let slot: Shared = Arc::new(Mutex::new(Slot::Preparing(None)));
        self.slots.insert(request.conn, (request.tab, Arc::clone(&slot)));
        let pump = Pump {
            tab: request.tab,
            conn: request.conn,
            attempt: request.attempt,
            earlier: request.earlier,
            log: request.log,
            inbox: self.inbox.clone(),
            clock: self.clock,
            slot: Arc::clone(&slot),
        };
        let draft = request.draft;
        let pumps = self.pumps.clone();
        let credentials = Arc::clone(&self.credentials);
        let dialogues = Dialogues {
            tab: request.tab,
            conn: request.conn,
            inbox: self.inbox.clone(),
            waiting: self.waiting.clone(),
        };
        let its_slot = Arc::clone(&slot);
        let task = self.pumps.spawn(async move {
            let prepared = credentials.prepare(&draft, None, &dialogues).await;
            start(&pumps, pump, &its_slot, &draft, prepared, credentials);
        });
        if let Slot::Preparing(abort) = &mut *lock(&slot) {
            *abort = Some(task.abort_handle());
        }
    }

    /// Hands a command to a connection. If it is not taken, the loop is told why.
    pub(super) fn command(&mut self, conn: ConnId, command: Command) {
        let Some((tab, slot)) = self.slots.get(&conn) else { return };
        let name = name_of(&command);
        let mut held = lock(slot);
        let why = match &*held {
            Slot::Live(handle) => match handle.try_send(command) {
                // Its end is on the way, and says more.
                Ok(()) | Err(net::Rejected::Ended) => return,
                Err(rejected) => rejected.to_string(),
            },
            Slot::Preparing(_)
                if matches!(command, Command::Disconnect | Command::Close { .. }) =>
            {
                if let Slot::Preparing(Some(task)) = std::mem::replace(&mut *held, Slot::Gone) {
                    task.abort();
                }
                let facts = RequestFacts::default();
                let mut evidence = net::url_failure(facts, UrlProblem::Empty, self.clock);
                evidence.stages.clear();
                if let Some(failure) = &mut evidence.failure {
                    failure.kind = FailureKind::Cancelled;
                    failure.text = "stopped while its credential was got".into();
                }
                self.inbox.push(Msg::Ended {
                    tab: *tab,
                    conn,
                    evidence: Box::new(evidence),
                    findings: Vec::new(),
                });
                return;
            }
            Slot::Preparing(_) => "the connection is not open yet".into(),
            Slot::Gone | Slot::Forgotten => return,
        };
        let event = EventKind::Rejected { command: name, why };
        self.inbox.push(Msg::Net { tab: *tab, conn, event });
    }

    /// Ends a connection at once and forgets it.
    pub(super) fn forget(&mut self, conn: ConnId) {
        if let Some((_, slot)) = self.slots.remove(&conn) {
            match std::mem::replace(&mut *lock(&slot), Slot::Forgotten) {
                // A full queue is of no use to it any more: dropping the handle cuts as well.
                Slot::Live(handle) => drop(handle.try_send(Command::Disconnect)),
                Slot::Preparing(Some(task)) => task.abort(),
                _ => {}
            }
        }
    }

    /// A connection has told its end.
    pub(super) fn ended(&mut self, conn: ConnId) {
        self.slots.remove(&conn);
    }

    /// Lets closing handshakes that were begun come to their end, for a moment; the rest is cut.
    pub(super) async fn finish(&mut self, most: Duration) {
        self.pumps.close();
        let _ = tokio::time::timeout(most, self.pumps.wait()).await;
        let left: Vec<ConnId> = self.slots.keys().copied().collect();
        left.into_iter().for_each(|conn| self.forget(conn));
    }
}

fn name_of(command: &Command) -> &'static str {
    match command {
        Command::SendText(_) | Command::SendBinary(_) | Command::SendSplit { .. } => "Sending",
        Command::SendFile { .. } => "Sending the file",
        Command::CancelFile(_) => "Stopping the file",
        Command::Pong(_) => "The pong",
        Command::Pongs(_) => "Changing how pings are answered",
        Command::Raw(_) => "The frame made by hand",
        Command::HalfClose => "Closing our half",
        Command::Ping(_) => "The ping",
        Command::Close { .. } => "Closing",
        Command::Heartbeat(_) => "Changing the heartbeat",
        Command::Disconnect => "Disconnecting",
    }
}

/// Hands the request to the transport, or tells why it cannot go out.
fn start(
    pumps: &TaskTracker,
    pump: Pump,
    slot: &Shared,
    draft: &RequestDraft,
    prepared: Result<RequestSpec, NotReady>,
    credentials: Arc<Credentials>,
) {
    let mut held = lock(slot);
    if matches!(*held, Slot::Gone | Slot::Forgotten) {
        return;
    }
    match prepared {
        Ok(spec) => {
            let options = net::Options {
                clock: pump.clock,
                surroundings: config::surroundings(),
                ..net::Options::default()
            };
            pump.log.know(&spec.masker);
            let made = Made { spec: Arc::new(spec.clone()), credentials };
            let (handle, events, carrying) = net::prepare(pump.conn, spec, options);
            *held = Slot::Live(handle);
            pumps.spawn(async move {
                tokio::join!(carrying, pump.run(events, made));
            });
        }
        Err(not_ready) => {
            *held = Slot::Gone;
            drop(held);
            let evidence = match not_ready {
                NotReady::Request(problem) => {
                    let facts = auth::preview(draft, Files::default(), pump.clock.now())
                        .map_or_else(
                            |_| RequestFacts {
                                typed: url::masked(&draft.url),
                                ..RequestFacts::default()
                            },
                            |spec| spec.facts,
                        );
                    net::url_failure(facts, problem, pump.clock)
                }
                NotReady::Credential { facts, problem, text } => {
                    net::credential_failure(*facts, problem, text, pump.clock)
                }
            };
            pump.end(Box::new(evidence));
        }
    }
}

impl Pump {
    /// Takes events until the last one.
    async fn run(self, mut events: Receiver<Event>, made: Made) {
        while let Some(event) = events.recv().await {
            match event.kind {
                EventKind::Messages(batch) => {
                    self.log.append(&batch);
                    self.inbox.grew(self.tab);
                    // If the disk is slower than the messages come, the sender is slowed down.
                    self.log.ready().await;
                }
                EventKind::Open(evidence) => {
                    let at = opened_at(&evidence);
                    self.note(at, opened_note(self.attempt, &evidence));
                    self.tell(EventKind::Open(evidence));
                }
                // They are secrets, and none of the loop's business.
                EventKind::Cookies { .. } => {
                    made.keep(move |credentials, spec| credentials.hear(spec, &event.kind)).await;
                }
                EventKind::Ended(evidence) => {
                    let learned = evidence.clone();
                    made.keep(move |credentials, spec| credentials.learn(spec, &learned)).await;
                    self.end(evidence);
                    return;
                }
                other => {
                    if let Some(line) = told::line(&other) {
                        self.note(event.at, Note::Separator(line));
                    }
                    self.tell(other);
                }
            }
        }
        // The transport promises an end; if it breaks that, the tab must not hang.
        let facts = RequestFacts::default();
        let mut evidence = net::url_failure(facts, UrlProblem::Empty, self.clock);
        evidence.stages.clear();
        if let Some(failure) = &mut evidence.failure {
            failure.kind = FailureKind::Internal;
            failure.text = "the connection's task ended without a word".into();
        }
        self.end(Box::new(evidence));
    }

    fn is_forgotten(&self) -> bool {
        matches!(*lock(&self.slot), Slot::Forgotten)
    }

    fn tell(&self, event: EventKind) {
        self.inbox.push(Msg::Net { tab: self.tab, conn: self.conn, event });
    }

    fn note(&self, at: Micros, note: Note) {
        self.log.note(at, note);
        self.inbox.grew(self.tab);
    }

    fn end(&self, mut evidence: Box<Evidence>) {
        evidence.earlier.clone_from(&self.earlier);
        let findings = diagnose(&evidence);
        tracing::info!(
            conn = self.conn.0,
            finding = findings.first().map(|finding| &*finding.code),
            "connection ended"
        );
        // Whoever gave it up has said so; how it ended then is of no interest.
        if !self.is_forgotten() {
            self.note(ended_at(&evidence), ended_note(&evidence, &findings));
        }
        self.inbox.push(Msg::Ended { tab: self.tab, conn: self.conn, evidence, findings });
    }
}

/// When the connection opened: before its first message, whenever the event was taken.
fn opened_at(evidence: &Evidence) -> Micros {
    let after = evidence.session.as_ref().map_or(0, |session| session.opened_us);
    evidence.started.plus(Duration::from_micros(after))
}

/// When it ended, or when the stage that failed did.
fn ended_at(evidence: &Evidence) -> Micros {
    let end = evidence.session.as_ref().and_then(|session| session.end.as_ref());
    let after = match end {
        Some(end) => end.at_us,
        None => evidence.stages.iter().filter_map(|stage| stage.ended_us).max().unwrap_or(0),
    };
    evidence.started.plus(Duration::from_micros(after))
}

/// The line of the log that tells of the open connection.
fn opened_note(attempt: u32, evidence: &Evidence) -> Note {
    let mut parts = Vec::new();
    if let Some(peer) = evidence.tcp.as_ref().and_then(|tcp| tcp.peer) {
        parts.push(peer.to_string());
    }
    if let Some(tls) = evidence.stage(crate::core::stage::Stage::Tls) {
        parts.push(tls.detail.clone());
    }
    if let Some(name) = evidence.websocket.as_ref().and_then(|ws| ws.subprotocol.as_ref()) {
        parts.push(format!("subprotocol {}", crate::core::sanitize::escape_line(name)));
    }
    parts.retain(|part| !part.is_empty());
    let detail = parts.join(", ");
    match attempt {
        0 => Note::Connected { detail },
        attempt => Note::Reconnected { attempt, detail },
    }
}

/// The line of the log that tells of the end.
fn ended_note(evidence: &Evidence, findings: &[Finding]) -> Note {
    if let Some(end) = evidence.session.as_ref().and_then(|session| session.end.as_ref()) {
        return Note::Closed { code: end.code(), reason: end.reason_received.clone(), by: end.by };
    }
    match (&evidence.failure, findings.first()) {
        (Some(failure), _) if failure.kind == FailureKind::Cancelled => {
            Note::Separator("connecting was stopped".into())
        }
        (_, Some(finding)) => {
            Note::Failed { code: finding.code.clone(), summary: finding.summary.clone() }
        }
        (Some(failure), None) => Note::Failed { code: "".into(), summary: failure.text.clone() },
        (None, None) => Note::Separator("the connection ended".into()),
    }
}
