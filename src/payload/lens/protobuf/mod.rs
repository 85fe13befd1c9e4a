//! Messages of Protocol Buffers, with their types or by guess.
//!
//! The wire form has field numbers and four kinds of values, no names and no types. Without a
//! [`Schema`] a number is shown with its other readings in a comment, and bytes as text, a message
//! or packed numbers if they read so. With one, names and types come from there; fields that it
//! does not know are kept, shown by number. Fields stand in the order in which they were sent, a
//! repeated field as often as it was.

mod schema;
mod wire;

pub use schema::{Schema, SchemaProblem};

use super::binary_input::{Fault, finish};
use super::tree::Shape;
use super::tree::notation::{Notation, quoted};
use super::{Laid, LensProblem, Options};
use crate::core::progress::Progress;
use crate::core::sanitize::escape_line;

/// A piece of a body of gRPC-Web: flags, length, data.
struct Prefixed<'a> {
    flags: u8,
    data: &'a [u8],
    /// Where the data begin.
    at: usize,
}

/// The pieces of a body of gRPC (a flag byte, four bytes of length, the most significant first); of
/// anything else `None`. No message begins with such a flag, since there is no field 0.
fn prefixed(payload: &[u8]) -> Option<Vec<Prefixed<'_>>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < payload.len() {
        let head = payload.get(at..at + 5)?;
        if head[0] & 0x7e != 0 || (at == 0 && head[0] > 1) {
            return None;
        }
        let len = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        at += 5;
        let data = payload.get(at..at.checked_add(len)?)?;
        pieces.push(Prefixed { flags: head[0], data, at });
        at += len;
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// The lens.
pub(super) fn lay(
    payload: &[u8],
    options: &Options,
    progress: &Progress,
) -> Result<Laid, LensProblem> {
    let mut notes = Vec::new();
    let message = match (&options.schema, &options.message_type) {
        (Some(schema), Some(name)) => match schema.message(name) {
            Some(message) => {
                notes.push(escape_line(name).into_owned());
                Some(message)
            }
            None => {
                notes.push(format!(
                    "the schema has no message {}, read by guess",
                    escape_line(name)
                ));
                None
            }
        },
        (Some(_), None) => {
            notes.push("no message type is chosen, read by guess".to_owned());
            None
        }
        (None, _) => None,
    };
    let mut notation = Notation::new();
    let result = match prefixed(payload) {
        Some(pieces) => {
            notes.push(format!("gRPC prefix of 5 bytes, {} pieces", pieces.len()));
            pieces.iter().try_for_each(|piece| match piece.flags {
                0 => wire::message(piece.data, piece.at, message.as_ref(), &mut notation, progress),
                1 => bytes(&mut notation, "compressed", piece),
                _ => text(&mut notation, piece),
            })
        }
        None => wire::message(payload, 0, message.as_ref(), &mut notation, progress),
    };
    let tree = finish("Protobuf", notation, result)?;
    notes.extend(tree.problem().map(str::to_owned));
    Ok(Laid::Tree { tree, note: notes.join("; ") })
}

fn bytes(notation: &mut Notation, name: &str, piece: &Prefixed<'_>) -> Result<(), Fault> {
    notation.wrap(name);
    let text = super::tree::notation::hex(piece.data);
    notation.scalar(Shape::Bytes, &text).map_err(|_| Fault::Full(piece.at))
}

/// The trailers that end a body of gRPC-Web.
fn text(notation: &mut Notation, piece: &Prefixed<'_>) -> Result<(), Fault> {
    notation.wrap("trailers");
    let text = quoted(&String::from_utf8_lossy(piece.data));
    notation.scalar(Shape::String, &text).map_err(|_| Fault::Full(piece.at))
}

/// Whether all of it reads as a message, or as messages with the prefix of gRPC.
pub(super) fn fits(payload: &[u8]) -> bool {
    match prefixed(payload) {
        Some(pieces) => pieces.iter().all(|piece| piece.flags > 0 || wire::is_message(piece.data)),
        None => !payload.is_empty() && wire::is_message(payload),
    }
}

#[cfg(test)]
mod tests;
