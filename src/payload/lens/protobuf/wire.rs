//! The wire form: field by field, guided by a message type if there is one.

use super::super::binary_input::Fault;
use super::super::tree::Shape;
use super::super::tree::notation::{Notation, float, hex, quoted};
use super::schema::{FieldKind, Message};
use crate::core::progress::Progress;

/// Messages within messages that are opened. The usual limit of decoders is 100.
const DEEPEST: usize = 64;

/// Packed numbers that are guessed at are shown up to so many.
const PACKED_SHOWN: usize = 32;

/// Largest field number (29 bits).
const LAST_FIELD: u64 = (1 << 29) - 1;

/// A value as it is on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Raw<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    GroupStart,
    GroupEnd,
    Fixed32(u32),
}

/// Bytes being read, which begin at `base` in the payload.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
}

impl<'a> Fields<'a> {
    fn wrong(&self, message: &'static str) -> Fault {
        Fault::Wrong(message, self.base + self.at)
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0u64;
        for place in 0..10 {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return Err(self.wrong("the data end inside a number"));
            };
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * place).min(63);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number has more than 10 bytes"))
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| self.wrong("the data end inside a field"))?;
        self.at += taken.len();
        Ok(taken)
    }

    fn field(&mut self) -> Result<Option<(u64, Raw<'a>)>, Fault> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > LAST_FIELD {
            return Err(self.wrong("no field has this number"));
        }
        let raw = match tag & 7 {
            0 => Raw::Varint(self.varint()?),
            1 => Raw::Fixed64(self.take(8)?.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b))),
            2 => {
                let len = self.varint()?;
                Raw::Bytes(self.take(len)?)
            }
            3 => Raw::GroupStart,
            4 => Raw::GroupEnd,
            5 => Raw::Fixed32(self.take(4)?.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b))),
            _ => return Err(self.wrong("no field has this wire type")),
        };
        Ok(Some((number, raw)))
    }
}

/// Whether the bytes are fields from beginning to end. Does not look inside them.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let mut fields = Fields { bytes, at: 0, base: 0 };
    let mut groups = Vec::new();
    loop {
        match fields.field() {
            Ok(None) => return groups.is_empty(),
            Ok(Some((number, Raw::GroupStart))) => groups.push(number),
            Ok(Some((number, Raw::GroupEnd))) if groups.pop() != Some(number) => return false,
            Ok(Some(_)) => {}
            Err(_) => return false,
        }
    }
}

/// Writes a message as an object.
pub(super) fn message(
    bytes: &[u8],
    base: usize,
    guide: Option<&Message>,
    notation: &mut Notation,
    progress: &Progress,
) -> Result<(), Fault> {
    Writer { notation, progress }.message(bytes, base, guide)
}

struct Writer<'a> {
    notation: &'a mut Notation,
    progress: &'a Progress,
}

impl Writer<'_> {
    fn message(&mut self, bytes: &[u8], base: usize, guide: Option<&Message>) -> Result<(), Fault> {
        self.begin(Shape::Object, base)?;
        self.fields(&mut Fields { bytes, at: 0, base }, guide, None)?;
        self.notation.end();
        Ok(())
    }

    fn begin(&mut self, shape: Shape, at: usize) -> Result<(), Fault> {
        let (open, close) = if shape == Shape::Object { ("{", "}") } else { ("[", "]") };
        self.notation.begin(shape, open, close).map_err(|_| Fault::Full(at))
    }

    fn scalar(&mut self, shape: Shape, text: &str, at: usize) -> Result<(), Fault> {
        self.notation.scalar(shape, text).map_err(|_| Fault::Full(at))
    }

    /// The fields up to the end of the bytes, or of the group.
    fn fields(
        &mut self,
        fields: &mut Fields<'_>,
        guide: Option<&Message>,
        group: Option<u64>,
    ) -> Result<(), Fault> {
        loop {
            if self.progress.is_cancelled() {
                return Err(Fault::Cancelled);
            }
            let start = fields.at;
            let Some((number, raw)) = fields.field()? else {
                return match group {
                    None => Ok(()),
                    Some(_) => Err(fields.wrong("the data end inside a group")),
                };
            };
            if raw == Raw::GroupEnd {
                return match group {
                    Some(open) if open == number => Ok(()),
                    _ => Err(Fault::Wrong("this ends no group", fields.base + start)),
                };
            }
            let known = guide.and_then(|guide| guide.field(number));
            match &known {
                Some((name, _)) => self.notation.key(&quoted(name)),
                None => self.notation.key(&number.to_string()),
            }
            let kind = known.map(|(_, kind)| kind);
            if raw == Raw::GroupStart {
                if self.notation.depth() >= DEEPEST {
                    return Err(Fault::Wrong(
                        "this nests deeper than is read",
                        fields.base + start,
                    ));
                }
                self.begin(Shape::Object, fields.base + start)?;
                let inner = match &kind {
                    Some(FieldKind::Message(inner)) => Some(inner),
                    _ => None,
                };
                self.fields(fields, inner, Some(number))?;
                self.notation.end();
                continue;
            }
            let data_at = fields.base + fields.at;
            self.value(raw, kind.as_ref(), data_at)?;
        }
    }

    /// A value; `end` is where it ends in the payload.
    fn value(&mut self, raw: Raw<'_>, kind: Option<&FieldKind>, end: usize) -> Result<(), Fault> {
        match (raw, kind) {
            (Raw::Bytes(bytes), Some(FieldKind::Message(inner))) => {
                let at = end - bytes.len();
                if self.notation.depth() >= DEEPEST {
                    return self.scalar(Shape::Bytes, &hex(bytes), at);
                }
                self.message(bytes, at, Some(inner))
            }
            (Raw::Bytes(bytes), Some(FieldKind::String)) => match std::str::from_utf8(bytes) {
                Ok(text) => self.scalar(Shape::String, &quoted(text), end),
                Err(_) => self.scalar(Shape::Bytes, &hex(bytes), end),
            },
            (Raw::Bytes(bytes), Some(FieldKind::Bytes)) => {
                self.scalar(Shape::Bytes, &hex(bytes), end)
            }
            (Raw::Bytes(bytes), Some(kind)) => self.packed(bytes, kind, end),
            (Raw::Bytes(bytes), None) => self.guess(bytes, end),
            (raw, kind) => {
                let (shape, text) = kind
                    .and_then(|kind| typed(raw, kind))
                    .unwrap_or_else(|| (Shape::Number, untyped(raw)));
                self.scalar(shape, &text, end)
            }
        }
    }

    /// A repeated field of numbers in one piece.
    fn packed(&mut self, bytes: &[u8], kind: &FieldKind, end: usize) -> Result<(), Fault> {
        self.begin(Shape::Array, end)?;
        let mut fields = Fields { bytes, at: 0, base: end - bytes.len() };
        while fields.at < bytes.len() {
            let raw = match kind.width() {
                Some(8) => Raw::Fixed64(
                    fields.take(8)?.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b)),
                ),
                Some(_) => Raw::Fixed32(
                    fields.take(4)?.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b)),
                ),
                None => Raw::Varint(fields.varint()?),
            };
            let (shape, text) = typed(raw, kind).unwrap_or_else(|| (Shape::Number, untyped(raw)));
            self.scalar(shape, &text, fields.base + fields.at)?;
        }
        self.notation.end();
        Ok(())
    }

    /// Bytes of which nothing is known.
    fn guess(&mut self, bytes: &[u8], end: usize) -> Result<(), Fault> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| is_printable(text));
        if let Some(text) = text.filter(|text| !text.starts_with(char::is_control)) {
            return self.scalar(Shape::String, &quoted(text), end);
        }
        if self.notation.depth() < DEEPEST && is_message(bytes) {
            return self.message(bytes, end - bytes.len(), None);
        }
        match text {
            Some(text) => self.scalar(Shape::String, &quoted(text), end),
            None => {
                self.scalar(Shape::Bytes, &format!("{}{}", hex(bytes), packed_guess(bytes)), end)
            }
        }
    }
}

fn is_printable(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// The numbers that the bytes are if they are packed ones, as a comment.
fn packed_guess(bytes: &[u8]) -> String {
    let mut fields = Fields { bytes, at: 0, base: 0 };
    let mut numbers = Vec::new();
    while fields.at < bytes.len() && numbers.len() <= PACKED_SHOWN {
        match fields.varint() {
            Ok(number) => numbers.push(number.to_string()),
            Err(_) => return String::new(),
        }
    }
    if numbers.len() < 2 || numbers.len() > PACKED_SHOWN {
        return String::new();
    }
    format!(" / packed: {} /", numbers.join(", "))
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// A number with its other readings.
fn untyped(raw: Raw<'_>) -> String {
    match raw {
        Raw::Varint(number) if number < 2 => number.to_string(),
        Raw::Varint(number) if number > i64::MAX.cast_unsigned() => {
            format!("{} / uint64 {number}, sint64 {} /", number.cast_signed(), zigzag(number))
        }
        Raw::Varint(number) => format!("{number} / sint {} /", zigzag(number)),
        Raw::Fixed64(number) => {
            format!(
                "{} / fixed64, double {} /",
                number.cast_signed(),
                float(f64::from_bits(number))
            )
        }
        Raw::Fixed32(number) => {
            let single = f32::from_bits(number);
            format!("{} / fixed32, float {} /", number.cast_signed(), single_text(single))
        }
        // These are no numbers and never come here.
        Raw::Bytes(_) | Raw::GroupStart | Raw::GroupEnd => String::new(),
    }
}

fn single_text(number: f32) -> String {
    if number.is_finite() { format!("{number:?}") } else { float(f64::from(number)) }
}

/// A number as its type reads it; `None` if that does not go with the wire.
fn typed(raw: Raw<'_>, kind: &FieldKind) -> Option<(Shape, String)> {
    let text = match (raw, kind) {
        (Raw::Varint(number), FieldKind::Bool) => {
            return Some((Shape::Bool, (number != 0).to_string()));
        }
        (Raw::Varint(number), FieldKind::Enum(names)) => {
            let number = number as i32;
            return Some(match names.name(number) {
                Some(name) => (Shape::String, quoted(&name)),
                None => (Shape::Number, number.to_string()),
            });
        }
        (Raw::Varint(number), FieldKind::Int32) => (number as i32).to_string(),
        (Raw::Varint(number), FieldKind::Int64) => number.cast_signed().to_string(),
        (Raw::Varint(number), FieldKind::Uint32) => (number as u32).to_string(),
        (Raw::Varint(number), FieldKind::Uint64) => number.to_string(),
        (Raw::Varint(number), FieldKind::Sint32 | FieldKind::Sint64) => zigzag(number).to_string(),
        (Raw::Fixed32(number), FieldKind::Fixed32) => number.to_string(),
        (Raw::Fixed32(number), FieldKind::Sfixed32) => number.cast_signed().to_string(),
        (Raw::Fixed32(number), FieldKind::Float) => single_text(f32::from_bits(number)),
        (Raw::Fixed64(number), FieldKind::Fixed64) => number.to_string(),
        (Raw::Fixed64(number), FieldKind::Sfixed64) => number.cast_signed().to_string(),
        (Raw::Fixed64(number), FieldKind::Double) => float(f64::from_bits(number)),
        _ => return None,
    };
    Some((Shape::Number, text))
}
