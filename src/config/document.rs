//! TOML text as a tree with places, read to its end even when parts of it are wrong.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// The text of one file and what was found wrong in it so far.
pub(super) struct Document<'t> {
    text: &'t str,
    file: PathBuf,
    problems: RefCell<Vec<(usize, Problem)>>,
    /// Lines on which the parser stumbled: what it made of their values is its guess, so nothing
    /// more is said about them.
    broken: Vec<usize>,
}

impl<'t> Document<'t> {
    /// Reads as much of `text` as can be read; mistakes of grammar are already among the problems.
    pub(super) fn read(text: &'t str, file: &Path) -> (Document<'t>, DeTable<'t>) {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Document {
            text,
            file: file.to_owned(),
            problems: RefCell::default(),
            broken: Vec::new(),
        };
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let line = document.place(span.start).0;
            // One slip makes the parser complain about all that follows it on the line.
            if !document.broken.contains(&line) {
                document.broken.push(line);
                let message = format!("not TOML: {}", error.message().trim());
                let hint = grammar_cure(error.message());
                document.push(&span, String::new(), message, hint.to_owned());
            }
        }
        (document, root.into_inner())
    }

    /// Adds a problem of the value or key at `span`.
    pub(super) fn report(
        &self,
        span: &Range<usize>,
        key: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if !self.is_broken(span) {
            self.push(span, key.into(), message.into(), hint.into());
        }
    }

    /// Whether the grammar is wrong on this line, so that its value is not the user's.
    pub(super) fn is_broken(&self, span: &Range<usize>) -> bool {
        !self.broken.is_empty() && self.broken.contains(&self.place(span.start).0)
    }

    /// All problems in the order of the text.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(at, _)| *at);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    fn push(&self, span: &Range<usize>, key: String, message: String, hint: String) {
        let (line, column) = self.place(span.start);
        let file = self.file.clone();
        let problem = Problem { file, line, column, key, message, hint };
        self.problems.borrow_mut().push((span.start, problem));
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    fn place(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

fn grammar_cure(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "keep one of the two"
    } else if message.contains("quote") || message.contains("string values must be quoted") {
        "write text between double quotes"
    } else {
        "write settings as name = value, text between double quotes"
    }
}

/// What stands there, for "… but found …".
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => {
            let start: String = text.chars().take(40).collect();
            format!("the text {start:?}{}", if start.len() < text.len() { "…" } else { "" })
        }
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Entries of a table in the order of the text (the parser sorts them by name).
pub(super) fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(&'a Spanned<toml::de::DeString<'i>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_slips_of_grammar_are_told_once_a_line() {
        let text = "a = \nb = 1\nc = [1,\nd = yes\n";
        let (document, root) = Document::read(text, Path::new("x.toml"));
        let problems = document.into_problems();
        assert!(problems.len() >= 2, "{problems:#?}");
        assert_eq!((problems[0].line, problems[0].column), (1, 5));
        assert!(root.contains_key("b"));
    }

    #[test]
    fn columns_count_characters() {
        let (document, _) = Document::read("ä = \"é\" x", Path::new("x.toml"));
        let problems = document.into_problems();
        assert_eq!((problems[0].line, problems[0].column), (1, 9), "{problems:?}");
    }
}
