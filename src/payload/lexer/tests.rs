//! What the lexers make of good and broken text.

use proptest::prelude::*;

use super::*;

/// Tokens written as `class:text`, blanks and plain text left out.
fn shown(kind: Kind, line: &str, state: LineState) -> (Vec<String>, LineState) {
    let (tokens, state) = lex_line(kind, line, state);
    let shown = tokens
        .into_iter()
        .filter(|t| t.class != Class::Text)
        .map(|t| format!("{:?}:{}", t.class, &line[t.range]))
        .collect();
    (shown, state)
}

#[test]
fn json_is_coloured() {
    let line = r#"{"a" : "b\"", "n": [-1.5e+3, true, nul, 01, null]}"#;
    let want = [
        "Punctuation:{",
        "Key:\"a\"",
        "Punctuation::",
        "String:\"b\\\"\"",
        "Punctuation:,",
        "Key:\"n\"",
        "Punctuation::",
        "Punctuation:[",
        "Number:-1.5e+3",
        "Punctuation:,",
        "Literal:true",
        "Punctuation:,",
        "Error:nul",
        "Punctuation:,",
        "Error:01",
        "Punctuation:,",
        "Literal:null",
        "Punctuation:]}",
    ];
    assert_eq!(
        shown(Kind::Json, line, LineState::Normal),
        (want.map(String::from).to_vec(), LineState::Normal)
    );
}

#[test]
fn a_json_string_ends_with_its_line_but_not_with_a_piece() {
    let (got, state) = shown(Kind::Json, "{\"a\": \"open\n", LineState::Normal);
    assert_eq!(got[3], "Error:\"open");
    assert_eq!(state, LineState::Normal);

    let (_, state) = lex_piece(Kind::Json, "[\"op\\", LineState::Normal);
    assert_eq!(state, LineState::JsonString { escaped: true });
    let (tokens, state) = lex_piece(Kind::Json, "\"en\", 1", state);
    assert_eq!(tokens[0], Token { range: 0..4, class: Class::String });
    assert_eq!(state, LineState::Normal);
}

#[test]
fn xml_is_coloured() {
    let line = "<?xml v?><a:b x='1' y=2>t &amp; & <c/><!-- c --></a:b>";
    let want = [
        "Tag:<?xml v?>",
        "Punctuation:<",
        "Tag:a:b",
        "Attribute:x",
        "Punctuation:=",
        "AttributeValue:'1'",
        "Attribute:y",
        "Punctuation:=",
        "Error:2",
        "Punctuation:>",
        "Entity:&amp;",
        "Error:&",
        "Punctuation:<",
        "Tag:c",
        "Punctuation:/>",
        "Comment:<!-- c -->",
        "Punctuation:</",
        "Tag:a:b",
        "Punctuation:>",
    ];
    assert_eq!(shown(Kind::Xml, line, LineState::Normal).0, want);
}

#[test]
fn markup_goes_on_over_lines() {
    let lines = [
        ("<a", vec!["Punctuation:<", "Tag:a"]),
        ("  x=\"1", vec!["Attribute:x", "Punctuation:=", "AttributeValue:\"1"]),
        ("2\" y>", vec!["AttributeValue:2\"", "Attribute:y", "Punctuation:>"]),
        ("<!-- <b>", vec!["Comment:<!-- <b>"]),
        ("--> <![CDATA[ <i>", vec!["Comment:-->", "Punctuation:<![CDATA["]),
        ("]]><!DOCTYPE a [", vec!["Tag:<!DOCTYPE a ["]),
        ("<!E>]>t", vec!["Tag:<!E>]>"]),
    ];
    let mut state = LineState::Normal;
    for (line, want) in lines {
        let (got, after) = shown(Kind::Xml, line, state);
        assert_eq!(got, want, "{line}");
        state = after;
    }
    assert_eq!(state, LineState::Normal);
}

#[test]
fn html_scripts_are_not_markup() {
    let mut state = LineState::Normal;
    for (line, want) in [
        (
            "a < b <SCRIPT async src=x>",
            vec![
                "Punctuation:<",
                "Tag:SCRIPT",
                "Attribute:async",
                "Attribute:src",
                "Punctuation:=",
                "AttributeValue:x",
                "Punctuation:>",
            ],
        ),
        ("if (a</b>c) '<div>'", vec![]),
        ("</script><p", vec!["Punctuation:</", "Tag:script", "Punctuation:><", "Tag:p"]),
    ] {
        let (got, after) = shown(Kind::Html, line, state);
        assert_eq!(got, want, "{line}");
        state = after;
    }
}

fn trouble() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "<",
            ">",
            "/",
            "</",
            "a",
            "<script>",
            "</script>",
            "'",
            "\"",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?",
            "?>",
            "<!",
            "[",
            "]",
            " ",
            "=",
            "日",
            "&amp;",
            "&",
            "\\",
            "{",
            "}",
            ":",
            ",",
            "1",
            "true",
            "\n",
            "\u{301}",
            "🦀",
            "x=",
        ]),
        0..24,
    )
    .prop_map(|parts| parts.concat())
}

fn any_state() -> impl Strategy<Value = LineState> {
    (0..4usize, trouble()).prop_map(|(kind, text)| {
        let kind = [Kind::Json, Kind::Xml, Kind::Html, Kind::Text][kind];
        lex_piece(kind, &text, LineState::Normal).1
    })
}

proptest! {
    #[test]
    fn tokens_cover_the_line(text in trouble(), state in any_state(), whole: bool) {
        for kind in Kind::ALL {
            let (tokens, after) = if whole {
                lex_line(kind, &text, state)
            } else {
                lex_piece(kind, &text, state)
            };
            let mut at = 0;
            for token in &tokens {
                prop_assert_eq!(token.range.start, at);
                prop_assert!(token.range.end > at);
                at = token.range.end;
                prop_assert!(text.is_char_boundary(at));
            }
            prop_assert_eq!(at, text.len());
            if whole {
                prop_assert_eq!(advance(kind, &text, state), after);
                let in_string = matches!(after, LineState::JsonString { .. });
                prop_assert!(!in_string || text.is_empty());
            }
        }
    }
}
