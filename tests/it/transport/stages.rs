//! Names, addresses and TCP, and the record of a healthy attempt.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wsdeck::core::event::EventKind;
use wsdeck::core::evidence::{DnsProblem, DnsSource, EndedBy, FailureKind, IoProblem, Outcome};
use wsdeck::core::request::IpFamily;
use wsdeck::core::stage::Stage;

use super::*;

#[tokio::test]
async fn a_healthy_attempt_is_recorded_stage_by_stage() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    let began: Vec<Stage> = conn
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::StageBegan(stage) => Some(*stage),
            _ => None,
        })
        .collect();
    assert_eq!(began, [Stage::Dns, Stage::Tcp, Stage::Http, Stage::WebSocket]);
    conn.text("hello");
    conn.until_received(1).await;
    conn.close(1000, "done");
    let evidence = conn.ended().await;
    let kinds: Vec<MessageKind> = conn.messages.iter().map(|m| m.kind).collect();
    use MessageKind::{Close, Text};
    assert_eq!(kinds, [Text, Text, Close, Close]);
    assert!(conn.messages.is_sorted_by_key(|m| m.at));

    assert!(evidence.stages.iter().all(|s| s.outcome == Outcome::Ok && s.ended_us.is_some()));
    assert!(evidence.stages.is_sorted_by_key(|s| s.began_us));
    let dns = evidence.dns.unwrap();
    assert_eq!(
        (dns.source, dns.answers),
        (DnsSource::Literal, vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
    );
    let tcp = evidence.tcp.unwrap();
    assert_eq!(tcp.peer, Some(server.addr()));
    assert_eq!(tcp.tries.len(), 1);
    let http = evidence.http.unwrap();
    assert_eq!(http.reply.unwrap().status, 101);
    assert!(http.first_byte_us.is_some() && http.request.starts_with("GET /echo HTTP/1.1\n"));
    let websocket = evidence.websocket.unwrap();
    assert_eq!(websocket.accept_received.as_deref(), Some(websocket.accept_expected.as_str()));
    assert_eq!(websocket.deviations, []);
    let session = evidence.session.unwrap();
    assert_eq!((session.sent.text, session.received.text), (1, 1));
    assert_eq!((session.sent.frames, session.received.frames), (2, 2));
    assert!(session.answered_last_message);
    assert_eq!(session.first_received, ["hello"]);
    let end = session.end.unwrap();
    assert_eq!((end.by, end.code_received, end.code_sent), (EndedBy::Us, Some(1000), Some(1000)));
    assert!(end.is_clean());
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (evidence, failure) = failed(spec(&format!("ws://{free}/"))).await;
    assert_eq!(failure.stage, Stage::Tcp);
    assert_eq!(failure.kind, FailureKind::Tcp(IoProblem::Refused));
    let tries = evidence.tcp.unwrap().tries;
    assert_eq!(tries[0].address, free);
    assert_eq!(tries[0].problem, Some(IoProblem::Refused));
    assert!(tries[0].errno.is_some() && tries[0].ended_us.is_some());
    assert_eq!(evidence.stages.last().unwrap().outcome, Outcome::Failed);
}

#[tokio::test]
async fn every_address_is_tried_and_the_good_one_wins() {
    let server = server().await;
    let port = server.addr().port();
    let mut draft = draft(&format!("ws://two.practice.example:{port}/echo"));
    draft.settings.resolve = vec![
        // Nobody listens there: 127.0.0.2 is loopback, too, and the server is on 127.0.0.1.
        format!("two.practice.example:{port}:127.0.0.2"),
        format!("two.practice.example:{port}:127.0.0.1"),
    ];
    let mut conn = Conn::open(spec_of(&draft)).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    assert_eq!(evidence.dns.as_ref().unwrap().source, DnsSource::Override);
    assert_eq!(evidence.stage(Stage::Dns).unwrap().detail, "2 addresses");
    let tcp = evidence.tcp.unwrap();
    assert_eq!(tcp.tries.len(), 2);
    assert!(tcp.tries[0].problem.is_some() && tcp.tries[1].problem.is_none());
    assert_eq!(tcp.peer, Some(server.addr()));
}

#[tokio::test]
async fn a_name_that_cannot_exist_fails_in_dns() {
    let (evidence, failure) = failed(spec("ws://name.invalid/")).await;
    assert_eq!(failure.stage, Stage::Dns);
    // A machine without any resolver says that it could not ask.
    assert!(
        matches!(
            failure.kind,
            FailureKind::Dns(DnsProblem::NotFound | DnsProblem::TryAgain | DnsProblem::NoAddress)
        ),
        "{failure:?}"
    );
    assert!(evidence.dns.unwrap().error.is_some());
}

#[tokio::test]
async fn an_address_of_the_wrong_family_is_none() {
    let mut draft = draft("ws://127.0.0.1:1/");
    draft.settings.ip_family = IpFamily::V6;
    let (evidence, failure) = failed(spec_of(&draft)).await;
    assert_eq!(failure.kind, FailureKind::Dns(DnsProblem::NoAddress));
    assert_eq!(evidence.dns.unwrap().answers.len(), 1);
}

#[tokio::test]
async fn the_time_limit_names_the_stage_that_was_waiting() {
    let server = server().await;
    let mut draft = draft(&server.url("/hang"));
    draft.settings.connect_timeout_ms = 200;
    let (evidence, failure) = failed(spec_of(&draft)).await;
    assert_eq!((failure.stage, failure.kind), (Stage::Http, FailureKind::TimedOut));
    assert_eq!(evidence.stages.last().unwrap().outcome, Outcome::TimedOut);
    assert!(evidence.http.unwrap().reply.is_none());
}

#[tokio::test]
async fn the_time_limit_holds_in_tcp() {
    let (_full, addr) = full_listener().await;
    let mut draft = draft(&format!("ws://{addr}/"));
    draft.settings.connect_timeout_ms = 100;
    let (evidence, failure) = failed(spec_of(&draft)).await;
    assert_eq!((failure.stage, failure.kind), (Stage::Tcp, FailureKind::TimedOut));
    let tries = evidence.tcp.unwrap().tries;
    assert_eq!((tries.len(), tries[0].ended_us), (1, None));
}

/// A listener whose queue is full, so that a further connection gets no answer at all.
pub(super) async fn full_listener() -> (Vec<Box<dyn std::any::Any>>, SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    let mut kept: Vec<Box<dyn std::any::Any>> = vec![Box::new(socket.listen(1).unwrap())];
    loop {
        let connect = tokio::net::TcpStream::connect(addr);
        // That nothing comes back for this long is the only sign that the queue is full.
        match tokio::time::timeout(Duration::from_millis(300), connect).await {
            Ok(stream) => kept.push(Box::new(stream.unwrap())),
            Err(_) => return (kept, addr),
        }
    }
}
