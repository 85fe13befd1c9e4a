//! The plain port as a proxy.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{ACCEPT, HANDSHAKE, exchange, masked, raw_frame, server};
use crate::practice::ProxyFault;
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

/// Sends bytes in pieces, each after an answer of so many bytes, and gives all answers.
async fn dialogue(addr: std::net::SocketAddr, pieces: &[(&[u8], usize)]) -> Vec<u8> {
    let mut tcp = TcpStream::connect(addr).await.expect("connects");
    let mut all = Vec::new();
    for (bytes, answer) in pieces {
        tcp.write_all(bytes).await.expect("writes");
        let mut buffer = vec![0; *answer];
        tcp.read_exact(&mut buffer).await.expect("an answer");
        all.extend_from_slice(&buffer);
    }
    all
}

fn socks5_request(host: &str, port: u16) -> Vec<u8> {
    let length = u8::try_from(host.len()).expect("short");
    [&[5, 1, 0, 3, length], host.as_bytes(), &port.to_be_bytes()].concat()
}

#[tokio::test]
async fn socks_opens_the_same_tunnels_and_refuses_by_code() {
    let server = server().await;
    let (addr, port) = (server.addr(), server.addr().port());
    let request = |host: &str, port: u16| socks5_request(host, port);
    let login: &[u8] = b"\x01\x08practice\x08practice";
    for (pieces, last) in [
        (vec![(&[5u8, 1, 0][..], 2), (&request("far.example", port), 10)], [5, 0]),
        (vec![(&[5, 1, 0][..], 2), (&request("denied.practice.example", port), 10)], [5, 2]),
        (vec![(&[5, 1, 0][..], 2), (&request("far.example", 1), 10)], [5, 5]),
        (vec![(&[5, 2, 0, 2][..], 2), (login, 2), (&request("a.example", port), 10)], [5, 0]),
    ] {
        let answers = dialogue(addr, &pieces).await;
        assert_eq!(answers[answers.len() - 10..answers.len() - 8], last);
    }
    let wrong: &[u8] = b"\x01\x08practice\x05wrong";
    assert_eq!(dialogue(addr, &[(&[5, 2, 0, 2], 2), (wrong, 2)]).await, [5, 2, 1, 1]);
    let four = [&[4, 1][..], &port.to_be_bytes(), &[0, 0, 0, 9, 0], b"a.example\0"].concat();
    assert_eq!(dialogue(addr, &[(&four, 8)]).await[..2], [0, 0x5a]);

    // What goes through is a connection to the server.
    let mut tcp = TcpStream::connect(addr).await.expect("connects");
    let bytes = [&[5, 1, 0][..], &request("far.example", port), b"GET /echo HTTP/1.1\r\n"].concat();
    tcp.write_all(&bytes).await.expect("writes");
    tcp.write_all(format!("{HANDSHAKE}\r\n").as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    while !answer.ends_with(format!("{ACCEPT}\r\n").as_bytes()) {
        answer.push(tcp.read_u8().await.expect("a head"));
    }
    assert!(answer[12..].starts_with(b"HTTP/1.1 101 "));
}

#[tokio::test]
async fn proxies_with_a_fault_have_it() {
    let server = server().await;
    let port = server.addr().port();
    let connect = format!("CONNECT a.example:{port} HTTP/1.1\r\n\r\n");
    let request = socks5_request("a.example", port);
    for (fault, bytes, begin) in [
        (ProxyFault::WindowsLogin, connect.as_bytes(), &b"HTTP/1.1 407 "[..]),
        (ProxyFault::Status(503), connect.as_bytes(), b"HTTP/1.1 503 "),
        (ProxyFault::Status(503), &[5, 1, 0], b"HTTP/1.1 400 "),
        (ProxyFault::OtherProtocol, b"", b"SSH-2.0-"),
        (ProxyFault::Closed, connect.as_bytes(), b""),
        (ProxyFault::SocksLogin, &[5, 1, 0], &[5, 0xff]),
        (ProxyFault::SocksLogin, connect.as_bytes(), &[5, 0xff]),
        (ProxyFault::SocksReply(4), &[&[5, 1, 0], &request[..]].concat(), &[5, 0, 5, 4]),
        (ProxyFault::SocksCut, &[&[5, 1, 0], &request[..]].concat(), &[5, 0]),
    ] {
        let addr = server.start_proxy_fault(fault).await.expect("listens");
        let mut tcp = TcpStream::connect(addr).await.expect("connects");
        tcp.write_all(bytes).await.expect("writes");
        tcp.shutdown().await.expect("ends");
        let mut answer = Vec::new();
        tcp.read_to_end(&mut answer).await.expect("ends in order");
        assert!(answer.starts_with(begin), "{fault:?}: {answer:?}");
        assert_eq!(answer.is_empty(), begin.is_empty(), "{fault:?}");
    }
}
