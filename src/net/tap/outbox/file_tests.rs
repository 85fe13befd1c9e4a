//! Files go out as they are, between whatever else has to, and end the connection only if they must.

use std::io::Write as _;

use super::*;
use crate::core::event::{TransferId, TransferState};

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn send(path: &std::path::Path, kind: MessageKind, frame: usize) -> FileSend {
    FileSend { transfer: TransferId(1), kind, path: path.to_owned(), frame }
}

/// Writes to the end, or until it fails.
async fn drain(outbox: &mut Outbox) -> (Vec<u8>, io::Result<()>) {
    let mut taken = Vec::new();
    loop {
        let result = std::future::poll_fn(|cx| {
            let result = outbox.poll_drain(cx, &mut taken, true);
            // Nothing to do may mean that a piece of the file is awaited.
            if matches!(result, Poll::Ready(Ok(0))) && !outbox.is_idle() {
                return Poll::Pending;
            }
            result
        });
        match result.await {
            Ok(0) => return (taken, Ok(())),
            Ok(_) => {}
            Err(error) => return (taken, Err(error)),
        }
    }
}

fn states(outbox: &mut Outbox) -> Vec<TransferState> {
    outbox
        .take_sent()
        .filter_map(|sent| match sent {
            Sent::File { transfer, .. } => Some(transfer.state),
            _ => None,
        })
        .filter(|state| *state != TransferState::Running)
        .collect()
}

#[tokio::test]
async fn a_file_goes_out_in_frames_of_the_size_asked_for() {
    for (bytes, frame, firsts) in [
        (0, 10, vec![0x82]),
        (10, 10, vec![0x82]),
        (25, 10, vec![0x02, 0x00, 0x80]),
        (1_000_000, 1 << 30, vec![0x82]),
        (1_000_000, 300_000, vec![0x02, 0x00, 0x00, 0x80]),
    ] {
        let payload: Vec<u8> = (0..bytes).map(|n: u32| (n % 251) as u8).collect();
        let file = file(&payload);
        let mut outbox = Outbox::new(Clock::new(), None);
        outbox.push(tests::frame(MessageKind::Text, "before"));
        assert!(outbox.push_file(send(file.path(), MessageKind::Binary, frame)));
        outbox.push(tests::frame(MessageKind::Text, "behind"));
        let (taken, result) = drain(&mut outbox).await;
        result.unwrap();
        let frames = tests::read_all(&taken);
        assert_eq!(frames.first().unwrap().1, b"before");
        assert_eq!(frames.last().unwrap().1, b"behind");
        let of_file = &frames[1..frames.len() - 1];
        assert_eq!(of_file.iter().map(|f| f.0).collect::<Vec<_>>(), firsts, "{bytes}");
        assert!(of_file.iter().flat_map(|f| &f.1).eq(&payload));
        assert_eq!((states(&mut outbox), outbox.unsent()), (vec![TransferState::Done], 0));
    }
}

#[tokio::test]
async fn a_pong_goes_between_two_frames_of_a_file_and_a_close_ends_it_there() {
    let file = file(&vec![b'x'; 4 << 20]);
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push_file(send(file.path(), MessageKind::Text, 100_000));
    outbox.push(tests::frame(MessageKind::Text, "behind"));
    let mut taken = Vec::new();
    // Some of it goes out first.
    while taken.len() < 500_000 {
        std::future::poll_fn(|cx| match outbox.poll_drain(cx, &mut taken, true) {
            Poll::Ready(Ok(0)) => Poll::Pending,
            other => other,
        })
        .await
        .unwrap();
    }
    outbox.push(tests::frame(MessageKind::Pong, "p"));
    for _ in 0..3 {
        std::future::poll_fn(|cx| match outbox.poll_drain(cx, &mut taken, true) {
            Poll::Ready(Ok(0)) => Poll::Pending,
            other => other,
        })
        .await
        .unwrap();
    }
    outbox.push(tests::frame(MessageKind::Close, "\x03\u{0}"));
    let (rest, result) = drain(&mut outbox).await;
    result.unwrap();
    taken.extend(rest);
    let frames = tests::read_all(&taken);
    let pong = frames.iter().position(|f| f.0 == 0x8A).unwrap();
    assert!(pong > 0 && pong < frames.len() - 2);
    assert_eq!(frames.last().unwrap().0, 0x88);
    assert!(frames[..frames.len() - 1].iter().all(|f| f.0 == 0x8A || f.1.len() == 100_000));
    assert_eq!((states(&mut outbox), outbox.unsent()), (vec![TransferState::Stopped], 2));
}

#[tokio::test]
async fn what_cannot_be_sent_and_was_not_begun_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let broken = file(b"text \xFF");
    let cut = file("text ü".as_bytes().split_last().unwrap().1);
    let gone = folder.path().join("gone");
    for path in [folder.path(), &gone, broken.path(), cut.path()] {
        let mut outbox = Outbox::new(Clock::new(), None);
        outbox.push_file(send(path, MessageKind::Text, 2));
        outbox.push(tests::frame(MessageKind::Text, "behind"));
        let (taken, result) = drain(&mut outbox).await;
        result.unwrap();
        assert_eq!(tests::read_all(&taken), [(0x81, b"behind".to_vec())]);
        let states = states(&mut outbox);
        assert!(
            matches!(&states[..], [TransferState::Failed(why)] if !why.is_empty()),
            "{states:?}"
        );
    }
}

#[tokio::test]
async fn a_text_that_turns_out_to_be_none_ends_with_1007() {
    let mut bytes = vec![b'x'; 3 << 20];
    bytes[2_500_000] = 0xFF;
    let file = file(&bytes);
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push_file(send(file.path(), MessageKind::Text, 1000));
    let (taken, result) = drain(&mut outbox).await;
    result.unwrap();
    let frames = tests::read_all(&taken);
    assert_eq!(&frames.last().unwrap().1[..2], 1007_u16.to_be_bytes());
    let [TransferState::Failed(why)] = &states(&mut outbox)[..] else { panic!() };
    assert!(why.contains("2500000"), "{why}");
}

#[tokio::test]
async fn a_frame_that_cannot_be_filled_is_cut() {
    let mut bytes = vec![b'x'; 3 << 20];
    bytes[2_500_000] = 0xFF;
    let file = file(&bytes);
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push_file(send(file.path(), MessageKind::Text, 1 << 30));
    let error = drain(&mut outbox).await.1.unwrap_err();
    assert!(error.get_ref().unwrap().is::<CutShort>());
}

#[tokio::test]
async fn cancelling_stops_behind_the_frame_or_cuts_a_long_one() {
    for (frame, cuts) in [(10_000, false), (1 << 30, true)] {
        let file = file(&vec![b'x'; 8 << 20]);
        let mut outbox = Outbox::new(Clock::new(), None);
        outbox.push_file(send(file.path(), MessageKind::Binary, frame));
        let mut taken = Vec::new();
        std::future::poll_fn(|cx| match outbox.poll_drain(cx, &mut taken, true) {
            Poll::Ready(Ok(0)) => Poll::Pending,
            other => other,
        })
        .await
        .unwrap();
        outbox.cancel_file(TransferId(2));
        outbox.cancel_file(TransferId(1));
        let (rest, result) = drain(&mut outbox).await;
        assert_eq!(result.is_err(), cuts);
        assert_eq!(states(&mut outbox), [TransferState::Stopped]);
        if !cuts {
            taken.extend(rest);
            let last = tests::read_all(&taken).pop().unwrap();
            assert_eq!((last.0, &last.1[..2]), (0x88, &1001_u16.to_be_bytes()[..]));
        }
    }
    // One that waits is only taken out.
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push_file(send(std::path::Path::new("/nowhere"), MessageKind::Binary, 1));
    outbox.cancel_file(TransferId(1));
    assert!(outbox.is_idle() && !outbox.is_closing());
}
