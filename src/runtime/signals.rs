//! Signals of the operating system that the loop hears.

/// What a signal means to the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// To end, with the number of the signal that said so.
    End(u8),
    /// Ctrl+C that reached us past the keyboard: from another terminal, or while another program
    /// has this one.
    Interrupt,
    /// The program goes on after it was stopped.
    Continue,
}

#[cfg(unix)]
mod of_this_system {
    use std::io;

    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use super::Signal;

    /// Streams of the signals that count.
    #[derive(Debug)]
    pub struct Signals {
        end: Stream,
        hang_up: Stream,
        interrupt: Stream,
        go_on: Stream,
    }

    impl Signals {
        /// Begins to listen.
        ///
        /// # Errors
        /// If the system does not let us.
        pub fn listen() -> io::Result<Signals> {
            Ok(Signals {
                end: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                go_on: signal(SignalKind::from_raw(libc::SIGCONT))?,
            })
        }

        /// The next one. May be dropped at any time.
        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                biased;
                _ = self.end.recv() => Signal::End(15),
                _ = self.hang_up.recv() => Signal::End(1),
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.go_on.recv() => Signal::Continue,
            }
        }
    }
}

#[cfg(not(unix))]
mod of_this_system {
    use std::io;

    use super::Signal;

    /// Only Ctrl+C is heard here.
    #[derive(Debug)]
    pub struct Signals;

    impl Signals {
        /// Begins to listen.
        ///
        /// # Errors
        /// Never.
        pub fn listen() -> io::Result<Signals> {
            Ok(Signals)
        }

        /// The next one. May be dropped at any time.
        pub async fn next(&mut self) -> Signal {
            let _ = tokio::signal::ctrl_c().await;
            Signal::Interrupt
        }
    }
}

pub(super) use of_this_system::Signals;
