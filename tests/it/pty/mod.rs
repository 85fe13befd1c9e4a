//! The real binary in a real pseudo-terminal: what only that can show, which is how the terminal
//! is left. Everything else is tested by `flows`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod killed;
mod screen;
mod secrets;

use rustix::process::Signal;
use wsdeck::practice::{Options, Server};

use screen::Window;

#[test]
fn quitting_gives_the_terminal_back() {
    let mut window = Window::open(&[], &[]);
    window.wait_for("NOT CONNECTED");
    assert!(window.is_taken());
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    window.assert_given_back();
    assert_eq!(window.titles(), ["wsdeck"]);
    // Nothing is left standing in the shell's screen.
    assert_eq!(window.text().trim(), "");
}

#[test]
fn rich_keys_are_asked_for_and_taken_back() {
    let mut window = Window::open(&[], &[]);
    window.wait_for("NOT CONNECTED");
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    let output = window.output();
    assert_eq!(output.matches("\x1b[>1u").count(), 1);
    assert_eq!(output.matches("\x1b[<1u").count(), 1);
}

#[test]
fn a_panic_gives_the_terminal_back_and_can_be_read() {
    let mut window = Window::open(&[], &[("WSDECK_TEST_PANIC", "1")]);
    window.wait_for("NOT CONNECTED");
    window.keys("x");
    assert_eq!(window.end(), 101);
    window.assert_given_back();
    assert!(window.text().contains("asked for by WSDECK_TEST_PANIC"), "{}", window.text());
}

#[test]
fn signals_that_end_give_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut window = Window::open(&[], &[]);
        window.wait_for("NOT CONNECTED");
        window.signal(signal);
        assert_eq!(window.end(), code);
        window.assert_given_back();
    }
}

#[test]
fn stopping_leaves_the_terminal_and_coming_back_draws_anew() {
    let mut window = Window::open(&[], &[]);
    window.wait_for("NOT CONNECTED");
    // Nobody could wake this process group again, so it goes on at once.
    window.keys("\x1a");
    window.wait_until("the terminal left and taken again", |window| {
        window.output().matches("\x1b[?1049h").count() == 2 && window.text().contains("CONNECTED")
    });
    assert!(window.is_taken());
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    window.assert_given_back();
}

#[test]
fn a_window_that_changes_its_size_is_drawn_anew() {
    let mut window = Window::open(&[], &[]);
    window.wait_for("NOT CONNECTED");
    window.resize(30, 8);
    window.wait_for("40x10");
    window.resize(100, 30);
    window.wait_until("the state in the new corner", |window| {
        window.rows().get(29).is_some_and(|row| row.contains("NOT CONNECTED"))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn type_an_address_connect_send_and_read_back() {
    let server = Server::start(Options::default()).await.unwrap();
    let mut window = Window::open(&[], &[]);
    window.wait_for("NOT CONNECTED");
    window.keys(&format!("{}\r", server.url("/echo")));
    window.wait_for("● CONNECTED");
    window.keys("\x1bm");
    window.keys("hello from a terminal");
    window.keys("\x13");
    window.wait_until("the echo", |window| {
        window.rows().iter().any(|row| row.contains('↓') && row.contains("hello from a terminal"))
    });
    window.keys("\x11");
    window.wait_for("Leave wsdeck?");
    window.keys("y");
    assert_eq!(window.end(), 0);
    window.assert_given_back();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_messages_do_nothing_to_the_terminal() {
    let server = Server::start(Options::default()).await.unwrap();
    let url = server.url("/escape?close=1");
    let mut window = Window::open(&[&url, "--connect"], &[]);
    window.wait_until("the hostile messages, and the end", |window| {
        window.text().contains("\\x1b[") && window.text().contains("CLOSED")
    });
    assert!(window.is_taken());
    assert_eq!(window.titles(), ["wsdeck"]);
    assert_eq!(window.bells(), 0);
    assert_eq!(window.clipboard(), 0);
    let rows = window.rows();
    assert!(rows[0].starts_with(" wsdeck"), "{}", window.text());
    assert!(rows.last().unwrap().contains("CLOSED"), "{}", window.text());
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    window.assert_given_back();
}

#[test]
fn a_long_draft_is_there_again_after_the_program_was_killed() {
    let home = tempfile::tempdir().unwrap();
    let (config, data) = (home.path().join("config"), home.path().join("data"));
    let places = [
        ("WSDECK_CONFIG_DIR", config.to_str().unwrap()),
        ("WSDECK_DATA_DIR", data.to_str().unwrap()),
    ];
    let file = home.path().join("long.txt");
    let text = "a line of a long draft\n".repeat(20 * 1024 * 1024 / 23 + 1);
    std::fs::write(&file, &text).unwrap();

    let mut window = Window::open(&["ws://127.0.0.1:9/"], &places);
    window.wait_for("NOT CONNECTED");
    window.keys("\x1bm\x1bo");
    window.wait_for("Take the message from a file");
    window.keys(&format!("{}\r", file.display()));
    window.wait_for("20.0 MiB");
    // It is written after a pause, under its name only when it is whole.
    let draft = || {
        let private = std::fs::read_dir(data.join("private")).ok()?;
        let drafts = private.flatten().map(|entry| entry.path().join("drafts"));
        let files = drafts.filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
        files.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "draft"))
    };
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while draft().is_none() {
        assert!(std::time::Instant::now() < limit, "the draft is not written");
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    window.signal(Signal::KILL);
    window.end();
    assert!(std::fs::read_to_string(draft().unwrap()).unwrap() == text);

    let mut window = Window::open(&[], &places);
    window.wait_until("the draft in the composer", |window| {
        window.text().contains("20.0 MiB") && window.text().contains("a line of a long draft")
    });
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    assert!(draft().is_some(), "it is still a draft");
}

#[test]
fn without_a_terminal_it_says_what_works_instead() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wsdeck"))
        .env("WSDECK_CONFIG_DIR", "/nowhere/config")
        .env("WSDECK_DATA_DIR", tempfile::tempdir().unwrap().path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("wsdeck check"), "{told}");
    assert!(output.stdout.is_empty());
}
