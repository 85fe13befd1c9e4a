//! What a grapheme looks like on a screen. Whatever is not safe to draw is shown as an escape by
//! [`sanitize`](crate::core::sanitize), so that nothing in a text can reach the terminal as more than a picture.

use std::borrow::Cow;

use super::grapheme::plain;
use crate::core::sanitize::{TAB_CELLS, display_width, escape, truncate_to_width};

/// Cells that one grapheme may take; a longer escape (a letter under dozens of marks) ends with `…`.
const WIDEST: usize = 32;

/// How a cell's text came about, so that a view can style what does not stand in the text as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// The text itself.
    Text,
    /// Blanks for a tab.
    Tab,
    /// An escape such as `\u{202E}` for what cannot be drawn as it is.
    Escape,
    /// `•` in a field that hides what it holds.
    Mask,
    /// Blanks where a wide grapheme is cut by an edge of the view.
    Filler,
}

/// A grapheme as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    pub text: Cow<'a, str>,
    pub width: usize,
    pub kind: CellKind,
}

/// How a grapheme is drawn that starts at a column of its line; `None` where the column is not known, as in a long
/// line: a tab then has its full width.
pub(super) fn shown(cluster: &str, column: Option<usize>, mask: bool) -> Shown<'_> {
    const BLANKS: &str = "        ";
    if mask {
        return Shown { text: Cow::Borrowed("•"), width: 1, kind: CellKind::Mask };
    }
    if let [byte] = cluster.as_bytes() {
        if matches!(byte, b' '..=b'~') {
            return Shown { text: Cow::Borrowed(cluster), width: 1, kind: CellKind::Text };
        }
        if *byte == b'\t' {
            let width = TAB_CELLS - column.map_or(0, |column| column % TAB_CELLS);
            return Shown {
                text: Cow::Borrowed(BLANKS.get(..width).unwrap_or(BLANKS)),
                width,
                kind: CellKind::Tab,
            };
        }
    }
    if let Some(width) = letter_width(cluster) {
        return Shown { text: Cow::Borrowed(cluster), width, kind: CellKind::Text };
    }
    let text = escape(cluster);
    let kind = if text == cluster { CellKind::Text } else { CellKind::Escape };
    let width = display_width(&text);
    if width > WIDEST {
        let text = truncate_to_width(&text, WIDEST).into_owned();
        return Shown { width: display_width(&text), text: Cow::Owned(text), kind };
    }
    if width == 0 {
        // Nothing that fills no cell may be drawn: it would join with its neighbour.
        return Shown { text: Cow::Borrowed("\u{FFFD}"), width: 1, kind: CellKind::Escape };
    }
    Shown { text, width, kind }
}

/// The width of a grapheme that is one common letter, also with one common accent, without asking the tables: these are
/// most of all text.
fn letter_width(cluster: &str) -> Option<usize> {
    let mut chars = cluster.chars();
    let letter = chars.next().filter(|&c| plain(c) && c != '\n')?;
    let accent = |c: char| matches!(c, '\u{300}'..='\u{345}');
    if !chars.next().is_none_or(accent) || chars.next().is_some() {
        return None;
    }
    Some(if letter >= '\u{3041}' { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_letters_have_the_width_of_the_tables() {
        let mut letters = 0;
        for letter in (' '..='\u{ffff}').filter(|&c| plain(c)) {
            let cluster = letter.to_string();
            assert_eq!(escape(&cluster), cluster);
            assert_eq!(letter_width(&cluster), Some(display_width(&cluster)), "{letter}");
            letters += 1;
            for accent in ["\u{300}", "\u{345}"] {
                let cluster = format!("{letter}{accent}");
                assert_eq!(escape(&cluster), cluster);
                assert_eq!(letter_width(&cluster), Some(display_width(&cluster)));
            }
        }
        assert!(letters > 20_000);
    }

    #[test]
    fn graphemes_are_drawn_safely() {
        let cases = [
            ("a", "a", 1, CellKind::Text),
            ("\t", "   ", 3, CellKind::Tab),
            ("\u{1b}", "\\x1b", 4, CellKind::Escape),
            ("\r", "\\r", 2, CellKind::Escape),
            ("\u{202e}", "\\u{202E}", 8, CellKind::Escape),
            ("漢", "漢", 2, CellKind::Text),
            ("e\u{301}", "e\u{301}", 1, CellKind::Text),
        ];
        for (cluster, text, width, kind) in cases {
            let got = shown(cluster, Some(1), false);
            assert_eq!((got.text.as_ref(), got.width, got.kind), (text, width, kind));
        }
        assert_eq!(shown("\t", None, false).width, TAB_CELLS);
        assert_eq!(shown("漢", Some(0), true).text, "•");
    }

    #[test]
    fn a_pile_of_marks_stays_narrow() {
        let pile = format!("a{}", "\u{301}".repeat(200));
        let got = shown(&pile, Some(0), false);
        assert!(got.width <= WIDEST);
        assert_eq!(got.width, display_width(&got.text));
    }
}
