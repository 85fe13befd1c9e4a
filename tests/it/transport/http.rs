//! The opening handshake as HTTP: what goes out, and what comes back instead of a 101.

use std::io::Write as _;

use wsdeck::core::evidence::{Deviation, FailureKind, HttpProblem, ReplyFacts};
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::stage::Stage;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

/// The record of a refusal that a scripted server writes after having read the request.
async fn refused_by(steps: Vec<Step>, options: Options) -> (Evidence, Failure) {
    let steps = [vec![Step::Accept, Step::ReadHead], steps].concat();
    let raw = RawServer::start(steps).await.unwrap();
    failed_with(spec(&raw.url("/")), options).await
}

async fn reply_to(steps: Vec<Step>) -> ReplyFacts {
    let (evidence, failure) = refused_by(steps, Options::default()).await;
    assert_eq!(failure.stage, Stage::Http);
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::Status));
    evidence.http.unwrap().reply.unwrap()
}

fn row(name: &str, value: &str) -> HeaderRow {
    HeaderRow::new(name, value)
}

#[tokio::test]
async fn headers_go_out_exactly_as_typed() {
    let server = server().await;
    let mut draft = draft(&server.url("/a%2fb/../c?x=1&&y=%zz"));
    draft.headers = vec![row("x-dup", "1"), row("X-Other", "two  blanks"), row("X-DUP", "3")];
    draft.settings.subprotocols = vec!["chat.v2".into(), "chat.v1".into()];
    let (evidence, _) = failed(spec_of(&draft)).await;
    let seen = within(server.request(0)).await.unwrap().text();
    let key = evidence.http.as_ref().unwrap().request.clone();
    let key = key.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let want = format!(
        "GET /a%2fb/../c?x=1&&y=%zz HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
         Sec-WebSocket-Protocol: chat.v2, chat.v1\r\nx-dup: 1\r\nX-Other: two  blanks\r\n\
         X-DUP: 3\r\n\r\n",
        server.addr()
    );
    assert_eq!(seen, want);
    assert_eq!(evidence.http.unwrap().request, want.replace("\r\n", "\n"));
}

#[tokio::test]
async fn keys_are_new_each_time() {
    let server = server().await;
    let mut keys = Vec::new();
    for n in 0..3 {
        let mut conn = Conn::open(spec(&server.url("/echo"))).await;
        conn.send(Command::Disconnect);
        conn.ended().await;
        keys.push(server.request(n).await.unwrap().header("sec-websocket-key").unwrap());
    }
    keys.dedup();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key.len() == 24));
}

#[tokio::test]
async fn a_key_of_the_users_is_what_the_answer_is_checked_against() {
    let server = server().await;
    let mut draft = draft(&server.url("/echo"));
    draft.settings.override_handshake = true;
    draft.headers = vec![row("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")];
    let mut conn = Conn::open(spec_of(&draft)).await;
    conn.close(1000, "");
    let websocket = conn.ended().await.websocket.unwrap();
    assert_eq!(websocket.accept_expected, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(websocket.deviations, []);
}

#[tokio::test]
async fn a_body_that_comes_late_and_in_pieces_is_read_whole() {
    let body = "{\"error_code\":\"APIG.0301\",\n\t\"why\":\"late\"}";
    let head = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n", body.len());
    let reply =
        reply_to(vec![Step::Write(head.into()), Step::WriteSlowly(body.into()), Step::Hold]).await;
    assert_eq!(reply.status, 401);
    assert!(reply.body.starts_with("{\"error_code\":\"APIG.0301\",\n") && !reply.body_cut);
    assert_eq!(reply.body_bytes, body.len() as u64);
}

#[tokio::test]
async fn chunked_packed_and_until_close() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"packed body").unwrap();
    let packed = packer.finish().unwrap();
    let chunked = |body: &[u8]| {
        let (a, b) = body.split_at(3);
        let mut out = Vec::new();
        for piece in [a, b] {
            write!(out, "{:x};ext=1\r\n", piece.len()).unwrap();
            out.extend_from_slice(piece);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\n\r\n");
        out
    };
    let head = |lines: &str| format!("HTTP/1.1 503 Busy\r\n{lines}\r\n").into_bytes();
    let cases: Vec<(Vec<u8>, Step, &str)> = vec![
        (
            [head("Transfer-Encoding: chunked\r\n"), chunked(b"in chunks")].concat(),
            Step::Hold,
            "in chunks",
        ),
        (
            [head("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"), chunked(&packed)]
                .concat(),
            Step::Hold,
            "packed body",
        ),
        ([head(""), b"until close".to_vec()].concat(), Step::CloseNow, "until close"),
        (head("Content-Length: 0\r\n"), Step::Hold, ""),
    ];
    for (bytes, last, want) in cases {
        let reply = reply_to(vec![Step::WriteSlowly(bytes), last]).await;
        assert_eq!((reply.body.as_str(), reply.body_cut), (want, false));
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let options = Options { body_wait: Duration::from_millis(50), ..Options::default() };
    let written = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1000\r\n\r\nsome words".to_vec();
    let (evidence, failure) = refused_by(vec![Step::Write(written), Step::Hold], options).await;
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::Status));
    let reply = evidence.http.as_ref().unwrap().reply.as_ref().unwrap();
    assert_eq!((reply.body.as_str(), reply.body_cut), ("some words", true));
    assert_eq!(evidence.http.unwrap().received, 60);
}

#[tokio::test]
async fn the_head_is_kept_as_it_came_and_made_safe() {
    let reply = reply_to(vec![
        Step::Write(
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 403 Go away\r\n\
              X-Odd: \xc2\x9b31m\xe2\x80\xae\r\nServer: a\r\nserver: b\r\nSet-Cookie: sid=hidden\r\n\
              Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nContent-Length: 3\r\n\r\n\x1b[2"
                .to_vec(),
        ),
        Step::Hold,
    ])
    .await;
    assert_eq!((reply.status, reply.version.as_str()), (403, "HTTP/1.0"));
    assert_eq!(reply.interim, [103]);
    let names: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-Odd", "Server", "server", "Set-Cookie", "Date", "Content-Length"]);
    assert!(reply.clock_skew_ms.unwrap() < -900_000_000_000);
    assert_eq!(reply.body, "\\x1b[2");
    let all = format!("{reply:?}");
    assert!(!all.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{all}");
    assert!(!all.contains("hidden"), "{all}");
}

#[tokio::test]
async fn answers_that_are_no_http() {
    let cases: [(&[u8], Step, HttpProblem); 6] = [
        (b"\x15\x03\x01\x00\x02\x02\x46", Step::Hold, HttpProblem::NotHttp),
        (b"220 mail ready\r\n", Step::Hold, HttpProblem::NotHttp),
        (b"HTTP/1.1 abc\r\n\r\n", Step::Hold, HttpProblem::Malformed),
        (b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n", Step::Hold, HttpProblem::Malformed),
        (b"HTTP/1.1 101 Switch", Step::CloseNow, HttpProblem::Eof),
        (b"", Step::Reset, HttpProblem::Reset),
    ];
    for (bytes, last, problem) in cases {
        let steps = vec![Step::Write(bytes.to_vec()), last];
        let (evidence, failure) = refused_by(steps, Options::default()).await;
        assert_eq!(failure.kind, FailureKind::Http(problem), "{bytes:?}");
        let http = evidence.http.unwrap();
        assert_eq!(http.received, bytes.len() as u64);
        assert_eq!(http.first_bytes_hex.is_some(), !bytes.is_empty());
    }
}

#[tokio::test]
async fn endless_headers_are_cut_off() {
    let server = server().await;
    let (evidence, failure) = failed(spec(&server.url("/endless-headers"))).await;
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::TooLarge));
    assert!(evidence.http.unwrap().first_bytes_text.unwrap().starts_with("HTTP/1.1 101"));
}

#[tokio::test]
async fn a_101_that_cannot_be_accepted() {
    let server = server().await;
    let cases = [
        ("/no-accept", Deviation::AcceptMissing),
        ("/wrong-accept", Deviation::AcceptWrong),
        ("/subprotocol?wrong=1", Deviation::SubprotocolNotOffered),
    ];
    for (path, deviation) in cases {
        let mut draft = draft(&server.url(path));
        if path.starts_with("/subprotocol") {
            draft.settings.subprotocols = vec!["chat.v1".into()];
        }
        let (evidence, failure) = failed(spec_of(&draft)).await;
        assert_eq!(
            (failure.stage, failure.kind),
            (Stage::WebSocket, FailureKind::Upgrade),
            "{path}"
        );
        assert_eq!(evidence.websocket.unwrap().deviations, [deviation], "{path}");
        assert_eq!(evidence.http.unwrap().reply.unwrap().status, 101);
    }
}

#[tokio::test]
async fn a_subprotocol_is_agreed_or_ignored() {
    let server = server().await;
    for (path, agreed, deviations) in [
        ("/subprotocol", Some("chat.v2"), vec![]),
        ("/subprotocol?ignore=1", None, vec![Deviation::SubprotocolIgnored]),
    ] {
        let mut draft = draft(&server.url(path));
        draft.settings.subprotocols = vec!["chat.v2".into(), "chat.v1".into()];
        let mut conn = Conn::open(spec_of(&draft)).await;
        conn.close(1000, "");
        let websocket = conn.ended().await.websocket.unwrap();
        assert_eq!(websocket.subprotocol.as_deref(), agreed);
        assert_eq!(websocket.deviations, deviations);
    }
}
