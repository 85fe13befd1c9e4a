//! Differences that people look for, and messages made to confuse.

use proptest::prelude::*;

use super::*;

fn of(a: &str, b: &str) -> Diff {
    diff(a.as_bytes(), true, b.as_bytes(), true, &Progress::default())
}

fn lines(diff: &Diff) -> Vec<String> {
    let line = |row: &DiffRow| {
        let mark = match row.mark {
            Mark::Same => "=",
            Mark::Added => "+",
            Mark::Removed => "-",
            Mark::Changed => "~",
        };
        let path = row.path.as_deref().unwrap_or_default();
        let parts = [mark, path, &row.left, &row.right, row.note.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    diff.rows.iter().map(line).collect()
}

#[test]
fn json_is_compared_by_path() {
    let a = r#"{"a":1,"b":{"c":[1,2,3]},"gone":null,"n":1.0,"s":"\u00e9","t":"x"}"#;
    let b = r#"{ "t":"y", "b":{"c":[1,3,{"d":4}]}, "a":1, "n":1, "s":"é", "new":[] }"#;
    let diff = of(a, b);
    assert_eq!(
        lines(&diff),
        [
            "- $.b.c[1] 2",
            "+ $.b.c[2] {\"d\":4}",
            "- $.gone null",
            "~ $.n 1.0 1 the same number, written differently",
            "~ $.s \"\\u00e9\" \"é\" the same text, written differently",
            "~ $.t \"x\" \"y\"",
            "+ $.new []",
        ]
    );
    assert_eq!(diff.summary, "JSON: 3 changed, 2 added, 2 removed");
}

#[test]
fn entries_of_arrays_are_known_by_their_identifier() {
    let a = r#"[{"id":1,"v":"a"},{"id":2,"v":"b"},{"id":3,"v":"c"}]"#;
    let b = r#"[{"id":2,"v":"B"},{"id":3,"v":"c"},{"id":4,"v":"d"}]"#;
    assert_eq!(
        lines(&of(a, b)),
        ["- $[0] {\"id\":1,\"v\":\"a\"}", "~ $[1].v \"b\" \"B\"", "+ $[2] {\"id\":4,\"v\":\"d\"}"]
    );
    assert_eq!(lines(&of("[1,2]", "[1,3]")), ["~ $[1] 2 3"]);
    assert_eq!(lines(&of("{\"a\":[1]}", "{\"a\":{\"b\":1}}")), ["~ $.a [1] {\"b\":1}"]);
    assert_eq!(lines(&of("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":3}")), ["~ $.a 2 3"]);
}

#[test]
fn blanks_and_order_of_keys_do_not_count() {
    let diff = of(r#"{"a":[1,{"x":2}],"b":2}"#, "{ \"b\": 2, \"a\": [ 1, { \"x\": 2 } ] }");
    assert!(diff.is_same(), "{diff:?}");
    assert!(of("{}", "{}").is_same());
}

#[test]
fn texts_are_compared_by_line() {
    let a = "1\n2\n3\n4\n5\n6\n7\n8\n9\nold\nx";
    let b = "1\n2\n3\n4\n5\n6\n7\n8\n9\nnew\nmore\nx";
    let diff = of(a, b);
    assert_eq!(
        lines(&diff),
        [
            "= … 6 equal lines … 6 equal lines",
            "= 7 7",
            "= 8 8",
            "= 9 9",
            "~ old new",
            "+ more",
            "= x x"
        ]
    );
    assert_eq!(diff.summary, "text: 1 changed, 1 added");
}

#[test]
fn bytes_are_compared_by_row() {
    let (mut a, mut b) = ([0xff; 40], [0xff; 50]);
    (a[17], b[17]) = (1, 2);
    let diff = diff(&a, false, &b, false, &Progress::default());
    let marks: Vec<Mark> = diff.rows.iter().map(|row| row.mark).collect();
    assert_eq!(marks, [Mark::Changed, Mark::Changed, Mark::Added]);
    assert!(diff.rows[0].left.starts_with("00000010  ff 01"), "{diff:?}");
}

#[test]
fn much_is_cut_and_said() {
    let a: String = (0..30_000).map(|n| format!("{n}\n")).collect();
    let b: String = (0..30_000).map(|n| format!("{}\n", n + 100_000)).collect();
    let diff = of(&a, &b);
    assert!(diff.limited && diff.rows.len() == MOST_ROWS);
    assert!(diff.summary.ends_with("or more"), "{}", diff.summary);
    let long = "x".repeat(10_000);
    assert!(of(&format!("{long}a"), &format!("{long}b")).rows[0].left.len() < 5000);
    let deep = |inner: &str| "[".repeat(5000) + inner + &"]".repeat(5000);
    assert_eq!(of(&deep("1"), &deep("2")).rows.len(), 1);
    let progress = Progress::default();
    progress.cancel();
    assert!(super::diff(b"[1]", true, b"[2]", true, &progress).limited);
}

proptest! {
    #[test]
    fn no_messages_panic(
        a in prop::collection::vec(any::<u8>(), 0..80), a_is_text: bool,
        b in prop::collection::vec(any::<u8>(), 0..80), b_is_text: bool,
    ) {
        let _ = diff(&a, a_is_text, &b, b_is_text, &Progress::default());
    }

    #[test]
    fn no_json_panics(a in "\\[[\\[\\]{}\",:a1]{0,30}\\]", b in "\\[[\\[\\]{}\",:a1]{0,30}\\]") {
        let there = of(&a, &b);
        prop_assert_eq!(there.is_same(), of(&b, &a).is_same());
    }
}
