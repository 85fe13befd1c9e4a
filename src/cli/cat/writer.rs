//! A thread that writes batches to standard output.
//!
//! Writing may block for as long as the reader likes; on a thread of its own it holds up neither
//! Ctrl+C nor the making of the next batch. Two buffers go round, so memory is bounded and a slow
//! reader slows down the connection.

use std::io::{self, Write};

use tokio::sync::mpsc;

/// A buffer that grew beyond this for one large message is given back to the system.
const KEEP: usize = 4 * 1024 * 1024;

/// Our end of the thread.
#[derive(Debug)]
pub struct Writer {
    full: Option<mpsc::Sender<Vec<u8>>>,
    empty: mpsc::Receiver<io::Result<Vec<u8>>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(mut output: impl Write + Send + 'static) -> io::Result<Writer> {
        let (full, mut batches) = mpsc::channel::<Vec<u8>>(1);
        let (back, empty) = mpsc::channel(2);
        back.try_send(Ok(Vec::new())).map_err(io::Error::other)?;
        std::thread::Builder::new().name("stdout".into()).spawn(move || {
            while let Some(mut batch) = batches.blocking_recv() {
                let written = output.write_all(&batch).and_then(|()| output.flush());
                batch.clear();
                batch.shrink_to(KEEP);
                let failed = written.is_err();
                if back.blocking_send(written.map(|()| batch)).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Writer { full: Some(full), empty })
    }

    /// Hands over a batch and waits for an empty buffer. Not to be dropped halfway.
    ///
    /// # Errors
    /// The error of an earlier write; a closed pipe is one.
    pub async fn swap(&mut self, batch: Vec<u8>) -> io::Result<Vec<u8>> {
        let handed = match &self.full {
            Some(full) => full.send(batch).await.is_ok(),
            None => false,
        };
        match self.empty.recv().await {
            Some(Ok(buffer)) if handed => Ok(buffer),
            Some(Err(error)) => Err(error),
            // The thread has said before why it ended.
            Some(Ok(_)) | None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// As [`Writer::swap`].
    pub async fn finish(mut self) -> io::Result<()> {
        self.full = None;
        while let Some(buffer) = self.empty.recv().await {
            buffer?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as std_mpsc;

    use super::*;

    /// Passes each write on, and fails when nobody takes them any more.
    struct Pipe(std_mpsc::SyncSender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn batches_arrive_whole_and_in_order() {
        let (pipe, written) = std_mpsc::sync_channel(100);
        let mut writer = Writer::start(Pipe(pipe)).unwrap();
        for batch in [b"a", b"b", b"c"] {
            let buffer = writer.swap(batch.to_vec()).await.unwrap();
            assert!(buffer.is_empty());
        }
        writer.finish().await.unwrap();
        assert_eq!(written.iter().collect::<Vec<_>>().concat(), b"abc");
    }

    #[tokio::test]
    async fn a_closed_pipe_is_told() {
        let (pipe, written) = std_mpsc::sync_channel(0);
        drop(written);
        let mut writer = Writer::start(Pipe(pipe)).unwrap();
        let mut told = None;
        for _ in 0..4 {
            if let Err(error) = writer.swap(b"x".to_vec()).await {
                told = Some(error.kind());
                break;
            }
        }
        assert_eq!(told, Some(io::ErrorKind::BrokenPipe));
    }
}
