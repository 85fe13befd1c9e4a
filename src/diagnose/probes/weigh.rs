//! Findings after the probes: what was proved comes first, what was ruled out goes away, and what
//! helped is offered.

use crate::core::evidence::{Evidence, ProbeRecord, ProbeResult};
use crate::core::finding::{Confidence, Finding, Fix, Severity};
use crate::core::sanitize::{escape_line, escape_multiline};
use crate::diagnose::draft::{certain, likely};
use crate::diagnose::{explain, see};

use super::read::{self, Reading, Weight};

/// Hints are left at three; remedies may be as many.
const MOST_FIXES: usize = 4;

/// Weighs the findings of a record by its probes. The order of those that stay is kept, but for
/// what a probe made certain: that comes first.
pub(in crate::diagnose) fn weigh(e: &Evidence, findings: Vec<Finding>) -> Vec<Finding> {
    if e.probes.is_empty() {
        return findings;
    }
    let mut readings = read::all(e);
    readings.sort_by_key(|reading| reading.weight);
    let mut findings = findings;
    let decided: Vec<&str> = readings
        .iter()
        .filter(|reading| reading.weight != Weight::Remark)
        .filter_map(|reading| target(reading, &findings))
        .collect();
    for reading in &readings {
        let stays = |finding: &&Finding| {
            let ruled_out = reading.contradicts.contains(&&*finding.code)
                && finding.confidence != Confidence::Certain
                && !decided.contains(&&*finding.code);
            !ruled_out
        };
        let left: Vec<Finding> = findings.iter().filter(stays).cloned().collect();
        // A doubtful cause is better than none.
        if decided.is_empty() && !left.iter().any(|finding| finding.severity == Severity::Error) {
            continue;
        }
        findings = left;
    }
    // A remedy that was tried and changed nothing is none.
    for record in e.probes.iter().filter(|record| did_not_help(e, record)) {
        for finding in &mut findings {
            finding.fixes.retain(|fix| Some(&fix.change) != record.change.as_ref());
        }
    }
    // The strongest one last, so that it comes to stand before the others.
    for reading in readings.iter().rev() {
        apply(e, reading, &mut findings);
    }
    findings
}

/// The same refusal came with the change as without it.
fn did_not_help(e: &Evidence, record: &ProbeRecord) -> bool {
    let before = see::refusal(e).map(|reply| reply.status);
    match record.result {
        ProbeResult::Status { status } => before == Some(status),
        _ => false,
    }
}

/// The finding that a reading strengthens: one that is there, or else the first that has a page.
fn target(reading: &Reading, findings: &[Finding]) -> Option<&'static str> {
    let there = |id: &&&str| findings.iter().any(|finding| finding.code == **id);
    reading.strengthens.iter().find(there).copied().or_else(|| {
        (reading.weight == Weight::Decides)
            .then(|| reading.strengthens.iter().copied().find(|id| explain(id).is_some()))
            .flatten()
    })
}

fn apply(e: &Evidence, reading: &Reading, findings: &mut Vec<Finding>) {
    let Some(id) = target(reading, findings) else {
        // It belongs to no finding of its own: a word in the first one.
        if reading.weight != Weight::Remark
            && let Some(first) = findings.first_mut()
        {
            note(first, reading);
        }
        return;
    };
    let at = findings.iter().position(|finding| finding.code == id);
    let mut finding = match at {
        Some(at) => findings.remove(at),
        None => made(e, id, reading),
    };
    note(&mut finding, reading);
    match reading.weight {
        Weight::Decides => {
            finding.confidence = Confidence::Certain;
            if e.failure.is_some() {
                finding.severity = Severity::Error;
            }
            if at.is_none() {
                // What was only a name for the same thing goes.
                findings.retain(|other| !is_vague(&other.code));
            }
            findings.insert(0, finding);
        }
        Weight::Tells if finding.confidence == Confidence::Possible => {
            finding.confidence = Confidence::Likely;
            let place = findings.iter().position(|other| {
                (other.severity, other.confidence) > (finding.severity, finding.confidence)
            });
            let place = place.unwrap_or(findings.len()).min(at.unwrap_or(usize::MAX));
            findings.insert(place.min(findings.len()), finding);
        }
        _ => {
            let place = at.unwrap_or(findings.len()).min(findings.len());
            findings.insert(place, finding);
        }
    }
}

/// Findings that name the status and no cause.
fn is_vague(code: &str) -> bool {
    code.ends_with("-bare") || code.ends_with("/failed") || code.ends_with("/other-status")
}

/// A finding that no rule saw in the attempt alone.
fn made(e: &Evidence, id: &'static str, reading: &Reading) -> Finding {
    let draft = if reading.weight == Weight::Decides {
        certain(reading.sentence.clone())
    } else {
        likely(reading.sentence.clone())
    };
    let seen = match see::refusal(e) {
        Some(reply) => format!("The attempt was answered with {}.", reply.status),
        None => see::text(e).to_owned(),
    };
    let draft = draft.because(seen);
    match &reading.fix {
        Some(fix) => draft.hint(format!("{}.", fix.label)).finding(id),
        None => draft.finding(id),
    }
}

/// Puts what was checked, and what helped, into a finding.
fn note(finding: &mut Finding, reading: &Reading) {
    let checked = format!("Checked: {}", lower_first(&reading.sentence));
    let checked = escape_multiline(&checked).into_owned();
    if !finding.explanation.contains(&checked) {
        if !finding.explanation.is_empty() {
            finding.explanation.push(' ');
        }
        finding.explanation.push_str(&checked);
    }
    if let Some(fix) = &reading.fix {
        finding.fixes.retain(|other| other.change != fix.change);
        let label = escape_line(&fix.label).into_owned();
        finding.fixes.insert(0, Fix { label, change: fix.change.clone() });
        finding.fixes.truncate(MOST_FIXES);
    }
}

/// The sentence as it goes on behind a colon; names in capitals stay.
fn lower_first(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => sentence.to_owned(),
    }
}
