//! Probes: what was tried differently, what happened, and what that shows.

use super::doc::{Doc, Row};
use super::overview::key_of;
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Tab, Viewed};
use crate::core::action::Action;
use crate::core::evidence::{ProbeRecord, ProbeResult};
use crate::tui::pen::{cells, span};
use crate::tui::styles::Styles;
use crate::tui::words::{micros, wrap};

/// What the probes of the attempt that is shown mean, a sentence.
pub(super) fn conclusion(tab: &Tab, viewed: Viewed<'_>) -> Option<String> {
    if viewed.last {
        return tab.conn.conclusion.clone();
    }
    crate::app::model::conclusion(viewed.evidence)
}

pub(super) fn write(doc: &mut Doc<'_>, model: &Model) {
    let tab = model.tab();
    let Some(viewed) = tab.viewed() else { return };
    let styles = doc.styles;
    if let Some(sentence) = conclusion(tab, viewed) {
        doc.prose(&sentence, styles.title, 2, "→");
    }
    let records = &viewed.evidence.probes;
    let running = tab.conn.probing.as_ref().filter(|_| viewed.last);
    if !records.is_empty() || running.is_some() {
        doc.blank();
        let longest = records.iter().map(|record| cells(&record.changed)).max().unwrap_or(0);
        let queued = running.map(|probing| probing.queue.as_slice()).unwrap_or_default();
        let queued = queued.iter().map(|planned| cells(&planned.changed)).max().unwrap_or(0);
        let columns = Columns::of(doc.width, longest.max(queued));
        let head = [span("what was different", styles.dim), span("what happened", styles.dim)];
        columns.row(doc, span("  ", styles.dim), &head[0].0, (&head[1].0, styles.dim), "time");
        for record in records {
            columns.record(doc, record);
        }
        if let Some(probing) = running {
            for (at, planned) in probing.queue.iter().enumerate().skip(probing.at) {
                let (mark, words) =
                    if at == probing.at { ("◌ ", "under way …") } else { ("· ", "waits") };
                let style = if at == probing.at { styles.warn } else { styles.dim };
                columns.row(doc, span(mark, style), &planned.changed, (words, style), "");
            }
        }
    }
    offer(doc, model, viewed);
}

/// What else could be made, and the key for it.
fn offer(doc: &mut Doc<'_>, model: &Model, viewed: Viewed<'_>) {
    let tab = model.tab();
    let styles = doc.styles;
    let key = key_of(model, Action::Probe).unwrap_or_default();
    doc.blank();
    let button = |doc: &mut Doc<'_>, words: &str| {
        doc.row(Row {
            spans: vec![
                span(format!("[{key}] "), styles.accent),
                span(words.to_owned(), styles.title),
            ],
            hit: Some(Target::Button(Action::Probe)),
            ..Row::default()
        });
    };
    if !viewed.last {
        doc.remark("Probes are made for the last attempt only.");
        return;
    }
    if tab.conn.probing.is_some() {
        button(doc, "stop the probes");
        return;
    }
    if tab.conn.plan.is_empty() {
        doc.remark("No further probe would tell more.");
        return;
    }
    let (bare, asked): (Vec<_>, Vec<_>) = tab.conn.plan.iter().partition(|p| p.is_bare());
    if bare.is_empty() {
        button(doc, "make the next one, after asking");
    } else {
        button(doc, "make the probes that send nothing of yours");
    }
    for planned in bare {
        doc.prose(&planned.changed, styles.text, 4, "  •");
    }
    if !asked.is_empty() {
        doc.blank();
        doc.remark(
            "Asked for one by one, since they send something of yours again or take another way:",
        );
        for planned in asked {
            doc.prose(&planned.changed, styles.text, 4, "  ?");
        }
    }
}

/// Where the columns of the table begin.
struct Columns {
    changed: u16,
    told: u16,
}

/// Cells of the time and of the marks before a row.
const TIME: u16 = 9;
const MARK: u16 = 2;

impl Columns {
    fn of(width: u16, longest: u16) -> Columns {
        let room = width.saturating_sub(MARK + TIME + 4);
        let changed = longest.clamp(18, (room / 2).max(18));
        Columns { changed, told: room.saturating_sub(changed).max(10) }
    }

    fn record(&self, doc: &mut Doc<'_>, record: &ProbeRecord) {
        let styles = doc.styles;
        let (mark, style) = mark(&styles, &record.result);
        let changed = match record.credentials {
            true => format!("{} (with credentials)", record.changed),
            false => record.changed.clone(),
        };
        let told = match &record.code {
            Some(code) => format!("{} · {code}", record.told),
            None => record.told.clone(),
        };
        let took = match record.result {
            ProbeResult::Skipped => String::new(),
            _ => micros(record.took_us),
        };
        let style = if record.result == ProbeResult::Skipped { styles.dim } else { style };
        self.row(doc, span(mark, style), &changed, (&told, styles.text), &took);
    }

    fn row(
        &self,
        doc: &mut Doc<'_>,
        mark: crate::tui::pen::Span<'static>,
        changed: &str,
        (told, style): (&str, ratatui::style::Style),
        took: &str,
    ) {
        let styles = doc.styles;
        let (left, right) = (wrap(changed, self.changed), wrap(told, self.told));
        for at in 0..left.len().max(right.len()).max(1) {
            let cell = |lines: &[String], width: u16| {
                let text = lines.get(at).cloned().unwrap_or_default();
                let pad = usize::from(width.saturating_sub(cells(&text)));
                format!("{text}{}", " ".repeat(pad))
            };
            let first = at == 0;
            let took = if first { took } else { "" };
            doc.push(vec![
                if first { mark.clone() } else { span("  ", styles.dim) },
                span(cell(&left, self.changed), styles.text),
                span(format!("{took:>width$}  ", width = usize::from(TIME)), styles.dim),
                span(cell(&right, self.told), style),
            ]);
        }
    }
}

fn mark(styles: &Styles, result: &ProbeResult) -> (&'static str, ratatui::style::Style) {
    match result {
        ProbeResult::Open => ("✓ ", styles.ok),
        ProbeResult::Tls { .. } | ProbeResult::Quiet => ("i ", styles.accent),
        ProbeResult::Status { status: 100..400 } => ("i ", styles.accent),
        ProbeResult::Status { .. } | ProbeResult::OtherProtocol => ("! ", styles.warn),
        ProbeResult::Closed | ProbeResult::Failed { .. } | ProbeResult::TimedOut => {
            ("✗ ", styles.error)
        }
        ProbeResult::Skipped => ("· ", styles.dim),
    }
}
