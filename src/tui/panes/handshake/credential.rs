//! How the credential of an attempt came about, a part of the exchange; and what was signed beside
//! what the server signed, a part of the overview.

use super::doc::Doc;
use crate::app::model::{Ending, ending, offset_words};
use crate::core::credential::GrantFacts;
use crate::core::evidence::{Evidence, canonical_difference};
use crate::core::sanitize::truncate_to_width;
use crate::core::time::Micros;
use crate::tui::pen::{cells, span};
use crate::tui::words::{count, day_and_time, duration, wrap};

pub(super) fn write<'a>(doc: &mut Doc<'a>, evidence: &'a Evidence) {
    let facts = &evidence.request.credential;
    if facts.is_plain() {
        return;
    }
    let way = crate::app::model::way_label(&evidence.request.auth);
    doc.heading_with("Credential", &[way]);
    doc.fact_if("comes from", facts.inherited_from.as_deref());
    steps(doc, evidence);
    if let Some(grant) = &facts.grant {
        the_grant(doc, grant, evidence.started);
    }
    let granted = facts.grant.as_ref().and_then(|grant| grant.expires);
    if let Some(expires) = facts.expires.filter(|at| Some(*at) != granted) {
        end(doc, "ends", expires, evidence.started);
    }
    doc.list_fact("from the jar", &facts.jar);
    if facts.clock_offset_s != 0 {
        let words = format!("{} to this machine's, as asked", offset_words(facts.clock_offset_s));
        doc.styled_fact("clock", &words, doc.styles.warn);
    }
    if let Some(lock) = facts.lock.filter(|lock| lock.limit > 0) {
        let style = if lock.failed > 0 { doc.styles.warn } else { doc.styles.text };
        let words = format!(
            "{} failures in a row before this attempt; {} lock the key for {}",
            lock.failed,
            lock.limit,
            duration(std::time::Duration::from_secs(u64::from(lock.locked_s)))
        );
        doc.styled_fact("lock", &words, style);
    }
    if let Some(signing) = &facts.signing {
        exact(doc, "Canonical request", &signing.canonical_request);
        exact(doc, "String to sign", &signing.string_to_sign);
        exact(doc, "Signature", &signing.signature);
    }
    for shown in &facts.shown {
        exact(doc, &shown.title, &shown.text);
    }
}

fn steps(doc: &mut Doc<'_>, evidence: &Evidence) {
    let styles = doc.styles;
    for step in &evidence.request.credential.steps {
        let (mark, style) = if step.ok { ("✓ ", styles.ok) } else { ("✗ ", styles.error) };
        let took = duration(std::time::Duration::from_micros(micros_of(step.ms)));
        let status = step.status.map(|status| format!(", status {status}")).unwrap_or_default();
        let mut line = vec![span(step.what.clone(), styles.text)];
        if !step.from.is_empty() {
            line.push(span(format!(" from {}", step.from), styles.dim));
        }
        line.push(span(format!(", {took}{status}"), styles.dim));
        doc.flow_behind(span(mark, style), line, 0);
        if !step.detail.is_empty() {
            let style = if step.ok { styles.dim } else { styles.error };
            doc.prose(&step.detail, style, 2, "");
        }
    }
}

/// Milliseconds of a record, which anybody may have written, as whole microseconds.
fn micros_of(ms: f64) -> u64 {
    let us = ms * 1_000.0;
    if !(0.0..=1e15).contains(&us) {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let us = us as u64;
    us
}

fn the_grant(doc: &mut Doc<'_>, grant: &GrantFacts, at: Micros) {
    doc.fact_if("given by", Some(&grant.source));
    if grant.obtained.0 > 0 {
        let kept = if grant.kept { ", kept from an earlier attempt" } else { "" };
        let when = day_and_time(grant.obtained, &doc.zone);
        doc.fact("got", &format!("{when}{kept}"));
    }
    if let Some(expires) = grant.expires {
        end(doc, "ends", expires, at);
    }
    for (name, value) in &grant.more {
        doc.fact(name, value);
    }
}

/// An end as it looked when the attempt began.
fn end(doc: &mut Doc<'_>, name: &str, expires: Micros, at: Micros) {
    let styles = doc.styles;
    let when = day_and_time(expires, &doc.zone);
    let (words, style) = match ending(expires, at) {
        Some(Ending::Over) => {
            (format!("{when}, over for {} then", duration(at.since(expires))), styles.error)
        }
        near => {
            let style = if near.is_some() { styles.warn } else { styles.text };
            (format!("{when}, {} left then", duration(expires.since(at))), style)
        }
    };
    doc.styled_fact(name, &words, style);
}

/// A text to be compared letter by letter: each line with its number.
fn exact<'a>(doc: &mut Doc<'a>, title: &str, text: &'a str) {
    let styles = doc.styles;
    let lines = text.split('\n').count();
    let size = format!("{} bytes", count(text.len() as u64));
    doc.heading_with(title, &[size]);
    if lines == 1 {
        doc.flow(vec![span(text, styles.text)], 2);
        return;
    }
    let digits = lines.to_string().len();
    for (number, line) in (1..).zip(text.split('\n')) {
        let mark = span(format!("{number:>digits$} "), styles.dim);
        doc.flow_behind(mark, vec![span(line, styles.text)], 0);
    }
}

/// From this width on, both sides stand in columns.
const COLUMNS: u16 = 70;

/// What was signed by us and by the server, if it told that, part by part; the first part that
/// differs is marked, since the ones after it may only follow from it.
pub(super) fn comparison(doc: &mut Doc<'_>, evidence: &Evidence) {
    let Some(difference) = canonical_difference(evidence) else { return };
    let styles = doc.styles;
    let first = difference.rows.iter().position(|row| !row.same);
    let remark = match first {
        Some(_) => "ours beside the server's",
        None => "ours and the server's are the same",
    };
    doc.heading_with("What was signed", &[remark.to_owned()]);
    let columns = doc.width >= COLUMNS;
    let part = 18;
    let half = doc.width.saturating_sub(part + 2) / 2;
    if columns {
        let head = format!(
            "{:part$}{:half$}  the server's",
            "",
            "ours",
            part = usize::from(part),
            half = usize::from(half)
        );
        doc.push(vec![span(head, styles.dim)]);
    }
    for (index, row) in difference.rows.iter().enumerate() {
        let mark = if Some(index) == first { "▸ " } else { "  " };
        let (ours, theirs) = match row.same {
            true => (styles.dim, styles.dim),
            false => (styles.removed, styles.added),
        };
        let name = truncate_to_width(&row.part, usize::from(part - 3)).into_owned();
        let filled = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
        if !columns {
            doc.push(vec![span(mark, styles.error), span(name, styles.key)]);
            if row.same {
                doc.flow_behind(span("    ", styles.dim), vec![span(filled(&row.ours), ours)], 0);
                continue;
            }
            for (who, text, style) in
                [("    ours    ", &row.ours, ours), ("    server  ", &row.theirs, theirs)]
            {
                doc.flow_behind(span(who, styles.dim), vec![span(filled(text), style)], 0);
            }
            continue;
        }
        let left = wrap(&filled(&row.ours), half);
        let right = wrap(&filled(&row.theirs), half);
        for at in 0..left.len().max(right.len()) {
            let (mark, name) = if at == 0 { (mark, name.as_str()) } else { ("  ", "") };
            let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            let (a, b) = (line(&left), line(&right));
            let pad =
                |text: &str, width: u16| " ".repeat(usize::from(width.saturating_sub(cells(text))));
            doc.push(vec![
                span(mark, styles.error),
                span(name.to_owned(), styles.key),
                span(pad(name, part - 2), styles.text),
                span(a.clone(), ours),
                span(pad(&a, half + 2), styles.text),
                span(b, theirs),
            ]);
        }
    }
}
