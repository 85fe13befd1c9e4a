//! What is left of a log when the program is killed.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use wsdeck::log::LogHandle;
use wsdeck::practice::{Options, Server};

use super::screen::Window;
use crate::flows::kept_log::{flood_numbers, sessions};

/// Messages received, as the screen says.
fn received(window: &Window) -> u64 {
    let text = window.text();
    let counts = text.split("↓ ").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
        digits.replace(',', "").parse().ok()
    });
    counts.max().unwrap_or(0)
}

#[test]
fn all_but_the_last_half_second_is_on_disk() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(Options::default())).unwrap();
    let url = server.url("/flood?count=100000000&size=100&rate=4000");
    let mut window = Window::open(&[&url, "--connect"], &[]);
    window.wait_until("some thousand messages", |window| received(window) > 3000);
    let (before, since) = (received(&window), Instant::now());
    // What the screen said a second ago must be there; half of that is promised.
    let second = Duration::from_secs(1);
    window.wait_until("a second to pass", |_| since.elapsed() >= second);
    window.signal(Signal::KILL);
    window.end();

    let folders = sessions(&window.home().join("data"));
    assert_eq!(folders.len(), 1);
    let facts = std::fs::read_to_string(folders[0].join("session.json")).unwrap();
    assert!(facts.contains("\"ended\": null"), "{facts}");
    let log = LogHandle::reopen(&folders[0], 1024 * 1024).unwrap();
    let numbers = flood_numbers(&log, 100);
    assert!(numbers.len() as u64 >= before, "{} of {before}", numbers.len());
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert_eq!(log.stats().gaps, 0);
}
