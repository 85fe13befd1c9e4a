//! What an image says of itself in its first bytes: size, depth, animation. No picture is decoded.

use memchr::memmem;

use super::super::kind::Kind;
use super::super::measure::human_bytes;
use super::{Laid, LensProblem};

/// Bytes of an image that are looked at.
const LOOKED_AT: usize = 1 << 20;

/// Blocks or chunks that are passed over.
const MOST_STEPS: usize = 10_000;

/// What is known of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    format: &'static str,
    /// In pixels.
    size: Option<(u32, u32)>,
    details: Vec<String>,
}

/// Whether it is an image of a known kind.
pub(super) fn fits(payload: &[u8]) -> bool {
    read(payload).is_some()
}

/// The lens.
pub(super) fn lay(payload: &[u8]) -> Result<Laid, LensProblem> {
    let facts = read(payload);
    let facts =
        facts.ok_or_else(|| LensProblem::not("an image", "no known kind begins so", Some(0)))?;
    let mut lines = vec![format!("{} image", facts.format)];
    if let Some((width, height)) = facts.size {
        lines.push(format!("{width} × {height} pixels"));
    }
    lines.extend(facts.details);
    lines.push(human_bytes(payload.len() as u64));
    Ok(Laid::Text { text: lines.join("\n"), kind: Kind::Text, note: String::new() })
}

fn read(payload: &[u8]) -> Option<Facts> {
    let bytes = &payload[..payload.len().min(LOOKED_AT)];
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(png(bytes)),
        [0xff, 0xd8, 0xff, ..] => Some(jpeg(bytes)),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(gif(bytes)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(webp(bytes)),
        [b'B', b'M', ..] => bmp(bytes),
        [0, 0, kind @ (1 | 2), 0, ..] => icon(bytes, *kind),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => heif(bytes),
        _ => None,
    }
}

fn big(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

/// PNG specification, section 11.2.1; `acTL` of animated ones.
fn png(bytes: &[u8]) -> Facts {
    let mut facts = Facts { format: "PNG", ..Facts::default() };
    facts.size = big(bytes, 16, 4).zip(big(bytes, 20, 4));
    if let Some([depth, colour, _, _, interlace, ..]) = bytes.get(24..) {
        let colour = match colour {
            0 => "grey",
            2 => "RGB",
            3 => "palette",
            4 => "grey with alpha",
            6 => "RGBA",
            _ => "unknown colour type",
        };
        facts.details.push(format!("{depth} bits a channel, {colour}"));
        if *interlace == 1 {
            facts.details.push("interlaced".to_owned());
        }
    }
    let mut at = 8;
    for _ in 0..MOST_STEPS {
        let (Some(len), Some(kind)) = (big(bytes, at, 4), bytes.get(at + 4..at + 8)) else {
            break;
        };
        match kind {
            b"acTL" => {
                let frames = big(bytes, at + 8, 4).unwrap_or_default();
                facts.details.push(format!("animated, {frames} frames"));
                break;
            }
            b"IDAT" | b"IEND" => break,
            _ => at = at.saturating_add(len as usize).saturating_add(12),
        }
    }
    facts
}

/// ITU T.81, annex B: the frame header.
fn jpeg(bytes: &[u8]) -> Facts {
    let mut facts = Facts { format: "JPEG", ..Facts::default() };
    let mut at = 2;
    for _ in 0..MOST_STEPS {
        let (Some(0xff), Some(marker)) = (bytes.get(at), bytes.get(at + 1)) else {
            break;
        };
        match marker {
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc4 | 0xc8 | 0xcc => at += 2 + big(bytes, at + 2, 2).unwrap_or(2) as usize,
            0xc0..=0xcf => {
                facts.size = big(bytes, at + 7, 2).zip(big(bytes, at + 5, 2));
                if let (Some(depth), Some(parts)) = (bytes.get(at + 4), bytes.get(at + 9)) {
                    facts.details.push(format!("{depth} bits a channel, {parts} channels"));
                }
                if *marker == 0xc2 {
                    facts.details.push("progressive".to_owned());
                }
                break;
            }
            0xd9 | 0xda => break,
            _ => at += 2 + big(bytes, at + 2, 2).unwrap_or(2) as usize,
        }
    }
    facts
}

/// GIF89a: screen descriptor, then blocks.
fn gif(bytes: &[u8]) -> Facts {
    let mut facts = Facts { format: "GIF", ..Facts::default() };
    facts.size = little(bytes, 6, 2).zip(little(bytes, 8, 2));
    let Some(flags) = bytes.get(10).copied() else {
        return facts;
    };
    let colours = |flags: u8| if flags & 0x80 != 0 { 2usize << (flags & 7) } else { 0 };
    if colours(flags) > 0 {
        facts.details.push(format!("{} colours", colours(flags)));
    }
    let (mut at, mut frames) = (13 + colours(flags) * 3, 0);
    for _ in 0..MOST_STEPS {
        at = match bytes.get(at) {
            Some(0x21) => at + 2,
            Some(0x2c) => {
                frames += 1;
                let local = bytes.get(at + 9).copied().map_or(0, colours);
                at + 11 + local * 3
            }
            _ => break,
        };
        while let Some(len) = bytes.get(at).copied() {
            at += 1 + usize::from(len);
            if len == 0 {
                break;
            }
        }
    }
    if frames > 1 {
        let more = if at < bytes.len() { "" } else { " or more" };
        facts.details.push(format!("animated, {frames}{more} frames"));
    }
    facts
}

/// The container of WebP (RFC 9649).
fn webp(bytes: &[u8]) -> Facts {
    let mut facts = Facts { format: "WebP", ..Facts::default() };
    match bytes.get(12..16) {
        Some(b"VP8 ") => {
            let side = |at| little(bytes, at, 2).map(|value| value & 0x3fff);
            facts.size = side(26).zip(side(28));
            facts.details.push("lossy".to_owned());
        }
        Some(b"VP8L") => {
            facts.size =
                little(bytes, 21, 4).map(|bits| ((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1));
            facts.details.push("lossless".to_owned());
        }
        Some(b"VP8X") => {
            let side = |at| little(bytes, at, 3).map(|value| value + 1);
            facts.size = side(24).zip(side(27));
            let flags = bytes.get(20).copied().unwrap_or_default();
            for (bit, word) in [(0x10, "with alpha"), (0x02, "animated")] {
                if flags & bit != 0 {
                    facts.details.push(word.to_owned());
                }
            }
        }
        _ => {}
    }
    facts
}

fn bmp(bytes: &[u8]) -> Option<Facts> {
    let header = little(bytes, 14, 4)?;
    if !(40..=124).contains(&header) {
        return None;
    }
    let side = |at| little(bytes, at, 4).map(|value| value.cast_signed().unsigned_abs());
    let size = side(18).zip(side(22));
    let details = little(bytes, 28, 2).map(|bits| format!("{bits} bits a pixel"));
    Some(Facts { format: "BMP", size, details: details.into_iter().collect() })
}

fn icon(bytes: &[u8], kind: u8) -> Option<Facts> {
    let count = little(bytes, 4, 2).filter(|count| (1..=64).contains(count))?;
    // The fourth byte of an entry is reserved, and its data begin behind the directory.
    let begins = little(bytes, 18, 4)? as usize;
    if bytes.get(9) != Some(&0) || begins < 6 + 16 * count as usize {
        return None;
    }
    let side =
        |at: usize| bytes.get(at).map(|side| if *side == 0 { 256 } else { u32::from(*side) });
    let format = if kind == 1 { "ICO" } else { "CUR" };
    let details = if count > 1 { vec![format!("the first of {count} sizes")] } else { Vec::new() };
    Some(Facts { format, size: side(6).zip(side(7)), details })
}

/// AVIF and HEIF: the property `ispe` (ISO/IEC 23008-12, section 6.5.3).
fn heif(bytes: &[u8]) -> Option<Facts> {
    let format = match bytes.get(8..12)? {
        b"avif" | b"avis" => "AVIF",
        b"heic" | b"heix" | b"mif1" | b"msf1" => "HEIF",
        _ => return None,
    };
    let animated = matches!(bytes.get(8..12), Some(b"avis" | b"msf1"));
    let size = memmem::find(bytes, b"ispe")
        .and_then(|at| big(bytes, at + 8, 4).zip(big(bytes, at + 12, 4)));
    let details = if animated { vec!["animated".to_owned()] } else { Vec::new() };
    Some(Facts { format, size, details })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8]) -> String {
        lay(bytes).unwrap().text().lines().collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn headers_are_read() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\x01crc!\0\0\0\x08acTL\0\0\0\x05\0\0\0\0";
        assert_eq!(
            lines(png),
            "PNG image; 640 × 480 pixels; 8 bits a channel, RGBA; interlaced; animated, 5 frames; 49 B"
        );
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08\0\x10\0\x20\x03xxx";
        assert_eq!(
            lines(jpeg),
            "JPEG image; 32 × 16 pixels; 8 bits a channel, 3 channels; progressive; 21 B"
        );
        let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01x\0";
        let gif =
            [&b"GIF89a\x03\0\x02\0\x80\0\0rgbrgb\x21\xf9\x01x\0"[..], frame, frame, b";"].concat();
        assert_eq!(lines(&gif), "GIF image; 3 × 2 pixels; 2 colours; animated, 2 frames; 53 B");
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x12\0\0\0\x0f\0\0\x07\0\0";
        assert_eq!(lines(webp), "WebP image; 16 × 8 pixels; with alpha; animated; 30 B");
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\x05\0\0\0\x2f\x0f\xc0\x01\x00";
        assert_eq!(lines(lossless), "WebP image; 16 × 8 pixels; lossless; 25 B");
        let bmp = b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\x05\0\0\0\xfc\xff\xff\xff\x01\0\x18\0";
        assert_eq!(lines(bmp), "BMP image; 5 × 4 pixels; 24 bits a pixel; 30 B");
        let icon = b"\0\0\x01\0\x01\0\x20\0\0\0\x01\0\x20\0\x10\0\0\0\x16\0\0\0";
        assert_eq!(lines(icon), "ICO image; 32 × 256 pixels; 22 B");
        let avif = b"\0\0\0\x0cftypavif\0\0\0\x14ispe\0\0\0\0\0\0\0\x40\0\0\0\x30";
        assert_eq!(lines(avif), "AVIF image; 64 × 48 pixels; 32 B");
    }

    #[test]
    fn other_bytes_are_no_image() {
        for bytes in [&b""[..], b"BM hello", b"\0\0\x01\0\0\0", b"hello", b"\0\0\0\x0cftypmp42"] {
            assert!(!fits(bytes), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            head in prop::sample::select(vec![
                &b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X", b"BM", b"\0\0\x01\0",
                b"\0\0\0\x0cftypavif", b"",
            ]),
            tail in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = lay(&[head, &tail].concat());
        }
    }
}
