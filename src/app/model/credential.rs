//! A credential on its way: what is being done for it, what a person is asked, and what is known
//! of it once it is there.

use std::collections::VecDeque;

use super::Tab;
use crate::core::credential::GrantFacts;
use crate::core::request::INHERIT;
use crate::core::stage::{ConnId, ConnectionState};
use crate::core::time::Micros;

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Whether a command may run.
    Command {
        /// Of the question, for the answer.
        id: u64,
        command: String,
        /// Whose value it gives: `Token`.
        whose: String,
    },
    /// A page must be opened and agreed to.
    Agree {
        page: String,
        /// The page with the code in it.
        whole: Option<String>,
        /// To be typed there; `None` where the page asks for none.
        code: Option<String>,
        expires: Option<Micros>,
        /// A browser was started.
        opened: bool,
    },
}

/// A matter of one attempt, told from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialogue {
    pub conn: ConnId,
    pub serial: u64,
    pub matter: Matter,
}

/// How an attempt's credential is coming along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnItsWay {
    /// In words: `getting a token from iam.example`.
    pub working: Option<String>,
    /// The first one is on screen while the tab is in front.
    pub dialogues: VecDeque<Dialogue>,
    /// What was got last, with the way that it is for.
    pub grant: Option<(String, GrantFacts)>,
    /// What was said about the end of the credential.
    pub told: Option<Ending>,
    /// The user had it forgotten.
    forgotten: bool,
    serial: u64,
}

impl OnItsWay {
    /// For an attempt that begins, with what an earlier one got.
    #[must_use]
    pub fn of_another_attempt(grant: Option<(String, GrantFacts)>) -> OnItsWay {
        OnItsWay { grant, ..OnItsWay::default() }
    }

    /// Adds a matter behind those that wait already.
    pub fn ask(&mut self, conn: ConnId, matter: Matter) {
        self.serial += 1;
        self.dialogues.push_back(Dialogue { conn, serial: self.serial, matter });
    }

    /// A credential was got.
    pub fn got(&mut self, way: String, facts: GrantFacts) {
        self.through();
        self.grant = Some((way, facts));
        self.forgotten = false;
    }

    /// The user had it thrown away.
    pub fn forget(&mut self) {
        self.grant = None;
        self.forgotten = true;
    }

    /// Nothing more has to be done: the attempt goes on, or is over.
    pub fn through(&mut self) {
        self.working = None;
        self.dialogues.clear();
    }
}

/// How near the end of a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Within [`SOON_S`].
    Soon,
    Over,
}

/// Seconds before its end at which a credential counts as about to end.
pub const SOON_S: u64 = 300;

/// How near `expires` is; `None` if it is far.
#[must_use]
pub fn ending(expires: Micros, now: Micros) -> Option<Ending> {
    if expires <= now {
        Some(Ending::Over)
    } else if expires.0 <= now.0.saturating_add(SOON_S * 1_000_000) {
        Some(Ending::Soon)
    } else {
        None
    }
}

impl Tab {
    /// When the credential of the open connection ends, if that is known.
    #[must_use]
    pub fn open_until(&self) -> Option<Micros> {
        if self.conn.state != ConnectionState::Open {
            return None;
        }
        let facts = &self.conn.evidence.as_ref()?.request.credential;
        facts.expires.or_else(|| facts.grant.as_ref().and_then(|grant| grant.expires))
    }

    /// The way that counts: the request's own, or the one that it inherits.
    #[must_use]
    pub fn way(&self) -> &str {
        if self.draft.auth.kind != INHERIT {
            return &self.draft.auth.kind;
        }
        self.scopes.auth(&self.folder).map_or("none", |(auth, _)| auth.kind.as_str())
    }

    /// What is known of the credential that was got for the way that is chosen now.
    #[must_use]
    pub fn grant(&self) -> Option<GrantFacts> {
        let kind = self.way();
        if self.conn.credential.forgotten {
            return None;
        }
        if let Some((of, facts)) = &self.conn.credential.grant
            && of == kind
        {
            return Some(facts.clone());
        }
        let request = &self.conn.evidence.as_ref()?.request;
        (request.auth == kind).then(|| request.credential.grant.clone()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_are_soon() {
        let now = Micros(1_000_000_000);
        let at = |s: i64| Micros(now.0.saturating_add_signed(s * 1_000_000));
        for (expires, expected) in [
            (at(301), None),
            (at(300), Some(Ending::Soon)),
            (at(1), Some(Ending::Soon)),
            (now, Some(Ending::Over)),
            (at(-5), Some(Ending::Over)),
        ] {
            assert_eq!(ending(expires, now), expected, "{expires:?}");
        }
    }
}
