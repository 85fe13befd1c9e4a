//! Differential probes: which further attempts would settle what a record leaves open, and what
//! it means when they were made.
//!
//! All of it is pure. [`plan`] names probes, another room makes them, their records go into
//! [`Evidence::probes`], and [`diagnose`](super::diagnose) weighs its findings by them
//! ([`mod@weigh`]). [`conclude`] says in a sentence what they showed.
//!
//! The rules that plans keep (they protect the user's account and the server):
//!
//! - Only *bare* probes may run unasked: no credentials, no query, no headers of the user, no
//!   client certificate, the same host, port and path.
//! - What sends credentials again, or goes round a proxy, is named and asked for ([`Consent`]).
//! - After a refused login nothing is planned that would be another login; after a ban, a lock or
//!   a 429 nothing at all.
//! - A remedy that a probe found is offered, never applied.

mod case;
mod ladders;
mod read;
#[cfg(test)]
mod tests;
mod weigh;

use serde::Serialize;

use case::{Case, Guard};

pub(super) use case::own_origin;
pub(super) use weigh::weigh;

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ProbeKind, ProbeRecord};
use crate::core::finding::Finding;

/// Bare probes that one plan holds at most.
pub const MOST_BARE: usize = 8;

/// Probes to be asked for that one plan holds at most.
pub const MOST_ASKED: usize = 3;

/// Probes that may run by themselves after a failure.
pub const MOST_UNASKED: usize = 3;

/// Failed logins in a row after which no further one is even offered.
const MOST_LOGINS: usize = 3;

/// Whether a probe may run without a word from the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Consent {
    /// Nothing of the user's goes out.
    Bare,
    /// Only after a yes for this very probe.
    Asks {
        /// What would go out again: `header Authorization`, `query token`. Empty if nothing
        /// would, and it is the way that must be asked for.
        sends: Vec<String>,
        /// Where to: `api.example.com:443`.
        to: String,
        /// How that can hurt, a sentence.
        why: String,
    },
}

/// A probe that would help.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Planned {
    pub kind: ProbeKind,
    /// What it does differently, in some words: `without Origin`.
    pub changed: String,
    /// The change to the request that it stands for, if there is one.
    pub change: Option<Change>,
    pub consent: Consent,
    /// The whole request goes out with this change, credentials and all, and not a bare one.
    pub whole: bool,
    /// Ids of the findings between which it decides.
    pub settles: &'static [&'static str],
}

impl Planned {
    /// May run unasked.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.consent == Consent::Bare
    }

    /// What is asked before it runs, a sentence or two; `None` if it is bare.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        let Consent::Asks { sends, to, why } = &self.consent else { return None };
        Some(if sends.is_empty() {
            format!("“{}” connects to {to}. {why}", self.changed)
        } else {
            format!("“{}” sends {} to {to} once more. {why}", self.changed, sends.join(", "))
        })
    }

    /// For the log: `probe: TLS hello to the same port → answers TLS 1.3`.
    #[must_use]
    pub fn note(record: &ProbeRecord) -> String {
        format!("probe: {} → {}", record.changed, record.told)
    }
}

/// What the probes of a record showed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conclusion {
    /// `403 only when Origin is absent.`
    pub sentence: String,
    /// Id of the finding that it makes certain, if there is one.
    pub code: Option<&'static str>,
    /// The probe that decided; `None` if none made a difference.
    pub by: Option<ProbeKind>,
}

/// Probes that would settle what the findings leave open, in the order in which to make them,
/// bare ones first. Empty for what no probe can tell, and for what must not be touched again.
#[must_use]
pub fn plan(evidence: &Evidence, findings: &[Finding]) -> Vec<Planned> {
    let case = Case::of(evidence, findings);
    if case.guard == Guard::Nothing {
        return Vec::new();
    }
    let mut planned = ladders::climb(&case);
    let mut seen = Vec::new();
    planned.retain(|p| {
        let key = (p.kind, p.changed.clone(), p.is_bare());
        let fresh = !seen.contains(&key);
        seen.push(key);
        fresh && (p.is_bare() || case.guard == Guard::All || sends_nothing(p))
    });
    let (mut bare, mut asked): (Vec<_>, Vec<_>) = planned.into_iter().partition(Planned::is_bare);
    bare.truncate(MOST_BARE);
    asked.truncate(MOST_ASKED);
    bare.extend(asked);
    bare
}

fn sends_nothing(planned: &Planned) -> bool {
    matches!(&planned.consent, Consent::Asks { sends, .. } if sends.is_empty())
}

/// Whether this record ends the ladder that it is a rung of: further probes would only confirm.
#[must_use]
pub fn decides(evidence: &Evidence, record: &ProbeRecord) -> bool {
    read::reading(evidence, record).is_some_and(|reading| reading.weight == read::Weight::Decides)
}

/// What the probes of a record showed; `None` if it has none.
#[must_use]
pub fn conclude(evidence: &Evidence) -> Option<Conclusion> {
    let run = evidence.probes.iter().filter(|record| !read::is_skipped(record)).count();
    if run == 0 {
        return None;
    }
    let mut readings = read::all(evidence);
    readings.sort_by_key(|reading| reading.weight);
    Some(match readings.into_iter().find(|reading| reading.weight != read::Weight::Remark) {
        Some(reading) => Conclusion {
            code: reading.strengthens.first().copied(),
            by: Some(reading.kind),
            sentence: reading.sentence,
        },
        None => Conclusion {
            sentence: match run {
                1 => "The probe made no difference.".into(),
                run => format!("None of {run} probes made a difference."),
            },
            code: None,
            by: None,
        },
    })
}
