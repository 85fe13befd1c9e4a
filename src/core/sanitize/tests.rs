//! Attacks on a terminal, each by name, and what must be drawn instead.

use proptest::prelude::*;

use super::*;

/// Source, and what must be drawn.
fn check(cases: &[(&str, &str)]) {
    for (source, shown) in cases {
        assert_eq!(escape(source), *shown, "source {source:?}");
    }
}

#[test]
fn clean_text_is_borrowed() {
    for text in ["", "plain", "Grüße, Привет, こんにちは", "שלום", "नमस्ते", "🦀 ok", "a\u{301}"]
    {
        assert!(matches!(escape(text), Cow::Borrowed(_)), "{text:?} -> {:?}", escape(text));
    }
}

#[test]
fn cursor_movement_is_shown() {
    check(&[
        ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x08\x08b", "a\\x08\\x08b"),
        ("\x0b\x0c\x7f\0", "\\x0b\\x0c\\x7f\\x00"),
    ]);
}

#[test]
fn clipboard_write_by_osc_52_is_shown() {
    check(&[("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07")]);
}

#[test]
fn title_setting_is_shown() {
    check(&[("\x1b]0;owned\x1b\\", "\\x1b]0;owned\\x1b\\")]);
}

#[test]
fn bidi_override_is_shown() {
    check(&[
        ("safe\u{202E}gpj.exe", "safe\\u{202E}gpj.exe"),
        (
            "\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}",
            "\\u{2066}\\u{2069}\\u{200E}\\u{200F}\\u{061C}",
        ),
    ]);
}

#[test]
fn zero_width_and_invisible_are_shown() {
    check(&[
        ("pass\u{200B}word", "pass\\u{200B}word"),
        ("\u{FEFF}{}", "\\u{FEFF}{}"),
        ("so\u{AD}ft", "so\\u{00AD}ft"),
        ("a\u{E0041}\u{E007F}", "a\\u{E0041}\\u{E007F}"),
        ("a\u{FE0F}\u{2028}\u{2029}", "a\\u{FE0F}\\u{2028}\\u{2029}"),
        ("\u{3164}\u{115F}", "\\u{3164}\\u{115F}"),
    ]);
}

#[test]
fn c1_csi_as_character_and_as_raw_byte_differ() {
    assert_eq!(escape("\u{9B}31m"), "\\u{009B}31m");
    assert_eq!(escape_bytes(b"\x9b31m"), "\\x9b31m");
}

#[test]
fn carriage_return_cannot_overwrite() {
    check(&[("real\rfake", "real\\rfake"), ("a\r\nb", "a\\r\\nb")]);
    assert_eq!(escape_multiline("a\r\nb"), "a\\r\nb");
}

#[test]
fn lone_marks_are_shown() {
    check(&[
        ("\u{301}x", "\\u{0301}x"),
        ("\n\u{301}", "\\n\\u{0301}"),
        // A mark after an escape would sit on the brace.
        ("1\u{FE0F}\u{20E3}", "1\\u{FE0F}\\u{20E3}"),
    ]);
}

#[test]
fn zalgo_is_capped_per_base() {
    let shown = escape("a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}b").into_owned();
    assert_eq!(shown, "a\u{301}\u{302}\u{303}\u{304}\\u{0305}\\u{0306}b");
    let many = format!("x{}y", "\u{0336}".repeat(1000));
    assert_eq!(escape(&many).chars().filter(|c| *c == '\u{336}').count(), MAX_MARKS);
}

#[test]
fn over_wide_clusters_are_taken_apart() {
    check(&[
        ("👨\u{200D}👩\u{200D}👧", "👨\\u{200D}👩\\u{200D}👧"),
        ("👍\u{1F3FD}", "👍\\u{1F3FD}"),
        ("❤\u{FE0F}", "❤\\u{FE0F}"),
        ("\u{1F1E9}", "\\u{1F1E9}"),
        ("🇩🇪", "\\u{1F1E9}\\u{1F1EA}"),
        ("\u{FDFD}", "\\u{FDFD}"),
        ("ｶ\u{FF9E}", "ｶ\\u{FF9E}"),
    ]);
    for chain in ["\u{1100}".repeat(500), format!("क{}", "\u{93E}".repeat(500))] {
        let shown = escape(&chain).into_owned();
        let widest = shown.graphemes(true).map(cluster_width).max().unwrap();
        assert!(widest <= MAX_CLUSTER_CELLS + 1, "{widest}");
    }
}

#[test]
fn invalid_utf8_in_all_forms_is_shown() {
    let cases: [(&[u8], &str); 8] = [
        (b"\x80", "\\x80"),
        (b"\xc0\xaf", "\\xc0\\xaf"),
        (b"a\xe2\x82", "a\\xe2\\x82"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
        (b"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
        (b"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"ok\xc3\xa9\xffok", "oké\\xffok"),
    ];
    for (bytes, shown) in cases {
        assert_eq!(escape_bytes(bytes), shown);
    }
    // A mark after an invalid byte has no base.
    assert_eq!(escape_bytes("\u{301}".as_bytes()), "\\u{0301}");
    assert_eq!(escape_bytes(b"\xff\xcc\x81"), "\\xff\\u{0301}");
}

#[test]
fn newline_and_tab_follow_the_place() {
    assert_eq!(escape("a\n\tb"), "a\\n\\tb");
    assert_eq!(escape_line("a\n\tb"), "a⏎→b");
    assert_eq!(escape_multiline("a\tb\n\tc\n日\tx"), "a   b\n    c\n日  x");
    assert!(matches!(escape_multiline("a\nb"), Cow::Borrowed(_)));
}

#[test]
fn pieces_tell_text_from_escapes() {
    let text = "a\\x1b\x1bé\n";
    let got: Vec<_> = pieces(text).into_iter().map(|p| (p.shown.into_owned(), p.escaped)).collect();
    let want = [("a\\x1b", false), ("\\x1b", true), ("é", false), ("⏎", true)];
    assert_eq!(got, want.map(|(s, e)| (s.to_owned(), e)));
}

#[test]
fn width_is_counted_in_cells() {
    for (text, cells) in [
        ("abc", 3),
        ("日本", 4),
        ("e\u{301}", 1),
        ("🦀", 2),
        ("🇩🇪", 2),
        ("لا", 2),
        ("\x1b", 0),
        ("", 0),
    ] {
        assert_eq!(display_width(text), cells, "{text:?}");
    }
}

#[test]
fn truncation_never_exceeds_and_keeps_clusters() {
    for (text, cells, shown) in [
        ("hello", 5, "hello"),
        ("hello", 4, "hel…"),
        ("hello", 1, "…"),
        ("hello", 0, ""),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("日本語", 6, "日本語"),
        ("日本語", 1, "…"),
        ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ("", 0, ""),
    ] {
        assert_eq!(truncate_to_width(text, cells), shown, "{text:?} in {cells}");
    }
}

#[test]
fn preview_shows_text_and_binary() {
    assert_eq!(preview(b"{\"a\":1}\n", true, 20), "{\"a\":1}⏎");
    assert_eq!(preview(b"a long text", true, 6), "a lon…");
    assert_eq!(preview(b"\x89PNG\r\n\x1a\n\0", false, 12), "89 50 4e 47…");
    assert_eq!(preview(b"\x00\x01", false, 12), "00 01");
    assert_eq!(preview(b"{\"in\":\"binary\"}", false, 40), "{\"in\":\"binary\"}");
    assert_eq!(preview(b"\xff\xfeab", true, 40), "\\xff\\xfeab");
    assert_eq!(preview(b"", false, 10), "");
}

#[test]
fn preview_of_a_megabyte_of_marks_is_short() {
    let marks = format!("a{}", "\u{301}".repeat(500_000));
    let shown = preview(marks.as_bytes(), true, 40);
    assert!(display_width(&shown) <= 40 && shown.len() < 200, "{shown:?}");
    assert!(shown.ends_with('…'));
}

#[test]
fn preview_reads_only_a_bounded_head() {
    // The head is cut inside a character: that is the cut, not invalid UTF-8.
    let long = "é日🦀".repeat(100_000);
    for cells in 1..60 {
        let shown = preview(long.as_bytes(), true, cells);
        assert!(!shown.contains("\\x"), "{shown:?}");
    }
}

/// Text made mostly of trouble.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
        prop::sample::select(vec![
            "\u{301}",
            "\u{200D}",
            "\u{FE0F}",
            "👨",
            "👩",
            "🏽",
            "🇩",
            "\u{1F1E9}",
            "\u{1100}",
            "\u{1161}",
            "\u{93E}",
            "क",
            "\u{94D}",
            "\u{600}",
            "\r",
            "\n",
            "\t",
            "\x1b[",
            "\u{9B}",
            "\u{202E}",
            "ل",
            "ا",
            "日",
            "\u{17D2}",
            "ក",
            "\u{FDFD}",
            "ｶ\u{FF9E}",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_drawn_can_steer_a_terminal(text in hostile(), cells in 0usize..50) {
        for shown in [escape(&text), escape_line(&text), escape_bytes(text.as_bytes())] {
            prop_assert!(!shown.chars().any(is_hidden), "{:?}", shown);
        }
        prop_assert!(!escape_multiline(&text).chars().any(|c| c != '\n' && is_hidden(c)));
        prop_assert!(!preview(text.as_bytes(), true, cells).chars().any(is_hidden));
    }

    #[test]
    fn clusters_drawn_are_bounded(text in hostile()) {
        let shown = escape(&text).into_owned();
        for cluster in shown.graphemes(true) {
            prop_assert!(cluster_width(cluster) <= MAX_CLUSTER_CELLS + 2, "{:?}", cluster);
            prop_assert!(cluster.chars().count() <= (MAX_CLUSTER_CELLS + 2) * (MAX_MARKS + 1));
        }
    }

    #[test]
    fn escaping_twice_changes_nothing(text in hostile()) {
        let once = escape(&text).into_owned();
        prop_assert_eq!(escape(&once), once.as_str());
    }

    #[test]
    fn truncation_fits(text in hostile(), cells in 0usize..50) {
        let shown = escape(&text);
        let cut = truncate_to_width(&shown, cells);
        prop_assert!(display_width(&cut) <= cells);
        if display_width(&shown) <= cells { prop_assert_eq!(&cut, &shown); }
    }

    #[test]
    fn preview_fits_whatever_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), text: bool, cells in 0usize..80) {
        let shown = preview(&bytes, text, cells);
        prop_assert!(display_width(&shown) <= cells);
        prop_assert!(!shown.chars().any(is_hidden));
    }

    #[test]
    fn the_short_way_of_plain_text_cuts_as_the_long_one(
        text in prop_oneof![hostile(), "[a-z]{0,40}(e\u{301}|\u{4e16}|\u{200d}|\u{fe0f}|…)?[a-z]{0,9}"],
        cells in 0usize..50,
    ) {
        let text = escape(&text).into_owned();
        let mut width = 0;
        let mut cut = 0;
        let mut shown = text.clone();
        for (at, cluster) in text.grapheme_indices(true) {
            cut = if width < cells { at } else { cut };
            width += cluster_width(cluster);
            if width > cells {
                shown = if cells == 0 { String::new() } else { format!("{}…", &text[..cut]) };
                break;
            }
        }
        prop_assert_eq!(truncate_to_width(&text, cells), shown);
    }

    #[test]
    fn preview_is_the_truncated_escape(text in hostile(), cells in 0usize..60) {
        let whole = escape_line(&text);
        prop_assert_eq!(preview(text.as_bytes(), true, cells), truncate_to_width(&whole, cells));
    }

    #[test]
    fn pieces_cover_the_text(text in hostile()) {
        let mut at = 0;
        let mut shown = String::new();
        for piece in pieces(&text) {
            prop_assert_eq!(piece.range.start, at);
            at = piece.range.end;
            shown.push_str(&piece.shown);
        }
        prop_assert_eq!(at, text.len());
        prop_assert_eq!(shown, escape_line(&text));
    }
}
