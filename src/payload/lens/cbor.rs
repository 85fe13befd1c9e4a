//! CBOR (RFC 8949), one item or a sequence of them (RFC 8742), in the diagnostic notation of section
//! 8: tags as `1(…)`, bytes as `h'00ff'`, indefinite lengths as `[_ …]`. A time (tag 1) is followed by a
//! comment that says which.

use super::binary_input::{Fault, Input, Met, finish};
use super::tree::notation::{Notation, float, hex, quoted};
use super::tree::{DEEPEST, Shape};
use super::{Laid, LensProblem};
use crate::core::progress::Progress;

/// Tag of a time in seconds since 1970.
const EPOCH_TIME: u64 = 1;

/// "This is CBOR" (RFC 8949 section 3.4.6).
const SELF_DESCRIBED: [u8; 3] = [0xd9, 0xd9, 0xf7];

/// An array or map being read.
struct Level {
    /// Items to come; `None` until a break.
    left: Option<u64>,
    map: bool,
    /// The next item is a key.
    key: bool,
}

/// The lens.
pub(super) fn lay(payload: &[u8], progress: &Progress) -> Result<Laid, LensProblem> {
    let mut notation = Notation::new();
    let result = walk(payload, Some(&mut notation), progress).map(|_| ());
    let tree = finish("CBOR", notation, result)?;
    let note = tree.problem().unwrap_or_default().to_owned();
    Ok(Laid::Tree { tree, note })
}

/// Whether all of the bytes are one plausible item, or say that they are CBOR.
pub(super) fn fits(payload: &[u8]) -> bool {
    let met = walk(payload, None, &Progress::default());
    met.is_ok_and(|met| met.is_plausible() || payload.starts_with(&SELF_DESCRIBED))
}

/// Reads everything and tells the notation, if there is one.
fn walk(
    payload: &[u8],
    mut notation: Option<&mut Notation>,
    progress: &Progress,
) -> Result<Met, Fault> {
    let mut input = Input::new(payload, progress);
    let mut levels: Vec<Level> = Vec::new();
    let mut met = Met::default();
    // The innermost of the tags before the item to come.
    let mut tag = None;
    loop {
        while tag.is_none() && levels.pop_if(|level| level.left == Some(0)).is_some() {
            if let Some(notation) = notation.as_deref_mut() {
                notation.end();
            }
        }
        if levels.is_empty() && tag.is_none() && input.is_done() {
            return Ok(met);
        }
        input.tick()?;
        let start = input.at;
        let head = input.byte()?;
        if head == 0xff {
            let ends = |level: &Level| level.left.is_none() && (level.key || !level.map);
            if tag.is_some() || !levels.last().is_some_and(ends) {
                return Err(Fault::Wrong("this break ends nothing", start));
            }
            levels.pop();
            if let Some(notation) = notation.as_deref_mut() {
                notation.end();
            }
            continue;
        }
        let (major, argument) = (head >> 5, argument(&mut input, head, start)?);
        if major == 6 {
            let number = argument.ok_or(Fault::Wrong("a tag has no number", start))?;
            tag = Some(number);
            if let Some(notation) = notation.as_deref_mut() {
                notation.wrap(&number.to_string());
            }
            continue;
        }
        let tagged = tag.take();
        let mut key = false;
        match levels.last_mut() {
            Some(level) => {
                level.left = level.left.map(|left| left.saturating_sub(1));
                key = level.map && level.key;
                level.key = level.map && !level.key;
            }
            None => met.roots += 1,
        }
        if let 4 | 5 = major {
            if levels.len() >= DEEPEST {
                return Err(Fault::Wrong("this nests deeper than is read", start));
            }
            let map = major == 5;
            met.container |= met.roots == 1 && levels.is_empty() && argument != Some(0);
            met.odd_key |= key;
            let left = argument.map(|items| if map { items.saturating_mul(2) } else { items });
            levels.push(Level { left, map, key: map });
            if let Some(notation) = notation.as_deref_mut() {
                let (shape, open, close) = match (map, argument) {
                    (true, Some(_)) => (Shape::Object, "{", "}"),
                    (true, None) => (Shape::Object, "{_", "}"),
                    (false, Some(_)) => (Shape::Array, "[", "]"),
                    (false, None) => (Shape::Array, "[_", "]"),
                };
                notation.begin(shape, open, close).map_err(|full| input.full(full))?;
            }
            continue;
        }
        let time = tagged == Some(EPOCH_TIME);
        let written = notation.is_some();
        let (shape, text) = scalar(&mut input, head, argument, (start, time, written))?;
        met.odd_key |= key && !matches!(shape, Shape::String | Shape::Number);
        met.odd_text |= shape == Shape::Other;
        if let Some(notation) = notation.as_deref_mut() {
            notation.scalar(shape, &text).map_err(|full| input.full(full))?;
        }
    }
}

/// The number behind the first byte; `None` for an indefinite length.
fn argument(input: &mut Input<'_>, head: u8, start: usize) -> Result<Option<u64>, Fault> {
    Ok(match head & 31 {
        small @ 0..=23 => Some(small.into()),
        size @ 24..=27 => Some(input.uint(1 << (size - 24))?),
        31 if matches!(head >> 5, 2..=5) => None,
        _ => return Err(Fault::Wrong("this first byte is reserved", start)),
    })
}

/// A value that holds no others. [`Shape::Other`] stands for text that is not UTF-8 and for simple
/// values that nobody has defined. The text is left empty if it is not wanted.
fn scalar(
    input: &mut Input<'_>,
    head: u8,
    argument: Option<u64>,
    (start, time, wanted): (usize, bool, bool),
) -> Result<(Shape, String), Fault> {
    let number = argument.unwrap_or_default();
    let said = |text: String| if time { format!("{text}{}", comment(&text)) } else { text };
    Ok(match head >> 5 {
        0 => (Shape::Number, said(number.to_string())),
        1 => (Shape::Number, said((-1 - i128::from(number)).to_string())),
        major @ (2 | 3) => match argument {
            Some(len) => string(major, input.take(len)?, wanted),
            None => chunks(input, major, wanted)?,
        },
        _ => match head & 31 {
            20 => (Shape::Bool, "false".to_owned()),
            21 => (Shape::Bool, "true".to_owned()),
            22 => (Shape::Null, "null".to_owned()),
            23 => (Shape::Null, "undefined".to_owned()),
            25 => (Shape::Number, said(float(half(number as u16)))),
            26 => {
                let value = f32::from_bits(number as u32);
                let text =
                    if value.is_finite() { format!("{value:?}") } else { float(value.into()) };
                (Shape::Number, said(text))
            }
            27 => (Shape::Number, said(float(f64::from_bits(number)))),
            24 if number < 32 => return Err(Fault::Wrong("this simple value is reserved", start)),
            _ => (Shape::Other, format!("simple({number})")),
        },
    })
}

fn string(major: u8, bytes: &[u8], wanted: bool) -> (Shape, String) {
    let text = if major == 3 { std::str::from_utf8(bytes).ok() } else { None };
    match (text, major) {
        (Some(text), _) => (Shape::String, if wanted { quoted(text) } else { String::new() }),
        (None, 3) => (Shape::Other, format!("text({})", hex(bytes))),
        _ => (Shape::Bytes, if wanted { hex(bytes) } else { String::new() }),
    }
}

/// A string of indefinite length: strings of the same kind until a break.
fn chunks(input: &mut Input<'_>, major: u8, wanted: bool) -> Result<(Shape, String), Fault> {
    let mut shape = if major == 3 { Shape::String } else { Shape::Bytes };
    let mut out = "(_".to_owned();
    loop {
        input.tick()?;
        let start = input.at;
        let head = input.byte()?;
        if head == 0xff {
            out.push(')');
            return Ok((shape, out));
        }
        let len = argument(input, head, start)?;
        let (true, Some(len)) = (head >> 5 == major, len) else {
            return Err(Fault::Wrong("this piece does not belong to its string", start));
        };
        let (piece, text) = string(major, input.take(len)?, wanted);
        if piece == Shape::Other {
            shape = Shape::Other;
        }
        if wanted {
            out.push_str(if out.len() == 2 { " " } else { ", " });
            out.push_str(&text);
        }
    }
}

/// IEEE 754 binary16 (RFC 8949 appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -value } else { value }
}

/// A comment with the time that so many seconds mean; empty if they mean none.
fn comment(seconds: &str) -> String {
    let time = seconds.parse::<f64>().ok().and_then(|seconds| {
        let whole = seconds.floor();
        if whole.abs() > 1e12 {
            return None;
        }
        jiff::Timestamp::new(whole as i64, ((seconds - whole) * 1e9) as i32).ok()
    });
    time.map_or_else(String::new, |time| format!(" / {time} /"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        lay(bytes, &Progress::default()).unwrap().text().to_owned()
    }

    /// RFC 8949 appendix A, on one line.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        for (bytes, expected) in [
            (&b"\x18\x64"[..], "100"),
            (b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "-18446744073709551616"),
            (b"\xf9\x00\x00", "0.0"),
            (b"\xf9\x80\x00", "-0.0"),
            (b"\xf9\x3c\x00", "1.0"),
            (b"\xf9\x7b\xff", "65504.0"),
            (b"\xf9\x00\x01", "5.960464477539063e-8"),
            (b"\xf9\x7c\x00", "Infinity"),
            (b"\xf9\x7e\x00", "NaN"),
            (b"\xfa\x47\xc3\x50\x00", "100000.0"),
            (b"\xfb\xc0\x10\x66\x66\x66\x66\x66\x66", "-4.1"),
            (b"\xf4\xf5\xf6\xf7", "false\ntrue\nnull\nundefined"),
            (b"\xf0", "simple(16)"),
            (b"\xf8\xff", "simple(255)"),
            (b"\xc1\x1a\x51\x4b\x67\xb0", "1(1363896240 / 2013-03-21T20:04:00Z /)"),
            (b"\xd8\x20\x63a/b", "32(\"a/b\")"),
            (b"\x42\x00\xff", "h'00ff'"),
            (b"\x62\xc3\xbc", "\"ü\""),
            (b"\x83\x01\x82\x02\x03\x80", "[ 1, [ 2, 3 ], [] ]"),
            (b"\xa2\x61a\x01\x02\xf6", "{ \"a\": 1, 2: null }"),
            (b"\x5f\x42\x01\x02\x41\x03\xff", "(_ h'0102', h'03')"),
            (b"\x9f\x01\x9f\xff\xff", "[_ 1, [_] ]"),
            (b"\xbf\x61a\x01\xff", "{_ \"a\": 1 }"),
            (b"\xc1\xc2\x81\x01", "1(2([ 1 ]))"),
            (b"\xa1\x80\xa0", "{ (key): [], (value): {} }"),
        ] {
            let laid = text(bytes);
            let line = if bytes.len() == 4 && bytes[0] == 0xf4 {
                laid
            } else {
                laid.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            assert_eq!(line, expected, "{bytes:x?}");
        }
    }

    #[test]
    fn faults_name_their_byte() {
        for (bytes, note) in [
            (&b"\x82\x01"[..], "the data end inside a value (at byte 2)"),
            (b"\x01\xff", "this break ends nothing (at byte 1)"),
            (b"\xbf\x01\xff", "this break ends nothing (at byte 2)"),
            (b"\x01\x1c", "this first byte is reserved (at byte 1)"),
            (b"\x01\xf8\x10", "this simple value is reserved (at byte 1)"),
            (b"\x01\x5f\x61a\xff", "this piece does not belong to its string (at byte 2)"),
            (b"\x01\xc1", "the data end inside a value (at byte 2)"),
        ] {
            assert_eq!(lay(bytes, &Progress::default()).unwrap().note(), note, "{bytes:x?}");
        }
        assert!(lay(b"\xff", &Progress::default()).is_err());
        let deep = lay(&vec![0x81; 100_000], &Progress::default()).unwrap();
        assert_eq!(deep.note(), "this nests deeper than is read (at byte 10000)");
    }

    #[test]
    fn only_whole_items_with_entries_are_taken_for_it() {
        assert!(fits(b"\xa1\x61a\x01"));
        assert!(fits(b"\xd9\xd9\xf7\x01"));
        for bytes in [&b"\x01"[..], b"\xa0", b"\x81\x01\x02", b"\xa1\xf6\x01", b"\x81\x61\xff"] {
            assert!(!fits(bytes), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn what_another_library_writes_is_read(
            numbers in prop::collection::vec(any::<i64>(), 0..30),
            texts in prop::collection::btree_map(".{0,8}", any::<f64>(), 0..30),
        ) {
            let mut bytes = Vec::new();
            ciborium::into_writer(&(&numbers, &texts), &mut bytes).unwrap();
            let Laid::Tree { tree, note } = lay(&bytes, &Progress::default()).unwrap() else { panic!() };
            prop_assert_eq!(note, "");
            prop_assert_eq!(tree.len(), 3 + numbers.len() + texts.len());
            prop_assert!(fits(&bytes));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = lay(&bytes, &Progress::default());
        }
    }
}
