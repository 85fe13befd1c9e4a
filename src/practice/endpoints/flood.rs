//! Endpoints that send much: the flood that the benchmarks measure against, and one long message.
//!
//! Messages are made ahead in batches of whole frames, and only the digits of their numbers are
//! written anew, so that the sender costs less than any receiver.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::{Instant, sleep};

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::frames::{self, FIN, TEXT};
use crate::practice::session::{Session, Talk};

/// About how many bytes are written at once.
const BATCH: usize = 128 * 1024;
/// The longest message of a flood.
const SIZE_MAX: u64 = 16 * 1024 * 1024;
/// The longest message of `/large`.
const LARGE_MAX: u64 = 1 << 30;
/// Columns for the number: enough for 10^12 messages.
const DIGITS: usize = 12;
/// What a message holds besides its padding.
const BEFORE: &[u8] = b"{\"n\":";
const BETWEEN: &[u8] = b",\"text\":\"";
const AFTER: &[u8] = b"\"}";
/// The shortest message: all of the above and no padding.
const SIZE_MIN: usize = BEFORE.len() + DIGITS + BETWEEN.len() + AFTER.len();
/// How long a limited flood waits between batches.
const PACE: Duration = Duration::from_millis(5);

/// The padding, over and over; without anything that JSON escapes.
const PADDING: &[u8] = b"the quick brown fox jumps over the lazy dog ";

/// `{"n":           7,"text":"…"}` of exactly this size, the number's place filled with blanks.
fn record(size: usize) -> Vec<u8> {
    let padding = PADDING.iter().copied().cycle().take(size.saturating_sub(SIZE_MIN));
    let mut record = BEFORE.to_vec();
    record.extend([b' '; DIGITS]);
    record.extend(BETWEEN);
    record.extend(padding);
    record.extend(AFTER);
    record
}

/// A number that counts up in decimal, right-aligned.
struct Counter([u8; DIGITS]);

impl Counter {
    fn new() -> Counter {
        let mut digits = [b' '; DIGITS];
        digits[DIGITS - 1] = b'0';
        Counter(digits)
    }

    fn advance(&mut self) {
        for digit in self.0.iter_mut().rev() {
            match *digit {
                b'9' => *digit = b'0',
                b' ' => return *digit = b'1',
                _ => return *digit += 1,
            }
        }
    }
}

/// A block of equal frames whose numbers are written in place.
struct Batch {
    frames: Vec<u8>,
    /// Bytes of one frame, header included.
    stride: usize,
    /// Where a frame's number begins.
    number_at: usize,
    /// How many frames the block holds.
    count: u64,
}

impl Batch {
    fn new(size: usize) -> Batch {
        let mut frame = BytesMut::new();
        frames::push(&mut frame, FIN | TEXT, &record(size));
        let number_at = frame.len() - size + BEFORE.len();
        let count = (BATCH / frame.len()).max(1);
        let stride = frame.len();
        Batch { frames: frame.repeat(count), stride, number_at, count: count as u64 }
    }

    /// The next `count` frames, numbered on; at most as many as the block holds.
    fn next(&mut self, count: u64, counter: &mut Counter) -> &[u8] {
        let length = usize::try_from(count.min(self.count)).unwrap_or(1) * self.stride;
        let frames = &mut self.frames[..length];
        for frame in frames.chunks_exact_mut(self.stride) {
            frame[self.number_at..self.number_at + DIGITS].copy_from_slice(&counter.0);
            counter.advance();
        }
        frames
    }
}

/// `/flood`.
pub(super) async fn flood(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let head = &call.head;
    let total = head.number("count", 100_000);
    let size = usize::try_from(head.number("size", 150).min(SIZE_MAX)).unwrap_or(SIZE_MIN);
    let rate = head.number("rate", 0);
    let mut session = open!(call, conn);
    let mut batch = Batch::new(size.max(SIZE_MIN));
    let mut counter = Counter::new();
    let (start, mut sent) = (Instant::now(), 0);
    while sent < total {
        let mut due = (total - sent).min(batch.count);
        if rate > 0 {
            let allowed = (start.elapsed().as_secs_f64() * rate as f64) as u64 + 1;
            due = due.min(allowed.saturating_sub(sent));
        }
        if due > 0 {
            session.bulk(batch.next(due, &mut counter)).await?;
            sent += due;
        } else if let Some(end) = pause(&mut session).await? {
            return Ok(end);
        }
        // Answers what came meanwhile, between two frames.
        if let Some(Talk::Over(end)) = session.pending() {
            return Ok(end);
        }
    }
    session.close(1000, b"flood over").await
}

/// Waits a little; `Some` if the peer ends it meanwhile.
async fn pause(session: &mut Session<'_>) -> io::Result<Option<End>> {
    let pause = sleep(PACE);
    tokio::pin!(pause);
    loop {
        tokio::select! {
            () = &mut pause => return Ok(None),
            said = session.talk() => if let Talk::Over(end) = said? {
                return Ok(Some(end));
            },
        }
    }
}

/// `/large`: an array of numbered records, so that it can be beautified and searched.
pub(super) async fn large(call: &Call, conn: &mut Conn) -> io::Result<End> {
    const STEP: usize = 128;
    let size = call.head.number("size", 1024 * 1024).clamp(2, LARGE_MAX);
    let mut session = open!(call, conn);
    frames::push_header(&mut session.conn.output, FIN | TEXT, size, None);
    session.conn.output.extend_from_slice(b"[");
    let mut record = record(STEP - 1);
    record.push(b',');
    let mut block = record.repeat(BATCH / STEP);
    // The last element is a string as long as what is left; it needs its quotes.
    let mut left = usize::try_from(size - 2).unwrap_or(0);
    let mut counter = Counter::new();
    while left >= 2 * STEP {
        let count = (left / STEP - 1).min(BATCH / STEP);
        let bytes = &mut block[..count * STEP];
        for record in bytes.chunks_exact_mut(STEP) {
            record[BEFORE.len()..BEFORE.len() + DIGITS].copy_from_slice(&counter.0);
            counter.advance();
        }
        session.bulk(bytes).await?;
        left -= bytes.len();
    }
    match left {
        0 => session.bulk(b"]").await?,
        1 => session.bulk(b"0]").await?,
        _ => session.bulk(format!("\"{}\"]", "x".repeat(left - 2)).as_bytes()).await?,
    }
    session.echo_all().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::frames::read_header;

    #[test]
    fn batches_are_numbered_on_without_a_gap() {
        for size in [SIZE_MIN, 125, 126, 150, 70_000, 200_000] {
            let (mut batch, mut counter) = (Batch::new(size), Counter::new());
            let mut expected = 0_u64;
            for count in [1, 3, u64::MAX, 2] {
                let bytes = batch.next(count, &mut counter).to_vec();
                let mut rest = &bytes[..];
                while let Some(header) = read_header(rest) {
                    assert_eq!(header.length, size as u64);
                    let end = header.size + size;
                    let message: serde_json::Value =
                        serde_json::from_slice(&rest[header.size..end]).expect("JSON");
                    assert_eq!(message["n"], expected, "size {size}");
                    expected += 1;
                    rest = &rest[end..];
                }
                assert!(rest.is_empty());
            }
            assert!(expected >= 4);
        }
    }

    #[test]
    fn the_counter_carries() {
        let mut counter = Counter::new();
        for number in 0..12_345 {
            let text = std::str::from_utf8(&counter.0).expect("digits").trim();
            assert_eq!(text.parse::<u32>(), Ok(number));
            counter.advance();
        }
    }
}
