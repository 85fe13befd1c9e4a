//! What a word is, and where the next one starts or ends.
//!
//! Words are those of UAX #29, cut once more at ASCII punctuation other than `_` and `'`: the standard takes
//! `example.com` and `key:value` for one word each, which helps nobody who edits URLs and JSON.

use std::ops::Range;

use ropey::Rope;
use unicode_segmentation::UnicodeSegmentation;

/// How far is looked for the end of a word, tried in this order. A longer word is gone through in pieces.
const REACHES: [usize; 3] = [256, 4096, 65_536];

/// The kind of a piece of text, for word motions and for grouping typed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Blank,
    Word,
    Sign,
}

/// The class of a character.
pub(super) fn class(c: char) -> Class {
    if c.is_whitespace() {
        Class::Blank
    } else if c.is_alphanumeric() || c == '_' {
        Class::Word
    } else {
        Class::Sign
    }
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    class: Class,
}

/// Pieces of a text with character offsets that start at `base`. Neighbouring signs are one piece.
fn pieces(text: &str, base: usize) -> Vec<Piece> {
    let cuts = |c: char| c.is_ascii_punctuation() && c != '_' && c != '\'';
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = base;
    for segment in text.split_word_bounds() {
        for part in segment.split_inclusive(cuts) {
            // `split_inclusive` leaves the sign at the end of its part: "a." is a word and a sign.
            let sign = part.chars().next_back().filter(|&c| cuts(c));
            let word = part.len() - sign.map_or(0, char::len_utf8);
            for run in [&part[..word], &part[word..]] {
                let Some(first) = run.chars().next() else {
                    continue;
                };
                let end = at + run.chars().count();
                let class = if run.chars().any(|c| class(c) == Class::Word) {
                    Class::Word
                } else {
                    class(first)
                };
                match pieces.last_mut() {
                    Some(last) if last.class == class && class != Class::Word => last.end = end,
                    _ => pieces.push(Piece { start: at, end, class }),
                }
                at = end;
            }
        }
    }
    pieces
}

fn text(rope: &Rope, range: Range<usize>) -> String {
    rope.slice(range).chunks().collect()
}

/// The end of the word after `at`: blanks are skipped, signs before a word too.
pub(super) fn end_after(rope: &Rope, at: usize) -> usize {
    let len = rope.len_chars();
    let mut stop = at;
    for reach in REACHES {
        stop = (at + reach).min(len);
        let found =
            pieces(&text(rope, at..stop), at).into_iter().find(|piece| piece.class == Class::Word);
        match found {
            Some(piece) if piece.end < stop || stop == len => return piece.end,
            _ if stop == len => return len,
            _ => {}
        }
    }
    stop
}

/// The start of the word before `at`: blanks are skipped, signs after a word too.
pub(super) fn start_before(rope: &Rope, at: usize) -> usize {
    let mut stop = at;
    for reach in REACHES {
        stop = at.saturating_sub(reach);
        let found = pieces(&text(rope, stop..at), stop)
            .into_iter()
            .rfind(|piece| piece.class == Class::Word);
        match found {
            Some(piece) if piece.start > stop || stop == 0 => return piece.start,
            _ if stop == 0 => return 0,
            _ => {}
        }
    }
    stop
}

/// The word, blanks or signs that hold the character `at`.
pub(super) fn around(rope: &Rope, at: usize) -> Range<usize> {
    let len = rope.len_chars();
    let mut widest = at.min(len)..at.min(len);
    for reach in REACHES {
        let start = at.saturating_sub(reach).min(len);
        let end = (at + reach).min(len);
        let found = pieces(&text(rope, start..end), start)
            .into_iter()
            .find(|piece| piece.start <= at && at < piece.end);
        let Some(piece) = found else {
            break;
        };
        widest = piece.start..piece.end;
        if (piece.start > start || start == 0) && (piece.end < end || end == len) {
            break;
        }
    }
    widest
}
