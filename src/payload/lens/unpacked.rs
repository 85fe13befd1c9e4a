//! What is packed inside a payload: gzip (RFC 1952), zlib (RFC 1950), and raw deflate (RFC 1951), which
//! has no mark and is tried only when asked for.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::super::measure::human_bytes;
use super::{Laid, Lens, LensProblem, Options, automatic, lay_inside};
use crate::core::progress::Progress;

/// Bytes that are unpacked at most: a bomb makes a thousand times its size.
const MOST: usize = 256 << 20;

/// Packings within packings that are opened.
const LAYERS: usize = 2;

const STEP: usize = 64 << 10;

/// A way of packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zlib,
    Deflate,
}

impl Packing {
    fn of(payload: &[u8]) -> Option<Packing> {
        match payload {
            [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
            // Method 8, a window of at most 32 KiB, and a check that both bytes are a multiple of 31.
            [method, flags, ..]
                if method & 15 == 8
                    && method >> 4 <= 7
                    && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31) =>
            {
                Some(Packing::Zlib)
            }
            _ => None,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zlib => "zlib",
            Packing::Deflate => "deflate",
        }
    }

    fn reader<'a>(self, payload: &'a [u8]) -> Box<dyn Read + 'a> {
        match self {
            Packing::Gzip => Box::new(MultiGzDecoder::new(payload)),
            Packing::Zlib => Box::new(ZlibDecoder::new(payload)),
            Packing::Deflate => Box::new(DeflateDecoder::new(payload)),
        }
    }
}

/// Whether it is packed, by its mark and by unpacking its first bytes.
pub(super) fn fits(payload: &[u8]) -> bool {
    let mut first = [0; 64];
    let head = &payload[..payload.len().min(STEP)];
    Packing::of(payload).is_some_and(|packing| packing.reader(head).read(&mut first).is_ok())
}

/// The lens: unpacks, and lays out what is inside with the lens that suits it.
pub(super) fn lay(
    payload: &[u8],
    options: &Options,
    progress: &Progress,
    layer: usize,
) -> Result<Laid, LensProblem> {
    let packing = match Packing::of(payload) {
        Some(packing) => packing,
        None if options.raw_deflate => Packing::Deflate,
        None => return Err(LensProblem::not("packed", "it has no mark of gzip or zlib", Some(0))),
    };
    let (bytes, fault) = unpack(packing, payload, progress)?;
    let (from, to) = (payload.len() as u64, bytes.len() as u64);
    let mut note = format!("{}, {} → {}", packing.label(), human_bytes(from), human_bytes(to));
    if to >= from * 20 {
        note.push_str(&format!(" ({} times)", to / from.max(1)));
    }
    if let Some(fault) = fault {
        note.push_str(&format!("; {fault}"));
    }
    let is_text = std::str::from_utf8(&bytes).is_ok();
    let lens = match automatic(&bytes, is_text) {
        Lens::Unpacked if layer >= LAYERS => Lens::Hex,
        lens => lens,
    };
    lay_inside(lens, &bytes, is_text, (options, progress, layer + 1), note)
}

/// The bytes inside, and what kept the rest from being unpacked.
fn unpack(
    packing: Packing,
    payload: &[u8],
    progress: &Progress,
) -> Result<(Vec<u8>, Option<String>), LensProblem> {
    let mut reader = packing.reader(payload);
    let mut out = Vec::new();
    let mut piece = vec![0; STEP];
    loop {
        if progress.is_cancelled() {
            return Err(LensProblem::Cancelled);
        }
        match reader.read(&mut piece) {
            Ok(0) => return Ok((out, None)),
            Ok(read) if out.len() + read > MOST => {
                return Ok((out, Some("the rest is not unpacked".to_owned())));
            }
            Ok(read) => out.extend_from_slice(&piece[..read]),
            Err(error) if out.is_empty() => {
                return Err(LensProblem::not(packing.label(), error.to_string(), None));
            }
            Err(error) => return Ok((out, Some(format!("broken there: {error}")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn laid(payload: &[u8], options: &Options) -> Result<Laid, LensProblem> {
        lay(payload, options, &Progress::default(), 1)
    }

    #[test]
    fn what_is_inside_is_laid_out() {
        let packed = gzip(b"{\"a\":1}");
        let inside = laid(&packed, &Options::default()).unwrap();
        assert_eq!(inside.text(), "{\n  \"a\": 1\n}");
        assert_eq!(inside.note(), format!("gzip, {} B → 7 B", packed.len()));
        assert!(fits(&packed) && !fits(b"\x1f\x8b\x08garbage that is none"));
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"plain").unwrap();
        let zlib = encoder.finish().unwrap();
        assert_eq!(laid(&zlib, &Options::default()).unwrap().text(), "plain");
    }

    #[test]
    fn raw_deflate_is_tried_when_asked_for() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"plain").unwrap();
        let raw = encoder.finish().unwrap();
        assert!(laid(&raw, &Options::default()).is_err());
        let options = Options { raw_deflate: true, ..Options::default() };
        assert_eq!(laid(&raw, &options).unwrap().text(), "plain");
    }

    #[test]
    fn two_layers_are_opened_and_no_more() {
        let twice = gzip(&gzip(b"{}"));
        let inside = laid(&twice, &Options::default()).unwrap();
        assert_eq!(inside.text(), "{}");
        assert_eq!(inside.note().matches("gzip").count(), 2);
        let thrice = laid(&gzip(&twice), &Options::default()).unwrap();
        assert!(thrice.text().starts_with("00000000  1f 8b"), "{}", thrice.text());
    }

    #[test]
    fn bombs_and_stumps_are_told() {
        let packed = gzip(&vec![b' '; 1 << 20]);
        assert!(laid(&packed, &Options::default()).unwrap().note().contains(" times)"));
        let stump = &packed[..packed.len() - 20];
        assert!(laid(stump, &Options::default()).unwrap().note().contains("broken there"));
        let progress = Progress::default();
        progress.cancel();
        let stopped = lay(&packed, &Options::default(), &progress, 1);
        assert_eq!(stopped.unwrap_err(), LensProblem::Cancelled);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let options = Options { raw_deflate: true, ..Options::default() };
            let _ = laid(&bytes, &options);
            let _ = laid(&[&[0x1f, 0x8b, 8][..], &bytes].concat(), &options);
            let _ = laid(&[&[0x78, 0x9c][..], &bytes].concat(), &options);
        }
    }
}
