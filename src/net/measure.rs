//! A way to the receiving path for benchmarks, without a socket: what a connection does with the
//! bytes of ordinary messages until they are handed on.

use std::future::poll_fn;
use std::io::Cursor;
use std::task::Poll;

use bytes::Bytes;

use super::clock::Clock;
use super::tap::{Quick, Tap};

/// Takes the ordinary messages at the start of this stream of frames: how many there were, and
/// their payload bytes. Ends at the first frame of another kind, or with the stream.
pub async fn take_messages(frames: Bytes) -> (u64, u64) {
    let stream = tokio::io::join(Cursor::new(frames), tokio::io::sink());
    let mut tap = Tap::new(stream, Bytes::new(), u64::MAX, None, Clock::new());
    let (mut messages, mut bytes) = (0, 0);
    poll_fn(|cx| {
        tap.allow_reads();
        loop {
            match tap.poll_quick(cx) {
                Quick::Message(_, payload) => {
                    messages += 1;
                    bytes += payload.len() as u64;
                }
                Quick::Pending => return Poll::Pending,
                Quick::LongWay => return Poll::Ready(()),
            }
        }
    })
    .await;
    (messages, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_ordinary_is_taken_whole_and_in_order() {
        let mut frames = Vec::new();
        let mut want = 0;
        // Around every border of the length's form, and longer than a read.
        for length in [0, 1, 125, 126, 127, 65_000, 3].into_iter().cycle().take(50) {
            frames.push(0x81);
            match u8::try_from(length) {
                Ok(short @ ..=125) => frames.push(short),
                _ => {
                    frames.push(126);
                    frames.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
                }
            }
            frames.extend(std::iter::repeat_n(b'x', length));
            want += length as u64;
        }
        assert_eq!(take_messages(frames.clone().into()).await, (50, want));
        // A ping is none of these, and nothing behind it is taken past it.
        frames.extend_from_slice(&[0x89, 0, 0x81, 1, b'y']);
        assert_eq!(take_messages(frames.into()).await, (50, want));
    }

    #[tokio::test]
    async fn what_is_not_ordinary_is_left_to_the_message_layer() {
        for frame in [
            &[0x01, 1, b'x'][..],
            &[0xc1, 1, b'x'],
            &[0x81, 0x81, 0, 0, 0, 0, b'x'],
            &[0x81, 126, 0, 1, b'x'],
            &[0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, b'x'],
            &[0x81, 2, 0xff, 0xfe],
            &[0x83, 1, b'x'],
        ] {
            assert_eq!(take_messages(Bytes::copy_from_slice(frame)).await, (0, 0), "{frame:?}");
        }
    }
}
