//! A command line of a POSIX shell, built option by option, in which masked values become
//! variables.

use crate::core::secret::MASK;

/// A command that grows by an option a line.
pub(super) struct Line {
    parts: Vec<String>,
    comments: Vec<String>,
}

impl Line {
    pub(super) fn new(command: &str) -> Line {
        Line { parts: vec![command.to_owned()], comments: Vec::new() }
    }

    pub(super) fn bare(&mut self, text: &str) {
        self.parts.push(text.to_owned());
    }

    pub(super) fn option(&mut self, option: &str, value: &str, name: &str) {
        self.parts.push(format!("{option} {}", quote(value, name)));
    }

    /// For tools whose option takes as many words as follow it.
    pub(super) fn equals(&mut self, option: &str, value: &str, name: &str) {
        self.parts.push(format!("{option}={}", quote(value, name)));
    }

    pub(super) fn url(&mut self, url: &str) {
        self.parts.push(quote_url(url));
    }

    pub(super) fn comment(&mut self, text: &str) {
        // A comment ends with its line.
        self.comments.push(format!("# {}\n", text.replace(['\n', '\r'], " ")));
    }

    pub(super) fn end(self) -> String {
        format!("{}{}", self.comments.concat(), self.parts.join(" \\\n  "))
    }
}

/// `text` as one word of a shell; what was masked in it becomes the variable `$NAME`.
pub(super) fn quote(text: &str, name: &str) -> String {
    if !text.contains(MASK) {
        return single(text);
    }
    double(&split_at_masks(text), |_| variable(name))
}

/// As [`quote`], with the names of the query's parameters.
pub(super) fn quote_url(url: &str) -> String {
    if !url.contains(MASK) {
        return single(url);
    }
    let pieces = split_at_masks(url);
    double(&pieces, |before| {
        let name = before.rsplit(['?', '&', ':', '/']).next().unwrap_or_default();
        let name = name.trim_end_matches('=');
        if before.ends_with(':') || name.is_empty() { "PASSWORD".into() } else { variable(name) }
    })
}

/// What stands between the masks, each without the remark on its length behind it.
fn split_at_masks(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = text.split(MASK).collect();
    for piece in pieces.iter_mut().skip(1) {
        let length = piece.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
        if let Some((words, rest)) = length
            && words.split_once(' ').is_some_and(|(count, unit)| {
                count.bytes().all(|b| b.is_ascii_digit()) && unit.starts_with("char")
            })
        {
            *piece = rest;
        }
    }
    pieces
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn double(pieces: &[&str], name: impl Fn(&str) -> String) -> String {
    let mut out = String::from("\"");
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            out.push_str(&format!("${{{}}}", name(pieces[index - 1])));
        }
        for c in piece.chars() {
            // `!` is history in an interactive shell, and no backslash helps within quotes.
            match c {
                '"' | '\\' | '$' | '`' => out.extend(['\\', c]),
                '!' => out.push_str("\"'!'\""),
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}

/// `X-Auth-Token` as `X_AUTH_TOKEN`.
pub(super) fn variable(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_reaches_the_shell() {
        for (text, expected) in [
            ("a$(id)`id`", "'a$(id)`id`'"),
            ("••••••$(id)\"\\", r#""${T}\$(id)\"\\""#),
            ("Bearer •••••• (11 chars)", r#""Bearer ${T}""#),
            ("•••••• (not a length)!", r#""${T} (not a length)"'!'"""#),
        ] {
            assert_eq!(quote(text, "t"), expected);
        }
        assert_eq!(
            quote_url("ws://jo:••••••@a/?x=1&k=••••••"),
            r#""ws://jo:${PASSWORD}@a/?x=1&k=${K}""#
        );
    }
}
