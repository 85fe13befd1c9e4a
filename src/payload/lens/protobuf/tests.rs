//! Messages of Protocol Buffers by guess, with types, and broken ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn laid(payload: &[u8], options: &Options) -> (String, String) {
    let laid = lay(payload, options, &Progress::default()).unwrap();
    (laid.text().split_whitespace().collect::<Vec<_>>().join(" "), laid.note().to_owned())
}

fn guessed(payload: &[u8]) -> String {
    laid(payload, &Options::default()).0
}

#[test]
fn fields_are_guessed() {
    for (payload, expected) in [
        (&b"\x08\x96\x01"[..], "{ 1: 150 / sint 75 / }"),
        (b"\x08\x01", "{ 1: 1 }"),
        (
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            "{ 1: -1 / uint64 18446744073709551615, sint64 -9223372036854775808 / }",
        ),
        (b"\x12\x07testing", "{ 2: \"testing\" }"),
        (b"\x1a\x03\x08\x96\x01", "{ 3: { 1: 150 / sint 75 / } }"),
        (b"\x0a\x05\x0a\x03abc", "{ 1: { 1: \"abc\" } }"),
        (b"\x22\x06\x03\x8e\x02\x9e\xa7\x05", "{ 4: h'038e029ea705' / packed: 3, 270, 86942 / }"),
        (b"\x0d\x00\x00\x80\x3f", "{ 1: 1065353216 / fixed32, float 1.0 / }"),
        (b"\x09\0\0\0\0\0\0\xf0\x3f", "{ 1: 4607182418800017408 / fixed64, double 1.0 / }"),
        (b"\x0b\x10\x01\x0c", "{ 1: { 2: 1 } }"),
        (b"\x0a\x00", "{ 1: \"\" }"),
        (b"\x0a\x02\xff\xff", "{ 1: h'ffff' }"),
    ] {
        assert_eq!(guessed(payload), expected, "{payload:x?}");
        assert!(fits(payload), "{payload:x?}");
    }
}

#[test]
fn faults_name_their_byte() {
    for (payload, note) in [
        (&b"\x08\x01\x12\x07te"[..], "the data end inside a field (at byte 4)"),
        (b"\x08\x01\x00", "no field has this number (at byte 3)"),
        (b"\x08\x01\x0f", "no field has this wire type (at byte 3)"),
        (b"\x08\x01\x0c", "this ends no group (at byte 2)"),
        (b"\x0b\x08\x01", "the data end inside a group (at byte 3)"),
    ] {
        assert_eq!(laid(payload, &Options::default()).1, note, "{payload:x?}");
        assert!(!fits(payload), "{payload:x?}");
    }
}

#[test]
fn nesting_has_a_bound() {
    let mut payload = b"\x08\x01".to_vec();
    for _ in 0..300 {
        let mut outer = vec![0x0a];
        let mut len = payload.len();
        while len > 0x7f {
            outer.push((len & 0x7f) as u8 | 0x80);
            len >>= 7;
        }
        outer.push(len as u8);
        outer.extend(payload);
        payload = outer;
    }
    assert!(guessed(&payload).matches('{').count() < 80);
    let groups = [vec![0x0b; 100_000], vec![0x0c; 100_000]].concat();
    assert!(laid(&groups, &Options::default()).1.contains("nests deeper"));
}

#[test]
fn the_prefix_of_grpc_is_noticed() {
    let body = b"\0\0\0\0\x02\x08\x01\x80\0\0\0\x0dgrpc-status:0";
    let (text, note) = laid(body, &Options::default());
    assert_eq!(text, "{ 1: 1 } trailers(\"grpc-status:0\")");
    assert_eq!(note, "gRPC prefix of 5 bytes, 2 pieces");
}

#[cfg(feature = "protobuf")]
mod with_schema {
    use super::*;

    const MAIN: &str = r#"
        syntax = "proto3";
        package shop;
        import "colour.proto";
        import "google/protobuf/timestamp.proto";
        message Order {
            int32 id = 1;
            string name = 2;
            repeated sint32 deltas = 3;
            Colour colour = 4;
            map<string, double> prices = 5;
            Order parent = 6;
            bytes raw = 7;
            google.protobuf.Timestamp at = 8;
            bool paid = 9;
        }
    "#;
    const COLOUR: &str = r#"syntax = "proto3"; package shop; enum Colour { RED = 0; BLUE = 1; }"#;

    fn read(name: &str) -> Option<String> {
        match name {
            "main.proto" => Some(MAIN.to_owned()),
            "colour.proto" => Some(COLOUR.to_owned()),
            "bad.proto" => Some("message {".to_owned()),
            _ => None,
        }
    }

    fn options(name: Option<&str>) -> Options {
        let schema = Schema::from_protos(&["main.proto"], read).unwrap();
        assert_eq!(schema.message_types(), ["shop.Order"]);
        Options {
            schema: Some(Arc::new(schema)),
            message_type: name.map(str::to_owned),
            ..Options::default()
        }
    }

    #[test]
    fn names_and_types_come_from_it_and_unknown_fields_stay() {
        let payload = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x01A\x1a\x02\x01\x02\x20\x01\
            \x2a\x0c\x0a\x01k\x11\0\0\0\0\0\0\xf0\x3f\x32\x02\x08\x07\x3a\x01\x41\x42\x02\x08\x05\x48\x01\
            \x20\x09\xa0\x06\x05";
        let (text, note) = laid(payload, &options(Some("shop.Order")));
        assert_eq!(note, "shop.Order");
        assert_eq!(
            text,
            "{ \"id\": -1, \"name\": \"A\", \"deltas\": [ -1, 1 ], \"colour\": \"BLUE\", \
             \"prices\": { \"key\": \"k\", \"value\": 1.0 }, \"parent\": { \"id\": 7 }, \
             \"raw\": h'41', \"at\": { \"seconds\": 5 }, \"paid\": true, \"colour\": 9, \
             100: 5 / sint -3 / }"
        );
    }

    #[test]
    fn a_type_that_is_missing_is_said() {
        let (text, note) = laid(b"\x08\x01", &options(Some("shop.No")));
        assert_eq!(
            (text.as_str(), note.as_str()),
            ("{ 1: 1 }", "the schema has no message shop.No, read by guess")
        );
        assert!(laid(b"\x08\x01", &options(None)).1.contains("no message type is chosen"));
    }

    #[test]
    fn problems_of_files_are_told() {
        for name in ["bad.proto", "missing.proto"] {
            let problem = Schema::from_protos(&[name], read).unwrap_err().to_string();
            assert!(problem.contains("the schema cannot be read"), "{problem}");
        }
        assert!(Schema::from_descriptor_set(b"\xff").is_err());
    }

    #[test]
    fn a_descriptor_set_serves_as_well() {
        let schema = Schema::from_descriptor_set(&descriptor_set()).unwrap();
        assert_eq!(schema.message_types(), ["M"]);
    }

    /// `message M { int32 a = 1; }` in the file m.proto.
    fn descriptor_set() -> Vec<u8> {
        let field = b"\x0a\x01a\x18\x01\x20\x01\x28\x05";
        let message = [&b"\x0a\x01M\x12"[..], &[field.len() as u8], field].concat();
        let file = [&b"\x0a\x07m.proto\x22"[..], &[message.len() as u8], &message].concat();
        [&b"\x0a"[..], &[file.len() as u8], &file].concat()
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = lay(&bytes, &Options::default(), &Progress::default());
        fits(&bytes);
    }

    #[test]
    fn what_fits_is_read_whole(numbers in prop::collection::vec((1u8..16, any::<u8>()), 1..30)) {
        let mut bytes = Vec::new();
        for (field, number) in &numbers {
            bytes.extend([field << 3, number & 0x7f]);
        }
        prop_assert!(fits(&bytes));
        let Laid::Tree { tree, note } = lay(&bytes, &Options::default(), &Progress::default()).unwrap() else {
            panic!()
        };
        prop_assert_eq!(note, "");
        prop_assert_eq!(tree.len(), numbers.len() + 1);
    }
}
