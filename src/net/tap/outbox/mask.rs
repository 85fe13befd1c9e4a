//! Masking (RFC 6455 section 5.3), and reading back what the message layer has masked.

use super::OutFrame;
use crate::core::message::MessageKind;

/// Masks `bytes`, which begin `phase` bytes into the payload.
pub(super) fn mask(bytes: &mut [u8], key: [u8; 4], phase: usize) {
    let turned = [key[phase % 4], key[(phase + 1) % 4], key[(phase + 2) % 4], key[(phase + 3) % 4]];
    let word = u64::from(u32::from_ne_bytes(turned));
    let word = word | (word << 32);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (i, byte) in rest.iter_mut().enumerate() {
        *byte ^= turned[i % 4];
    }
}

/// Unpredictable masking keys (section 10.3), drawn from the system in batches.
#[derive(Debug)]
pub(super) struct Masks {
    pool: [u8; 1024],
    at: usize,
}

impl Default for Masks {
    fn default() -> Self {
        Masks { pool: [0; 1024], at: 1024 }
    }
}

impl Masks {
    pub(super) fn next(&mut self) -> [u8; 4] {
        if self.at + 4 > self.pool.len() {
            crate::net::random(&mut self.pool);
            self.at = 0;
        }
        let key = &self.pool[self.at..self.at + 4];
        self.at += 4;
        [key[0], key[1], key[2], key[3]]
    }
}

/// Takes the one masked control frame that lies in `bytes` apart, as the message layer writes
/// pongs and close frames by itself. `None` if it is anything else.
pub(in crate::net::tap) fn read_control(bytes: &[u8]) -> Option<(OutFrame, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let kind = match first {
        0x88 => MessageKind::Close,
        0x89 => MessageKind::Ping,
        0x8A => MessageKind::Pong,
        _ => return None,
    };
    let length = usize::from(second & 0x7F);
    if length > 125 || second & 0x80 == 0 {
        return None;
    }
    let (&key, rest) = rest.split_first_chunk::<4>()?;
    let mut payload = rest.get(..length)?.to_vec();
    mask(&mut payload, key, 0);
    Some((OutFrame { kind, payload: payload.into(), share: None }, 6 + length))
}
