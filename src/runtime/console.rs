//! The terminal as the loop sees it.

use std::future::Future;
use std::io;
use std::pin::Pin;

use futures_util::Stream;
use ratatui::Terminal;
use ratatui::backend::Backend;

/// A terminal that can be drawn on, read from, and handed to another program. The real one is in
/// `terminal`; tests draw on a buffer and read from a script.
pub trait Console: Send {
    type Backend: Backend + Send;

    /// What is typed, clicked and pasted. Ends when the terminal is gone.
    type Input: Stream<Item = io::Result<crossterm::event::Event>> + Unpin + Send;

    /// Where to draw.
    fn terminal(&mut self) -> &mut Terminal<Self::Backend>;

    /// Begins to read. The stream is dropped while another program has the terminal.
    fn input(&mut self) -> Self::Input;

    /// Before and after a picture, so that the terminal shows it as a whole.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    fn begin_picture(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// See [`Console::begin_picture`].
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    fn end_picture(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Wipes the screen, so that the next picture is drawn as a whole. ratatui's own way asks the
    /// terminal for its cursor first, which waits, and takes what was typed meanwhile.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    fn wipe(&mut self) -> io::Result<()> {
        let terminal = self.terminal();
        terminal.backend_mut().clear().map_err(|error| io::Error::other(error.to_string()))?;
        // The buffer of the last picture becomes an empty one.
        terminal.swap_buffers();
        Ok(())
    }

    /// Takes the terminal: raw mode, alternate screen and the rest. Does it anew if it has it
    /// already.
    ///
    /// # Errors
    /// If the terminal does not take it.
    fn enter(&mut self) -> io::Result<()>;

    /// Gives the terminal back as it was.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    fn leave(&mut self) -> io::Result<()>;

    /// Stops the program until the user's shell lets it go on. The terminal was left.
    ///
    /// # Errors
    /// If this system cannot do that.
    fn stop(&mut self) -> io::Result<()>;

    /// Hands text to the terminal's clipboard (OSC 52).
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Runs a program that has the terminal, to its end. The terminal was left.
    fn run(&mut self, command: Vec<String>) -> Running;
}

/// A program that has the terminal; gives its exit status in words if it was no success.
pub type Running = Pin<Box<dyn Future<Output = io::Result<Result<(), String>>> + Send>>;
