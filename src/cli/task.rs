//! The asynchronous runtime of commands that use the network.

use std::future::Future;

use super::failure::Failure;

/// Runs a command to its end. Tasks and threads that still wait for something then (standard
/// input, a server that does not answer) are left behind, so that the process ends at once.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::ours("starting the asynchronous runtime", &error))?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

/// Waits until the process is asked to end: Ctrl+C, or a polite kill.
///
/// Must be polled once before the first signal comes to catch it.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                caught = tokio::signal::ctrl_c() => wait_if_deaf(caught.is_err()).await,
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    wait_if_deaf(tokio::signal::ctrl_c().await.is_err()).await;
}

/// A process that cannot catch signals is ended by them; nothing is to be done then.
async fn wait_if_deaf(deaf: bool) {
    if deaf {
        std::future::pending::<()>().await;
    }
}
