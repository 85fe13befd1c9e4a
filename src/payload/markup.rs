//! XML and HTML cut into tags, text and the rest. Tolerant: every text has exactly one way to be
//! cut, what is not closed runs to the end, and the pieces laid end to end are the text.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

/// Which of the two languages is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Every `<` opens something.
    Xml,
    /// A `<` opens something only before a letter, `/`, `!` or `?`; the content of some elements
    /// is raw text.
    Html,
}

/// Open elements that are kept track of. A text of `<a>` over and over would otherwise need ten
/// times its size; what nests deeper is neither laid out nor checked.
pub const DEEPEST: usize = 100_000;

/// What a stretch of markup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Between tags, entities included; also the raw content of `script` and its like.
    Text,
    /// A start tag. `empty` if it ends in `/>`.
    Start { name: &'a str, empty: bool },
    /// An end tag.
    End { name: &'a str },
    /// `<!-- … -->`
    Comment,
    /// `<![CDATA[ … ]]>`
    CData,
    /// `<? … ?>`, the XML declaration included.
    Instruction,
    /// `<!DOCTYPE … >` and other declarations.
    Declaration,
}

/// A stretch and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it is.
    pub part: Part<'a>,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// False if the text ended before the stretch did.
    pub closed: bool,
}

/// Elements whose content is not markup (HTML, "raw text" and "escapable raw text" elements).
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// The raw-text element of this name.
pub fn raw_element(name: &str) -> Option<&'static str> {
    RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name))
}

/// Cuts a text; see the module.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    raw: Option<&'static str>,
}

impl<'a> Pieces<'a> {
    /// The pieces of a whole text, from its beginning.
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Pieces { text, dialect, at: 0, raw: None }
    }

    fn text_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(found) = memchr(b'<', &bytes[at..]) {
            at += found;
            if self.opens(at) {
                return at;
            }
            at += 1;
        }
        bytes.len()
    }

    fn opens(&self, at: usize) -> bool {
        self.dialect == Dialect::Xml
            || matches!(
                self.text.as_bytes().get(at + 1),
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?')
            )
    }

    /// The offset after `end`, looked for from `from` on.
    fn through(&self, from: usize, end: &[u8]) -> (usize, bool) {
        let from = from.min(self.text.len());
        match memmem::find(&self.text.as_bytes()[from..], end) {
            Some(found) => (from + found + end.len(), true),
            None => (self.text.len(), false),
        }
    }

    /// The offset after a `>` outside quotes.
    fn tag_end(&self, from: usize) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let mut at = from.min(bytes.len());
        while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[at..]) {
            at += found + 1;
            let quote = bytes[at - 1];
            if quote == b'>' {
                return (at, true);
            }
            match memchr(quote, &bytes[at..]) {
                Some(found) => at += found + 1,
                None => return (bytes.len(), false),
            }
        }
        (bytes.len(), false)
    }

    /// The offset after a declaration, which may hold an internal subset in brackets.
    fn declaration_end(&self, from: usize) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let mut brackets = 0usize;
        let mut at = from.min(bytes.len());
        while at < bytes.len() {
            match bytes[at] {
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'>' if brackets == 0 => return (at + 1, true),
                quote @ (b'"' | b'\'') => match memchr(quote, &bytes[at + 1..]) {
                    Some(found) => at += found + 1,
                    None => return (bytes.len(), false),
                },
                b'<' if bytes[at..].starts_with(b"<!--") => {
                    let (end, closed) = self.through(at + 4, b"-->");
                    if !closed {
                        return (end, false);
                    }
                    at = end - 1;
                }
                _ => {}
            }
            at += 1;
        }
        (bytes.len(), false)
    }

    /// Where the raw content of an element ends: at `</name`, or at the end of the text.
    fn raw_end(&self, name: &str) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(found) = memmem::find(&bytes[at..], b"</") {
            at += found;
            let after = &bytes[at + 2..];
            if after.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
                && !after.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
            {
                return at;
            }
            at += 2;
        }
        bytes.len()
    }

    fn name_at(&self, from: usize, end: usize) -> &'a str {
        let rest = &self.text[from.min(end)..end];
        let len = rest
            .bytes()
            .position(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>' | b'<'))
            .unwrap_or(rest.len());
        &rest[..len]
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = self.raw.take() {
            let end = self.raw_end(name);
            if end > start {
                self.at = end;
                return Some(Piece { part: Part::Text, range: start..end, closed: true });
            }
        }
        if rest[0] != b'<' || !self.opens(start) {
            self.at = self.text_end();
            return Some(Piece { part: Part::Text, range: start..self.at, closed: true });
        }
        let (part, (end, closed)) = if rest.starts_with(b"<!--") {
            (Part::Comment, self.through(start + 4, b"-->"))
        } else if rest.starts_with(b"<![CDATA[") {
            (Part::CData, self.through(start + 9, b"]]>"))
        } else if rest.starts_with(b"<!") {
            (Part::Declaration, self.declaration_end(start + 2))
        } else if rest.starts_with(b"<?") {
            // HTML has none and ends them, as bogus comments, at the first `>`.
            let end: &[u8] = if self.dialect == Dialect::Xml { b"?>" } else { b">" };
            (Part::Instruction, self.through(start + 2, end))
        } else if rest.starts_with(b"</") {
            let (end, closed) = self.through(start + 2, b">");
            (Part::End { name: self.name_at(start + 2, end) }, (end, closed))
        } else {
            let (end, closed) = self.tag_end(start + 1);
            let name = self.name_at(start + 1, end);
            let empty = closed && end - start > 2 && self.text.as_bytes()[end - 2] == b'/';
            if self.dialect == Dialect::Html && closed {
                self.raw = raw_element(name);
            }
            (Part::Start { name, empty }, (end, closed))
        };
        self.at = end;
        Some(Piece { part, range: start..end, closed })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str, dialect: Dialect) -> Vec<(Part<'_>, &str)> {
        Pieces::new(text, dialect).map(|p| (p.part, &text[p.range])).collect()
    }

    #[test]
    fn xml_is_cut() {
        let text = "<?xml v?><!DOCTYPE a [<!ELEMENT a ']>'>]><a b='>'><!-- <x> --><c/>t&amp;<![CDATA[<]]></a>";
        let parts = [
            (Part::Instruction, "<?xml v?>"),
            (Part::Declaration, "<!DOCTYPE a [<!ELEMENT a ']>'>]>"),
            (Part::Start { name: "a", empty: false }, "<a b='>'>"),
            (Part::Comment, "<!-- <x> -->"),
            (Part::Start { name: "c", empty: true }, "<c/>"),
            (Part::Text, "t&amp;"),
            (Part::CData, "<![CDATA[<]]>"),
            (Part::End { name: "a" }, "</a>"),
        ];
        assert_eq!(cut(text, Dialect::Xml), parts);
    }

    #[test]
    fn html_leaves_raw_text_and_loose_brackets_alone() {
        let text = "a < b<script>if (a</b>c) '</scripts>'</SCRIPT><br>";
        let parts = [
            (Part::Text, "a < b"),
            (Part::Start { name: "script", empty: false }, "<script>"),
            (Part::Text, "if (a</b>c) '</scripts>'"),
            (Part::End { name: "SCRIPT" }, "</SCRIPT>"),
            (Part::Start { name: "br", empty: false }, "<br>"),
        ];
        assert_eq!(cut(text, Dialect::Html), parts);
    }

    #[test]
    fn what_is_not_closed_runs_to_the_end() {
        for text in ["<a", "<a b='x>", "<!-- x", "<![CDATA[x", "<?x", "<!DOCTYPE a [", "</a"] {
            let pieces: Vec<_> = Pieces::new(text, Dialect::Xml).collect();
            assert_eq!(pieces.len(), 1, "{text}");
            assert!(!pieces[0].closed, "{text}");
        }
    }

    proptest! {
        #[test]
        fn pieces_laid_end_to_end_are_the_text(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<", ">", "/", "</", "a", "script", "</script>", "'", "\"", "<!--", "-->", "<![CDATA[",
                "]]>", "<?", "?>", "<!", "[", "]", " ", "=", "日", "&amp;", "<br>", "\n",
            ]), 0..30),
            html: bool,
        ) {
            let text = parts.concat();
            let mut at = 0;
            for piece in Pieces::new(&text, if html { Dialect::Html } else { Dialect::Xml }) {
                prop_assert_eq!(piece.range.start, at);
                prop_assert!(piece.range.end > at);
                at = piece.range.end;
                prop_assert!(text.is_char_boundary(at));
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
