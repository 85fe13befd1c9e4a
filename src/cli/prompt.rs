//! Asking the person at the terminal: a yes or no, and a secret that is not shown while it is
//! typed. Standard input and output may be pipes, so that the terminal itself is opened.

use std::io;

use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use crate::core::secret::Secret;

/// Asks `text` on the terminal; anything but a yes is a no, and so is no terminal.
pub fn agree(text: String) -> BoxFuture<'static, bool> {
    Box::pin(async move {
        let (done, answer) = tokio::sync::oneshot::channel();
        // A thread that waits for a key must not hold up the end of the process.
        let thread = std::thread::Builder::new().name("prompt".into()).spawn(move || {
            let _ = done.send(terminal::line(&format!("{text} [y/N] ")).unwrap_or_default());
        });
        if thread.is_err() {
            return false;
        }
        let answer = answer.await.unwrap_or_default();
        matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    })
}

/// Asks for a secret, which is not shown. `None` if it was given up.
///
/// # Errors
/// If there is no terminal that can be asked on.
pub fn secret(text: &str) -> io::Result<Option<Secret>> {
    terminal::hidden(text)
}

/// What a key does to a secret that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    More,
    Done,
    GivenUp,
}

/// Takes one byte of the terminal in: text, Backspace, Ctrl+U, Enter, Ctrl+C.
fn take(byte: u8, text: &mut Vec<u8>) -> Typed {
    match byte {
        b'\r' | b'\n' | 4 => return Typed::Done,
        3 | 0x1b => return Typed::GivenUp,
        8 | 0x7f => {
            // A character of several bytes goes as one.
            while let Some(last) = text.pop() {
                if last & 0xc0 != 0x80 {
                    break;
                }
            }
        }
        0x15 => text.clear(),
        0..0x20 => {}
        _ => text.push(byte),
    }
    Typed::More
}

#[cfg(unix)]
mod terminal {
    //! The terminal of a Unix process.

    use std::fs::{File, OpenOptions};
    use std::io::{self, BufRead as _, Read as _, Write as _};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Secret, Typed, Zeroizing, take};

    fn open() -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open("/dev/tty")
    }

    pub(super) fn line(text: &str) -> io::Result<String> {
        let mut terminal = open()?;
        terminal.write_all(text.as_bytes())?;
        let mut line = String::new();
        io::BufReader::new(terminal).read_line(&mut line)?;
        Ok(line)
    }

    /// Gives the terminal its manners back, however reading ends.
    struct Restored<'a>(&'a File, Termios);

    impl Drop for Restored<'_> {
        fn drop(&mut self) {
            // Nothing can be done about a terminal that is gone.
            let _ = tcsetattr(self.0, OptionalActions::Now, &self.1);
        }
    }

    pub(super) fn hidden(text: &str) -> io::Result<Option<Secret>> {
        let terminal = open()?;
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        // Byte by byte, since a line of the terminal ends after 4 KiB, and keys that raise signals
        // come as bytes, since a process that a signal ends would leave the terminal silent.
        quiet.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        let restored = Restored(&terminal, before);
        // Before the prompt, since whoever sees that begins to type.
        tcsetattr(&terminal, OptionalActions::Now, &quiet)?;
        (&terminal).write_all(text.as_bytes())?;
        let mut typed = Zeroizing::new(Vec::with_capacity(64 * 1024));
        let mut byte = [0];
        let end = loop {
            if (&terminal).read(&mut byte)? == 0 {
                break Typed::GivenUp;
            }
            match take(byte[0], &mut typed) {
                Typed::More => {}
                end => break end,
            }
        };
        drop(restored);
        (&terminal).write_all(b"\n")?;
        if end == Typed::GivenUp {
            return Ok(None);
        }
        let text = std::str::from_utf8(&typed)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))?;
        Ok(Some(Secret::from(text)))
    }
}

#[cfg(not(unix))]
mod terminal {
    //! Systems whose terminal cannot be silenced from here.

    use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

    use super::{Secret, Zeroizing};

    pub(super) fn line(text: &str) -> io::Result<String> {
        if !io::stdin().is_terminal() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        io::stderr().write_all(text.as_bytes())?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line)
    }

    pub(super) fn hidden(_text: &str) -> io::Result<Option<Secret>> {
        let _ = Zeroizing::new(0);
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "on this system it would be shown while it is typed",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_hidden_prompt() {
        for (keys, text, end) in [
            (&b"abc\r"[..], &b"abc"[..], Typed::Done),
            (b"ab\x7fc\n", b"ac", Typed::Done),
            ("aü\u{8}b\r".as_bytes(), b"ab", Typed::Done),
            (b"abc\x15d\x04", b"d", Typed::Done),
            (b"\x7f\x01a\t\r", b"a", Typed::Done),
            (b"abc\x03", b"abc", Typed::GivenUp),
        ] {
            let mut typed = Vec::new();
            let mut last = Typed::More;
            for byte in keys {
                assert_eq!(last, Typed::More);
                last = take(*byte, &mut typed);
            }
            assert_eq!((typed.as_slice(), last), (text, end), "{keys:?}");
        }
    }
}
