//! Cancelling in every stage, and letting go.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wsdeck::core::evidence::{EndedBy, FailureKind, HttpProblem, Outcome};
use wsdeck::core::stage::Stage;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

async fn cancelled_in(stage: Stage, mut conn: Conn) -> Evidence {
    conn.until(|conn| {
        conn.told.iter().any(|kind| matches!(kind, EventKind::StageBegan(s) if *s == stage))
    })
    .await;
    conn.send(Command::Disconnect);
    let evidence = conn.ended().await;
    let failure = evidence.failure.clone().unwrap();
    assert_eq!((failure.stage, failure.kind), (stage, FailureKind::Cancelled));
    let last = evidence.stages.last().unwrap();
    assert_eq!((last.stage, last.outcome), (stage, Outcome::Cancelled));
    evidence
}

#[tokio::test]
async fn in_tcp() {
    let (_full, addr) = stages::full_listener().await;
    let evidence = cancelled_in(Stage::Tcp, Conn::start(spec(&format!("ws://{addr}/")))).await;
    assert_eq!(evidence.tcp.unwrap().tries.len(), 1);
}

#[tokio::test]
async fn in_tls() {
    let silent = RawServer::start(vec![Step::Accept, Step::Hold]).await.unwrap();
    let url = silent.url("/").replace("ws://", "wss://");
    let evidence = cancelled_in(Stage::Tls, Conn::start(spec(&url))).await;
    assert_eq!(evidence.tls.unwrap().first_bytes_hex, "");
}

#[tokio::test]
async fn in_the_upgrade() {
    let silent = RawServer::start(vec![Step::Accept, Step::Hold]).await.unwrap();
    cancelled_in(Stage::Http, Conn::start(spec(&silent.url("/")))).await;
}

#[tokio::test]
async fn in_the_proxy_dialogue() {
    let silent = RawServer::start(vec![Step::Accept, Step::Hold]).await.unwrap();
    let mut draft = draft("ws://far.practice.example/");
    draft.settings.proxy = format!("http://{}", silent.addr());
    cancelled_in(Stage::Proxy, Conn::start(spec_of(&draft))).await;
}

#[tokio::test]
async fn in_the_body_of_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let options = Options { body_wait: PATIENCE * 10, ..Options::default() };
    let mut conn = Conn::start_with(spec(&url), options);
    let (mut tcp, _) = within(listener.accept()).await.unwrap();
    let mut head = [0; 4096];
    assert!(within(tcp.read(&mut head)).await.unwrap() > 0);
    tcp.write_all(b"HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf").await.unwrap();
    conn.send(Command::Disconnect);
    // The command may be heard before the reply was read; in both cases at once.
    let failure = conn.ended().await.failure.unwrap();
    assert!(matches!(
        failure.kind,
        FailureKind::Cancelled | FailureKind::Http(HttpProblem::Status)
    ));
}

#[tokio::test]
async fn what_cannot_be_done_yet_is_said() {
    let silent = RawServer::start(vec![Step::Accept, Step::Hold]).await.unwrap();
    let mut conn = Conn::start(spec(&silent.url("/")));
    conn.text("too early");
    conn.until(|conn| !conn.rejections().is_empty()).await;
    assert_eq!(conn.rejections(), [("send", "the connection is not open yet")]);
    conn.close(1000, "");
    assert_eq!(conn.ended().await.failure.unwrap().kind, FailureKind::Cancelled);
    assert_eq!(conn.handle.try_send(Command::Disconnect), Err(net::Rejected::Ended));
}

#[tokio::test]
async fn letting_go_of_all_handles_cuts() {
    let server = server().await;
    let conn = Conn::open(spec(&server.url("/echo"))).await;
    let Conn { handle, mut events, .. } = conn;
    let other = handle.clone();
    drop(handle);
    other.try_send(Command::SendText("still there".into())).unwrap();
    drop(other);
    let mut last = None;
    while let Some(event) = within(events.recv()).await {
        last = Some(event.kind);
    }
    let Some(EventKind::Ended(evidence)) = last else { panic!("{last:?}") };
    assert_eq!(evidence.session.unwrap().end.unwrap().by, EndedBy::Cut);
    within(server.wait_for(|counts| counts.open == 0)).await;
}

#[tokio::test]
async fn disconnect_cuts_without_a_close_frame() {
    let raw =
        RawServer::start(vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::ReadToEnd])
            .await
            .unwrap();
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    conn.send(Command::Disconnect);
    let end = conn.ended().await.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.close_sent, end.code()), (EndedBy::Cut, false, 1006));
    let received = within(raw.wait_received(|_| false)).await;
    assert!(received.ends_with(b"\r\n\r\n"), "frames were sent");
}
