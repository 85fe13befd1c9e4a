//! Connecting, failing, trying again, closing.

use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

#[tokio::test(flavor = "multi_thread")]
async fn paste_an_address_and_press_enter() {
    let server = practice().await;
    let mut app = App::start().await;
    assert!(app.corner().ends_with("○ NOT CONNECTED"), "{}", app.corner());
    app.paste(&server.url("/echo")).await;
    app.key("enter").await;
    app.wait_for("● CONNECTED").await;
    let corner = app.corner();
    let (before, _) = corner.split_once("● CONNECTED").unwrap();
    assert!(before.chars().count() > 60, "the state belongs into the corner: {corner}");
    app.wait_for_line(&["connected", &server.addr().to_string()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_and_the_command_line_connect_as_well() {
    let server = practice().await;
    let start = Start { request: request(&server.url("/echo")), ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.click("Connect").await;
    app.wait_for("● CONNECTED").await;
    app.key("ctrl+d").await;
    app.wait_for("CLOSED 1000").await;
    App::connected(&server.url("/clock")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_opens_the_handshake_with_its_verdict() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/auth/bearer")).await;
    app.key("enter").await;
    let screen = app.wait_for("✗ FAILED http/").await;
    // The stage line, the verdict, and what the server said.
    assert!(screen.line(&["TCP ✓", "HTTP ✗"]).is_some(), "{}", screen.text());
    assert!(screen.line(&["✗ ", "127.0.0.1"]).is_some(), "{}", screen.text());
    assert!(screen.has("401"), "{}", screen.text());
    assert!(screen.line(&["failed:", "http/"]).is_some(), "{}", screen.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_mends_a_wrong_scheme_and_connects() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo").replacen("ws://", "wss://", 1)).await;
    app.key("enter").await;
    app.wait_for("✗ FAILED tls/plain-http-server").await;
    app.wait_for("WRONG_VERSION_NUMBER").await;
    app.key("1").await;
    app.wait_for("● CONNECTED").await;
    app.sees(&server.url("/echo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_a_verdict_too() {
    let server = practice().await;
    let mut draft = request(&server.tls_url("/echo"));
    if let Some(draft) = &mut draft {
        draft.settings.ca_file = "/nowhere/ca.pem".into();
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("✗ FAILED url/file-unreadable").await;
    app.sees("/nowhere/ca.pem");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_an_attempt_that_hangs() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/hang")).await;
    app.key("enter").await;
    app.wait_for("◌ CONNECTING: upgrading").await;
    app.key("ctrl+d").await;
    app.wait_for("○ NOT CONNECTED").await;
    app.wait_for("connecting was stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_comes_back_and_the_log_stays() {
    let server = practice().await;
    let mut draft = request(&server.url("/echo"));
    if let Some(draft) = &mut draft {
        draft.settings.reconnect_attempts = 5;
        draft.settings.reconnect_interval_ms = 1;
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("● CONNECTED").await;
    app.key("alt+m").await;
    app.type_text("before the loss").await;
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "before the loss"]).await;
    server.drop_all_connections();
    app.wait_for("reconnected (attempt 1)").await;
    let screen = app.wait_for("● CONNECTED").await;
    assert!(screen.line(&["↓", "before the loss"]).is_some(), "{}", screen.text());
    app.key("ctrl+s").await;
    app.wait_until("two echoes", |p| {
        p.lines.iter().filter(|line| line.contains("↓") && line.contains("before the")).count() >= 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_not_tried_again() {
    let server = practice().await;
    let mut draft = request(&server.url("/status/401"));
    if let Some(draft) = &mut draft {
        draft.settings.reconnect_attempts = 5;
        draft.settings.reconnect_interval_ms = 1;
    }
    let start = Start { request: draft, connect: true, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.wait_for("✗ FAILED http/").await;
    app.quit().await;
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_while_not_connected_connects_first() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo")).await;
    app.key("alt+m").await;
    app.type_text("kept until open").await;
    app.key("ctrl+s").await;
    app.wait_for("Connect and send").await;
    app.key("enter").await;
    app.wait_for_line(&["↑", "kept until open"]).await;
    app.wait_for_line(&["↓", "kept until open"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_with_a_code_of_ones_own() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    app.palette("Close with a code").await;
    app.wait_for("Close with a code").await;
    app.key("ctrl+u").await;
    app.type_text("1006 no").await;
    app.key("enter").await;
    app.wait_for("never goes over the wire").await;
    app.key("ctrl+u").await;
    app.type_text("4001 tea time").await;
    app.key("enter").await;
    app.wait_for_line(&["↑", "close 4001", "tea time"]).await;
    app.wait_for("CLOSED 4001").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_in_the_back_goes_on_receiving() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/clock?every=0.02")).await;
    app.wait_for_line(&["↓", "\"tick\":2"]).await;
    app.key("ctrl+t").await;
    app.wait_for_line(&["1 ", "●", "2 new"]).await;
    // The number of what came unseen stands at the tab.
    app.wait_until("messages counted at the tab", |p| {
        let bar = &p.lines[0];
        let seen = bar.split('●').nth(1).and_then(|rest| rest.trim_start().split(' ').next());
        seen.and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n >= 3)
    })
    .await;
    app.paste(&server.url("/echo")).await;
    app.key("enter").await;
    app.wait_for("● CONNECTED").await;
    app.key("ctrl+pageup").await;
    app.wait_for_line(&["↓", "\"tick\":"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_anew_says_once_that_the_old_one_was_given_up() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    app.key("ctrl+r").await;
    app.sees("Once more connects anew");
    app.key("ctrl+r").await;
    app.wait_until("both connections in the log", |p| {
        p.lines.iter().filter(|line| line.contains("── connected: ")).count() == 2
    })
    .await;
    server.wait_for(|counts| counts.open == 1).await;
    app.key("alt+m").await;
    app.type_text("on the new one").await;
    app.key("ctrl+s").await;
    let screen = app.wait_for_line(&["↓", "on the new one"]).await;
    assert!(screen.has("given up for a new connection"), "{}", screen.text());
    assert!(!screen.has("closed 1006"), "{}", screen.text());
}
