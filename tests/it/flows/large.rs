//! Large messages from one end to the other: a text of 100 MiB, and a file that is larger still.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fmt::Write as _;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::harness::App;

/// A server that answers each message with its type, its size and its checksum.
async fn counter() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("ws://{}/count", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
                let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config))
                    .await
                    .unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    let kind = match message {
                        Message::Text(_) => "text",
                        Message::Binary(_) => "binary",
                        _ => continue,
                    };
                    let answer = told(kind, &message.into_data());
                    if socket.send(Message::text(answer)).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

fn told(kind: &str, bytes: &[u8]) -> String {
    format!("{kind} of {} sum {:08x}", bytes.len(), crc32fast::hash(bytes))
}

/// Compact JSON of at least so many bytes.
fn json(bytes: usize) -> String {
    let long = "ñ".repeat(400);
    let mut text = String::from("[");
    let mut n = 0;
    while text.len() < bytes {
        let _ = write!(text, "{{\"n\":{n},\"s\":\"{long}\"}},");
        n += 1;
    }
    text.push_str("0]");
    text
}

async fn open_file(app: &mut App, path: &std::path::Path) {
    app.key("alt+m").await;
    app.key("alt+o").await;
    app.keys(&["ctrl+a", "delete"]).await;
    app.paste(path.to_str().unwrap()).await;
    app.key("enter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_100_mib_is_read_laid_out_and_sent_whole() {
    let url = counter().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.json");
    let text = json(100 << 20);
    std::fs::write(&path, &text).unwrap();
    let mut app = App::connected(&url).await;
    open_file(&mut app, &path).await;
    // It is more than is read without a question.
    app.wait_for("large.json is 100 MiB").await;
    app.key("e").await;
    app.wait_for_line(&["JSON", "100 MiB", "Ln 1 Col 1"]).await;
    // Keys are heard while it is checked.
    app.key("alt+b").await;
    app.wait_for_line(&["3", "\"n\": 0,"]).await;
    app.key("ctrl+s").await;
    let laid = wsdeck::payload::beautify(wsdeck::payload::Kind::Json, &text).unwrap();
    app.wait_for_line(&["↓", &told("text", laid.as_bytes())]).await;
    // One step brings the old text back.
    app.key("alt+m").await;
    app.key("ctrl+/").await;
    app.wait_for_line(&["JSON", "100 MiB"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_out_in_frames_as_text_or_as_bytes() {
    let url = counter().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.json");
    let text = json(65 << 20);
    std::fs::write(&path, &text).unwrap();
    let mut app = App::connected(&url).await;
    for (way, kind) in [("t", "text"), ("b", "binary")] {
        open_file(&mut app, &path).await;
        app.wait_for("large.json is 65.").await;
        app.key(way).await;
        app.wait_for(&format!("{kind} from a file")).await;
        app.key("ctrl+s").await;
        app.wait_for("Send large.json?").await;
        app.key("enter").await;
        app.wait_for_line(&["↓", &told(kind, text.as_bytes())]).await;
        app.wait_for_line(&["large.json", "sent as", kind]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_on_a_long_text_can_be_stopped() {
    let mut app = App::start().await;
    app.key("alt+m").await;
    let text = json(20 << 20);
    app.paste(&text).await;
    app.wait_for_line(&["JSON", "20.0 MiB"]).await;
    app.key("alt+n").await;
    app.key("esc").await;
    app.wait_for("Stopped minifying").await;
    app.wait_for_line(&["JSON", "20.0 MiB"]).await;
}
