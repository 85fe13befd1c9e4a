//! The list of attempts, and what is different between two of them.

use ratatui::style::Style;

use super::doc::{Doc, Row};
use super::overview::key_of;
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Tab, Viewed};
use crate::core::action::Action;
use crate::core::evidence::diff::{DiffRow, difference};
use crate::core::evidence::{EndedBy, Outcome};
use crate::core::stage::Stage;
use crate::tui::pen::{Span, cells, span};
use crate::tui::words::{close_words, micros, time_of_day, wrap};

/// The list, a row each; the newest attempt first.
pub(super) fn list<'a>(doc: &mut Doc<'a>, tab: &'a Tab, focused: bool) {
    let styles = doc.styles;
    let attempts = tab.conn.attempts();
    let cursor = tab.handshake.cursor.min(attempts.len().saturating_sub(1));
    let shown = tab.viewed().map(|viewed| viewed.evidence.started);
    for (index, attempt) in attempts.iter().enumerate() {
        let marked = tab.handshake.marked.contains(&attempt.evidence.started);
        let here = index == cursor;
        let (mark, style, words) = outcome(doc, attempt);
        let spans = vec![
            span(if here { "▸" } else { " " }, styles.accent),
            span(if marked { "[×] " } else { "[ ] " }, styles.accent),
            span(time_of_day(attempt.evidence.started, &doc.zone, false), styles.dim),
            span(format!(" {mark} "), style),
            span(format!("{:>9}  ", lasted(attempt)), styles.dim),
            span(words, styles.text),
            span(
                if shown == Some(attempt.evidence.started) && !attempt.last {
                    "  (shown)"
                } else {
                    ""
                },
                styles.warn,
            ),
        ];
        doc.row(Row {
            spans,
            hit: Some(Target::Attempt(index)),
            part: Some((1, 3, Target::AttemptMark(index))),
            chosen: here && focused,
        });
    }
}

/// How long it took, or how long the connection was open.
fn lasted(attempt: &Viewed<'_>) -> String {
    let evidence = attempt.evidence;
    if let Some(session) = &evidence.session {
        return match &session.end {
            Some(end) => micros(end.at_us.saturating_sub(session.opened_us)),
            None => String::new(),
        };
    }
    evidence.stages.iter().filter_map(|stage| stage.ended_us).max().map(micros).unwrap_or_default()
}

/// A mark and what came of the attempt in some words.
fn outcome(doc: &Doc<'_>, attempt: &Viewed<'_>) -> (&'static str, Style, String) {
    let styles = doc.styles;
    let evidence = attempt.evidence;
    let verdict = attempt.findings.first();
    let told = verdict.map(|finding| format!("{} · {}", finding.code, finding.summary));
    let Some(session) = &evidence.session else {
        let stopped = evidence.stages.iter().any(|stage| stage.outcome == Outcome::Cancelled);
        if stopped {
            return ("⊘", styles.warn, "stopped".into());
        }
        let stage = evidence.failure.as_ref().map_or(Stage::Url, |failure| failure.stage);
        let words = told.unwrap_or_else(|| {
            let text = evidence.failure.as_ref().map(|f| f.text.as_str()).unwrap_or_default();
            format!("{}: {text}", stage.label())
        });
        return ("✗", styles.error, words);
    };
    match &session.end {
        None => ("●", styles.ok, told.unwrap_or_else(|| "open".into())),
        Some(end) => {
            let by = match end.by {
                EndedBy::Us | EndedBy::Cut => "by us",
                EndedBy::Peer => "by the peer",
                _ => "broken off",
            };
            let mut words = format!("open, closed {} {by}", close_words(end.code()));
            if let Some(told) = told {
                words += &format!(" · {told}");
            }
            let (mark, style) =
                if end.is_clean() { ("○", styles.text) } else { ("⊘", styles.warn) };
            (mark, style, words)
        }
    }
}

/// The comparison below the list.
pub(super) fn compare(doc: &mut Doc<'_>, model: &Model) {
    let tab = model.tab();
    let styles = doc.styles;
    let Some((left, right)) = tab.compared() else {
        let only = tab.conn.attempts().len() < 2;
        doc.remark(if only {
            "This is the only attempt; the next one is compared with it."
        } else {
            "This is the oldest attempt that is kept; mark another one to compare it with."
        });
        return;
    };
    let groups = difference(left.evidence, right.evidence);
    let all = tab.handshake.show_same;
    let table = Table::of(doc.width);
    let zone = doc.zone.clone();
    let at = |attempt: &Viewed<'_>| time_of_day(attempt.evidence.started, &zone, false);
    table.row(
        doc,
        ("", styles.dim),
        (Some(&format!("− {}", at(&left))), styles.title),
        (Some(&format!("+ {}", at(&right))), styles.title),
    );
    let mut told = false;
    for group in &groups {
        let rows: Vec<&DiffRow> = group.rows.iter().filter(|row| all || row.changed).collect();
        if rows.is_empty() {
            continue;
        }
        told = true;
        let changes = group.rows.iter().filter(|row| row.changed).count();
        let remark = match changes {
            0 => "the same".to_owned(),
            1 => "1 change".to_owned(),
            changes => format!("{changes} changes"),
        };
        doc.heading_with(group.title, &[remark]);
        for row in rows {
            let (left_style, right_style) =
                if row.changed { (styles.removed, styles.added) } else { (styles.dim, styles.dim) };
            let name = if row.changed { styles.text } else { styles.dim };
            // Among rows that are the same, a change is told by more than colour.
            let mark = if all && row.changed { "≠ " } else { "" };
            table.row(
                doc,
                (&format!("{mark}{}", row.what), name),
                (row.left.as_deref(), left_style),
                (row.right.as_deref(), right_style),
            );
        }
    }
    if !told {
        doc.blank();
        doc.prose("Nothing that may matter is different.", styles.text, 0, "");
    }
    doc.blank();
    let key = key_of(model, Action::ToggleSame).unwrap_or_default();
    let words = if all { "only what differs" } else { "what is the same too" };
    doc.row(Row {
        spans: vec![span(format!("[{key}] "), styles.accent), span(words, styles.dim)],
        hit: Some(Target::Button(Action::ToggleSame)),
        ..Row::default()
    });
}

/// Values longer than this are cut: the whole of them stands in the sections.
const MOST: usize = 600;

/// Three columns, or in a narrow window the two values below their name.
enum Table {
    Columns { name: u16, value: u16 },
    Stacked { value: u16 },
}

impl Table {
    fn of(width: u16) -> Table {
        if width < 64 {
            return Table::Stacked { value: width.saturating_sub(4) };
        }
        let name = (width / 5).clamp(16, 28);
        Table::Columns { name, value: (width - name - 4) / 2 }
    }

    fn row(
        &self,
        doc: &mut Doc<'_>,
        (what, name_style): (&str, Style),
        (left, left_style): (Option<&str>, Style),
        (right, right_style): (Option<&str>, Style),
    ) {
        let lines = |text: Option<&str>, width: u16| match text {
            None => vec!["–".to_owned()],
            Some("") => vec!["(empty)".to_owned()],
            Some(text) if text.len() > MOST => {
                wrap(&format!("{}…", &text[..text.floor_char_boundary(MOST)]), width)
            }
            Some(text) => wrap(text, width),
        };
        match *self {
            Table::Stacked { value } => {
                if !what.is_empty() {
                    doc.prose(what, name_style, 0, "");
                }
                for (mark, text, style) in [("−", left, left_style), ("+", right, right_style)] {
                    for (at, line) in lines(text, value).into_iter().enumerate() {
                        let mark = if at == 0 { mark } else { " " };
                        doc.push(vec![span(format!("  {mark} "), style), span(line, style)]);
                    }
                }
            }
            Table::Columns { name, value } => {
                let what = wrap(what, name);
                let (left, right) = (lines(left, value), lines(right, value));
                for at in 0..what.len().max(left.len()).max(right.len()) {
                    doc.push(vec![
                        cell(&what, at, name, name_style),
                        span("  ", name_style),
                        cell(&left, at, value, left_style),
                        span("  ", name_style),
                        cell(&right, at, value, right_style),
                    ]);
                }
            }
        }
    }
}

fn cell<'a>(lines: &[String], at: usize, width: u16, style: Style) -> Span<'a> {
    let text = lines.get(at).cloned().unwrap_or_default();
    let pad = usize::from(width.saturating_sub(cells(&text)));
    span(format!("{text}{}", " ".repeat(pad)), style)
}
