//! The loop between standard input, the connection and standard output.

use std::io::{self, IsTerminal as _};
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::Sleep;

use super::end::{self, Asked, Form};
use super::input::{self, Input};
use super::json::JsonLines;
use super::writer::Writer;
use crate::cli::args::CatArgs;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::{EXIT_OURS, task};
use crate::config;
use crate::core::event::{Command, Event, EventKind};
use crate::core::evidence::Evidence;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::request::RequestSpec;
use crate::core::stage::ConnId;
use crate::credentials::Credentials;
use crate::net::{self, Handle, Rejected};

/// Exit code of an attempt that Ctrl+C ended, as shells have it.
const EXIT_INTERRUPTED: u8 = 130;

/// How long a server may go on talking after our close frame, where nobody wants to read it.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// The same when standard output is closed.
const PIPE_WAIT: Duration = Duration::from_secs(2);

/// A batch is written when it is this large, or when nothing more has arrived.
const BATCH: usize = 256 * 1024;

/// Talks until the connection has ended, and answers with the exit code.
pub async fn run(
    args: &CatArgs,
    form: Form,
    spec: RequestSpec,
    credentials: &Credentials,
) -> Result<u8, Failure> {
    let writer = Writer::start(io::stdout())
        .map_err(|error| Failure::ours("starting to write standard output", &error))?;
    let options = net::Options { surroundings: config::surroundings(), ..net::Options::default() };
    let (handle, events) = net::spawn(ConnId(1), spec.clone(), options);
    let mut talk = Talk {
        args,
        form,
        json: JsonLines::default(),
        handle,
        spec: &spec,
        credentials,
        buffer: Vec::new(),
        received: 0,
        asked: None,
        timer: None,
        input: None,
        input_failed: false,
        open: false,
        ended: None,
    };
    talk.run(writer, events).await
}

struct Talk<'a> {
    args: &'a CatArgs,
    form: Form,
    json: JsonLines,
    handle: Handle,
    spec: &'a RequestSpec,
    credentials: &'a Credentials,
    /// Output that was not handed to the writer yet.
    buffer: Vec<u8>,
    /// Text and binary messages received.
    received: u64,
    /// We have asked for the end, and why.
    asked: Option<Asked>,
    /// Runs out when `--exit-after` is over.
    timer: Option<Pin<Box<Sleep>>>,
    input: Option<Receiver<Input>>,
    /// Something on standard input was not sent.
    input_failed: bool,
    open: bool,
    ended: Option<Box<Evidence>>,
}

/// What the loop waited for.
enum Woke {
    Signal,
    Timer,
    Event(Option<Event>),
    Input(Option<Input>),
}

impl Talk<'_> {
    async fn run(
        &mut self,
        mut writer: Writer,
        mut events: Receiver<Event>,
    ) -> Result<u8, Failure> {
        let mut signal = Box::pin(task::asked_to_end());
        while self.ended.is_none() {
            let woke = tokio::select! {
                biased;
                () = &mut signal => Woke::Signal,
                () = elapse(&mut self.timer) => Woke::Timer,
                event = events.recv() => Woke::Event(event),
                input = next_input(&mut self.input) => Woke::Input(input),
            };
            match woke {
                Woke::Signal if self.asked == Some(Asked::Interrupted) => {
                    // Asked twice: at once.
                    return Ok(0);
                }
                Woke::Signal if !self.open => return Ok(EXIT_INTERRUPTED),
                Woke::Signal => {
                    signal = Box::pin(task::asked_to_end());
                    self.close(Asked::Interrupted).await;
                }
                Woke::Timer if self.asked.is_some() => {
                    self.timer = None;
                    // It talks on and does not answer our close.
                    let _ = self.handle.send(Command::Disconnect).await;
                }
                Woke::Timer => self.close(Asked::Time).await,
                Woke::Event(None) => {
                    return Err(Failure::ours("talking", &"the transport ended without a word"));
                }
                Woke::Event(Some(event)) => {
                    self.take(event).await?;
                    while self.buffer.len() < BATCH
                        && let Ok(event) = events.try_recv()
                    {
                        self.take(event).await?;
                    }
                }
                Woke::Input(input) => self.take_input(input).await,
            }
            if !self.buffer.is_empty() {
                let batch = std::mem::take(&mut self.buffer);
                tokio::select! {
                    swapped = writer.swap(batch) => match swapped {
                        Ok(buffer) => self.buffer = buffer,
                        Err(error) => return self.output_failed(error, events).await,
                    },
                    // Nobody takes our output; what is left of it is lost.
                    () = &mut signal => return Ok(0),
                }
            }
        }
        self.finish(writer).await
    }

    async fn take(&mut self, event: Event) -> Result<(), Failure> {
        self.credentials.hear(self.spec, &event.kind);
        match event.kind {
            EventKind::Open(evidence) => {
                if let Form::Json = self.form {
                    self.json.open(event.at, &evidence, &mut self.buffer);
                }
                self.opened()?;
            }
            EventKind::Messages(messages) => {
                for message in messages {
                    self.message(message).await;
                }
            }
            // The peer closes already, which is what was asked for.
            EventKind::Rejected { command: "close", .. } => {}
            EventKind::Rejected { command, why } => {
                // The peer closed while it was on its way; how it closed decides the exit code.
                eprintln!("wsdeck: {command} was not carried out: {why}");
            }
            EventKind::Ended(evidence) => {
                self.credentials.learn(self.spec, &evidence);
                self.ended = Some(evidence);
            }
            EventKind::StageBegan(_)
            | EventKind::StageEnded(_)
            | EventKind::RoundTrip { .. }
            | EventKind::PongsHeld(_)
            | EventKind::HalfClosed
            | EventKind::Handmade { .. }
            | EventKind::Transfer(_)
            | EventKind::Cookies { .. } => {}
        }
        Ok(())
    }

    fn opened(&mut self) -> Result<(), Failure> {
        self.open = true;
        self.timer = self.args.exit_after.map(|span| Box::pin(tokio::time::sleep(span.0)));
        if self.args.no_input || self.args.echo {
            return Ok(());
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            eprintln!("Connected. Lines are sent as messages; Ctrl+D ends.");
        }
        let input = input::start(io::stdin())
            .map_err(|error| Failure::ours("starting to read standard input", &error))?;
        self.input = Some(input);
        Ok(())
    }

    async fn message(&mut self, message: Message) {
        let data = !message.kind.is_control() && message.direction == Direction::In;
        if data {
            if self.asked == Some(Asked::Count) {
                return;
            }
            self.received += 1;
        }
        match self.form {
            Form::Json => self.json.message(&message, &mut self.buffer),
            Form::Lines(lines) => lines.message(&message, &mut self.buffer),
        }
        if !data {
            return;
        }
        if self.args.echo {
            match message.kind {
                MessageKind::Text => self.send_text(message.payload.into()).await,
                _ => self.send(Command::SendBinary(message.payload)).await,
            }
        }
        if self.args.count == Some(self.received) {
            self.close(Asked::Count).await;
        }
    }

    async fn take_input(&mut self, input: Option<Input>) {
        match input {
            Some(Input::Lines(lines)) => {
                for line in lines {
                    if self.args.binary {
                        self.send(Command::SendBinary(line.into())).await;
                    } else {
                        self.send_text(line).await;
                    }
                }
                return;
            }
            Some(Input::Failed(error)) => {
                eprintln!("wsdeck: standard input cannot be read: {error}");
                self.input_failed = true;
            }
            Some(Input::End) | None => {}
        }
        self.input = None;
        if self.args.count.is_none() && self.args.exit_after.is_none() {
            self.close(Asked::InputEnded).await;
        }
    }

    async fn send_text(&mut self, text: Vec<u8>) {
        match String::from_utf8(text) {
            Ok(text) => self.send(Command::SendText(text)).await,
            Err(error) => {
                let why = error.utf8_error();
                eprintln!("wsdeck: a line was not sent: {why}; --binary sends any bytes");
                self.input_failed = true;
            }
        }
    }

    /// Queues a message. While too many wait already, it waits too, and so does reading: a peer
    /// that only talks and never listens would fill the memory otherwise.
    async fn send(&mut self, command: Command) {
        let sent = tokio::select! {
            sent = self.handle.send(command) => sent,
            () = task::asked_to_end() => {
                self.asked = Some(Asked::Interrupted);
                self.handle.send(Command::Disconnect).await
            }
        };
        if let Err(Rejected::Ended) = sent {
            self.input = None;
        }
    }

    /// Asks for the closing handshake, once. What is queued goes out before.
    async fn close(&mut self, why: Asked) {
        if self.asked.is_none() {
            let close = Command::Close { code: Some(1000), reason: String::new() };
            // If it has ended already, its last event is on the way.
            let _ = self.handle.send(close).await;
        }
        if self.asked.is_none() || why == Asked::Interrupted {
            self.asked = Some(why);
        }
        // After the end of input everything that still comes is wanted, however long it takes.
        self.timer = (why != Asked::InputEnded).then(|| Box::pin(tokio::time::sleep(CLOSE_WAIT)));
        self.input = None;
    }

    /// A closed pipe is a normal end, as with `| head`; the server gets its close frame.
    async fn output_failed(
        &mut self,
        error: io::Error,
        mut events: Receiver<Event>,
    ) -> Result<u8, Failure> {
        self.close(Asked::Interrupted).await;
        let ended = async {
            while let Some(event) = events.recv().await {
                if let EventKind::Ended(_) = event.kind {
                    break;
                }
            }
        };
        // A server that does not answer must not keep a pipeline from ending.
        let _ = tokio::time::timeout(PIPE_WAIT, ended).await;
        Err(error.into())
    }

    async fn finish(&mut self, mut writer: Writer) -> Result<u8, Failure> {
        let Some(evidence) = self.ended.take() else {
            return Ok(EXIT_OURS);
        };
        let report = Report::judge(*evidence);
        let mut out = std::mem::take(&mut self.buffer);
        end::tell(self.form, &report, self.asked, &mut out);
        if !out.is_empty() {
            writer.swap(out).await?;
        }
        writer.finish().await?;
        let code = end::exit_code(&report, self.asked);
        Ok(if code == 0 && self.input_failed { EXIT_OURS } else { code })
    }
}

async fn elapse(timer: &mut Option<Pin<Box<Sleep>>>) {
    match timer {
        Some(timer) => timer.await,
        None => std::future::pending().await,
    }
}

async fn next_input(input: &mut Option<Receiver<Input>>) -> Option<Input> {
    match input {
        Some(input) => input.recv().await,
        None => std::future::pending().await,
    }
}
