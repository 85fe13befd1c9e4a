//! Tables of edits and motions, and the grouping of undo steps.

use super::*;

fn check(mode: Mode, cases: &[(Edit, &str, &str)]) {
    for (edit, before, after) in cases {
        let mut editor = drawn(mode, before);
        let (text, revision) = (editor.text(), editor.revision());
        let outcome = editor.apply(edit.clone());
        assert_eq!(draw(&editor), *after, "{edit:?} on {before:?}");
        let expected = if text != editor.text() {
            Outcome::Changed
        } else if before == after {
            Outcome::Unchanged
        } else {
            Outcome::Moved
        };
        assert_eq!(outcome, expected, "{edit:?} on {before:?}");
        assert_eq!(outcome == Outcome::Changed, editor.revision() != revision, "{edit:?}");
        if outcome == Outcome::Changed {
            editor.apply(Edit::Undo);
            assert_eq!(draw(&editor), *before, "undo of {edit:?}");
            editor.apply(Edit::Redo);
            assert_eq!(draw(&editor), *after, "redo of {edit:?}");
        }
    }
}

#[test]
fn edits_of_a_text() {
    use Edit::*;
    let family = "👩\u{200d}👩\u{200d}👧";
    let (with_family, without) = (format!("a{family}|b"), "a|b");
    let before_family = format!("a|{family}b");
    check(
        Mode::Text,
        &[
            (insert("x"), "a|b", "ax|b"),
            (insert("x"), "a^bc|d", "ax|d"),
            (Paste("1\r\n2\r3".into()), "a|b", "a1\n2\n3|b"),
            (Paste(String::new()), "a|b", "a|b"),
            (Backspace, "|a", "|a"),
            (Backspace, "ab|c", "a|c"),
            (Backspace, "ae\u{301}|c", "a|c"),
            (Backspace, &with_family, without),
            (Backspace, "a\r\n|b", "a|b"),
            (Backspace, "a|bc^d", "a|d"),
            (Delete, "a|", "a|"),
            (Delete, &before_family, without),
            (Delete, "a|\r\nb", "a|b"),
            (Delete, "🇩🇪|🇫🇷", "🇩🇪|"),
            (DeleteWordBack, "one two  |x", "one |x"),
            (DeleteWordBack, "wss://h.example/path|", "wss://h.example/|"),
            (DeleteWordBack, "wss://h.example/|", "wss://h.|"),
            (DeleteWordForward, "one| two x", "one| x"),
            (DeleteToLineStart, "a\nbc|d", "a\n|d"),
            (DeleteToLineStart, "a\n|d", "a\n|d"),
            (DeleteToLineEnd, "a|bc\nd", "a|\nd"),
            (DeleteToLineEnd, "a|\nd", "a|d"),
            (DeleteToLineEnd, "a|", "a|"),
            (DeleteLine, "a\nb|b\ncde", "a\nc|de"),
            (DeleteLine, "a\nb|b", "a|"),
            (DeleteLine, "a|b", "|"),
            (DeleteLine, "a\nb^b\nc|c\nd", "a\nd|"),
            (DeleteLine, "a^a\n|bb", "|bb"),
            (NewLine, "ab|cd", "ab\n|cd"),
            (NewLine, "  ab|cd", "  ab\n  |cd"),
            (NewLine, "  {|", "  {\n    |"),
            (NewLine, "\t[ |1]", "\t[ \n\t  |1]"),
            (NewLine, "  {|}", "  {\n    |\n  }"),
            (NewLine, "[|]", "[\n  |\n]"),
            (NewLine, " |a", " \n |a"),
            (Indent, "a|b", "a |b"),
            (Indent, "|b", "  |b"),
            (Indent, "a^a\n\nb|b\nc", "^  aa\n\n  bb\n|c"),
            (Outdent, "   a|b", " a|b"),
            (Outdent, "\ta|b", "a|b"),
            (Outdent, "a|b", "a|b"),
            (Outdent, " |a", "|a"),
            (Outdent, "^  a\n b\nc|", "^a\nb\nc|"),
            (SelectAll, "a|b", "^ab|"),
            (Replace { range: 1..3, text: "xyz".into() }, "ab|cd", "axyz|d"),
            (Replace { range: 1..99, text: "\r\n".into() }, "ab|cd", "a\r\n|"),
        ],
    );
}

#[test]
fn edits_of_a_line() {
    use Edit::*;
    check(
        Mode::Line,
        &[
            (insert("x"), "a|b", "ax|b"),
            (insert("\n"), "a|b", "a|b"),
            (Paste("1\r\n2\n".into()), "a|b", "a1 2|b"),
            (NewLine, "a|b", "a|b"),
            (Indent, "a|b", "a|b"),
            (DeleteLine, "a|b", "|"),
            (go(Motion::Up), "a|b", "a|b"),
            (go(Motion::Down), "a|b", "a|b"),
            (Replace { range: 0..1, text: "x\ny".into() }, "a|b", "x y|b"),
        ],
    );
}

#[test]
fn motions() {
    use Motion::*;
    let cases: &[(Edit, &str, &str)] = &[
        (go(Left), "|a", "|a"),
        (go(Left), "ae\u{301}|b", "a|e\u{301}b"),
        (go(Left), "a\r\n|b", "a|\r\nb"),
        (go(Left), "a^bc|d", "a|bcd"),
        (extend(Left), "abc|d", "ab|c^d"),
        (extend(Left), "a^b|c", "a|bc"),
        (go(Right), "a|", "a|"),
        (go(Right), "|👍🏽b", "👍🏽|b"),
        (go(Right), "a|bc^d", "abc|d"),
        (extend(Right), "a|b", "a^b|"),
        (go(WordLeft), "one two|", "one |two"),
        (go(WordLeft), "one, |two", "|one, two"),
        (go(WordLeft), "a\n  |b", "|a\n  b"),
        (go(WordLeft), "--|", "|--"),
        (go(WordRight), "|one two", "one| two"),
        (go(WordRight), "one|, two", "one, two|"),
        (go(WordRight), "|{\"key\":1}", "{\"key|\":1}"),
        (go(WordRight), "|it's", "it's|"),
        (go(WordRight), "| größe_2 x", " größe_2| x"),
        (go(LineStart), "  ab|c", "  |abc"),
        (go(LineStart), "  |abc", "|  abc"),
        (go(LineStart), "|  abc", "  |abc"),
        (go(LineStart), "x\nabc|", "x\n|abc"),
        (go(LineEnd), "a|b\r\nc", "ab|\r\nc"),
        (go(LineEnd), "a|b", "ab|"),
        (go(Up), "a|b\nc", "a|b\nc"),
        (go(Up), "ab\ncd|", "ab|\ncd"),
        (go(Up), "a\ncde|", "a|\ncde"),
        (go(Up), "漢字\nab|c", "漢|字\nabc"),
        (go(Up), "漢字\na|bc", "|漢字\nabc"),
        (go(Up), "\tx\nabcd|e", "\t|x\nabcde"),
        (extend(Up), "a|b", "|a^b"),
        (go(Down), "a|b\nc", "ab\nc|"),
        (go(Down), "a|b", "a|b"),
        (extend(Down), "a|b", "a^b|"),
        (go(PageDown(2)), "a|\nb\nc\nd", "a\nb\nc|\nd"),
        (go(PageDown(9)), "|a\nb\nc", "a\nb\n|c"),
        (go(PageUp(9)), "a\nb\n|c", "|a\nb\nc"),
        (go(TextStart), "a\nb|", "|a\nb"),
        (extend(TextEnd), "a|\nb", "a^\nb|"),
        (go(To(2)), "|ae\u{301}b", "a|e\u{301}b"),
        (go(To(99)), "|ab", "ab|"),
        (go(MatchingBracket), "a|{[(}{)]}", "a{[(|}{)]}"),
        (go(MatchingBracket), "|[1, [2]]", "[1, [2]|]"),
        (go(MatchingBracket), "[1, [2]]|", "|[1, [2]]"),
        (go(MatchingBracket), "a|b", "a|b"),
    ];
    check(Mode::Text, cases);
}

#[test]
fn vertical_motion_remembers_its_column() {
    let mut editor = drawn(Mode::Text, "abcdef|\na\n\nabcdefgh");
    for expected in ["abcdef\na|\n\nabcdefgh", "abcdef\na\n|\nabcdefgh", "abcdef\na\n\nabcdef|gh"] {
        editor.apply(go(Motion::Down));
        assert_eq!(draw(&editor), expected);
    }
    editor.apply(go(Motion::Left));
    editor.apply(go(Motion::Up));
    editor.apply(go(Motion::Up));
    editor.apply(go(Motion::Up));
    assert_eq!(draw(&editor), "abcde|f\na\n\nabcdefgh");
}

#[test]
fn typing_is_grouped_into_steps() {
    let mut editor = Editor::new(Mode::Text);
    for c in "one two{".chars() {
        editor.apply(insert(&c.to_string()));
    }
    let undone = |editor: &mut Editor| {
        editor.apply(Edit::Undo);
        editor.text()
    };
    assert_eq!(undone(&mut editor), "one two");
    assert_eq!(undone(&mut editor), "one");
    assert_eq!(undone(&mut editor), "");
    assert_eq!(editor.apply(Edit::Undo), Outcome::Unchanged);
    for _ in 0..3 {
        assert_eq!(editor.apply(Edit::Redo), Outcome::Changed);
    }
    assert_eq!(editor.apply(Edit::Redo), Outcome::Unchanged);
    assert_eq!(draw(&editor), "one two{|");
    for _ in 0..4 {
        editor.apply(Edit::Backspace);
    }
    assert_eq!(editor.text(), "one ");
    assert_eq!(undone(&mut editor), "one two{");

    let mut editor = Editor::new(Mode::Text);
    editor.apply(insert("a"));
    editor.apply(go(Motion::Left));
    editor.apply(go(Motion::Right));
    editor.apply(insert("b"));
    assert_eq!(undone(&mut editor), "a", "a motion ends the group");
    editor.apply(Edit::Paste("b".into()));
    editor.apply(insert("c"));
    assert_eq!(undone(&mut editor), "ab", "typing does not join a paste");
}

#[test]
fn history_is_bounded_but_keeps_the_newest_step() {
    let mut editor = Editor::new(Mode::Text);
    for _ in 0..history::MAX_STEPS + 20 {
        editor.apply(Edit::Paste("x".into()));
    }
    let mut steps = 0;
    while editor.apply(Edit::Undo) == Outcome::Changed {
        steps += 1;
    }
    assert_eq!(steps, history::MAX_STEPS);
    assert_eq!(editor.len_chars(), 20);

    let mut editor = Editor::with_text(Mode::Text, &"y".repeat(2_000_001));
    editor.limit_undo(2_000_000);
    editor.apply(insert("x"));
    editor.apply(Edit::SelectAll);
    editor.apply(Edit::Delete);
    assert!(editor.is_empty());
    assert_eq!(editor.apply(Edit::Undo), Outcome::Changed);
    assert_eq!(editor.len_bytes(), 2_000_002);
    assert_eq!(editor.apply(Edit::Undo), Outcome::Unchanged);
    assert_eq!(editor.forgotten_steps(), 1);
}

#[test]
fn what_is_long_and_forgotten_is_left_to_be_freed_elsewhere() {
    let long = "y".repeat(2_000_000);
    let mut editor = Editor::with_text(Mode::Text, &long);
    assert!(editor.take_leftovers().is_empty());
    editor.limit_undo(3_000_000);
    editor.apply(Edit::SelectAll);
    editor.apply(Edit::Paste("z".repeat(2_000_000)));
    assert!(editor.take_leftovers().is_empty(), "the step is kept");
    editor.apply(Edit::SelectAll);
    editor.apply(Edit::Paste("short".into()));
    assert_eq!(editor.forgotten_steps(), 1);
    assert!(!editor.take_leftovers().is_empty());
    // What was undone goes when something else is done.
    editor.apply(Edit::Undo);
    editor.apply(Edit::Insert("!".into()));
    assert!(!editor.take_leftovers().is_empty());
    // So does the text itself when another one is shown.
    editor.reset_text("");
    assert!(!editor.take_leftovers().is_empty());
    assert!(editor.take_leftovers().is_empty());
}

#[test]
fn a_swap_of_long_texts_touches_no_more_than_its_nodes() {
    let mut editor = Editor::with_text(Mode::Text, &"line of text\n".repeat(400_000));
    let before = editor.rope().clone();
    let laid = ropey::Rope::from_str(&"other line\n".repeat(400_000));
    let chars = editor.len_chars();
    editor.replace_with_rope(0..chars, laid.clone());
    assert_eq!(*editor.rope(), laid);
    editor.apply(Edit::Undo);
    // The old text is the same nodes again, and no copy of them, but for those along the seams.
    let shared = |a: &ropey::Rope, b: &ropey::Rope| {
        let of_a: std::collections::HashSet<*const u8> = a.chunks().map(str::as_ptr).collect();
        b.chunks().filter(|chunk| !of_a.contains(&chunk.as_ptr())).count()
    };
    assert!(shared(&before, editor.rope()) <= 8, "{}", shared(&before, editor.rope()));
}
