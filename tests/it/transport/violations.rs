//! Peers that break the protocol or just go away.

use wsdeck::core::evidence::{EndedBy, IoProblem, SessionFacts, Violation};
use wsdeck::practice::script::{RawServer, Step};

use super::*;

async fn session(url: &str) -> SessionFacts {
    ran(spec(url)).await.session.unwrap()
}

#[tokio::test]
async fn violations_are_answered_and_the_frame_is_kept() {
    let server = server().await;
    let cases = [
        ("/bad-utf8", EndedBy::PeerViolation, 1007, true),
        ("/mask", EndedBy::PeerViolation, 1002, true),
        ("/reserved-bits", EndedBy::PeerViolation, 1002, true),
        ("/reserved-opcode", EndedBy::PeerViolation, 1002, true),
        ("/late-body", EndedBy::PeerViolation, 1002, true),
        ("/huge-frame", EndedBy::OurLimit, 1009, true),
    ];
    for (path, by, code, kept) in cases {
        let facts = session(&server.url(path)).await;
        let end = facts.end.unwrap();
        assert_eq!((end.by, end.code_sent), (by, Some(code)), "{path}: {}", end.text);
        assert!(!end.text.is_empty(), "{path}");
        let bad = facts.last_frames.iter().filter(|frame| frame.first_bytes_hex.is_some()).count();
        assert_eq!(bad, usize::from(kept), "{path}: {:?}", facts.last_frames);
    }
}

#[tokio::test]
async fn a_close_code_that_must_not_be_sent() {
    let server = server().await;
    let facts = session(&server.url("/bad-close-code")).await;
    let end = facts.end.unwrap();
    assert_eq!((end.by, end.code_received), (EndedBy::PeerViolation, Some(1005)));
    assert_eq!(end.code_sent, Some(1002));
}

#[tokio::test]
async fn closes_of_the_peer() {
    let server = server().await;
    for (path, code, reason, clean) in [
        ("/close/1000", 1000, "", true),
        ("/close/1011?reason=out%20of%20tea", 1011, "out of tea", false),
        ("/close/4001?reason=why", 4001, "why", false),
    ] {
        let end = session(&server.url(path)).await.end.unwrap();
        assert_eq!((end.by, end.code()), (EndedBy::Peer, code), "{path}");
        assert_eq!((end.reason_received.as_str(), end.is_clean()), (reason, clean), "{path}");
        assert_eq!(end.code_sent, Some(code), "{path}");
    }
}

#[tokio::test]
async fn streams_that_end_without_a_close_frame() {
    let server = server().await;
    let end = session(&server.url("/drop")).await.end.unwrap();
    assert_eq!((end.by, end.problem), (EndedBy::PeerDropped, Some(IoProblem::Eof)));
    assert_eq!((end.code(), end.frame_cut), (1006, false));
    let end = session(&server.url("/reset")).await.end.unwrap();
    assert_eq!((end.by, end.problem), (EndedBy::Reset, Some(IoProblem::Reset)));

    let mut conn = Conn::open(spec(&server.url("/drop?after=1"))).await;
    conn.text("and then?");
    let facts = conn.ended().await.session.unwrap();
    assert_eq!(facts.last_message_sent_bytes, 9);
    assert_eq!(facts.end.unwrap().by, EndedBy::PeerDropped);
}

#[tokio::test]
async fn a_frame_cut_in_the_middle() {
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Write(b"\x81\x05hel".to_vec()),
        Step::CloseNow,
    ])
    .await
    .unwrap();
    let facts = session(&raw.url("/")).await;
    assert_eq!(facts.received.text, 0);
    assert!(facts.end.unwrap().frame_cut);
}

#[tokio::test]
async fn frames_that_come_with_the_reply_are_not_lost() {
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Write(b"\x81\x05early\x88\x02\x03\xe8".to_vec()),
        Step::ReadToEnd,
    ])
    .await
    .unwrap();
    let facts = session(&raw.url("/")).await;
    assert_eq!(facts.first_received, ["early"]);
    assert!(facts.end.unwrap().is_clean());
}

#[tokio::test]
async fn a_peer_that_never_answers_our_close() {
    let raw = RawServer::start(vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::Hold])
        .await
        .unwrap();
    let options = Options { close_wait: Duration::from_millis(100), ..Options::default() };
    let mut conn = Conn::open_with(spec(&raw.url("/")), options).await;
    conn.close(1000, "");
    let end = conn.ended().await.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.close_sent, end.close_received), (EndedBy::TimedOut, true, false));
}

/// Opens, and sends these bytes where frames are due.
async fn sent(bytes: &[u8]) -> SessionFacts {
    let raw = RawServer::start(vec![
        Step::Accept,
        Step::ReadHead,
        Step::UpgradeOk,
        Step::Write(bytes.to_vec()),
        Step::ReadToEnd,
    ])
    .await
    .unwrap();
    session(&raw.url("/")).await
}

#[tokio::test]
async fn the_record_names_the_rule_that_was_broken() {
    let long_ping = [&[0x89, 126, 0, 126][..], &[b'x'; 126]].concat();
    let endless = [&[0x82, 127][..], &[0xFF; 8], b"garbage"].concat();
    let cases: &[(&[u8], Violation, u16)] = &[
        (b"\xc1\x01x", Violation::ReservedBits, 1002),
        (b"\x81\x81\x01\x02\x03\x04x", Violation::Masked, 1002),
        (b"\x83\x01x", Violation::Opcode, 1002),
        (b"\x8b\x01x", Violation::Opcode, 1002),
        (b"\x09\x00", Violation::ControlFragmented, 1002),
        (&long_ping, Violation::ControlTooLong, 1002),
        (b"\x80\x01x", Violation::ContinuationWithoutStart, 1002),
        (b"\x01\x01x\x81\x01y", Violation::MessageInsideMessage, 1002),
        (&endless, Violation::Length, 1002),
        (b"\x81\x02\xc3\x28", Violation::TextNotUtf8, 1007),
        (b"\x88\x01\x03", Violation::CloseOneByte, 1002),
        (b"\x88\x04\x03\xe8\xc3\x28", Violation::CloseReasonNotUtf8, 1007),
        (b"\x88\x02\x03\xed", Violation::CloseCode, 1002),
    ];
    for (bytes, violation, code) in cases {
        let end = sent(bytes).await.end.unwrap();
        assert_eq!(end.violation, Some(*violation), "{end:?}");
        assert_eq!((end.by, end.code_sent), (EndedBy::PeerViolation, Some(*code)), "{end:?}");
        let is_close = bytes[0] == 0x88;
        assert_eq!(end.close_received, is_close, "{end:?}");
    }
}

#[tokio::test]
async fn a_close_frame_that_is_not_in_order_is_told_as_it_came() {
    let end = sent(b"\x88\x04\x03\xe8\xc3\x28").await.end.unwrap();
    assert_eq!((end.code_received, end.reason_received.as_str()), (Some(1000), "\u{fffd}("));
    let end = sent(b"\x88\x01\x03").await.end.unwrap();
    assert_eq!((end.code_received, end.code()), (None, 1005));
}

/// Text taken for a header announces a length that never comes: nobody may wait for it.
#[tokio::test]
async fn a_broken_header_is_judged_before_its_payload_has_come() {
    for (bytes, violation) in [
        (&b"HTTP/1.1 200 OK\r\n"[..], Violation::ReservedBits),
        (b"\x81\x85mask", Violation::Masked),
        (b"\x83\x7e\xff\xff", Violation::Opcode),
        (b"\x89\x7e\x01\x00", Violation::ControlTooLong),
        (b"\x81\x01a\x80\x50", Violation::ContinuationWithoutStart),
    ] {
        let raw = RawServer::start(vec![
            Step::Accept,
            Step::ReadHead,
            Step::UpgradeOk,
            Step::Write(bytes.to_vec()),
            Step::Hold,
        ])
        .await
        .unwrap();
        let end = session(&raw.url("/")).await.end.unwrap();
        assert_eq!((end.by, end.violation), (EndedBy::PeerViolation, Some(violation)), "{bytes:?}");
        assert_eq!(end.code_sent, Some(1002), "{bytes:?}");
        assert!(!end.text.is_empty(), "{bytes:?}");
    }
}
