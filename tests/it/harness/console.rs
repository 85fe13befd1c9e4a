//! A terminal in memory.

use std::future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crossterm::event::Event;
use futures_util::Stream;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use tokio::sync::{mpsc, watch};
use wsdeck::runtime::Console;
use wsdeck::runtime::console::Running;

use super::Picture;

/// What test and console both see.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) size: Arc<Mutex<(u16, u16)>>,
    pub(super) copies: Arc<Mutex<Vec<String>>>,
    pub(super) left: Arc<AtomicU64>,
    taken: Arc<AtomicU64>,
}

pub(super) struct TestConsole {
    terminal: Terminal<TestBackend>,
    events: Arc<Mutex<mpsc::Receiver<Event>>>,
    show: watch::Sender<Picture>,
    shared: Shared,
    editor_leaves: Option<String>,
}

impl TestConsole {
    pub(super) fn new(
        events: mpsc::Receiver<Event>,
        show: watch::Sender<Picture>,
        editor_leaves: Option<String>,
    ) -> TestConsole {
        let size = (120, 40);
        TestConsole {
            terminal: Terminal::new(TestBackend::new(size.0, size.1)).unwrap(),
            events: Arc::new(Mutex::new(events)),
            show,
            shared: Shared {
                size: Arc::new(Mutex::new(size)),
                copies: Arc::default(),
                left: Arc::default(),
                taken: Arc::default(),
            },
            editor_leaves,
        }
    }

    pub(super) fn shared(&self) -> Shared {
        self.shared.clone()
    }
}

impl Console for TestConsole {
    type Backend = TestBackend;
    type Input = Typed;

    fn terminal(&mut self) -> &mut Terminal<TestBackend> {
        &mut self.terminal
    }

    fn input(&mut self) -> Typed {
        Typed { events: Arc::clone(&self.events), taken: Arc::clone(&self.shared.taken) }
    }

    fn begin_picture(&mut self) -> io::Result<()> {
        let (width, height) = *self.shared.size.lock().unwrap();
        self.terminal.backend_mut().resize(width, height);
        Ok(())
    }

    fn end_picture(&mut self) -> io::Result<()> {
        let lines = lines(self.terminal.backend().buffer());
        let taken = self.shared.taken.load(Ordering::Relaxed);
        self.show.send_replace(Picture { lines, taken });
        Ok(())
    }

    fn enter(&mut self) -> io::Result<()> {
        self.wipe()
    }

    fn leave(&mut self) -> io::Result<()> {
        self.shared.left.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn stop(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.shared.copies.lock().unwrap().push(text.to_owned());
        Ok(())
    }

    fn run(&mut self, command: Vec<String>) -> Running {
        let Some(text) = &self.editor_leaves else {
            return Box::pin(future::ready(Ok(Err("exit status: 1".into()))));
        };
        let written = std::fs::write(command.last().unwrap(), text);
        Box::pin(future::ready(written.map(Ok)))
    }
}

/// What the test types.
pub(super) struct Typed {
    events: Arc<Mutex<mpsc::Receiver<Event>>>,
    taken: Arc<AtomicU64>,
}

impl Stream for Typed {
    type Item = io::Result<Event>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = self.events.lock().unwrap().poll_recv(cx);
        if let Poll::Ready(Some(_)) = event {
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        event.map(|event| event.map(Ok))
    }
}

/// The text of each row; the second cell of a wide character is left out.
fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut line = String::new();
            let mut x = area.left();
            while x < area.right() {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                let width = unicode_width::UnicodeWidthStr::width(symbol).max(1);
                x = x.saturating_add(u16::try_from(width).unwrap_or(1));
            }
            line
        })
        .collect()
}
