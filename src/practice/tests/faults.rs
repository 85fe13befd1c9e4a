//! Endings and broken protocol, byte by byte.

use std::io::ErrorKind;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use super::{ACCEPT, HANDSHAKE, connect, exchange, masked, raw_frame, raw_open, server};
use crate::practice::frames::{CLOSE, FIN, PING, PONG, TEXT};

#[tokio::test]
async fn a_close_has_the_code_and_reason_asked_for() {
    let server = server().await;
    for (path, payload) in [
        ("/close/1011?reason=out%20of%20tea", &b"\x03\xf3out of tea"[..]),
        ("/close/4999", b"\x13\x87"),
        ("/close/0", b"\0\0"),
    ] {
        let (_, mut tcp) = raw_open(&server, path, "").await;
        assert_eq!(raw_frame(&mut tcp).await, (FIN | CLOSE, payload.to_vec()), "{path}");
        tcp.write_all(&masked(FIN | CLOSE, &payload[..2])).await.expect("writes");
        assert_eq!(tcp.read(&mut [0; 9]).await.expect("in order"), 0, "TCP ends after it");
    }
    let (_, mut tcp) = raw_open(&server, "/close/1001?after=2", "").await;
    for said in [b"a", b"b"] {
        tcp.write_all(&masked(FIN | TEXT, said)).await.expect("writes");
        assert_eq!(raw_frame(&mut tcp).await, (FIN | TEXT, said.to_vec()));
    }
    assert_eq!(raw_frame(&mut tcp).await, (FIN | CLOSE, vec![3, 0xE9]));
    let mut client = connect(&server, "/close-codes").await;
    client.next().await.expect("a hint").expect("lawful");
    client.send(Message::text("4001 go away")).await.expect("sends");
    let frame = match client.next().await.expect("an answer").expect("lawful") {
        Message::Close(Some(frame)) => frame,
        other => panic!("{other:?}"),
    };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4001, "go away"));
}

#[tokio::test]
async fn a_drop_is_a_fin_and_nothing_else() {
    let server = server().await;
    let (_, mut tcp) = raw_open(&server, "/drop", "").await;
    assert_eq!(tcp.read(&mut [0; 9]).await.expect("in order"), 0);
    let (_, mut tcp) = raw_open(&server, "/drop?after=1", "").await;
    tcp.write_all(&masked(FIN | TEXT, b"one")).await.expect("writes");
    assert_eq!(raw_frame(&mut tcp).await, (FIN | TEXT, b"one".to_vec()));
    assert_eq!(tcp.read(&mut [0; 9]).await.expect("in order"), 0);
    let (_, mut tcp) = raw_open(&server, "/idle?seconds=0.001", "").await;
    assert_eq!(tcp.read(&mut [0; 9]).await.expect("in order"), 0);
}

#[tokio::test]
async fn a_reset_is_one() {
    let server = server().await;
    let (_, mut tcp) = raw_open(&server, "/reset?after=1", "").await;
    tcp.write_all(&masked(FIN | TEXT, b"one")).await.expect("writes");
    let mut all = Vec::new();
    let error = tcp.read_to_end(&mut all).await.expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_withheld_pong_does_not_stop_the_echo() {
    let server = server().await;
    for (path, answers) in [("/no-pong", false), ("/echo", true)] {
        let (_, mut tcp) = raw_open(&server, path, "").await;
        let both = [masked(FIN | PING, b"?"), masked(FIN | TEXT, b"said")].concat();
        tcp.write_all(&both).await.expect("writes");
        let first = raw_frame(&mut tcp).await;
        assert_eq!(first.0 == FIN | PONG, answers, "{path}");
    }
}

#[tokio::test]
async fn each_faulty_frame_is_as_announced() {
    let server = server().await;
    for (path, bytes) in [
        ("/bad-utf8", &b"\x81\x0bcaf\xc3 \xc0\xaf"[..]),
        ("/mask", &[0x81, 0x80 | 20, 0x11, 0x22, 0x33, 0x44, b'm' ^ 0x11][..]),
        ("/reserved-bits", b"\xc1\x15not compressed"),
        ("/reserved-opcode", b"\x83\x01?"),
        ("/reserved-opcode?opcode=11", b"\x8b\x01?"),
        ("/bad-close-code", b"\x88\x1c\x03\xedthis code"),
        ("/bad-close-code?code=999", b"\x88\x1c\x03\xe7this code"),
        ("/huge-frame", b"\x81\x7f\x40\0\0\0\0\0\0\0the first"),
    ] {
        let (head, mut tcp) = raw_open(&server, path, "").await;
        assert!(head.contains(ACCEPT), "{path}: {head}");
        assert_eq!(raw_frame(&mut tcp).await.1, b"the next frame is wrong");
        let mut got = vec![0; bytes.len()];
        tcp.read_exact(&mut got).await.expect("the fault");
        assert_eq!(got, bytes, "{path}");
        if !path.starts_with("/bad-close") {
            // The rest of the fault is in the way of a frame reader; the echo comes at its end.
            tcp.write_all(&masked(FIN | TEXT, b"still here")).await.expect("writes");
            let mut rest = Vec::new();
            while !rest.ends_with(b"\x81\x0astill here") {
                rest.push(tcp.read_u8().await.expect("the echo"));
            }
        }
    }
}

#[tokio::test]
async fn each_faulty_handshake_is_as_announced() {
    let server = server().await;
    let (head, mut tcp) = raw_open(&server, "/no-accept", "").await;
    assert!(head.starts_with("HTTP/1.1 101 ") && !head.contains("Accept"), "{head}");
    tcp.write_all(&masked(FIN | TEXT, b"x")).await.expect("writes");
    assert_eq!(raw_frame(&mut tcp).await, (FIN | TEXT, b"x".to_vec()), "goes on as if lawful");

    let other = format!("GET /wrong-accept HTTP/1.1\r\n{HANDSHAKE}\r\n").replace("dGhl", "AAAA");
    let mut tcp = tokio::net::TcpStream::connect(server.addr()).await.expect("connects");
    tcp.write_all(other.as_bytes()).await.expect("writes");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.expect("a head"));
    }
    assert!(String::from_utf8_lossy(&head).contains(ACCEPT), "the answer to another key");

    let (head, mut tcp) = raw_open(&server, "/late-body", "").await;
    assert!(head.contains(ACCEPT));
    let mut text = [0; 9];
    tcp.read_exact(&mut text).await.expect("text");
    assert_eq!(&text, b"WebSocket");

    let garbage = exchange(&server, format!("GET /garbage HTTP/1.1\r\n{HANDSHAKE}\r\n")).await;
    assert_eq!((&garbage[..2], garbage.len()), (&b"\0\xff"[..], 263));
}

#[tokio::test]
async fn endless_headers_outlast_any_limit() {
    let server = server().await;
    let mut tcp = tokio::net::TcpStream::connect(server.addr()).await.expect("connects");
    let request = format!("GET /endless-headers HTTP/1.1\r\n{HANDSHAKE}\r\n");
    tcp.write_all(request.as_bytes()).await.expect("writes");
    let mut some = vec![0; 2 * 1024 * 1024];
    tcp.read_exact(&mut some).await.expect("more and more");
    assert!(some.starts_with(b"HTTP/1.1 101 "));
    assert!(memchr::memmem::find(&some, b"\r\n\r\n").is_none());
    drop(tcp);
    server.wait_for(|counts| counts.open == 0).await;
}

#[tokio::test]
async fn an_escaping_close_reason_is_no_utf8() {
    let server = server().await;
    let (_, mut tcp) = raw_open(&server, "/escape?close=1", "").await;
    let mut all = Vec::new();
    while !all.ends_with(b"bye \xff\xfe") {
        all.push(tcp.read_u8().await.expect("the reason"));
    }
}

#[tokio::test]
async fn a_client_that_breaks_the_rules_is_told() {
    let server = server().await;
    let unmasked = b"\x81\x01x".to_vec();
    let mut too_big = vec![FIN | TEXT, 0xFF];
    too_big.extend((1_u64 << 40).to_be_bytes());
    too_big.extend([0; 4]);
    for (bytes, code) in [
        (unmasked, 1002_u16),
        (masked(FIN | 0x40 | TEXT, b"x"), 1002),
        (masked(FIN | 0x3, b"x"), 1002),
        (masked(FIN, b"x"), 1002),
        ([masked(TEXT, b"x"), masked(FIN | TEXT, b"y")].concat(), 1002),
        (masked(PING, b"x"), 1002),
        (masked(FIN | CLOSE, b"x"), 1002),
        (masked(FIN | TEXT, b"\xff"), 1007),
        (too_big, 1009),
    ] {
        let (_, mut tcp) = raw_open(&server, "/echo", "").await;
        tcp.write_all(&bytes).await.expect("writes");
        let (first, payload) = raw_frame(&mut tcp).await;
        assert_eq!((first, &payload[..2]), (FIN | CLOSE, &code.to_be_bytes()[..]), "{bytes:?}");
        assert_eq!(tcp.read(&mut [0; 9]).await.expect("in order"), 0);
    }
}
