//! The lens for a payload of which nobody has said how to look at it.

use super::super::classify::classify;
use super::super::kind::Kind;
use super::Lens;

/// Chosen from the first bytes, in constant time however long the payload.
#[must_use]
pub fn automatic(payload: &[u8], is_text: bool) -> Lens {
    match classify(payload, is_text) {
        Kind::Json | Kind::Xml | Kind::Html => Lens::Pretty,
        Kind::Text => Lens::Raw,
        Kind::Binary => Lens::Hex,
    }
}
