//! The language against tables, and what it shows against what it reads.

use proptest::prelude::*;

use super::json::Step;
use super::*;
use crate::core::time::Micros;

fn ground() -> Ground {
    // 2026-11-25T13:00:00Z.
    Ground { now: Micros(1_795_611_600_000_000), zone: jiff::tz::TimeZone::UTC }
}

fn at(hours: u64, minutes: u64, seconds: u64) -> Micros {
    let midnight = ground().now.0 - 13 * 3_600_000_000;
    Micros(midnight + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000)
}

fn passes(query: &str, facts: Facts<'_>) -> bool {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    Test::new(query, &ground()).passes(&facts, &|| false)
}

fn row(payload: &[u8]) -> Facts<'_> {
    let message = Some((Direction::In, MessageKind::Text));
    Facts { number: 7, at: at(12, 1, 5), message, payload }
}

#[test]
fn what_was_typed_is_read_as_meant() {
    for (typed, shown) in [
        ("in", "in"),
        ("RECEIVED sent", "in out"),
        ("type:ping,text", "type:text,ping"),
        ("type:control,note", "type:ping,pong,close,note"),
        ("size>10k", "size>10k"),
        ("size >= 1.5M", "size>=1536k"),
        ("size:1kB..1M", "size:1000..1M"),
        ("size:..512", "size<=512"),
        ("time>12:01:05", "time>12:01:05"),
        ("time:12:00..12:05", "time:12:00..12:05"),
        ("time<2026-11-25T9:00:00.25", "time<2026-11-25T09:00:00.25"),
        ("since:90m", "since:1h30m"),
        ("#100..200", "#100..200"),
        ("#100..", "#>=100"),
        ("#7", "#7"),
        ("#general", "\"#general\""),
        ("hello world", "\"hello\" \"world\""),
        ("http://a.example/x", "\"http://a.example/x\""),
        ("size", "\"size\""),
        (r#""a \"b\" \u0041"c"#, r#""a \"b\" A"c"#),
        (r"/a\/b\d/i", r"/a\/b\d/i"),
        ("a and b or c", "\"a\" \"b\" or \"c\""),
        ("a (b or c)", "\"a\" (\"b\" or \"c\")"),
        ("not a b", "not \"a\" \"b\""),
        ("not (a b)", "not (\"a\" \"b\")"),
        ("a || b && c", "\"a\" or \"b\" \"c\""),
        ("$.type==error", "$.type == \"error\""),
        ("$.data[0].price >= 10", "$.data[0].price >= 10"),
        ("$.user.name =~ /bob/i", "$.user.name =~ /bob/i"),
        ("$.id exists", "$.id exists"),
        ("$..id != null", "$..id != null"),
        ("$['a b'][*].x-y == true", "$[\"a b\"][*].x-y == true"),
        ("$..* == 1", "$..* == 1"),
        ("$ == 5", "$ == 5"),
        ("$5", "\"$5\""),
    ] {
        match Query::parse(typed) {
            Ok(query) => assert_eq!(query.to_string(), shown, "{typed}"),
            Err(error) => panic!("{typed}: {error}"),
        }
    }
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (typed, column, says) in [
        ("", 1, "Expected a term"),
        ("a or", 5, "Expected a term"),
        ("or a", 1, "Expected a term"),
        ("(a", 1, "not closed"),
        ("a)", 2, "No ( is open"),
        ("()", 2, "Expected a term"),
        ("type:text,foo", 11, "Expected text, binary"),
        ("size>big", 6, "Expected a size"),
        ("size>", 6, "Expected a size"),
        ("é size:1k..x", 12, "Expected a size"),
        ("time>25:00", 6, "Expected a time"),
        ("time:2026-11-25..12:00", 5, "a date at both ends"),
        ("since:5", 7, "Expected how long ago"),
        ("#1..x", 5, "Expected a number"),
        ("#..", 2, "Expected a number"),
        ("\"abc", 1, "not closed"),
        ("\"\"", 1, "no text in these quotes"),
        (r#""a\q""#, 1, "behind a \\"),
        ("\"a\"b", 4, "Expected a blank"),
        ("/abc", 1, "not closed"),
        ("/a/x", 4, "Expected a blank or i"),
        ("/ab(c/", 4, "unclosed group"),
        ("//", 2, "Expected an expression"),
        ("$.type", 7, "Expected =="),
        ("$.type error", 8, "Expected =="),
        ("$.type ==", 10, "Expected a value"),
        ("$.type < true", 10, "a number or a \"text\""),
        ("$. == 1", 3, "Expected a name"),
        ("$.a[x] == 1", 5, "Expected a place"),
        ("$.a[0 == 1", 4, "not closed by a ]"),
        ("$..a..b == 1", 5, "one .. only"),
        ("$.a =~ bob", 8, "Expected an expression"),
        ("#=~\u{3000}5", 4, "behind #"),
    ] {
        let error = Query::parse(typed).expect_err(typed);
        assert_eq!(error.column(), column, "{typed}: {error}");
        assert!(error.message.contains(says), "{typed}: {error}");
        assert!(
            error.at.end <= typed.len() && error.at.start <= error.at.end,
            "{typed}: {error:?}"
        );
    }
    let deep = format!("{}a", "(".repeat(100_000));
    assert!(Query::parse(&deep).is_err());
    let deep = format!("{}a", "not ".repeat(1000));
    assert!(Query::parse(&deep).expect_err("too deep").message.contains("64 deep"));
    assert!(Query::parse(&format!("${} == 1", ".a".repeat(40))).is_err());
}

#[test]
fn rows_fit_or_not() {
    let payload = br#"{"type":"Error","n":3}"#;
    for (query, fits) in [
        ("in", true),
        ("out", false),
        ("type:text", true),
        ("type:note", false),
        ("size:22", true),
        ("size>22", false),
        ("size<1k", true),
        ("size:22..23", true),
        ("#7", true),
        ("#<7", false),
        ("#>7 or #1..7", true),
        ("error", true),
        ("\"error\"c", false),
        ("\"Error\"c", true),
        ("/err[aeo]r/", false),
        ("/err[aeo]r/i", true),
        ("not error", false),
        ("error out", false),
        ("error or out", true),
        ("time:12:01", true),
        ("time:12:01:05", true),
        ("time>12:01", false),
        ("time>=12:01", true),
        ("time<12:01:05", false),
        ("time<=12:01:05", true),
        ("time:12:00..12:02", true),
        ("time:23:50..12:01", true),
        ("time:12:02..12:00", false),
        ("time>2026-11-25T12:01:04", true),
        ("time:2026-11-25", true),
        ("time<2026-11-25", false),
        ("since:1h", true),
        ("since:58m", false),
    ] {
        assert_eq!(passes(query, row(payload)), fits, "{query}");
    }
}

#[test]
fn a_note_fits_by_time_number_type_and_text() {
    let note = Facts { message: None, ..row(b"connected: 127.0.0.1") };
    for (query, fits) in [
        ("type:note", true),
        ("in", false),
        ("size<1k", false),
        ("connected", true),
        ("not timeout", true),
        ("$.a exists", false),
        ("time:12:01", true),
    ] {
        assert_eq!(passes(query, note), fits, "{query}");
    }
}

#[test]
fn json_is_looked_into() {
    let payload = br#" {"type" : "error", "code":503, "big": 9007199254740993, "t\u0061g": "caf\u00e9",
        "user": {"name": "Bob \"B\"", "tags": ["x", "y"]}, "price": "101.5", "ok": false, "none": null,
        "items": [{"id": 1}, {"id": 2, "deep": {"id": 30}}], "at": "2026-11-25T12:00:00Z"} "#;
    for (query, fits) in [
        (r#"$.type == "error""#, true),
        ("$.type == error", true),
        ("$.type == Error", false),
        ("$.type != \"error\"", false),
        ("$.missing != 1", false),
        ("not $.missing == 1", true),
        ("$.code == 503", true),
        ("$.code == 503.0", true),
        ("$.code == \"503\"", false),
        ("$.code >= 500 $.code < 504", true),
        ("$.code > 503", false),
        ("$.big == 9007199254740993", true),
        ("$.big == 9007199254740992", false),
        ("$.tag == café", true),
        ("$.user.name == \"Bob \\\"B\\\"\"", true),
        ("$.user.name =~ /bob/i", true),
        ("$.user.name !~ /bob/", true),
        ("$.user !~ /bob/", false),
        ("$.code =~ /^50/", true),
        ("$.user.tags[1] == y", true),
        ("$.user.tags[2] exists", false),
        ("$.user.tags[*] == x", true),
        ("$.user exists", true),
        ("$.user == 1", false),
        ("$.price >= 100", true),
        ("$.price < 100", false),
        ("$.ok == false", true),
        ("$.ok == true", false),
        ("$.none == null", true),
        ("$.none exists", true),
        ("$.items[*].id == 2", true),
        ("$.items[0].id == 2", false),
        ("$..id == 30", true),
        ("$..id == 31", false),
        ("$..deep.id == 30", true),
        ("$..[1] == y", true),
        ("$.*.name exists", true),
        ("$.at > \"2026-11-25T11\"", true),
        ("$.at < \"2026-11-25T11\"", false),
    ] {
        assert_eq!(passes(query, row(payload)), fits, "{query}");
    }
    assert!(passes("$ == 5", row(b"5")));
    assert!(passes("$[0] == 2", row(br#"[2, "id"]"#)));
}

#[test]
fn hostile_json_is_only_not_found() {
    let deep = "[".repeat(1_000_000);
    let objects = "{\"a\":".repeat(200_000);
    let nested = format!("{}1{}", "{\"id\":".repeat(100_000), "}".repeat(100_000));
    for payload in [
        deep.as_bytes(),
        objects.as_bytes(),
        nested.as_bytes(),
        b"",
        b"\xff\xfe",
        b"{\"a\"",
        b"{\"a\":",
        b"{\"a\":\"",
        b"{\"a\":\"\\",
        b"{a:1}",
        b"[1,,2]",
        b"]]]]",
        b"{\"a\":\"\\ud800\"}",
        b"nul",
    ] {
        for query in ["$.a == 1", "$..id == 2", "$[0][0][0] == 1", "$..* == 99", "$.a =~ /x/"] {
            assert!(!passes(query, row(payload)), "{query}");
        }
    }
    // What was read before it broke counts.
    assert!(passes("$.a == 1", row(b"{\"a\": 1, \"b")));
}

#[test]
fn a_large_payload_is_left_off() {
    let payload = vec![b'x'; 8 << 20];
    let query = Query::parse("/xy/").unwrap();
    let asked = std::cell::Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 2
    };
    assert!(!Test::new(query, &ground()).passes(&row(&payload), &stop));
    assert_eq!(asked.get(), 3);
}

#[test]
fn a_message_has_others_like_it() {
    use Direction::{In, Out};
    use MessageKind::{Binary, Text};
    for (direction, kind, payload, expected) in [
        (In, Text, r#"{"id":1,"type":"tick"}"#, r#"$.type == "tick""#),
        (In, Text, r#"{"method":"a\"b"}"#, r#"$.method == "a\"b""#),
        (In, Text, r#"{"op":10,"t":null}"#, "$.op == 10"),
        (In, Text, r#"[2,"x","BootNotification",{}]"#, "$[0] == 2"),
        (Out, Text, "hello", "out type:text"),
        (In, Binary, r#"{"type":"tick"}"#, "in type:binary"),
    ] {
        let query = like(direction, kind, payload.as_bytes());
        assert_eq!(query, expected);
        let facts = Facts { message: Some((direction, kind)), ..row(payload.as_bytes()) };
        assert!(passes(&query, facts), "{query}");
    }
}

#[test]
fn every_example_of_the_help_can_be_typed() {
    for term in TERMS {
        assert!(Query::parse(term.example).is_ok(), "{}", term.example);
    }
    assert_eq!(offers("in si", 5).replaces, 3..5);
    let names = |line: &str| -> Vec<&str> {
        offers(line, line.len()).terms.iter().map(|term| term.insert).collect()
    };
    assert_eq!(names("in si"), ["size>", "since:"]);
    assert_eq!(names("(ty"), ["type:"]);
    assert_eq!(names("").len(), TERMS.len());
    assert_eq!(names("$.type == x"), [] as [&str; 0]);
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        any::<String>().prop_map(Scalar::Text),
        any::<i64>().prop_map(|n| Scalar::Number(n.to_string())),
        any::<bool>().prop_map(Scalar::Bool),
        Just(Scalar::Null),
    ]
}

fn any_ordered() -> impl Strategy<Value = Scalar> {
    any_scalar().prop_filter("ordered", |s| !matches!(s, Scalar::Bool(_) | Scalar::Null))
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let source = prop::collection::vec(
        prop_oneof![
            Just("a"),
            Just("/"),
            Just("\\\\"),
            Just("\\d"),
            Just("[x-z]+"),
            Just("é"),
            Just(" ")
        ],
        1..6,
    );
    (source, any::<bool>())
        .prop_map(|(parts, ignore_case)| Expression { source: parts.concat(), ignore_case })
}

fn any_path() -> impl Strategy<Value = Path> {
    let step = prop_oneof![
        "[a-zA-Z_][a-z0-9_-]{0,6}".prop_map(Step::Key),
        any::<String>().prop_map(Step::Key),
        (0usize..1000).prop_map(Step::Index),
        Just(Step::Each),
    ];
    (prop::collection::vec(step, 0..5), any::<Option<prop::sample::Index>>()).prop_map(
        |(mut steps, descend)| {
            if let Some(at) = descend.filter(|_| !steps.is_empty()) {
                steps.insert(at.index(steps.len()), Step::Descend);
            }
            Path { steps }
        },
    )
}

fn any_span<T: Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Span<T>> {
    prop_oneof![
        value.clone().prop_map(Span::Is),
        value.clone().prop_map(Span::Below),
        value.clone().prop_map(Span::AtMost),
        value.clone().prop_map(Span::Above),
        value.clone().prop_map(Span::AtLeast),
        (value.clone(), value).prop_map(|(low, high)| Span::Within(low, high)),
    ]
}

fn any_moment(dated: bool) -> impl Strategy<Value = Moment> + Clone {
    (0u64..86_400_000_000, 0usize..9, 1i8..=28, 1i8..=12).prop_map(
        move |(from, exact, day, month)| {
            let date = dated.then(|| jiff::civil::date(2026, month, day));
            let grains = [60_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1, units::DAY];
            let lasts = if dated { grains[exact] } else { grains[exact.min(7)] };
            Moment { date, from: from / lasts * lasts, lasts }
        },
    )
}

fn any_term() -> impl Strategy<Value = Term> {
    let is = prop_oneof![
        Just(Is::There),
        any_scalar().prop_map(Is::Equal),
        any_scalar().prop_map(Is::Unequal),
        any_ordered().prop_map(Is::Below),
        any_ordered().prop_map(Is::AtMost),
        any_ordered().prop_map(Is::Above),
        any_ordered().prop_map(Is::AtLeast),
        any_expression().prop_map(Is::Like),
        any_expression().prop_map(Is::Unlike),
    ];
    prop_oneof![
        Just(Term::Direction(Direction::In)),
        Just(Term::Direction(Direction::Out)),
        (any::<[bool; 5]>(), any::<bool>())
            .prop_filter("some", |(kinds, notes)| *notes || kinds.iter().any(|on| *on))
            .prop_map(|(kinds, notes)| Term::Types(Types { kinds, notes })),
        any_span(any::<u64>().prop_map(Size)).prop_map(Term::Size),
        any_span(any_moment(false)).prop_map(Term::Time),
        any_span(any_moment(true)).prop_map(Term::Time),
        any::<u64>().prop_map(|us| Term::Since(Lasting(us))),
        any_span(any::<u64>()).prop_map(Term::Number),
        (any::<String>().prop_filter("some", |t| !t.is_empty()), any::<bool>())
            .prop_map(|(text, case)| Term::Text { text, case }),
        any_expression().prop_map(Term::Regex),
        (any_path(), is).prop_map(|(path, is)| Term::Json { path, is }),
    ]
}

fn any_query() -> impl Strategy<Value = Query> {
    any_term().prop_map(Query::Term).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Query::all),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Query::any),
            inner.prop_map(|inner| Query::Not(Box::new(inner))),
        ]
    })
}

/// Whether a value of serde's is what is wanted: the same as the walk through the bytes, for the
/// kinds of conditions that a test can say shortly.
fn naive(value: &serde_json::Value, steps: &[Step], wanted: i64) -> bool {
    let children = || -> Vec<(Option<&str>, usize, &serde_json::Value)> {
        match value {
            serde_json::Value::Array(items) => {
                items.iter().enumerate().map(|(at, item)| (None, at, item)).collect()
            }
            serde_json::Value::Object(members) => {
                members.iter().map(|(key, item)| (Some(key.as_str()), 0, item)).collect()
            }
            _ => Vec::new(),
        }
    };
    let on = |step: &Step, key: Option<&str>, at: usize| match step {
        Step::Each => true,
        Step::Key(name) => key == Some(name),
        Step::Index(index) => key.is_none() && at == *index,
        Step::Descend => false,
    };
    match steps {
        [] => value.as_i64() == Some(wanted),
        [Step::Descend, rest @ ..] => {
            naive(value, rest, wanted) || children().iter().any(|(_, _, v)| naive(v, steps, wanted))
        }
        [step, rest @ ..] => {
            children().iter().any(|(key, at, v)| on(step, *key, *at) && naive(v, rest, wanted))
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        3 => (0i64..4).prop_map(serde_json::Value::from),
        1 => "[ab\"\\\\{}\\[\\],:é\u{0}]{0,5}".prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[ab\"]{1,2}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(query in any_query()) {
        let shown = query.to_string();
        prop_assert_eq!(Query::parse(&shown), Ok(query), "{}", shown);
    }

    #[test]
    fn whatever_is_typed_is_read_or_told(text in "[ -~é\u{3000}\\t]{0,40}") {
        match Query::parse(&text) {
            Ok(query) => prop_assert_eq!(Query::parse(&query.to_string()), Ok(query)),
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.at.start));
                prop_assert!(error.at.end <= text.len(), "{:?}", error);
            }
        }
    }

    #[test]
    fn paths_lead_where_a_tree_says(
        value in any_json(),
        steps in prop::collection::vec(
            prop_oneof![
                "[ab\"]{1,2}".prop_map(Step::Key),
                (0usize..3).prop_map(Step::Index),
                Just(Step::Each),
            ],
            0..4,
        ),
        descend in any::<Option<prop::sample::Index>>(),
        pretty in any::<bool>(),
        wanted in 0i64..4,
    ) {
        let mut steps = steps;
        if let Some(at) = descend.filter(|_| !steps.is_empty()) {
            steps.insert(at.index(steps.len()), Step::Descend);
        }
        let text = if pretty {
            serde_json::to_vec_pretty(&value).unwrap()
        } else {
            serde_json::to_vec(&value).unwrap()
        };
        let is = Is::Equal(Scalar::Number(wanted.to_string()));
        let expected = naive(&value, &steps, wanted);
        let query = Query::Term(Term::Json { path: Path { steps }, is });
        let got = Test::new(query.clone(), &ground()).passes(&row(&text), &|| false);
        prop_assert_eq!(got, expected, "{} in {}", query, String::from_utf8_lossy(&text));
    }

    #[test]
    fn any_bytes_are_only_not_json(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        for query in ["$..a == 1", "$[*].b =~ /x/", "$.a exists"] {
            let _ = passes(query, row(&payload));
        }
    }
}
