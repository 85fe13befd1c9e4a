//! What a workspace knows about reading its logs: filters by name, and rows that are marked.
//!
//! Queries are kept as they were typed; what they mean is the business of the log's query
//! language. One that a later or earlier version cannot read is kept all the same.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRules {
    /// In the order of the list.
    pub filters: Vec<NamedFilter>,
    /// The first one that fits a row marks it.
    pub highlights: Vec<HighlightRule>,
}

/// A filter of the log that was given a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFilter {
    pub name: String,
    pub query: String,
}

/// Which rows are marked, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HighlightRule {
    pub query: String,
    #[serde(default)]
    pub tint: Tint,
    /// Stands in the row behind the mark; may be empty.
    #[serde(default)]
    pub word: String,
    #[serde(default = "on")]
    pub on: bool,
}

fn on() -> bool {
    true
}

/// A style of the theme with a mark of its own, so that rows can be told apart without colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tint {
    #[default]
    Accent,
    Error,
    Warn,
    Ok,
    Key,
    String,
    Number,
    Control,
}

impl Tint {
    pub const ALL: [Tint; 8] = [
        Tint::Accent,
        Tint::Error,
        Tint::Warn,
        Tint::Ok,
        Tint::Key,
        Tint::String,
        Tint::Number,
        Tint::Control,
    ];

    /// As the theme's style is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tint::Accent => "accent",
            Tint::Error => "error",
            Tint::Warn => "warn",
            Tint::Ok => "ok",
            Tint::Key => "key",
            Tint::String => "string",
            Tint::Number => "number",
            Tint::Control => "control",
        }
    }

    /// One cell, different for each.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Tint::Accent => "◆",
            Tint::Error => "✗",
            Tint::Warn => "!",
            Tint::Ok => "✓",
            Tint::Key => "■",
            Tint::String => "▲",
            Tint::Number => "#",
            Tint::Control => "○",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tints_differ_in_name_and_mark() {
        for (at, tint) in Tint::ALL.into_iter().enumerate() {
            for other in &Tint::ALL[at + 1..] {
                assert!(tint.name() != other.name() && tint.mark() != other.mark());
            }
            let text = serde_json::to_string(&tint).unwrap();
            assert_eq!(text, format!("\"{}\"", tint.name()));
        }
    }
}
