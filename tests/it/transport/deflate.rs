//! Compression (RFC 7692) against the practice server, whose packing is not ours.

use bytes::Bytes;
use wsdeck::core::evidence::{
    DeflateFacts, DeflateProblem, Deviation, EndedBy, ExtensionProblem, FailureKind, FrameRecord,
};
use wsdeck::practice::script::{RawServer, Step};

use super::*;

/// Text that packs well, about so long.
fn text(length: usize) -> String {
    r#"{"type":"tick","symbol":"EURUSD","grüße":"日本","bid":1.08421,"ask":1.08423}"#
        .repeat(length / 70 + 1)
}

/// What was agreed on, and the record of a session in which these messages came back.
async fn echoed(query: &str, messages: &[&str]) -> (DeflateFacts, Vec<Message>, Evidence) {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url(&format!("/deflate?{query}")))).await;
    for (index, message) in messages.iter().enumerate() {
        conn.text(message);
        conn.until_received(index + 1).await;
        assert!(conn.received()[index].text() == Some(*message), "{query}: message {index}");
    }
    conn.send(Command::SendBinary(Bytes::from(vec![7; 3000])));
    conn.until_received(messages.len() + 1).await;
    assert_eq!(conn.received()[messages.len()].payload, vec![7; 3000]);
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let session = evidence.session.as_ref().unwrap();
    assert!(session.end.as_ref().unwrap().is_clean(), "{query}: {:?}", session.end);
    let agreed = evidence.websocket.as_ref().unwrap().deflate.unwrap();
    (agreed, conn.messages.clone(), evidence)
}

fn packed(messages: &[Message], direction: Direction) -> Vec<Option<u32>> {
    messages
        .iter()
        .filter(|m| m.direction == direction && !m.kind.is_control())
        .map(|m| m.packed.map(std::num::NonZeroU32::get))
        .collect()
}

#[tokio::test]
async fn messages_come_back_whatever_was_agreed_on() {
    let long = text(200_000);
    let cases = [
        ("", DeflateFacts::default()),
        (
            "server_no_context_takeover=1",
            DeflateFacts { server_no_context_takeover: true, ..DeflateFacts::default() },
        ),
        (
            "client_no_context_takeover=1&parts=5",
            DeflateFacts { client_no_context_takeover: true, ..DeflateFacts::default() },
        ),
        (
            "server_max_window_bits=9&client_max_window_bits=9",
            DeflateFacts {
                server_max_window_bits: 9,
                client_max_window_bits: 9,
                ..DeflateFacts::default()
            },
        ),
        (
            "server_max_window_bits=8&client_max_window_bits=8",
            DeflateFacts {
                server_max_window_bits: 8,
                client_max_window_bits: 8,
                ..DeflateFacts::default()
            },
        ),
        (
            "client_max_window_bits=12&client_no_context_takeover=1&server_no_context_takeover=1",
            DeflateFacts {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                client_max_window_bits: 12,
                ..DeflateFacts::default()
            },
        ),
    ];
    for (query, want) in cases {
        let messages = ["", "short", &text(300), &text(300), &long, "2"];
        let (agreed, seen, _) = echoed(query, &messages).await;
        assert_eq!(agreed, want, "{query}");
        let sent = packed(&seen, Direction::Out);
        assert_eq!(sent[..2], [None, None], "{query}: short ones go as they are");
        let packs = want.client_max_window_bits > 8;
        assert_eq!(sent[2].is_some(), packs, "{query}");
        if want.client_max_window_bits == 15 && !want.client_no_context_takeover {
            assert!(sent[3] < Some(20) && sent[3] < sent[2], "{query}: {sent:?}");
        }
        let received = packed(&seen, Direction::In);
        assert_eq!(received[1].is_some(), want.server_max_window_bits > 8, "{query}");
    }
}

#[tokio::test]
async fn records_have_the_frames_of_the_wire() {
    let hello = text(300);
    let (_, seen, evidence) = echoed("", &[&hello]).await;
    let session = evidence.session.unwrap();
    let of = |direction: Direction| -> Vec<&FrameRecord> {
        session.last_frames.iter().filter(|f| f.direction == direction && f.opcode < 8).collect()
    };
    for direction in [Direction::Out, Direction::In] {
        let frames = of(direction);
        let sizes = packed(&seen, direction);
        assert_eq!((frames[0].rsv, frames[0].fin), (4, true));
        assert_eq!(Some(frames[0].length), sizes[0].map(u64::from));
        assert!(frames[0].length < hello.len() as u64);
        assert!(frames.iter().all(|frame| frame.first_bytes_hex.is_none()));
    }
    // Sizes of messages are those of what they say.
    assert_eq!(session.received.bytes, hello.len() as u64 + 3000 + 2);
    assert_eq!(evidence.stages.last().unwrap().detail, "no subprotocol, deflate");
}

#[tokio::test]
async fn a_long_message_goes_out_in_fragments() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/deflate"))).await;
    let long = text(2_500_000);
    conn.text(&long);
    conn.text("behind it");
    conn.until_received(2).await;
    assert!(conn.received()[0].text() == Some(&long));
    assert_eq!(conn.received()[1].text(), Some("behind it"));
    conn.close(1000, "");
    let session = conn.ended().await.session.unwrap();
    let out: Vec<(bool, u8, u8)> = session
        .last_frames
        .iter()
        .filter(|frame| frame.direction == Direction::Out && frame.opcode < 8)
        .map(|frame| (frame.fin, frame.rsv, frame.opcode))
        .collect();
    assert_eq!(out, [(false, 4, 1), (false, 0, 0), (true, 0, 0), (true, 0, 1)]);
    assert_eq!((session.sent.text, session.unsent), (2, 0));
}

#[tokio::test]
async fn without_compression_nothing_is_offered_or_packed() {
    let server = server().await;
    let mut draft = draft(&server.url("/deflate"));
    draft.settings.compression = false;
    let mut conn = Conn::open(spec_of(&draft)).await;
    assert_eq!(server.request(0).await.unwrap().header("sec-websocket-extensions"), None);
    conn.text(&text(300));
    conn.until_received(1).await;
    assert!(conn.messages.iter().all(|message| message.packed.is_none()));
    conn.close(1000, "");
    let evidence = conn.ended().await;
    assert_eq!(evidence.websocket.unwrap().deflate, None);
    assert!(evidence.session.unwrap().last_frames.iter().all(|frame| frame.rsv == 0));
}

#[tokio::test]
async fn parameters_that_must_not_be_end_the_attempt() {
    let server = server().await;
    for (parameter, problem) in [
        (
            "server_max_window_bits%3D7",
            ExtensionProblem::BadValue { name: "server_max_window_bits".into(), value: "7".into() },
        ),
        ("foo", ExtensionProblem::Unknown { name: "foo".into() }),
        ("%1b", ExtensionProblem::Syntax),
    ] {
        let url = server.url(&format!("/deflate?fault=bad-parameter&parameter={parameter}"));
        let (evidence, failure) = failed(spec(&url)).await;
        assert_eq!(failure.kind, FailureKind::Upgrade, "{parameter}");
        let facts = evidence.websocket.unwrap();
        assert_eq!(facts.deviations, [Deviation::ExtensionBadParameter], "{parameter}");
        assert_eq!(facts.extension_problem, Some(problem), "{parameter}");
        assert_eq!(facts.deflate, None);
    }
}

#[tokio::test]
async fn data_that_cannot_be_unpacked_is_a_violation() {
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/deflate?fault=corrupt"))).await;
    conn.until_received(1).await;
    assert!(conn.received()[0].packed.is_some());
    let session = conn.ended().await.session.unwrap();
    let end = session.end.unwrap();
    assert_eq!((end.by, end.code_sent), (EndedBy::PeerViolation, Some(1007)), "{}", end.text);
    let fault = end.deflate.unwrap();
    assert_eq!(fault.problem, DeflateProblem::Corrupt);
    // The frame to blame is kept with its first bytes.
    let bad = session.last_frames.iter().rfind(|f| f.first_bytes_hex.is_some()).unwrap();
    assert_eq!(bad.rsv, 4);
    assert!(bad.first_bytes_hex.as_ref().unwrap().starts_with("c1"), "{bad:?}");
}

#[tokio::test]
async fn a_bomb_is_stopped_at_the_limit() {
    let server = server().await;
    let mut draft = draft(&server.url("/deflate?fault=bomb&size=300000000"));
    draft.settings.max_message = 10_000_000;
    let mut conn = Conn::open(spec_of(&draft)).await;
    let evidence = conn.ended().await;
    let end = evidence.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.code_sent), (EndedBy::OurLimit, Some(1009)), "{}", end.text);
    let fault = end.deflate.unwrap();
    assert_eq!(fault.problem, DeflateProblem::TooLarge);
    assert!(fault.unpacked > 10_000_000 && fault.unpacked < 11_000_000, "{fault:?}");
    assert!(fault.wire < 20_000, "{fault:?}");
    assert_eq!(conn.received().len(), 1);
}

#[tokio::test]
async fn a_reserved_bit_that_was_not_agreed_on_stays_a_violation() {
    // The server accepts without extensions, and compresses all the same.
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Write(b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00".to_vec()),
        Step::ReadToEnd,
    ])
    .await
    .unwrap();
    let evidence = ran(spec(&raw.url("/"))).await;
    let end = evidence.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.code_sent), (EndedBy::PeerViolation, Some(1002)));
    assert_eq!(end.deflate, None);
}
