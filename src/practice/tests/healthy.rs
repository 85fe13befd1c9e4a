//! Endpoints that keep all rules, as tokio-tungstenite sees them.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::practice::{Options, Server};

type Client = WebSocketStream<TcpStream>;

async fn server() -> Server {
    Server::start(Options::default()).await.expect("starts")
}

async fn connect(server: &Server, path: &str) -> Client {
    let tcp = TcpStream::connect(server.addr()).await.expect("connects");
    let opened = tokio_tungstenite::client_async(server.url(path), tcp).await;
    opened.expect("opens").0
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
            client.send(message.clone()).await.expect("sends");
            assert_eq!(client.next().await.expect("answers").expect("lawful"), message);
        }
        client.send(Message::Ping(Bytes::from_static(b"p"))).await.expect("sends");
        let pong = client.next().await.expect("answers").expect("lawful");
        assert_eq!(pong, Message::Pong(Bytes::from_static(b"p")));
        client.close(None).await.expect("closes");
        while let Some(message) = client.next().await {
            assert!(message.expect("lawful").is_close());
        }
    }
}
