//! A pasted credential, mended where it could not be sent anyway, and what is odd about it.
//!
//! Nothing is mended silently: each mend is a note, which is shown beside the field, in `check`
//! and to the rules that explain a refusal. A note never holds the credential.

use super::jwt;
use super::problem::AuthProblem;
use crate::core::headers;
use crate::core::time::Micros;

/// Quotation marks that come along from a shell line, a JSON file or a chat.
const QUOTES: &[(char, char)] = &[('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];

/// A credential on its way into a header, with its notes.
#[derive(Debug)]
pub(super) struct Credential<'a> {
    what: &'static str,
    text: &'a str,
    notes: Vec<String>,
}

impl<'a> Credential<'a> {
    /// Takes off line breaks and blanks at the ends: a header cannot carry them (RFC 9110
    /// section 5.5), and they are the most common slip of a pasted token.
    pub(super) fn read(what: &'static str, text: &'a str) -> Credential<'a> {
        let mut notes = Vec::new();
        let trimmed = text.trim();
        let start = &text[..text.len() - text.trim_start().len()];
        let end = &text[text.trim_end().len().max(start.len())..];
        for (cut, place) in [(start, "start"), (end, "end")] {
            if !cut.is_empty() {
                let kind = if cut.contains(['\n', '\r']) { "a line break" } else { "blanks" };
                notes.push(format!("the {what} had {kind} at its {place}, left out"));
            }
        }
        Credential { what, text: trimmed, notes }
    }

    /// For tokens whose grammar has no quotation marks (RFC 6750 section 2.1): takes them off.
    pub(super) fn unquote(mut self) -> Self {
        let inner = QUOTES.iter().find_map(|(open, close)| {
            self.text.strip_prefix(*open).and_then(|rest| rest.strip_suffix(*close))
        });
        if let Some(inner) = inner {
            self.text = inner.trim();
            self.notes.push(format!("the {} stood in quotation marks, left out", self.what));
        }
        self
    }

    /// Only tells of quotation marks, where they may belong to the value.
    pub(super) fn note_quotes(mut self) -> Self {
        let quoted = QUOTES.iter().any(|(open, close)| {
            self.text.len() > open.len_utf8()
                && self.text.starts_with(*open)
                && self.text.ends_with(*close)
        });
        if quoted {
            self.notes.push(format!("the {} stands in quotation marks, sent as typed", self.what));
        }
        self
    }

    /// Takes off a header name or scheme word that was pasted along (`Authorization: Bearer …`)
    /// and is written by the way itself.
    pub(super) fn without_prefix(mut self, prefix: &'static str) -> Self {
        let head = self.text.get(..prefix.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(prefix)) {
            self.text = self.text[prefix.len()..].trim_start();
            let prefix = prefix.trim_end();
            self.notes.push(format!(
                "the {} began with “{prefix}”, which is written by itself; left out",
                self.what
            ));
        }
        self
    }

    /// Tells of a JWT that has expired or is not valid yet.
    pub(super) fn note_expiry(mut self, now: Micros) -> Self {
        self.notes.extend(jwt::notes(self.text, self.what, now));
        self
    }

    /// The text and the notes.
    ///
    /// # Errors
    /// When nothing is left of it, or it holds a control character.
    pub(super) fn finish(self, way: &'static str) -> Result<(&'a str, Vec<String>), AuthProblem> {
        if self.text.is_empty() {
            return Err(AuthProblem::Missing { label: self.what, way });
        }
        let bad = self.text.chars().enumerate().find(|(_, c)| c.is_control() && *c != '\t');
        if let Some((at, c)) = bad {
            return Err(AuthProblem::Character {
                what: self.what,
                character: headers::describe(c),
                position: at + 1,
                place: "a header",
            });
        }
        Ok((self.text, self.notes))
    }
}

/// An error that names the first character that cannot stand in a place.
pub(super) fn only(
    text: &str,
    what: &'static str,
    place: &'static str,
    good: fn(char) -> bool,
) -> Result<(), AuthProblem> {
    match text.chars().enumerate().find(|(_, c)| !good(*c)) {
        Some((at, c)) => Err(AuthProblem::Character {
            what,
            character: headers::describe(c),
            position: at + 1,
            place,
        }),
        None => Ok(()),
    }
}
