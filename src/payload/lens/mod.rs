//! Ways of looking at a payload.
//!
//! A [`Lens`] makes of the bytes of a message either a text with the kind that colours it or a
//! [`Tree`] that is drawn folded and unfolded. [`lay`] does the work: linear in the payload, bounded
//! in memory, never recursing on what a peer chose, and stopped by [`Progress::cancel`]. Run it on a
//! thread of its own when a payload is large.
//!
//! Texts come back as they are and must be escaped where they are drawn; labels, notes and
//! summaries that are made here have been through [`crate::core::sanitize`].
//!
//! A new lens is a file of its own, a variant, and an arm in [`Lens::fits`] and [`lay`].

pub mod automatic;
mod base64;
mod binary_input;
mod cbor;
mod image;
pub mod jq;
mod msgpack;
pub mod problem;
pub mod protobuf;
pub mod tree;
mod unpacked;

pub use automatic::automatic;
pub use jq::{Jq, JqProblem};
pub use problem::LensProblem;
pub use protobuf::{Schema, SchemaProblem};
pub use tree::{Folds, NodeId, Shape, Tree};

use std::sync::Arc;

use super::classify::classify;
use super::convert::text_of;
use super::hexdump::{hexdump_line, hexdump_line_count};
use super::kind::Kind;
use super::measure::human_bytes;
use crate::core::progress::Progress;

/// Bytes that the dump as one text shows; a window of a longer one is made by
/// [`super::hexdump()`].
pub const DUMP_BYTES: usize = 16 << 20;

/// A way of looking at a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lens {
    /// JSON, XML and HTML indented; other texts as they are.
    Pretty,
    /// JSON as a tree.
    Tree,
    /// The text as it was sent.
    Raw,
    /// Offsets, bytes, ASCII.
    Hex,
    /// MessagePack as a tree.
    MessagePack,
    /// CBOR as a tree in its diagnostic notation.
    Cbor,
    /// Protocol Buffers as a tree, with a schema or by guess.
    Protobuf,
    /// Elements of XML or HTML as a tree.
    Outline,
    /// What is inside of base64, a `data:` URI, a JSON Web Token.
    Base64,
    /// What is inside of gzip or zlib.
    Unpacked,
    /// Kind, size and depth of an image.
    Image,
}

impl Lens {
    /// In the order in which they are offered.
    pub const ALL: &[Lens] = &[
        Lens::Pretty,
        Lens::Tree,
        Lens::Outline,
        Lens::Raw,
        Lens::Hex,
        Lens::Base64,
        Lens::MessagePack,
        Lens::Cbor,
        Lens::Protobuf,
        Lens::Unpacked,
        Lens::Image,
    ];

    /// Short name to show; [`Lens::from_label`] reads it back.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Lens::Pretty => "pretty",
            Lens::Tree => "tree",
            Lens::Raw => "raw",
            Lens::Hex => "hex",
            Lens::MessagePack => "msgpack",
            Lens::Cbor => "cbor",
            Lens::Protobuf => "protobuf",
            Lens::Outline => "outline",
            Lens::Base64 => "base64",
            Lens::Unpacked => "unpacked",
            Lens::Image => "image",
        }
    }

    /// The lens of this name, in either case.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Lens> {
        Self::ALL.iter().copied().find(|lens| lens.label().eq_ignore_ascii_case(label))
    }

    /// Whether it can say something about this payload. Cheap: looks at no more than the first
    /// 64 KiB.
    #[must_use]
    pub fn fits(self, payload: &[u8], is_text: bool) -> bool {
        match self {
            Lens::Pretty => classify(payload, is_text) != Kind::Binary,
            Lens::Tree => classify(payload, is_text) == Kind::Json,
            Lens::Raw => is_text || std::str::from_utf8(payload).is_ok(),
            Lens::Hex => true,
            Lens::MessagePack => !is_text && head_fits(payload, msgpack::fits),
            Lens::Cbor => !is_text && head_fits(payload, cbor::fits),
            Lens::Protobuf => !is_text && head_fits(payload, protobuf::fits),
            Lens::Outline => matches!(classify(payload, is_text), Kind::Xml | Kind::Html),
            Lens::Base64 => base64::fits(payload),
            Lens::Unpacked => unpacked::fits(payload),
            Lens::Image => image::fits(payload),
        }
    }
}

/// Bytes that are decoded to see whether a lens fits. A longer payload is not: it may.
const PROBED: usize = 64 << 10;

fn head_fits(payload: &[u8], fits: fn(&[u8]) -> bool) -> bool {
    payload.len() > PROBED || fits(payload)
}

/// What a person asked for beside the lens.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Filters what [`Lens::Pretty`] and [`Lens::Tree`] show. The others take no notice.
    pub jq: Option<Arc<Jq>>,
    /// Types for [`Lens::Protobuf`].
    pub schema: Option<Arc<Schema>>,
    /// Full name of the type of a whole message of Protobuf, `shop.v1.Order`.
    pub message_type: Option<String>,
    /// [`Lens::Unpacked`] takes what has no mark for raw deflate.
    pub raw_deflate: bool,
}

/// A payload laid out.
#[derive(Clone, Debug)]
pub enum Laid {
    /// Lines of text.
    Text {
        /// As it is; escape it where it is drawn.
        text: String,
        /// What colours it.
        kind: Kind,
        /// What should be said beside it, `gzip, 310 B → 4.2 KiB`; empty if nothing. Escaped.
        note: String,
    },
    /// Nodes that fold.
    Tree {
        /// The nodes.
        tree: Tree,
        /// As in [`Laid::Text`].
        note: String,
    },
}

impl Laid {
    /// What should be said beside it; empty if nothing.
    #[must_use]
    pub fn note(&self) -> &str {
        match self {
            Laid::Text { note, .. } | Laid::Tree { note, .. } => note,
        }
    }

    /// The whole of it as text, for copying and saving.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Laid::Text { text, .. } => text,
            Laid::Tree { tree, .. } => tree.source(),
        }
    }
}

/// Looks at a payload.
///
/// # Errors
/// The payload is not what the lens reads, or the work was cancelled. What is broken only further
/// in is laid out as far as it goes, and the note says where it ends.
pub fn lay(
    lens: Lens,
    payload: &[u8],
    is_text: bool,
    options: &Options,
    progress: &Progress,
) -> Result<Laid, LensProblem> {
    if let (Lens::Pretty | Lens::Tree, Some(jq)) = (lens, &options.jq) {
        return filtered(lens, jq, payload, progress);
    }
    match lens {
        Lens::Pretty => Ok(pretty(payload, is_text)),
        Lens::Tree => tree::json::lay(payload, progress),
        Lens::MessagePack => msgpack::lay(payload, progress),
        Lens::Cbor => cbor::lay(payload, progress),
        Lens::Protobuf => protobuf::lay(payload, options, progress),
        Lens::Outline => tree::markup::lay(payload, classify(payload, is_text), progress),
        Lens::Base64 => base64::lay(payload, options, progress, 1),
        Lens::Unpacked => unpacked::lay(payload, options, progress, 1),
        Lens::Image => image::lay(payload),
        Lens::Raw => Ok(text(text_of(payload).into_owned(), Kind::Text)),
        Lens::Hex => Ok(hex(payload)),
    }
}

/// A text with nothing to say beside it.
fn text(text: String, kind: Kind) -> Laid {
    Laid::Text { text, kind, note: String::new() }
}

/// Looks at what was inside a payload; its note stands before that of the inner lens. `layer` counts
/// how often something was unpacked.
fn lay_inside(
    lens: Lens,
    bytes: &[u8],
    is_text: bool,
    (options, progress, layer): (&Options, &Progress, usize),
    mut outer: String,
) -> Result<Laid, LensProblem> {
    let mut laid = match lens {
        Lens::Unpacked => unpacked::lay(bytes, options, progress, layer),
        lens => lay(lens, bytes, is_text, options, progress),
    }?;
    let (Laid::Text { note, .. } | Laid::Tree { note, .. }) = &mut laid;
    if !note.is_empty() {
        outer.push_str("; ");
        outer.push_str(note);
    }
    *note = outer;
    Ok(laid)
}

/// What a filter makes of the payload.
fn filtered(lens: Lens, jq: &Jq, payload: &[u8], progress: &Progress) -> Result<Laid, LensProblem> {
    let output = jq.run(payload, progress)?;
    let mut note = match output.count {
        1 => "jq: 1 output".to_owned(),
        count => format!("jq: {count} outputs"),
    };
    if !output.note.is_empty() {
        note.push_str("; ");
        note.push_str(&output.note);
    }
    if lens == Lens::Tree && output.count > 0 {
        let tree = tree::json::parse(output.text, progress)?;
        return Ok(Laid::Tree { tree, note });
    }
    Ok(Laid::Text { text: output.text, kind: Kind::Json, note })
}

fn pretty(payload: &[u8], is_text: bool) -> Laid {
    let kind = classify(payload, is_text);
    text(super::convert::pretty(kind, payload), kind)
}

fn hex(payload: &[u8]) -> Laid {
    let shown = &payload[..payload.len().min(DUMP_BYTES)];
    let mut text = String::with_capacity(hexdump_line_count(shown.len()) * 79);
    for line in 0..hexdump_line_count(shown.len()) {
        if line > 0 {
            text.push('\n');
        }
        text.push_str(&hexdump_line(shown, line));
    }
    let note = if shown.len() < payload.len() {
        format!("the first {} of {}", human(shown), human(payload))
    } else {
        String::new()
    };
    Laid::Text { text, kind: Kind::Binary, note }
}

fn human(bytes: &[u8]) -> String {
    human_bytes(bytes.len() as u64)
}
