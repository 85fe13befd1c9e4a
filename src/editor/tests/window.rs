//! The visible window: cutting, wrapping, clicks, and lines of many megabytes.

use super::*;

fn rows(editor: &Editor, viewport: &Viewport) -> Vec<String> {
    visible_lines(editor, viewport).iter().map(|row| row.text().to_owned()).collect()
}

#[test]
fn the_window_is_cut_and_scrolled() {
    let mut editor = Editor::with_text(Mode::Text, "ab\n\tx漢字\u{202e}\n0123456789abcdef\n");
    let mut view = Viewport::new(8, 3);
    assert_eq!(
        rows(&editor, &view),
        ["ab", "    x漢 ", "01234567"],
        "a wide character that is cut leaves a blank"
    );
    let lines = visible_lines(&editor, &view);
    assert_eq!(lines.iter().map(|row| row.cut_right).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(lines[0].cursor, Some(0));
    view.left_column = 6;
    assert_eq!(rows(&editor, &view), ["", " 字     ", "6789abcd"]);
    let lines = visible_lines(&editor, &view);
    assert!(lines[1].cut_left && lines[2].cut_left);
    let kinds: Vec<CellKind> = lines[1].cells().map(|(cell, _)| cell.kind).collect();
    assert_eq!(kinds, [CellKind::Filler, CellKind::Text, CellKind::Filler]);

    editor.apply(go(Motion::To(24)));
    view.scroll_to_cursor(&editor);
    let seen = visible_lines(&editor, &view);
    let row = seen.iter().find(|row| row.cursor.is_some());
    assert_eq!(row.map(|row| row.line), Some(editor.position().line - 1));
    editor.apply(go(Motion::TextEnd));
    view.scroll_to_cursor(&editor);
    assert_eq!((view.top_line, view.left_column), (1, 0));
}

#[test]
fn lines_wrap_by_cell() {
    let mut editor = Editor::with_text(Mode::Text, "abcdefg\n\n漢字漢\nabcd");
    let view = Viewport { wrap: true, ..Viewport::new(4, 9) };
    assert_eq!(rows(&editor, &view), ["abcd", "efg", "", "漢字", "漢", "abcd"]);
    let starts: Vec<bool> = visible_lines(&editor, &view).iter().map(|row| row.is_start).collect();
    assert_eq!(starts, [true, false, true, true, false, true]);
    editor.apply(go(Motion::TextEnd));
    assert_eq!(rows(&editor, &view).last().map(String::as_str), Some(""));
    let seen = visible_lines(&editor, &view);
    assert_eq!(seen.last().and_then(|row| row.cursor), Some(0));

    editor.apply(go(Motion::To(2)));
    editor.move_rows(&view, 1, false);
    assert_eq!(editor.cursor(), 6);
    editor.move_rows(&view, 2, false);
    assert_eq!(editor.cursor(), 10, "the column is remembered");
    editor.move_rows(&view, -1, true);
    assert_eq!(editor.selection(), Some(8..10));
    assert_eq!(editor.move_rows(&view, -9, false), Outcome::Moved);
    assert_eq!(editor.move_rows(&view, -1, false), Outcome::Unchanged);
}

#[test]
fn clicks_find_their_character() {
    let editor = Editor::with_text(Mode::Text, "a漢b\n\nabcdefgh");
    let cut = Viewport::new(5, 9);
    let wrapped = Viewport { wrap: true, ..cut };
    for (view, row, column, expected) in [
        (cut, 0, 0, 0),
        (cut, 0, 1, 1),
        (cut, 0, 2, 1),
        (cut, 0, 3, 2),
        (cut, 0, 4, 3),
        (cut, 1, 3, 4),
        (cut, 2, 4, 9),
        (cut, 2, 9, 9),
        (cut, 3, 0, 13),
        (wrapped, 2, 9, 9),
        (wrapped, 3, 1, 11),
        (wrapped, 3, 9, 13),
        (wrapped, 9, 9, 13),
    ] {
        let at = view.position_at(&editor, row, column);
        assert_eq!(at, expected, "row {row}, column {column}, {view:?}");
    }
}

#[test]
fn a_line_field_keeps_its_text_in_the_window() {
    let mut editor = Editor::with_text(Mode::Line, &"0123456789".repeat(3));
    let mut view = Viewport::new(10, 1);
    view.scroll_to_cursor(&editor);
    assert_eq!(rows(&editor, &view), ["123456789"]);
    assert_eq!(visible_lines(&editor, &view)[0].cursor, Some(9));
    for _ in 0..25 {
        editor.apply(Edit::Backspace);
        view.scroll_to_cursor(&editor);
        assert!(rows(&editor, &view)[0].len() >= editor.len_chars().min(9));
    }
    assert_eq!(view.left_column, 0);
}

/// Reads every part of a huge line; this would take minutes if any of it were O(n).
#[test]
fn a_huge_line_is_edited_and_seen_everywhere() {
    for unit in ["{\"k\":1234}", "漢字e\u{301}\tx"] {
        let text = unit.repeat((5 << 20) / unit.len());
        let mut editor = Editor::with_text(Mode::Text, &text);
        let chars = editor.len_chars();
        for wrap in [false, true] {
            let mut view = Viewport { wrap, ..Viewport::new(80, 10) };
            for step in 0..40 {
                editor.apply(go(Motion::To(chars / 40 * step)));
                editor.apply(insert("x"));
                view.scroll_to_cursor(&editor);
                let seen = visible_lines(&editor, &view);
                let row = seen.iter().find(|row| row.cursor.is_some());
                let row = row.expect("the cursor is seen");
                let column = row.cursor.expect("just found");
                let at = seen.iter().position(|other| other == row).expect("is in it");
                let at = u16::try_from(at).expect("ten rows");
                assert_eq!(view.position_at(&editor, at, column), editor.cursor());
                editor.apply(Edit::Undo);
                for edit in [
                    go(Motion::WordLeft),
                    go(Motion::Left),
                    go(Motion::LineStart),
                    go(Motion::LineEnd),
                    go(Motion::Right),
                ] {
                    editor.apply(edit);
                }
                editor.move_rows(&view, -3, false);
                editor.position();
            }
        }
        assert!(editor.rope() == text.as_str());
    }
}

#[test]
fn rows_of_a_wrapped_huge_line_lead_down_and_up_the_same_way() {
    let text = "漢a\t\u{200b}e\u{301}🇩🇪".repeat(250);
    let editor = Editor::with_text(Mode::Text, &format!("x\n{text}\ny"));
    for width in [1, 2, 7, 80] {
        let mut rows = layout::Rows::at(&editor, width, 0);
        let mut down = vec![rows.row().range];
        while rows.down() {
            down.push(rows.row().range);
        }
        assert_eq!(down.first(), Some(&(0..1)));
        assert!(
            down.windows(2)
                .all(|pair| { pair[1].start - pair[0].end <= 1 && pair[0].start < pair[0].end })
        );
        let mut up = vec![rows.row().range];
        while rows.up() {
            up.push(rows.row().range);
        }
        up.reverse();
        assert_eq!(down, up);
        for row in down.iter().step_by(31) {
            let found = layout::Rows::at(&editor, width, row.start).row().range;
            assert_eq!(found, *row);
        }
    }
}
