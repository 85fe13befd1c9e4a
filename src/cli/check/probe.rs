//! Probes of `check`: bare ones with `--probe`, and with `--probe-with-credentials` also those
//! that send again what the request sends.

use crate::core::evidence::Evidence;
use crate::diagnose::diagnose;
use crate::diagnose::probes::{Planned, plan};
use crate::net::clock::Clock;
use crate::probe::{self, Limits, Subject};

/// What may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Bare,
    /// The user said so on the command line.
    WithCredentials,
}

/// Makes the probes that help and writes them into the record. Gives those that were not made
/// because nobody allowed them.
pub async fn make(subject: Subject, evidence: &mut Evidence, leave: Leave) -> Vec<Planned> {
    let planned = plan(evidence, &diagnose(evidence));
    let (go, left): (Vec<Planned>, Vec<Planned>) =
        planned.into_iter().partition(|p| p.is_bare() || leave == Leave::WithCredentials);
    // Who allowed it is told what it was that went out.
    for question in go.iter().filter_map(Planned::question) {
        eprintln!("probe: {}", crate::core::sanitize::escape(&question));
    }
    let clock = Clock::process();
    evidence.probes = probe::run(&subject, evidence, &go, Limits::default(), clock, |_| {}).await;
    left
}
