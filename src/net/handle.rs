//! The owner's end of a connection: commands go in here.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::core::event::Command;

/// Commands that may wait for the connection's task to hear them; it hears them at every wait.
const COMMANDS: usize = 256;

/// Bytes of messages that may wait to be sent, bookkeeping included.
pub const QUEUE_BYTES: usize = 256 * 1024 * 1024;

/// What one waiting message costs beside its payload, so that a million empty ones are no hole
/// in the budget.
const OVERHEAD: usize = 128;

/// A command on its way, with its share of the budget. The share is given back when the message
/// was handed to the operating system, or dropped.
#[derive(Debug)]
pub(super) struct Queued {
    pub command: Command,
    pub share: Option<OwnedSemaphorePermit>,
}

/// Speaks to the task of one connection. Clones speak to the same one; when the last one is
/// dropped, the connection is cut, or, if its closing handshake was begun, ends by itself.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Queued>,
    budget: Arc<Semaphore>,
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("{COMMANDS} commands are waiting already; try again in a moment")]
    Busy,
    #[error("messages of 256 MiB are waiting to be sent already; try again when some are out")]
    QueueFull,
    #[error("the connection has ended")]
    Ended,
}

impl Handle {
    pub(super) fn new() -> (Handle, mpsc::Receiver<Queued>) {
        let (commands, heard) = mpsc::channel(COMMANDS);
        (Handle { commands, budget: Arc::new(Semaphore::new(QUEUE_BYTES)) }, heard)
    }

    /// Queues a command. What comes of it arrives as events.
    ///
    /// # Errors
    /// If there is no room or nobody to hear it; the command is dropped then.
    pub fn try_send(&self, command: Command) -> Result<(), Rejected> {
        let share = match cost(&command) {
            Some(cost) => {
                Some(Arc::clone(&self.budget).try_acquire_many_owned(cost).map_err(|_| {
                    if self.is_ended() { Rejected::Ended } else { Rejected::QueueFull }
                })?)
            }
            None => None,
        };
        self.commands.try_send(Queued { command, share }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Rejected::Busy,
            mpsc::error::TrySendError::Closed(_) => Rejected::Ended,
        })
    }

    /// As [`Handle::try_send`], but waits for room: for senders that can be slowed down.
    ///
    /// # Errors
    /// [`Rejected::Ended`] if the connection ended meanwhile.
    pub async fn send(&self, command: Command) -> Result<(), Rejected> {
        let share = match cost(&command) {
            Some(cost) => {
                let room = Arc::clone(&self.budget).acquire_many_owned(cost);
                tokio::select! {
                    share = room => Some(share.map_err(|_| Rejected::Ended)?),
                    () = self.commands.closed() => return Err(Rejected::Ended),
                }
            }
            None => None,
        };
        self.commands.send(Queued { command, share }).await.map_err(|_| Rejected::Ended)
    }

    /// Whether nobody hears commands any more.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.commands.is_closed()
    }
}

/// Share of the budget, for commands that carry a message. One message larger than the budget
/// may go if nothing else is waiting.
fn cost(command: &Command) -> Option<u32> {
    let bytes = match command {
        Command::SendText(text) => text.len(),
        Command::SendBinary(bytes) | Command::Ping(bytes) | Command::Pong(bytes) => bytes.len(),
        Command::SendSplit { payload, .. } => payload.len(),
        Command::Raw(frame) => frame.payload.len(),
        Command::SendFile { .. }
        | Command::CancelFile(_)
        | Command::Pongs(_)
        | Command::HalfClose
        | Command::Close { .. }
        | Command::Heartbeat(_)
        | Command::Disconnect => return None,
    };
    Some(u32::try_from(bytes.saturating_add(OVERHEAD).min(QUEUE_BYTES)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_messages_are_bounded_in_bytes_and_count() {
        let (handle, mut heard) = Handle::new();
        let big = bytes::Bytes::from(vec![0; QUEUE_BYTES / 2]);
        handle.try_send(Command::SendBinary(big.clone())).unwrap();
        assert_eq!(handle.try_send(Command::SendBinary(big.clone())), Err(Rejected::QueueFull));
        // A close needs no room, and what went out makes room.
        handle.try_send(Command::Close { code: None, reason: String::new() }).unwrap();
        drop(heard.try_recv().unwrap());
        handle.try_send(Command::SendBinary(big)).unwrap();
        let full = (0..=COMMANDS).find_map(|_| handle.try_send(Command::Disconnect).err());
        assert_eq!(full, Some(Rejected::Busy));
        drop(heard);
        assert_eq!(handle.try_send(Command::Disconnect), Err(Rejected::Ended));
    }
}
