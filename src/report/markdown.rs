//! A record and its verdict as Markdown, ready for a bug tracker.
//!
//! What a server said stands in code spans and blocks only, so that it can neither format the page
//! nor mention people nor load pictures. Secrets are masked in the record already.

mod credential;
mod session;
mod wire;

use super::repeat;
use crate::core::evidence::{Evidence, Outcome, ProbeRecord};
use crate::core::finding::{Confidence, Finding, Severity};
use crate::core::sanitize::escape;
use crate::core::time::measured;

/// The whole report. `findings` are those of `diagnose::diagnose` for this record, in their order.
#[must_use]
pub fn markdown(evidence: &Evidence, findings: &[Finding]) -> String {
    let mut page = Page { out: String::new() };
    page.head(evidence, findings);
    page.stages(evidence);
    page.others(findings);
    page.probes(&evidence.probes);
    page.credential(evidence);
    if let Some(http) = &evidence.http {
        page.http(http);
    }
    if let Some(tls) = &evidence.tls {
        page.tls(tls);
    }
    page.network(evidence);
    if let Some(session) = &evidence.session {
        page.session(session);
    }
    page.repeat(evidence);
    page.out
}

struct Page {
    out: String,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn heading(&mut self, words: &str) {
        self.line(&format!("\n### {words}\n"));
    }

    /// A row of a list: a name and what is known of it. Nothing for an empty value.
    fn fact(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.line(&format!("- {name}: {}", code(value)));
        }
    }

    fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn table(&mut self, titles: &[&str]) {
        self.row(&titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>());
        self.line(&format!("|{}", " --- |".repeat(titles.len())));
    }

    /// Text as it is, between fences that it cannot close.
    fn block(&mut self, text: &str, language: &str) {
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        self.line(&format!("{fence}{language}"));
        self.line(text.trim_end_matches('\n'));
        self.line(&fence);
    }

    fn head(&mut self, evidence: &Evidence, findings: &[Finding]) {
        let first = findings.iter().find(|finding| finding.severity == Severity::Error);
        let request = &evidence.request;
        let title = match first {
            Some(finding) => prose(&finding.summary),
            None if evidence.opened() => "The WebSocket connection opened.".into(),
            None => "The WebSocket connection did not open.".into(),
        };
        self.line(&format!("## {title}\n"));
        self.fact("Address", &request.typed);
        if request.used != request.typed {
            self.fact("Used as", &request.used);
        }
        if let Some(finding) = first {
            self.line(&format!(
                "- Finding: {} ({})",
                code(&finding.code),
                sure(finding.confidence)
            ));
        } else if let Some(failure) = &evidence.failure {
            self.fact("Failed", &failure.text);
        }
        self.line(&format!("- When: {}", evidence.started.to_second()));
        let made = format!("wsdeck {} on {}", evidence.wsdeck, evidence.os);
        self.line(&format!("- Seen by: {}", prose(&made)));
        if !request.auth.is_empty() && request.auth != "none" {
            self.fact("Authentication", &request.auth);
        }
        if !request.verify {
            self.line("- The server's certificate was **not** verified.");
        }
        let Some(finding) = first else { return };
        for line in finding.explanation.lines() {
            self.line(&format!("\n{}", prose(line)));
        }
        if !finding.hints.is_empty() {
            self.line("\nWhat to try:\n");
            for hint in &finding.hints {
                self.line(&format!("1. {}", prose(hint)));
            }
        }
        if !finding.also_called.is_empty() {
            let names: Vec<String> = finding.also_called.iter().map(|name| code(name)).collect();
            self.line(&format!("\nOther tools call it {}.", names.join(", ")));
        }
    }

    fn stages(&mut self, evidence: &Evidence) {
        if evidence.stages.is_empty() {
            return;
        }
        self.heading("Stages");
        self.table(&["stage", "from", "took", "outcome", "detail"]);
        for record in &evidence.stages {
            let took = match record.ended_us {
                Some(end) => measured(end.saturating_sub(record.began_us)),
                None => "not ended".into(),
            };
            let outcome = match record.outcome {
                Outcome::Ok => "ok",
                Outcome::Failed => "**failed**",
                Outcome::Running => "going on",
                Outcome::Cancelled => "cancelled",
                Outcome::TimedOut => "**timed out**",
            };
            let detail =
                if record.detail.is_empty() { String::new() } else { cell(&record.detail) };
            self.row(&[
                record.stage.label().to_owned(),
                measured(record.began_us),
                took,
                outcome.to_owned(),
                detail,
            ]);
        }
    }

    /// Everything but the finding that the report began with.
    fn others(&mut self, findings: &[Finding]) {
        let first = findings.iter().position(|finding| finding.severity == Severity::Error);
        let others: Vec<&Finding> = findings
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != first)
            .map(|(_, finding)| finding)
            .collect();
        if others.is_empty() {
            return;
        }
        self.heading("Also found");
        for finding in others {
            let word = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "note",
            };
            self.line(&format!(
                "- {word} {} ({}): {}",
                code(&finding.code),
                sure(finding.confidence),
                prose(&finding.summary)
            ));
        }
    }

    fn probes(&mut self, probes: &[ProbeRecord]) {
        if probes.is_empty() {
            return;
        }
        self.heading("Probes, one change each");
        self.table(&["changed", "what happened", "took", "credentials"]);
        for probe in probes {
            self.row(&[
                prose(&probe.changed),
                cell(&probe.told),
                measured(probe.took_us),
                if probe.credentials { "sent" } else { "not sent" }.into(),
            ]);
        }
    }

    fn repeat(&mut self, evidence: &Evidence) {
        if evidence.request.host.is_empty() {
            return;
        }
        self.heading("To repeat it");
        let lines = [repeat::curl(evidence), repeat::websocat(evidence), repeat::wsdeck(evidence)];
        self.block(&lines.join("\n\n"), "sh");
    }
}

fn sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

/// Our own sentences. They may quote a server, so that what Markdown would act on is made plain.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '&' => {
                out.extend(['\\', c]);
            }
            // A zero-width joiner would do as well, but cannot be seen in a diff.
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

/// A code span that its content cannot leave.
fn code(text: &str) -> String {
    let text = escape(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A code span in a table, where a bar would end the cell even within one.
fn cell(text: &str) -> String {
    if text.is_empty() { String::new() } else { code(text).replace('|', "\\|") }
}

#[cfg(test)]
mod tests;
