//! The whole program on a screen in memory, with typed keys and real connections.
//!
//! The realistic test shall be the shortest to write: start an [`App`], type, wait for what a
//! person would see. Everything but the terminal is real: loop, effects, transport, store. Each
//! key waits until its picture is drawn, and [`App::wait_for`] until the screen shows something;
//! nothing sleeps.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod console;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use wsdeck::config::Places;
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::request::RequestDraft;
use wsdeck::practice::{self, Server};
use wsdeck::runtime::{Ending, Opening, Program, Start};

use console::{Shared, TestConsole};

/// How long anything may take. Nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A picture as its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub lines: Vec<String>,
    /// Events that had been taken from the input when it was drawn.
    taken: u64,
}

impl Picture {
    pub fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// The first line that holds all of these.
    pub fn line(&self, parts: &[&str]) -> Option<&str> {
        self.lines.iter().find(|line| parts.iter().all(|p| line.contains(p))).map(String::as_str)
    }

    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// What an [`App`] begins with.
#[derive(Default)]
pub struct Setup {
    pub start: Start,
    /// Written to `config.toml`.
    pub config: &'static str,
    /// What the user's editor leaves in its file, if it is called.
    pub editor_leaves: Option<&'static str>,
}

/// Where an [`App`] keeps its files; kept over restarts.
pub struct Home {
    dir: TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn places(&self) -> Places {
        let folder = |name: &str| -> PathBuf {
            let path = self.dir.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let (config, data) = (folder("config"), folder("data"));
        Places::find(None, |name| match name {
            "WSDECK_CONFIG_DIR" => Some(config.clone().into()),
            "WSDECK_DATA_DIR" => Some(data.clone().into()),
            _ => None,
        })
        .unwrap()
    }
}

/// A running program.
pub struct App {
    events: mpsc::Sender<Event>,
    sent: u64,
    pictures: watch::Receiver<Picture>,
    shared: Shared,
    running: JoinHandle<anyhow::Result<Ending>>,
    home: Option<Home>,
}

pub async fn practice() -> Server {
    Server::start(practice::Options::default()).await.unwrap()
}

/// A request for this address.
pub fn request(url: &str) -> Option<RequestDraft> {
    let mut draft = RequestDraft::default();
    draft.set_url(url.to_owned());
    Some(draft)
}

impl App {
    /// An empty program at 120x40.
    pub async fn start() -> App {
        App::with(Setup::default()).await
    }

    /// A program that opens this address, connected; or closed again, if the server is quick.
    pub async fn connected(url: &str) -> App {
        let start = Start { request: request(url), connect: true, ..Start::default() };
        let mut app = App::with(Setup { start, ..Setup::default() }).await;
        app.wait_until("it to connect", |p| p.has("● CONNECTED") || p.has(" CLOSED ")).await;
        app
    }

    pub async fn with(setup: Setup) -> App {
        App::at(Home::new(), setup).await
    }

    pub async fn at(home: Home, setup: Setup) -> App {
        let places = home.places();
        let mut config = String::from(setup.config);
        if !config.contains("clipboard") && !config.contains("[interface]") {
            // Not that of the machine that runs the tests.
            config.push_str("\n[interface]\nclipboard = \"osc52\"\n");
        }
        std::fs::write(&places.settings, config).unwrap();
        let opening = Opening::prepare(&setup.start, &places).await.unwrap();
        let (events, input) = mpsc::channel(4096);
        let (show, mut pictures) = watch::channel(Picture::default());
        let console = TestConsole::new(input, show, setup.editor_leaves.map(str::to_owned));
        let shared = console.shared();
        let program = Program::new(opening, console, Duration::from_millis(1));
        let running = tokio::spawn(Box::pin(program.run(None)));
        pictures.changed().await.unwrap();
        App { events, sent: 0, pictures, shared, running, home: Some(home) }
    }

    /// What is on screen.
    pub fn screen(&self) -> Picture {
        self.pictures.borrow().clone()
    }

    /// Waits until the screen is as it should be.
    pub async fn wait_until(&mut self, what: &str, is: impl Fn(&Picture) -> bool) -> Picture {
        let seen = self.pictures.wait_for(|picture| is(picture));
        let seen = tokio::time::timeout(PATIENCE, seen).await.map(|seen| seen.map(|p| p.clone()));
        match seen {
            Ok(Ok(picture)) => picture,
            Ok(Err(_)) => panic!("the program ended before {what}"),
            Err(_) => panic!("waited in vain for {what}; the screen is\n{}", self.screen().text()),
        }
    }

    pub async fn wait_for(&mut self, text: &str) -> Picture {
        self.wait_until(&format!("“{text}”"), |picture| picture.has(text)).await
    }

    /// Waits for a line that holds all of these.
    pub async fn wait_for_line(&mut self, parts: &[&str]) -> Picture {
        self.wait_until(&format!("a line with {parts:?}"), |p| p.line(parts).is_some()).await
    }

    pub async fn wait_gone(&mut self, text: &str) -> Picture {
        self.wait_until(&format!("no “{text}”"), |picture| !picture.has(text)).await
    }

    /// Asserts what is on screen now.
    pub fn sees(&self, text: &str) {
        let screen = self.screen();
        assert!(screen.has(text), "“{text}” is not on the screen\n{}", screen.text());
    }

    pub fn sees_not(&self, text: &str) {
        let screen = self.screen();
        assert!(!screen.has(text), "“{text}” is on the screen\n{}", screen.text());
    }

    /// The last line, where the state stands at the right.
    pub fn corner(&self) -> String {
        self.screen().lines.last().cloned().unwrap_or_default().trim_end().to_owned()
    }

    /// Hands an event over without waiting for its picture.
    pub async fn send(&mut self, event: Event) {
        self.sent += 1;
        self.events.send(event).await.expect("the program reads");
    }

    /// Waits for a picture in which everything typed so far is.
    pub async fn settle(&mut self) {
        let sent = self.sent;
        let seen = self.pictures.wait_for(|picture| picture.taken >= sent);
        // The keys may have ended the program; that is no fault here.
        let late = tokio::time::timeout(PATIENCE, seen).await.is_err();
        assert!(!late, "no picture after a key; the screen is\n{}", self.screen().text());
    }

    /// Presses a key by its name in the key table: `ctrl+s`, `enter`, `G`.
    pub async fn key(&mut self, name: &str) {
        let combo: KeyCombo = name.parse().unwrap();
        self.send(Event::Key(key_event(combo))).await;
        self.settle().await;
    }

    pub async fn keys(&mut self, names: &[&str]) {
        for name in names {
            self.key(name).await;
        }
    }

    /// Types a text, character by character.
    pub async fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
            self.send(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))).await;
        }
        self.settle().await;
    }

    pub async fn paste(&mut self, text: &str) {
        self.send(Event::Paste(text.to_owned())).await;
        self.settle().await;
    }

    /// Runs a command by its name in the palette.
    pub async fn palette(&mut self, name: &str) {
        self.key("ctrl+p").await;
        self.type_text(name).await;
        self.key("enter").await;
    }

    /// Clicks on the first place that shows this text.
    pub async fn click(&mut self, text: &str) {
        let screen = self.screen();
        let (row, line) = screen
            .lines
            .iter()
            .enumerate()
            .find(|(_, line)| line.contains(text))
            .unwrap_or_else(|| panic!("“{text}” is not on the screen\n{}", screen.text()));
        let column = line[..line.find(text).unwrap()].chars().count();
        for kind in [MouseEventKind::Down(MouseButton::Left), MouseEventKind::Up(MouseButton::Left)]
        {
            let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
            let modifiers = KeyModifiers::NONE;
            self.send(Event::Mouse(MouseEvent { kind, column, row, modifiers })).await;
        }
        self.settle().await;
    }

    pub async fn resize(&mut self, width: u16, height: u16) {
        *self.shared.size.lock().unwrap() = (width, height);
        self.send(Event::Resize(width, height)).await;
        self.settle().await;
    }

    /// Text that was handed to the terminal's clipboard.
    pub fn copied(&self) -> Vec<String> {
        self.shared.copies.lock().unwrap().clone()
    }

    /// How often the terminal was left and taken again.
    pub fn handed_over(&self) -> u64 {
        self.shared.left.load(Ordering::Relaxed)
    }

    /// Quits and gives the files back.
    pub async fn quit(mut self) -> Home {
        self.key("ctrl+q").await;
        if self.screen().has("Leave wsdeck?") && !self.running.is_finished() {
            self.key("y").await;
        }
        let ending = tokio::time::timeout(PATIENCE, &mut self.running).await;
        let ending = ending.expect("the program ends").unwrap().unwrap();
        assert_eq!(ending, Ending::default());
        self.home.take().unwrap()
    }
}

fn key_event(combo: KeyCombo) -> KeyEvent {
    let code = match combo.key {
        Key::Char(c) => KeyCode::Char(c),
        Key::Enter => KeyCode::Enter,
        Key::Esc => KeyCode::Esc,
        Key::Tab if combo.shift => KeyCode::BackTab,
        Key::Tab => KeyCode::Tab,
        Key::Backspace => KeyCode::Backspace,
        Key::Delete => KeyCode::Delete,
        Key::Insert => KeyCode::Insert,
        Key::Home => KeyCode::Home,
        Key::End => KeyCode::End,
        Key::PageUp => KeyCode::PageUp,
        Key::PageDown => KeyCode::PageDown,
        Key::Up => KeyCode::Up,
        Key::Down => KeyCode::Down,
        Key::Left => KeyCode::Left,
        Key::Right => KeyCode::Right,
        Key::F(n) => KeyCode::F(n),
    };
    let mut modifiers = KeyModifiers::NONE;
    for (held, modifier) in [
        (combo.ctrl, KeyModifiers::CONTROL),
        (combo.alt, KeyModifiers::ALT),
        (combo.shift, KeyModifiers::SHIFT),
    ] {
        if held {
            modifiers |= modifier;
        }
    }
    KeyEvent::new(code, modifiers)
}
