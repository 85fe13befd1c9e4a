//! Standard output of commands that print a result: whole, once, and quiet about a closed pipe.

use std::io::{self, IsTerminal as _, Write as _};

use super::EXIT_OURS;
use super::failure::Failure;

/// Writes and flushes; a closed pipe is [`Failure::ClosedPipe`].
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()?;
    Ok(())
}

/// One JSON value on one line.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut line =
        serde_json::to_vec(value).map_err(|error| Failure::ours("writing JSON", &error))?;
    line.push(b'\n');
    print(&line)
}

/// Exit code of something that only had to be printed.
pub fn exit_of(printed: io::Result<()>) -> u8 {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => EXIT_OURS,
        _ => 0,
    }
}

/// Colours for a terminal, or none.
///
/// They only repeat what a mark or a word says. `NO_COLOR` set to anything switches them off, as
/// does `TERM=dumb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// No colours, whatever standard output is.
    #[cfg(test)]
    pub const OFF: Paint = Paint { on: false };

    pub fn is_on(self) -> bool {
        self.on
    }

    /// For standard output as it stands.
    pub fn for_stdout() -> Paint {
        Paint { on: io::stdout().is_terminal() && colours_wanted() }
    }

    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn colours_wanted() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
