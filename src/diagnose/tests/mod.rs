//! What holds for every rule, page and finding.

mod dialects;
mod pages;
mod robust;
mod verdict;

use super::*;
use crate::core::evidence::Evidence;

/// Every record that the fixtures hold.
fn records() -> Vec<Evidence> {
    let mut all: Vec<Evidence> = fixtures::cases().into_iter().map(|(_, e)| e).collect();
    all.push(fixtures::healthy());
    all.push(fixtures::healthy_tls());
    all
}

fn hits(id: &str, e: &Evidence) -> bool {
    rules::all().any(|rule| rule.id() == id && matches!(rule.check(e), Verdict::Hit(_)))
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = rules::all().map(Rule::id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn every_rule_hits_its_fixture_and_not_all_others() {
    let records = records();
    let cases = fixtures::cases();
    for rule in rules::all() {
        let id = rule.id();
        assert!(cases.iter().any(|(case, _)| *case == id), "{id} has no fixture");
        assert!(records.iter().any(|e| !matches!(rule.check(e), Verdict::Hit(_))), "{id} hits all");
        assert!(
            !hits(id, &fixtures::healthy()) && !hits(id, &fixtures::healthy_tls()),
            "{id} hits a healthy connection"
        );
    }
    for (id, e) in &cases {
        assert!(hits(id, e), "{id} does not hit its fixture");
    }
}

#[test]
fn rules_that_make_others_idle_name_ones_that_exist() {
    let ids: Vec<&str> = rules::all().map(Rule::id).collect();
    for rule in rules::all() {
        for other in rule.over() {
            assert!(ids.contains(other), "{} is over {other}, which nobody knows", rule.id());
        }
    }
}
