//! Files that are sent as messages straight from the disk: how far they are, how fast they go and
//! how long they will take.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use crate::core::event::{Command, Transfer, TransferId};
use crate::core::message::MessageKind;
use crate::core::time::Micros;

/// The rate is that of this last stretch of time.
const WINDOW: Duration = Duration::from_secs(3);

/// How a file on its way out stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferStage {
    /// For the connection to open, or for the one before it to end.
    Waiting,
    Running,
    /// The user has stopped it; its end is not told yet.
    Stopping,
}

/// A file that was asked to be sent and has not come to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct FileTransfer {
    pub id: TransferId,
    pub path: PathBuf,
    pub kind: MessageKind,
    /// Payload bytes of a frame.
    pub frame: usize,
    pub stage: TransferStage,
    pub sent: u64,
    pub total: u64,
    pub began: Option<Micros>,
    /// What had been sent at which time, within [`WINDOW`].
    samples: VecDeque<(Micros, u64)>,
}

impl FileTransfer {
    #[must_use]
    pub fn new(
        id: TransferId,
        path: PathBuf,
        kind: MessageKind,
        frame: usize,
        total: u64,
    ) -> FileTransfer {
        FileTransfer {
            id,
            path,
            kind,
            frame,
            stage: TransferStage::Waiting,
            sent: 0,
            total,
            began: None,
            samples: VecDeque::new(),
        }
    }

    /// The name of the file without its folder.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Begins it; what to tell the connection.
    pub fn begin(&mut self, now: Micros) -> Command {
        self.stage = TransferStage::Running;
        self.began = Some(now);
        self.samples = VecDeque::from([(now, 0)]);
        Command::SendFile {
            transfer: self.id,
            kind: self.kind,
            path: self.path.clone(),
            frame: self.frame,
        }
    }

    /// The transport told how far it is.
    pub fn told(&mut self, news: &Transfer, now: Micros) {
        self.sent = news.sent;
        // It is not known before the file is open.
        if news.total > 0 {
            self.total = news.total.max(news.sent);
        }
        self.samples.push_back((now, news.sent));
        // One sample stays from before the window, so that it is filled.
        while self.samples.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Bytes a second over the last moments; `None` if that cannot be told yet.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let (&(first, was), &(last, is)) = (self.samples.front()?, self.samples.back()?);
        per_second(is.saturating_sub(was), last.since(first))
    }

    /// Bytes a second from the beginning until now.
    #[must_use]
    pub fn mean_rate(&self, now: Micros) -> Option<u64> {
        per_second(self.sent, now.since(self.began?))
    }

    /// How long the rest will take.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate().filter(|rate| *rate > 0)?;
        let left = self.total.saturating_sub(self.sent);
        Some(Duration::from_secs(left.div_ceil(rate)))
    }

    /// 0 to 100; an empty file is through.
    #[must_use]
    pub fn percent(&self) -> u64 {
        (self.sent.saturating_mul(100)).checked_div(self.total).unwrap_or(100)
    }
}

fn per_second(bytes: u64, time: Duration) -> Option<u64> {
    let micros = time.as_micros();
    // A shorter time says nothing.
    if micros < 50_000 {
        return None;
    }
    u64::try_from(u128::from(bytes) * 1_000_000 / micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::TransferState;

    #[test]
    fn the_rate_is_that_of_the_last_moments() {
        let mut file =
            FileTransfer::new(TransferId(1), "/a/b.bin".into(), MessageKind::Binary, 1024, 1 << 30);
        assert_eq!((file.name().as_str(), file.rate(), file.left()), ("b.bin", None, None));
        let start = Micros(1_000_000_000);
        file.begin(start);
        let mut told = |ms: u64, sent: u64| {
            let news = Transfer {
                id: TransferId(1),
                kind: MessageKind::Binary,
                name: "b.bin".into(),
                sent,
                total: 1 << 30,
                frames: 1,
                state: TransferState::Running,
            };
            file.told(&news, Micros(start.0 + ms * 1000));
            (file.rate(), file.left().map(|left| left.as_secs()), file.samples.len())
        };
        assert_eq!(told(10, 1000).0, None, "too short to tell");
        // A MiB each tenth of a second, for ten seconds.
        for n in 1..=100 {
            told(n * 100, n << 20);
        }
        let (rate, left, samples) = told(10_100, 101 << 20);
        assert_eq!(rate, Some(10 << 20));
        assert_eq!(left, Some(93));
        assert!(samples < 40, "{samples}");
        // Then it stalls.
        for n in 1..=40 {
            told(10_100 + n * 100, 101 << 20);
        }
        assert_eq!(told(14_200, 101 << 20).0, Some(0));
        assert_eq!(told(14_200, 101 << 20).1, None);
        assert_eq!(file.percent(), 9);
    }
}
