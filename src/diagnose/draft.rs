//! Building a finding in few words.
//!
//! All text is escaped here once more, whatever a rule put into it, so that no rule can forget it.
//! What other tools call the case is read from the finding's page, where people look it up too.

use std::borrow::Cow;

use crate::core::change::Change;
use crate::core::finding::{Confidence, Finding, Fix, Severity};
use crate::core::sanitize::{escape_line, escape_multiline};
use crate::core::stage::Stage;

use super::pages;

/// Hints beyond the third are left out: nobody reads them.
const MAX_HINTS: usize = 3;

/// A finding before its rule's id is known.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    severity: Severity,
    confidence: Confidence,
    summary: String,
    explanation: String,
    hints: Vec<String>,
    fixes: Vec<Fix>,
    exact: bool,
}

/// An error that what was seen proves.
pub(super) fn certain(summary: impl Into<String>) -> Draft {
    Draft {
        severity: Severity::Error,
        confidence: Confidence::Certain,
        summary: summary.into(),
        explanation: String::new(),
        hints: Vec::new(),
        fixes: Vec::new(),
        exact: false,
    }
}

pub(super) fn likely(summary: impl Into<String>) -> Draft {
    Draft { confidence: Confidence::Likely, ..certain(summary) }
}

pub(super) fn possible(summary: impl Into<String>) -> Draft {
    Draft { confidence: Confidence::Possible, ..certain(summary) }
}

impl Draft {
    pub(super) fn severity(self, severity: Severity) -> Draft {
        Draft { severity, ..self }
    }

    pub(super) fn warning(self) -> Draft {
        self.severity(Severity::Warning)
    }

    pub(super) fn info(self) -> Draft {
        self.severity(Severity::Info)
    }

    pub(super) fn confidence(self, confidence: Confidence) -> Draft {
        Draft { confidence, ..self }
    }

    /// What was seen and why it means that; several calls make several sentences.
    pub(super) fn because(mut self, sentence: impl AsRef<str>) -> Draft {
        let sentence = sentence.as_ref().trim();
        if !sentence.is_empty() {
            if !self.explanation.is_empty() {
                self.explanation.push(' ');
            }
            self.explanation.push_str(sentence);
        }
        self
    }

    /// As [`Draft::because`], on a line of its own.
    pub(super) fn line(mut self, sentence: impl AsRef<str>) -> Draft {
        let sentence = sentence.as_ref().trim();
        if !sentence.is_empty() {
            if !self.explanation.is_empty() {
                self.explanation.push('\n');
            }
            self.explanation.push_str(sentence);
        }
        self
    }

    /// It says more than a vendor's table can: it comes before the table's row.
    pub(super) fn exact(self) -> Draft {
        Draft { exact: true, ..self }
    }

    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    /// A next step in the imperative, ending with a full stop; best first.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Draft {
        if self.hints.len() < MAX_HINTS {
            self.hints.push(hint.into());
        }
        self
    }

    /// A change that can be made with one key; the label is an imperative without a full stop.
    pub(super) fn fix(mut self, label: impl Into<String>, change: Change) -> Draft {
        self.fixes.push(Fix { label: label.into(), change });
        self
    }

    /// Adds the changes of another draft about the same case; its words and hints say what this
    /// one says better.
    pub(super) fn and_then(mut self, other: Option<Draft>) -> Draft {
        for fix in other.into_iter().flat_map(|other| other.fixes) {
            if self.fixes.iter().all(|own| own.change != fix.change) {
                self.fixes.push(fix);
            }
        }
        self
    }

    /// The finding under this id.
    pub(super) fn finding(self, id: &'static str) -> Finding {
        Finding {
            code: Cow::Borrowed(id),
            phase: Stage::of_code(id),
            severity: self.severity,
            confidence: self.confidence,
            summary: escape_line(&self.summary).into_owned(),
            explanation: escape_multiline(&self.explanation).into_owned(),
            hints: self.hints.iter().map(|hint| escape_line(hint).into_owned()).collect(),
            fixes: self
                .fixes
                .into_iter()
                .map(|fix| Fix { label: escape_line(&fix.label).into_owned(), ..fix })
                .collect(),
            also_called: pages::also_called(id).map(Cow::Borrowed).collect(),
        }
    }
}
