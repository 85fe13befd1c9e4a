//! What the holder of a server can do to it.

use std::io::ErrorKind;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{HANDSHAKE, connect, exchange, next, raw_open, server};
use crate::practice::{Options, Server};

#[tokio::test]
async fn requests_are_kept_byte_for_byte() {
    let server = server().await;
    let odd = "GET /echo?q=%zz&&b HTTP/1.1\r\nhOST:   x\r\nX-Twice: 1\r\nx-twice:2 \r\n\r\n";
    exchange(&server, odd).await;
    let seen = server.request(0).await.expect("kept");
    assert_eq!(seen.raw, odd.as_bytes());
    assert_eq!((seen.target().as_str(), seen.tls), ("/echo?q=%zz&&b", false));
    assert_eq!(server.requests().len(), 1);
    let in_pieces = TcpStream::connect(server.addr());
    let mut tcp = in_pieces.await.expect("connects");
    for byte in odd.bytes() {
        tcp.write_all(&[byte]).await.expect("writes");
        tcp.flush().await.expect("flushes");
    }
    assert_eq!(server.request(1).await.expect("kept").raw, odd.as_bytes());
}

#[tokio::test]
async fn all_connections_can_be_reset() {
    let server = server().await;
    let (_, mut raw) = raw_open(&server, "/echo", "").await;
    let mut client = connect(&server, "/clock?every=0.001").await;
    next(&mut client).await;
    server.drop_all_connections();
    let error = raw.read(&mut [0; 9]).await.expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    while let Some(Ok(message)) = client.next().await {
        assert!(message.is_text(), "no close frame comes");
    }
    server.wait_for(|counts| counts.open == 0).await;
    let mut again = connect(&server, "/echo").await;
    again.send(Message::text("back")).await.expect("sends");
    assert_eq!(next(&mut again).await, Message::text("back"));
    assert_eq!(server.counts().accepted, 3);
}

#[tokio::test]
async fn listening_stops_and_resumes_on_the_same_port() {
    let server = server().await;
    let mut kept = connect(&server, "/echo").await;
    server.stop_listening().await;
    let error = TcpStream::connect(server.addr()).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    kept.send(Message::text("still here")).await.expect("sends");
    assert_eq!(next(&mut kept).await, Message::text("still here"));
    server.resume_listening().await.expect("the port is free");
    server.resume_listening().await.expect("nothing to do");
    connect(&server, "/echo").await;
    TcpStream::connect(server.tls_addr().expect("a TLS port")).await.expect("listens");
}

#[tokio::test]
async fn shutting_down_ends_everything() {
    for gently in [true, false] {
        let server = server().await;
        let addr = server.addr();
        let (_, mut open) = raw_open(&server, "/echo", "").await;
        let (_, mut flood) = raw_open(&server, "/flood?count=1000000000", "").await;
        if gently {
            server.shutdown().await;
            let error = TcpStream::connect(addr).await.expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        } else {
            drop(server);
        }
        assert_eq!(open.read(&mut [0; 9]).await.unwrap_or(0), 0);
        while flood.read(&mut [0; 65536]).await.is_ok_and(|count| count > 0) {}
    }
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let options = Options { max_connections: 1, tls_listen: None, ..Options::default() };
    let server = Server::start(options).await.expect("starts");
    assert_eq!(server.tls_addr(), None);
    let (_, first) = raw_open(&server, "/echo", "").await;
    let mut second = TcpStream::connect(server.addr()).await.expect("queued by the system");
    let request = format!("GET /status/200 HTTP/1.1\r\n{HANDSHAKE}\r\n");
    second.write_all(request.as_bytes()).await.expect("writes");
    assert_eq!(server.counts().accepted, 1);
    drop(first);
    assert_eq!(second.read_u8().await.expect("served now"), b'H');
    assert_eq!(server.counts().accepted, 2);
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for_long() {
    let head_timeout = Duration::from_millis(1);
    let server =
        Server::start(Options { head_timeout, ..Options::default() }).await.expect("starts");
    let reply = exchange(&server, "GET /").await;
    assert!(reply.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&reply));
}
