//! The scripted peer.

use std::io::ErrorKind;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::HANDSHAKE;
use crate::practice::script::{RawServer, Step};

#[tokio::test]
async fn a_script_is_played_in_order() {
    let server = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::WriteSlowly(b"HTTP/1.1 503 Later\r\n\r\n".to_vec()),
        Step::CloseNow,
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Read(3),
        Step::Write(b"\x81\x02hi".to_vec()),
        Step::Reset,
    ])
    .await
    .expect("starts");
    let request = format!("GET /x HTTP/1.1\r\n{HANDSHAKE}\r\n");
    let mut first = TcpStream::connect(server.addr()).await.expect("connects");
    first.write_all(request.as_bytes()).await.expect("writes");
    let mut reply = String::new();
    first.read_to_string(&mut reply).await.expect("ends in order");
    assert_eq!(reply, "HTTP/1.1 503 Later\r\n\r\n");

    let mut second = TcpStream::connect(server.addr()).await.expect("connects");
    second.write_all(format!("{request}abc").as_bytes()).await.expect("writes");
    let received = server.finished().await.expect("played to its end");
    assert_eq!(received, format!("{request}{request}abc").as_bytes());
    assert_eq!(server.connections(), 2);
    let mut all = Vec::new();
    let error = second.read_to_end(&mut all).await.expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let error = TcpStream::connect(server.addr()).await.expect_err("no more connections");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn its_upgrade_satisfies_a_lawful_client() {
    let steps = vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::Hold];
    let server = RawServer::start(steps).await.expect("starts");
    let tcp = TcpStream::connect(server.addr()).await.expect("connects");
    let (mut client, _) =
        tokio_tungstenite::client_async(server.url("/"), tcp).await.expect("opens");
    client.send(Message::text("recorded")).await.expect("sends");
    let head_end = |bytes: &[u8]| memchr::memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    let received = server.wait_received(|bytes| bytes.len() > head_end(bytes) + 4 + 8).await;
    assert_eq!(received[head_end(&received) + 4], 0x81);
    drop(server);
    assert!(!matches!(client.next().await, Some(Ok(_))), "dropping it ends the connection");
}

#[tokio::test]
async fn a_peer_that_leaves_early_is_an_error() {
    let steps = vec![Step::Accept, Step::ReadHead, Step::UpgradeOk];
    let server = RawServer::start(steps).await.expect("starts");
    let mut tcp = TcpStream::connect(server.addr()).await.expect("connects");
    tcp.write_all(b"GET / HT").await.expect("writes");
    drop(tcp);
    let error = server.finished().await.expect_err("unfinished");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(server.received(), b"GET / HT");
}
