//! What a rule is, and the short way to make one from a function.

use crate::core::evidence::Evidence;
use crate::core::finding::Finding;

use super::draft::Draft;
use super::vendor;

/// The answer of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Its case is not there.
    Clear,
    Hit(Finding),
    /// It may be; this would settle it.
    NeedMore(&'static str),
}

/// How much else a rule's case takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    Plain,
    /// Left out if a plain rule is sure enough of something in the same stage.
    General,
    /// Names the stage only; left out if anything else is known.
    Fallback,
}

/// One case that can be told from a record.
pub trait Rule: Sync {
    /// Stable id, `phase/name`.
    fn id(&self) -> &'static str;

    /// Must not panic, whatever is missing from the record.
    fn check(&self, evidence: &Evidence) -> Verdict;

    /// As [`Rule::check`], with what the vendors' tables say of the record, which is looked up
    /// once for all rules.
    fn check_told(&self, evidence: &Evidence, _told: Option<&vendor::Hit>) -> Verdict {
        self.check(evidence)
    }

    fn breadth(&self) -> Breadth {
        Breadth::Plain
    }

    /// Ids that this one makes idle when it is likely or certain.
    fn over(&self) -> &'static [&'static str] {
        &[]
    }
}

/// A rule that is a function.
#[derive(Debug)]
pub(super) struct FnRule {
    id: &'static str,
    breadth: Breadth,
    over: &'static [&'static str],
    /// Rows of the vendors' tables may be cases of it.
    vendors: bool,
    check: fn(&Evidence) -> Option<Draft>,
}

impl FnRule {
    pub(super) const fn new(id: &'static str, check: fn(&Evidence) -> Option<Draft>) -> FnRule {
        FnRule { id, breadth: Breadth::Plain, over: &[], vendors: false, check }
    }

    pub(super) const fn general(id: &'static str, check: fn(&Evidence) -> Option<Draft>) -> FnRule {
        FnRule { id, breadth: Breadth::General, over: &[], vendors: false, check }
    }

    pub(super) const fn fallback(
        id: &'static str,
        check: fn(&Evidence) -> Option<Draft>,
    ) -> FnRule {
        FnRule { id, breadth: Breadth::Fallback, over: &[], vendors: false, check }
    }

    pub(super) const fn over(self, ids: &'static [&'static str]) -> FnRule {
        FnRule { over: ids, ..self }
    }

    /// Looks into the vendors' tables as well; a row of this id comes before the rule's own words,
    /// but for those of a draft that is [exact](Draft::exact).
    pub(super) const fn vendors(self) -> FnRule {
        FnRule { vendors: true, ..self }
    }
}

impl Rule for FnRule {
    fn id(&self) -> &'static str {
        self.id
    }

    fn check(&self, evidence: &Evidence) -> Verdict {
        let told = if self.vendors { vendor::of(evidence) } else { None };
        self.check_told(evidence, told.as_ref())
    }

    fn check_told(&self, evidence: &Evidence, told: Option<&vendor::Hit>) -> Verdict {
        let own = (self.check)(evidence);
        let draft = match told.filter(|hit| self.vendors && hit.id == self.id) {
            Some(hit) => Some(match own {
                Some(own) if own.is_exact() => hit.below(evidence, own),
                own => hit.draft(evidence).and_then(own),
            }),
            None => own,
        };
        match draft {
            Some(draft) => Verdict::Hit(draft.finding(self.id)),
            None => Verdict::Clear,
        }
    }

    fn breadth(&self) -> Breadth {
        self.breadth
    }

    fn over(&self) -> &'static [&'static str] {
        self.over
    }
}
