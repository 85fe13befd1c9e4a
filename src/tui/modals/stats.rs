//! The statistics of the tab in front: sections of numbers, side by side where there is room.

use ratatui::layout::Rect;

use super::help::{Lines, divide};
use super::{keys_below, window};
use crate::app::Model;
use crate::app::model::{Figures, StatRow, StatSection as Section, StatsView, sections};
use crate::core::sanitize::{display_width, truncate_to_width};
use crate::core::time::Micros;
use crate::tui::pen::{Pen, Span, span, view};
use crate::tui::styles::Styles;
use crate::tui::widgets::{scroll, spark};

/// Cells between columns.
const GAP: u16 = 3;

/// Cells for the labels.
const LABEL: usize = 16;

/// A column is at least so wide if there are several.
const COLUMN: u16 = 52;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, screen: Rect, stats: StatsView, now: Micros) {
    let styles = pen.styles;
    let size = (screen.width.saturating_sub(2), screen.height.saturating_sub(2));
    let tab = model.tab();
    let note = [span(tab.title(), styles.dim)];
    let (area, inner) = window(pen, screen, size, "Statistics", &note);
    pen.geometry.modal = view(inner);
    let figures = Figures::of(tab, now);
    let columns = ((inner.width + GAP) / (COLUMN + GAP)).clamp(1, 3);
    let width = (inner.width - GAP * (columns - 1)) / columns;
    let blocks: Vec<Lines> = sections(&figures, stats.sort)
        .iter()
        .map(|section| block(styles, section, usize::from(width)))
        .collect();
    let parts = divide(blocks, usize::from(columns));
    let total = parts.iter().map(Vec::len).max().unwrap_or(0).saturating_sub(1);
    let last = total.saturating_sub(usize::from(inner.height));
    let first = stats.scroll.min(last);
    pen.geometry.modal_last = last;
    for (x, lines) in (inner.x..).step_by(usize::from(width + GAP)).zip(&parts) {
        for (y, spans) in (0..inner.height).zip(lines.iter().skip(first)) {
            pen.spans(x, inner.y + y, width, spans);
        }
    }
    scroll::draw(pen, area, first, inner.height, total, true);
    let keys = [
        ("↑↓", "scroll"),
        ("s", "sort names"),
        ("y", "copy"),
        ("m", "Markdown"),
        ("j", "JSON"),
        ("Esc", "close"),
    ];
    keys_below(pen, area, &keys);
}

fn pad(text: &str, width: usize) -> String {
    let text = truncate_to_width(text, width);
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(&text))))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(display_width(text))))
}

fn block(styles: &Styles, section: &Section, width: usize) -> Lines {
    let mut head = vec![span(section.title, styles.title)];
    if !section.note.is_empty() {
        head.push(span(format!("  {}", section.note), styles.dim));
    }
    let mut out: Lines = vec![head];
    let cells: Vec<&Vec<String>> = section
        .rows
        .iter()
        .filter_map(|row| match row {
            StatRow::Cells(cells) => Some(cells),
            _ => None,
        })
        .collect();
    let widths = widths(&cells, width);
    let labels = |label: &str| display_width(label).max(LABEL.min(width / 3));
    let mut is_head = true;
    for row in &section.rows {
        match row {
            StatRow::Text(text) => out.extend(
                crate::tui::words::wrap(text, u16::try_from(width).unwrap_or(u16::MAX))
                    .into_iter()
                    .map(|line| vec![span(line, styles.dim)]),
            ),
            StatRow::Fact(label, value) => out.push(vec![
                span(format!("{} ", pad(label, labels(label))), styles.dim),
                span(value.clone(), styles.text),
            ]),
            StatRow::Spark { label, words, values } => {
                out.push(vec![
                    span(format!("{} ", pad(label, labels(label).min(10))), styles.dim),
                    span(words.clone(), styles.text),
                ]);
                let room = u16::try_from(width.min(60)).unwrap_or(60);
                out.push(vec![span(spark::line(values, room), styles.accent)]);
            }
            StatRow::Bar { label, words, share } => {
                let label_width = 15;
                let room = width.saturating_sub(label_width + 24).clamp(4, 40);
                let bar = spark::bar(*share, u16::try_from(room).unwrap_or(4));
                out.push(vec![
                    span(format!("{} ", pad(label, label_width)), styles.dim),
                    span(pad(&bar, room), styles.accent),
                    span(format!(" {words}"), styles.text),
                ]);
            }
            StatRow::Cells(cells) => {
                out.push(table_line(styles, cells, &widths, is_head));
                is_head = false;
            }
        }
    }
    out.push(Vec::new());
    out
}

/// Widths of the columns of a table: the first one gets what the others leave, and those at the
/// right go if there is no room for them.
fn widths(rows: &[&Vec<String>], width: usize) -> Vec<usize> {
    let columns = rows.first().map_or(0, |row| row.len());
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max()
    };
    let mut widths: Vec<usize> = (0..columns).filter_map(widest).collect();
    let Some(first) = widths.first().copied() else { return widths };
    let least = first.min(12);
    while widths.len() > 2 && least + widths[1..].iter().map(|w| w + 2).sum::<usize>() > width {
        widths.pop();
    }
    let others: usize = widths[1..].iter().map(|w| w + 2).sum();
    widths[0] = first.min(width.saturating_sub(others));
    widths
}

fn table_line(
    styles: &Styles,
    cells: &[String],
    widths: &[usize],
    is_head: bool,
) -> Vec<Span<'static>> {
    let (names, values) =
        if is_head { (styles.dim, styles.dim) } else { (styles.dim, styles.text) };
    cells
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, width))| match column {
            0 => span(pad(cell, *width), names),
            _ => span(format!("  {}", pad_left(cell, *width)), values),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_up_columns_at_the_right_before_names_become_unreadable() {
        let row = |name: &str| {
            [name, "1,000", "1,000", "12.5 ms"].iter().map(|cell| (*cell).to_owned()).collect()
        };
        let (head, long): (Vec<String>, Vec<String>) = (row("name"), row(&"n".repeat(40)));
        assert_eq!(widths(&[&head, &long], 80), [40, 5, 5, 7]);
        assert_eq!(widths(&[&head, &long], 40), [17, 5, 5, 7]);
        assert_eq!(widths(&[&head, &long], 30), [16, 5, 5]);
        assert_eq!(widths(&[], 30), Vec::<usize>::new());
    }
}
