//! Hostile text made safe to draw.
//!
//! Everything that came over a wire, from a file or from a clipboard passes through here before it
//! meets a terminal. A message may hold escape sequences that move the cursor, set the window title
//! or write the clipboard (OSC 52), bidirectional overrides that show a line in another order than
//! it has, characters that cannot be seen, and clusters whose width each terminal judges
//! differently, which shifts everything drawn to their right. All of these are shown as plain ASCII
//! (`\x1b`, `\u{202E}`), never dropped: a person looking for a fault must see that they are there.
//!
//! What is left alone: letters of all scripts with up to [`MAX_MARKS`] marks each, emoji of one
//! character. What is shown although it is often harmless: joiners, variation selectors, skin tones
//! and flags, because terminals disagree on the width of the cluster they make (tmux 3.3 keeps the
//! halves of a flag as two characters and leaves one of them behind). Copying a message copies its bytes, not this picture of them.
//!
//! Widths are counted as ratatui counts them: cluster by cluster.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(test)]
mod tests;

/// Marks of no width that one base character may carry before further ones are shown as escapes.
/// Real scripts need three or four (Hebrew with points and cantillation, Tibetan stacks).
pub const MAX_MARKS: usize = 4;

/// Cells a single grapheme cluster may fill before the rest of it is shown as escapes. Indic
/// conjuncts reach four; a chain made to overflow has no upper bound.
const MAX_CLUSTER_CELLS: usize = 6;

/// Cells between tab stops where tabs are shown as blanks.
pub const TAB_CELLS: usize = 4;

/// Upper bound of the source bytes that end up in one drawn cell, with marks at the cap and
/// clusters of which only the first character has a width. Bounds the work of [`preview`].
const MAX_BYTES_PER_CELL: usize = 128;

/// What becomes of newline and tab; everything else is always treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// `\n` and `\t`, as in a string literal.
    Literal,
    /// `⏎` and `→`, one cell each.
    OneLine,
    /// Newline stays, tab becomes blanks up to the next tab stop.
    Lines,
}

/// A stretch of a text and how it is drawn. See [`pieces`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Bytes of the source that this piece shows.
    pub range: Range<usize>,
    /// What to draw for them.
    pub shown: Cow<'a, str>,
    /// Whether `shown` is an escape rather than the text itself. Draw these in another style, so
    /// that a message that really contains `\x1b` as four characters can be told apart.
    pub escaped: bool,
}

/// Text with control, invisible and over-wide characters as escapes, newline and tab included
/// (`\n`, `\t`). Borrows when there is nothing to escape.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_text(text, Layout::Literal)
}

/// As [`escape`], for a preview on one line: newline shows as `⏎` and tab as `→`.
pub fn escape_line(text: &str) -> Cow<'_, str> {
    escape_text(text, Layout::OneLine)
}

/// As [`escape`], for a pane of lines: newline stays and a tab becomes blanks up to the next
/// multiple of [`TAB_CELLS`]. A carriage return is still shown (`\r`).
pub fn escape_multiline(text: &str) -> Cow<'_, str> {
    escape_text(text, Layout::Lines)
}

/// As [`escape`], for bytes that may not be UTF-8: each invalid byte is shown as `\xNN`.
pub fn escape_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return escape(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escape(chunk.valid()));
        for byte in chunk.invalid() {
            push_byte_escape(&mut out, *byte);
        }
    }
    Cow::Owned(out)
}

/// The text cut into stretches that are drawn as they are and single characters that are drawn as
/// escapes, in order and without gaps. For editors and viewers, which need to know which bytes
/// stand where. Newline and tab are pieces of their own, shown as `⏎` and `→`.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out: Vec<Piece<'_>> = Vec::new();
    scan(text, |range, escaped| {
        if escaped {
            let mut shown = String::new();
            let c = text[range.clone()].chars().next().unwrap_or('\u{FFFD}');
            push_escape(&mut shown, c, Layout::OneLine, 0);
            out.push(Piece { range, shown: Cow::Owned(shown), escaped: true });
            return true;
        }
        match out.last_mut() {
            Some(last) if !last.escaped => {
                last.range.end = range.end;
                last.shown = Cow::Borrowed(&text[last.range.clone()]);
            }
            _ => out.push(Piece {
                shown: Cow::Borrowed(&text[range.clone()]),
                range,
                escaped: false,
            }),
        }
        true
    });
    out
}

/// Cells a text fills when drawn by ratatui: the sum over its grapheme clusters; control
/// characters, which are not drawn, count nothing. Meant for text that was escaped.
pub fn display_width(text: &str) -> usize {
    if text.bytes().all(is_plain_byte) {
        return text.len();
    }
    text.graphemes(true).map(cluster_width).sum()
}

/// The text if it fills at most `cells`, otherwise as many whole clusters as leave room for the
/// ellipsis `…`, and the ellipsis. The result never fills more than `cells`; a double-width
/// cluster that would be cut in half is left out. Meant for text that was escaped.
pub fn truncate_to_width(text: &str, cells: usize) -> Cow<'_, str> {
    // Where plain bytes stand, each is a cell of its own. The last of them may still be the base of
    // a cluster, so what is looked at cluster by cluster begins with it.
    let plain =
        text.bytes().take(cells.saturating_add(1)).take_while(|b| is_plain_byte(*b)).count();
    if plain == text.len() && plain <= cells {
        return Cow::Borrowed(text);
    }
    if plain > cells && cells > 0 {
        return Cow::Owned(text[..cells - 1].to_owned() + "…");
    }
    let skipped = plain.min(cells).saturating_sub(1);
    let mut width = skipped;
    // Where the text is cut if it turns out not to fit.
    let mut cut = skipped;
    for (at, cluster) in text[skipped..].grapheme_indices(true) {
        let at = skipped + at;
        if width < cells {
            cut = at;
        }
        width += cluster_width(cluster);
        if width > cells {
            if cells == 0 {
                return Cow::Borrowed("");
            }
            let mut out = String::with_capacity(cut + '…'.len_utf8());
            out.push_str(&text[..cut]);
            out.push('…');
            return Cow::Owned(out);
        }
    }
    Cow::Borrowed(text)
}

/// One line that shows the beginning of a message in at most `cells` cells, with `…` where it was
/// cut. Text is escaped; a binary message is shown as text if its beginning is printable UTF-8 and
/// as hexadecimal bytes otherwise. The work is bounded by `cells`, not by the message's length.
pub fn preview(bytes: &[u8], is_text: bool, cells: usize) -> String {
    let limit = cells.saturating_add(1).saturating_mul(MAX_BYTES_PER_CELL);
    let head = if bytes.len() > limit { whole_chars(&bytes[..limit]) } else { bytes };
    if !is_text && !is_printable(head) {
        return hex_preview(bytes, cells);
    }
    let mut out = String::with_capacity(head.len().min(cells * 2 + 16));
    let mut room = Room { cells, used: 0 };
    for chunk in head.utf8_chunks() {
        if !push_bounded(&mut out, chunk.valid(), &mut room) {
            break;
        }
        for byte in chunk.invalid() {
            push_byte_escape(&mut out, *byte);
            room.used += 4;
        }
        if room.is_over() {
            break;
        }
    }
    if head.len() < bytes.len() && !room.is_over() {
        // Only reachable with clusters narrower than counted; the reader must still see the cut.
        out.push('…');
    }
    truncate_to_width(&out, cells).into_owned()
}

/// Cells left on a preview line.
struct Room {
    cells: usize,
    used: usize,
}

impl Room {
    fn is_over(&self) -> bool {
        self.used > self.cells
    }
}

/// Appends escaped text until the room is overfull; false when it is.
fn push_bounded(out: &mut String, text: &str, room: &mut Room) -> bool {
    scan(text, |range, escaped| {
        let from = out.len();
        let source = &text[range];
        if escaped {
            let c = source.chars().next().unwrap_or('\u{FFFD}');
            push_escape(out, c, Layout::OneLine, 0);
            room.used += display_width(&out[from..]);
        } else if source.is_ascii() {
            let take = source.len().min((room.cells + 1).saturating_sub(room.used));
            out.push_str(&source[..take]);
            room.used += take;
        } else {
            out.push_str(source);
            room.used += cluster_width(source);
        }
        !room.is_over()
    });
    !room.is_over()
}

fn hex_preview(bytes: &[u8], cells: usize) -> String {
    let mut out = String::with_capacity(cells + 4);
    for (i, byte) in bytes.iter().take(cells / 3 + 2).enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_hex(&mut out, *byte);
    }
    truncate_to_width(&out, cells).into_owned()
}

/// Bytes without a character cut off at their end; at most three bytes shorter.
fn whole_chars(bytes: &[u8]) -> &[u8] {
    for back in 1..=bytes.len().min(3) {
        let lead = bytes[bytes.len() - back];
        if lead & 0xC0 == 0x80 {
            continue;
        }
        let len = match lead {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
        return if len > back { &bytes[..bytes.len() - back] } else { bytes };
    }
    bytes
}

fn is_printable(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
    })
}

fn escape_text(text: &str, layout: Layout) -> Cow<'_, str> {
    if text.bytes().all(|b| is_plain_byte(b) || (b == b'\n' && layout == Layout::Lines)) {
        return Cow::Borrowed(text);
    }
    // Nothing is copied before the first escape.
    let mut out = String::new();
    let mut clean = 0;
    // Column of the byte `measured` of `out`, for tabs; kept up so that each byte is measured once.
    let (mut measured, mut column) = (0, 0);
    scan(text, |range, escaped| {
        if escaped && !(layout == Layout::Lines && &text[range.clone()] == "\n") {
            out.push_str(&text[clean..range.start]);
            clean = range.end;
            let c = text[range].chars().next().unwrap_or('\u{FFFD}');
            if c == '\t' && layout == Layout::Lines {
                if let Some(line) = out[measured..].rfind('\n') {
                    measured += line + 1;
                    column = 0;
                }
                column += display_width(&out[measured..]);
                measured = out.len();
            }
            push_escape(&mut out, c, layout, column);
        }
        true
    });
    if clean == 0 && out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[clean..]);
    Cow::Owned(out)
}

/// Calls `each` with every stretch of the text: a run of plain ASCII or one cluster to be drawn as
/// it is (false), or one character to be escaped (true). Stops when `each` returns false.
fn scan(text: &str, mut each: impl FnMut(Range<usize>, bool) -> bool) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|b| is_plain_byte(**b)).count();
        let end = at + run;
        // The last character of a run may carry a mark that follows it, so it goes with the cluster.
        let plain =
            if end < bytes.len() && bytes[end] >= 0x80 { run.saturating_sub(1) } else { run };
        if plain > 0 {
            if !each(at..at + plain, false) {
                return;
            }
            at += plain;
        }
        // A control character never joins with what follows, so most need no cluster search.
        if bytes.get(at).is_some_and(u8::is_ascii_control) {
            if !each(at..at + 1, true) {
                return;
            }
            at += 1;
            continue;
        }
        // From here, cluster by cluster, up to the next run of plain ASCII worth the name.
        let mut clusters = text[at..].grapheme_indices(true);
        let start = at;
        for (offset, cluster) in clusters.by_ref() {
            at = start + offset;
            let next = at + cluster.len();
            let plain = cluster.len() == 1 && is_plain_byte(bytes[at]);
            if plain && bytes.get(next).is_none_or(u8::is_ascii) {
                break;
            }
            if !scan_cluster(at, cluster, &mut each) {
                return;
            }
            at = next;
        }
    }
}

/// One grapheme cluster; false when `each` wants no more.
fn scan_cluster(
    at: usize,
    cluster: &str,
    each: &mut impl FnMut(Range<usize>, bool) -> bool,
) -> bool {
    let mut clean = at;
    // Whether something visible of this cluster stands there for marks to sit on.
    let mut based = false;
    let (mut cells, mut marks) = (0, 0);
    for (offset, c) in cluster.char_indices() {
        let here = at + offset;
        let width = c.width().unwrap_or(0);
        let escaped = is_hidden(c)
            || if width == 0 {
                marks += 1;
                !based || marks > MAX_MARKS
            } else {
                cells += width;
                cells > MAX_CLUSTER_CELLS
            };
        if !escaped {
            based = true;
            if width > 0 {
                marks = 0;
            }
            continue;
        }
        based = false;
        if here > clean && !each(clean..here, false) {
            return false;
        }
        clean = here + c.len_utf8();
        if !each(here..clean, true) {
            return false;
        }
    }
    let end = at + cluster.len();
    end == clean || each(clean..end, false)
}

fn is_plain_byte(byte: u8) -> bool {
    (0x20..0x7F).contains(&byte)
}

fn is_regional_indicator(c: char) -> bool {
    ('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
}

/// Characters that are never drawn as they are.
fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    match c {
        // C1 controls: U+009B is CSI to a terminal that reads eight bits.
        '\u{80}'..='\u{9F}'
        // Default_Ignorable_Code_Point (UAX 44): soft hyphen, joiners, fillers, bidirectional
        // controls, variation selectors, byte order mark, tags.
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        // Line and paragraph separator, interlinear annotation.
        | '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}'
        // Skin tones join with whatever stands before them.
        | '\u{1F3FB}'..='\u{1F3FF}'
        // Glyphs far wider than their cells: long dashes, ﷺ ﷻ ﷽ and two cuneiform signs.
        | '\u{2E3A}' | '\u{2E3B}' | '\u{FDFA}' | '\u{FDFB}' | '\u{FDFD}' | '\u{12219}'
        | '\u{1242B}'
        // Halfwidth sound marks: a mark to Unicode, a cell of its own to terminals.
        | '\u{FF9E}' | '\u{FF9F}' => true,
        _ if is_regional_indicator(c) => true,
        // Noncharacters.
        '\u{FDD0}'..='\u{FDEF}' => true,
        _ => u32::from(c) & 0xFFFE == 0xFFFE || c.width().is_some_and(|w| w > 2),
    }
}

fn push_escape(out: &mut String, c: char, layout: Layout, column: usize) {
    match (c, layout) {
        ('\n', Layout::Literal) => out.push_str("\\n"),
        ('\n', Layout::OneLine) => out.push('⏎'),
        ('\n', Layout::Lines) => out.push('\n'),
        ('\t', Layout::Literal) => out.push_str("\\t"),
        ('\t', Layout::OneLine) => out.push('→'),
        ('\t', Layout::Lines) => {
            out.extend(std::iter::repeat_n(' ', TAB_CELLS - column % TAB_CELLS));
        }
        ('\r', _) => out.push_str("\\r"),
        (c, _) if c.is_ascii() => push_byte_escape(out, c as u8),
        // Writing into a String cannot fail.
        (c, _) => {
            let _ = write!(out, "\\u{{{:04X}}}", u32::from(c));
        }
    }
}

fn push_byte_escape(out: &mut String, byte: u8) {
    out.push_str("\\x");
    push_hex(out, byte);
}

fn push_hex(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// As ratatui's `set_stringn`: clusters with a control character are not drawn.
fn cluster_width(cluster: &str) -> usize {
    if cluster.len() == 1 {
        return usize::from(is_plain_byte(cluster.as_bytes()[0]));
    }
    if cluster.contains(char::is_control) {
        return 0;
    }
    cluster.width()
}
