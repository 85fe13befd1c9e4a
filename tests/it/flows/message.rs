//! Composing and sending.

use crate::harness::{App, Setup, practice, request};
use wsdeck::runtime::Start;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_each_type_goes_out_and_comes_back() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    for (type_key, typed, shown) in [
        ("t", "plain words", "plain words"),
        ("j", "[1, 2.50]", "[1, 2.50]"),
        ("x", "<a b='1'/>", "<a b='1'/>"),
        ("h", "<p>hi", "<p>hi"),
        ("b", "de ad be ef", "de ad be ef"),
    ] {
        app.key("alt+m").await;
        app.keys(&["alt+t", type_key]).await;
        app.keys(&["ctrl+a", "delete"]).await;
        app.paste(typed).await;
        app.key("ctrl+s").await;
        app.wait_for_line(&["↑", shown]).await;
        app.wait_for_line(&["↓", shown]).await;
    }
    // Four of them went out as text, one as bytes.
    app.wait_for_line(&["↑ 5", "↓ 5"]).await;
    app.wait_for_line(&["↓", "bin", "de ad be ef", "4 B"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_json_is_marked_and_sent_all_the_same() {
    let server = practice().await;
    let mut app = App::connected(&server.url("/echo")).await;
    app.key("alt+m").await;
    app.paste("{\"a\": 1,}").await;
    // The place of the mistake is told.
    app.wait_for_line(&["✗ 1:8", "comma after the last item"]).await;
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "{\"a\": 1,}"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_editor_writes_the_message() {
    let server = practice().await;
    let start = Start { request: request(&server.url("/echo")), connect: true, ..Start::default() };
    let setup = Setup {
        start,
        config: "[tools]\neditor = \"my-editor --wait\"\n",
        editor_leaves: Some("{\"from\": \"outside\"}\n"),
    };
    let mut app = App::with(setup).await;
    app.wait_for("● CONNECTED").await;
    app.key("alt+m").await;
    app.key("ctrl+e").await;
    app.wait_for("taken from the editor").await;
    assert_eq!(app.handed_over(), 1);
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "{\"from\": \"outside\"}"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_fails_changes_nothing() {
    let config = "[tools]\neditor = \"my-editor\"\n";
    let mut app = App::with(Setup { config, ..Setup::default() }).await;
    app.key("alt+m").await;
    app.type_text("kept").await;
    app.key("ctrl+e").await;
    app.wait_for("my-editor failed (exit status: 1)").await;
    app.sees("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_from_a_file_go_out_as_they_are() {
    let server = practice().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bytes.bin");
    std::fs::write(&path, [0x00, 0xff, 0x10, 0x80]).unwrap();
    let mut app = App::connected(&server.url("/echo")).await;
    app.key("alt+m").await;
    app.key("alt+o").await;
    app.keys(&["ctrl+a", "delete"]).await;
    app.paste(path.to_str().unwrap()).await;
    app.key("enter").await;
    app.wait_for("sent from the file").await;
    app.key("ctrl+s").await;
    app.wait_for_line(&["↓", "00 ff 10 80"]).await;
    std::fs::remove_file(&path).unwrap();
    app.key("ctrl+s").await;
    app.wait_for("Nothing was sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_text_is_judged_beside_the_loop() {
    let mut app = App::start().await;
    app.key("alt+m").await;
    let text = format!("[{}1,]", "1,\n".repeat(400_000));
    app.paste(&text).await;
    app.wait_until("a verdict on the large text", |p| p.has("✗") && p.has("400001")).await;
}
