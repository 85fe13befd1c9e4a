//! Makes the probes that a diagnosis asks for, one after the other.
//!
//! What a probe is and what it means is [`diagnose::probes`](crate::diagnose::probes)' matter;
//! here it goes out. [`bare`] writes the requests, so that nothing of the user's is left in those
//! that run unasked: it copies what is needed and leaves everything else, instead of taking away
//! what is known to be secret. [`attempt`] does whole opening handshakes, [`wire`] looks at ports
//! below HTTP. A connection that opens is closed at once with 1000.
//!
//! [`run`] is bounded in number and in time, and dropping its future stops it.

mod attempt;
mod bare;
mod wire;

use std::time::Duration;

use crate::core::evidence::{Evidence, ProbeRecord, ProbeResult};
use crate::core::request::{RequestDraft, RequestSpec};
use crate::diagnose::probes::{MOST_ASKED, MOST_BARE, Planned, decides};
use crate::net::clock::Clock;

pub use bare::NotBare;

/// Bounds of one run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest time of one probe.
    pub each: Duration,
    /// Longest time of all together.
    pub all: Duration,
    /// Probes that are made at most.
    pub most: usize,
    /// How long to listen to a port that is told nothing.
    pub listen: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            each: Duration::from_secs(3),
            all: Duration::from_secs(20),
            most: MOST_BARE + MOST_ASKED,
            listen: Duration::from_secs(1),
        }
    }
}

/// The attempt that probes are about: the request as it was, and as it went out. The latter has
/// the files, the proxy and every secret that must be masked.
#[derive(Clone, Debug)]
pub struct Subject {
    pub draft: RequestDraft,
    pub spec: RequestSpec,
}

/// How a run goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// The probe at this place has begun.
    Began(usize, &'a Planned),
    /// A result; a probe of several addresses has several.
    Made(&'a ProbeRecord),
}

/// Makes the probes in their order and tells of each step. A probe that decides ends the run,
/// since the others would only confirm it; what is left over is not in the result.
///
/// Whoever hands over a probe that is not bare has the user's word for it.
pub async fn run(
    subject: &Subject,
    evidence: &Evidence,
    planned: &[Planned],
    limits: Limits,
    clock: Clock,
    mut sink: impl FnMut(Step<'_>),
) -> Vec<ProbeRecord> {
    let mut made = Vec::new();
    let end = clock.now().plus(limits.all);
    for (at, probe) in planned.iter().take(limits.most).enumerate() {
        let left = end.since(clock.now());
        if left.is_zero() {
            break;
        }
        sink(Step::Began(at, probe));
        let limit = limits.each.min(left);
        let records = one(subject, evidence, probe, limits, limit, clock).await;
        let mut over = false;
        for mut record in records {
            record.change = record.change.or_else(|| probe.change.clone());
            record.credentials = probe.whole && record.result != ProbeResult::Skipped;
            over |= decides(evidence, &record);
            sink(Step::Made(&record));
            made.push(record);
        }
        if over {
            break;
        }
    }
    made
}

async fn one(
    subject: &Subject,
    evidence: &Evidence,
    probe: &Planned,
    limits: Limits,
    limit: Duration,
    clock: Clock,
) -> Vec<ProbeRecord> {
    let began = clock.now();
    let mut records = if wire::is_below_http(probe.kind) {
        wire::look(subject, evidence, probe, limits.listen, limit, clock).await
    } else {
        vec![attempt::make(subject, evidence, probe, limit, clock).await]
    };
    let took = u64::try_from(clock.now().since(began).as_micros()).unwrap_or(u64::MAX);
    for record in &mut records {
        if record.took_us == 0 {
            record.took_us = took;
        }
    }
    records
}
