//! Why a credential cannot be put on a request; never with the credential itself.

use crate::core::url::UrlProblem;

/// Each reads as the reason after “The authentication cannot be put on the request:”.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthProblem {
    #[error("“{kind}” is no way of authenticating that this version knows")]
    UnknownKind { kind: String },
    #[error("{way} needs the field “{label}”, which is empty")]
    Missing { label: &'static str, way: &'static str },
    #[error("“{label}” must be one of {}", choices.join(", "))]
    Choice { label: &'static str, choices: &'static [&'static str] },
    /// A character that cannot stand where the credential goes.
    #[error("the {what} holds {character} at position {position}, which cannot stand in {place}")]
    Character { what: &'static str, character: String, position: usize, place: &'static str },
    /// A value that the way cannot use; `why` reads behind “it”: `is no PEM file`.
    #[error("{label} cannot be used: it {why}")]
    Value { label: &'static str, why: String },
    /// A placeholder that the way does not know.
    #[error("“{label}” holds {{{{{name}}}}}; it can hold {}", placeholders(known))]
    Placeholder { label: &'static str, name: String, known: &'static [&'static str] },
    /// A field that must be JSON. Line and column count from 1, in the text with its placeholders
    /// filled in.
    #[error("“{label}” is not JSON: {why} at line {line}, column {column}")]
    Json { label: &'static str, why: String, line: usize, column: usize },
    /// The address that is to be signed cannot be read.
    #[error("{0}")]
    Address(Box<UrlProblem>),
}

fn placeholders(known: &[&str]) -> String {
    known.iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>().join(", ")
}

impl From<AuthProblem> for UrlProblem {
    fn from(problem: AuthProblem) -> UrlProblem {
        match problem {
            AuthProblem::Address(problem) => *problem,
            other => UrlProblem::Auth { why: other.to_string() },
        }
    }
}
