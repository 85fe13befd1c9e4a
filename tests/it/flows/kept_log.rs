//! The log on disk: more than the memory holds, and what the next run shows.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::path::{Path, PathBuf};

use wsdeck::core::message::MessageKind;
use wsdeck::log::{Filter, LogHandle};
use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

/// Folders of the sessions below a data folder.
pub(crate) fn sessions(data: &Path) -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    };
    folders(&data.join("sessions")).iter().flat_map(|workspace| folders(workspace)).collect()
}

/// Numbers of a flood's messages, as they stand in the log. Their form is checked.
pub(crate) fn flood_numbers(log: &LogHandle, size: usize) -> Vec<u64> {
    log.read(Filter::ALL, 0..u64::MAX)
        .iter()
        .filter_map(|entry| entry.message())
        .filter(|(_, kind, _)| *kind == MessageKind::Text)
        .map(|(_, _, payload)| {
            assert_eq!(payload.len(), size);
            let value: serde_json::Value = serde_json::from_slice(payload).unwrap();
            assert!(value["text"].as_str().unwrap().starts_with("the quick brown"));
            value["n"].as_u64().unwrap()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_larger_than_the_memory_is_there_from_end_to_end() {
    const COUNT: u64 = 300_000;
    let server = practice().await;
    let request = request(&server.url(&format!("/flood?count={COUNT}&size=150")));
    let start = Start { request, connect: true, ..Start::default() };
    let config = "[log]\nmemory_mib = 1\n";
    let mut app = App::with(Setup { start, config, ..Setup::default() }).await;
    app.wait_for("CLOSED 1000").await;
    app.wait_for_line(&["↓ 300,000"]).await;
    app.key("alt+l").await;
    app.key("g").await;
    app.wait_for_line(&["connected: 127.0.0.1"]).await;
    app.wait_for_line(&["↓", "{\"n\":           2,"]).await;
    app.key("/").await;
    app.type_text("\"n\":      150123,").await;
    app.wait_for("1/1").await;
    app.wait_for_line(&["▸", "150123"]).await;
    let home = app.quit().await;

    let folders = sessions(&home.path().join("data"));
    assert_eq!(folders.len(), 1);
    let log = LogHandle::reopen(&folders[0], 1024 * 1024).unwrap();
    let numbers = flood_numbers(&log, 150);
    assert_eq!(numbers.len() as u64, COUNT);
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert_eq!((log.stats().evicted, log.stats().gaps), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_shows_what_was_said() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    app.key("alt+m").await;
    app.type_text("said before").await;
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "said before"]).await;
    let home = app.quit().await;

    let mut app = App::at(home, Setup::default()).await;
    app.wait_for_line(&["↓", "said before"]).await;
    app.wait_for_line(&["the program ended at"]).await;
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    app.key("alt+m").await;
    app.key("ctrl+s").await;
    app.wait_until("the new line below the old one", |picture| {
        let at = |text: &str| picture.lines.iter().rposition(|line| line.contains(text));
        at("the program ended at").is_some_and(|ended| at("said before").is_some_and(|l| l > ended))
    })
    .await;
    let home = app.quit().await;
    assert_eq!(sessions(&home.path().join("data")).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_if_nothing_is_to_be_kept() {
    let server = practice().await;
    let start = Start { request: request(&server.url("/echo")), connect: true, ..Start::default() };
    let config = "[log]\nkeep_on_disk = false\n";
    let mut app = App::with(Setup { start, config, ..Setup::default() }).await;
    app.wait_for("● CONNECTED").await;
    let home = app.quit().await;
    assert!(!home.path().join("data/sessions").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_no_session() {
    let start = Start { demo: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.key("enter").await;
    app.wait_for("● CONNECTED").await;
    let home = app.quit().await;
    assert!(!home.path().join("data/sessions").exists());
}
