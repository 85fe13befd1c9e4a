//! One attempt from start to end, and the record that it leaves.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::cli::failure::Failure;
use crate::config;
use crate::core::event::{Command, Event, EventKind};
use crate::core::evidence::Evidence;
use crate::core::request::RequestSpec;
use crate::core::stage::ConnId;
use crate::net::{self, Handle};

/// How long a healthy server may take to answer a ping.
const PONG_WAIT: Duration = Duration::from_secs(5);

/// What to do with the open connection.
#[derive(Debug)]
pub struct Plan {
    /// Text messages to send.
    pub send: Vec<String>,
    /// How long to watch before the ping.
    pub wait: Duration,
}

/// Connects, does what is planned, closes with 1000, and gives the record.
///
/// `told` hears of the stages as they come.
pub async fn attempt(
    spec: RequestSpec,
    plan: Plan,
    told: impl Fn(&EventKind),
) -> Result<Evidence, Failure> {
    let options = net::Options { surroundings: config::surroundings(), ..net::Options::default() };
    let (handle, mut events) = net::spawn(ConnId(1), spec, options);
    if let Some(ended) = until_open(&mut events, told).await? {
        return Ok(ended);
    }
    for text in plan.send {
        // If the connection has ended meanwhile, its last event says so.
        if handle.send(Command::SendText(text)).await.is_err() {
            break;
        }
    }
    if let Some(ended) = watch(&mut events, plan.wait, false).await? {
        return Ok(ended);
    }
    let ping = Command::Ping(Bytes::from_static(b"wsdeck"));
    if handle.send(ping).await.is_ok()
        && let Some(ended) = watch(&mut events, PONG_WAIT, true).await?
    {
        return Ok(ended);
    }
    close(&handle, &mut events).await
}

async fn next(events: &mut Receiver<Event>) -> Result<EventKind, Failure> {
    match events.recv().await {
        Some(event) => Ok(event.kind),
        None => Err(Failure::ours("connecting", &"the transport ended without a word")),
    }
}

/// The record, if it never opened.
async fn until_open(
    events: &mut Receiver<Event>,
    told: impl Fn(&EventKind),
) -> Result<Option<Evidence>, Failure> {
    loop {
        let event = next(events).await?;
        told(&event);
        match event {
            EventKind::Open(_) => return Ok(None),
            EventKind::Ended(evidence) => return Ok(Some(*evidence)),
            _ => {}
        }
    }
}

/// Lets time pass, until a pong if asked for; the record, if the connection ends meanwhile.
async fn watch(
    events: &mut Receiver<Event>,
    span: Duration,
    until_pong: bool,
) -> Result<Option<Evidence>, Failure> {
    let deadline = tokio::time::sleep_until(Instant::now() + span);
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            biased;
            event = next(events) => match event? {
                EventKind::Ended(evidence) => return Ok(Some(*evidence)),
                EventKind::RoundTrip { .. } if until_pong => return Ok(None),
                // A flood must not keep the time from passing.
                _ if deadline.is_elapsed() => return Ok(None),
                _ => {}
            },
            () = &mut deadline => return Ok(None),
        }
    }
}

async fn close(handle: &Handle, events: &mut Receiver<Event>) -> Result<Evidence, Failure> {
    let close = Command::Close { code: Some(1000), reason: String::new() };
    // If it has ended already, the record is on its way.
    let _ = handle.send(close).await;
    loop {
        if let EventKind::Ended(evidence) = next(events).await? {
            return Ok(*evidence);
        }
    }
}
