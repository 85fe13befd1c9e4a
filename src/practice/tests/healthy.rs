//! Endpoints that keep all rules, as tokio-tungstenite sees them.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{Client, connect, json, next, raw_open, server, text};

async fn say(client: &mut Client, message: impl Into<Message>) {
    client.send(message.into()).await.expect("sends");
}

async fn close(mut client: Client) {
    client.close(None).await.expect("closes");
    while let Some(message) = client.next().await {
        message.expect("lawful");
    }
}

#[tokio::test]
async fn an_echo_gives_back_what_it_gets() {
    let server = server().await;
    for path in ["/echo", "/"] {
        let mut client = connect(&server, path).await;
        for message in [
            Message::text("grüße"),
            Message::binary(vec![0, 255, 1]),
            Message::text(""),
            Message::text("x".repeat(200_000)),
            Message::binary(vec![7; 3_000_000]),
        ] {
            say(&mut client, message.clone()).await;
            assert_eq!(next(&mut client).await, message);
        }
        say(&mut client, Message::Ping(Bytes::from_static(b"p"))).await;
        assert_eq!(next(&mut client).await, Message::Pong(Bytes::from_static(b"p")));
        close(client).await;
    }
}

#[tokio::test]
async fn many_messages_at_once_come_back_in_order() {
    let server = server().await;
    let (mut sink, mut stream) = connect(&server, "/echo").await.split();
    let sending = async {
        for number in 0..2000 {
            sink.feed(Message::text(format!("{number}{}", "x".repeat(number))))
                .await
                .expect("sends");
        }
        sink.flush().await.expect("flushes");
    };
    let receiving = async {
        for number in 0..2000 {
            let message = stream.next().await.expect("answers").expect("lawful");
            assert_eq!(message, Message::text(format!("{number}{}", "x".repeat(number))));
        }
    };
    tokio::join!(sending, receiving);
}

#[tokio::test]
async fn the_clock_ticks() {
    let server = server().await;
    let mut client = connect(&server, "/clock?every=0.001").await;
    for tick in 1..4 {
        let message = json(&mut client).await;
        assert_eq!(message["tick"], tick);
        assert!(message["time"].as_str().expect("a time").ends_with('Z'));
    }
    close(client).await;
}

#[tokio::test]
async fn a_flood_is_numbered_and_ends_with_1000() {
    let server = server().await;
    for path in [
        "/flood?count=5000&size=200",
        "/flood?count=3&size=300000",
        "/flood?count=1&size=1",
        "/flood?count=50&rate=20000",
    ] {
        let mut client = connect(&server, path).await;
        let mut count = 0;
        let frame = loop {
            match next(&mut client).await {
                Message::Text(text) => {
                    let message: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                    assert_eq!(message["n"], count, "{path}");
                    count += 1;
                }
                Message::Close(frame) => break frame.expect("a code"),
                other => panic!("{other:?} in {path}"),
            }
        };
        assert_eq!(frame.code, CloseCode::Normal);
        let asked = path.split(['=', '&']).nth(1).expect("a count");
        assert_eq!(count.to_string(), asked, "{path}");
    }
}

#[tokio::test]
async fn a_flood_still_answers() {
    let server = server().await;
    for path in ["/flood?count=1000000000", "/flood?count=1000000000&rate=1"] {
        let mut client = connect(&server, path).await;
        say(&mut client, Message::Ping(Bytes::from_static(b"here?"))).await;
        while next(&mut client).await != Message::Pong(Bytes::from_static(b"here?")) {}
        close(client).await;
    }
}

#[tokio::test]
async fn a_large_message_is_json_of_the_size_asked() {
    let server = server().await;
    for size in [2, 3, 4, 5, 255, 256, 257, 258, 400, 100_000, 1_000_001] {
        let mut client = connect(&server, &format!("/large?size={size}")).await;
        let text = text(&mut client).await;
        assert_eq!(text.len(), size);
        let array: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        for (number, record) in array.iter().enumerate().take(array.len().saturating_sub(1)) {
            assert_eq!(record["n"], number);
        }
    }
}

#[tokio::test]
async fn json_is_answered_with_json() {
    let server = server().await;
    let mut client = connect(&server, "/json").await;
    for _ in 0..3 {
        json(&mut client).await;
    }
    say(&mut client, "{\"a\":[1]}").await;
    assert_eq!(json(&mut client).await, json!({ "ok": true, "echo": { "a": [1] } }));
    say(&mut client, "{oops").await;
    assert_eq!(json(&mut client).await["ok"], false);
    say(&mut client, format!("[{}0]", "0,".repeat(600_000))).await;
    assert_eq!(json(&mut client).await["echo"], 1_200_003);
}

#[tokio::test]
async fn documents_come_first_and_then_an_echo() {
    let server = server().await;
    for (path, count, start) in
        [("/xml", 3, "<?xml"), ("/html", 2, "<!DOCTYPE html>"), ("/escape", 11, "\x1b[2J")]
    {
        let mut client = connect(&server, path).await;
        assert!(text(&mut client).await.starts_with(start), "{path}");
        for _ in 1..count {
            text(&mut client).await;
        }
        say(&mut client, "done").await;
        while next(&mut client).await != Message::text("done") {}
    }
    let mut client = connect(&server, "/binary").await;
    assert!(next(&mut client).await.into_data().starts_with(b"\x89PNG\r\n"));
    assert_eq!(next(&mut client).await.into_data().len(), 256);
}

#[tokio::test]
async fn the_request_comes_back_as_it_was_sent() {
    let server = server().await;
    let mut client = connect(&server, "/headers?b=2&a=%20").await;
    let message = json(&mut client).await;
    let seen = server.request(0).await.expect("seen");
    assert_eq!(message["raw"], seen.text());
    assert_eq!(message["target"], "/headers?b=2&a=%20");
    assert_eq!(message["tls"], false);
}

#[tokio::test]
async fn a_slow_echo_keeps_the_order() {
    let server = server().await;
    let mut client = connect(&server, "/slow-echo?ms=1").await;
    for number in 0..5 {
        say(&mut client, format!("{number}")).await;
    }
    for number in 0..5 {
        assert_eq!(text(&mut client).await, format!("{number}"));
    }
}

#[tokio::test]
async fn pings_are_sent_and_their_pongs_told_of() {
    let server = server().await;
    let mut client = connect(&server, "/ping?every=0.001").await;
    let mut pongs = Vec::new();
    while pongs.len() < 3 {
        match next(&mut client).await {
            Message::Text(text) => pongs.push(text.to_string()),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pongs[0], "{\"pong\":\"1\"}");
}

#[tokio::test]
async fn fragments_are_joined_by_a_lawful_client() {
    let server = server().await;
    let mut client = connect(&server, "/fragments?parts=7").await;
    let mut said = Vec::new();
    let mut pings = 0;
    while said.len() < 4 {
        match next(&mut client).await {
            Message::Ping(_) => pings += 1,
            message => said.push(message),
        }
        if said.len() == 3 && pings == 12 {
            say(&mut client, "éé").await;
            pings += 1;
        }
    }
    assert!(said[0].to_text().expect("text").contains("🦀"));
    assert_eq!(said[1].clone().into_data(), vec![0xAB; 1000]);
    assert_eq!(said[2], Message::text("late"));
    assert_eq!(said[3], Message::text("éé"));
}

#[tokio::test]
async fn subprotocols_are_chosen_as_told() {
    let server = server().await;
    let offer = "Sec-WebSocket-Protocol: other, chat.v1\r\nSec-WebSocket-Protocol: chat.v2\r\n";
    for (path, lines, chosen) in [
        ("/subprotocol", offer, Some("chat.v2")),
        ("/subprotocol?choose=other", offer, Some("other")),
        ("/subprotocol?choose=absent", offer, None),
        ("/subprotocol?ignore=1", offer, None),
        ("/subprotocol?wrong=1", offer, Some("not-offered")),
        ("/subprotocol", "Sec-WebSocket-Protocol: x\r\n", None),
        ("/subprotocol", "", None),
        ("/echo", offer, Some("other")),
        ("/echo", "", None),
    ] {
        let (head, _tcp) = raw_open(&server, path, lines).await;
        let mut found =
            head.lines().filter_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        assert_eq!(found.next(), chosen, "{path} {lines}");
    }
}

#[tokio::test]
async fn socketio_greets_and_bears_no_other_text() {
    let server = server().await;
    for path in ["/socket.io/", "/socketio"] {
        let path = format!("{path}?EIO=4&transport=websocket&interval=1");
        let mut client = connect(&server, &path).await;
        let greeting = text(&mut client).await;
        let open: serde_json::Value =
            serde_json::from_str(greeting.strip_prefix('0').expect("an open packet"))
                .expect("JSON");
        assert_eq!(open["pingTimeout"], 20_000);
        assert_eq!(text(&mut client).await, "2");
        say(&mut client, "40").await;
        assert!(text(&mut client).await.starts_with("40{\"sid\":"));
        say(&mut client, "3").await;
        assert_eq!(text(&mut client).await, "2", "the next ping comes after the pong");
        say(&mut client, "hello").await;
        assert!(client.next().await.expect("an end").is_err(), "no close frame comes");
    }
}
