//! A place in a text and what is wrong there.

use std::fmt;

use memchr::{memchr_iter, memrchr};

/// What is wrong with a text, and where. Never a reason not to send: a person may want to see what
/// the other side makes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column within the line in characters, from 1.
    pub column: usize,
    /// Byte offset in the text; at most its length, on a character boundary.
    pub byte: usize,
    /// What is wrong, as a phrase: `a comma or } is missing`.
    pub message: String,
}

impl Problem {
    /// A problem at a byte of `text`. An offset inside a character or past the end is moved back.
    pub fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let byte = text.floor_char_boundary(byte);
        let before = &text.as_bytes()[..byte];
        let line = memchr_iter(b'\n', before).count() + 1;
        let start = memrchr(b'\n', before).map_or(0, |at| at + 1);
        let column = text[start..byte].chars().count() + 1;
        Problem { line, column, byte, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let problem = Problem::at("a\nñ日x", "a\nñ日".len(), "no x");
        assert_eq!((problem.line, problem.column, problem.byte), (2, 3, 7));
        assert_eq!(problem.to_string(), "line 2, column 3: no x");
    }

    #[test]
    fn offsets_are_moved_into_the_text() {
        assert_eq!(Problem::at("日", 2, "").byte, 0);
        assert_eq!(Problem::at("日", 9, "").byte, 3);
    }
}
