//! Streams as a server sends them, cut anywhere, and what the message layer gets of them.

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::*;

const LIMIT: u64 = 1 << 20;

/// What came out for one stream.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Bytes that the layer above gets.
    out: Vec<u8>,
    /// Bytes of the wire that were told of as used, in order.
    walked: Vec<u8>,
    fault: Option<DeflateFault>,
    most_ready: usize,
}

/// Reads a stream in pieces, as [`super::super::Tap`] does.
fn run(unpacker: &mut Unpacker, stream: &[u8], cuts: &[usize]) -> Seen {
    let mut seen = Seen::default();
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        loop {
            let used = unpacker.work().to_vec();
            seen.walked.extend_from_slice(&used);
            seen.most_ready = seen.most_ready.max(unpacker.ready().len());
            if unpacker.ready().is_empty() {
                break;
            }
            // Little at a time: less than a frame.
            let here = unpacker.ready().len().min(5000);
            seen.out.extend_from_slice(&unpacker.ready()[..here]);
            unpacker.give(here);
        }
        if let Some(fault) = unpacker.fault() {
            seen.fault = Some(fault.fault);
            return seen;
        }
        if rest.is_empty() {
            return seen;
        }
        let (piece, more) = rest.split_at((*cut).min(rest.len()));
        rest = more;
        let passing = unpacker.pass(piece);
        seen.out.extend_from_slice(&piece[..passing]);
        seen.walked.extend_from_slice(&piece[..passing]);
        unpacker.put_aside(&piece[passing..]);
    }
    seen
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_header(&mut out, first, payload.len());
    out.extend_from_slice(payload);
    out
}

/// Whole messages and control frames of a stream of frames: opcode and payload.
fn read(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open: Option<(u8, Vec<u8>)> = None;
    while !bytes.is_empty() {
        let head = Head::read(bytes).unwrap();
        let length = usize::try_from(head.length).unwrap();
        let payload = &bytes[head.size..head.size + length];
        bytes = &bytes[head.size + length..];
        assert_eq!(head.first & 0x70, 0, "a reserved bit came through");
        let (fin, opcode) = (head.first & 0x80 != 0, head.first & 0x0F);
        if opcode >= 8 {
            out.push((opcode, payload.to_vec()));
            continue;
        }
        let mut message = match open.take() {
            None => (opcode, Vec::new()),
            Some(message) => {
                assert_eq!(opcode, 0, "a message inside another");
                message
            }
        };
        message.1.extend_from_slice(payload);
        if fin {
            out.push(message);
        } else {
            open = Some(message);
        }
    }
    assert!(open.is_none(), "a message without its end");
    out
}

fn unpacker(limit: u64) -> Unpacker {
    Unpacker::new(&DeflateFacts::default(), limit)
}

/// The examples of RFC 7692 section 7.2.3.
#[test]
fn the_examples_of_the_rfc() {
    let hello = (1, b"Hello".to_vec());
    let cases: &[(&str, &[u8], usize)] = &[
        ("one block", b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 1),
        ("two fragments", b"\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00", 1),
        (
            "context of the message before",
            b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00",
            2,
        ),
        ("a stored block", b"\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 1),
        ("a final block", b"\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 1),
        ("two blocks", b"\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 1),
        (
            "a final block, its zero left out, and another message",
            b"\xc1\x07\xf3\x48\xcd\xc9\xc9\x07\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
            2,
        ),
        (
            "not compressed between",
            b"\x81\x05Hello\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x81\x05Hello",
            3,
        ),
    ];
    for (name, stream, count) in cases {
        for cut in [1, 2, 3, 1000] {
            let seen = run(&mut unpacker(LIMIT), stream, &[cut]);
            assert_eq!(read(&seen.out), vec![hello.clone(); *count], "{name}, cut by {cut}");
            assert_eq!(seen.walked, *stream, "{name}, cut by {cut}");
        }
    }
}

#[test]
fn an_empty_message_may_be_compressed() {
    for payload in [&b"\x00"[..], b"", b"\x02\x00"] {
        let stream = [frame(0xC1, payload), frame(0x81, b"x")].concat();
        let seen = run(&mut unpacker(LIMIT), &stream, &[3]);
        assert_eq!(read(&seen.out), [(1, vec![]), (1, b"x".to_vec())], "{payload:02x?}");
    }
}

#[test]
fn control_frames_between_fragments_pass() {
    let stream = [
        frame(0x41, b"\xf2\x48\xcd"),
        frame(0x89, b"ping"),
        frame(0x00, b""),
        frame(0x80, b"\xc9\xc9\x07\x00"),
        frame(0x88, b"\x03\xe8"),
    ]
    .concat();
    let mut unpacker = unpacker(LIMIT);
    let seen = run(&mut unpacker, &stream, &[4]);
    assert_eq!(
        read(&seen.out),
        [(9, b"ping".to_vec()), (1, b"Hello".to_vec()), (8, b"\x03\xe8".to_vec())]
    );
    assert_eq!(unpacker.packed_size(0), NonZeroU32::new(7));
}

#[test]
fn sizes_belong_to_their_messages() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let stream = [
        frame(0x82, b"plain"),
        frame(0xC1, hello),
        frame(0x01, b"in "),
        frame(0x80, b"two"),
        frame(0xC1, b"\xf2\x00\x11\x00\x00"),
    ]
    .concat();
    let mut unpacker = unpacker(LIMIT);
    run(&mut unpacker, &stream, &[1000]);
    let sizes: Vec<_> = (0..4).map(|n| unpacker.packed_size(n).map(NonZeroU32::get)).collect();
    assert_eq!(sizes, [None, Some(7), None, Some(5)]);
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let mut compress = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(1 << 20);
    let zeros = vec![0; 64 << 20];
    compress.compress_vec(&zeros, &mut packed, FlushCompress::Sync).unwrap();
    assert!(packed.len() < 80_000, "{}", packed.len());
    let stream = frame(0xC2, &packed);
    let mut unpacker = unpacker(LIMIT);
    let seen = run(&mut unpacker, &stream, &[16 * 1024]);
    let fault = seen.fault.expect("a fault");
    assert_eq!(fault.problem, DeflateProblem::TooLarge);
    assert!(fault.unpacked > LIMIT && fault.unpacked < LIMIT + 3 * CHUNK as u64, "{fault:?}");
    assert!(fault.wire < 3000, "{fault:?}");
    assert!(seen.most_ready < 4 * CHUNK, "{}", seen.most_ready);
    assert!(unpacker.plain.capacity() < 4 * CHUNK);
    // A message of just the limit is none.
    let mut packed = Vec::with_capacity(1 << 20);
    compress.reset();
    compress.compress_vec(&zeros[..1 << 20], &mut packed, FlushCompress::Sync).unwrap();
    let seen = run(&mut self::unpacker(LIMIT), &frame(0xC2, &packed), &[100]);
    assert_eq!(seen.fault, None);
    assert_eq!(read(&seen.out)[0].1.len(), 1 << 20);
}

#[test]
fn corrupt_data_is_a_fault_after_what_was_good() {
    for bad in
        [&b"\x07\x00"[..], b"\x06garbage", b"\x00\x05\x00\x00\x00Hello", b"\xf2\x00\x11\x00\x00"]
    {
        let stream = [frame(0x81, b"good"), frame(0xC1, bad), frame(0x81, b"late")].concat();
        let seen = run(&mut unpacker(LIMIT), &stream, &[1000]);
        assert_eq!(seen.fault.map(|f| f.problem), Some(DeflateProblem::Corrupt), "{bad:02x?}");
        assert_eq!(read(&seen.out), [(1, b"good".to_vec())], "{bad:02x?}");
        // What comes behind it was not looked at, so the record's last frame is the one to blame.
        assert!(seen.walked.len() < stream.len(), "{bad:02x?}");
    }
}

#[test]
fn without_context_each_message_stands_by_itself() {
    let agreed = DeflateFacts { server_no_context_takeover: true, ..DeflateFacts::default() };
    let hello = frame(0xC1, b"\xf2\x48\xcd\xc9\xc9\x07\x00");
    let again = frame(0xC1, b"\xf2\x00\x11\x00\x00");
    let seen = run(&mut Unpacker::new(&agreed, LIMIT), &[&hello[..], &hello].concat(), &[9]);
    assert_eq!(read(&seen.out).len(), 2);
    // A server that goes on with a context that it gave up is found out.
    let seen = run(&mut Unpacker::new(&agreed, LIMIT), &[&hello[..], &again].concat(), &[9]);
    assert_eq!(seen.fault.map(|f| f.problem), Some(DeflateProblem::Corrupt));
}

/// The layer above judges frames that are wrong in themselves, so they reach it as they came.
#[test]
fn frames_that_break_the_protocol_pass() {
    let bad: &[&[u8]] = &[
        b"\xc0\x01x",                     // RSV1 on a continuation, outside of a message
        b"\xc9\x01x",                     // on a ping
        b"\xe1\x01x",                     // with RSV2
        b"\xa1\x01x",                     // RSV2 alone
        b"\x83\x01x",                     // a reserved opcode
        b"\xc1\x81\0\0\0\0x",             // masked
        b"\xc1\x7f\xff\0\0\0\0\0\0\x01x", // a length of 64 bits
    ];
    for bytes in bad {
        let stream = [&frame(0xC1, b"\xf2\x48\xcd\xc9\xc9\x07\x00")[..], bytes, b"behind"].concat();
        let seen = run(&mut unpacker(LIMIT), &stream, &[1000]);
        assert_eq!(&seen.out[..7], b"\x81\x05Hello");
        assert_eq!(&seen.out[7..], [bytes, &b"behind"[..]].concat(), "{bytes:02x?}");
        assert_eq!(seen.walked, stream);
    }
    // Inside of a compressed message too.
    let stream = [&frame(0x41, b"\xf2\x48\xcd")[..], b"\xc0\x01x"].concat();
    let seen = run(&mut unpacker(LIMIT), &stream, &[1000]);
    assert_eq!(seen.out, b"\xc0\x01x");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cuts_and_fragments_make_no_difference(
        messages in proptest::collection::vec(
            (prop_oneof!["[a-c]{0,300}", "[ -~]{0,40}", "x{70000}"], any::<bool>(), 1usize..4), 1..8),
        cuts in proptest::collection::vec(1usize..2000, 1..20),
        fresh in any::<bool>(),
        bits in 9u8..=15,
    ) {
        let mut compress = Compress::new_with_window_bits(Compression::fast(), false, bits);
        let mut stream = Vec::new();
        for (text, packed, parts) in &messages {
            let mut payload = text.as_bytes().to_vec();
            if *packed {
                payload = Vec::with_capacity(text.len() + 200);
                compress.compress_vec(text.as_bytes(), &mut payload, FlushCompress::Sync).unwrap();
                payload.truncate(payload.len().saturating_sub(4));
                // The compressor writes nothing when there is nothing new; an empty message is one
                // byte all the same (RFC 7692 section 7.2.3.6).
                if payload.is_empty() { payload.push(0); }
                if fresh { compress.reset(); }
            }
            let size = payload.len().div_ceil(*parts).max(1);
            let mut pieces: Vec<&[u8]> = payload.chunks(size).collect();
            if pieces.is_empty() { pieces.push(&[]); }
            for (index, piece) in pieces.iter().enumerate() {
                let first = if index == 0 { 1 | if *packed { RSV1 } else { 0 } } else { 0 };
                let fin = if index + 1 == pieces.len() { 0x80 } else { 0 };
                stream.extend(frame(first | fin, piece));
            }
        }
        let agreed = DeflateFacts { server_no_context_takeover: fresh, ..DeflateFacts::default() };
        let seen = run(&mut Unpacker::new(&agreed, LIMIT), &stream, &cuts);
        prop_assert_eq!(seen.fault, None);
        let texts: Vec<_> = messages.iter().map(|(t, ..)| (1, t.as_bytes().to_vec())).collect();
        prop_assert!(read(&seen.out) == texts);
        prop_assert!(seen.walked == stream);
    }

    #[test]
    fn any_bytes_do_no_harm(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        cut in 1usize..50,
    ) {
        let stream = [b"\xc1\x7e\x01\x00".as_slice(), &bytes].concat();
        run(&mut unpacker(1000), &stream, &[cut]);
    }
}
