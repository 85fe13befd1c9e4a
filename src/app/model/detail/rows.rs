//! A payload of any size as rows of text, found where they are looked at.
//!
//! No row is known before it is asked for, and none is remembered. That works because where rows
//! begin follows from a few KiB around them. A line ends at its newline; a line longer than a
//! *block* is cut at every block's border that has no newline in the block before it; with a width,
//! what is left is cut where the window ends. So from any byte the beginning of its row is found by
//! looking back two blocks at most, in a payload of one line of a gigabyte as well.
//!
//! [`Rows::touched`] counts the bytes that were looked at; tests bound it.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use memchr::{memchr, memrchr};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::core::sanitize::{display_width, escape};

/// Bytes of a block where lines are wrapped.
const WRAPPED: usize = 4 * 1024;

/// Bytes of a block where they are not: the longest row.
const UNWRAPPED: usize = 16 * 1024;

/// Cells of a tab.
const TAB: usize = 4;

/// Rows of a payload. Cheap to make.
#[derive(Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    /// Cells of a row; `None` if lines are not wrapped.
    width: Option<usize>,
    block: usize,
    touched: Cell<u64>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes, without the line break.
    pub range: Range<usize>,
    /// A line begins here: it is not the rest of a longer one.
    pub starts_line: bool,
    /// Where the next row begins; `None` for the last one.
    pub next: Option<usize>,
}

/// One grapheme of a row as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph<'a> {
    /// Cells from the row's beginning.
    pub column: usize,
    pub width: usize,
    /// Its bytes in the payload.
    pub bytes: Range<usize>,
    /// What is drawn; safe for a terminal.
    pub text: Cow<'a, str>,
    /// `text` stands for what cannot be drawn.
    pub escaped: bool,
}

impl<'a> Rows<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8], width: Option<usize>) -> Rows<'a> {
        let block = if width.is_some() { WRAPPED } else { UNWRAPPED };
        Rows { bytes, width: width.map(|width| width.max(2)), block, touched: Cell::new(0) }
    }

    /// Bytes that were looked at so far.
    #[must_use]
    pub fn touched(&self) -> u64 {
        self.touched.get()
    }

    fn look(&self, range: Range<usize>) -> &'a [u8] {
        self.touched.set(self.touched.get() + range.len() as u64);
        &self.bytes[range]
    }

    /// The border of a block, moved back to the beginning of a character.
    fn border(&self, at: usize) -> usize {
        let at = at.min(self.bytes.len());
        (at.saturating_sub(3)..=at)
            .rev()
            .find(|at| self.bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80))
            .unwrap_or(at)
    }

    /// A place at or before `offset` where a row begins for certain.
    fn base(&self, offset: usize) -> usize {
        // No row begins behind the last byte but one that a newline opens.
        let anchor = offset.min(self.bytes.len().saturating_sub(1)) / self.block * self.block;
        if let Some(at) = memrchr(b'\n', self.look(anchor..offset)) {
            return anchor + at + 1;
        }
        let Some(before) = anchor.checked_sub(self.block) else { return 0 };
        if let Some(at) = memrchr(b'\n', self.look(before..anchor)) {
            return before + at + 1;
        }
        let border = self.border(anchor);
        // A newline at the border still belongs to the row before it.
        if self.bytes.get(border) == Some(&b'\n') { self.base(border - 1) } else { border }
    }

    /// Where a row that begins here must end at the latest, newlines and the width left aside.
    fn limit(&self, start: usize) -> usize {
        let mut at = (start / self.block + 1) * self.block;
        loop {
            if at >= self.bytes.len() {
                return self.bytes.len();
            }
            let border = self.border(at);
            let before = at - self.block;
            let cut = border > start
                && (before >= start || memrchr(b'\n', self.look(before..start)).is_none());
            if cut {
                return border;
            }
            at += self.block;
        }
    }

    /// The row that begins at this byte.
    #[must_use]
    pub fn row(&self, start: usize) -> Piece {
        let start = start.min(self.bytes.len());
        let limit = self.limit(start);
        let newline = memchr(b'\n', self.look(start..limit)).map(|at| start + at);
        let mut end = newline.unwrap_or(limit);
        let mut broken = newline.is_some() || self.bytes.get(limit) == Some(&b'\n');
        if let Some(width) = self.width {
            let fits = self.fit(start..end, width);
            // What is too wide goes on below; a return before the newline is no text.
            if fits < end && self.bytes[fits..end] != *b"\r" {
                end = fits;
                broken = false;
            }
        }
        let next = if broken { Some(end + 1) } else { Some(end) };
        let next = next.filter(|next| broken || *next < self.bytes.len());
        if broken && end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        let starts_line = start == 0 || self.bytes[start - 1] == b'\n';
        Piece { range: start..end, starts_line, next }
    }

    /// How far a row of this width reaches.
    fn fit(&self, range: Range<usize>, width: usize) -> usize {
        let bytes = &self.bytes[range.clone()];
        let plain = bytes.iter().take(width).take_while(|b| matches!(b, 0x20..=0x7e)).count();
        self.touched.set(self.touched.get() + plain as u64);
        if plain == bytes.len() || plain == width && !starts_mark(&bytes[plain..]) {
            return range.start + plain;
        }
        let mut end = range.start;
        self.glyphs(range, |glyph| {
            // What is wider than the window has a row of its own.
            let fits = glyph.column == 0 || glyph.column + glyph.width <= width;
            if fits {
                end = glyph.bytes.end;
            }
            fits
        });
        end
    }

    /// Goes through the graphemes of a row while `each` says true.
    pub fn glyphs(&self, range: Range<usize>, mut each: impl FnMut(Glyph<'a>) -> bool) {
        let mut column = 0;
        let mut at = range.start;
        let all = &self.bytes[range];
        for chunk in all.utf8_chunks() {
            for cluster in chunk.valid().graphemes(true) {
                let (text, width, escaped) = drawn(cluster);
                let bytes = at..at + cluster.len();
                at = bytes.end;
                self.touched.set(self.touched.get() + cluster.len() as u64);
                if !each(Glyph { column, width, bytes, text, escaped }) {
                    return;
                }
                column += width;
            }
            for byte in chunk.invalid() {
                let text = Cow::Owned(format!("\\x{byte:02x}"));
                let glyph = Glyph { column, width: 4, bytes: at..at + 1, text, escaped: true };
                at += 1;
                column += 4;
                if !each(glyph) {
                    return;
                }
            }
        }
    }

    /// The beginning of the row that holds this byte.
    #[must_use]
    pub fn at(&self, offset: usize) -> usize {
        let offset = offset.min(self.bytes.len());
        let mut start = self.base(offset);
        while let Some(next) = self.row(start).next.filter(|next| *next <= offset) {
            start = next;
        }
        start
    }

    /// The beginning of the row so many rows further down, or of the last one.
    #[must_use]
    pub fn down(&self, start: usize, rows: usize) -> usize {
        let mut at = start;
        for _ in 0..rows {
            match self.row(at).next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The beginning of the row so many rows further up, or of the first one.
    #[must_use]
    pub fn up(&self, start: usize, rows: usize) -> usize {
        let mut start = start.min(self.bytes.len());
        let mut left = rows;
        while left > 0 && start > 0 {
            let base = self.base(start - 1);
            let mut starts = Vec::new();
            let mut at = base;
            while at < start {
                starts.push(at);
                match self.row(at).next {
                    Some(next) => at = next,
                    None => break,
                }
            }
            if starts.len() >= left {
                return starts[starts.len() - left];
            }
            left -= starts.len();
            start = base;
        }
        start
    }

    /// Where a window of this height begins that ends with the last row.
    #[must_use]
    pub fn last_top(&self, height: usize) -> usize {
        self.up(self.at(self.bytes.len()), height.saturating_sub(1))
    }
}

/// Something that may join the character before it.
fn starts_mark(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|byte| *byte >= 0x80)
}

fn drawn(cluster: &str) -> (Cow<'_, str>, usize, bool) {
    if cluster == "\t" {
        return (Cow::Borrowed("    "), TAB, false);
    }
    let shown = escape(cluster);
    let escaped = matches!(shown, Cow::Owned(_));
    let width = display_width(&shown).max(1);
    (shown, width, escaped)
}

#[cfg(test)]
mod tests;
