//! Handshakes that are refused, and heads that are none.

use flate2::read::GzDecoder;
use tokio::io::AsyncReadExt;

use super::{HANDSHAKE, exchange, handshake, raw_open, server};

fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").expect("a head").1
}

#[tokio::test]
async fn each_status_has_the_headers_that_belong_to_it() {
    let server = server().await;
    for (path, line, header) in [
        ("/status/401", "401 Unauthorized", "WWW-Authenticate: Bearer realm=\"practice\""),
        ("/status/302?location=wss://x/y", "302 Found", "Location: wss://x/y"),
        ("/status/429", "429 Too Many Requests", "Retry-After: 30"),
        ("/status/503", "503 Service Unavailable", "Retry-After: 30"),
        ("/status/426", "426 Upgrade Required", "Upgrade: websocket"),
        ("/status/407", "407 Proxy Authentication Required", "Proxy-Authenticate: Basic"),
        ("/status/200?header=Server:+nginx", "200 OK", "Server: nginx"),
        ("/status/999", "999 Status", "Content-Type: application/json"),
    ] {
        let reply = handshake(&server, path, "").await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {line}\r\nDate: ")), "{path}: {reply}");
        assert!(reply.contains(header), "{path}: {reply}");
    }
    let plain = exchange(&server, "GET /status/418 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(plain.starts_with(b"HTTP/1.1 418 "), "without an upgrade too");
    assert!(handshake(&server, "/status/99", "").await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn a_body_comes_in_every_framing() {
    let server = server().await;
    let at = |more: &str| format!("/status/403?body=keep+out{more}");
    let reply = handshake(&server, &at(""), "").await;
    assert!(reply.contains("Content-Length: 8\r\n"), "{reply}");
    assert!(reply.contains("Content-Type: text/plain"), "{reply}");
    assert_eq!(body(&reply), "keep out");
    let reply = handshake(&server, &at("&chunked=1&type=text/html"), "").await;
    assert!(reply.contains("Transfer-Encoding: chunked\r\n") && reply.contains("text/html"));
    assert_eq!(body(&reply), "3\r\nkee\r\n3\r\np o\r\n2\r\nut\r\n0\r\n\r\n");
    let reply = handshake(&server, &at("&until_close=1"), "").await;
    assert!(!reply.contains("Content-Length") && !reply.contains("Transfer-Encoding"));
    assert_eq!(body(&reply), "keep out");
    assert_eq!(body(&handshake(&server, "/status/204?body=x", "").await), "");
}

#[tokio::test]
async fn a_body_can_be_packed() {
    let server = server().await;
    let request = format!("GET /status/500?gzip=1&body=packed HTTP/1.1\r\n{HANDSHAKE}\r\n");
    let reply = exchange(&server, request).await;
    let at = memchr::memmem::find(&reply, b"\r\n\r\n").expect("a head") + 4;
    assert!(String::from_utf8_lossy(&reply[..at]).contains("Content-Encoding: gzip"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut GzDecoder::new(&reply[at..]), &mut text).expect("gzip");
    assert_eq!(text, "packed");
}

#[tokio::test]
async fn a_slow_body_is_not_in_the_same_segment_as_its_head() {
    let server = server().await;
    let (head, tcp) = raw_open(&server, "/status/401?slow_body=86400000&body=late", "").await;
    assert!(head.contains("Content-Length: 4"));
    let early = tcp.try_read(&mut [0; 8]).map_err(|error| error.kind());
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock), "nothing follows the head at once");
    assert_eq!(body(&handshake(&server, "/status/401?slow_body=1&body=late", "").await), "late");
}

#[tokio::test]
async fn what_is_no_proper_handshake_is_told_so() {
    let server = server().await;
    let lawful = format!("GET /echo HTTP/1.1\r\n{HANDSHAKE}\r\n");
    for (request, status, header) in [
        (lawful.replace("Upgrade: websocket\r\n", ""), "426", "Upgrade: websocket"),
        (lawful.replace("Version: 13", "Version: 8"), "426", "Sec-WebSocket-Version: 13"),
        (lawful.replace("GET", "POST"), "405", "Allow: GET"),
        (lawful.replace("NhbX", "!!!!"), "400", "application/json"),
        (lawful.replace("/echo", "/nowhere"), "404", "application/json"),
        (lawful.replace("/echo", "/socketio"), "400", "application/json"),
        (lawful.replace("/echo", "/origin"), "403", "application/json"),
        (lawful.replace("/echo", "/subprotocol?required=1"), "400", "application/json"),
    ] {
        let reply = String::from_utf8(exchange(&server, &request).await).expect("text");
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {reply}");
        assert!(reply.contains("\r\nDate: "), "{reply}");
        assert!(reply.contains(header), "{request}: {reply}");
    }
    let sio = handshake(&server, "/socket.io/", "").await;
    assert_eq!(body(&sio), "{\"code\":0,\"message\":\"Transport unknown\"}");
    let sio = handshake(&server, "/socket.io/?EIO=3&transport=websocket", "").await;
    assert!(body(&sio).contains("\"code\":5"));
    let (head, _tcp) = raw_open(&server, "/origin", "Origin: https://practice.example\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 "));
}

#[tokio::test]
async fn a_browser_gets_the_list() {
    let server = server().await;
    let reply = exchange(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let text = String::from_utf8(reply).expect("text");
    assert!(text.starts_with("HTTP/1.1 200 OK"));
    for endpoint in crate::practice::endpoints() {
        assert!(text.contains(endpoint.path), "{}", endpoint.path);
    }
}

#[tokio::test]
async fn heads_that_are_none_are_answered_as_node_does() {
    let server = server().await;
    let node: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\0\0\0\0",
        b"PRI * HTTP/2.0\r\n\r\n",
    ] {
        assert_eq!(exchange(&server, bytes).await, node, "{bytes:?}");
    }
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n", "y".repeat(300_000));
    let mut tcp = tokio::net::TcpStream::connect(server.addr()).await.expect("connects");
    let _ = tokio::io::AsyncWriteExt::write_all(&mut tcp, long.as_bytes()).await;
    let mut start = [0; 12];
    tcp.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 431");
    assert!(server.requests().is_empty(), "none of them was a request");
}

#[tokio::test]
async fn a_bare_line_feed_ends_a_line_too() {
    let server = server().await;
    let reply = exchange(&server, "GET /status/200 HTTP/1.1\nHost: x\n\n").await;
    assert!(reply.starts_with(b"HTTP/1.1 200 "));
}

#[tokio::test]
async fn waiting_ends_with_the_client() {
    let server = server().await;
    for (number, path) in ["/hang", "/slow?ms=86400000"].into_iter().enumerate() {
        let mut tcp = tokio::net::TcpStream::connect(server.addr()).await.expect("connects");
        let request = format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut tcp, request.as_bytes()).await.expect("writes");
        server.request(number as u64).await.expect("seen");
        drop(tcp);
        server.wait_for(|counts| counts.open == 0).await;
    }
    let (head, _tcp) = raw_open(&server, "/slow?ms=1", "").await;
    assert!(head.starts_with("HTTP/1.1 101 "));
}
