//! The lens for a payload of which nobody has said how to look at it.

use super::super::classify::classify;
use super::super::kind::Kind;
use super::{Lens, PROBED, cbor, image, msgpack, unpacked};

/// Chosen from the first bytes, in constant time however long the payload. Binary forms are chosen
/// only when there is little doubt: by a mark, or because all of it reads as one value that holds
/// others.
#[must_use]
pub fn automatic(payload: &[u8], is_text: bool) -> Lens {
    match classify(payload, is_text) {
        Kind::Json | Kind::Xml | Kind::Html => Lens::Pretty,
        Kind::Text => Lens::Raw,
        Kind::Binary if image::fits(payload) => Lens::Image,
        Kind::Binary if unpacked::fits(payload) => Lens::Unpacked,
        Kind::Binary if payload.len() <= PROBED && msgpack::fits(payload) => Lens::MessagePack,
        Kind::Binary if payload.len() <= PROBED && cbor::fits(payload) => Lens::Cbor,
        Kind::Binary => Lens::Hex,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Options, lay};
    use super::*;
    use crate::core::progress::Progress;

    #[test]
    fn each_payload_gets_the_lens_that_suits_it() {
        for (payload, is_text, lens) in [
            (&b"{\"a\":1}"[..], true, Lens::Pretty),
            (b"<a/>", true, Lens::Pretty),
            (b"hello", true, Lens::Raw),
            (b"aGVsbG8gd29ybGQ=", true, Lens::Raw),
            (b"", true, Lens::Raw),
            (b"", false, Lens::Hex),
            (b"[1]", false, Lens::Pretty),
            (b"\x82\xa1a\x01\xa1b\xc0", false, Lens::MessagePack),
            (b"\xa2\x61a\x01\x61b\xf6", false, Lens::Cbor),
            (b"\xd9\xd9\xf7\x01", false, Lens::Cbor),
            (b"\xff\xd8\xff\xe0", false, Lens::Image),
            (b"\x78\x9c\x03\0\0\0\0\x01", false, Lens::Unpacked),
            (b"\x1f\x8b\x08 and nothing of the kind", false, Lens::Hex),
            (b"\x08\x96\x01", false, Lens::Hex),
            (b"\x93\x01", false, Lens::Hex),
        ] {
            assert_eq!(automatic(payload, is_text), lens, "{payload:x?}");
        }
    }

    proptest! {
        #[test]
        fn every_lens_takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..120), is_text: bool) {
            let options = Options::default();
            let _ = automatic(&bytes, is_text);
            for lens in Lens::ALL {
                let _ = lens.fits(&bytes, is_text);
                let _ = lay(*lens, &bytes, is_text, &options, &Progress::default());
                prop_assert_eq!(Lens::from_label(lens.label()), Some(*lens));
            }
        }
    }
}
