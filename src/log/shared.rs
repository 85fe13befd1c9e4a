//! What the holders of a log and its threads share.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::ring::Ring;

type Wake = Arc<dyn Fn() + Send + Sync>;

/// The ring with everything to wait on. Its lock is held for microseconds only.
pub(super) struct Shared {
    ring: Mutex<Ring>,
    /// Tells the writer that there is something to do.
    pub(super) work: Condvar,
    /// Tells the reader that a segment is wanted.
    pub(super) wanted: Condvar,
    /// Tells those who wait that something was done.
    pub(super) done: Condvar,
    wake: Mutex<Option<Wake>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(ring: Ring) -> Shared {
        Shared {
            ring: Mutex::new(ring),
            work: Condvar::new(),
            wanted: Condvar::new(),
            done: Condvar::new(),
            wake: Mutex::default(),
        }
    }

    /// Nothing that is done under the lock can leave the ring half-changed in a way that matters
    /// more than losing the log would, so a panic elsewhere does not spoil it.
    pub(super) fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom to tell when something changed by itself.
    pub(super) fn on_growth(&self, wake: Wake) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(wake);
    }

    pub(super) fn wake(&self) {
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(wake) = wake {
            wake();
        }
    }
}
