//! The report of `check` for people: a line a stage, the verdict, why, and what to try.
//!
//! Everything that came from the server is escaped here again, whoever escaped it before: a
//! report is often printed on a terminal and must not be able to drive it.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::auth_probe;
use crate::cli::output::Paint;
use crate::cli::report::{Report, ReportStage};
use crate::core::evidence::{ProbeRecord, ProbeResult, RequestFacts, canonical_difference};
use crate::core::finding::{Finding, Severity};
use crate::core::sanitize::{escape, escape_multiline, truncate_to_width};
use crate::diagnose;

/// Cells a line of running text fills at most.
const WIDTH: usize = 96;

/// The whole report, line breaks at the ends included.
pub fn report(report: &Report, verbose: bool, paint: Paint) -> String {
    let mut out = head(&report.evidence.request, paint);
    for stage in &report.stages {
        line(&mut out, &stage_line(stage, paint));
    }
    out + &outcome(report, verbose, paint)
}

/// What is known before anything was tried.
pub fn head(request: &RequestFacts, paint: Paint) -> String {
    let mut out = String::new();
    line(&mut out, &paint.strong(&escape(&request.typed)));
    if request.used != request.typed && !request.used.is_empty() {
        line(&mut out, &paint.faint(&format!("  used as {}", escape(&request.used))));
    }
    for note in &request.credential_notes {
        line(&mut out, &paint.warn(&format!("  note: {}", escape(note))));
    }
    for step in &request.credential.steps {
        let mark = if step.ok { paint.good("✓") } else { paint.bad("✗") };
        let time = paint.faint(&format!("{:>9.1} ms", step.ms));
        let what = if step.detail.is_empty() { &step.from } else { &step.detail };
        let what = format!("{}: {what}", step.what);
        line(&mut out, &format!("  {mark} {:<10}{time}  {}", "credential", escape(&what)));
    }
    if let Some(grant) = request.credential.grant.as_ref().filter(|grant| grant.kept) {
        let end = grant.expires.map(|end| format!(", expires {}", end.to_second()));
        let what = format!("kept, from {}{}", grant.source, end.unwrap_or_default());
        line(&mut out, &format!("  {} {:<22}  {}", paint.good("✓"), "credential", escape(&what)));
    }
    out
}

/// What stands below the stages.
pub fn outcome(report: &Report, verbose: bool, paint: Paint) -> String {
    let mut out = String::new();
    way(&mut out, report, paint);
    line(&mut out, "");
    verdict(&mut out, report, paint);
    signing(&mut out, report, paint);
    let others = report.findings.iter().skip(usize::from(!report.ok));
    for finding in others {
        also(&mut out, finding, paint);
    }
    if report.probes.is_some() {
        probes(&mut out, report, paint);
    }
    if let Some(rows) = &report.auth_probe {
        line(&mut out, "");
        for row in auth_probe::table(rows, paint) {
            line(&mut out, &row);
        }
    }
    if verbose {
        wire(&mut out, report, paint);
    }
    out
}

/// Redirects that were followed, the proxy, and why none was used.
fn way(out: &mut String, report: &Report, paint: Paint) {
    let evidence = &report.evidence;
    for hop in &evidence.redirects {
        let left = if hop.dropped.is_empty() {
            String::new()
        } else {
            format!(" (left behind: {})", hop.dropped.join(", "))
        };
        let text = format!("  followed {} to {}{left}", hop.status, hop.to);
        line(out, &paint.faint(&escape(&text)));
    }
    if let Some(proxy) = &evidence.proxy {
        let text = format!("  through the proxy {} (from {})", proxy.url, proxy.source);
        line(out, &paint.faint(&escape(&text)));
    }
    if let Some(exempt) = &evidence.request.proxy_exemption {
        let text = format!(
            "  without the proxy {}, since {} has {}",
            exempt.proxy, exempt.source, exempt.entry
        );
        line(out, &paint.faint(&escape(&text)));
    }
}

pub fn stage_line(stage: &ReportStage, paint: Paint) -> String {
    let mark = if stage.ok { paint.good("✓") } else { paint.bad("✗") };
    let time = format!("{:>9.1} ms", stage.ms);
    format!("  {mark} {:<10}{}  {}", stage.name, paint.faint(&time), escape(&stage.detail))
}

fn verdict(out: &mut String, report: &Report, paint: Paint) {
    let summary = escape(&report.summary);
    match &report.code {
        None => line(out, &format!("{} {}", paint.good("✓ OK"), paint.strong(&summary))),
        Some(code) => {
            let head = format!("✗ {}", escape(code));
            let mut text = String::new();
            wrapped(&mut text, "", "  ", &format!("{head}  {}", report.summary));
            out.push_str(&text.replacen(&head, &paint.bad(&head), 1));
        }
    }
    paragraph(out, &report.explanation);
    if let Some(first) = report.findings.first().filter(|_| !report.ok) {
        hints(out, &first.hints, paint);
        if !first.also_called.is_empty() {
            let names: Vec<Cow<'_, str>> = first.also_called.iter().map(|n| escape(n)).collect();
            paragraph(out, &format!("Other tools call it: {}", names.join("; ")));
        }
        if diagnose::explain(&first.code).is_some() {
            let more = format!("  More: wsdeck explain {}", escape(&first.code));
            line(out, &paint.faint(&more));
        }
    }
}

/// The lines in which the server's canonical request differs from the one that was signed.
fn signing(out: &mut String, report: &Report, paint: Paint) {
    let Some(difference) = canonical_difference(&report.evidence) else { return };
    let rows: Vec<_> = difference.differing().collect();
    if rows.is_empty() {
        return;
    }
    line(out, "");
    line(out, &paint.strong("  What was signed, where the two sides differ"));
    let width = rows.iter().map(|row| row.part.chars().count()).max().unwrap_or(0).min(32);
    for row in rows {
        let part = truncate_to_width(&row.part, 32);
        line(out, &format!("  {:<width$}  here    {}", escape(&part), side(&row.ours)));
        line(out, &format!("  {:<width$}  server  {}", "", side(&row.theirs)));
    }
}

/// One side of a signed line.
fn side(text: &str) -> String {
    if text.is_empty() {
        "(nothing)".into()
    } else {
        escape(&truncate_to_width(text, WIDTH)).into_owned()
    }
}

fn also(out: &mut String, finding: &Finding, paint: Paint) {
    let word = match finding.severity {
        Severity::Error => paint.bad("also"),
        Severity::Warning => paint.warn("warning"),
        Severity::Info => paint.faint("note"),
    };
    line(out, "");
    line(out, &format!("{word} {}  {}", escape(&finding.code), escape(&finding.summary)));
    hints(out, &finding.hints, paint);
}

/// The table of probes, what they showed, and those that were not allowed.
fn probes(out: &mut String, report: &Report, paint: Paint) {
    let made = report.probes.as_deref().unwrap_or_default();
    line(out, "");
    if made.is_empty() && report.unmade.is_empty() {
        line(out, &paint.faint("No probe would tell more."));
        return;
    }
    if !made.is_empty() {
        line(out, &paint.strong("Probes, each with one thing changed"));
    }
    let wide = |record: &ProbeRecord| escape(&record.changed).chars().count();
    let width = made.iter().map(wide).max().unwrap_or(0).clamp(24, 48);
    for record in made {
        let mark = match record.result {
            ProbeResult::Open | ProbeResult::Tls { .. } => paint.good("✓"),
            ProbeResult::Status { .. } | ProbeResult::Quiet | ProbeResult::OtherProtocol => {
                paint.warn("·")
            }
            ProbeResult::Skipped => paint.faint("-"),
            _ => paint.bad("✗"),
        };
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        let ms = record.took_us as f64 / 1000.0;
        let changed = escape(&record.changed);
        let time = paint.faint(&format!("{ms:>8.1} ms"));
        let credentials = if record.credentials { " (credentials sent)" } else { "" };
        line(
            out,
            &format!("  {mark} {changed:<width$}{time}  {}{credentials}", escape(&record.told)),
        );
    }
    if let Some(conclusion) = &report.conclusion {
        wrapped(out, &format!("  {} ", paint.strong("⇒")), "    ", conclusion);
    }
    for planned in &report.unmade {
        let text = format!(
            "not made: {} --probe-with-credentials allows it.",
            planned.question().unwrap_or_default()
        );
        wrapped(out, "  - ", "    ", &text);
    }
}

fn hints(out: &mut String, hints: &[String], paint: Paint) {
    for hint in hints {
        wrapped(out, &format!("  {} ", paint.strong("→")), "    ", hint);
    }
}

/// Request and reply as they went over the wire, marked as `curl -v` marks them.
fn wire(out: &mut String, report: &Report, paint: Paint) {
    let Some(http) = &report.evidence.http else { return };
    line(out, "");
    marked(out, '>', &http.request, paint);
    match &http.reply {
        Some(reply) => {
            marked(out, '<', &reply.raw_head, paint);
            if !reply.body.is_empty() {
                line(out, "");
                line(out, &escape_multiline(&reply.body));
                if reply.body_cut {
                    line(out, &paint.faint("(the body was cut here)"));
                }
            }
        }
        None => {
            if let Some(text) = &http.first_bytes_text {
                marked(out, '<', text, paint);
            }
            if let Some(hex) = &http.first_bytes_hex {
                marked(out, '<', &format!("hex {hex}"), paint);
            }
        }
    }
}

fn marked(out: &mut String, mark: char, text: &str, paint: Paint) {
    for each in text.lines() {
        line(out, &format!("{} {}", paint.faint(&mark.to_string()), escape(each)));
    }
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        wrapped(out, "  ", "  ", text);
    }
}

/// Running text broken at blanks; its own line breaks stay.
fn wrapped(out: &mut String, first: &str, rest: &str, text: &str) {
    let mut lead = first;
    for paragraph in escape_multiline(text).lines() {
        let mut row = String::new();
        for word in paragraph.split(' ') {
            if !row.is_empty() && row.chars().count() + word.chars().count() + 3 > WIDTH {
                line(out, &format!("{lead}{row}"));
                lead = rest;
                row.clear();
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        line(out, &format!("{lead}{row}"));
        lead = rest;
    }
}

fn line(out: &mut String, text: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::unsendable;
    use crate::core::request::RequestDraft;
    use crate::core::url::UrlProblem;

    fn failed() -> Report {
        let mut draft = RequestDraft::default();
        draft.set_url("ftp://a.example/\u{1b}[31m".into());
        Report::judge(unsendable(&draft, UrlProblem::UnknownScheme { scheme: "ftp".into() }))
    }

    #[test]
    fn the_verdict_its_reason_and_the_next_step() {
        let text = report(&failed(), false, Paint::OFF);
        assert!(text.contains("\n✗ url/unknown-scheme  The scheme “ftp”"), "{text}");
        assert!(text.contains("\n  → "), "{text}");
        assert!(text.contains("\n  More: wsdeck explain url/unknown-scheme\n"), "{text}");
    }

    #[test]
    fn without_colours_there_is_no_escape_and_lines_are_short() {
        let text = report(&failed(), true, Paint::OFF);
        assert!(!text.contains('\x1b') && text.contains("\\x1b[31m"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 4), "{text}");
    }

    #[test]
    fn running_text_breaks_at_blanks() {
        let mut out = String::new();
        wrapped(&mut out, "> ", "  ", &"word ".repeat(40));
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines.len() == 3 && lines[0].starts_with("> word"), "{out}");
        assert!(lines[1].starts_with("  word"), "{out}");
        assert_eq!(out.matches("word").count(), 40);
    }
}
