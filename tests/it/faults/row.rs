//! A row of the table, and the client's side of it.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use wsdeck::auth;
use wsdeck::core::event::{Command, EventKind};
use wsdeck::core::evidence::{EndedBy, Evidence, FailureKind, RequestFacts};
use wsdeck::core::finding::Severity;
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::message::Direction;
use wsdeck::core::request::{Files, RequestDraft};
use wsdeck::core::secret::Secret;
use wsdeck::core::stage::{ConnId, Stage};
use wsdeck::diagnose;
use wsdeck::net::{self, clock::Clock};
use wsdeck::practice::{Server, TlsFault};

use super::peer::{Act, Peer};

/// Bound for a row as a whole; nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Handshake limit of rows in which nothing is to time out.
const USUAL_LIMIT_MS: u64 = 15_000;
/// Handshake limit of rows in which the handshake is to time out.
pub const SHORT_LIMIT_MS: u64 = 400;

/// Where the fault comes from.
pub enum Staged {
    /// Nothing is there: the address or the system is at fault.
    Nobody,
    /// A peer that plays these acts.
    Peer(Vec<Act>),
    /// The practice server.
    Practice,
    /// The practice server behind TLS with this fault.
    Tls(TlsFault),
    /// A port on which nothing listens.
    Closed,
}

type Edit = Box<dyn Fn(&mut RequestDraft, &Scene) + Send + Sync>;

/// What the peers of a row are reached by.
pub struct Scene<'a> {
    pub practice: &'a Server,
    /// The row's own peer; the practice server's plain port if it has none.
    pub addr: SocketAddr,
}

/// How it must turn out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The first error carries the code, and the exit code is that of its phase.
    Error,
    /// The connection is healthy, and the code is among the remarks.
    Remark,
    /// The code is among the findings, whatever else is wrong.
    Among,
}

/// One fault, how it is staged, and what must be said of it.
pub struct Row {
    pub id: &'static str,
    staged: Staged,
    url: &'static str,
    edits: Vec<Edit>,
    files: Files,
    send: Vec<Command>,
    /// The client closes when so many messages came; `None` waits for the peer to end it.
    close_after: Option<usize>,
    /// The client closes when it was open so long.
    stay: Option<Duration>,
    /// Sent when the first message came.
    later: Option<String>,
    trusts: bool,
    /// Other codes that are right too.
    or: &'static [&'static str],
    /// Why they are.
    why: &'static str,
    phase: Option<Stage>,
    outcome: Outcome,
}

impl Row {
    fn new(id: &'static str, staged: Staged, url: &'static str) -> Row {
        Row {
            id,
            staged,
            url,
            edits: Vec::new(),
            files: Files::default(),
            send: Vec::new(),
            close_after: None,
            stay: None,
            later: None,
            trusts: true,
            or: &[],
            why: "",
            phase: None,
            outcome: Outcome::Error,
        }
    }

    /// The path, or the whole address, with `{addr}` for the peer and `{port}` for its port.
    pub fn at(mut self, url: &'static str) -> Row {
        self.url = url;
        self
    }

    /// Reached by this name, which `--resolve` leads to the peer.
    pub fn host(self, host: &'static str) -> Row {
        self.edit(move |draft, scene| {
            let port = scene.addr.port();
            let url =
                draft.url.replacen(&format!("127.0.0.1:{port}"), &format!("{host}:{port}"), 1);
            draft.set_url(url);
            draft.settings.resolve.push(format!("{host}:{port}:127.0.0.1"));
        })
    }

    pub fn edit(mut self, edit: impl Fn(&mut RequestDraft, &Scene) + Send + Sync + 'static) -> Row {
        self.edits.push(Box::new(edit));
        self
    }

    pub fn header(self, name: &'static str, value: &'static str) -> Row {
        self.edit(move |draft, _| draft.headers.push(HeaderRow::new(name, value)))
    }

    /// Headers of the handshake itself are taken as typed.
    pub fn overriding(self) -> Row {
        self.edit(|draft, _| draft.settings.override_handshake = true)
    }

    pub fn subprotocols(self, names: &'static [&'static str]) -> Row {
        self.edit(move |draft, _| {
            draft.settings.subprotocols = names.iter().map(|name| (*name).to_owned()).collect();
        })
    }

    pub fn auth(self, kind: &'static str, fields: &'static [(&'static str, &'static str)]) -> Row {
        self.edit(move |draft, _| {
            draft.auth.kind = kind.to_owned();
            for (name, value) in fields {
                draft.auth.set(name, Secret::new(*value));
            }
        })
    }

    pub fn bearer(self) -> Row {
        self.auth("bearer", &[("token", "some-opaque-token")])
    }

    pub fn basic(self) -> Row {
        self.auth("basic", &[("username", "ann"), ("password", "wrong")])
    }

    /// Through a proxy at this address, with `{addr}` for the peer and `{practice}` for the
    /// practice server.
    pub fn proxy(self, url: &'static str) -> Row {
        self.edit(move |draft, scene| {
            draft.settings.proxy = url
                .replace("{addr}", &scene.addr.to_string())
                .replace("{practice}", &scene.practice.addr().to_string());
        })
    }

    /// A handshake limit that is to be met.
    pub fn limited(self) -> Row {
        self.edit(|draft, _| draft.settings.connect_timeout_ms = SHORT_LIMIT_MS)
    }

    pub fn files(mut self, files: Files) -> Row {
        self.files = files;
        self
    }

    /// The practice server's authority is not trusted.
    pub fn distrusting(mut self) -> Row {
        self.trusts = false;
        self
    }

    pub fn send(mut self, text: &str) -> Row {
        self.send.push(Command::SendText(text.to_owned()));
        self
    }

    pub fn send_binary(mut self, bytes: &'static [u8]) -> Row {
        self.send.push(Command::SendBinary(Bytes::from_static(bytes)));
        self
    }

    pub fn ping(mut self) -> Row {
        self.send.push(Command::Ping(Bytes::from_static(b"row")));
        self
    }

    /// The client closes with 1000 when so many messages came.
    pub fn close_after(mut self, messages: usize) -> Row {
        self.close_after = Some(messages);
        self
    }

    /// The client closes with 1000 when it was open so long, where time is what the fault is about.
    pub fn stay(mut self, open: Duration) -> Row {
        self.stay = Some(open);
        self
    }

    /// Sends this when the first message came.
    pub fn later(mut self, text: &str) -> Row {
        self.later = Some(text.to_owned());
        self
    }

    /// Other codes that are right too, and why.
    pub fn or(mut self, codes: &'static [&'static str], why: &'static str) -> Row {
        self.or = codes;
        self.why = why;
        self
    }

    /// The phase, where it is not that of the id.
    pub fn phase(mut self, phase: Stage) -> Row {
        self.phase = Some(phase);
        self
    }

    /// The connection is healthy all the same.
    pub fn remark(mut self) -> Row {
        self.outcome = Outcome::Remark;
        self
    }

    /// Something else is wrong as well, and may be told first.
    pub fn among(mut self) -> Row {
        self.outcome = Outcome::Among;
        self
    }
}

pub fn nobody(id: &'static str, url: &'static str) -> Row {
    Row::new(id, Staged::Nobody, url)
}

pub fn peer(id: &'static str, acts: Vec<Act>) -> Row {
    Row::new(id, Staged::Peer(acts), "/feed")
}

/// A peer that is spoken to in TLS.
pub fn tls_peer(id: &'static str, acts: Vec<Act>) -> Row {
    Row::new(id, Staged::Peer(acts), "wss://{addr}/feed")
}

pub fn reply(id: &'static str, status: &str, headers: &str, body: &str) -> Row {
    peer(id, super::peer::reply(status, headers, body))
}

pub fn practice(id: &'static str, path: &'static str) -> Row {
    Row::new(id, Staged::Practice, path)
}

pub fn faulty_tls(id: &'static str, fault: TlsFault) -> Row {
    Row::new(id, Staged::Tls(fault), "wss://localhost:{port}/echo")
}

pub fn closed_port(id: &'static str, url: &'static str) -> Row {
    Row::new(id, Staged::Closed, url)
}

/// What a row came to.
pub struct Result {
    pub id: &'static str,
    /// Why it is not what the row says; `None` if it is.
    pub wrong: Option<String>,
    pub took: Duration,
}

/// Stages a row, connects as `check` does, and compares.
pub async fn run(row: Row, server: &Server) -> Result {
    let (id, began) = (row.id, Instant::now());
    let wrong = match tokio::time::timeout(PATIENCE, evidence(&row, server)).await {
        Err(_) => Some(format!("hangs for more than {PATIENCE:?}")),
        Ok(evidence) => judge(&row, &evidence),
    };
    Result { id, wrong, took: began.elapsed() }
}

async fn evidence(row: &Row, server: &Server) -> Evidence {
    let peer = match &row.staged {
        Staged::Peer(acts) => Some(Peer::start(acts.clone()).await),
        _ => None,
    };
    // Bound and given up again: the system does not hand it out soon.
    let closed = || std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = match (&row.staged, &peer) {
        (_, Some(peer)) => peer.addr(),
        (Staged::Tls(fault), _) => server.start_tls_fault(*fault).await.expect("a listener"),
        (Staged::Closed, _) => closed().local_addr().expect("it was bound"),
        _ => server.addr(),
    };
    let tls_port = server.tls_addr().map_or(0, |addr| addr.port());
    let url = if row.url.starts_with('/') {
        format!("ws://{addr}{}", row.url)
    } else {
        row.url
            .replace("{addr}", &addr.to_string())
            .replace("{port}", &addr.port().to_string())
            .replace("{tls}", &tls_port.to_string())
    };
    let mut draft = RequestDraft::default();
    draft.set_url(url);
    draft.settings.connect_timeout_ms = USUAL_LIMIT_MS;
    let scene = Scene { practice: server, addr };
    for edit in &row.edits {
        edit(&mut draft, &scene);
    }
    let mut files = row.files.clone();
    if row.trusts && files.ca_pem.is_none() {
        files.ca_pem = Some(server.ca_pem().into());
    }
    connect(row, &draft, files).await
}

async fn connect(row: &Row, draft: &RequestDraft, files: Files) -> Evidence {
    let clock = Clock::process();
    let spec = match auth::prepare(draft, files, clock.now()) {
        Ok(spec) => spec,
        Err(problem) => {
            let facts = RequestFacts { typed: draft.url.clone(), ..RequestFacts::default() };
            return net::url_failure(facts, problem, clock);
        }
    };
    let options = net::Options {
        close_wait: Duration::from_millis(500),
        linger: Duration::from_millis(300),
        body_wait: Duration::from_millis(500),
        ..net::Options::default()
    };
    let (handle, mut events) = net::spawn(ConnId(1), spec, options);
    let (mut open, mut received, mut closing) = (false, 0, false);
    let (mut leave, mut later) = (None, row.later.clone());
    loop {
        if open && !closing && row.close_after.is_some_and(|wanted| received >= wanted) {
            closing = true;
            // If it has ended already, the record is on its way.
            let _ = handle.send(Command::Close { code: Some(1000), reason: String::new() }).await;
        }
        let event = tokio::select! {
            event = events.recv() => event.expect("the record comes last"),
            () = until(leave) => {
                leave = None;
                let close = Command::Close { code: Some(1000), reason: String::new() };
                let _ = handle.send(close).await;
                continue;
            }
        };
        match event.kind {
            EventKind::Open(_) => {
                open = true;
                leave = row.stay.map(|stay| Instant::now() + stay);
                for command in &row.send {
                    let _ = handle.send(command.clone()).await;
                }
            }
            EventKind::Messages(batch) => {
                received += batch
                    .iter()
                    .filter(|m| m.direction == Direction::In && !m.kind.is_control())
                    .count();
            }
            EventKind::Ended(evidence) => return *evidence,
            _ => {}
        }
        if received > 0
            && let Some(text) = later.take()
        {
            let _ = handle.send(Command::SendText(text)).await;
        }
    }
}

/// When the row is to leave; the length of the stay is what it stages.
async fn until(when: Option<Instant>) {
    match when {
        // Not a wait for something to happen: how long the row stays is the fault that it stages.
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}

/// Whether the open connection ended as the client wanted.
fn ended_well(evidence: &Evidence) -> bool {
    let end = evidence.session.as_ref().and_then(|session| session.end.as_ref());
    end.is_some_and(|end| end.by == EndedBy::Us && !end.frame_cut)
}

fn judge(row: &Row, evidence: &Evidence) -> Option<String> {
    let findings = diagnose::diagnose(evidence);
    let told = || {
        let codes: Vec<String> = findings
            .iter()
            .map(|f| format!("{} ({:?}, {:?})", f.code, f.severity, f.confidence))
            .collect();
        let failure = evidence.failure.as_ref().map(|f| format!("{:?}: {}", f.kind, f.text));
        let end = evidence.session.as_ref().and_then(|s| s.end.as_ref());
        let end = end.map(|end| format!("{:?} {:?} {}", end.by, end.code_received, end.text));
        format!("got {codes:?}; failure {failure:?}; end {end:?}")
    };
    if matches!(evidence.failure.as_ref().map(|f| &f.kind), Some(FailureKind::Internal)) {
        return Some(format!("our own fault: {}", told()));
    }
    let fits = |code: &str| code == row.id || row.or.contains(&code);
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    match row.outcome {
        Outcome::Error => {
            let Some(first) = error else { return Some(format!("no error: {}", told())) };
            if !fits(&first.code) {
                return Some(told());
            }
            let phase = row.phase.unwrap_or_else(|| Stage::of_code(&first.code));
            (first.phase != phase).then(|| format!("phase {:?} instead of {phase:?}", first.phase))
        }
        Outcome::Remark => {
            if let Some(error) = error {
                return Some(format!("an error, {}: {}", error.code, told()));
            }
            if !ended_well(evidence) {
                return Some(format!("not healthy: {}", told()));
            }
            (!findings.iter().any(|finding| fits(&finding.code))).then(told)
        }
        Outcome::Among => (!findings.iter().any(|finding| fits(&finding.code))).then(told),
    }
}

impl Row {
    /// Codes beside its own that the row lets pass without a reason; must be none.
    pub fn is_unexplained(&self) -> bool {
        !self.or.is_empty() && self.why.is_empty()
    }
}

/// The record of a row, for rows that need it as history.
pub async fn record(row: &Row, server: &Server) -> Evidence {
    tokio::time::timeout(PATIENCE, evidence(row, server)).await.expect("it ends")
}
