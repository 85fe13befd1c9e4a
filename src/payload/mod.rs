//! What the bytes of a message mean: their kind, whether they are well formed, how they look laid
//! out, what colours their parts have, and what bytes a person meant who typed hexadecimal.
//!
//! All of it is pure and `Send`-friendly: functions take `&str` or `&[u8]` and return values, so a
//! caller may run them on a thread of its own when a text is large. Time is linear in the input and
//! memory a small multiple of it, whatever the input; nothing here recurses.
//!
//! What is returned is not escaped. Draw it through [`crate::core::sanitize`].
//!
//! A new kind is a variant of [`Kind`], a lexer and a layout: one file each, one match arm each.

pub mod beautify;
pub mod binary;
pub mod classify;
pub mod convert;
pub mod diff;
pub mod discriminator;
pub mod hex_row;
pub mod hexdump;
pub mod html_elements;
pub mod kind;
pub mod lens;
pub mod lexer;
pub mod markup;
pub mod measure;
pub mod problem;
pub mod validate;
mod watch;

pub use beautify::{beautify, beautify_lossy, beautify_watched, minify, minify_watched};
pub use binary::{parse_base64, parse_hex, to_base64, to_hex};
pub use classify::{classify, describe_binary};
pub use convert::{pretty, text_of};
pub use discriminator::discriminator;
pub use hex_row::{HexRow, hex_row, letter_of};
pub use hexdump::{hexdump, hexdump_line, hexdump_line_count};
pub use kind::{BinaryForm, Kind};
pub use lexer::{Class, LineState, LineStates, Token, lex_line, lex_piece};
pub use measure::{Counts, counts, human_bytes, human_count};
pub use problem::Problem;
pub use validate::{validate, validate_watched};
