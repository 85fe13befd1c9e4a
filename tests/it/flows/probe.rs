//! Probing in the interface: a key, the results, the question before anything goes out again.

use wsdeck::core::secret::Secret;
use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_finds_the_cause_and_another_one_mends_it() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/slash")).await;
    app.key("enter").await;
    app.wait_for("✗ FAILED http/404-path").await;
    app.key("p").await;
    // Told in the footer, and each one in the log.
    app.wait_for("404 as it stands; it opens with a slash at the end.").await;
    app.wait_for_line(&["probe: with a slash at the end", "→ opens"]).await;
    app.key("1").await;
    app.wait_for("● CONNECTED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_out_again_only_after_a_yes() {
    let server = practice().await;
    let mut draft = request(&server.url("/status/404"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", Secret::new("tok-4711-very-secret"));
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("✗ FAILED http/404-path").await;
    app.key("p").await;
    app.wait_for("None of 3 probes made a difference.").await;
    let sent = |server: &wsdeck::practice::Server| {
        server.requests().iter().filter(|seen| seen.text().contains("4711")).count()
    };
    assert_eq!(sent(&server), 1, "only the attempt itself");
    app.key("p").await;
    app.wait_for_line(&["header Authorization"]).await;
    app.key("y").await;
    app.wait_for("None of 4 probes made a difference.").await;
    assert_eq!(sent(&server), 2);
    app.sees_not("4711");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_setting_they_begin_by_themselves() {
    let server = practice().await;
    let start =
        Start { request: request(&server.url("/origin/own")), connect: true, ..Start::default() };
    let config = "[interface]\nclipboard = \"osc52\"\nprobes = \"auto\"\n";
    let mut app = App::with(Setup { start, config, ..Setup::default() }).await;
    app.wait_for("403 only when Origin is absent.").await;
    app.wait_for("✗ FAILED http/403-origin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_in_the_middle_is_no_trouble() {
    let server = practice().await;
    let mut draft = request(&server.url("/hang"));
    if let Some(draft) = &mut draft {
        draft.settings.connect_timeout_ms = 200;
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("✗ FAILED http/silent").await;
    app.key("p").await;
    app.quit().await;
}
