//! Pure rules over a record of evidence: what went wrong, why, and what to try.
//!
//! A rule looks at one [`Evidence`] and says whether its case is there; it touches no socket, file
//! or clock, so a record made on one machine is judged alike on another. Each rule has a stable
//! id, and a page of the same name that explains it at length. All rules are asked; then the
//! answers are put in order, and general ones that a more special one makes idle are left out.
//!
//! Adding a rule: a function in `rules/<family>/`, one line in that folder's `RULES`, a page in
//! `assets/findings/` with its line in `pages.rs`, and a record in `fixtures` that it hits.
//!
//! Cases that no record can show stand in [`CANNOT_TELL`] with the reason. Of TLS two more are told
//! only where the system shows them: a certificate that was revoked (the verifiers of macOS and
//! Windows ask; that of other systems has no list to ask), and a clock that is wrong (by a record
//! made before this program was).

mod dialect;
mod draft;
#[cfg(test)]
pub mod fixtures;
mod pages;
pub mod probes;
mod rule;
mod rules;
mod search;
mod see;
#[cfg(test)]
mod tests;
mod vendor;
mod words;

use std::cmp::Reverse;

use crate::core::evidence::Evidence;
use crate::core::finding::{Confidence, Finding, Severity};

pub use pages::{CANNOT_TELL, Page, cannot_tell, explain, page, pages};
pub use rule::{Breadth, Rule, Verdict};
pub use search::{Match, search};

/// Asks every rule and gives what they found, the most telling first: errors before warnings,
/// then certain before likely before possible, then special before general, then in the order of
/// the stages. A failed attempt always gives at least one finding; one that went well gives at
/// most warnings and remarks.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Vec<Finding> {
    let told = vendor::of(evidence);
    let mut hits: Vec<(&dyn Rule, Finding)> = rules::all()
        .filter_map(|rule| match rule.check_told(evidence, told.as_ref()) {
            Verdict::Hit(finding) => Some((rule, finding)),
            Verdict::Clear | Verdict::NeedMore(_) => None,
        })
        .collect();
    let idle: Vec<bool> =
        hits.iter().map(|(rule, finding)| is_idle(*rule, finding, &hits)).collect();
    let mut idle = idle.into_iter();
    hits.retain(|_| !idle.next().unwrap_or(false));
    hits.sort_by_key(|(rule, f)| {
        (f.severity, f.confidence, rule.breadth(), Reverse(rule.over().len().min(1)), f.phase)
    });
    probes::weigh(evidence, hits.into_iter().map(|(_, finding)| finding).collect())
}

/// Rules that would know with one more fact, each with what that is.
#[must_use]
pub fn open_questions(evidence: &Evidence) -> Vec<(&'static str, &'static str)> {
    let told = vendor::of(evidence);
    rules::all()
        .filter_map(|rule| match rule.check_told(evidence, told.as_ref()) {
            Verdict::NeedMore(what) => Some((rule.id(), what)),
            Verdict::Clear | Verdict::Hit(_) => None,
        })
        .collect()
}

/// Whether a finding says nothing that another one does not say better.
fn is_idle(rule: &dyn Rule, finding: &Finding, hits: &[(&dyn Rule, Finding)]) -> bool {
    hits.iter().filter(|(other, _)| other.id() != rule.id()).any(|(other, better)| {
        let firm = better.confidence != Confidence::Possible;
        let named = firm && other.over().contains(&rule.id());
        match rule.breadth() {
            Breadth::Plain => named,
            Breadth::General => {
                named
                    || (firm
                        && other.breadth() == Breadth::Plain
                        && better.severity == Severity::Error
                        && better.phase == finding.phase)
            }
            Breadth::Fallback => {
                other.breadth() != Breadth::Fallback && better.severity <= finding.severity
            }
        }
    })
}
