//! Frames as they are: fragments each way, pongs that wait, half a close, frames by hand.

use bytes::Bytes;
use wsdeck::core::event::{PongPolicy, Split};
use wsdeck::core::evidence::EndedBy;
use wsdeck::core::frame::{FrameHead, RawFrame};
use wsdeck::practice::script::{RawServer, Step};

use super::*;

/// Opens to a peer that writes this, then reads; gives what it has read after the head.
async fn raw(write: Vec<u8>, last: Vec<Step>) -> RawServer {
    let mut steps = vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::Write(write)];
    steps.extend(last);
    RawServer::start(steps).await.unwrap()
}

/// What came behind the head of the handshake.
fn wire(received: &[u8]) -> &[u8] {
    let head = received.windows(4).position(|w| w == b"\r\n\r\n").map_or(0, |at| at + 4);
    &received[head..]
}

/// First bytes and payloads of short frames.
fn short(received: &[u8]) -> Vec<(u8, bool, Vec<u8>)> {
    let mut rest = wire(received);
    let mut out = Vec::new();
    while let [first, second, more @ ..] = rest {
        let (length, masked) = (usize::from(second & 0x7F), second & 0x80 != 0);
        assert!(length < 126);
        let (key, more) = if masked {
            more.split_at_checked(4).unwrap_or((&[], &[]))
        } else {
            (&[0; 4][..], more)
        };
        let Some(body) = more.get(..length) else { break };
        out.push((
            *first,
            masked,
            body.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect(),
        ));
        rest = &more[length..];
    }
    out
}

fn heads(message: &Message) -> Vec<(bool, u8, u8, u64)> {
    message.frames().heads.iter().map(|h: &FrameHead| (h.fin, h.rsv, h.opcode, h.length)).collect()
}

#[tokio::test]
async fn fragments_that_come_are_told_with_their_message() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/fragments?parts=3"))).await;
    conn.until_received(3).await;
    let received = conn.received();
    let lengths: Vec<_> = heads(received[0]);
    assert_eq!(lengths.len(), 3);
    assert_eq!((lengths[0].0, lengths[0].2, lengths[2].0, lengths[2].2), (false, 1, true, 0));
    assert_eq!(lengths.iter().map(|h| h.3).sum::<u64>(), received[0].payload.len() as u64);
    assert_eq!(heads(received[1]).iter().map(|h| h.3).collect::<Vec<_>>(), [334, 334, 332]);
    assert_eq!(heads(received[2]), [(false, 0, 1, 0), (false, 0, 0, 0), (true, 0, 0, 4)]);
    // An ordinary one carries nothing.
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    conn.text("plain");
    conn.until_received(1).await;
    assert!(conn.messages.iter().all(|message| message.split.is_none()));
}

#[tokio::test]
async fn compressed_fragments_are_told_as_they_are_on_the_wire() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/deflate?parts=4"))).await;
    let text = "the quick brown fox ".repeat(50);
    conn.send(Command::SendSplit {
        kind: MessageKind::Text,
        payload: Bytes::from(text.clone()),
        sizes: Split::Every(10),
    });
    conn.until_received(1).await;
    for message in [conn.rows(Direction::Out).next().unwrap(), conn.received()[0]] {
        assert_eq!(message.payload, text.as_bytes());
        let heads = heads(message);
        assert!(heads.len() > 1, "{heads:?}");
        assert_eq!((heads[0].1, heads[0].2), (4, 1));
        assert!(heads[1..].iter().all(|head| head.1 == 0 && head.2 == 0));
        let wire = u64::from(message.packed.unwrap().get());
        assert_eq!(heads.iter().map(|head| head.3).sum::<u64>(), wire);
    }
}

#[tokio::test]
async fn a_message_goes_out_in_the_frames_asked_for_within_characters_too() {
    let raw = raw(Vec::new(), vec![Step::Hold]).await;
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    conn.send(Command::SendSplit {
        kind: MessageKind::Text,
        payload: Bytes::from("grüße"),
        sizes: Split::Sizes(vec![3, 0]),
    });
    conn.text("whole");
    let received = within(raw.wait_received(|bytes| short(bytes).len() == 4)).await;
    assert_eq!(
        short(&received),
        [
            (0x01, true, b"gr\xC3".to_vec()),
            (0x00, true, vec![]),
            (0x80, true, b"\xBC\xC3\x9Fe".to_vec()),
            (0x81, true, b"whole".to_vec()),
        ]
    );
    conn.until(|conn| conn.messages.len() == 2).await;
    assert_eq!(heads(&conn.messages[0]), [(false, 0, 1, 3), (false, 0, 0, 0), (true, 0, 0, 4)]);
    assert!(conn.messages[0].frames().heads.iter().all(|head| head.mask.is_some()));
    assert!(conn.messages[1].split.is_none());
    for kind in [MessageKind::Ping, MessageKind::Close] {
        conn.send(Command::SendSplit { kind, payload: Bytes::new(), sizes: Split::Every(1) });
    }
    let payload = Bytes::from_static(b"\xFF");
    conn.send(Command::SendSplit { kind: MessageKind::Text, payload, sizes: Split::Every(1) });
    conn.until(|conn| conn.rejections().len() == 3).await;
}

#[tokio::test]
async fn a_length_in_more_bytes_than_it_needs_is_told() {
    let raw = raw(b"\x81\x7e\x00\x02hi\x81\x02ok".to_vec(), vec![Step::Hold]).await;
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    conn.until_received(2).await;
    assert_eq!(conn.received()[0].frames().heads[0].header, 4);
    assert!(conn.received()[1].split.is_none());
}

#[tokio::test]
async fn pongs_are_held_counted_and_the_last_one_sent_in_the_end() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/ping?every=0.01"))).await;
    conn.send(Command::Pongs(PongPolicy::Hold));
    let held = |conn: &Conn| {
        conn.told.iter().rev().find_map(|kind| match kind {
            EventKind::PongsHeld(held) => Some(*held),
            _ => None,
        })
    };
    conn.until(|conn| held(conn).is_some_and(|held| held >= 3)).await;
    let sent = conn.kinds(Direction::Out).len();
    conn.send(Command::Pongs(PongPolicy::Answer));
    conn.until(|conn| held(conn) == Some(0) && conn.kinds(Direction::Out).len() > sent).await;
    conn.close(1000, "");
    let facts = conn.ended().await.session.unwrap();
    assert!(facts.pongs_held >= 3);
}

#[tokio::test]
async fn pongs_are_delayed() {
    let raw = raw(b"\x89\x01a".to_vec(), vec![Step::Hold]).await;
    let mut conn = Conn::start(spec(&raw.url("/")));
    conn.until(|conn| matches!(conn.told.last(), Some(EventKind::Open(_)))).await;
    conn.send(Command::Pong(Bytes::from_static(b"unasked")));
    let has = |received: &[u8], payload: &[u8]| {
        short(received).iter().any(|f| f.0 == 0x8A && f.2 == payload)
    };
    within(raw.wait_received(|bytes| has(bytes, b"unasked") && has(bytes, b"a"))).await;

    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/ping?every=0.01"))).await;
    conn.send(Command::Pongs(PongPolicy::Delay(Duration::from_millis(30))));
    conn.until(|conn| conn.kinds(Direction::Out).len() >= 6).await;
    // The later ones were answered late: ping and pong of the same payload are that far apart.
    let pong = conn.rows(Direction::Out).last().unwrap();
    let ping =
        conn.rows(Direction::In).find(|m| m.kind == MessageKind::Ping && m.payload == pong.payload);
    assert!(pong.at.since(ping.unwrap().at) >= Duration::from_millis(30));
}

#[tokio::test]
async fn half_a_close_reads_on_to_the_end() {
    // The peer answers only when our half has ended.
    let raw = raw(
        Vec::new(),
        vec![
            Step::ReadToEnd,
            Step::Write(b"\x81\x04late\x88\x02\x03\xE8".to_vec()),
            Step::CloseNow,
        ],
    )
    .await;
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    conn.text("first");
    conn.send(Command::HalfClose);
    conn.text("too late");
    conn.until_received(1).await;
    let facts = conn.ended().await.session.unwrap();
    let half = conn.told.iter().position(|kind| matches!(kind, EventKind::HalfClosed)).unwrap();
    assert!(matches!(conn.told[half - 1], EventKind::Messages(_)) || half > 0);
    assert_eq!(conn.rejections(), [("send", "our half of the connection is closed")]);
    assert_eq!(conn.received()[0].payload, "late");
    let received = within(raw.finished()).await.unwrap();
    assert_eq!(short(&received), [(0x81, true, b"first".to_vec())], "no close frame went out");
    assert!(facts.half_closed_us.is_some());
    let end = facts.end.unwrap();
    assert_eq!((end.by, end.close_received, end.close_sent), (EndedBy::Peer, true, false));
}

#[tokio::test]
async fn half_a_close_over_tls_says_goodbye_and_reads_on() {
    let server = server().await;
    let url = server.tls_url("/flood?count=20000&size=1000");
    let mut conn = Conn::open(tls_spec(&url, &server)).await;
    conn.send(Command::HalfClose);
    conn.until(|conn| conn.told.iter().any(|kind| matches!(kind, EventKind::HalfClosed))).await;
    conn.ended().await;
}

#[tokio::test]
async fn frames_by_hand_go_out_byte_for_byte() {
    let raw = raw(Vec::new(), vec![Step::Hold]).await;
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    let frame = |fin, rsv, opcode, masked, payload: &'static [u8]| {
        Command::Raw(RawFrame { fin, rsv, opcode, masked, payload: Bytes::from_static(payload) })
    };
    conn.text("in turn");
    conn.send(frame(false, 5, 3, false, b"\x00\xFF"));
    conn.send(frame(true, 0, 1, true, b"\xFF not text"));
    conn.send(frame(true, 0, 9, true, b"ping"));
    conn.send(frame(true, 0, 8, true, b"\x03\xEEbad \xFF"));
    conn.send(frame(true, 0, 8, true, b"late"));
    let received = within(raw.wait_received(|bytes| short(bytes).len() == 5)).await;
    assert!(wire(&received).windows(4).any(|w| w == b"\x53\x02\x00\xFF"));
    assert_eq!(
        short(&received)[1..],
        [
            (0x53, false, b"\x00\xFF".to_vec()),
            (0x81, true, b"\xFF not text".to_vec()),
            (0x89, true, b"ping".to_vec()),
            (0x88, true, b"\x03\xEEbad \xFF".to_vec()),
        ]
    );
    conn.until(|conn| conn.rejections() == [("a frame by hand", "the connection is closing")])
        .await;
    conn.send(Command::Disconnect);
    let facts = conn.ended().await.session.unwrap();
    let told = conn.told.iter().filter(|kind| matches!(kind, EventKind::Handmade { .. })).count();
    assert_eq!((told, facts.handmade), (4, 4));
    assert_eq!((facts.sent.text, facts.end.unwrap().code_sent), (1, Some(1006)));
    let record = facts.last_frames.iter().find(|f| f.opcode == 3).unwrap();
    assert_eq!((record.fin, record.rsv, record.masked), (false, 5, false));
}

#[tokio::test]
async fn a_header_that_announces_gigabytes_is_only_a_header() {
    let header = b"\x82\x7f\0\0\0\0\x7f\xff\xff\xffa few bytes".to_vec();
    let raw = raw(header, vec![Step::CloseNow]).await;
    let mut draft = draft(&raw.url("/"));
    draft.settings.max_message = 0;
    let evidence = ran(spec_of(&draft)).await;
    let end = evidence.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.frame_cut), (EndedBy::PeerDropped, true));
}
