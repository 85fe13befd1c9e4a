//! Frames of RFC 6455 section 5.2, written and read byte by byte.
//!
//! The writing half can produce any first byte, any announced length and a mask, lawful or not.
//! The reading half is the lawful server's: it decodes a header and says nothing of its meaning.

use bytes::BytesMut;

/// The FIN bit of a frame's first byte.
pub(super) const FIN: u8 = 0x80;
/// Opcode of a continuation frame.
pub(super) const CONTINUATION: u8 = 0x0;
/// Opcode of a text frame.
pub(super) const TEXT: u8 = 0x1;
/// Opcode of a binary frame.
pub(super) const BINARY: u8 = 0x2;
/// Opcode of a close frame.
pub(super) const CLOSE: u8 = 0x8;
/// Opcode of a ping frame.
pub(super) const PING: u8 = 0x9;
/// Opcode of a pong frame.
pub(super) const PONG: u8 = 0xA;

/// The longest frame header: two bytes, eight of length, four of mask.
const HEADER_MAX: usize = 14;

/// A frame header as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// FIN, the three reserved bits and the opcode.
    pub(super) first: u8,
    /// Masking key, if the mask bit was set.
    pub(super) mask: Option<[u8; 4]>,
    /// Announced length of the payload.
    pub(super) length: u64,
    /// Bytes of the header itself.
    pub(super) size: usize,
}

impl Header {
    pub(super) fn fin(&self) -> bool {
        self.first & FIN != 0
    }

    pub(super) fn reserved(&self) -> u8 {
        self.first & 0x70
    }

    pub(super) fn opcode(&self) -> u8 {
        self.first & 0x0F
    }
}

/// Decodes the header at the front of `bytes`; `None` while it is incomplete.
pub(super) fn read_header(bytes: &[u8]) -> Option<Header> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, at) = match second & 0x7F {
        126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    if second & 0x80 == 0 {
        return Some(Header { first, mask: None, length, size: at });
    }
    let mask = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(Header { first, mask: Some(mask), length, size: at + 4 })
}

/// Appends a frame header: `first` as it stands, `length` in its shortest form.
pub(super) fn push_header(out: &mut BytesMut, first: u8, length: u64, mask: Option<[u8; 4]>) {
    out.reserve(HEADER_MAX);
    let bit = if mask.is_some() { 0x80 } else { 0 };
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.extend_from_slice(&[first, bit | short]),
        (_, Ok(medium)) => {
            out.extend_from_slice(&[first, bit | 126]);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.extend_from_slice(&[first, bit | 127]);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
    out.extend_from_slice(mask.as_ref().map_or(&[], |key| &key[..]));
}

/// Appends a whole unmasked frame.
pub(super) fn push(out: &mut BytesMut, first: u8, payload: &[u8]) {
    push_header(out, first, payload.len() as u64, None);
    out.extend_from_slice(payload);
}

/// Appends a close frame with a code and the bytes of a reason, lawful or not.
pub(super) fn push_close(out: &mut BytesMut, code: u16, reason: &[u8]) {
    push_header(out, FIN | CLOSE, reason.len() as u64 + 2, None);
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(reason);
}

/// Applies a masking key (RFC 6455 section 5.3); the same operation masks and unmasks.
pub(super) fn apply_mask(bytes: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 40, 1 << 62] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let mut out = BytesMut::new();
                push_header(&mut out, FIN | TEXT, length, mask);
                let header = read_header(&out).expect("complete");
                let size = out.len();
                assert_eq!(header, Header { first: 0x81, mask, length, size });
                for cut in 0..size {
                    assert_eq!(read_header(&out[..cut]), None, "{length} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn the_frames_of_rfc_6455_section_5_7() {
        let mut out = BytesMut::new();
        push(&mut out, FIN | TEXT, b"Hello");
        assert_eq!(&out[..], b"\x81\x05Hello");
        let mut masked = *b"\x7f\x9f\x4d\x51\x58";
        apply_mask(&mut masked, [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(&masked, b"Hello");
        out.clear();
        push(&mut out, FIN | BINARY, &[0; 256]);
        assert_eq!(&out[..4], b"\x82\x7e\x01\x00");
        out.clear();
        push_close(&mut out, 1000, b"bye");
        assert_eq!(&out[..], b"\x88\x05\x03\xe8bye");
    }

    proptest! {
        #[test]
        fn masking_twice_changes_nothing(bytes: Vec<u8>, key: [u8; 4]) {
            let mut masked = bytes.clone();
            apply_mask(&mut masked, key);
            for (at, byte) in masked.iter().enumerate() {
                prop_assert_eq!(*byte, bytes[at] ^ key[at % 4]);
            }
            apply_mask(&mut masked, key);
            prop_assert_eq!(masked, bytes);
        }

        #[test]
        fn no_bytes_upset_the_reader(bytes: Vec<u8>) {
            let _ = read_header(&bytes);
        }
    }
}
