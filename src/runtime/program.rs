//! The loop: one place where things happen one after the other.
//!
//! It waits for signals, input, results and the next deadline, in that order of preference: a
//! flood of messages must not keep a key waiting. After each it takes what else is there, within
//! bounds, and draws if something has changed and the last picture is old enough. When nothing
//! happens it sleeps; there is no tick.

use std::collections::VecDeque;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};

use super::console::{Console, Running};
use super::effects::{ForTerminal, Outside};
use super::inbox::Inbox;
use super::outside_program::{self, EDITOR, PAGER, Session};
use super::signals::{Signal, Signals};
use super::start::Opening;
use crate::app::geometry::{Geometry, View};
use crate::app::model::{Model, TabId};
use crate::app::{Msg, schedule, update};
use crate::core::sanitize;
use crate::core::time::Micros;
use crate::credentials::Credentials;
use crate::net::clock::Clock;
use crate::tui::{self, Input, Styles};

/// Messages that are handled in one go before a picture may be due.
const DRAIN: usize = 256;
/// And how long that may take.
const DRAIN_TIME: Duration = Duration::from_millis(4);

/// How long closing handshakes and saving may take after the screen is gone.
const FAREWELL: Duration = Duration::from_millis(700);
const LAST_SAVE: Duration = Duration::from_secs(5);
const LAST_ROWS: Duration = Duration::from_secs(5);

/// How the program came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The signal that ended it.
    pub signal: Option<u8>,
}

impl Ending {
    /// As shells report it: 128 and the signal's number.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        self.signal.map_or(ExitCode::SUCCESS, |number| ExitCode::from(128 + number))
    }
}

/// The interface at work on a console.
pub struct Program<C: Console> {
    console: C,
    input: Option<C::Input>,
    translate: Input,
    model: Model,
    styles: Styles,
    outside: Outside,
    inbox: Inbox,
    clock: Clock,
    /// Least time between two pictures.
    pace: Duration,
    dirty: bool,
    last_picture: Option<Micros>,
    editing: Option<Editing>,
    ending: Ending,
    quit: bool,
    /// Kept so that it runs as long as the program does.
    _practice: Option<super::demo::Practice>,
}

impl<C: Console> std::fmt::Debug for Program<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("ending", &self.ending).finish_non_exhaustive()
    }
}

/// Another program has the terminal.
struct Editing {
    /// The tab whose message is edited; `None` for a pager, whose text is only read.
    tab: Option<TabId>,
    session: Session,
    running: Running,
}

/// What the loop woke up for.
enum Woken {
    Signal(Signal),
    Input(Option<io::Result<crossterm::event::Event>>),
    Edited(io::Result<Result<(), String>>),
    Results,
    Due,
}

impl<C: Console> Program<C> {
    /// The time between pictures that people get.
    pub const PACE: Duration = Duration::from_millis(16);

    /// A program that was prepared, on a console that was entered. Must be called within a tokio
    /// runtime.
    #[must_use]
    pub fn new(opening: Opening, mut console: C, pace: Duration) -> Program<C> {
        let Opening {
            model,
            styles,
            saver,
            clock,
            around,
            first,
            practice,
            proxies,
            kept,
            sessions,
        } = opening;
        let inbox = Inbox::default();
        for msg in first {
            inbox.push(msg);
        }
        if let Some(saver) = &saver {
            saver.tell(inbox.clone());
        }
        let credentials = Arc::new(Credentials::new(kept, proxies, clock));
        let mut outside =
            Outside::new(inbox.clone(), clock, &model.settings, around, saver, credentials);
        outside.sessions = sessions;
        let input = Some(console.input());
        Program {
            console,
            input,
            translate: Input::default(),
            model,
            styles,
            outside,
            inbox,
            clock,
            pace,
            dirty: true,
            last_picture: None,
            editing: None,
            ending: Ending::default(),
            quit: false,
            _practice: practice,
        }
    }

    /// Runs until the user, a signal or the end of the terminal ends it.
    ///
    /// # Errors
    /// If the terminal cannot be drawn on any more.
    pub async fn run(mut self, mut signals: Option<Signals>) -> anyhow::Result<Ending> {
        let ran = self.turns(&mut signals).await;
        if ran.is_err() && !self.quit {
            // What was typed is not to be lost with the terminal.
            self.handle(Msg::Terminate);
        }
        self.input = None;
        // The screen goes first, so that leaving feels like leaving.
        let left = self.console.leave();
        self.outside.connections.finish(FAREWELL).await;
        if let Some(saver) = &self.outside.saver {
            saver.finish(LAST_SAVE).await;
        }
        self.outside.sessions.attend(&self.model, &self.inbox);
        self.outside.sessions.finish(LAST_ROWS).await;
        if self.ending.signal.is_none() {
            ran?;
            left?;
        }
        Ok(self.ending)
    }

    async fn turns(&mut self, signals: &mut Option<Signals>) -> io::Result<()> {
        let inbox = self.inbox.clone();
        while !self.quit {
            if self.picture_due(self.clock.now()).is_some_and(|at| at <= self.clock.now()) {
                self.draw()?;
            }
            self.outside.sessions.attend(&self.model, &self.inbox);
            let wake = self.wake_at(self.clock.now());
            let clock = self.clock;
            let woken = tokio::select! {
                biased;
                signal = next_signal(signals) => Woken::Signal(signal),
                event = next_input(&mut self.input) => Woken::Input(event),
                status = end_of(&mut self.editing) => Woken::Edited(status),
                () = inbox.woken() => Woken::Results,
                () = sleep_until(clock, wake) => Woken::Due,
            };
            match woken {
                Woken::Signal(signal) => self.signal(signal)?,
                Woken::Input(Some(Ok(event))) => self.input(event),
                Woken::Input(Some(Err(error))) => return Err(error),
                // Nobody can type any more.
                Woken::Input(None) => self.handle(Msg::Terminate),
                Woken::Edited(status) => self.edited(status)?,
                Woken::Results | Woken::Due => {}
            }
            self.drain().await?;
            self.due();
            if let Some((text, what)) = self.inbox.take_copy() {
                self.copy(&text, &what)?;
            }
            let tabs: Vec<TabId> = self.model.tabs.iter().map(|tab| tab.id).collect();
            self.outside.jobs.tidy(|tab| tabs.contains(&tab));
            self.outside.probes.tidy(|tab| tabs.contains(&tab));
        }
        Ok(())
    }

    /// Takes what else has come, within bounds: input and results by turns.
    async fn drain(&mut self) -> io::Result<()> {
        let began = self.clock.now();
        for _ in 0..DRAIN {
            let event = ready_input(&mut self.input).await;
            let result = self.inbox.pop();
            if event.is_none() && result.is_none() {
                break;
            }
            match event {
                Some(Some(Ok(event))) => self.input(event),
                Some(Some(Err(error))) => return Err(error),
                Some(None) => self.handle(Msg::Terminate),
                None => {}
            }
            if let Some(msg) = result {
                self.handle(msg);
            }
            if self.quit {
                break;
            }
            if self.clock.now().since(began) >= DRAIN_TIME {
                break;
            }
        }
        // What is left has given its wake-up away.
        if self.inbox.has_more() {
            self.inbox.wake_again();
        }
        Ok(())
    }

    fn input(&mut self, event: crossterm::event::Event) {
        fail_on_purpose(&event);
        let now = self.clock.now();
        if let Some(msg) = self.translate.translate(event, now) {
            self.handle(msg);
        }
    }

    /// Lets a message happen, and carries out what comes of it.
    fn handle(&mut self, msg: Msg) {
        self.outside.seen(&msg);
        self.dirty = true;
        let mut effects: VecDeque<_> = update(&mut self.model, msg, self.clock.now()).into();
        while let Some(effect) = effects.pop_front() {
            let Some(wanted) = self.outside.perform(effect, &self.model) else { continue };
            match wanted {
                ForTerminal::Quit => self.quit = true,
                ForTerminal::Redraw => self.clear(),
                ForTerminal::Suspend => self.suspend(),
                ForTerminal::Page { text, suffix } => {
                    if let Err(why) = self.page(&text, suffix) {
                        let msg = Msg::Said { ok: false, text: why };
                        effects.extend(update(&mut self.model, msg, self.clock.now()));
                    }
                }
                ForTerminal::Edit { tab, text, suffix } => {
                    if let Err(why) = self.edit(tab, &text, suffix) {
                        let msg = Msg::Edited { tab, result: Err(why) };
                        effects.extend(update(&mut self.model, msg, self.clock.now()));
                    }
                }
            }
        }
    }

    fn due(&mut self) {
        let now = self.clock.now();
        if schedule::next_deadline(&self.model, self.last_picture.unwrap_or(now))
            .is_some_and(|at| at <= now)
        {
            self.handle(Msg::Deadline);
        }
    }

    /// When to draw; `None` if nothing has changed.
    fn picture_due(&self, now: Micros) -> Option<Micros> {
        if self.editing.is_some() || !(self.dirty || self.inbox.has_grown()) {
            return None;
        }
        Some(self.last_picture.map_or(now, |last| last.plus(self.pace)))
    }

    fn wake_at(&self, now: Micros) -> Option<Micros> {
        let deadline = schedule::next_deadline(&self.model, now);
        deadline.into_iter().chain(self.picture_due(now)).min()
    }

    fn draw(&mut self) -> io::Result<()> {
        for tab in self.inbox.take_grown() {
            self.handle(Msg::LogGrew(tab));
        }
        self.console.begin_picture()?;
        let now = self.clock.now();
        let mut geometry = Geometry::default();
        let (model, styles) = (&self.model, &self.styles);
        self.console
            .terminal()
            .draw(|frame| geometry = tui::draw(model, styles, now, frame))
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.console.end_picture()?;
        self.last_picture = Some(now);
        // Places that have changed their size may hold something else: what the cursor needs seen
        // depends on it. One more picture shows it.
        let resized = sizes(&self.model.geometry) != sizes(&geometry);
        self.handle(Msg::Drawn(geometry));
        self.dirty = resized;
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            // It belongs to the program that has the terminal.
            Signal::Interrupt if self.editing.is_some() => {}
            Signal::Interrupt => self.end(2),
            Signal::End(number) => self.end(number),
            // Whoever had the terminal meanwhile has set it as it likes it.
            Signal::Continue if self.editing.is_none() => {
                self.console.enter()?;
                self.dirty = true;
            }
            Signal::Continue => {}
        }
        Ok(())
    }

    fn end(&mut self, number: u8) {
        self.ending.signal = Some(number);
        // Ends the program that has the terminal, too.
        self.editing = None;
        self.handle(Msg::Terminate);
    }

    fn clear(&mut self) {
        // An error shows itself at the next picture.
        let _ = self.console.wipe();
        self.dirty = true;
    }

    fn suspend(&mut self) {
        self.input = None;
        let stopped = self.console.leave().and_then(|()| self.console.stop());
        // Here the program goes on.
        let entered = self.console.enter();
        self.input = Some(self.console.input());
        self.dirty = true;
        if let Err(error) = stopped.and(entered) {
            self.inbox.push(Msg::Said { ok: false, text: format!("Stopping failed: {error}.") });
        }
    }

    fn edit(&mut self, tab: TabId, text: &ropey::Rope, suffix: &str) -> Result<(), String> {
        if self.editing.is_some() {
            return Err("The editor is open already.".into());
        }
        let env = |name: &str| std::env::var(name).ok();
        let setting = &self.model.settings.tools.editor;
        let command = EDITOR.choose(setting, env, outside_program::is_installed)?;
        let session = Session::begin(text, suffix, command, &std::env::temp_dir())
            .map_err(|error| format!("A file for the editor cannot be written: {error}."))?;
        self.hand_over(Some(tab), session);
        Ok(())
    }

    fn page(&mut self, text: &ropey::Rope, suffix: &str) -> Result<(), String> {
        if self.editing.is_some() {
            return Err("Another program has the terminal already.".into());
        }
        let env = |name: &str| std::env::var(name).ok();
        let setting = &self.model.settings.tools.pager;
        let command = PAGER.choose(setting, env, outside_program::is_installed)?;
        // A pager may pass control characters on to the terminal.
        let escaped = ropey::Rope::from(&*sanitize::escape_multiline(&text.to_string()));
        let session = Session::begin(&escaped, suffix, command, &std::env::temp_dir())
            .map_err(|error| format!("A file for the pager cannot be written: {error}."))?;
        self.hand_over(None, session);
        Ok(())
    }

    /// Gives the terminal to another program until it ends.
    fn hand_over(&mut self, tab: Option<TabId>, session: Session) {
        self.input = None;
        let running = self.console.run(session.command.clone());
        if let Err(error) = self.console.leave() {
            tracing::warn!("leaving the terminal: {error}");
        }
        self.editing = Some(Editing { tab, session, running });
    }

    fn edited(&mut self, status: io::Result<Result<(), String>>) -> io::Result<()> {
        let Some(Editing { tab, session, .. }) = self.editing.take() else { return Ok(()) };
        self.console.enter()?;
        self.input = Some(self.console.input());
        let program = session.command.first().cloned().unwrap_or_default();
        let result = match status {
            Ok(Ok(())) => {
                session.end().map_err(|error| format!("What {program} left is not text: {error}."))
            }
            Ok(Err(why)) if tab.is_some() => {
                Err(format!("{program} failed ({why}); the message is unchanged."))
            }
            Ok(Err(why)) => Err(format!("{program} failed ({why}).")),
            Err(error) => Err(format!("{program} cannot be started: {error}.")),
        };
        match (tab, result) {
            (Some(tab), result) => self.handle(Msg::Edited { tab, result }),
            (None, Err(text)) => self.handle(Msg::Said { ok: false, text }),
            (None, Ok(_)) => {}
        }
        self.dirty = true;
        Ok(())
    }

    fn copy(&mut self, text: &str, what: &str) -> io::Result<()> {
        let (send, said) = self.outside.clipboard.by_terminal(text, what);
        if send && self.editing.is_none() {
            self.console.copy(text)?;
        }
        self.handle(said);
        Ok(())
    }
}

fn sizes(geometry: &Geometry) -> [View; 8] {
    let g = geometry;
    [g.screen, g.url, g.composer, g.body, g.log, g.detail, g.saved, g.modal]
}

async fn next_signal(signals: &mut Option<Signals>) -> Signal {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

async fn next_input<S: Stream + Unpin>(input: &mut Option<S>) -> Option<S::Item> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

/// The next event if it is there already. It is asked for in the name of the running task:
/// crossterm's stream remembers whom to wake from the first one that asks.
async fn ready_input<S: Stream + Unpin>(input: &mut Option<S>) -> Option<Option<S::Item>> {
    let input = input.as_mut()?;
    std::future::poll_fn(|cx| match input.poll_next_unpin(cx) {
        Poll::Ready(event) => Poll::Ready(Some(event)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn end_of(editing: &mut Option<Editing>) -> io::Result<Result<(), String>> {
    match editing {
        Some(editing) => (&mut editing.running).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(clock: Clock, at: Option<Micros>) {
    match at {
        Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
        None => std::future::pending().await,
    }
}

/// For the test that a panic gives the terminal back: in a debug build, a key press panics if
/// `WSDECK_TEST_PANIC` is set.
fn fail_on_purpose(event: &crossterm::event::Event) {
    #[cfg(debug_assertions)]
    if event.is_key_press() && std::env::var_os("WSDECK_TEST_PANIC").is_some() {
        #[expect(clippy::panic, reason = "it is what the test asks for")]
        {
            panic!("asked for by WSDECK_TEST_PANIC");
        }
    }
    let _ = event;
}
