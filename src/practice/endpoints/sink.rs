//! `/sink`: takes messages of any length without keeping them, and tells what has come.
//!
//! It counts and checksums frame by frame, so that a file of many gigabytes can be sent to it.

use std::io;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Call, open};
use crate::practice::conn::{Conn, End, Moved};
use crate::practice::frames::{self, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};

/// What has come of a message.
#[derive(Default)]
struct Taken {
    kind: &'static str,
    bytes: u64,
    frames: u64,
    sum: Sha256,
}

/// `/sink`; `sum=0` leaves out the checksum, which costs more than the rest.
pub(super) async fn sink(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let wants_sum = call.head.number("sum", 1) != 0;
    let session = open!(call, conn);
    let conn = session.conn;
    let mut message: Option<Taken> = None;
    loop {
        let Some(header) = next_header(conn).await? else { return Ok(End::Finish) };
        let (opcode, key) = (header.opcode(), header.mask);
        let lawful = match opcode {
            CONTINUATION => message.is_some(),
            frames::TEXT | frames::BINARY => message.is_none(),
            CLOSE | PING | PONG => header.fin() && header.length <= 125,
            _ => false,
        };
        let Some(key) = key.filter(|_| lawful && header.reserved() == 0) else {
            frames::push_close(&mut conn.output, 1002, b"this frame is not in order");
            return Ok(End::Finish);
        };
        let _ = conn.input.split_to(header.size);
        if opcode >= CLOSE {
            let mut payload = Vec::new();
            let whole = take(conn, header.length, key, |piece| payload.extend_from_slice(piece));
            if !whole.await? {
                return Ok(End::Finish);
            }
            match opcode {
                PING => frames::push(&mut conn.output, FIN | PONG, &payload),
                CLOSE => {
                    let code = payload.get(..2).unwrap_or_default();
                    frames::push(&mut conn.output, FIN | CLOSE, code);
                    return Ok(End::Finish);
                }
                _ => {}
            }
            continue;
        }
        let taken = message.get_or_insert_with(Taken::default);
        if opcode != CONTINUATION {
            taken.kind = if opcode == TEXT { "text" } else { "binary" };
        }
        taken.frames += 1;
        taken.bytes += header.length;
        let sum = &mut taken.sum;
        let whole = take(conn, header.length, key, |piece| {
            if wants_sum {
                sum.update(piece);
            }
        });
        if !whole.await? {
            return Ok(End::Finish);
        }
        if header.fin()
            && let Some(Taken { kind, bytes, frames, sum }) = message.take()
        {
            let sum = wants_sum.then(|| {
                sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            });
            let told = json!({ "kind": kind, "bytes": bytes, "frames": frames, "sha256": sum });
            frames::push(&mut conn.output, FIN | TEXT, told.to_string().as_bytes());
        }
    }
}

/// The header of the next frame; `None` at the end.
async fn next_header(conn: &mut Conn) -> io::Result<Option<frames::Header>> {
    loop {
        if let Some(header) = frames::read_header(&conn.input) {
            return Ok(Some(header));
        }
        conn.expected = 0;
        if conn.exchange().await? == Moved::Read(0) {
            return Ok(None);
        }
    }
}

/// Gives a payload piece by piece, unmasked; false if the end comes before its.
async fn take(
    conn: &mut Conn,
    length: u64,
    key: [u8; 4],
    mut give: impl FnMut(&[u8]),
) -> io::Result<bool> {
    let mut done = 0;
    while done < length {
        let here = usize::try_from(length - done).unwrap_or(usize::MAX).min(conn.input.len());
        if here == 0 {
            conn.expected = usize::try_from(length - done).unwrap_or(usize::MAX);
            if conn.exchange().await? == Moved::Read(0) {
                return Ok(false);
            }
            continue;
        }
        let mut piece = conn.input.split_to(here);
        let turned = std::array::from_fn(|i| key[(i + (done % 4) as usize) % 4]);
        frames::apply_mask(&mut piece, turned);
        give(&piece);
        done += here as u64;
    }
    Ok(true)
}
