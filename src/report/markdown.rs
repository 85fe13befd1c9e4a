//! A record and its verdict as Markdown, ready for a bug tracker.
//!
//! What a server said stands in code spans and blocks only, so that it can neither format the page
//! nor mention people nor load pictures. Secrets are masked in the record already.

use std::fmt::Write as _;

use super::repeat;
use crate::core::close::code_name;
use crate::core::evidence::{
    Certificate, EndedBy, Evidence, HttpFacts, Outcome, ProbeRecord, SessionFacts, TlsFacts,
};
use crate::core::finding::{Confidence, Finding, Severity};
use crate::core::sanitize::{escape, escape_multiline};
use crate::core::time::{Micros, measured};

/// Lines of a refusal's body that are put into the report.
const BODY_LINES: usize = 60;

/// Frames that are listed.
const FRAMES: usize = 12;

/// The whole report. `findings` are those of `diagnose::diagnose` for this record, in their order.
#[must_use]
pub fn markdown(evidence: &Evidence, findings: &[Finding]) -> String {
    let mut page = Page { out: String::new() };
    page.head(evidence, findings);
    page.stages(evidence);
    page.others(findings);
    page.probes(&evidence.probes);
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
        self.line(&format!("\n{}", prose(&finding.explanation)));
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

    fn http(&mut self, http: &HttpFacts) {
        self.heading("Request");
        self.block(&escape_multiline(&http.request), "http");
        let Some(reply) = &http.reply else {
            self.line("\nThere was no complete HTTP reply.");
            if http.received > 0 {
                self.fact("Bytes received", &http.received.to_string());
            }
            self.fact("First bytes", http.first_bytes_text.as_deref().unwrap_or_default());
            self.fact("In hex", http.first_bytes_hex.as_deref().unwrap_or_default());
            return;
        };
        self.heading("Reply");
        let mut text = escape_multiline(&reply.raw_head).trim_end_matches('\n').to_owned();
        text.push('\n');
        let lines: Vec<&str> = reply.body.lines().collect();
        if !lines.is_empty() {
            text.push('\n');
            for line in lines.iter().take(BODY_LINES) {
                let _ = writeln!(text, "{}", escape(line));
            }
        }
        self.block(&text, "http");
        if lines.len() > BODY_LINES {
            let left = lines.len() - BODY_LINES;
            self.line(&format!("\nThe body has {left} more lines in the record."));
        }
        if reply.body_cut {
            self.line("\nThe body was not read to its end.");
        }
        if let Some(first) = http.first_byte_us {
            let waited = measured(first.saturating_sub(http.sent_us));
            self.line(&format!("\n- First byte after: {waited}"));
        }
        if let Some(skew) = reply.clock_skew_ms.filter(|skew| skew.abs() > 2_000) {
            let side = if skew > 0 { "ahead of" } else { "behind" };
            let by = measured(skew.unsigned_abs().saturating_mul(1000));
            self.line(&format!("- The server's clock is {by} {side} ours."));
        }
    }

    fn tls(&mut self, tls: &TlsFacts) {
        self.heading("TLS");
        let plain = |value: &Option<String>| value.clone().unwrap_or_default();
        self.fact("Server name sent", &plain(&tls.sni));
        self.fact("Offered", &tls.versions_offered.join(", "));
        self.fact("Agreed", &plain(&tls.version));
        self.fact("Cipher suite", &plain(&tls.cipher));
        self.fact("ALPN", &plain(&tls.alpn));
        for (name, alert) in
            [("Alert received", &tls.alert_received), ("Alert sent", &tls.alert_sent)]
        {
            if let Some(alert) = alert {
                self.fact(name, &format!("{} ({})", alert.name, alert.number));
            }
        }
        if let Some(text) = &tls.first_bytes_text {
            self.fact("First bytes received", text);
        }
        if tls.client_cert_requested {
            let sent = if tls.client_cert_sent { "sent" } else { "not sent" };
            self.line(&format!("- The server asked for a client certificate; it was {sent}."));
            self.fact("Accepted issuers", &tls.client_cert_issuers.join("; "));
        }
        if let Some(trust) = &tls.trust {
            let words = serde_json::to_string(trust).unwrap_or_default();
            self.fact("Not trusted", &words);
        }
        self.fact("Missing issuer", &plain(&tls.missing_issuer));
        if tls.pinned {
            self.line("- The certificate was accepted by its fingerprint.");
        }
        self.fact("Session keys written to", &plain(&tls.key_log));
        for (index, certificate) in tls.chain.iter().enumerate() {
            self.certificate(index, certificate);
        }
    }

    fn certificate(&mut self, index: usize, certificate: &Certificate) {
        let date =
            |at: Option<Micros>| at.map(Micros::to_second).unwrap_or_else(|| "unknown".into());
        self.line(&format!("- Certificate {index}: {}", code(&certificate.subject)));
        self.line(&format!("  - issued by {}", code(&certificate.issuer)));
        if !certificate.names.is_empty() {
            self.line(&format!("  - for {}", code(&certificate.names.join(", "))));
        }
        let (from, to) = (date(certificate.not_before), date(certificate.not_after));
        self.line(&format!("  - valid from {from} to {to}"));
        self.line(&format!("  - SHA-256 {}", code(&certificate.sha256)));
    }

    fn network(&mut self, evidence: &Evidence) {
        let tries = evidence.tcp.as_ref().map(|tcp| tcp.tries.as_slice()).unwrap_or_default();
        if evidence.dns.is_none() && tries.is_empty() && evidence.proxy.is_none() {
            return;
        }
        self.heading("Network");
        if let Some(dns) = &evidence.dns {
            let answers: Vec<String> = dns.answers.iter().map(ToString::to_string).collect();
            self.fact(&format!("Answers for {}", code(&dns.host)), &answers.join(", "));
            self.fact("Error", dns.error.as_deref().unwrap_or_default());
        }
        for each in tries {
            let took = each.ended_us.map(|end| measured(end.saturating_sub(each.began_us)));
            let took = took.map(|took| format!(" after {took}")).unwrap_or_default();
            let came = match each.problem {
                None if each.ended_us.is_some() => "connected".to_owned(),
                None => "given up, another address was faster".to_owned(),
                Some(_) => code(&each.text),
            };
            self.line(&format!("- {}: {came}{took}", code(&each.address.to_string())));
        }
        if let Some(proxy) = &evidence.proxy {
            self.fact("Proxy", &proxy.url);
            self.fact("Chosen by", &proxy.source);
            if let Some(hex) = &proxy.first_bytes_hex {
                self.fact("Its first bytes", hex);
            }
            if !proxy.reply.is_empty() {
                self.line("\nThe proxy answered:\n");
                self.block(&escape_multiline(&proxy.reply), "http");
            }
        }
        if let Some(exempt) = &evidence.request.proxy_exemption {
            let words = format!("{} (since {} has {})", exempt.proxy, exempt.source, exempt.entry);
            self.fact("Proxy not used", &words);
        }
        for redirect in &evidence.redirects {
            let (from, to) = (code(&redirect.from), code(&redirect.to));
            self.line(&format!("- Redirect {} from {from} to {to}", redirect.status));
        }
    }

    fn session(&mut self, session: &SessionFacts) {
        self.heading("The open connection");
        for (name, counts) in [("Received", &session.received), ("Sent", &session.sent)] {
            self.line(&format!(
                "- {name}: {} text, {} binary, {} ping, {} pong, {} bytes",
                counts.text, counts.binary, counts.ping, counts.pong, counts.bytes
            ));
        }
        if let Some(last) = session.round_trips_us.last() {
            self.line(&format!("- Last round trip: {}", measured(*last)));
        }
        if session.unanswered_pings > 0 {
            self.line(&format!("- Pings without an answer: {}", session.unanswered_pings));
        }
        for (name, text) in [
            ("First message received", session.first_received.first()),
            ("Last message received", session.last_received.as_ref()),
        ] {
            self.fact(name, text.map(String::as_str).unwrap_or_default());
        }
        if let Some(end) = &session.end {
            let open = measured(end.at_us.saturating_sub(session.opened_us));
            let who = match end.by {
                EndedBy::Us => "closed by us",
                EndedBy::Peer => "closed by the server",
                EndedBy::PeerDropped => "dropped by the server without a close frame",
                EndedBy::Reset => "reset",
                EndedBy::PeerViolation => "failed, the server broke the protocol",
                EndedBy::OurLimit => "ended by our limit",
                EndedBy::Cut => "cut by us",
                EndedBy::TimedOut => "ended after no answer",
                EndedBy::Network => "ended by the network",
            };
            let code_words = format!("{} ({})", end.code(), code_name(end.code()));
            let silence = measured(end.silence_us);
            self.line(&format!(
                "- Open for {open}, then {who}: {code_words}, after {silence} of silence"
            ));
            self.fact("Reason given", &end.reason_received);
            self.fact("Error", &end.text);
        }
        let frames = session.last_frames.len().saturating_sub(FRAMES);
        if session.last_frames.is_empty() {
            return;
        }
        self.line("");
        self.table(&["time", "direction", "opcode", "FIN", "RSV", "masked", "length"]);
        for frame in session.last_frames.iter().skip(frames) {
            self.row(&[
                measured(frame.at_us),
                format!("{:?}", frame.direction).to_lowercase(),
                format!("{:x}", frame.opcode),
                u8::from(frame.fin).to_string(),
                frame.rsv.to_string(),
                if frame.masked { "yes" } else { "no" }.into(),
                frame.length.to_string(),
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
mod tests {
    use super::*;
    use crate::core::evidence::{Failure, FailureKind, HttpProblem, ReplyFacts, StageRecord};
    use crate::core::headers::HeaderRow;
    use crate::core::request::{AuthContribution, Files, RequestDraft};
    use crate::core::stage::Stage;

    const HOSTILE: &str =
        "`````\n## @all ![x](https://evil.example/x.png) <img src=x> | a \u{1b}[31m";

    fn refused() -> (Evidence, Vec<Finding>) {
        let mut draft = RequestDraft::default();
        draft.set_url("ws://a.example/x?token=s3cret-token".into());
        draft.headers = vec![HeaderRow::new("Authorization", "Bearer s3cret-token")];
        let spec = draft.spec(&AuthContribution::default(), Files::default()).unwrap();
        let evidence = Evidence {
            request: spec.facts,
            stages: vec![StageRecord {
                stage: Stage::Http,
                began_us: 0,
                ended_us: Some(1_500),
                outcome: Outcome::Failed,
                detail: HOSTILE.into(),
            }],
            http: Some(HttpFacts {
                request: "GET /x HTTP/1.1\n".into(),
                reply: Some(ReplyFacts {
                    status: 401,
                    raw_head: "HTTP/1.1 401 Unauthorized\n".into(),
                    body: HOSTILE.into(),
                    ..ReplyFacts::default()
                }),
                ..HttpFacts::default()
            }),
            failure: Some(Failure {
                stage: Stage::Http,
                kind: FailureKind::Http(HttpProblem::Status),
                text: "401".into(),
            }),
            ..Evidence::default()
        };
        let finding = Finding {
            code: "http/401-bearer-invalid".into(),
            phase: Stage::Http,
            severity: Severity::Error,
            confidence: Confidence::Likely,
            summary: "The server refuses the token.".into(),
            explanation: format!("It said “{HOSTILE}”."),
            hints: vec!["Take a new token.".into()],
            fixes: Vec::new(),
            also_called: vec!["Unexpected server response: 401".into()],
        };
        (evidence, vec![finding])
    }

    #[test]
    fn the_report_tells_the_verdict_the_evidence_and_how_to_repeat_it() {
        let (evidence, findings) = refused();
        let text = markdown(&evidence, &findings);
        for expected in [
            "## The server refuses the token.\n",
            "- Finding: `http/401-bearer-invalid` (likely)\n",
            "1. Take a new token.\n",
            "| HTTP | 0 µs | 1.5 ms | **failed** |",
            "GET /x HTTP/1.1\n",
            "HTTP/1.1 401 Unauthorized\n",
            "${AUTHORIZATION}",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
    }

    #[test]
    fn what_a_server_said_formats_nothing() {
        let (evidence, findings) = refused();
        let text = markdown(&evidence, &findings);
        assert!(!text.contains('\u{1b}'), "{text}");
        // The body's fence is longer than any run of ticks within.
        assert!(text.contains("\n``````http\n"), "{text}");
        let mut fence: Option<&str> = None;
        for line in text.lines() {
            match fence {
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => {
                    fence = Some(line.trim_end_matches(char::is_alphabetic))
                }
                None => {
                    let outside = strip_code_spans(line).replace("\\<", "").replace("\\[", "");
                    assert!(!outside.contains(['@', '<', '[']), "{line}");
                }
            }
        }
        assert_eq!(fence, None);
    }

    /// The line without its code spans (CommonMark section 6.1).
    fn strip_code_spans(line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            // An escaped tick opens nothing.
            let opens = !rest[..at].ends_with('\\');
            let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let ticks = &rest[at..at + run];
            let after = &rest[at + run..];
            let close = after
                .match_indices(ticks)
                .find(|(i, _)| !after[..*i].ends_with('`') && !after[i + run..].starts_with('`'));
            out.push_str(&rest[..at]);
            match close.filter(|_| opens) {
                Some((i, _)) => rest = &after[i + run..],
                None => rest = after,
            }
        }
        out + rest
    }

    #[test]
    fn an_empty_record_makes_a_page_as_well() {
        let text = markdown(&Evidence::default(), &[]);
        assert!(text.starts_with("## The WebSocket connection did not open.\n"), "{text}");
    }
}
