//! What kind of field an editor is: one line or many, what it shows when empty, how much it takes, and
//! whether it hides what it holds.

use std::borrow::Cow;

/// One line or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// One line: never holds a line break.
    #[default]
    Line,
    /// A text of many lines.
    Text,
}

/// What a field of one line puts where text with line breaks is pasted into it. Line breaks at the start and
/// at the end are dropped in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Joint {
    /// One blank for each run of line breaks with the blanks around it: prose, header values.
    #[default]
    Blank,
    /// Nothing: the pieces, without the blanks around the break, are put together. Right for a URL or a token that a
    /// mail or a terminal broke into lines.
    Nothing,
}

/// The settings of an editor that do not change while it is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// One line or many.
    pub mode: Mode,
    /// How line breaks are joined in [`Mode::Line`].
    pub joint: Joint,
    /// What to show, greyed, while the field is empty. The editor only keeps it for the view.
    pub placeholder: Cow<'static, str>,
    /// The most characters that the field takes; what is typed or pasted past it is cut at a grapheme.
    pub max_chars: Option<usize>,
    /// Show `•` for each grapheme. Word motions then go to the ends, so that they tell nothing either.
    pub mask: bool,
    /// Blanks that make one level of indentation, at least 1.
    pub indent: usize,
}

impl Field {
    /// A field of one line.
    pub fn line() -> Self {
        Self {
            mode: Mode::Line,
            joint: Joint::default(),
            placeholder: Cow::Borrowed(""),
            max_chars: None,
            mask: false,
            indent: 2,
        }
    }

    /// A text of many lines.
    pub fn text() -> Self {
        Self { mode: Mode::Text, ..Self::line() }
    }

    /// A field for a URL or a token: one line, pieces of a broken line put together without a blank.
    pub fn url() -> Self {
        Self { joint: Joint::Nothing, ..Self::line() }
    }

    /// A field of one line that shows `•` for each grapheme.
    pub fn secret() -> Self {
        Self { mask: true, ..Self::url() }
    }

    /// Sets what an empty field shows.
    #[must_use]
    pub fn placeholder(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.placeholder = text.into();
        self
    }

    /// Sets the most characters that the field takes.
    #[must_use]
    pub fn max_chars(mut self, chars: usize) -> Self {
        self.max_chars = Some(chars);
        self
    }

    /// Makes a given text fit the mode: a field of one line loses its line breaks, a text is left as it is.
    pub(super) fn fit<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mode {
            Mode::Line => join_lines(text, self.joint),
            Mode::Text => Cow::Borrowed(text),
        }
    }

    /// Makes typed or pasted text fit: as [`fit`](Self::fit), and CR and CRLF become LF in a text.
    pub(super) fn fit_input<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mode {
            Mode::Line => join_lines(text, self.joint),
            Mode::Text if memchr::memchr(b'\r', text.as_bytes()).is_some() => {
                Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
            }
            Mode::Text => Cow::Borrowed(text),
        }
    }
}

/// Every character that some program takes for a line break.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn join_lines(text: &str, joint: Joint) -> Cow<'_, str> {
    if !text.contains(is_line_break) {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim_matches(is_line_break);
    let mut joined = String::with_capacity(trimmed.len());
    let mut pieces = trimmed.split(is_line_break).peekable();
    let mut first = true;
    while let Some(piece) = pieces.next() {
        // Blanks beside a break belong to the break; those at the two ends were meant.
        let piece = if first { piece } else { piece.trim_start_matches([' ', '\t']) };
        let piece =
            if pieces.peek().is_some() { piece.trim_end_matches([' ', '\t']) } else { piece };
        if piece.is_empty() && !first {
            continue;
        }
        if !first && joint == Joint::Blank && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(piece);
        first = false;
    }
    Cow::Owned(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_as_the_field_asks() {
        let cases = [
            ("a", "a", "a"),
            ("a\n", "a", "a"),
            ("\r\na\r\n\r\n", "a", "a"),
            ("a\nb", "a b", "ab"),
            ("a\r\nb", "a b", "ab"),
            ("a  \r\n\n  b", "a b", "ab"),
            ("  a\nb  ", "  a b  ", "  ab  "),
            ("a\u{2028}b\u{85}c", "a b c", "abc"),
            ("wss://h/\n  path?x=1\n", "wss://h/ path?x=1", "wss://h/path?x=1"),
            ("\n\n", "", ""),
        ];
        for (given, blank, nothing) in cases {
            assert_eq!(join_lines(given, Joint::Blank), blank, "{given:?}");
            assert_eq!(join_lines(given, Joint::Nothing), nothing, "{given:?}");
        }
    }

    #[test]
    fn typed_line_ends_become_lf_in_a_text_and_given_ones_stay() {
        let field = Field::text();
        assert_eq!(field.fit_input("a\rb\r\nc\n"), "a\nb\nc\n");
        assert_eq!(field.fit("a\rb\r\nc\n"), "a\rb\r\nc\n");
    }
}
