//! The open connection: messages, pings, closing, and an owner who does not listen.

use bytes::Bytes;
use wsdeck::core::evidence::EndedBy;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

#[tokio::test]
async fn a_large_message_goes_both_ways_at_once() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    let payload: Bytes = (0..16 * 1024 * 1024u32).map(|n| n.to_le_bytes()[0] ^ 0x5A).collect();
    conn.send(Command::SendBinary(payload.clone()));
    conn.send(Command::SendBinary(payload.clone()));
    conn.until_received(2).await;
    assert!(conn.received().iter().all(|m| m.payload == payload));
    conn.close(1000, "");
    let facts = conn.ended().await.session.unwrap();
    assert_eq!((facts.sent.bytes, facts.received.bytes), (33_554_434, 33_554_434));
}

#[tokio::test]
async fn fragments_are_joined_and_pings_between_them_answered() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/fragments"))).await;
    conn.until_received(1).await;
    conn.close(1000, "");
    let facts = conn.ended().await.session.unwrap();
    assert!(facts.received.frames > facts.received.messages() + facts.received.ping);
    let pings = conn.kinds(Direction::In).iter().filter(|k| **k == MessageKind::Ping).count();
    let pongs = conn.kinds(Direction::Out).iter().filter(|k| **k == MessageKind::Pong).count();
    assert!(pings > 0 && pongs > 0 && pongs <= pings, "{pings} {pongs}");
}

#[tokio::test]
async fn a_ping_measures_the_round_trip() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    conn.send(Command::Ping(Bytes::from_static(b"how far?")));
    conn.until(|conn| conn.told.iter().any(|k| matches!(k, EventKind::RoundTrip { .. }))).await;
    assert_eq!(conn.kinds(Direction::Out), [MessageKind::Ping]);
    assert_eq!(conn.kinds(Direction::In), [MessageKind::Pong]);
    conn.close(1000, "");
    let facts = conn.ended().await.session.unwrap();
    assert_eq!((facts.round_trips_us.len(), facts.unanswered_pings), (1, 0));
}

#[tokio::test]
async fn a_heartbeat_can_be_set_on_the_live_connection() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    conn.send(Command::Heartbeat(Some(Duration::from_millis(5))));
    conn.until(|conn| {
        conn.told.iter().filter(|k| matches!(k, EventKind::RoundTrip { .. })).count() >= 3
    })
    .await;
    conn.send(Command::Heartbeat(None));
    conn.close(1000, "");
    conn.ended().await;
}

#[tokio::test]
async fn a_silent_peer_is_found_out_by_the_heartbeat() {
    let raw = RawServer::start(vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::Hold])
        .await
        .unwrap();
    let mut draft = draft(&raw.url("/"));
    draft.settings.heartbeat_ms = 10;
    let facts = ran(spec_of(&draft)).await.session.unwrap();
    assert_eq!(facts.unanswered_pings, 3);
    assert_eq!(facts.end.unwrap().by, EndedBy::TimedOut);
}

#[tokio::test]
async fn commands_that_the_protocol_forbids_are_rejected_with_a_reason() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    conn.send(Command::Ping(Bytes::from(vec![0; 126])));
    for code in [0, 1004, 1005, 1006, 1015, 2999, 5000] {
        conn.close(code, "");
    }
    conn.close(1000, &"x".repeat(124));
    conn.send(Command::Close { code: None, reason: "why".into() });
    conn.until(|conn| conn.rejections().len() == 10).await;
    assert!(conn.rejections().iter().all(|(_, why)| !why.is_empty()));
    // Still open, and closing without a code is allowed.
    conn.text("still here");
    conn.until_received(1).await;
    conn.send(Command::Close { code: None, reason: String::new() });
    conn.text("too late");
    let end = conn.ended().await.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.close_sent, end.code_sent), (EndedBy::Us, true, None));
    assert_eq!(conn.rejections().last(), Some(&("send", "the connection is closing")));
}

#[tokio::test]
async fn codes_and_reasons_arrive_as_sent() {
    for (code, reason) in [(1000, ""), (1001, "bye"), (1014, "ü"), (3000, "x"), (4999, "y")] {
        let raw =
            RawServer::start(vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::ReadToEnd])
                .await
                .unwrap();
        let options = Options { close_wait: Duration::from_millis(50), ..Options::default() };
        let mut conn = Conn::open_with(spec(&raw.url("/")), options).await;
        conn.close(code, reason);
        conn.ended().await;
        let received = within(raw.finished()).await.unwrap();
        let frames = frames(&received);
        let want = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
        assert_eq!(frames, [(0x88, want)]);
    }
}

#[tokio::test]
async fn an_owner_who_does_not_listen_delays_neither_pong_nor_close() {
    let message = [b"\x81\x7e\x01\x00".as_slice(), &[b'x'; 256]].concat();
    let mut flood = message.repeat(20_000);
    flood.extend_from_slice(b"\x89\x04ping");
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Write(flood),
        Step::Hold,
    ])
    .await
    .unwrap();
    let options = Options { close_wait: Duration::from_millis(50), ..Options::default() };
    let mut conn = Conn::open_with(spec(&raw.url("/")), options).await;
    // Not one event is read until both went out.
    let pong = |received: &[u8]| frames(received).iter().any(|f| *f == (0x8A, b"ping".to_vec()));
    assert!(pong(&within(raw.wait_received(pong)).await));
    conn.close(4000, "");
    let close = |received: &[u8]| frames(received).iter().any(|f| f.0 == 0x88);
    assert!(close(&within(raw.wait_received(close)).await));
    let facts = conn.ended().await.session.unwrap();
    assert_eq!((facts.received.text, conn.received().len()), (20_000, 20_000));
}

#[tokio::test]
async fn a_flood_is_whole_in_order_and_in_batches() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/flood?count=50000&size=150"))).await;
    conn.until_received(50_000).await;
    let batches: Vec<usize> = conn
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::Messages(batch) => Some(batch.len()),
            _ => None,
        })
        .collect();
    assert!(batches.iter().all(|n| *n <= 1024) && batches.len() < 25_000);
    let numbers: Vec<u64> = conn
        .received()
        .iter()
        .filter_map(|m| {
            let value: serde_json::Value = serde_json::from_slice(&m.payload).unwrap();
            value["n"].as_u64()
        })
        .collect();
    assert_eq!(numbers.len(), 50_000);
    assert!(numbers.is_sorted_by(|a, b| a + 1 == *b));
    conn.send(Command::Disconnect);
    conn.ended().await;
}

#[tokio::test]
async fn messages_that_wait_when_the_peer_goes_are_said_to_be_lost() {
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Read(2),
        Step::Reset,
    ])
    .await
    .unwrap();
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    let payload = Bytes::from(vec![0; 32 * 1024 * 1024]);
    conn.send(Command::SendBinary(payload.clone()));
    conn.send(Command::SendBinary(payload));
    let facts = conn.ended().await.session.unwrap();
    assert_eq!(facts.end.unwrap().by, EndedBy::Reset);
    assert_eq!(facts.sent.binary, 0);
    let rejections = conn.rejections();
    assert!(
        matches!(rejections.as_slice(), [("send", why)] if why.contains("2 of")),
        "{rejections:?}"
    );
}

/// Whole frames of a client in what a server received after the request, unmasked.
fn frames(received: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let end =
        received.windows(4).position(|w| w == b"\r\n\r\n").map_or(received.len(), |at| at + 4);
    let mut rest = &received[end..];
    let mut out = Vec::new();
    while let [first, second, more @ ..] = rest {
        let length = usize::from(second & 0x7F);
        assert!(length < 126 && second & 0x80 != 0);
        let Some((key, more)) = more.split_first_chunk::<4>() else { break };
        let Some(body) = more.get(..length) else { break };
        out.push((*first, body.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect()));
        rest = &more[length..];
    }
    out
}

#[tokio::test]
async fn the_record_shows_how_each_side_began() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/size-limit?bytes=40&how=drop"))).await;
    conn.send(Command::SendText(r#"{"token":"hunter2"}"#.into()));
    conn.until_received(1).await;
    conn.send(Command::SendBinary(Bytes::from_static(b"\x10\x02")));
    conn.until_received(2).await;
    conn.send(Command::SendText("x".repeat(41)));
    let facts = conn.ended().await.session.unwrap();
    let kinds: Vec<MessageKind> = facts.first_sent.iter().map(|sent| sent.kind).collect();
    assert_eq!(kinds, [MessageKind::Text, MessageKind::Binary, MessageKind::Text]);
    assert!(!facts.first_sent[0].start.contains("hunter2"), "{:?}", facts.first_sent[0]);
    assert_eq!(facts.first_sent[1].start, "10 02");
    assert_eq!(facts.first_sent[1].last_byte, Some(2));
    let last = facts.last_sent.unwrap();
    assert_eq!((last.bytes, facts.largest_sent, facts.largest_answered), (41, 41, 19));
    assert_eq!(facts.first_received_kinds, [MessageKind::Text, MessageKind::Binary]);
    assert_eq!((facts.last_received_kind, facts.largest_received), (Some(MessageKind::Binary), 19));
    assert!(facts.first_message_received_us.unwrap() <= facts.last_message_received_us.unwrap());
    assert!(!facts.answered_last_message && facts.unsent == 0);
}

#[tokio::test]
async fn a_peer_that_takes_no_bytes_is_told_from_a_slow_end() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/deaf?ms=50"))).await;
    // More than the buffers of both ends hold.
    conn.send(Command::SendBinary(Bytes::from(vec![0; 32 << 20])));
    let facts = conn.ended().await.session.unwrap();
    assert_eq!(facts.unsent, 1);
    assert!(facts.write_stalled_us.is_some());
}
