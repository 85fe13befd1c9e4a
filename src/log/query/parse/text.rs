//! Texts and patterns: bare words, quotes, `/regular expressions/`.

use std::ops::Range;

use super::{Parsed, Parser};
use crate::log::pattern::{Mode, Pattern, PatternError};
use crate::log::query::Expression;

impl<'a> Parser<'a> {
    /// A text in double quotes with JSON's escapes.
    pub(super) fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut end = None;
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                _ => {}
            }
        }
        let Some(length) = end else {
            return Err(self.wrong(start..start + 1, "This \" is not closed"));
        };
        let raw = &self.rest()[..length];
        // Control characters may be typed or pasted as they are.
        let text = serde_json::from_str::<String>(&raw.replace('\t', "\\t").replace('\n', "\\n"))
            .map_err(|_| {
            let what = "Expected \\\", \\\\, \\n, \\t or \\u0041 behind a \\ in quotes";
            self.wrong(start..start + length, what)
        })?;
        self.at += length;
        Ok(text)
    }

    /// `/regex/i`.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        let start = self.at;
        let mut source = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        let end = loop {
            match chars.next() {
                None => {
                    let what = "This / is not closed; put a text with / into quotes";
                    return Err(self.wrong(start..start + 1, what));
                }
                Some((at, '/')) => break at + 1,
                Some((_, '\\')) => match chars.next() {
                    Some((_, '/')) => source.push('/'),
                    Some((_, c)) => source.extend(['\\', c]),
                    None => source.push('\\'),
                },
                Some((_, c)) => source.push(c),
            }
        };
        self.at = start + end;
        let ignore_case = self.word() == "i";
        self.at += usize::from(ignore_case);
        self.ends_here("a blank or i; put a text with / into quotes")?;
        let expression = Expression { source, ignore_case };
        self.known(&expression, start + 1..start + end - 1)?;
        Ok(expression)
    }

    /// Whether it is an expression.
    pub(super) fn known(&self, expression: &Expression, at: Range<usize>) -> Parsed<()> {
        match Pattern::new(&expression.source, Mode::Regex, expression.ignore_case) {
            Ok(_) => Ok(()),
            Err(PatternError::Syntax { column, message }) => {
                let ahead = self.text[at.clone()].char_indices().nth(column.map_or(0, |c| c - 1));
                let start = ahead.map_or(at.start, |(ahead, _)| at.start + ahead);
                let what = format!("This is not a regular expression: {message}");
                Err(self.wrong(start..at.end, what))
            }
            Err(PatternError::Empty) => {
                Err(self.wrong(at, "Expected an expression between / and /"))
            }
            Err(PatternError::TooLarge) => {
                Err(self.wrong(at, "This expression is too large: shorten its repetitions"))
            }
        }
    }
}
