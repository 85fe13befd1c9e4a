//! Pairs of records and the rows that tell them apart.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::*;
use crate::core::evidence::{
    Deviation, DnsFacts, End, EndedBy, Failure, FailureKind, HttpFacts, HttpProblem, IoProblem,
    SessionFacts, StageRecord, TcpFacts, TlsFacts, WebSocketFacts,
};

fn header(name: &str, value: &str) -> HeaderFacts {
    HeaderFacts { name: name.into(), value: value.into(), added: false }
}

fn stage(stage: Stage, from: u64, to: u64) -> StageRecord {
    let outcome = Outcome::Ok;
    StageRecord { stage, began_us: from, ended_us: Some(to), outcome, detail: String::new() }
}

/// An attempt that every group has something to say about.
fn attempt() -> Evidence {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 443);
    let mut e = Evidence::default();
    e.request.typed = "wss://a.example/x".into();
    e.request.scheme = "wss".into();
    e.request.target = "/x".into();
    e.request.host = "a.example".into();
    e.request.port = 443;
    e.request.auth = "none".into();
    e.request.verify = true;
    e.request.headers = vec![
        header("Host", "a.example"),
        header("Origin", "https://a.example"),
        header("Cookie", "a=1"),
        header("Sec-WebSocket-Key", "1"),
    ];
    e.dns = Some(DnsFacts { answers: vec![address.ip()], ..DnsFacts::default() });
    e.tcp = Some(TcpFacts {
        tries: vec![TcpTry {
            address,
            began_us: 0,
            ended_us: Some(10),
            problem: None,
            errno: None,
            text: String::new(),
        }],
        peer: Some(address),
        ..TcpFacts::default()
    });
    e.tls = Some(TlsFacts {
        version: Some("TLS 1.3".into()),
        chain: vec![Certificate { subject: "CN=a".into(), ..Certificate::default() }],
        ..TlsFacts::default()
    });
    e.http = Some(HttpFacts {
        request: "GET /x HTTP/1.1\nHost: a.example".into(),
        sent_us: 100,
        first_byte_us: Some(5_100),
        reply: Some(ReplyFacts {
            version: "HTTP/1.1".into(),
            status: 101,
            headers: vec![("Date".into(), "now".into()), ("Server".into(), "x".into())],
            ..ReplyFacts::default()
        }),
        ..HttpFacts::default()
    });
    e.websocket = Some(WebSocketFacts::default());
    e.stages = vec![stage(Stage::Tcp, 0, 1_000), stage(Stage::Http, 1_000, 6_000)];
    e.session = Some(SessionFacts { opened_us: 6_000, ..SessionFacts::default() });
    e
}

/// Changes as `group: what, left, right`.
fn changes(left: &Evidence, right: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    for group in difference(left, right) {
        for row in group.rows.iter().filter(|row| row.changed) {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".into());
            out.push(format!(
                "{}: {}: {} | {}",
                group.title,
                row.what,
                side(&row.left),
                side(&row.right)
            ));
        }
    }
    out
}

#[test]
fn the_same_attempt_twice_has_rows_and_no_change() {
    let groups = difference(&attempt(), &attempt());
    assert!(groups.len() >= 7, "{groups:#?}");
    assert!(groups.iter().all(|group| !group.changed()), "{groups:#?}");
    assert_eq!(difference(&Evidence::default(), &Evidence::default()), []);
}

#[test]
fn each_change_is_one_row() {
    type Edit = fn(&mut Evidence);
    let table: [(Edit, &[&str]); 20] = [
        (
            |e| e.request.headers[1].value = "null".into(),
            &["Request headers: Origin: https://a.example | null"],
        ),
        (
            |e| drop(e.request.headers.remove(1)),
            &["Request headers: Origin: https://a.example | –"],
        ),
        (|e| e.request.headers.push(header("X-A", "1")), &["Request headers: X-A: – | 1"]),
        (
            |e| e.request.headers[2].name = "cookie".into(),
            &["Request headers: Cookie: Cookie: a=1 | cookie: a=1"],
        ),
        (
            |e| e.request.headers.swap(0, 2),
            &["Request headers: (order): Host, Origin, Cookie, Sec-WebSocket-Key | \
               Cookie, Origin, Host, Sec-WebSocket-Key"],
        ),
        (|e| e.request.headers[3].value = "2".into(), &[]),
        (|e| e.request.subprotocols.push("mqtt".into()), &["Request: subprotocols: – | mqtt"]),
        (|e| e.request.auth = "bearer".into(), &["Request: authentication: none | bearer"]),
        (|e| e.request.verify = false, &["Request: certificates: checked | not checked"]),
        (|e| e.request.heartbeat_ms = 30_000, &["Request: heartbeat: – | 30.00 s"]),
        (|e| e.request.target = "/y".into(), &["Request: target: /x | /y"]),
        (
            |e| {
                let tcp = e.tcp.as_mut().unwrap();
                tcp.peer = None;
                tcp.tries[0].problem = Some(IoProblem::Refused);
                tcp.tries[0].text = "refused".into();
            },
            &["Addresses: 127.0.0.1:443: connected | refused"],
        ),
        (
            |e| e.tls.as_mut().unwrap().version = Some("TLS 1.2".into()),
            &["TLS: version: TLS 1.3 | TLS 1.2"],
        ),
        (
            |e| e.tls.as_mut().unwrap().trust = Some(TrustProblem::Expired),
            &["TLS: trust: trusted | it has expired"],
        ),
        (
            |e| {
                let reply = e.http.as_mut().unwrap().reply.as_mut().unwrap();
                (reply.status, reply.reason) = (401, "Unauthorized".into());
                (reply.body, reply.body_bytes) = ("\n no token\nx".into(), 12);
            },
            &[
                "Reply: status: HTTP/1.1 101 | HTTP/1.1 401 Unauthorized",
                "Reply: body: – | 12 bytes",
                "Reply: body begins: – | no token",
            ],
        ),
        (
            |e| {
                let reply = e.http.as_mut().unwrap().reply.as_mut().unwrap();
                reply.headers[0].1 = "later".into();
                reply.headers.push(("Via".into(), "p".into()));
            },
            &["Reply headers: Via: – | p"],
        ),
        (
            |e| e.websocket.as_mut().unwrap().deviations.push(Deviation::AcceptMissing),
            &["WebSocket: deviations: – | no Sec-WebSocket-Accept"],
        ),
        // Less than twice as long, or by less than what can be felt, is the same.
        (|e| e.stages[1].ended_us = Some(20_000), &[]),
        (|e| e.stages[1].ended_us = Some(301_000), &["Times: HTTP: 5.0 ms | 300 ms"]),
        (
            |e| {
                e.session = None;
                let kind = FailureKind::Http(HttpProblem::Eof);
                e.failure = Some(Failure { stage: Stage::Http, kind, text: "closed".into() });
            },
            &[
                "Times: until open: 6.0 ms | –",
                "End: outcome: opened | HTTP: closed",
                "End: received: 0 messages | –",
                "End: sent: 0 messages | –",
            ],
        ),
    ];
    for (edit, expected) in table {
        let (left, mut right) = (attempt(), attempt());
        edit(&mut right);
        assert_eq!(changes(&left, &right), expected);
    }
}

#[test]
fn how_it_ended_is_compared() {
    let ended = |by, code, silence_us| {
        let mut e = attempt();
        e.session.as_mut().unwrap().end = Some(End {
            at_us: 60_006_000,
            by,
            code_received: code,
            reason_received: String::new(),
            close_received: code.is_some(),
            close_sent: true,
            code_sent: None,
            frame_cut: false,
            problem: None,
            violation: None,
            text: String::new(),
            silence_us,
            deflate: None,
        });
        e
    };
    let left = ended(EndedBy::Peer, Some(1000), 1_000_000);
    let right = ended(EndedBy::PeerDropped, None, 60_000_000);
    assert_eq!(
        changes(&left, &right),
        [
            "End: ended by: the peer, with a close frame | the peer, without a close frame",
            "End: close code: 1000 | 1006",
            "End: silent before: 1.00 s | 60.00 s",
        ]
    );
}

#[test]
fn many_headers_are_compared_in_little_time() {
    let mut left = attempt();
    left.request.headers = (0..10_000).map(|n| header(&format!("X-{n}"), "v")).collect();
    let mut right = left.clone();
    right.request.headers.reverse();
    let rows = changes(&left, &right);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("(order)"));
}
