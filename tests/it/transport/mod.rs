//! The transport, driven from outside against the practice server and scripted peers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod cancel;
mod deflate;
mod file;
mod frames;
mod http;
mod proxy;
mod redirect;
mod secrets;
mod session;
mod stages;
mod tls;
mod tls_hello;
mod tls_settings;
mod unix;
mod violations;

use std::time::Duration;

use tokio::sync::mpsc;
use wsdeck::core::event::{Command, Event, EventKind};
use wsdeck::core::evidence::{Evidence, Failure};
use wsdeck::core::message::{Direction, Message, MessageKind};
use wsdeck::core::request::{AuthContribution, Files, RequestDraft, RequestSpec};
use wsdeck::core::stage::ConnId;
use wsdeck::net::{self, Handle, Options};
use wsdeck::practice::{self, Server};

/// Bound for a test as a whole; nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("the transport hangs")
}

async fn server() -> Server {
    Server::start(practice::Options::default()).await.unwrap()
}

/// A draft with the defaults.
fn draft(url: &str) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.to_owned());
    draft
}

fn spec_of(draft: &RequestDraft) -> RequestSpec {
    draft.spec(&AuthContribution::default(), Files::default()).unwrap()
}

fn spec(url: &str) -> RequestSpec {
    spec_of(&draft(url))
}

/// As `spec`, trusting the practice server's authority.
fn tls_spec(url: &str, server: &Server) -> RequestSpec {
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    draft(url).spec(&AuthContribution::default(), files).unwrap()
}

/// A connection and all that it told so far.
struct Conn {
    handle: Handle,
    events: mpsc::Receiver<Event>,
    told: Vec<EventKind>,
    messages: Vec<Message>,
}

impl Conn {
    fn start(spec: RequestSpec) -> Conn {
        Conn::start_with(spec, Options::default())
    }

    fn start_with(spec: RequestSpec, options: Options) -> Conn {
        let (handle, events) = net::spawn(ConnId(7), spec, options);
        Conn { handle, events, told: Vec::new(), messages: Vec::new() }
    }

    /// Started, and open.
    async fn open(spec: RequestSpec) -> Conn {
        Conn::open_with(spec, Options::default()).await
    }

    async fn open_with(spec: RequestSpec, options: Options) -> Conn {
        let mut conn = Conn::start_with(spec, options);
        conn.until(|conn| matches!(conn.told.last(), Some(EventKind::Open(_)))).await;
        conn
    }

    fn send(&self, command: Command) {
        self.handle.try_send(command).unwrap();
    }

    fn text(&self, text: &str) {
        self.send(Command::SendText(text.to_owned()));
    }

    fn close(&self, code: u16, reason: &str) {
        self.send(Command::Close { code: Some(code), reason: reason.to_owned() });
    }

    /// Reads one event; false at the end.
    async fn step(&mut self) -> bool {
        let Some(event) = within(self.events.recv()).await else { return false };
        assert_eq!(event.conn, ConnId(7));
        assert!(
            !matches!(self.told.last(), Some(EventKind::Ended(_))),
            "told {:?} after the end",
            event.kind
        );
        if let EventKind::Messages(batch) = &event.kind {
            self.messages.extend(batch.iter().cloned());
        }
        self.told.push(event.kind);
        true
    }

    async fn until(&mut self, done: impl Fn(&Conn) -> bool) {
        while !done(self) {
            assert!(self.step().await, "ended too early: {:#?}", self.told.last());
        }
    }

    /// Waits until that many text and binary messages came in.
    async fn until_received(&mut self, count: usize) {
        self.until(|conn| conn.received().len() >= count).await;
    }

    /// Text and binary messages that came in.
    fn received(&self) -> Vec<&Message> {
        self.rows(Direction::In).filter(|m| !m.kind.is_control()).collect()
    }

    fn rows(&self, direction: Direction) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |m| m.direction == direction)
    }

    fn kinds(&self, direction: Direction) -> Vec<MessageKind> {
        self.rows(direction).map(|m| m.kind).collect()
    }

    fn rejections(&self) -> Vec<(&'static str, &str)> {
        self.told
            .iter()
            .filter_map(|kind| match kind {
                EventKind::Rejected { command, why } => Some((*command, why.as_str())),
                _ => None,
            })
            .collect()
    }

    /// Reads to the end and gives the whole record.
    async fn ended(&mut self) -> Evidence {
        while self.step().await {}
        match self.told.last() {
            Some(EventKind::Ended(evidence)) => (**evidence).clone(),
            other => panic!("the last event is {other:?}"),
        }
    }
}

/// The record of an attempt that does not open.
async fn failed(spec: RequestSpec) -> (Evidence, Failure) {
    failed_with(spec, Options::default()).await
}

async fn failed_with(spec: RequestSpec, options: Options) -> (Evidence, Failure) {
    let evidence = Conn::start_with(spec, options).ended().await;
    let failure = evidence.failure.clone().expect("the attempt failed");
    assert!(!evidence.opened());
    (evidence, failure)
}

/// The record of a connection that opens and ends by itself.
async fn ran(spec: RequestSpec) -> Evidence {
    let evidence = Conn::start(spec).ended().await;
    assert!(evidence.opened(), "{:#?}", evidence.failure);
    evidence
}
