//! The server against a client that is not ours (tokio-tungstenite), and against raw sockets
//! where no lawful client can look closely enough.

mod auth;
mod control;
mod dialects;
mod faults;
mod healthy;
mod huawei;
mod oauth;
mod proxy;
mod refused;
mod script;
mod tls;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{Options, Server};

type Client = WebSocketStream<TcpStream>;

/// The lines of a lawful handshake, after the request line.
const HANDSHAKE: &str = "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// The value that answers the key above.
const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

async fn server() -> Server {
    Server::start(Options::default()).await.expect("starts")
}

/// Opens a WebSocket with tokio-tungstenite.
async fn connect(server: &Server, path: &str) -> Client {
    let tcp = TcpStream::connect(server.addr()).await.expect("connects");
    let opened = tokio_tungstenite::client_async(server.url(path), tcp).await;
    opened.expect("opens").0
}

/// The next message, which must come.
async fn next(client: &mut Client) -> Message {
    client.next().await.expect("answers").expect("lawful")
}

/// The next message as text.
async fn text(client: &mut Client) -> String {
    next(client).await.into_text().expect("UTF-8").to_string()
}

/// The next message as JSON.
async fn json(client: &mut Client) -> serde_json::Value {
    serde_json::from_str(&text(client).await).expect("JSON")
}

/// Sends bytes and gives all that comes back until the server ends the connection.
async fn exchange(server: &Server, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut tcp = TcpStream::connect(server.addr()).await.expect("connects");
    tcp.write_all(bytes.as_ref()).await.expect("writes");
    let mut all = Vec::new();
    tcp.read_to_end(&mut all).await.expect("ends in order");
    all
}

/// The same for a handshake, with further header lines, as text.
async fn handshake(server: &Server, path: &str, lines: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}{lines}\r\n");
    String::from_utf8_lossy(&exchange(server, request).await).into_owned()
}

/// Sends a handshake and gives the reply's head and the connection behind it.
async fn raw_open(server: &Server, path: &str, lines: &str) -> (String, TcpStream) {
    let mut tcp = TcpStream::connect(server.addr()).await.expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}{lines}\r\n");
    tcp.write_all(request.as_bytes()).await.expect("writes");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.expect("a whole head"));
    }
    (String::from_utf8(head).expect("text"), tcp)
}

/// A masked client frame; the key is nothing, so the payload stands as it is.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("short");
    assert!(length < 126);
    [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

/// Reads one frame with a short length: its first byte and payload.
async fn raw_frame(tcp: &mut TcpStream) -> (u8, Vec<u8>) {
    let first = tcp.read_u8().await.expect("a frame");
    let length = tcp.read_u8().await.expect("a length");
    assert!(length < 126, "longer than these tests read, or masked: {length}");
    let mut payload = vec![0; length.into()];
    tcp.read_exact(&mut payload).await.expect("a payload");
    (first, payload)
}
