//! The handshake tab by keys, mouse and palette: sections, remedies and their undoing, reports,
//! attempts and their comparison, probes.

use wsdeck::core::secret::Secret;
use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

/// A program whose first attempt was refused: the token is not the right one.
async fn refused(server: &wsdeck::practice::Server) -> App {
    let mut draft = request(&server.url("/auth/bearer"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", Secret::new("not-the-right-token"));
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("✗ FAILED http/").await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_are_reached_by_keys_mouse_and_palette() {
    let server = practice().await;
    let mut app = refused(&server).await;
    let request_line = "GET /auth/bearer HTTP/1.1";
    app.sees("TCP ✓");
    app.key("right").await;
    app.sees(request_line);
    app.sees("← HTTP/1.1 401");
    app.key("l").await;
    app.sees("without TLS");
    app.keys(&["h", "left"]).await;
    app.sees_not(request_line);
    // Round the end.
    app.key("left").await;
    app.sees("This is the only attempt");
    for (key, words) in [
        ("n", "1 address tried"),
        ("s", "The connection was never open"),
        ("P", "probe"),
        ("o", "TCP ✓"),
        ("e", request_line),
    ] {
        app.key(key).await;
        app.sees(words);
    }
    app.click("Network").await;
    app.sees("an address, nothing to look up");
    // From somewhere else, by name.
    app.key("alt+m").await;
    app.palette("show-exchange").await;
    app.sees(request_line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remedy_is_taken_back_with_one_key() {
    let server = practice().await;
    let wrong = server.url("/echo").replacen("ws://", "wss://", 1);
    let mut app = App::start().await;
    app.paste(&wrong).await;
    app.key("enter").await;
    app.wait_for("✗ FAILED tls/plain-http-server").await;
    app.key("u").await;
    app.sees("No remedy was taken");
    app.key("1").await;
    app.wait_for("● CONNECTED").await;
    app.sees("Changed by a remedy: Switch to ws://");
    app.sees_not(&wrong);
    app.key("u").await;
    app.sees("Taken back: Switch to ws://");
    app.sees(&wrong);
    app.sees_not("Changed by a remedy");
    // The connection stays; only the request went back.
    app.sees("● CONNECTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_has_every_remedy() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo").replacen("ws://", "wss://", 1)).await;
    app.key("enter").await;
    app.wait_for("✗ FAILED tls/plain-http-server").await;
    app.key("f").await;
    app.sees("Change the request and connect");
    app.key("enter").await;
    app.wait_for("● CONNECTED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_go_to_the_clipboard_and_to_a_file_without_secrets() {
    let server = practice().await;
    let mut app = refused(&server).await;
    app.key("r").await;
    app.wait_for("The report").await;
    app.key("c").await;
    app.wait_for("The curl command").await;
    app.key("C").await;
    app.wait_for("The websocat command").await;
    app.key("Y").await;
    app.sees("secrets masked");
    app.key("k").await;
    app.wait_for("The command").await;
    let copied = app.copied();
    let starts = ["#", "curl ", "websocat ", "wsdeck check "];
    assert_eq!(copied.len(), starts.len(), "{copied:#?}");
    for (text, words) in copied.iter().zip(starts) {
        assert!(text.contains(words), "{words} in {text}");
        assert!(!text.contains("not-the-right-token"), "{text}");
    }
    assert!(copied[0].contains("401"), "{}", copied[0]);

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.md");
    app.key("W").await;
    app.sees("Save a report of this attempt");
    app.key("ctrl+u").await;
    app.type_text(&file.to_string_lossy()).await;
    app.key("enter").await;
    app.wait_for("The report was").await;
    let saved = std::fs::read_to_string(&file).unwrap();
    assert_eq!(saved, copied[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_two_attempts_are_compared_and_an_earlier_one_is_looked_at() {
    let server = practice().await;
    let mut app = refused(&server).await;
    app.key("alt+u").await;
    app.key("ctrl+a").await;
    app.paste(&server.url("/status/503")).await;
    app.key("enter").await;
    app.wait_for_line(&["Handshake", "✗"]).await;
    app.wait_for("Attempts 2").await;
    app.key("a").await;
    // Without marks, the last one and the one before it.
    app.wait_for_line(&["status", "401", "503"]).await;
    app.sees_not("Sec-WebSocket-Version");
    app.key("d").await;
    app.sees("the same");
    app.key("d").await;
    app.keys(&["m", "down", "space"]).await;
    let screen = app.screen();
    assert_eq!(screen.lines.iter().filter(|line| line.contains("[×]")).count(), 2);
    app.wait_for_line(&["status", "401", "503"]).await;

    app.key("enter").await;
    app.sees("not the last one");
    app.key("e").await;
    app.sees("GET /auth/bearer");
    // What is saved and copied is of this attempt too.
    app.key("y").await;
    app.wait_for("The record").await;
    let copied = app.copied();
    assert!(copied.last().is_some_and(|text| text.contains("/auth/bearer")), "{copied:?}");
    app.key("esc").await;
    app.sees_not("not the last one");
    app.key("e").await;
    app.sees("GET /status/503");
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_stand_in_a_table_with_their_conclusion() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo").replacen("ws://", "wss://", 1)).await;
    app.key("enter").await;
    app.wait_for("✗ FAILED tls/plain-http-server").await;
    app.keys(&["P", "enter"]).await;
    app.wait_for_line(&["→ ", "ws"]).await;
    app.wait_for_line(&["GET", "200"]).await;
    app.key("o").await;
    app.wait_for("Probes 1").await;
}
