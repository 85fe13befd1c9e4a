//! What a gateway and its IAM remember: tokens that were given out, and failures of a key.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::iam::{self, Scope};
use super::{Authorization, Refused, Signer, verify};
use crate::practice::credentials::ACCESS_KEY;
use crate::practice::head::Head;

/// Failures in a row of an access key after which it is locked.
const FAILURES_MAX: u32 = 5;
/// For how long. The real gateway takes five minutes, which is long for practising.
const LOCKED: SignedDuration = SignedDuration::from_secs(60);
/// How long a token is good.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Tokens that are remembered; the oldest go first.
const TOKENS_MAX: usize = 1024;

/// The memory of one server.
#[derive(Default)]
pub(in crate::practice) struct Gateway {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Failures in a row of the practice access key, and when the last one was. Only keys that
    /// exist are counted, and there is one.
    failures: Option<(u32, Timestamp)>,
    tokens: VecDeque<Issued>,
    issued: u64,
}

struct Issued {
    text: String,
    scope: Scope,
    expires: Timestamp,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::practice) enum Worth {
    Good(Scope),
    Ended,
    Unknown,
}

impl Gateway {
    /// As [`verify`], and locks the access key after too many failures in a row.
    ///
    /// # Errors
    /// The refusal, in the gateway's words.
    pub(in crate::practice) fn verify(&self, head: &Head, now: Timestamp) -> Result<(), Refused> {
        let value = head.header("authorization").unwrap_or_default();
        if Authorization::parse(&value).is_none_or(|found| found.access != ACCESS_KEY) {
            return verify(head, now);
        }
        let locked = || Signer::Iam.refuse("AK access failed to reach the limit,forbidden");
        let mut state = self.lock();
        let failed = match state.failures {
            Some((count, last)) if count >= FAILURES_MAX => {
                if now.duration_since(last) < LOCKED {
                    return Err(locked());
                }
                0
            }
            Some((count, _)) => count,
            None => 0,
        };
        let checked = verify(head, now);
        state.failures = checked.is_err().then_some((failed + 1, now));
        match checked {
            Err(_) if failed + 1 >= FAILURES_MAX => Err(locked()),
            checked => checked,
        }
    }

    /// A new token, and when it ends.
    pub(in crate::practice) fn issue(&self, scope: Scope, now: Timestamp) -> (String, Timestamp) {
        let expires = now.saturating_add(TOKEN_LIFE).unwrap_or(now);
        let mut state = self.lock();
        state.issued += 1;
        let text = iam::token(scope, state.issued, now, expires);
        if state.tokens.len() == TOKENS_MAX {
            state.tokens.pop_front();
        }
        state.tokens.push_back(Issued { text: text.clone(), scope, expires });
        (text, expires)
    }

    /// What a token is worth, if it was given out here.
    pub(in crate::practice) fn token(&self, text: &str, now: Timestamp) -> Worth {
        match self.lock().tokens.iter().find(|issued| issued.text == text) {
            Some(issued) if issued.expires <= now => Worth::Ended,
            Some(issued) => Worth::Good(issued.scope),
            None => Worth::Unknown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No holder of the lock leaves it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
