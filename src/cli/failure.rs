//! How a command ends before it has a result of its own.

use super::{EXIT_OURS, EXIT_USAGE};
use crate::core::sanitize;

/// Why a command could not be carried out. Failures to connect are results, and not here.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Something on this machine failed.
    #[error("{0}")]
    Ours(String),
    /// Nobody reads standard output any more, which is how `| head` ends a command.
    #[error("standard output is closed")]
    ClosedPipe,
}

impl Failure {
    /// A usage error that names the command whose help tells more.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::Usage(message.into())
    }

    /// What was being done and what happened.
    pub fn ours(doing: &str, error: &dyn std::fmt::Display) -> Failure {
        Failure::Ours(format!("{doing}: {error}"))
    }

    /// Writes the message to standard error and answers with the exit code.
    pub fn tell(&self) -> u8 {
        match self {
            Failure::ClosedPipe => 0,
            Failure::Usage(message) => {
                eprintln!("error: {}", sanitize::escape_multiline(message));
                eprintln!("\nFor more information, try '--help'.");
                EXIT_USAGE
            }
            Failure::Ours(message) => {
                eprintln!("error: {}", sanitize::escape_multiline(message));
                EXIT_OURS
            }
        }
    }
}

/// A failure to write to standard output.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::ClosedPipe
        } else {
            Failure::ours("writing to standard output", &error)
        }
    }
}
