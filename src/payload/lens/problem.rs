//! Why a payload cannot be laid out as asked.

use super::super::measure::human_bytes;

/// Why a lens shows nothing. Texts in it are escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LensProblem {
    /// Somebody asked to stop.
    #[error("stopped before it was done")]
    Cancelled,
    /// The payload is something else.
    #[error("this is not {what}: {message}{}", place(*.at))]
    NotThis {
        /// The form, as in `this is not CBOR`.
        what: &'static str,
        /// What is wrong, as a phrase.
        message: String,
        /// Byte of the payload where that shows, if it is known.
        at: Option<u64>,
    },
    /// A filter of jq failed. The message is escaped.
    #[error("jq: {0}")]
    Jq(String),
    /// More than this lens takes.
    #[error(
        "{} are more than this lens takes ({}); the hex and raw lenses take any size",
        human_bytes(*.size),
        human_bytes(*.most)
    )]
    TooLarge {
        /// Bytes there are.
        size: u64,
        /// Bytes it takes.
        most: u64,
    },
}

impl LensProblem {
    /// The payload is not of this form.
    pub(super) fn not(what: &'static str, message: impl Into<String>, at: Option<usize>) -> Self {
        LensProblem::NotThis { what, message: message.into(), at: at.map(|at| at as u64) }
    }
}

fn place(at: Option<u64>) -> String {
    at.map(|at| format!(" (at byte {at})")).unwrap_or_default()
}
