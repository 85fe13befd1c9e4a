//! The overview: stages, verdict, why, what to do, what else was seen.

use super::credential;
use super::doc::{Doc, Row};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Tab, Viewed};
use crate::core::action::{Action, Context};
use crate::core::evidence::{Evidence, Outcome, StageRecord};
use crate::core::finding::{Confidence, Finding, Severity};
use crate::core::stage::{ConnectionState, Stage};
use crate::core::time::Micros;
use crate::tui::pen::{Span, span, width_of};
use crate::tui::words::{close_words, day_and_time, micros};

/// From this height on, the verdict has blank lines in it. In less, all of it with its remedies
/// should be seen at once.
const ROOMY: u16 = 14;

/// From this height on, the times stand above the verdict; in less, it is seen first.
const TALL: u16 = 26;

/// Remedies that have a key.
const KEYED: [Action; 3] = [Action::ApplyFix1, Action::ApplyFix2, Action::ApplyFix3];

pub(super) fn write<'a>(doc: &mut Doc<'a>, model: &Model, height: u16, now: Micros) {
    let tab = model.tab();
    let Some(viewed) = tab.viewed() else {
        if tab.conn.stages.is_empty() {
            not_tried(doc, tab);
        } else {
            stage_line(doc, &tab.conn.stages);
            stage_bars(doc, &tab.conn.stages, None, tab.conn.began, now);
        }
        return;
    };
    let evidence = viewed.evidence;
    let stages = match viewed.last && !tab.conn.stages.is_empty() {
        true => &tab.conn.stages,
        false => &evidence.stages,
    };
    let roomy = height >= ROOMY;
    stage_line(doc, stages);
    if height >= TALL {
        stage_bars(doc, stages, Some(evidence), tab.conn.began, now);
    }
    verdict(doc, model, viewed, roomy);
    credential::comparison(doc, evidence);
    remedy_taken(doc, model, tab, viewed);
    probes(doc, model, tab, viewed);
    others(doc, model, viewed);
    if height < TALL {
        stage_bars(doc, stages, Some(evidence), tab.conn.began, now);
    }
    about(doc, evidence);
}

/// Nothing was tried yet: what would be sent.
fn not_tried(doc: &mut Doc<'_>, tab: &Tab) {
    let styles = doc.styles;
    match &tab.preview {
        Err(problem) => {
            doc.remark("Nothing was tried yet.");
            doc.blank();
            doc.prose(&problem.to_string(), styles.warn, 2, "✗");
        }
        Ok(preview) => {
            doc.remark("Nothing was tried yet. Connecting will send:");
            doc.blank();
            super::exchange::preview(doc, preview);
            for mend in &preview.mends {
                doc.prose(mend, styles.warn, 2, "!");
            }
        }
    }
}

/// The stages in one line, or more where they do not fit. That the address could be read goes
/// without saying.
fn stage_line(doc: &mut Doc<'_>, stages: &[StageRecord]) {
    let styles = doc.styles;
    let mut line: Vec<Span<'_>> = Vec::new();
    let told = |stage: &&StageRecord| stage.stage != Stage::Url || stage.outcome != Outcome::Ok;
    for stage in stages.iter().filter(told) {
        let mut item: Vec<Span<'_>> = Vec::new();
        if !line.is_empty() {
            item.push(span(" → ", styles.dim));
        }
        let (mark, style) = outcome(doc, stage.outcome);
        item.push(span(stage.stage.label(), styles.text));
        item.push(span(format!(" {mark}"), style));
        if let Some(ended) = stage.ended_us {
            let took = micros(ended.saturating_sub(stage.began_us));
            item.push(span(format!(" {took}"), styles.dim));
        }
        let wide = width_of(&line) + width_of(&item);
        if wide > doc.width && !line.is_empty() {
            doc.push(std::mem::take(&mut line));
            item[0].0 = "→ ".into();
        }
        line.extend(item);
    }
    // What came of the one that ended it, if there is room: `401 Unauthorized`.
    let last = stages.last().filter(|stage| stage.outcome == Outcome::Failed);
    if let Some(stage) = last.filter(|stage| !stage.detail.is_empty()) {
        let detail = span(format!("  {}", stage.detail), styles.text);
        if width_of(&line) + width_of(std::slice::from_ref(&detail)) <= doc.width {
            line.push(detail);
        }
    }
    doc.push(line);
}

/// Each stage with its place in time and what came of it.
fn stage_bars(
    doc: &mut Doc<'_>,
    stages: &[StageRecord],
    evidence: Option<&Evidence>,
    began: Micros,
    now: Micros,
) {
    let elapsed = u64::try_from(now.since(began).as_micros()).unwrap_or(u64::MAX);
    let end = |stage: &StageRecord| stage.ended_us.unwrap_or(elapsed.max(stage.began_us));
    let total = stages.iter().map(end).max().unwrap_or(0).max(1);
    let size: usize = match doc.width {
        0..56 => 8,
        56..90 => 16,
        90..130 => 32,
        _ => 48,
    };
    doc.heading_with("Stages", &[format!("{} in all", micros(total))]);
    let bar = |doc: &Doc<'_>, from: u64, to: u64, style| {
        let at = |us: u64| {
            let cells = u128::from(us.min(total)) * size as u128 / u128::from(total);
            usize::try_from(cells).unwrap_or(0)
        };
        let from_cell = at(from).min(size - 1);
        let to_cell = at(to).clamp(from_cell + 1, size);
        [
            span("·".repeat(from_cell), doc.styles.border),
            span("━".repeat(to_cell - from_cell), style),
            span("·".repeat(size - to_cell), doc.styles.border),
            span(format!(" {:>8}  ", micros(to.saturating_sub(from))), doc.styles.text),
        ]
    };
    let indent = 12 + u16::try_from(size).unwrap_or(0) + 11;
    for stage in stages {
        let (mark, style) = outcome(doc, stage.outcome);
        let name = span(format!("{:<10}{mark} ", stage.stage.label()), style);
        let mut spans = vec![name];
        spans.extend(bar(doc, stage.began_us, end(stage), style));
        // What came of it stands behind, over as many lines as it needs.
        let room = doc.width.saturating_sub(indent);
        let mut detail = crate::tui::words::wrap(&stage.detail, room.max(12)).into_iter();
        spans.push(span(detail.next().unwrap_or_default(), doc.styles.dim));
        doc.push(spans);
        for line in detail {
            let pad = " ".repeat(usize::from(indent));
            doc.push(vec![span(pad, doc.styles.dim), span(line, doc.styles.dim)]);
        }
        let http = evidence.and_then(|e| e.http.as_ref()).filter(|_| stage.stage == Stage::Http);
        if let Some((sent, first)) = http.and_then(|http| Some((http.sent_us, http.first_byte_us?)))
        {
            let mut spans = vec![span(" └ waiting  ", doc.styles.dim)];
            spans.extend(bar(doc, sent, first, doc.styles.dim));
            spans.push(span("until the first byte of the reply", doc.styles.dim));
            doc.push(spans);
        }
    }
}

pub(super) fn outcome(doc: &Doc<'_>, outcome: Outcome) -> (&'static str, ratatui::style::Style) {
    match outcome {
        Outcome::Running => ("◌", doc.styles.warn),
        Outcome::Ok => ("✓", doc.styles.ok),
        Outcome::Failed | Outcome::TimedOut => ("✗", doc.styles.error),
        Outcome::Cancelled => ("⊘", doc.styles.warn),
    }
}

fn verdict(doc: &mut Doc<'_>, model: &Model, viewed: Viewed<'_>, roomy: bool) {
    let styles = doc.styles;
    let tab = model.tab();
    doc.blank();
    if let Some(first) = viewed.findings.first() {
        finding(doc, model, first, 0, roomy);
        return;
    }
    let end = viewed.evidence.session.as_ref().and_then(|session| session.end.as_ref());
    let (words, style) = match (&viewed.evidence.failure, end) {
        (Some(failure), _) => (format!("✗ {}", failure.text), styles.error),
        (None, Some(end)) => {
            (format!("○ It was open and ended with {}.", close_words(end.code())), styles.text)
        }
        (None, None) if viewed.last && tab.conn.state == ConnectionState::Open => {
            ("✓ The connection is open and nothing is odd about it.".to_owned(), styles.ok)
        }
        (None, None) if viewed.last && tab.conn.state == ConnectionState::Closing => {
            ("◌ The connection is being closed.".to_owned(), styles.warn)
        }
        _ => return,
    };
    doc.prose(&words, style, 0, "");
}

/// A finding with everything that belongs to it. Its remedies are numbered from `fix` on.
fn finding(doc: &mut Doc<'_>, model: &Model, finding: &Finding, fix: usize, roomy: bool) {
    let styles = doc.styles;
    let (mark, style) = match finding.severity {
        Severity::Error => ("✗", styles.error),
        Severity::Warning => ("!", styles.warn),
        Severity::Info => ("i", styles.accent),
    };
    doc.prose(&finding.summary, style, 2, mark);
    let mut tail = finding.code.to_string();
    tail += match finding.confidence {
        Confidence::Certain => "",
        Confidence::Likely => " · likely",
        Confidence::Possible => " · possible",
    };
    doc.prose(&tail, styles.dim, 2, "");
    if !finding.explanation.is_empty() {
        doc.prose(&finding.explanation, styles.text, 2, "");
    }
    if !finding.hints.is_empty() {
        if roomy {
            doc.blank();
        }
        for hint in &finding.hints {
            doc.prose(hint, styles.text, 4, "  •");
        }
    }
    if !finding.fixes.is_empty() && roomy {
        doc.blank();
    }
    for (at, remedy) in (fix..).zip(&finding.fixes) {
        // The fourth and further ones are in the menu.
        let action = KEYED.get(at).copied().unwrap_or(Action::ChooseFix);
        let key = key_of(model, action).map_or_else(|| "   ".into(), |key| format!("[{key}]"));
        doc.row(Row {
            spans: vec![
                span(format!("  {key} "), styles.accent),
                span(remedy.label.clone(), styles.title),
            ],
            hit: Some(Target::Fix(at)),
            ..Row::default()
        });
    }
    if !finding.also_called.is_empty() {
        // For those who know it by another name; long, and the last thing to read.
        if roomy {
            doc.blank();
        }
        let words = format!("Also called {}", finding.also_called.join(", "));
        doc.prose(&words, styles.dim, 2, "");
    }
}

/// The key of an action where this tab has the focus.
pub(super) fn key_of(model: &Model, action: Action) -> Option<String> {
    let contexts = [Context::Handshake, Context::Command, Context::Global];
    model.keymap.label_for(action, &contexts)
}

/// What a remedy changed, and how to take it back.
fn remedy_taken(doc: &mut Doc<'_>, model: &Model, tab: &Tab, viewed: Viewed<'_>) {
    let Some(taken) = tab.handshake.taken.last().filter(|_| viewed.last) else { return };
    let styles = doc.styles;
    doc.blank();
    let key = key_of(model, Action::UndoFix).unwrap_or_default();
    doc.row(Row {
        spans: vec![
            span("✎ Changed by a remedy: ", styles.dim),
            span(taken.label.clone(), styles.text),
            span("  ", styles.dim),
            span(format!("[{key}]"), styles.accent),
            span(" takes it back", styles.dim),
        ],
        hit: Some(Target::Button(Action::UndoFix)),
        ..Row::default()
    });
}

/// What the probes showed, or that there are some.
fn probes(doc: &mut Doc<'_>, model: &Model, tab: &Tab, viewed: Viewed<'_>) {
    let styles = doc.styles;
    if let Some(probing) = tab.conn.probing.as_ref().filter(|_| viewed.last) {
        doc.blank();
        let what = probing.current().map(|planned| planned.changed.as_str()).unwrap_or_default();
        doc.prose(&format!("Probing: {what}"), styles.warn, 2, "◌");
    } else if let Some(conclusion) = super::probes::conclusion(tab, viewed) {
        doc.heading_with("Probes", &[format!("{} made", viewed.evidence.probes.len())]);
        doc.prose(&conclusion, styles.text, 2, "→");
    } else if viewed.last && tab.conn.plan.iter().any(|planned| planned.is_bare()) {
        doc.blank();
        let key = key_of(model, Action::Probe).unwrap_or_default();
        let count = tab.conn.plan.iter().filter(|planned| planned.is_bare()).count();
        let attempts = match count {
            1 => ": one attempt that changes one thing".to_owned(),
            count => format!(": {count} attempts that change one thing each"),
        };
        doc.row(Row {
            spans: vec![
                span(format!("  [{key}] "), styles.accent),
                span("Probe", styles.title),
                span(attempts, styles.dim),
            ],
            hit: Some(Target::Button(Action::Probe)),
            ..Row::default()
        });
    }
}

fn others(doc: &mut Doc<'_>, model: &Model, viewed: Viewed<'_>) {
    let Some((first, others)) = viewed.findings.split_first() else { return };
    let mut fix = first.fixes.len();
    for (index, other) in others.iter().enumerate() {
        if index == 0 {
            doc.heading("Also seen");
        } else {
            doc.blank();
        }
        finding(doc, model, other, fix, false);
        fix += other.fixes.len();
    }
}

/// What the attempt was about.
fn about(doc: &mut Doc<'_>, evidence: &Evidence) {
    doc.heading("Attempt");
    doc.fact("began", &day_and_time(evidence.started, &doc.zone.clone()));
    doc.fact_if("address", Some(&evidence.request.typed));
    if evidence.request.used != evidence.request.typed {
        doc.fact_if("used as", Some(&evidence.request.used));
    }
    for mend in &evidence.request.mends {
        doc.fact("mended", &mend.sentence());
    }
    let login = match evidence.request.auth.as_str() {
        "" | "none" => None,
        kind => Some(kind),
    };
    doc.fact_if("auth", login);
    doc.list_fact("secrets in", &evidence.request.credentials);
    doc.list_fact("odd secret", &evidence.request.credential_notes);
    if !evidence.request.scheme.is_empty() && !evidence.request.verify {
        let warn = doc.styles.warn;
        doc.styled_fact("certificates", "are not checked for this request", warn);
    }
}
