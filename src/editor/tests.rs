//! Tests of the editor as a whole.
//!
//! In the tables `|` is the cursor and `^` the other end of the selection.

mod edits;
mod invariants;
mod queries;
mod window;

use super::*;

/// An editor from a text with its cursor drawn into it.
fn drawn(mode: Mode, text: &str) -> Editor {
    let mut plain = String::new();
    let (mut cursor, mut anchor) = (None, None);
    for c in text.chars() {
        match c {
            '|' => cursor = Some(plain.chars().count()),
            '^' => anchor = Some(plain.chars().count()),
            _ => plain.push(c),
        }
    }
    let mut editor = Editor::with_text(mode, &plain);
    let cursor = cursor.expect("the table draws a cursor");
    editor.apply(go(Motion::To(anchor.unwrap_or(cursor))));
    if anchor.is_some() {
        editor.apply(extend(Motion::To(cursor)));
    }
    assert_eq!(editor.cursor(), cursor, "cursor in a grapheme: {text:?}");
    editor
}

/// The text of an editor with its cursor drawn into it.
fn draw(editor: &Editor) -> String {
    let mut marks = vec![(editor.cursor(), '|')];
    if let Some(range) = editor.selection() {
        let other = if range.start == editor.cursor() { range.end } else { range.start };
        marks.push((other, '^'));
    }
    let mut out = String::new();
    let text = editor.text();
    for (i, c) in text.chars().map(Some).chain([None]).enumerate() {
        out.extend(marks.iter().filter(|mark| mark.0 == i).map(|mark| mark.1));
        out.extend(c);
    }
    out
}

fn go(motion: Motion) -> Edit {
    Edit::Move { motion, extend: false }
}

fn extend(motion: Motion) -> Edit {
    Edit::Move { motion, extend: true }
}

fn insert(text: &str) -> Edit {
    Edit::Insert(text.into())
}

#[test]
fn set_text_can_be_undone_and_reset_text_not() {
    let mut editor = drawn(Mode::Text, "abc|");
    assert_eq!(editor.set_text("xyz\n123"), Outcome::Changed);
    assert_eq!(editor.set_text("xyz\n123"), Outcome::Unchanged);
    assert_eq!(draw(&editor), "xyz|\n123");
    editor.apply(Edit::Undo);
    assert_eq!(draw(&editor), "abc|");
    editor.reset_text("new");
    assert!(!editor.can_undo() && !editor.can_redo());
    assert_eq!(draw(&editor), "|new");
    let mut line = Editor::with_text(Mode::Line, "a\nb\n");
    assert_eq!(draw(&line), "a b|");
    line.reset_rope(ropey::Rope::from_str("c\nd"));
    assert_eq!(draw(&line), "c d|");
}

#[test]
fn a_rope_takes_the_place_of_a_range() {
    for text in ["xyz".to_owned(), "xé\n".repeat(40_000)] {
        let mut editor = drawn(Mode::Text, "ab|cd");
        let rope = ropey::Rope::from_str(&text);
        assert_eq!(editor.replace_with_rope(1..3, rope), Outcome::Changed);
        assert!(editor.text() == format!("a{text}d"));
        assert_eq!(editor.cursor(), editor.len_chars() - 1);
        editor.apply(Edit::Undo);
        assert_eq!(draw(&editor), "ab|cd");
        editor.apply(Edit::Redo);
        assert!(editor.text() == format!("a{text}d"));
    }
    let mut line = drawn(Mode::Line, "ab|cd");
    line.replace_with_rope(1..9, ropey::Rope::from_str("x\ny"));
    assert_eq!(draw(&line), "ax y|");
}

#[test]
fn a_field_takes_no_more_than_its_limit() {
    let mut editor = Editor::for_field(Field::line().max_chars(5));
    editor.apply(insert("abc"));
    assert_eq!(editor.apply(Edit::Paste("de\u{301}x".into())), Outcome::Changed);
    assert_eq!(editor.text(), "abcd", "a grapheme is taken whole or not");
    editor.apply(insert("e"));
    assert_eq!(editor.apply(insert("f")), Outcome::Unchanged);
    editor.apply(Edit::SelectAll);
    editor.apply(insert("123456"));
    assert_eq!(editor.text(), "12345");
    editor.reset_text("1234567");
    assert_eq!(editor.text(), "12345");
}

#[test]
fn debug_shows_no_text() {
    let mut editor = Editor::for_field(Field::secret());
    let edit = Edit::Paste("hunter2".into());
    assert!(!format!("{edit:?}").contains("hunter2"));
    editor.apply(edit);
    let lines = visible_lines(&editor, &Viewport::new(20, 1));
    assert!(!format!("{editor:?} {lines:?}").contains("hunter"));
    assert_eq!(lines[0].text(), "•••••••");
    editor.apply(go(Motion::WordLeft));
    assert_eq!(editor.cursor(), 0);
}

#[test]
fn revisions_tell_what_is_unchanged() {
    let mut editor = Editor::with_text(Mode::Text, "aäb\ncd");
    let first = editor.revision();
    let mut clone = editor.clone();
    assert_eq!(editor.unchanged_bytes_since(first), editor.len_bytes());
    editor.apply(go(Motion::To(4)));
    assert_eq!(editor.revision(), first);
    editor.apply(insert("x"));
    let second = editor.revision();
    editor.apply(go(Motion::To(2)));
    editor.apply(insert("y"));
    assert_eq!(editor.unchanged_bytes_since(first), 3);
    assert_eq!(editor.unchanged_bytes_since(second), 3);
    assert_eq!(editor.unchanged_bytes_since(0), 0);
    clone.apply(insert("z"));
    assert!(![first, second, editor.revision()].contains(&clone.revision()));
}

#[test]
fn positions_are_told_in_lines_and_columns() {
    let editor = drawn(Mode::Text, "aé\r\n👍🏽e\u{301}x|\n");
    assert_eq!(editor.position(), Position { line: 2, column: 4, char: 9, byte: 17 });
    assert_eq!(editor.char_at_byte(17), 9);
    assert_eq!(editor.position_of(99).line, 3);
}

#[test]
fn words_and_lines_are_selected() {
    let mut editor = Editor::with_text(Mode::Text, "one two.three\r\n  x");
    for (at, expected) in [
        (0, "one"),
        (2, "one"),
        (3, " "),
        (5, "two"),
        (7, "."),
        (13, "three"),
        (15, "  "),
        (99, "x"),
    ] {
        editor.select_word_at(at);
        assert_eq!(editor.selected_text(), expected, "at {at}");
    }
    editor.select_line(4);
    assert_eq!(editor.selected_text(), "one two.three\r\n");
    editor.select_line(99);
    assert_eq!(editor.selected_text(), "  x");
    editor.reset_text("");
    assert_eq!(editor.select_word_at(0), Outcome::Unchanged);
}
