//! Queries, directions and the seams of blocks.

use super::*;

fn find_all(text: &str, query: &Query) -> Vec<String> {
    let editor = Editor::with_text(Mode::Text, text);
    let all = editor.matches(query, 0..usize::MAX, usize::MAX);
    let chars: Vec<char> = text.chars().collect();
    all.into_iter().map(|range| chars[range].iter().collect()).collect()
}

#[test]
fn queries_find_what_they_say() {
    let literal = |text, case| Query::literal(text, case).expect("short");
    let regex = |text, case| Query::regex(text, case).expect("valid");
    let cases: Vec<(Query, &str, &[&str])> = vec![
        (literal("a.", Case::Sensitive), "a.a A.", &["a."]),
        (literal("a.", Case::Insensitive), "a.a A.", &["a.", "A."]),
        (literal("ä", Case::Smart), "Ä ä", &["Ä", "ä"]),
        (literal("Ä", Case::Smart), "Ä ä", &["Ä"]),
        (literal("", Case::Smart), "abc", &[]),
        (literal("aa", Case::Sensitive), "aaaa", &["aa", "aa"]),
        (regex("^x$", Case::Smart), "x\nxx\r\nx\r\ny", &["x", "x"]),
        (regex("a*", Case::Smart), "baac", &["aa"]),
        (regex(r"\S+", Case::Smart), "A b", &["A", "b"]),
        (regex(r"\S[b]", Case::Smart), "AB", &["AB"]),
        (regex("a.b", Case::Smart), "a\nb a-b", &["a-b"]),
        (regex(r"a\nb", Case::Smart), "a\nb", &["a\nb"]),
    ];
    for (query, text, expected) in cases {
        assert_eq!(find_all(text, &query), expected, "{query:?} in {text:?}");
    }
    let error = Query::regex("a(", Case::Smart).expect_err("unclosed");
    assert!(error.to_string().contains("unclosed group"), "{error}");
    assert!(!error.to_string().contains('\n'));
}

#[test]
fn search_goes_round_in_both_directions() {
    let mut editor = drawn(Mode::Text, "ab |ab ab");
    let query = Query::literal("ab", Case::Sensitive).expect("short");
    for expected in [3..5, 6..8, 0..2, 3..5] {
        editor.find_and_select(&query, Direction::Forward);
        assert_eq!(editor.selection(), Some(expected));
    }
    for expected in [0..2, 6..8, 3..5] {
        editor.find_and_select(&query, Direction::Backward);
        assert_eq!(editor.selection(), Some(expected));
    }
    let none = Query::literal("x", Case::Sensitive).expect("short");
    assert_eq!(editor.find_and_select(&none, Direction::Forward), Outcome::Unchanged);
    let count = |limit| editor.count_matches(&query, 0..99, limit);
    assert_eq!((count(3).matches, count(3).at_limit), (3, false));
    assert_eq!((count(2).matches, count(2).at_limit), (2, true));
}

#[test]
fn matches_over_the_seams_of_blocks_are_found_once() {
    let unit = "äneedle-";
    let text = unit.repeat(60_000);
    let editor = Editor::with_text(Mode::Text, &text);
    for query in [
        Query::literal("needle-ä", Case::Sensitive),
        Query::literal("NEEDLE-Ä", Case::Insensitive),
        Query::regex(r"\bäneedle\b-", Case::Sensitive),
    ] {
        let query = query.expect("valid");
        let found = editor.matches(&query, 0..usize::MAX, usize::MAX);
        let expected = text.matches("needle-ä").count();
        assert!((expected..=expected + 1).contains(&found.len()), "{query:?}");
        assert!(found.windows(2).all(|pair| pair[1].start - pair[0].start == 8));
        let last = found.last().cloned();
        assert_eq!(editor.find(&query, usize::MAX, Direction::Backward), last, "{query:?}");
    }
    // `^` is at the start of lines and not of blocks.
    let query = Query::regex("^.", Case::Sensitive).expect("valid");
    assert_eq!(editor.count_matches(&query, 0..usize::MAX, 9).matches, 1);
}
