//! What is wrong in a file that people edit, and where.

use std::fmt;
use std::path::PathBuf;

/// One mistake in a configuration file. Nothing stops because of it: a default stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was opened.
    pub file: PathBuf,
    /// Line, counted from 1; 0 if the problem is the whole file's.
    pub line: usize,
    /// Column in characters, counted from 1; 0 if the problem is the whole file's.
    pub column: usize,
    /// The setting, as one path: `log.memory_mib`; empty if none is meant.
    pub key: String,
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl fmt::Display for Problem {
    /// `config.toml:3:5: unknown setting log.hearbeat: did you mean heartbeat?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, ": {}", self.hint)?;
        }
        Ok(())
    }
}
