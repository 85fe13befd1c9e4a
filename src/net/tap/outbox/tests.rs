//! What is queued is what goes out, whatever the stream takes at once.

use std::task::Waker;

use proptest::prelude::*;

use super::*;

pub(super) fn frame(kind: MessageKind, payload: impl Into<Bytes>) -> OutFrame {
    OutFrame { kind, payload: payload.into(), share: None }
}

/// Takes at most `room` bytes a write.
struct Narrow {
    taken: Vec<u8>,
    room: usize,
}

impl AsyncWrite for Narrow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = buf.len().min(self.room);
        self.taken.extend_from_slice(&buf[..n]);
        Poll::Ready(Ok(n))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn drain(outbox: &mut Outbox, room: usize) -> Vec<u8> {
    let mut stream = Narrow { taken: Vec::new(), room };
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Ok(1..)) = outbox.poll_drain(&mut cx, &mut stream, true) {}
    assert_eq!(outbox.waiting(), 0);
    stream.taken
}

/// Frames of a client's stream, unmasked.
pub(super) fn read_all(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (len, used) = match bytes[1] & 0x7F {
            126 => (usize::from(u16::from_be_bytes([bytes[2], bytes[3]])), 4),
            127 => {
                (usize::try_from(u64::from_be_bytes(bytes[2..10].try_into().unwrap())).unwrap(), 10)
            }
            short => (usize::from(short), 2),
        };
        let key = &bytes[used..used + 4];
        let body = &bytes[used + 4..used + 4 + len];
        out.push((bytes[0], body.iter().enumerate().map(|(i, b)| b ^ key[i % 4]).collect()));
        bytes = &bytes[used + 4 + len..];
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_queued_is_what_comes_out(
        lens in proptest::collection::vec(
            prop_oneof![0usize..200, 65_530usize..65_540, Just(300_000)], 1..6),
        room in prop_oneof![1000usize..5000, Just(1 << 20)],
    ) {
        let mut outbox = Outbox::new(Clock::new(), None);
        let payloads: Vec<Vec<u8>> = lens
            .iter()
            .map(|len| (0..*len).map(|i| u8::try_from(i % 251).unwrap()).collect())
            .collect();
        for payload in &payloads {
            prop_assert!(outbox.push(frame(MessageKind::Binary, payload.clone())));
        }
        let read = read_all(&drain(&mut outbox, room));
        prop_assert_eq!(read.len(), payloads.len());
        for ((first, body), payload) in read.iter().zip(&payloads) {
            prop_assert_eq!(*first, 0x82);
            prop_assert_eq!(body, payload);
        }
        prop_assert_eq!(outbox.take_sent().count(), payloads.len());
    }
}

#[test]
fn control_frames_go_ahead_and_nothing_follows_a_close() {
    let mut outbox = Outbox::new(Clock::new(), None);
    assert!(outbox.push(frame(MessageKind::Text, "a")));
    assert!(outbox.push(frame(MessageKind::Close, "")));
    assert!(!outbox.push(frame(MessageKind::Text, "b")));
    assert!(outbox.push(frame(MessageKind::Pong, "p")));
    let firsts: Vec<u8> = read_all(&drain(&mut outbox, 1 << 20)).iter().map(|f| f.0).collect();
    assert_eq!(firsts, [0x8A, 0x81, 0x88]);
    assert!(!outbox.push(frame(MessageKind::Pong, "late")));
}

#[test]
fn a_close_that_cannot_wait_drops_what_was_not_begun() {
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push(frame(MessageKind::Text, "a"));
    outbox.push(frame(MessageKind::Text, "b"));
    outbox.push_close_now(Bytes::from_static(b"\x03\xEA"));
    assert_eq!(outbox.unsent(), 2);
    assert_eq!(read_all(&drain(&mut outbox, 3)), [(0x88, vec![0x03, 0xEA])]);
}

#[test]
fn messages_can_be_held_back_without_holding_back_a_pong() {
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push(frame(MessageKind::Text, "a"));
    outbox.push(frame(MessageKind::Pong, "p"));
    let mut stream = Narrow { taken: Vec::new(), room: 1 << 20 };
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Ok(1..)) = outbox.poll_drain(&mut cx, &mut stream, false) {}
    assert_eq!(read_all(&stream.taken), [(0x8A, b"p".to_vec())]);
    assert_eq!(outbox.waiting(), 1);
}

#[test]
fn control_frames_of_the_layer_above_are_read_back() {
    let mut outbox = Outbox::new(Clock::new(), None);
    outbox.push(frame(MessageKind::Pong, "payload"));
    let bytes = drain(&mut outbox, 1 << 20);
    let (read, used) = read_control(&bytes).unwrap();
    assert_eq!((read.kind, &read.payload[..], used), (MessageKind::Pong, &b"payload"[..], 13));
    assert!(read_control(&bytes[..12]).is_none());
    assert!(read_control(b"\x81\x80aaaa").is_none());
}
