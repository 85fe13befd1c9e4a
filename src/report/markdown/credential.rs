//! How the credential came about, and what was signed. The record masks secrets when it is made.

use super::{Page, cell, prose};
use crate::core::evidence::{CredentialFacts, Evidence, canonical_difference};
use crate::core::sanitize::escape_multiline;
use crate::core::time::{Micros, measured};

impl Page {
    pub(super) fn credential(&mut self, evidence: &Evidence) {
        let facts = &evidence.request.credential;
        if facts.is_plain() {
            return;
        }
        self.heading("Credential");
        self.origin(facts);
        self.steps(facts);
        for shown in &facts.shown {
            self.line(&format!("\n{}:\n", prose(&shown.title)));
            self.block(&escape_multiline(&shown.text), "");
        }
        self.signing(evidence);
    }

    fn origin(&mut self, facts: &CredentialFacts) {
        self.fact("Set at", facts.inherited_from.as_deref().unwrap_or_default());
        if let Some(grant) = &facts.grant {
            self.fact("Got from", &grant.source);
            let kept = if grant.kept { ", kept from an earlier attempt" } else { "" };
            if grant.obtained != Micros::default() {
                self.line(&format!("- Got at: {}{kept}", grant.obtained.to_second()));
            }
            for (name, value) in &grant.more {
                self.fact(&prose(name), value);
            }
        }
        let grant_end = facts.grant.as_ref().and_then(|grant| grant.expires);
        if let Some(end) = facts.expires.or(grant_end) {
            self.line(&format!("- Good until: {}", end.to_second()));
        }
        if facts.clock_offset_s != 0 {
            self.line(&format!("- Added to the clock: {:+} s", facts.clock_offset_s));
        }
        self.fact("Cookies of the jar", &facts.jar.join(", "));
        if let Some(lock) = facts.lock {
            self.line(&format!(
                "- Failures in a row with this key before: {} of {}",
                lock.failed, lock.limit
            ));
        }
    }

    fn steps(&mut self, facts: &CredentialFacts) {
        if facts.steps.is_empty() {
            return;
        }
        self.line("");
        self.table(&["step", "from", "took", "status", "outcome", "detail"]);
        for step in &facts.steps {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a negative or huge time saturates"
            )]
            let us = (step.ms * 1000.0) as u64;
            self.row(&[
                prose(&step.what),
                cell(&step.from),
                measured(us),
                step.status.map(|status| status.to_string()).unwrap_or_default(),
                if step.ok { "ok" } else { "**failed**" }.into(),
                cell(&step.detail),
            ]);
        }
    }

    /// The difference if the server told its own text, otherwise ours.
    fn signing(&mut self, evidence: &Evidence) {
        let Some(signing) = &evidence.request.credential.signing else { return };
        match canonical_difference(evidence) {
            Some(difference) => {
                self.line(&format!("\n{}\n", prose(&difference.cause.sentence())));
                self.table(&["part", "signed here", "signed by the server", ""]);
                for row in &difference.rows {
                    let mark = if row.same { "" } else { "**differs**" };
                    self.row(&[
                        prose(&row.part),
                        cell(&row.ours),
                        cell(&row.theirs),
                        mark.to_owned(),
                    ]);
                }
            }
            None => {
                self.line("\nCanonical request, as it was signed:\n");
                self.block(&escape_multiline(&signing.canonical_request), "");
                self.line("\nString to sign:\n");
                self.block(&escape_multiline(&signing.string_to_sign), "");
            }
        }
    }
}
