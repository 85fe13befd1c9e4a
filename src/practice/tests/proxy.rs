//! The plain port as a proxy.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{ACCEPT, HANDSHAKE, exchange, masked, raw_frame, server};
use crate::practice::frames::{FIN, TEXT};

#[tokio::test]
async fn a_tunnel_leads_to_this_server_by_any_name() {
    let server = server().await;
    let port = server.addr().port();
    let user = "Proxy-Authorization: Basic cHJhY3RpY2U6cHJhY3RpY2U=\r\n";
    for (host, lines) in [("anywhere.example", ""), ("auth.practice.example", user)] {
        let mut tcp = TcpStream::connect(server.addr()).await.expect("connects");
        // The handshake follows at once, so part of it may have been read with the CONNECT.
        let bytes = format!(
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n\
             GET /echo HTTP/1.1\r\n{HANDSHAKE}\r\n"
        );
        tcp.write_all(bytes.as_bytes()).await.expect("writes");
        let mut heads = Vec::new();
        while !heads.ends_with(format!("{ACCEPT}\r\n").as_bytes()) {
            heads.push(tcp.read_u8().await.expect("two heads"));
        }
        assert!(heads.starts_with(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 101 "));
        tcp.write_all(&masked(FIN | TEXT, b"through")).await.expect("writes");
        assert_eq!(raw_frame(&mut tcp).await, (FIN | TEXT, b"through".to_vec()));
    }
    server.wait_for(|counts| counts.open == 0).await;
    assert_eq!(server.requests().len(), 4, "the CONNECT is a request too");
}

#[tokio::test]
async fn a_tunnel_is_refused_in_every_way() {
    let server = server().await;
    let port = server.addr().port();
    let other = if port == 1 { 2 } else { 1 };
    for (target, status) in [
        (format!("auth.practice.example:{port}"), "407 Proxy Authentication Required"),
        (format!("denied.practice.example:{port}"), "403 Forbidden"),
        (format!("127.0.0.1:{other}"), "502 Bad Gateway"),
        ("nonsense".to_owned(), "400 Bad Request"),
    ] {
        let reply = exchange(&server, format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await;
        let text = String::from_utf8(reply).expect("text");
        assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{target}: {text}");
    }
}
