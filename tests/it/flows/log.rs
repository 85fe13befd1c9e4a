//! Reading the log.

use wsdeck::runtime::Start;

use crate::harness::{App, Setup, practice, request};

#[tokio::test(flavor = "multi_thread")]
async fn one_among_many_is_found() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/flood?count=5000&rate=0")).await;
    app.wait_for("CLOSED 1000").await;
    app.key("alt+l").await;
    app.key("/").await;
    app.type_text("\"n\":        1234").await;
    app.wait_for("1/1").await;
    app.wait_for_line(&["▸", "1234"]).await;
    app.key("enter").await;
    // Keys go to the log again: the whole message is copied.
    app.key("y").await;
    app.wait_for("OSC 52").await;
    let copied = app.copied();
    assert_eq!(copied.len(), 1);
    assert!(copied[0].starts_with("{\"n\":        1234,"), "{copied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_below_is_counted_until_one_follows_again() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/clock?every=0.02")).await;
    app.wait_for_line(&["↓", "\"tick\":3"]).await;
    app.key("alt+l").await;
    app.keys(&["up", "up"]).await;
    app.wait_for("new below").await;
    app.key("F").await;
    app.wait_gone("new below").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn received_only_and_everything_again() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    app.key("alt+m").await;
    app.type_text("there and back").await;
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "there and back"]).await;
    app.key("alt+l").await;
    app.key("i").await;
    app.wait_until("sent ones gone", |p| p.line(&["↑", "there and back"]).is_none()).await;
    assert!(app.screen().line(&["↓", "there and back"]).is_some());
    app.key("a").await;
    app.wait_for_line(&["↑", "there and back"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_heard_under_a_flood() {
    let server = practice().await;
    let request = request(&server.url("/flood?count=300000"));
    let start = Start { request, connect: true, ..Start::default() };
    let config = "[log]\nmemory_mib = 8\n";
    let mut app = App::with(Setup { start, config, ..Setup::default() }).await;
    app.key("alt+m").await;
    app.type_text("typed meanwhile").await;
    app.sees("typed meanwhile");
    app.wait_for("CLOSED 1000").await;
    // All of them were counted, also those that the memory no longer holds.
    app.wait_for_line(&["↓ 300,000"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statistics_have_the_round_trips_of_requests() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/rpc")).await;
    app.key("alt+m").await;
    for (id, delay) in [(1, 0.3), (2, 0.0)] {
        let params = format!(r#""params":{{"delay":{delay}}}"#);
        app.type_text(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"echo",{params}}}"#)).await;
        app.key("ctrl+s").await;
        app.keys(&["ctrl+a", "delete"]).await;
    }
    // The later request has the earlier reply.
    app.wait_for_line(&["↓", "\"id\":1,"]).await;
    app.key("alt+l").await;
    app.wait_for_line(&["↓", "\"id\":1,", "↩ 30"]).await;
    app.key("S").await;
    app.wait_for_line(&["answered", "2"]).await;
    app.wait_for_line(&["echo", "2", "ms"]).await;
    app.key("esc").await;
    app.key("end").await;
    app.keys(&["up", "%"]).await;
    app.wait_for("before its reply").await;
    app.key("enter").await;
    app.wait_for("answered by #").await;
}
