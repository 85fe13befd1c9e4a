//! The protocols on top and the limits, as a client meets them that does it right or wrong.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::{Client, connect, handshake, next, server, text};
use crate::practice::Server;

/// Opens with a subprotocol offered; servers that refuse it may leave it out of the answer.
async fn offering(server: &Server, path: &str, subprotocol: &'static str) -> Client {
    let tcp = TcpStream::connect(server.addr()).await.expect("connects");
    let mut request = server.url(path).into_client_request().expect("an address");
    let value = HeaderValue::from_static(subprotocol);
    request.headers_mut().insert("Sec-WebSocket-Protocol", value);
    tokio_tungstenite::client_async(request, tcp).await.expect("opens").0
}

async fn say(client: &mut Client, message: &str) {
    client.send(Message::text(message)).await.expect("sends");
}

/// The close code that comes after what else is said; `None` if TCP ends without one.
async fn code(client: &mut Client) -> Option<u16> {
    while let Some(Ok(message)) = client.next().await {
        if let Message::Close(frame) = message {
            return frame.map(|frame| frame.code.into());
        }
    }
    None
}

#[tokio::test]
async fn graphql_keeps_its_codes() {
    let server = server().await;
    let init = r#"{"type":"connection_init","payload":{}}"#;
    let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#;
    for (messages, expected) in [
        (&[][..], 4408),
        (&[subscribe][..], 4401),
        (&[init, init][..], 4429),
        (&[init, "nonsense"][..], 4400),
        (&[init, subscribe, subscribe][..], 4409),
    ] {
        let path = if messages.is_empty() { "/graphql?ms=1" } else { "/graphql" };
        let mut client = offering(&server, path, "graphql-transport-ws").await;
        for message in messages {
            say(&mut client, message).await;
        }
        assert_eq!(code(&mut client).await, Some(expected), "{messages:?}");
    }
    let mut client = offering(&server, "/graphql?token=1", "graphql-transport-ws").await;
    say(&mut client, init).await;
    assert_eq!(code(&mut client).await, Some(4403));
    assert_eq!(code(&mut connect(&server, "/graphql").await).await, Some(4406));
    let mut client = offering(&server, "/graphql", "graphql-transport-ws").await;
    say(&mut client, init).await;
    assert_eq!(text(&mut client).await, r#"{"type":"connection_ack"}"#);
    say(&mut client, subscribe).await;
    assert!(text(&mut client).await.contains(r#""type":"next""#));
    let mut old = offering(&server, "/graphql?legacy=1", "graphql-ws").await;
    say(&mut old, init).await;
    assert_eq!(text(&mut old).await, r#"{"type":"connection_ack"}"#);
    assert_eq!(text(&mut old).await, r#"{"type":"ka"}"#);
}

#[tokio::test]
async fn first_messages_and_their_ends() {
    let server = server().await;
    for (path, message, answer) in [
        ("/stomp", "CONNECT\naccept-version:1.2\nhost:x\n\n\0", "CONNECTED\n"),
        ("/stomp", "CONNECT\naccept-version:1.2\nhost:x\n\n", "ERROR\nmessage:malformed"),
        ("/stomp", "CONNECT\nlogin:me\npasscode:no\n\n\0", "ERROR\nmessage:Access refused"),
        ("/signalr", "{\"protocol\":\"json\",\"version\":1}\u{1e}", "{}\u{1e}"),
        (
            "/signalr?ms=50",
            "{\"protocol\":\"json\",\"version\":1}",
            "{\"error\":\"Handshake was canceled.\"}",
        ),
        (
            "/socket/websocket",
            r#"["1","1","room:practice","phx_join",{}]"#,
            r#"["1","1","room:practice","phx_reply",{"response":{},"status":"ok"}]"#,
        ),
        (
            "/socket/websocket",
            r#"["1","1","room:no","phx_join",{}]"#,
            r#"["1","1","room:no","phx_reply",{"response":{"reason":"unmatched topic"}"#,
        ),
    ] {
        let mut client = connect(&server, path).await;
        say(&mut client, message).await;
        let said = text(&mut client).await;
        assert!(said.starts_with(answer), "{path}: {said:?}");
    }
    let mut wamp = offering(&server, "/wamp", "wamp.2.json").await;
    say(&mut wamp, r#"[1,"nowhere",{"roles":{}}]"#).await;
    assert_eq!(text(&mut wamp).await, r#"[3,{},"wamp.error.no_such_realm"]"#);
    let mut sockjs = connect(&server, "/sockjs").await;
    assert_eq!(text(&mut sockjs).await, "o");
    say(&mut sockjs, r#"["a"]"#).await;
    assert_eq!(text(&mut sockjs).await, r#"a["a"]"#);
    say(&mut sockjs, "raw").await;
    assert_eq!(code(&mut sockjs).await, Some(1002));
    let mut cable = connect(&server, "/cable").await;
    assert_eq!(text(&mut cable).await, r#"{"type":"welcome"}"#);
    say(&mut cable, r#"{"command":"subscribe","identifier":"{\"channel\":\"No\"}"}"#).await;
    assert!(text(&mut cable).await.contains("reject_subscription"));
}

#[tokio::test]
async fn mqtt_and_ocpp() {
    let server = server().await;
    let hello: &[u8] = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab";
    for (path, rc) in [("/mqtt", 0), ("/mqtt?rc=4", 4)] {
        let mut client = offering(&server, path, "mqtt").await;
        client.send(Message::binary(hello)).await.expect("sends");
        assert_eq!(next(&mut client).await.into_data().as_ref(), [0x20, 2, 0, rc]);
    }
    assert_eq!(code(&mut connect(&server, "/mqtt").await).await, None);
    assert!(handshake(&server, "/ocpp/XX1", "").await.starts_with("HTTP/1.1 404"));
    assert_eq!(code(&mut connect(&server, "/ocpp/CP1").await).await, Some(1002));
    let mut client = offering(&server, "/ocpp/CP1", "ocpp1.6").await;
    say(&mut client, r#"[2,"1","BootNotification",{}]"#).await;
    assert!(text(&mut client).await.contains("Accepted"));
}

#[tokio::test]
async fn limits_of_kind_size_number_and_time() {
    let server = server().await;
    for (path, message, expected) in [
        ("/text-only", Message::binary(b"b".as_slice()), Some(1003)),
        ("/binary-only", Message::text("t"), Some(1003)),
        ("/size-limit?bytes=3", Message::text("four"), Some(1009)),
        ("/size-limit?bytes=3&how=drop", Message::text("four"), None),
        ("/drop-each", Message::text("x"), None),
        ("/rate-limit?count=0&code=4008", Message::text("x"), Some(4008)),
        ("/say?text=a&text=b&code=4001&after=1", Message::text("x"), Some(4001)),
    ] {
        let mut client = connect(&server, path).await;
        client.send(message).await.expect("sends");
        assert_eq!(code(&mut client).await, expected, "{path}");
    }
    for (path, expected) in [
        ("/first-message?seconds=0.001", Some(4003)),
        ("/lifetime?ms=1", Some(1001)),
        ("/lifetime?ms=1&how=drop", None),
        ("/say?how=drop", None),
    ] {
        assert_eq!(code(&mut connect(&server, path).await).await, expected, "{path}");
    }
    let mut said = connect(&server, "/say?text=hello&hex=2002").await;
    assert_eq!(text(&mut said).await, "hello");
    assert_eq!(next(&mut said).await.into_data().as_ref(), [0x20, 2]);
}
