//! A file as a message: whole, in order, stopped, broken.

use std::io::Write as _;
use std::path::Path;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use wsdeck::core::event::{Transfer, TransferId, TransferState};
use wsdeck::core::evidence::EndedBy;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn send(path: &Path, kind: MessageKind, frame: usize) -> Command {
    Command::SendFile { transfer: TransferId(1), kind, path: path.to_owned(), frame }
}

fn transfers(conn: &Conn) -> Vec<&Transfer> {
    conn.told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::Transfer(transfer) => Some(transfer),
            _ => None,
        })
        .collect()
}

fn state(conn: &Conn) -> Option<&TransferState> {
    transfers(conn).last().map(|transfer| &transfer.state)
}

/// A peer that takes nothing until it is dropped, so that a file never gets through.
async fn deaf() -> RawServer {
    RawServer::start(vec![Step::Accept, Step::ReadHead, Step::UpgradeOk, Step::Read(300_000)])
        .await
        .unwrap()
}

#[tokio::test]
async fn a_long_file_arrives_as_it_is_and_in_its_place() {
    const LENGTH: u32 = 64 * 1024 * 1024 + 12_345;
    let payload: Vec<u8> = (0..LENGTH).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).collect();
    let file = file(&payload);
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/sink"))).await;
    conn.text("before");
    conn.send(send(file.path(), MessageKind::Binary, 64 * 1024));
    conn.text("behind");
    // Goes between two frames of the file.
    conn.send(Command::Ping(Bytes::from_static(b"between")));
    conn.until_received(3).await;
    let told: Vec<serde_json::Value> =
        conn.received().iter().map(|m| serde_json::from_slice(&m.payload).unwrap()).collect();
    let sum: String = Sha256::digest(&payload).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!((told[0]["bytes"].as_u64(), told[2]["bytes"].as_u64()), (Some(6), Some(6)));
    assert_eq!(told[1]["sha256"], sum);
    assert_eq!(told[1]["bytes"], LENGTH);
    assert_eq!(told[1]["frames"], LENGTH.div_ceil(64 * 1024));
    let last = transfers(&conn).last().copied().unwrap().clone();
    assert_eq!((last.state, last.sent), (TransferState::Done, u64::from(LENGTH)));
    assert!(transfers(&conn).is_sorted_by_key(|transfer| transfer.sent));
    // There is no message for it, and the facts count it.
    assert!(conn.rows(Direction::Out).all(|message| message.payload.len() < 100));
    conn.close(1000, "");
    let facts = conn.ended().await.session.unwrap();
    assert_eq!((facts.files_sent, facts.file_bytes_sent), (1, u64::from(LENGTH)));
    assert_eq!((facts.sent.binary, facts.unsent), (1, 0));
}

#[tokio::test]
async fn with_compression_agreed_on_it_goes_as_it_is_and_what_follows_is_packed() {
    let text = "grüße, 你好 ".repeat(40_000);
    let file = file(text.as_bytes());
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/deflate"))).await;
    conn.send(send(file.path(), MessageKind::Text, 10_007));
    conn.text(&text);
    conn.until_received(2).await;
    assert!(conn.received().iter().all(|message| message.payload == text.as_bytes()));
    assert!(conn.rows(Direction::Out).all(|message| message.packed.is_some()));
}

#[tokio::test]
async fn what_is_no_file_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/echo"))).await;
    conn.send(send(&folder.path().join("gone"), MessageKind::Text, 100));
    conn.send(send(folder.path(), MessageKind::Text, 100));
    conn.text("still here");
    conn.until_received(1).await;
    assert_eq!(transfers(&conn).len(), 2);
    assert!(transfers(&conn).iter().all(|t| matches!(t.state, TransferState::Failed(_))));
}

#[tokio::test]
async fn cancelling_closes_with_1001_once_it_was_begun() {
    let file = file(&vec![b'x'; 256 << 20]);
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/sink?sum=0"))).await;
    conn.send(send(file.path(), MessageKind::Text, 4096));
    conn.until(|conn| state(conn) == Some(&TransferState::Running)).await;
    conn.send(Command::CancelFile(TransferId(1)));
    let facts = conn.ended().await.session.unwrap();
    assert_eq!(state(&conn), Some(&TransferState::Stopped));
    let end = facts.end.unwrap();
    assert_eq!((end.code_sent, end.by), (Some(1001), EndedBy::Us));
    assert_eq!((facts.files_sent, facts.unsent), (0, 1));
}

#[tokio::test]
async fn a_disconnect_tells_how_far_it_was() {
    let file = file(&vec![b'x'; 64 << 20]);
    let raw = deaf().await;
    let mut conn = Conn::open(spec(&raw.url("/"))).await;
    conn.send(send(file.path(), MessageKind::Binary, 1 << 20));
    conn.until(|conn| state(conn) == Some(&TransferState::Running)).await;
    conn.send(Command::Disconnect);
    let facts = conn.ended().await.session.unwrap();
    assert_eq!(state(&conn), Some(&TransferState::Stopped));
    assert_eq!(facts.files_sent, 0);
}

#[tokio::test]
async fn a_file_that_shrinks_ends_the_connection_in_order() {
    let file = file(&vec![b'x'; 512 << 20]);
    let server = server().await;
    let mut conn = Conn::open(spec(&server.url("/sink?sum=0"))).await;
    conn.send(send(file.path(), MessageKind::Binary, 4096));
    conn.until(|conn| state(conn) == Some(&TransferState::Running)).await;
    file.as_file().set_len(10).unwrap();
    let end = conn.ended().await.session.unwrap().end.unwrap();
    let Some(TransferState::Failed(why)) = state(&conn) else { panic!("{:?}", state(&conn)) };
    assert!(why.contains("shorter"), "{why}");
    assert_eq!(end.code_sent, Some(1011));
}
