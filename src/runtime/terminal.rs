//! The real terminal, and giving it back whatever happens.
//!
//! Entering and leaving is one piece of state of the process, since a panic hook and a destructor
//! must be able to leave without holding anything. Leaving twice does nothing, and every part of
//! it is tried whether or not the one before worked.

use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{EventStream, KeyboardEnhancementFlags, PushKeyboardEnhancementFlags};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{Command, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::console::{Console, Running};

/// What leaving has to undo.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    mouse: bool,
    keyboard: bool,
}

/// What was taken of the terminal; `None` while it is not ours.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

/// The thread that draws: a panic there is the end of the program.
static LOOP_THREAD: Mutex<Option<ThreadId>> = Mutex::new(None);

/// Clicks, drags and the wheel, in the form that has no limit to columns. Bare movement is not
/// asked for: it would wake the program for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Keeps the window's title on the terminal's stack, and sets ours.
const TITLE_ON: &str = "\x1b[22;0t\x1b]2;wsdeck\x1b\\";
const TITLE_OFF: &str = "\x1b[23;0t";

/// The terminal that the program was started in.
pub(super) struct RealConsole {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
    /// Whether the terminal reports keys in kitty's form; asked once.
    keyboard: Option<bool>,
}

impl RealConsole {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If there is none, or it does not let itself be set.
    pub(super) fn open(mouse: bool) -> io::Result<RealConsole> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other(
                "the interface draws on a terminal, and standard output is none; \
                 wsdeck check and wsdeck cat work without one",
            ));
        }
        install_hook();
        let out = BufWriter::with_capacity(64 * 1024, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out))?;
        let mut console = RealConsole { terminal, mouse, keyboard: None };
        console.enter()?;
        Ok(console)
    }
}

impl Drop for RealConsole {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = leave();
    }
}

impl Console for RealConsole {
    type Backend = CrosstermBackend<BufWriter<Stdout>>;
    type Input = EventStream;

    fn terminal(&mut self) -> &mut Terminal<Self::Backend> {
        &mut self.terminal
    }

    fn input(&mut self) -> EventStream {
        EventStream::new()
    }

    fn begin_picture(&mut self) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)
    }

    fn end_picture(&mut self) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    fn enter(&mut self) -> io::Result<()> {
        let _ = leave();
        *LOOP_THREAD.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(std::thread::current().id());
        terminal::enable_raw_mode()?;
        let mut taken = Taken { mouse: self.mouse, keyboard: false };
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        let mut on = String::new();
        let _ = terminal::EnterAlternateScreen.write_ansi(&mut on);
        let _ = crossterm::event::EnableBracketedPaste.write_ansi(&mut on);
        on.push_str(TITLE_ON);
        if self.mouse {
            on.push_str(MOUSE_ON);
        }
        write_out(&on)?;
        let keyboard = *self.keyboard.get_or_insert_with(may_report_keys_richly);
        if keyboard {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
            let mut on = String::new();
            let _ = PushKeyboardEnhancementFlags(flags).write_ansi(&mut on);
            write_out(&on)?;
            taken.keyboard = true;
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        }
        self.wipe()
    }

    fn leave(&mut self) -> io::Result<()> {
        leave()
    }

    #[cfg(unix)]
    fn stop(&mut self) -> io::Result<()> {
        // The whole group stops, as with Ctrl+Z in any other program. A group that nobody could
        // wake again ignores it.
        Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
    }

    #[cfg(not(unix))]
    fn stop(&mut self) -> io::Result<()> {
        Err(io::Error::other("this system does not stop programs"))
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        self.terminal.backend_mut().flush()
    }

    fn run(&mut self, command: Vec<String>) -> Running {
        Box::pin(async move {
            let Some((program, options)) = command.split_first() else {
                return Ok(Err("no program is named".into()));
            };
            let status = tokio::process::Command::new(program)
                .args(options)
                .kill_on_drop(true)
                .status()
                .await?;
            Ok(if status.success() { Ok(()) } else { Err(status.to_string()) })
        })
    }
}

/// Gives the terminal back, if it was taken.
pub(super) fn leave() -> io::Result<()> {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(taken) = taken else { return Ok(()) };
    let mut off = String::new();
    // A picture may have been cut in the middle.
    let _ = EndSynchronizedUpdate.write_ansi(&mut off);
    if taken.keyboard {
        let _ = crossterm::event::PopKeyboardEnhancementFlags.write_ansi(&mut off);
    }
    if taken.mouse {
        off.push_str(MOUSE_OFF);
    }
    let _ = crossterm::event::DisableBracketedPaste.write_ansi(&mut off);
    let _ = terminal::LeaveAlternateScreen.write_ansi(&mut off);
    let _ = crossterm::cursor::Show.write_ansi(&mut off);
    let _ = write!(off, "\x1b[0m{TITLE_OFF}");
    let written = write_out(&off);
    terminal::disable_raw_mode().and(written)
}

fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Asks the terminal whether it knows kitty's keyboard protocol. Those that are known not to are
/// not asked, since one that does not answer at all would cost two seconds.
fn may_report_keys_richly() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    let knows_not = ["dumb", "linux", "screen", "tmux", "vt"];
    if term.is_empty() || knows_not.iter().any(|name| term.starts_with(name)) {
        return false;
    }
    terminal::supports_keyboard_enhancement().unwrap_or(false)
}

/// Leaves the terminal before a panic of the drawing thread is printed, so that it can be read.
/// A panic elsewhere is caught by the task that it happened in; its message goes to our log file,
/// because on the screen it would be a blot.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            tracing::error!("panic: {info}");
            let drawing = *LOOP_THREAD.lock().unwrap_or_else(PoisonError::into_inner);
            let ours = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if !ours || drawing == Some(std::thread::current().id()) {
                let _ = leave();
                print(info);
            }
        }));
    });
}
