//! The task of one connection: dials, reads a refusal, or runs the session; then says how it ended.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::dial::{self, Dialed};
use super::handle::Queued;
use super::options::Options;
use super::recorder::{Interruption, Recorder, url_failure};
use super::session::{Session, Start};
use crate::core::event::{Command, Event, EventKind};
use crate::core::evidence::{Failure, FailureKind, RequestFacts, SessionFacts};
use crate::core::request::RequestSpec;
use crate::core::stage::{ConnId, Stage};

/// Refused commands that are told of while dialling; the channel must keep room for the stages.
const TOLD_REJECTIONS: usize = 16;

/// Limit for attempts without one: longer than anybody waits.
const NO_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

pub(super) async fn run(
    conn: ConnId,
    spec: RequestSpec,
    options: Options,
    commands: mpsc::Receiver<Queued>,
    events: mpsc::Sender<Event>,
) {
    let facts = spec.facts.clone();
    let task = Box::pin(attempt(conn, spec, options, commands, events.clone()));
    if AssertUnwindSafe(task).catch_unwind().await.is_err() {
        // A fault of ours must not leave the owner waiting for ever.
        let kind = EventKind::Ended(Box::new(fault(facts, &options)));
        let _ = events.send(Event { conn, at: options.clock.now(), kind }).await;
    }
}

fn fault(facts: RequestFacts, options: &Options) -> crate::core::evidence::Evidence {
    let mut evidence = url_failure(facts, crate::core::url::UrlProblem::Empty, options.clock);
    evidence.stages.clear();
    evidence.failure = Some(Failure {
        stage: Stage::Url,
        kind: FailureKind::Internal,
        text: "wsdeck failed while it worked on this connection; its log says where".into(),
    });
    evidence
}

async fn attempt(
    conn: ConnId,
    spec: RequestSpec,
    options: Options,
    commands: mpsc::Receiver<Queued>,
    events: mpsc::Sender<Event>,
) {
    let mut recorder = Recorder::new(conn, &spec, &options, events.clone());
    let mut control = Control {
        conn,
        commands,
        events: events.clone(),
        options,
        heartbeat: Some(spec.heartbeat_ms).filter(|ms| *ms > 0).map(Duration::from_millis),
        told: 0,
    };

    let limit = match spec.connect_timeout_ms {
        0 => NO_LIMIT,
        ms => Duration::from_millis(ms),
    };
    let deadline = Instant::now() + limit;
    let result = {
        let dial = Box::pin(dial::run(&spec, &mut recorder));
        tokio::select! {
            biased;
            () = control.until_stopped() => Err(Interruption::Cancelled),
            result = timeout_at(deadline, dial) => result.map_err(|_| Interruption::TimedOut),
        }
    };
    match result {
        Err(interruption) => recorder.interrupt(interruption, spec.connect_timeout_ms),
        Ok(Err(failure)) => recorder.fail(failure),
        Ok(Ok(Dialed::Refused(mut refusal))) => {
            // The time limit was for the answer, and the answer is here. Its body has its own.
            tokio::select! {
                biased;
                () = control.until_stopped() => {}
                _ = tokio::time::timeout(options.body_wait, refusal.read_body()) => {}
            }
            let failure = refusal.into_failure(&mut recorder);
            recorder.fail(failure);
        }
        Ok(Ok(Dialed::Open { link, early, first_messages })) => {
            let opened_us = recorder.elapsed();
            recorder.collect_tls();
            recorder.evidence.session = Some(SessionFacts { opened_us, ..SessionFacts::default() });
            let open = EventKind::Open(Box::new(recorder.evidence.clone()));
            let start = Start {
                link,
                early,
                max_message: spec.max_message,
                heartbeat: control.heartbeat,
                first_messages,
                commands: control.commands,
                events,
                recorder: &mut recorder,
                options,
            };
            let session = Session::new(start, open).await;
            return Box::pin(session.run()).await;
        }
    }
    let kind = EventKind::Ended(Box::new(recorder.evidence));
    // Nobody is heard any more: sending must say so while the owner has not taken this yet.
    drop(control);
    let _ = events.send(Event { conn, at: options.clock.now(), kind }).await;
}

/// Hears commands while there is no connection yet.
struct Control {
    conn: ConnId,
    commands: mpsc::Receiver<Queued>,
    events: mpsc::Sender<Event>,
    options: Options,
    heartbeat: Option<Duration>,
    told: usize,
}

impl Control {
    /// Returns when the attempt is to be given up. Safe to drop at any time.
    async fn until_stopped(&mut self) {
        loop {
            let command = tokio::select! {
                biased;
                queued = self.commands.recv() => queued,
                () = self.events.closed() => None,
            };
            let Some(queued) = command else { return };
            match queued.command {
                Command::Disconnect | Command::Close { .. } => return,
                Command::Heartbeat(interval) => self.heartbeat = interval,
                Command::Ping(_) => self.reject("ping"),
                Command::SendText(_)
                | Command::SendBinary(_)
                | Command::SendSplit { .. }
                | Command::SendFile { .. } => self.reject("send"),
                Command::CancelFile(_) => {}
                Command::Pong(_) => self.reject("pong"),
                Command::Pongs(_) | Command::Raw(_) | Command::HalfClose => self.reject("this"),
            }
        }
    }

    fn reject(&mut self, command: &'static str) {
        if self.told < TOLD_REJECTIONS {
            self.told += 1;
            let kind =
                EventKind::Rejected { command, why: "the connection is not open yet".into() };
            let at = self.options.clock.now();
            let _ = self.events.try_send(Event { conn: self.conn, at, kind });
        }
    }
}
