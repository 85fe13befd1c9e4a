//! Unix sockets, and zones of IPv6 addresses: addresses that mean something on this machine only.
#![cfg(unix)]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use wsdeck::core::evidence::{FailureKind, IoProblem};
use wsdeck::core::stage::Stage;

use super::*;

/// Carries whatever connects to a socket to the practice server.
fn front(path: &std::path::Path, server: &Server) -> tokio::task::JoinHandle<()> {
    let listener = UnixListener::bind(path).unwrap();
    let to = server.addr();
    tokio::spawn(async move {
        while let Ok((mut unix, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut tcp = tokio::net::TcpStream::connect(to).await.unwrap();
                // Either side may break off; that is the test's doing.
                let _ = tokio::io::copy_bidirectional(&mut unix, &mut tcp).await;
            });
        }
    })
}

#[tokio::test]
async fn a_socket_leads_to_its_server() {
    let server = server().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a b.sock");
    let task = front(&path, &server);
    let url = format!("ws+unix://{}:/echo?x=1", path.display()).replace(' ', "%20");
    let mut conn = Conn::open(spec(&url)).await;
    conn.text("hello");
    conn.until_received(1).await;
    assert_eq!(&conn.received()[0].payload[..], b"hello");
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let stages: Vec<Stage> = evidence.stages.iter().map(|s| s.stage).collect();
    assert_eq!(stages, [Stage::Tcp, Stage::Http, Stage::WebSocket]);
    assert_eq!(evidence.stages[0].detail, path.to_str().unwrap());
    let tcp = evidence.tcp.unwrap();
    assert_eq!(tcp.socket.as_deref(), path.to_str());
    assert!(tcp.tries.is_empty() && tcp.peer.is_none());
    let head = evidence.http.unwrap().request;
    assert!(head.starts_with("GET /echo?x=1 HTTP/1.1\nHost: localhost\n"), "{head}");
    task.abort();
}

#[tokio::test]
async fn sockets_that_lead_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let left = dir.path().join("left");
    // A server that went away leaves its socket behind.
    drop(UnixListener::bind(&left).unwrap());
    let long = dir.path().join("x".repeat(200));
    for (path, problem) in [
        (dir.path().join("none"), IoProblem::NotFound),
        (left, IoProblem::Refused),
        (long, IoProblem::Other),
    ] {
        let (evidence, failure) = failed(spec(&format!("ws+unix://{}", path.display()))).await;
        assert_eq!(failure.stage, Stage::Tcp);
        assert_eq!(failure.kind, FailureKind::Tcp(problem), "{}", failure.text);
        assert_eq!(evidence.tcp.unwrap().socket.as_deref(), path.to_str());
    }
}

#[tokio::test]
async fn a_zone_is_for_this_machine_only() {
    // A zone by number goes to the system as it stands; loopback takes any.
    let Ok(listener) = tokio::net::TcpListener::bind("[::1]:0").await else { return };
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(tcp.read_u8().await.unwrap());
        }
        tcp.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        String::from_utf8(head).unwrap()
    });
    let (evidence, _) = failed(spec(&format!("ws://[::1%251]:{port}/x"))).await;
    assert_eq!(evidence.request.host, "::1%1");
    assert_eq!(evidence.http.unwrap().reply.unwrap().status, 404);
    let head = server.await.unwrap();
    assert!(head.contains(&format!("\r\nHost: [::1]:{port}\r\n")), "{head}");
}

#[tokio::test]
async fn a_zone_that_is_not_there_is_named() {
    let (_, failure) = failed(spec("ws://[fe80::1%25nosuchif0]:9/")).await;
    assert_eq!(failure.stage, Stage::Dns);
    assert!(failure.text.contains("no network interface nosuchif0"), "{}", failure.text);
}
