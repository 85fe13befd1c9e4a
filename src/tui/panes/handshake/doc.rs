//! Text of a section as rows, of which only those that are seen are made whole.
//!
//! Prose is broken between words when it is written down, since there is little of it. What came
//! over the wire can be large, so that a line of it keeps its text and knows how many rows it
//! fills; its rows are cut out when they are drawn.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::app::geometry::Target;
use crate::core::sanitize::{display_width, escape};
use crate::tui::pen::{Pen, Span, cells, row_of, span, width_of};
use crate::tui::styles::Styles;
use crate::tui::words::wrap;

/// Cells for the name of a fact.
const NAME: u16 = 14;

/// One row, ready to be drawn.
#[derive(Debug, Default)]
pub(in crate::tui) struct Row<'a> {
    pub spans: Vec<Span<'a>>,
    /// What a click on it does.
    pub hit: Option<Target>,
    /// A clickable part of it: from this cell, so many cells.
    pub part: Option<(u16, u16, Target)>,
    /// It is the row under a cursor.
    pub chosen: bool,
}

#[derive(Debug)]
enum Part<'a> {
    Row(Row<'a>),
    /// A line of printable ASCII that goes on over as many rows as it needs; all but the first one
    /// begin after `hang` blanks.
    Flow {
        spans: Vec<Span<'a>>,
        hang: u16,
        rows: usize,
    },
}

#[derive(Debug)]
pub(in crate::tui) struct Doc<'a> {
    pub styles: Styles,
    /// Cells of a row.
    pub width: u16,
    pub zone: TimeZone,
    parts: Vec<Part<'a>>,
    rows: usize,
    /// Another text stands to the right of it.
    pub half: bool,
}

impl<'a> Doc<'a> {
    pub(in crate::tui) fn new(styles: &Styles, width: u16, zone: &TimeZone) -> Doc<'a> {
        Doc { styles: *styles, width, zone: zone.clone(), parts: Vec::new(), rows: 0, half: false }
    }

    /// An empty one in the same manner.
    pub(in crate::tui) fn beside<'b>(&self, width: u16) -> Doc<'b> {
        Doc::new(&self.styles, width, &self.zone)
    }

    pub(in crate::tui) fn rows(&self) -> usize {
        self.rows
    }

    pub(in crate::tui) fn push(&mut self, spans: Vec<Span<'a>>) {
        self.row(Row { spans, ..Row::default() });
    }

    pub(in crate::tui) fn row(&mut self, row: Row<'a>) {
        self.parts.push(Part::Row(row));
        self.rows += 1;
    }

    /// Everything of another text below this one.
    pub(in crate::tui) fn append(&mut self, other: Doc<'a>) {
        self.rows += other.rows;
        self.parts.extend(other.parts);
    }

    /// An empty row, unless there is one already or nothing stands above it.
    pub(in crate::tui) fn blank(&mut self) {
        let after_text = match self.parts.last() {
            Some(Part::Row(row)) => !row.spans.is_empty(),
            Some(Part::Flow { .. }) => true,
            None => false,
        };
        if after_text {
            self.push(Vec::new());
        }
    }

    pub(in crate::tui) fn heading(&mut self, words: &str) {
        self.heading_with(words, &[]);
    }

    /// A heading with remarks behind it.
    pub(in crate::tui) fn heading_with(&mut self, words: &str, remarks: &[String]) {
        self.blank();
        let mut spans = vec![span(words.to_owned(), self.styles.title)];
        for remark in remarks.iter().filter(|remark| !remark.is_empty()) {
            spans.push(span(format!(" · {remark}"), self.styles.dim));
        }
        let rest = self.width.saturating_sub(width_of(&spans) + 1).min(300);
        spans.push(span(format!(" {}", "─".repeat(usize::from(rest))), self.styles.border));
        self.push(spans);
    }

    /// A paragraph, broken into lines; `first` stands before the first one in `indent` cells.
    pub(in crate::tui) fn prose(&mut self, text: &str, style: Style, indent: u16, first: &str) {
        for (index, line) in wrap(text, self.width.saturating_sub(indent)).into_iter().enumerate() {
            let lead = if index == 0 { first } else { "" };
            let pad = usize::from(indent.saturating_sub(cells(lead)));
            let lead = format!("{lead}{}", " ".repeat(pad));
            self.push(vec![span(lead, style), span(line, style)]);
        }
    }

    /// A remark that explains something on screen.
    pub(in crate::tui) fn remark(&mut self, text: &str) {
        self.prose(text, self.styles.dim, 0, "");
    }

    /// A name and what is known of it.
    pub(in crate::tui) fn fact(&mut self, name: &str, value: &str) {
        self.styled_fact(name, value, self.styles.text);
    }

    pub(in crate::tui) fn styled_fact(&mut self, name: &str, value: &str, style: Style) {
        let name_width = if self.width < 40 { 10 } else { NAME };
        let indent = name_width + 2;
        let name_style = self.styles.dim;
        for (index, line) in wrap(value, self.width.saturating_sub(indent)).into_iter().enumerate()
        {
            let name = if index == 0 { name } else { "" };
            let pad = name_width.saturating_sub(cells(name));
            let name = format!("{name}{}  ", " ".repeat(usize::from(pad)));
            self.push(vec![span(name, name_style), span(line, style)]);
        }
    }

    /// A fact, if there is one.
    pub(in crate::tui) fn fact_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.fact(name, value);
        }
    }

    /// Many short texts behind one name, as many as are worth reading.
    pub(in crate::tui) fn list_fact(&mut self, name: &str, values: &[String]) {
        const MOST: usize = 40;
        if values.is_empty() {
            return;
        }
        let mut words = values.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
        if values.len() > MOST {
            words += &format!(", … and {} more", values.len() - MOST);
        }
        self.fact(name, &words);
    }

    /// A line as it went over the wire. It breaks anywhere and goes on behind `hang` blanks.
    pub(in crate::tui) fn flow(&mut self, spans: Vec<Span<'a>>, hang: u16) {
        let width = usize::from(self.width.max(1));
        let hang = hang.min(self.width / 2);
        let further = width - usize::from(hang);
        if spans.iter().all(|(text, _)| text.bytes().all(|b| matches!(b, b' '..=b'~'))) {
            let length: usize = spans.iter().map(|(text, _)| text.len()).sum();
            let rows = 1 + length.saturating_sub(width).div_ceil(further.max(1));
            self.rows += rows;
            self.parts.push(Part::Flow { spans, hang, rows });
            return;
        }
        let mut line: Vec<Span<'a>> = Vec::new();
        let (mut used, mut room) = (0, width);
        for (text, style) in spans {
            let text = escape(&text).into_owned();
            let mut piece = String::new();
            for cluster in text.graphemes(true) {
                let wide = display_width(cluster);
                if used + wide > room {
                    line.push(span(std::mem::take(&mut piece), style));
                    self.push(std::mem::take(&mut line));
                    line.push(span(" ".repeat(usize::from(hang)), style));
                    (used, room) = (0, further);
                }
                piece.push_str(cluster);
                used += wide;
            }
            line.push(span(piece, style));
        }
        self.push(line);
    }

    /// A line behind a mark or a number, which the rows that follow leave free.
    pub(in crate::tui) fn flow_behind(&mut self, mark: Span<'a>, line: Vec<Span<'a>>, hang: u16) {
        let hang = hang + cells(&mark.0);
        let mut spans = vec![mark];
        spans.extend(line);
        self.flow(spans, hang);
    }

    /// Draws the rows from `first` on.
    pub(in crate::tui) fn draw(&self, pen: &mut Pen<'_>, area: Rect, first: usize) {
        let mut skip = first;
        let mut y: u16 = 0;
        for part in &self.parts {
            if y >= area.height {
                break;
            }
            match part {
                Part::Row(_) if skip > 0 => skip -= 1,
                Part::Row(row) => {
                    draw_row(pen, row_of(area, y), row);
                    y += 1;
                }
                Part::Flow { rows, .. } if skip >= *rows => skip -= rows,
                Part::Flow { spans, hang, rows } => {
                    for at in std::mem::take(&mut skip)..*rows {
                        let place = row_of(area, y);
                        if place.height == 0 {
                            break;
                        }
                        let (from, to, indent) = flow_range(at, self.width, *hang);
                        let cut = cut_out(spans, from, to);
                        pen.spans(place.x + indent, place.y, place.width - indent, &cut);
                        y += 1;
                    }
                }
            }
        }
    }
}

fn draw_row(pen: &mut Pen<'_>, place: Rect, row: &Row<'_>) {
    pen.spans(place.x, place.y, place.width, &row.spans);
    if row.chosen {
        pen.restyle(place, pen.styles.selection);
    }
    if let Some(target) = row.hit {
        pen.hit(place, target);
    }
    if let Some((from, width, target)) = row.part {
        let x = place.x.saturating_add(from);
        pen.hit(Rect { x, width: width.min(place.right().saturating_sub(x)), ..place }, target);
    }
}

/// First and last byte of a row of a line that goes on, and the blanks before it.
fn flow_range(row: usize, width: u16, hang: u16) -> (usize, usize, u16) {
    let whole = usize::from(width.max(1));
    let further = whole - usize::from(hang);
    match row {
        0 => (0, whole, 0),
        row => {
            let from = whole + (row - 1) * further;
            (from, from + further, hang)
        }
    }
}

/// The bytes of that range over all spans, which are ASCII.
fn cut_out<'a>(spans: &'a [Span<'_>], from: usize, to: usize) -> Vec<Span<'a>> {
    let mut out = Vec::new();
    let mut at = 0;
    for (text, style) in spans {
        let (begin, end) = (from.max(at), to.min(at + text.len()));
        if begin < end {
            out.push(span(&text[begin - at..end - at], *style));
        }
        at += text.len();
    }
    out
}

/// A text, with another one to its right if there is room for that.
pub(in crate::tui) struct Page<'a> {
    left: Doc<'a>,
    right: Option<Doc<'a>>,
}

/// From this width on, two texts stand side by side.
pub(super) const BESIDE: u16 = 106;

impl<'a> Page<'a> {
    /// Two empty texts for a page in the manner of `base`: as wide as it if they will stand one
    /// above the other, or if there will only be the first one.
    pub(in crate::tui) fn halves(base: &Doc<'_>, two: bool) -> (Doc<'a>, Doc<'a>) {
        let width = base.width;
        if width < BESIDE || !two {
            return (base.beside(width), base.beside(width));
        }
        let left = (width - 3) / 2;
        let mut narrow = base.beside(left);
        narrow.half = true;
        (narrow, base.beside(width - 3 - left))
    }

    /// Puts two texts together that [`Page::halves`] made.
    pub(in crate::tui) fn of(mut left: Doc<'a>, right: Doc<'a>) -> Page<'a> {
        if right.rows() == 0 {
            return Page::one(left);
        }
        if left.half {
            return Page { left, right: Some(right) };
        }
        if left.rows() > 0 {
            left.blank();
        }
        left.append(right);
        Page::one(left)
    }

    /// A page of one text.
    pub(in crate::tui) fn one(doc: Doc<'a>) -> Page<'a> {
        Page { left: doc, right: None }
    }

    pub(in crate::tui) fn rows(&self) -> usize {
        self.left.rows().max(self.right.as_ref().map_or(0, Doc::rows))
    }

    pub(in crate::tui) fn draw(&self, pen: &mut Pen<'_>, area: Rect, first: usize) {
        let Some(right) = &self.right else {
            self.left.draw(pen, area, first);
            return;
        };
        self.left.draw(pen, Rect { width: self.left.width.min(area.width), ..area }, first);
        let x = area.x.saturating_add(self.left.width + 3);
        let width = area.right().saturating_sub(x);
        right.draw(pen, Rect { x, width, ..area }, first);
        let style = pen.styles.border;
        for y in area.top()..area.bottom() {
            pen.cell(x - 2, y, 1, "│", style);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;

    fn shown(doc: &Doc<'_>, first: usize, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, doc.width, height);
        let mut buffer = Buffer::empty(area);
        let styles = Styles::default();
        let mut pen = Pen::new(&mut buffer, &styles);
        doc.draw(&mut pen, area, first);
        let row = |y| -> String { (0..doc.width).map(|x| buffer[(x, y)].symbol()).collect() };
        (0..height).map(|y| row(y).trim_end().to_owned()).collect()
    }

    fn doc(width: u16) -> Doc<'static> {
        Doc::new(&Styles::default(), width, &TimeZone::UTC)
    }

    #[test]
    fn a_long_line_goes_on_and_any_row_of_it_can_be_the_first() {
        let mut doc = doc(8);
        doc.push(vec![span("top", Style::new())]);
        doc.flow(vec![span("ab", Style::new()), span("cdefghijklmnopqrstu", Style::new())], 2);
        doc.push(vec![span("end", Style::new())]);
        let all = ["top", "abcdefgh", "  ijklmn", "  opqrst", "  u", "end"];
        assert_eq!(doc.rows(), all.len());
        for first in 0..all.len() {
            let seen = shown(&doc, first, 3);
            let expected: Vec<&str> =
                all[first..].iter().copied().chain(["", "", ""]).take(3).collect();
            assert_eq!(seen, expected, "from {first}");
        }
    }

    #[test]
    fn a_line_that_fits_is_one_row() {
        for length in [0, 7, 8] {
            let mut doc = doc(8);
            doc.flow(vec![span("x".repeat(length), Style::new())], 2);
            assert_eq!(doc.rows(), 1, "{length}");
        }
    }

    #[test]
    fn wide_and_hostile_characters_are_counted_in_cells() {
        let mut doc = doc(6);
        doc.flow(vec![span("漢字漢字", Style::new()), span("\u{1b}[2J", Style::new())], 2);
        assert_eq!(shown(&doc, 0, 4), ["漢 字 漢", "  字 \\x", "  1b[2", "  J"]);
        assert_eq!(doc.rows(), 4);
    }
}
