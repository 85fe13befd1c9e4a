//! A window with the program in it: a pseudo-terminal, and a terminal emulator that reads it.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long anything may take. Nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the emulator was asked to do beside drawing.
#[derive(Default)]
struct Asked {
    titles: Vec<String>,
    bells: usize,
    clipboard: usize,
}

impl vt100::Callbacks for Asked {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.titles.push(String::from_utf8_lossy(title).into_owned());
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], _: &[u8]) {
        self.clipboard += 1;
    }
}

struct Seen {
    parser: vt100::Parser<Asked>,
    output: Vec<u8>,
    ended: bool,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

pub(super) struct Window {
    seen: Shared,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    home: TempDir,
}

impl Window {
    /// Where its files are.
    pub(super) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Starts the program in a window of 120x40.
    pub(super) fn open(args: &[&str], env: &[(&str, &str)]) -> Window {
        let (cols, rows) = (120, 40);
        let size = PtySize { cols, rows, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wsdeck"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        // The message of a panic is to fit on the screen.
        command.env("RUST_BACKTRACE", "0");
        command.env("WSDECK_CONFIG_DIR", home.path().join("config"));
        command.env("WSDECK_DATA_DIR", home.path().join("data"));
        for name in ["NO_COLOR", "TMUX", "VISUAL", "EDITOR"] {
            command.env_remove(name);
        }
        for name in ["http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy", "no_proxy"]
        {
            command.env_remove(name);
            command.env_remove(name.to_uppercase());
        }
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let parser =
            vt100::Parser::new_with_callbacks(cells(rows), cells(cols), 0, Asked::default());
        let seen = Seen { parser, output: Vec::new(), ended: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let reader = pair.master.try_clone_reader().unwrap();
        let (answers, shared) = (Arc::clone(&keyboard), Arc::clone(&seen));
        std::thread::spawn(move || watch(reader, &shared, &answers));
        Window { seen, keyboard, master: pair.master, child, home }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }

    /// Types bytes as a terminal sends them.
    pub(super) fn keys(&mut self, bytes: &str) {
        let mut keyboard = self.keyboard.lock().unwrap();
        keyboard.write_all(bytes.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    pub(super) fn resize(&mut self, cols: u16, rows: u16) {
        self.seen().parser.screen_mut().set_size(cells(rows), cells(cols));
        self.master.resize(PtySize { cols, rows, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    pub(super) fn rows(&self) -> Vec<String> {
        let seen = self.seen();
        let (_, cols) = seen.parser.screen().size();
        seen.parser.screen().rows(0, cols.get()).collect()
    }

    pub(super) fn text(&self) -> String {
        self.seen().parser.screen().contents()
    }

    /// Everything that was written, as it came.
    pub(super) fn output(&self) -> String {
        String::from_utf8_lossy(&self.seen().output).into_owned()
    }

    pub(super) fn titles(&self) -> Vec<String> {
        self.seen().parser.callbacks().titles.clone()
    }

    pub(super) fn bells(&self) -> usize {
        self.seen().parser.callbacks().bells
    }

    pub(super) fn clipboard(&self) -> usize {
        self.seen().parser.callbacks().clipboard
    }

    pub(super) fn wait_for(&self, text: &str) {
        self.wait_until(text, |window| window.text().contains(text));
    }

    /// Waits, woken by whatever the program writes.
    pub(super) fn wait_until(&self, what: &str, is: impl Fn(&Window) -> bool) {
        let limit = Instant::now() + PATIENCE;
        loop {
            let (length, ended) = {
                let seen = self.seen();
                (seen.output.len(), seen.ended)
            };
            if is(self) {
                return;
            }
            let waited = Instant::now() >= limit;
            assert!(!ended && !waited, "waited in vain for {what}; the screen is\n{}", self.text());
            let same = |seen: &mut Seen| seen.output.len() == length && !seen.ended;
            let _ = self.seen.1.wait_timeout_while(self.seen(), PATIENCE, same).unwrap();
        }
    }

    /// Waits for the program's end; gives its exit code.
    pub(super) fn end(&mut self) -> u32 {
        let seen = self.seen.1.wait_timeout_while(self.seen(), PATIENCE, |seen| !seen.ended);
        let ended = seen.unwrap().0.ended;
        assert!(ended, "the program does not end; the screen is\n{}", self.text());
        self.child.wait().unwrap().exit_code()
    }

    /// Whether the program has the terminal.
    pub(super) fn is_taken(&self) -> bool {
        let seen = self.seen();
        let screen = seen.parser.screen();
        screen.alternate_screen() && screen.bracketed_paste()
    }

    /// The terminal is as a shell wants it.
    pub(super) fn assert_given_back(&self) {
        let output = self.output();
        let seen = self.seen();
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is on");
        assert!(!screen.bracketed_paste(), "bracketed paste is on");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        let count = |text: &str| output.matches(text).count();
        assert_eq!(count("\x1b[22;0t"), count("\x1b[23;0t"), "the title is not given back");
        assert_eq!(count("\x1b[>1u"), count("\x1b[<1u"), "the keyboard is not given back");
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // If the test failed it may be running still.
        let _ = self.child.kill();
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a window has cells")
}

/// Reads what the program writes, and answers its questions as a modern terminal does.
fn watch(
    mut reader: Box<dyn std::io::Read + Send>,
    shared: &Shared,
    answers: &Mutex<Box<dyn Write + Send>>,
) {
    let mut chunk = [0; 4096];
    loop {
        let length = reader.read(&mut chunk).unwrap_or(0);
        let mut answer = String::new();
        {
            let mut seen = shared.0.lock().unwrap();
            if length == 0 {
                seen.ended = true;
                shared.1.notify_all();
                return;
            }
            // A question may be cut in two by the end of the chunk before.
            let asked_before = questions(&seen.output);
            seen.output.extend_from_slice(&chunk[..length]);
            seen.parser.process(&chunk[..length]);
            let asked = questions(&seen.output);
            for _ in asked_before.0..asked.0 {
                answer.push_str("\x1b[?0u");
            }
            for _ in asked_before.1..asked.1 {
                answer.push_str("\x1b[?62;22c");
            }
        }
        if !answer.is_empty() {
            let mut keyboard = answers.lock().unwrap();
            let _ = keyboard.write_all(answer.as_bytes()).and_then(|()| keyboard.flush());
        }
        shared.1.notify_all();
    }
}

/// How often the keyboard protocol and the kind of terminal were asked for.
fn questions(output: &[u8]) -> (usize, usize) {
    let count = |text: &[u8]| memchr::memmem::find_iter(output, text).count();
    (count(b"\x1b[?u"), count(b"\x1b[c"))
}
