//! What holds for any text, any edits and any window.

use proptest::prelude::*;

use super::*;
use crate::core::sanitize::display_width;

#[test]
fn endless_graphemes_are_cut() {
    for unit in ["\u{301}", "🇩🇪", "👩\u{200d}"] {
        let text = unit.repeat(700);
        let mut editor = Editor::with_text(Mode::Text, &format!("a{text}"));
        let mut last = editor.cursor();
        while editor.apply(go(Motion::Right)) == Outcome::Moved {
            assert!(editor.cursor() - last <= 2 * grapheme::LONGEST);
            last = editor.cursor();
        }
        assert_eq!(last, editor.len_chars());
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z{}\\[\\]\", .]{0,6}",
        1 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("\u{1b}[2J".to_owned()),
        1 => Just("\u{202e}".to_owned()),
        1 => Just("\u{200b}".to_owned()),
        1 => Just("\u{200d}".to_owned()),
        1 => Just("\u{301}".to_owned()),
        1 => Just("\u{2028}".to_owned()),
        1 => Just("\u{9b}".to_owned()),
        1 => Just("👩\u{200d}👩\u{200d}👧".to_owned()),
        1 => Just("🇩🇪".to_owned()),
        1 => Just("🇩".to_owned()),
        1 => Just("漢字".to_owned()),
        1 => Just("क्षि".to_owned()),
        1 => Just("\u{301}".repeat(20)),
        1 => "\\PC{0,3}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn motion() -> impl Strategy<Value = Motion> {
    prop_oneof![
        Just(Motion::Left),
        Just(Motion::Right),
        Just(Motion::WordLeft),
        Just(Motion::WordRight),
        Just(Motion::LineStart),
        Just(Motion::LineEnd),
        Just(Motion::Up),
        Just(Motion::Down),
        (0..4_usize).prop_map(Motion::PageUp),
        (0..4_usize).prop_map(Motion::PageDown),
        Just(Motion::TextStart),
        Just(Motion::TextEnd),
        (0..80_usize).prop_map(Motion::To),
        Just(Motion::MatchingBracket),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => hostile_text().prop_map(Edit::Insert),
        3 => "[a-c ]".prop_map(Edit::Insert),
        1 => hostile_text().prop_map(Edit::Paste),
        1 => Just(Edit::NewLine),
        2 => Just(Edit::Backspace),
        1 => Just(Edit::Delete),
        1 => Just(Edit::DeleteWordBack),
        1 => Just(Edit::DeleteWordForward),
        1 => Just(Edit::DeleteToLineStart),
        1 => Just(Edit::DeleteToLineEnd),
        1 => Just(Edit::DeleteLine),
        6 => (motion(), any::<bool>()).prop_map(|(motion, extend)| Edit::Move { motion, extend }),
        1 => Just(Edit::SelectAll),
        1 => Just(Edit::Indent),
        1 => Just(Edit::Outdent),
        1 => (0..40_usize, 0..10_usize, hostile_text()).prop_map(|(start, len, text)| Edit::Replace {
            range: start..start + len,
            text,
        }),
    ]
}

fn check_view(editor: &Editor, view: &Viewport) {
    let rows = visible_lines(editor, view);
    assert!(rows.len() <= usize::from(view.height));
    for row in &rows {
        let mut column = 0;
        for (cell, text) in row.cells() {
            assert_eq!(cell.column, column);
            assert_eq!(display_width(text), usize::from(cell.width));
            column += cell.width;
            let hostile = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{206f}' | '\u{feff}')
            };
            assert!(!text.contains(hostile), "{text:?}");
            assert_eq!(editor.rope().byte_to_char(cell.bytes.start), cell.char);
        }
        assert_eq!(row.width, column);
        assert!(column <= view.width);
        assert!(row.cursor.is_none_or(|cursor| cursor < view.width));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_edits_are_undone_and_done_again(
        line in any::<bool>(),
        start in hostile_text(),
        edits in prop::collection::vec(edit(), 0..30),
    ) {
        let mode = if line { Mode::Line } else { Mode::Text };
        let mut editor = Editor::with_text(mode, &start);
        let original = editor.text();
        for edit in edits {
            let before = (editor.text(), editor.revision());
            let outcome = editor.apply(edit);
            prop_assert_eq!(outcome == Outcome::Changed, editor.revision() != before.1);
            if outcome != Outcome::Changed {
                prop_assert_eq!(editor.text(), before.0);
            }
            prop_assert!(grapheme::is_boundary(editor.rope(), editor.cursor()));
            if let Some(range) = editor.selection() {
                prop_assert!(grapheme::is_boundary(editor.rope(), range.start));
                prop_assert!(grapheme::is_boundary(editor.rope(), range.end));
            }
            if line {
                prop_assert!(!editor.text().contains(field::is_line_break));
            }
        }
        let last = editor.text();
        while editor.apply(Edit::Undo) == Outcome::Changed {
            prop_assert!(grapheme::is_boundary(editor.rope(), editor.cursor()));
        }
        prop_assert_eq!(editor.text(), original);
        while editor.apply(Edit::Redo) == Outcome::Changed {
            prop_assert!(grapheme::is_boundary(editor.rope(), editor.cursor()));
        }
        prop_assert_eq!(editor.text(), last);
    }

    #[test]
    fn boundaries_are_those_of_unicode(text in hostile_text()) {
        use unicode_segmentation::UnicodeSegmentation;
        let rope = ropey::Rope::from_str(&text);
        let mut expected = vec![0];
        for cluster in text.graphemes(true) {
            expected.push(expected[expected.len() - 1] + cluster.chars().count());
        }
        let found: Vec<usize> = (0..=rope.len_chars())
            .filter(|&at| grapheme::is_boundary(&rope, at))
            .collect();
        prop_assert_eq!(&found, &expected);
        for pair in expected.windows(2) {
            prop_assert_eq!(grapheme::next(&rope, pair[0]), pair[1]);
            prop_assert_eq!(grapheme::prev(&rope, pair[1]), pair[0]);
        }
    }

    #[test]
    fn any_window_can_be_drawn(
        (text, times) in (hostile_text(), prop_oneof![4 => Just(1_usize), 1 => Just(300)]),
        mask in any::<bool>(),
        selection in (0..60_usize, 0..60_usize),
        (width, height) in (0..24_u16, 0..8_u16),
        place in (0..6_usize, 0..40_usize, 0..40_usize),
        wrap in any::<bool>(),
        click in (any::<u16>(), any::<u16>()),
    ) {
        // Repeated without its line breaks it makes a long line.
        let text = match times {
            1 => text,
            _ => text.replace(field::is_line_break, "").repeat(times) + "\nend",
        };
        let mut editor = Editor::with_text(Mode::Text, &text);
        editor.set_mask(mask);
        editor.select(selection.0 * times..selection.1 * times);
        let mut view = Viewport {
            top_line: place.0,
            top_offset: place.1,
            left_column: place.2,
            height,
            width,
            wrap,
        };
        check_view(&editor, &view);
        for (row, column) in [(0, 0), (click.0 % 9, click.1 % 30), click] {
            prop_assert!(view.position_at(&editor, row, column) <= editor.len_chars());
        }
        editor.move_rows(&view, 2, true);
        view.scroll_rows(&editor, 3);
        view.scroll_rows(&editor, -1);
        view.scroll_to_cursor(&editor);
        check_view(&editor, &view);
        if width > 0 && height > 0 {
            let seen = visible_lines(&editor, &view);
            prop_assert_eq!(seen.iter().filter(|row| row.cursor.is_some()).count(), 1);
            for (index, row) in (0_u16..).zip(&seen) {
                if let Some(column) = row.cursor {
                    let at = view.position_at(&editor, index, column);
                    prop_assert_eq!(at, editor.cursor());
                }
            }
        }
        view.left_column = usize::MAX;
        view.top_line = usize::MAX;
        view.top_offset = usize::MAX;
        check_view(&editor, &view);
    }
}
