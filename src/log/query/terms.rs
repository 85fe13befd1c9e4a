//! The terms in words: what help shows and what a line being typed is offered.

use std::ops::Range;

/// A term as it is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermHelp {
    /// What is put in for it.
    pub insert: &'static str,
    /// An example that can be typed as it is.
    pub example: &'static str,
    /// What it asks, in a few words.
    pub does: &'static str,
}

/// All terms, in the order in which they are offered.
pub const TERMS: &[TermHelp] = &[
    term("in", "in", "received"),
    term("out", "out", "sent"),
    term("type:", "type:text,binary", "text, binary, ping, pong, close, note"),
    term("size>", "size>10k", "bytes: 512, 10k, 1.5M; size:1k..1M"),
    term("time>", "time>12:01:05", "time of day or 2026-11-25T12:01; time:12:00..12:05"),
    term("since:", "since:5m", "the last 30s, 5m, 1h30m, 2d"),
    term("#", "#100..200", "numbers of rows"),
    term("\"", "\"timeout\"", "text in the payload; \"Timeout\"c minds the case"),
    term("/", "/user \\d+/i", "regular expression; i ignores the case"),
    term("$.", "$.type == \"error\"", "JSON: == != < <= > >= =~ !~ exists; $..id, $.items[*].id"),
    term("not ", "not ping", "what does not fit"),
    term("or ", "ping or pong", "either; terms side by side all have to fit"),
];

const fn term(insert: &'static str, example: &'static str, does: &'static str) -> TermHelp {
    TermHelp { insert, example, does }
}

/// The language on a page.
#[must_use]
pub fn language() -> String {
    let widest = TERMS.iter().map(|term| term.example.len()).max().unwrap_or(0);
    let mut page = String::new();
    for TermHelp { example, does, .. } in TERMS {
        page.push_str(&format!("{example:<widest$}  {does}\n"));
    }
    page.push('\n');
    page.push_str(REMARKS);
    page
}

const REMARKS: &str = "\
Terms side by side all have to fit; or, and, not and ( ) combine them.
Plain words and texts in quotes ignore case; \"Text\"c minds it.
JSON paths: .name  ['any name']  [0]  [*]  ..name at any depth. One value
that fits is enough. != asks for a value that is there and differs;
not $.a == 1 is also true where there is no a. A text that reads as a
number is compared with a number as one.
k, M and G are 1024 of the unit below; kB, MB and GB are 1000.
12:01 is that whole minute: time>12:01 begins at 12:02:00.
Lines of ours (connected, closed) fit by type:note, time, number and text.
In a payload of several MiB an expression finds what fits 64 KiB.
";

/// What may stand in place of the word before the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Bytes of the line that it replaces.
    pub replaces: Range<usize>,
    pub terms: Vec<&'static TermHelp>,
}

/// The terms that begin like the word before the cursor; all of them where no word has begun.
#[must_use]
pub fn offers(line: &str, cursor: usize) -> Offer {
    let cursor = line.floor_char_boundary(cursor);
    let before = &line[..cursor];
    let start = before.rfind([' ', '(', ')']).map_or(0, |at| at + 1);
    let word = before[start..].to_ascii_lowercase();
    let terms = TERMS
        .iter()
        .filter(|term| {
            term.insert.starts_with(&word) && (word.is_empty() || term.insert.trim_end() != word)
        })
        .collect();
    Offer { replaces: start..cursor, terms }
}
