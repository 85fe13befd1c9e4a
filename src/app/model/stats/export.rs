//! The statistics as text, as Markdown and as JSON: numbers and escaped names, no payloads.

use serde_json::{Value, json};

use super::rows::{Section, StatRow};
use super::{Figures, PingFigures};
use crate::log::{PairStats, Percentiles, Traffic, Way, class_most};

/// Lines as they are shown, without the pictures.
#[must_use]
pub fn as_text(figures: &Figures, sections: &[Section]) -> String {
    let mut out = format!("Statistics of {} at {}\n", figures.title, figures.now);
    for section in sections {
        out.push_str(&format!("\n{}\n", heading(section)));
        let widths = widths(&section.rows);
        for row in &section.rows {
            out.push_str("  ");
            out.push_str(line(row, &widths).trim_end());
            out.push('\n');
        }
    }
    out
}

fn heading(section: &Section) -> String {
    if section.note.is_empty() {
        section.title.into()
    } else {
        format!("{} ({})", section.title, section.note)
    }
}

/// Characters of the widest cell of each column.
fn widths(rows: &[StatRow]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        let cells: Vec<usize> = match row {
            StatRow::Cells(cells) => cells.iter().map(|cell| cell.chars().count()).collect(),
            StatRow::Fact(label, _) | StatRow::Spark { label, .. } | StatRow::Bar { label, .. } => {
                vec![label.chars().count()]
            }
            StatRow::Text(_) => continue,
        };
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell);
        }
    }
    widths
}

fn line(row: &StatRow, widths: &[usize]) -> String {
    let first = widths.first().copied().unwrap_or(0);
    match row {
        StatRow::Fact(label, words)
        | StatRow::Spark { label, words, .. }
        | StatRow::Bar { label, words, .. } => format!("{label:first$}  {words}"),
        StatRow::Cells(cells) => cells
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| match column {
                0 => format!("{cell:width$}"),
                _ => format!("  {cell:>width$}"),
            })
            .collect(),
        StatRow::Text(text) => text.clone(),
    }
}

/// A heading and a table for each section.
#[must_use]
pub fn as_markdown(figures: &Figures, sections: &[Section]) -> String {
    let mut out = format!("# Statistics of {}\n\nat {}\n", plain(&figures.title), figures.now);
    for section in sections {
        out.push_str(&format!("\n## {}\n\n", heading(section)));
        let mut has_head = false;
        for row in &section.rows {
            let cells: Vec<String> = match row {
                StatRow::Cells(cells) => cells.clone(),
                StatRow::Fact(label, words)
                | StatRow::Spark { label, words, .. }
                | StatRow::Bar { label, words, .. } => vec![label.clone(), words.clone()],
                StatRow::Text(text) => {
                    out.push_str(&format!("{}\n", plain(text)));
                    continue;
                }
            };
            if !has_head {
                has_head = true;
                let is_head = matches!(row, StatRow::Cells(_));
                let rule = format!("|{}\n", " --- |".repeat(cells.len()));
                if !is_head {
                    out.push_str(&format!("|{}\n{rule}", "  |".repeat(cells.len())));
                } else {
                    out.push_str(&format!("{}{rule}", table_row(&cells)));
                    continue;
                }
            }
            out.push_str(&table_row(&cells));
        }
    }
    out
}

fn table_row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A text that means nothing to Markdown: names come from the other side.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// One object; times in microseconds, sizes in bytes.
#[must_use]
pub fn as_json(figures: &Figures) -> String {
    let totals = &figures.log.totals;
    let side = |way: &Way, counts| {
        let sizes: Vec<Value> = way
            .sizes
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(class, count)| json!({ "most": class_most(class), "messages": count }))
            .collect();
        json!({
            "counts": counts, "bytes": way.bytes, "wire_bytes": way.on_wire(),
            "largest": way.largest, "compressed": way.packed,
            "compressed_bytes": way.packed_bytes, "compressed_wire_bytes": way.wire_bytes,
            "fragmented": way.split, "sizes": sizes,
        })
    };
    let peak = figures.survey.series.peak();
    let value = json!({
        "title": figures.title,
        "at": figures.now,
        "first": figures.survey.first,
        "last": figures.survey.last,
        "received": side(&figures.survey.received, kinds(&totals.received)),
        "sent": side(&figures.survey.sent, kinds(&totals.sent)),
        "rates": {
            "now": { "messages": figures.rate.messages, "bytes": figures.rate.bytes },
            "peak": traffic(&peak),
            "seconds": figures.fine.iter().map(traffic).collect::<Vec<_>>(),
        },
        "log": {
            "kept": figures.log.kept(), "memory_bytes": figures.log.held_bytes,
            "budget_bytes": figures.log.budget, "disk_bytes": figures.log.disk_bytes,
            "lost": figures.log.gaps, "evicted": figures.log.evicted,
            "evicted_bytes": figures.log.evicted_bytes,
        },
        "pairs": figures.pairs.as_ref().map(|pairs| pair_values(&pairs.stats)),
        "pings": ping_values(&figures.pings),
    });
    format!("{value:#}\n")
}

fn kinds(counts: &crate::core::evidence::Counts) -> Value {
    json!({
        "text": counts.text, "binary": counts.binary, "ping": counts.ping, "pong": counts.pong,
        "close": counts.close,
    })
}

fn traffic(step: &Traffic) -> Value {
    json!({
        "received": step.received, "sent": step.sent,
        "received_bytes": step.received_bytes, "sent_bytes": step.sent_bytes,
    })
}

fn percentiles(times: &Percentiles) -> Value {
    json!({
        "count": times.count, "min": times.min, "p50": times.p50, "p90": times.p90,
        "p99": times.p99, "max": times.max, "mean": times.mean,
    })
}

fn pair_values(stats: &PairStats) -> Value {
    let tallies = &stats.tallies;
    let methods: Vec<Value> = stats
        .methods
        .iter()
        .map(|method| {
            json!({
                "name": method.name, "asked": method.asked, "answered": method.answered,
                "failed": method.failed, "round_trip_us": percentiles(&method.times),
            })
        })
        .collect();
    json!({
        "asked_by_us": tallies.sent, "asked_by_server": tallies.received,
        "answered": tallies.answered, "failed": tallies.failed, "further": tallies.further,
        "stray": tallies.stray, "reused": tallies.reused, "withdrawn": tallies.withdrawn,
        "cut": tallies.cut, "forgotten": tallies.forgotten,
        "open": stats.open[0] + stats.open[1],
        "round_trip_us": percentiles(&stats.times), "methods": methods,
    })
}

fn ping_values(pings: &PingFigures) -> Value {
    json!({
        "pongs": pings.total, "round_trip_us": percentiles(&pings.times),
        "jitter_us": pings.jitter, "last_us": pings.values,
    })
}
