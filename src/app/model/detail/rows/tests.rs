//! Rows over bytes against a plain way of cutting them, from every side.

use proptest::prelude::*;

use super::*;

/// All rows from the top.
fn all(rows: &Rows<'_>) -> Vec<Piece> {
    let mut out = vec![rows.row(0)];
    while let Some(next) = out.last().and_then(|row| row.next) {
        out.push(rows.row(next));
    }
    out
}

fn texts(text: &str, width: Option<usize>) -> Vec<String> {
    let rows = Rows::new(text.as_bytes(), width);
    all(&rows).into_iter().map(|row| text[row.range].to_owned()).collect()
}

#[test]
fn lines_end_at_newlines_and_where_the_window_ends() {
    assert_eq!(texts("", None), [""]);
    assert_eq!(texts("a\r\nb\n", None), ["a", "b", ""]);
    assert_eq!(texts("abcdef\ngh", Some(4)), ["abcd", "ef", "gh"]);
    assert_eq!(texts("abcd\ngh", Some(4)), ["abcd", "gh"]);
    assert_eq!(texts("abcd\r\ngh", Some(4)), ["abcd", "gh"]);
    assert_eq!(texts("日本語", Some(4)), ["日本", "語"]);
    assert_eq!(texts("e\u{301}e\u{301}e\u{301}", Some(2)), ["e\u{301}e\u{301}", "e\u{301}"]);
}

#[test]
fn what_cannot_be_drawn_stands_as_its_escape() {
    let rows = Rows::new(b"a\x1b\xffb\t", None);
    let mut seen = Vec::new();
    rows.glyphs(0..5, |glyph| {
        seen.push((glyph.column, glyph.text.into_owned(), glyph.escaped));
        true
    });
    let expected = [
        (0, "a", false),
        (1, "\\x1b", true),
        (5, "\\xff", true),
        (9, "b", false),
        (10, "    ", false),
    ];
    assert_eq!(seen, expected.map(|(column, text, escaped)| (column, text.to_owned(), escaped)));
}

#[test]
fn a_line_of_a_hundred_million_bytes_costs_a_window() {
    let payload = vec![b'x'; 100 << 20];
    for width in [None, Some(80)] {
        let rows = Rows::new(&payload, width);
        let top = rows.last_top(50);
        let up = rows.up(top, 50);
        assert_eq!(rows.down(up, 50), top);
        let middle = rows.at(50 << 20);
        assert!(middle <= 50 << 20 && (50 << 20) - middle <= UNWRAPPED);
        assert!(rows.touched() < 16 << 20, "{}", rows.touched());
    }
}

#[test]
fn a_border_that_is_the_end_of_a_line_begins_no_row() {
    for text in ["x".repeat(64), "x".repeat(64) + "\n", "x".repeat(128) + "\nb"] {
        let mut rows = Rows::new(text.as_bytes(), None);
        rows.block = 64;
        let starts: Vec<usize> = all(&rows).iter().map(|row| row.range.start).collect();
        for offset in 0..=text.len() {
            let at = starts.iter().rev().find(|start| **start <= offset);
            assert_eq!(Some(&rows.at(offset)), at, "{offset} of {}", text.len());
        }
    }
}

proptest! {
    /// Rows are found the same from every side: they cover the payload, every byte is in the row
    /// that going down finds, and going up is the reverse of going down.
    #[test]
    fn rows_are_the_same_from_every_side(
        parts in prop::collection::vec(("[a-zé日\t]{0,9}", 0usize..60, any::<bool>()), 0..6),
        width in prop::option::of(2usize..50),
    ) {
        let mut text = String::new();
        for (part, times, ends) in parts {
            text.push_str(&part.repeat(times));
            if ends { text.push('\n') }
        }
        let mut rows = Rows::new(text.as_bytes(), width);
        rows.block = 64;
        let all = all(&rows);
        let mut behind = 0;
        for (index, row) in all.iter().enumerate() {
            prop_assert!(row.range.start == behind);
            prop_assert!(text.get(row.range.clone()).is_some());
            behind = row.next.unwrap_or(text.len());
            prop_assert_eq!(rows.at(row.range.start), row.range.start);
            let holds_end = row.range.end < behind || row.next.is_none();
            let at_end = if holds_end { row.range.start } else { behind };
            prop_assert_eq!(rows.at(row.range.end), at_end);
            let up = rows.up(row.range.start, 5);
            prop_assert_eq!(up, all[index.saturating_sub(5)].range.start);
        }
        prop_assert_eq!(behind, text.len());
    }
}
