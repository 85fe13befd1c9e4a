//! A terminal for benchmarks: draws into memory, and is gone when its picture is what was awaited.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use crossterm::event::Event;
use futures_util::Stream;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::oneshot;
use wsdeck::runtime::Console;
use wsdeck::runtime::console::Running;

/// Whether a picture is the awaited one, from its text, a line a row.
pub type Awaited = fn(&str) -> bool;

#[derive(Debug)]
pub struct Memory {
    terminal: Terminal<TestBackend>,
    awaited: Awaited,
    end: Option<oneshot::Sender<()>>,
    ended: Option<oneshot::Receiver<()>>,
    seen: Arc<OnceLock<Instant>>,
}

impl Memory {
    /// 200 by 60 cells. The moment of the awaited picture can be read from the second value.
    pub fn new(awaited: Awaited) -> (Memory, Arc<OnceLock<Instant>>) {
        let terminal =
            Terminal::new(TestBackend::new(200, 60)).expect("the test backend cannot fail");
        let (end, ended) = oneshot::channel();
        let seen = Arc::new(OnceLock::new());
        let memory = Memory {
            terminal,
            awaited,
            end: Some(end),
            ended: Some(ended),
            seen: Arc::clone(&seen),
        };
        (memory, seen)
    }
}

impl Console for Memory {
    type Backend = TestBackend;
    type Input = UntilGone;

    fn terminal(&mut self) -> &mut Terminal<TestBackend> {
        &mut self.terminal
    }

    fn input(&mut self) -> UntilGone {
        UntilGone(self.ended.take())
    }

    fn end_picture(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if let Some(end) = self.end.take() {
            if (self.awaited)(&self.terminal.backend().to_string()) {
                let _ = self.seen.set(now);
                let _ = end.send(());
            } else {
                self.end = Some(end);
            }
        }
        Ok(())
    }

    fn enter(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn leave(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn stop(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }

    fn run(&mut self, _command: Vec<String>) -> Running {
        Box::pin(async { Ok(Ok(())) })
    }
}

/// Input from nobody, that ends with the terminal.
#[derive(Debug)]
pub struct UntilGone(Option<oneshot::Receiver<()>>);

impl Stream for UntilGone {
    type Item = io::Result<Event>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let ended = &mut self.get_mut().0;
        match ended.as_mut().map(|ended| Pin::new(ended).poll(cx)) {
            Some(Poll::Pending) => Poll::Pending,
            // Asked again, it must say so again.
            Some(Poll::Ready(_)) | None => {
                *ended = None;
                Poll::Ready(None)
            }
        }
    }
}
