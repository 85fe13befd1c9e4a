//! The thread that reads segments back for those who look at them.

use std::sync::PoisonError;

use crate::log::shared::Shared;

/// Reads what is asked for until the log is gone.
pub(super) fn run(shared: &Shared) {
    loop {
        let stored = {
            let mut ring = shared.lock();
            loop {
                if ring.disk.closing {
                    return;
                }
                if let Some(stored) = ring.next_wanted() {
                    break stored;
                }
                shared.done.notify_all();
                ring = shared.wanted.wait(ring).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let segment = stored.load();
        let gone = shared.lock().loaded(&stored, segment);
        drop(gone);
        shared.wake();
    }
}
