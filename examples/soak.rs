//! A long flood into the real program in a real terminal, watched from outside: that its memory
//! stays flat, that it answers keys all the while, and that nothing is lost, by count and checksum
//! of what it wrote to disk.
//!
//! ```text
//! cargo run --release --example soak -- --messages 10000000
//! ```
//!
//! Prints a line every few seconds and a summary; ends with 1 if a message is missing or differs.
//! Nothing here is a limit that fails: memory and times are figures to be read.

#![expect(clippy::disallowed_methods, reason = "it looks at another process, at times of its own")]

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use sha2::{Digest as _, Sha256};
use wsdeck::core::message::{Direction, MessageKind};
use wsdeck::core::time::Micros;
use wsdeck::log::{DiskOptions, Filter, LogHandle};
use wsdeck::practice::{Options, Server};

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;

/// Between two keys that are timed.
const PACE: Duration = Duration::from_millis(500);

/// Between two lines of the report.
const REPORT: Duration = Duration::from_secs(5);

struct Seen {
    parser: vt100::Parser,
    ended: bool,
}

type Shared = Arc<Mutex<Seen>>;

fn main() -> anyhow::Result<()> {
    let mut messages = 10_000_000u64;
    let mut size = 150u64;
    let mut rate = 0u64;
    let mut wsdeck = None;
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--messages" => messages = value.parse()?,
            "--size" => size = value.parse()?,
            "--rate" => rate = value.parse()?,
            "--wsdeck" => wsdeck = Some(value.into()),
            // Only looks at what an earlier run has left.
            "--verify" => return verify(Path::new(&value), messages, size),
            _ => bail!(
                "unknown: {name}; there are --messages, --size, --rate, --wsdeck and --verify"
            ),
        }
    }
    let wsdeck = match wsdeck {
        Some(path) => path,
        // Beside the folder of examples.
        None => std::env::current_exe()?
            .parent()
            .and_then(Path::parent)
            .context("this program has no folder")?
            .join("wsdeck"),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server =
        runtime.block_on(Server::start(Options { tls_listen: None, ..Options::default() }))?;
    let url = server.url(&format!("/flood?count={messages}&size={size}&rate={rate}"));
    let home = tempfile::tempdir()?;
    watch(&wsdeck, &url, home.path(), messages)?;
    runtime.block_on(server.shutdown());
    verify(&home.path().join("data"), messages, size)
}

/// Runs the program until it says that the connection is closed, timing keys meanwhile.
fn watch(wsdeck: &Path, url: &str, home: &Path, messages: u64) -> anyhow::Result<()> {
    let size = PtySize { cols: COLUMNS, rows: ROWS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(wsdeck);
    command.args([url, "--connect"]);
    command.env("TERM", "xterm-256color");
    command.env("WSDECK_CONFIG_DIR", home.join("config"));
    command.env("WSDECK_DATA_DIR", home.join("data"));
    command.env_remove("TMUX");
    let began = Instant::now();
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let pid = child.process_id().context("the program has no process id")?;
    let keyboard = Arc::new(Mutex::new(pair.master.take_writer()?));
    let cells = |n: u16| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    let parser = vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0);
    let seen: Shared = Arc::new(Mutex::new(Seen { parser, ended: false }));
    let reader = pair.master.try_clone_reader()?;
    let (shared, answers) = (Arc::clone(&seen), Arc::clone(&keyboard));
    std::thread::spawn(move || take(reader, &shared, &answers));

    let type_in = |text: &str| -> anyhow::Result<()> {
        let mut keyboard = keyboard.lock().unwrap_or_else(PoisonError::into_inner);
        keyboard.write_all(text.as_bytes())?;
        keyboard.flush()?;
        Ok(())
    };
    let mut line = String::new();
    let mut waits = Vec::new();
    let mut most = 0;
    let mut reported = Instant::now();
    // The composer is where keys go.
    until(&seen, "CONNECTED")?;
    type_in("\x1bm")?;
    loop {
        std::thread::sleep(PACE);
        let screen = text(&seen);
        if screen.contains("CLOSED") {
            break;
        }
        // Letters that stand nowhere else on the screen, one more with each key.
        line.push('ǂ');
        let pressed = Instant::now();
        type_in("ǂ")?;
        while !text(&seen).contains(&line) && pressed.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_micros(500));
        }
        waits.push(pressed.elapsed());
        if line.chars().count() == 40 {
            // Ctrl+U and Ctrl+K empty a line; a select-all works everywhere.
            type_in("\x01\x7f")?;
            line.clear();
            std::thread::sleep(Duration::from_millis(100));
        }
        let memory = resident_kib(pid)?;
        most = most.max(memory);
        if reported.elapsed() >= REPORT {
            reported = Instant::now();
            println!(
                "{:5.1} s  {:4} MiB  keys on screen after {:5.1} ms at most  {}",
                began.elapsed().as_secs_f64(),
                memory / 1024,
                waits.iter().max().copied().unwrap_or_default().as_secs_f64() * 1e3,
                counts(&screen),
            );
        }
    }
    let took = began.elapsed();
    let screen = text(&seen);
    println!("the end: {}", counts(&screen));
    type_in("\x11")?;
    let status = child.wait()?;
    waits.sort();
    let at = |share: f64| -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list"
        )]
        let place = ((waits.len().saturating_sub(1)) as f64 * share) as usize;
        waits.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3
    };
    println!(
        "{messages} messages in {:.1} s, {:.2} million/s; {} keys, on screen after {:.1} ms \
         (median), {:.1} ms (99 %), {:.1} ms (most); {} MiB at most; ended with {}",
        took.as_secs_f64(),
        messages as f64 / took.as_secs_f64() / 1e6,
        waits.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        most / 1024,
        status.exit_code(),
    );
    Ok(())
}

/// Reads what the program draws, and answers what it asks its terminal.
fn take(
    mut reader: Box<dyn std::io::Read + Send>,
    seen: &Shared,
    answers: &Mutex<Box<dyn Write + Send>>,
) {
    let mut buffer = [0; 65536];
    while let Ok(count) = reader.read(&mut buffer) {
        if count == 0 {
            break;
        }
        let bytes = &buffer[..count];
        if bytes.windows(3).any(|part| part == b"\x1b[c") {
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = answers.write_all(b"\x1b[?62;c");
        }
        seen.lock().unwrap_or_else(PoisonError::into_inner).parser.process(bytes);
    }
    seen.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
}

fn text(seen: &Shared) -> String {
    seen.lock().unwrap_or_else(PoisonError::into_inner).parser.screen().contents()
}

fn until(seen: &Shared, awaited: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    while !text(seen).contains(awaited) {
        if began.elapsed() > Duration::from_secs(20) {
            bail!("{awaited} never came on screen:\n{}", text(seen));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// The line of the log's header, with its counts.
fn counts(screen: &str) -> &str {
    let line = screen.lines().find(|line| line.contains(" kept")).unwrap_or_default();
    line.find("kept")
        .map_or(line, |at| line[..at].rfind("  ").map_or(line, |from| &line[from..]))
        .trim()
}

fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .context("memory is read from /proc, which only Linux has")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0))
}

/// Reads the session back as the next run of the program would, and compares every message with
/// what the server sent, by count and by a checksum over all of them in order.
fn verify(data: &Path, messages: u64, size: u64) -> anyhow::Result<()> {
    let session = session_in(&data.join("sessions")).context("the program left no session")?;
    let about: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(session.join("session.json"))?)?;
    let field = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
    let folder = session.parent().context("a session is in a folder")?.to_owned();
    let log = LogHandle::new(64 << 20);
    let options = DiskOptions::new(folder, u64::MAX / 2, Micros(0));
    log.keep_on_disk(options.of(field("workspace"), field("request")));
    let began = Instant::now();
    // Rows come back from the newest to the oldest.
    if !log.settle(Duration::from_secs(300)) {
        bail!("the session does not come back: {:?}", log.stats());
    }
    let stats = log.stats();
    let (mut found, mut expected) = (Sha256::new(), Sha256::new());
    let mut count = 0;
    let mut from = stats.first;
    while from < stats.end {
        let to = (from + 4096).min(stats.end);
        for entry in log.read(Filter::ALL, from..to) {
            if let Some((Direction::In, MessageKind::Text, payload)) = entry.message() {
                expected.update(sent(count, size));
                found.update(payload);
                count += 1;
            }
        }
        from = to;
    }
    let same = found.finalize() == expected.finalize();
    println!(
        "read back in {:.1} s: {count} of {messages} messages, checksum {}",
        began.elapsed().as_secs_f64(),
        if same { "as sent" } else { "DIFFERENT" },
    );
    if count != messages || !same {
        bail!("not everything is there");
    }
    Ok(())
}

/// The folder of the only session below this one.
fn session_in(folder: &Path) -> Option<PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.join("session.json").is_file() {
            return Some(path);
        }
        if path.is_dir()
            && let Some(found) = session_in(&path)
        {
            return Some(found);
        }
    }
    None
}

/// The flood's message of this number, counted from 0; the form is that of the practice server.
fn sent(number: u64, size: u64) -> Vec<u8> {
    let mut text = format!("{{\"n\":{number:>12},\"text\":\"").into_bytes();
    let fill = usize::try_from(size).unwrap_or(0).saturating_sub(text.len() + 2);
    text.extend(b"the quick brown fox jumps over the lazy dog ".iter().cycle().take(fill));
    text.extend(b"\"}");
    text
}
