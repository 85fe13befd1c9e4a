//! Packs messages on their way out (RFC 7692 section 7.2.1).

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::core::evidence::DeflateFacts;

/// Messages below this many bytes go as they are. What could be saved is less than the headers of
/// TCP and IP that carry it, a text without context hardly shrinks at all at this size, and the
/// small messages of chatty protocols (`2`, `{"type":"ping"}`) stay readable in a capture.
pub(super) const LEAST: usize = 64;

/// Bytes of a message that are packed at once, which takes about 12 ms. A longer message is packed
/// in pieces, each a frame, so that neither a pong nor the reading waits for all of it and no
/// second message of its size is made.
pub(super) const PIECE: usize = 1024 * 1024;

/// What ends each flush and is left out at the end of a message (section 7.2.1).
pub(super) const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// Smallest window that the compressor can have; a server that wants 8 gets messages as they are,
/// which section 6 allows at any time.
const LEAST_BITS: u8 = 9;

#[derive(Debug)]
pub(super) struct Packer {
    compress: Compress,
    /// Each message is packed by itself.
    fresh_each: bool,
}

impl Packer {
    /// `None` if the agreed window is smaller than the compressor can have.
    pub(super) fn new(agreed: &DeflateFacts) -> Option<Packer> {
        let bits = agreed.client_max_window_bits;
        (LEAST_BITS..=15).contains(&bits).then(|| Packer {
            compress: Compress::new_with_window_bits(Compression::default(), false, bits),
            fresh_each: agreed.client_no_context_takeover,
        })
    }

    /// Packs a whole message, or the first [`PIECE`] of a longer one. `None` if that makes it no
    /// smaller: it then goes as it is, and the context begins anew, since the peer does not see
    /// what was packed in vain.
    pub(super) fn begin(&mut self, message: &[u8]) -> Option<Bytes> {
        let piece = &message[..message.len().min(PIECE)];
        let is_last = piece.len() == message.len();
        let packed = (piece.len() >= LEAST).then(|| self.piece(piece, is_last))?;
        if packed.as_ref().is_none_or(|packed| packed.len() >= piece.len()) {
            self.compress.reset();
            return None;
        }
        packed
    }

    /// Packs the next piece of a message that was begun. `None` on an error of the compressor,
    /// which has none but for wrong use; the message cannot go on then.
    pub(super) fn piece(&mut self, piece: &[u8], is_last: bool) -> Option<Bytes> {
        let mut out = Vec::with_capacity(piece.len() / 2 + 64);
        let mut rest = piece;
        loop {
            let before = self.compress.total_in();
            let status = self.compress.compress_vec(rest, &mut out, FlushCompress::Sync).ok()?;
            let used = usize::try_from(self.compress.total_in() - before).ok()?;
            rest = rest.get(used..)?;
            if status == Status::StreamEnd {
                return None;
            }
            // Room left in the output means that all of it is out.
            if rest.is_empty() && out.len() < out.capacity() {
                break;
            }
            out.reserve(piece.len() / 2 + 64);
        }
        if is_last {
            if out.ends_with(&TAIL) {
                out.truncate(out.len() - TAIL.len());
            }
            if self.fresh_each {
                self.compress.reset();
            }
        }
        Some(out.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    /// Unpacks by flate2's reader, which shares no code with the tap: all messages of a
    /// connection, each with its tail, are one stream.
    fn unpack(messages: &[Vec<u8>]) -> Vec<u8> {
        let mut stream = Vec::new();
        for message in messages {
            stream.extend_from_slice(message);
            stream.extend_from_slice(&TAIL);
        }
        // A last block, so that the reader sees an end.
        stream.extend_from_slice(&[0x01, 0, 0, 0xFF, 0xFF]);
        let mut out = Vec::new();
        flate2::read::DeflateDecoder::new(stream.as_slice()).read_to_end(&mut out).unwrap();
        out
    }

    fn whole(packer: &mut Packer, message: &[u8]) -> Option<Vec<u8>> {
        let mut out = packer.begin(message)?.to_vec();
        let mut at = PIECE.min(message.len());
        while at < message.len() {
            let end = message.len().min(at + PIECE);
            out.extend_from_slice(&packer.piece(&message[at..end], end == message.len()).unwrap());
            at = end;
        }
        Some(out)
    }

    #[test]
    fn the_second_of_two_equal_messages_is_tiny_only_with_context() {
        let text = br#"{"type":"tick","symbol":"EURUSD","bid":1.08421,"ask":1.08423,"seq":1}"#;
        let mut with = Packer::new(&DeflateFacts::default()).unwrap();
        let (first, second) = (with.begin(text).unwrap(), with.begin(text).unwrap());
        assert!(second.len() < 12, "{} then {}", first.len(), second.len());
        let agreed = DeflateFacts { client_no_context_takeover: true, ..DeflateFacts::default() };
        let mut without = Packer::new(&agreed).unwrap();
        assert_eq!(without.begin(text), without.begin(text));
    }

    #[test]
    fn what_does_not_shrink_goes_as_it_is() {
        let mut packer = Packer::new(&DeflateFacts::default()).unwrap();
        let mut noise = vec![0; 4096];
        crate::net::random(&mut noise);
        assert_eq!(packer.begin(&noise), None);
        assert_eq!(packer.begin(&[b'x'; LEAST - 1]), None);
        assert_eq!(packer.begin(b""), None);
        // The context was begun anew, so the next one stands by itself.
        let packed = packer.begin(&[b'x'; 1000]).unwrap();
        assert_eq!(unpack(&[packed.to_vec()]), [b'x'; 1000]);
    }

    #[test]
    fn a_window_that_the_compressor_cannot_have_means_no_compression() {
        let bits = |bits| DeflateFacts { client_max_window_bits: bits, ..DeflateFacts::default() };
        assert!(Packer::new(&bits(8)).is_none());
        assert!(Packer::new(&bits(9)).is_some());
    }

    #[test]
    fn a_long_message_is_packed_in_pieces() {
        let message: Vec<u8> =
            (0..PIECE * 2 + 77).map(|n| b"abcdefgh"[n % 8] ^ u8::from(n % 31 == 0)).collect();
        let mut packer = Packer::new(&DeflateFacts::default()).unwrap();
        let packed = whole(&mut packer, &message).unwrap();
        assert!(packed.len() < message.len() / 10);
        assert!(unpack(&[packed]) == message);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn messages_come_back(
            texts in proptest::collection::vec("[a-e]{64,400}|[ -~]{64,2000}", 1..8),
            bits in 9u8..=15,
            fresh in any::<bool>(),
        ) {
            let agreed = DeflateFacts {
                client_max_window_bits: bits,
                client_no_context_takeover: fresh,
                ..DeflateFacts::default()
            };
            let mut packer = Packer::new(&agreed).unwrap();
            // Each message that goes as it is begins a new stream at our side, and the peer's
            // goes on: both must be readable by one reader.
            let (mut packed, mut plain) = (Vec::new(), Vec::new());
            for text in &texts {
                if let Some(message) = whole(&mut packer, text.as_bytes()) {
                    packed.push(message);
                    plain.extend_from_slice(text.as_bytes());
                }
            }
            prop_assert_eq!(unpack(&packed), plain);
        }
    }
}
