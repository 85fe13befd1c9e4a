//! Cuts make no difference, and what breaks the protocol is kept.

use proptest::prelude::*;

use super::*;

fn frame(first: u8, len: usize) -> Vec<u8> {
    let mut out = vec![first];
    match len {
        0..=125 => out.push(u8::try_from(len).unwrap()),
        126..=0xFFFF => {
            out.push(126);
            out.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend(std::iter::repeat_n(b'x', len));
    out
}

fn feed(walker: &mut Walker, bytes: &[u8], at: Micros) {
    let from = walker.offset();
    walker.walk(bytes, at);
    walker.complete_bad(bytes, from);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cuts_make_no_difference(
        lens in proptest::collection::vec(prop_oneof![0usize..130, 65_530usize..65_540], 0..12),
        cuts in proptest::collection::vec(1usize..3000, 1..40),
    ) {
        let bytes: Vec<u8> = lens.iter().flat_map(|len| frame(0x82, *len)).collect();
        let mut whole = Walker::new(u64::MAX, false);
        feed(&mut whole, &bytes, Micros(1));
        let mut pieces = Walker::new(u64::MAX, false);
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            feed(&mut pieces, piece, Micros(1));
            rest = more;
        }
        prop_assert_eq!(whole.records(Micros(0), None), pieces.records(Micros(0), None));
        prop_assert_eq!(whole.ring.count, lens.len() as u64);
        prop_assert!(!pieces.is_inside_frame());
        prop_assert_eq!(pieces.offset(), bytes.len() as u64);
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut walker = Walker::new(1 << 20, false);
        for piece in bytes.chunks(7) {
            feed(&mut walker, piece, Micros(0));
        }
        let _ = walker.records(Micros(0), Some(0));
    }
}

#[test]
fn the_first_frame_that_breaks_the_protocol_is_kept_with_its_bytes() {
    let endless = [&[0x82, 127][..], &[0xFF; 8], b"garbage"].concat();
    let cases: &[(Violation, Vec<Vec<u8>>, usize)] = &[
        (Violation::ReservedBits, vec![frame(0x81, 3), frame(0xC1, 5), frame(0x81, 1)], 1),
        (Violation::Opcode, vec![frame(0x83, 20)], 0),
        (Violation::ControlTooLong, vec![frame(0x89, 126)], 0),
        (Violation::ControlFragmented, vec![frame(0x09, 1)], 0),
        (Violation::ContinuationWithoutStart, vec![frame(0x80, 4)], 0),
        (Violation::MessageInsideMessage, vec![frame(0x01, 4), frame(0x81, 4)], 1),
        (Violation::Masked, vec![vec![0x81, 0x81, 1, 2, 3, 4, b'x']], 0),
        (Violation::Length, vec![endless], 0),
        // HTTP instead of frames.
        (Violation::ReservedBits, vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()], 0),
    ];
    for (name, frames, bad) in cases {
        let mut walker = Walker::new(1 << 20, false);
        feed(&mut walker, &frames.concat(), Micros(5));
        assert_eq!(walker.violation(), Some(*name));
        let records = walker.records(Micros(0), None);
        let with_bytes: Vec<usize> = records
            .iter()
            .enumerate()
            .filter(|(_, r)| r.first_bytes_hex.is_some())
            .map(|(i, _)| i)
            .collect();
        assert_eq!(with_bytes, [*bad], "{name:?}");
        let want: String = crate::net::hex(
            &frames[bad.to_owned()..].concat()[..16.min(frames[bad.to_owned()..].concat().len())],
        );
        assert_eq!(records[*bad].first_bytes_hex.as_deref(), Some(want.as_str()), "{name:?}");
    }
}

#[test]
fn a_frame_that_is_only_too_large_breaks_no_rule() {
    let mut walker = Walker::new(10, false);
    feed(&mut walker, &frame(0x82, 20), Micros(0));
    assert_eq!(walker.violation(), None);
    assert!(walker.records(Micros(0), None)[0].first_bytes_hex.is_some());
}

#[test]
fn fragments_with_a_ping_between_are_in_order() {
    let mut walker = Walker::new(1 << 20, false);
    feed(
        &mut walker,
        &[frame(0x01, 2), frame(0x89, 0), frame(0x00, 2), frame(0x80, 0)].concat(),
        Micros(0),
    );
    assert!(walker.records(Micros(0), None).iter().all(|r| r.first_bytes_hex.is_none()));
    assert_eq!(walker.messages_begun, 1);
}

#[test]
fn the_close_payload_is_kept_as_it_was() {
    let mut walker = Walker::new(1 << 20, false);
    for byte in [0x88, 4, 0x03, 0xED, b'h', b'i'] {
        feed(&mut walker, &[byte], Micros(0));
    }
    assert_eq!(walker.close_payload(), Some(b"\x03\xEDhi".as_slice()));
}
