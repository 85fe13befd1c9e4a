//! MessagePack, one value or several after another, written in JSON's likeness: bytes as
//! `h'00ff'`, extensions as `ext(5, h'…')`, timestamps (extension -1) as `timestamp("…")`.
//!
//! Read here rather than by a library, because what a peer sends may announce a billion entries
//! or nest a million deep, and because a fault should name its byte.

use super::binary_input::{Fault, Input, Met, finish};
use super::tree::notation::{Notation, float, hex, quoted};
use super::tree::{DEEPEST, Shape};
use super::{Laid, LensProblem};
use crate::core::progress::Progress;

/// An array or map being read.
struct Level {
    left: u64,
    map: bool,
}

/// The lens.
pub(super) fn lay(payload: &[u8], progress: &Progress) -> Result<Laid, LensProblem> {
    let mut notation = Notation::new();
    let result = walk(payload, Some(&mut notation), progress).map(|_| ());
    let tree = finish("MessagePack", notation, result)?;
    let note = tree.problem().unwrap_or_default().to_owned();
    Ok(Laid::Tree { tree, note })
}

/// Whether all of the bytes are one plausible value.
pub(super) fn fits(payload: &[u8]) -> bool {
    walk(payload, None, &Progress::default()).is_ok_and(|met| met.is_plausible())
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
    loop {
        while levels.pop_if(|level| level.left == 0).is_some() {
            if let Some(notation) = notation.as_deref_mut() {
                notation.end();
            }
        }
        if levels.is_empty() && input.is_done() {
            return Ok(met);
        }
        input.tick()?;
        let start = input.at;
        let key = match levels.last_mut() {
            Some(level) => {
                let key = level.map && level.left.is_multiple_of(2);
                level.left -= 1;
                key
            }
            None => {
                met.roots += 1;
                false
            }
        };
        let head = input.byte()?;
        let container = match head {
            0x80..=0x8f => Some((u64::from(head & 15), true)),
            0x90..=0x9f => Some((u64::from(head & 15), false)),
            0xdc | 0xdd => Some((input.uint(if head == 0xdc { 2 } else { 4 })?, false)),
            0xde | 0xdf => Some((input.uint(if head == 0xde { 2 } else { 4 })?, true)),
            _ => None,
        };
        if let Some((entries, map)) = container {
            if levels.len() >= DEEPEST {
                return Err(Fault::Wrong("this nests deeper than is read", start));
            }
            met.container |= start == 0 && entries > 0;
            met.odd_key |= key;
            levels.push(Level { left: if map { entries * 2 } else { entries }, map });
            if let Some(notation) = notation.as_deref_mut() {
                let (shape, open, close) =
                    if map { (Shape::Object, "{", "}") } else { (Shape::Array, "[", "]") };
                notation.begin(shape, open, close).map_err(|full| input.full(full))?;
            }
            continue;
        }
        let value = scalar(&mut input, head, start)?;
        met.odd_key |= key && !value.makes_key();
        met.odd_text |= matches!(value, Value::BadText(_));
        if let Some(notation) = notation.as_deref_mut() {
            let (shape, text) = value.written();
            notation.scalar(shape, &text).map_err(|full| input.full(full))?;
        }
    }
}

/// A value that holds no others.
enum Value<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Single(f32),
    Double(f64),
    Text(&'a str),
    /// Announced as text and not UTF-8.
    BadText(&'a [u8]),
    Bytes(&'a [u8]),
    Extension(i8, &'a [u8]),
}

fn scalar<'a>(input: &mut Input<'a>, head: u8, start: usize) -> Result<Value<'a>, Fault> {
    // The length of a length in the formats that come in three sizes.
    let size = |first: u8| 1u64 << (head - first);
    let text = |bytes: &'a [u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(_) => Value::BadText(bytes),
    };
    Ok(match head {
        0x00..=0x7f => Value::Unsigned(head.into()),
        0xa0..=0xbf => text(input.take((head & 31).into())?),
        0xc0 => Value::Nil,
        0xc2 | 0xc3 => Value::Bool(head == 0xc3),
        0xc4..=0xc6 => {
            let len = input.uint(size(0xc4))?;
            Value::Bytes(input.take(len)?)
        }
        0xc7..=0xc9 => {
            let len = input.uint(size(0xc7))?;
            let kind = input.byte()?.cast_signed();
            Value::Extension(kind, input.take(len)?)
        }
        0xca => Value::Single(f32::from_bits(input.uint(4)? as u32)),
        0xcb => Value::Double(f64::from_bits(input.uint(8)?)),
        0xcc..=0xcf => Value::Unsigned(input.uint(size(0xcc))?),
        0xd0 => Value::Signed(i64::from(input.uint(1)? as i8)),
        0xd1 => Value::Signed(i64::from(input.uint(2)? as i16)),
        0xd2 => Value::Signed(i64::from(input.uint(4)? as i32)),
        0xd3 => Value::Signed(input.uint(8)?.cast_signed()),
        0xd4..=0xd8 => {
            let kind = input.byte()?.cast_signed();
            Value::Extension(kind, input.take(size(0xd4))?)
        }
        0xd9..=0xdb => {
            let len = input.uint(size(0xd9))?;
            text(input.take(len)?)
        }
        0xe0..=0xff => Value::Signed(i64::from(head.cast_signed())),
        // 0xc1; the containers were read before.
        _ => return Err(Fault::Wrong("no value begins with the byte c1", start)),
    })
}

impl Value<'_> {
    fn makes_key(&self) -> bool {
        matches!(self, Value::Text(_) | Value::Unsigned(_) | Value::Signed(_))
    }

    fn written(&self) -> (Shape, String) {
        match self {
            Value::Nil => (Shape::Null, "null".to_owned()),
            Value::Bool(value) => (Shape::Bool, value.to_string()),
            Value::Unsigned(value) => (Shape::Number, value.to_string()),
            Value::Signed(value) => (Shape::Number, value.to_string()),
            Value::Single(value) if value.is_finite() => (Shape::Number, format!("{value:?}")),
            Value::Single(value) => (Shape::Number, float(f64::from(*value))),
            Value::Double(value) => (Shape::Number, float(*value)),
            Value::Text(text) => (Shape::String, quoted(text)),
            Value::BadText(bytes) => (Shape::Bytes, format!("str({})", hex(bytes))),
            Value::Bytes(bytes) => (Shape::Bytes, hex(bytes)),
            Value::Extension(-1, bytes) => match timestamp(bytes) {
                Some(time) => (Shape::Other, format!("timestamp(\"{time}\")")),
                None => (Shape::Bytes, format!("ext(-1, {})", hex(bytes))),
            },
            Value::Extension(kind, bytes) => (Shape::Bytes, format!("ext({kind}, {})", hex(bytes))),
        }
    }
}

/// The timestamp extension of the specification: 32, 64 or 96 bits.
fn timestamp(bytes: &[u8]) -> Option<jiff::Timestamp> {
    let (seconds, nanoseconds) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            ((both & 0x3_ffff_ffff).cast_signed(), (both >> 34) as u32)
        }
        12 => {
            let nanoseconds = u32::from_be_bytes(bytes[..4].try_into().ok()?);
            (i64::from_be_bytes(bytes[4..].try_into().ok()?), nanoseconds)
        }
        _ => return None,
    };
    if nanoseconds > 999_999_999 {
        return None;
    }
    jiff::Timestamp::new(seconds, nanoseconds.cast_signed()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::NodeId;
    use super::*;

    fn text(bytes: &[u8]) -> String {
        lay(bytes, &Progress::default()).unwrap().text().to_owned()
    }

    #[test]
    fn every_format_is_read() {
        for (bytes, expected) in [
            (&b"\x07"[..], "7"),
            (b"\xff", "-1"),
            (b"\xcc\xff", "255"),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\xd0\x80", "-128"),
            (b"\xd1\x80\x00", "-32768"),
            (b"\xd2\xff\xff\xff\xfe", "-2"),
            (b"\xd3\x80\0\0\0\0\0\0\0", "-9223372036854775808"),
            (b"\xca\x3d\xcc\xcc\xcd", "0.1"),
            (b"\xcb\x7f\xf8\0\0\0\0\0\0", "NaN"),
            (b"\xc0\xc2\xc3", "null\nfalse\ntrue"),
            (b"\xa3\x61\x22\x0a", r#""a\"\n""#),
            (b"\xd9\x01\xff", "str(h'ff')"),
            (b"\xc4\x02\x00\xff", "h'00ff'"),
            (b"\xd4\x05\xaa", "ext(5, h'aa')"),
            (b"\xc7\x03\xfb\x01\x02\x03", "ext(-5, h'010203')"),
            (b"\xd6\xff\x00\x00\x00\x00", "timestamp(\"1970-01-01T00:00:00Z\")"),
            (b"\xd7\xff\x77\x35\x94\x00\x00\x00\x00\x01", "timestamp(\"1970-01-01T00:00:01.5Z\")"),
            (
                b"\x82\xa1a\x93\x01\x90\x80\x02\xc0",
                "{\n  \"a\": [\n    1,\n    [],\n    {}\n  ],\n  2: null\n}",
            ),
        ] {
            assert_eq!(text(bytes), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn a_fault_names_its_byte_and_leaves_what_came_before() {
        let laid = lay(b"\x92\x01\xc1", &Progress::default()).unwrap();
        assert_eq!(laid.note(), "no value begins with the byte c1 (at byte 2)");
        assert_eq!(laid.text(), "[\n  1\n]");
        let laid = lay(b"\xdd\xff\xff\xff\xff\x01", &Progress::default()).unwrap();
        assert_eq!(laid.note(), "the data end inside a value (at byte 6)");
        assert!(lay(b"", &Progress::default()).is_err());
        let deep = lay(&vec![0x91; 100_000], &Progress::default()).unwrap();
        assert_eq!(deep.note(), "this nests deeper than is read (at byte 10000)");
    }

    #[test]
    fn only_whole_values_with_entries_are_taken_for_it() {
        assert!(fits(b"\x81\xa1a\x01"));
        assert!(fits(b"\x93\x01\x02\x03"));
        for bytes in [
            &b"\x07"[..],
            b"\x90",
            b"\x81\xc0\x01",
            b"\x81\xa1a",
            b"\x91\x01\x02",
            b"\x81\xa1\xff\x01",
        ] {
            assert!(!fits(bytes), "{bytes:x?}");
        }
    }

    fn value() -> impl Strategy<Value = rmpv::Value> {
        let leaf = prop_oneof![
            Just(rmpv::Value::Nil),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".{0,40}".prop_map(Into::into),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 30, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Into::into),
                prop::collection::vec((".{0,4}".prop_map(rmpv::Value::from), inner), 0..20)
                    .prop_map(rmpv::Value::Map),
            ]
        })
    }

    fn nodes(value: &rmpv::Value) -> usize {
        1 + match value {
            rmpv::Value::Array(items) => items.iter().map(nodes).sum(),
            rmpv::Value::Map(entries) => entries.iter().map(|(_, value)| nodes(value)).sum(),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn what_another_library_writes_is_read(value in value()) {
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &value).unwrap();
            let Laid::Tree { tree, note } = lay(&bytes, &Progress::default()).unwrap() else { panic!() };
            prop_assert_eq!(note, "");
            prop_assert_eq!(tree.len(), nodes(&value));
            if let Some(text) = value.as_str() {
                prop_assert_eq!(tree.plain_value(NodeId(0)), text);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = lay(&bytes, &Progress::default());
        }
    }
}
