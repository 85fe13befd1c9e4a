//! Address, parameters, headers, authentication.

use crate::harness::{App, Setup, practice, request};
use wsdeck::runtime::Start;

#[tokio::test(flavor = "multi_thread")]
async fn address_and_parameters_follow_each_other() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste("ws://a.example/x?mode=fast&debug").await;
    app.key("alt+p").await;
    app.wait_for_line(&["mode", "fast"]).await;
    app.sees("debug");
    // Off goes out of the address and stays in the table.
    app.key("space").await;
    let screen = app.screen();
    assert!(screen.line(&["ws://a.example/x?debug"]).is_some(), "{}", screen.text());
    assert!(screen.line(&["mode", "fast"]).is_some(), "{}", screen.text());
    app.key("space").await;
    app.sees("ws://a.example/x?mode=fast&debug");
    // A new row: what would break the query is encoded.
    app.key("+").await;
    app.type_text("q").await;
    app.key("enter").await;
    app.key("enter").await;
    app.type_text("a&b").await;
    app.key("enter").await;
    app.sees("ws://a.example/x?mode=fast&debug&q=a%26b");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_go_out_as_written_and_in_order() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo")).await;
    app.key("alt+h").await;
    for line in ["x-second: 2", "X-First: 1", "x-SECOND: 3"] {
        app.key("+").await;
        app.paste(line).await;
        app.key("enter").await;
    }
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    let seen = server.request(0).await.unwrap();
    let own: Vec<(String, String)> = seen
        .headers()
        .into_iter()
        .filter(|(name, _)| name.to_lowercase().starts_with("x-"))
        .collect();
    let expected = [("x-second", "2"), ("X-First", "1"), ("x-SECOND", "3")];
    assert_eq!(own, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_the_handshake_owns_is_explained() {
    let server = practice().await;
    let mut app = App::start().await;
    app.paste(&server.url("/echo")).await;
    app.key("alt+h").await;
    app.key("+").await;
    app.type_text("Sec-WebSocket-Version").await;
    app.wait_for("handshake").await;
    app.key("enter").await;
    app.key("enter").await;
    app.type_text("8").await;
    app.key("enter").await;
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    let seen = server.request(0).await.unwrap();
    assert_eq!(seen.header("Sec-WebSocket-Version").as_deref(), Some("13"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_seen_only_when_asked_for() {
    let token = "practice-token";
    let server = practice().await;
    let mut draft = request(&server.url("/auth/bearer"));
    if let Some(draft) = &mut draft {
        draft.auth.kind = "bearer".into();
    }
    let start = Start { request: draft, ..Start::default() };
    let mut app = App::with(Setup { start, ..Setup::default() }).await;
    app.key("alt+a").await;
    app.key("down").await;
    app.key("enter").await;
    app.type_text(token).await;
    app.sees_not(token);
    app.key("enter").await;
    app.sees_not(token);
    app.key("ctrl+r").await;
    app.wait_for("● CONNECTED").await;
    for place in ["alt+k", "alt+h", "alt+l", "alt+s", "alt+a"] {
        app.key(place).await;
        app.sees_not(token);
    }
    app.key("alt+y").await;
    app.sees(token);
    app.key("alt+y").await;
    app.sees_not(token);
    // It went out all the same.
    let seen = server.request(0).await.unwrap();
    assert_eq!(seen.header("Authorization"), Some(format!("Bearer {token}")));
}
