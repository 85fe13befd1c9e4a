//! Well-formedness of XML 1.0, without its document type definitions. Own, on the pieces that the
//! layout uses as well: a parser's error says what it expected, this says what a person left out.

use std::collections::HashSet;

use memchr::{memchr, memchr_iter, memmem};

use super::{TOO_DEEP, short};
use crate::payload::markup::{DEEPEST, Dialect, Part, Piece, Pieces};
use crate::payload::problem::Problem;
use crate::payload::watch::Watch;

struct Check<'a> {
    text: &'a str,
    /// Start and name of the elements that are open.
    open: Vec<(usize, &'a str)>,
    had_root: bool,
    /// A document type may define entities that we do not know.
    has_doctype: bool,
}

pub(super) fn validate(text: &str, mut watch: Watch<'_>) -> Result<(), Problem> {
    let mut check = Check { text, open: Vec::new(), had_root: false, has_doctype: false };
    let start = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    for piece in Pieces::new(&text[start..], Dialect::Xml) {
        let range = start + piece.range.start..start + piece.range.end;
        if !watch.goes_on(range.end) {
            return Ok(());
        }
        check.piece(&Piece { range, ..piece }, start)?;
    }
    if let Some((at, name)) = check.open.last() {
        return Err(Problem::at(text, *at, format!("<{}> is not closed", short(name))));
    }
    if !check.had_root {
        return Err(Problem::at(text, text.len(), "there is no element"));
    }
    Ok(())
}

impl<'a> Check<'a> {
    fn problem<T>(&self, byte: usize, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem::at(self.text, byte, message))
    }

    fn piece(&mut self, piece: &Piece<'a>, first: usize) -> Result<(), Problem> {
        let (start, source) = (piece.range.start, &self.text[piece.range.clone()]);
        if !piece.closed {
            return self.problem(
                start,
                match piece.part {
                    Part::Comment => "this comment is not closed: --> is missing",
                    Part::CData => "this CDATA section is not closed: ]]> is missing",
                    Part::Instruction => "this processing instruction is not closed: ?> is missing",
                    Part::Declaration => "this declaration is not closed: > is missing",
                    _ => "this tag is not closed: > or a closing quote is missing",
                },
            );
        }
        self.characters(start, source)?;
        match piece.part {
            Part::Text => self.text(start, source),
            Part::CData if self.open.is_empty() => {
                self.problem(start, "there is text outside of the root element")
            }
            Part::CData => Ok(()),
            Part::Comment => match memmem::find(&source.as_bytes()[4..source.len() - 3], b"--") {
                Some(found) => self.problem(start + 4 + found, "-- cannot stand in a comment"),
                None => Ok(()),
            },
            Part::Instruction => {
                let name = source[2..].split(|c: char| c.is_ascii_whitespace() || c == '?').next();
                if name.is_some_and(|n| n.eq_ignore_ascii_case("xml")) && start != first {
                    return self
                        .problem(start, "the XML declaration must be the very first in the text");
                }
                Ok(())
            }
            Part::Declaration => {
                if self.had_root {
                    return self
                        .problem(start, "a declaration cannot stand after the root element");
                }
                self.has_doctype = true;
                Ok(())
            }
            Part::Start { name, empty } => self.start(piece, name, empty),
            Part::End { name } => self.end(start, source, name),
        }
    }

    fn start(&mut self, piece: &Piece<'a>, name: &'a str, empty: bool) -> Result<(), Problem> {
        let start = piece.range.start;
        self.name(start + 1, name, "a tag")?;
        if self.open.is_empty() && self.had_root {
            return self.problem(start, "there is a second root element");
        }
        self.had_root = true;
        let end = piece.range.end - if empty { 2 } else { 1 };
        self.attributes(start + 1 + name.len(), end)?;
        if !empty {
            if self.open.len() >= DEEPEST {
                return self.problem(start, TOO_DEEP);
            }
            self.open.push((start, name));
        }
        Ok(())
    }

    fn end(&mut self, start: usize, source: &str, name: &str) -> Result<(), Problem> {
        if let Some(junk) = source[2 + name.len()..source.len() - 1].find(|c: char| !is_space(c)) {
            return self.problem(start + 2 + name.len() + junk, "an end tag holds only its name");
        }
        match self.open.pop() {
            Some((_, open)) if open == name => Ok(()),
            Some((at, open)) => {
                let line = Problem::at(self.text, at, "").line;
                self.problem(
                    start,
                    format!(
                        "</{}> stands where </{}> should close line {line}",
                        short(name),
                        short(open)
                    ),
                )
            }
            None => self.problem(start, format!("</{}> closes nothing", short(name))),
        }
    }

    fn text(&self, start: usize, source: &str) -> Result<(), Problem> {
        if self.open.is_empty()
            && let Some(found) = source.find(|c: char| !is_space(c))
        {
            return self.problem(start + found, "there is text outside of the root element");
        }
        if let Some(found) = memmem::find(source.as_bytes(), b"]]>") {
            return self.problem(start + found, "]]> cannot stand in text (write ]]&gt;)");
        }
        self.references(start, source)
    }

    /// Each `&` must begin a reference that means something.
    fn references(&self, start: usize, source: &str) -> Result<(), Problem> {
        /// Longer names are not looked for the end of.
        const LONGEST: usize = 256;
        for at in memchr_iter(b'&', source.as_bytes()) {
            let after = &source.as_bytes()[at + 1..source.len().min(at + LONGEST)];
            let Some(end) = memchr(b';', after) else {
                return self.problem(start + at, "an & must begin an entity (write &amp;)");
            };
            let name = &source[at + 1..at + 1 + end];
            let number = name.strip_prefix('#').map(|digits| match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            });
            let known = match number {
                Some(number) => {
                    !name.contains('+')
                        && number.ok().and_then(char::from_u32).is_some_and(is_character)
                }
                None if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") => true,
                None => self.has_doctype && is_name(name),
            };
            if !known {
                let message = if is_name(name) {
                    format!("the entity &{}; is not known", short(name))
                } else {
                    "an & must begin an entity (write &amp;)".to_owned()
                };
                return self.problem(start + at, message);
            }
        }
        Ok(())
    }

    fn attributes(&self, mut at: usize, end: usize) -> Result<(), Problem> {
        let mut seen: HashSet<&str> = HashSet::new();
        let text = &self.text[..end];
        loop {
            let name = text[at..].trim_start_matches(is_space);
            let spaced = name.len() < text.len() - at;
            at = text.len() - name.len();
            if name.is_empty() {
                return Ok(());
            }
            if !spaced {
                return self.problem(at, "a blank is missing before this attribute");
            }
            let name = &name[..name.find(|c| is_space(c) || c == '=').unwrap_or(name.len())];
            self.name(at, name, "an attribute")?;
            if !seen.insert(name) {
                return self.problem(at, format!("the attribute {} stands twice", short(name)));
            }
            let rest = text[at + name.len()..].trim_start_matches(is_space);
            let Some(value) = rest.strip_prefix('=') else {
                return self.problem(at, format!("the attribute {} has no value", short(name)));
            };
            let value = value.trim_start_matches(is_space);
            at = text.len() - value.len();
            let Some(quote) = value.bytes().next().filter(|b| matches!(b, b'"' | b'\'')) else {
                return self.problem(at, "an attribute's value must stand in quotes");
            };
            let Some(length) = memchr(quote, &value.as_bytes()[1..]) else {
                return self.problem(at, "the closing quote is missing");
            };
            let value = &value[1..=length];
            at += 1;
            if let Some(found) = memchr(b'<', value.as_bytes()) {
                return self.problem(
                    at + found,
                    "< cannot stand in an attribute (write &lt;): is a quote missing?",
                );
            }
            self.references(at, value)?;
            at += length + 1;
        }
    }

    fn name(&self, at: usize, name: &str, of: &str) -> Result<(), Problem> {
        if is_name(name) {
            return Ok(());
        }
        if name.is_empty() {
            return self
                .problem(at, format!("the name of {of} is missing (write &lt; for a bare <)"));
        }
        self.problem(at, format!("{} cannot be the name of {of}", short(name)))
    }

    fn characters(&self, start: usize, source: &str) -> Result<(), Problem> {
        // Bytes first: nearly every text is clean, and this is one fast pass over it.
        if source.bytes().all(|b| b >= 0x20 && b != 0xEF || matches!(b, b'\t' | b'\n' | b'\r')) {
            return Ok(());
        }
        match source.char_indices().find(|(_, c)| !is_character(*c)) {
            Some((found, c)) => self.problem(
                start + found,
                format!("the character U+{:04X} cannot stand in XML", u32::from(c)),
            ),
            None => Ok(()),
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// XML 1.0, production 2.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

/// XML 1.0, production 5, with every character beyond ASCII taken for a letter.
fn is_name(name: &str) -> bool {
    let start = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || b >= 0x80;
    name.bytes().next().is_some_and(start)
        && name.bytes().all(|b| start(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::progress::Progress;

    fn validate(text: &str) -> Result<(), Problem> {
        super::validate(text, Watch::new(&Progress::default(), 0))
    }

    #[test]
    fn well_formed_texts_have_no_problem() {
        for text in [
            "<a/>",
            "\u{FEFF}<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a b=\"1\" c = '&lt;'>&e;</a>\n<!-- c -->",
            "<x:a xmlns:x='urn:y'>日 &#65;&#x1F600;<![CDATA[ <&]]> <b\n/></x:a >",
            "<日本>t</日本>",
        ] {
            assert_eq!(validate(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn problems_are_placed_and_named() {
        for (text, line, column, message) in [
            ("<a>\n <b>\n</a>", 3, 1, "</a> stands where </b> should close line 2"),
            ("<a><b/>", 1, 1, "<a> is not closed"),
            ("<a/></b>", 1, 5, "</b> closes nothing"),
            ("<a/><b/>", 1, 5, "there is a second root element"),
            ("<a/> x", 1, 6, "there is text outside of the root element"),
            ("hello", 1, 1, "there is text outside of the root element"),
            ("<!-- -->", 1, 9, "there is no element"),
            ("<a>ñ & b</a>", 1, 6, "an & must begin an entity (write &amp;)"),
            ("<a>&nbsp;</a>", 1, 4, "the entity &nbsp; is not known"),
            ("<a>&#0;</a>", 1, 4, "an & must begin an entity (write &amp;)"),
            ("<a b=1/>", 1, 6, "an attribute's value must stand in quotes"),
            ("<a b/>", 1, 4, "the attribute b has no value"),
            ("<a b='1'c='2'/>", 1, 9, "a blank is missing before this attribute"),
            ("<a b='1' b='2'/>", 1, 10, "the attribute b stands twice"),
            (
                "<a b='<'/>",
                1,
                7,
                "< cannot stand in an attribute (write &lt;): is a quote missing?",
            ),
            ("<1/>", 1, 2, "1 cannot be the name of a tag"),
            ("<a> < </a>", 1, 6, "the name of a tag is missing (write &lt; for a bare <)"),
            ("<a", 1, 1, "this tag is not closed: > or a closing quote is missing"),
            ("<a><!-- x", 1, 4, "this comment is not closed: --> is missing"),
            ("<a><!-- x -- y --></a>", 1, 11, "-- cannot stand in a comment"),
            ("<a>]]></a>", 1, 4, "]]> cannot stand in text (write ]]&gt;)"),
            (
                " <?xml version='1.0'?><a/>",
                1,
                2,
                "the XML declaration must be the very first in the text",
            ),
            ("<a>\u{1}</a>", 1, 4, "the character U+0001 cannot stand in XML"),
        ] {
            let problem = validate(text).unwrap_err();
            let got = (problem.line, problem.column, problem.message.as_str());
            assert_eq!(got, (line, column, message), "{text:?}");
        }
    }

    /// A second opinion: what another reader refuses, we refuse.
    fn refused_elsewhere(text: &str) -> bool {
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().enable_all_checks(true);
        let mut depth = 0i32;
        loop {
            match reader.read_event() {
                Err(_) => return true,
                Ok(quick_xml::events::Event::Eof) => return depth != 0,
                Ok(quick_xml::events::Event::Start(tag)) => {
                    depth += 1;
                    if tag.attributes().any(|a| a.is_err()) {
                        return true;
                    }
                }
                Ok(quick_xml::events::Event::Empty(tag)) => {
                    if tag.attributes().any(|a| a.is_err()) {
                        return true;
                    }
                }
                Ok(quick_xml::events::Event::End(_)) => depth -= 1,
                Ok(_) => {}
            }
        }
    }

    proptest! {
        #[test]
        fn what_another_reader_refuses_is_refused(parts in prop::collection::vec(prop::sample::select(vec![
            "<a>", "</a>", "<a x='1'>", "<c/>", "t", " ", "<!-- c -->", "<!--", "-->", "&amp;", "&", "'",
            "\"", "<b y=\"", "\">", "</b>", "=", "x", ">", "<", "<![CDATA[", "]]>", "<?p ?>", "日", "<b>",
        ]), 0..12)) {
            let text = format!("<r>{}</r>", parts.concat());
            if refused_elsewhere(&text) {
                prop_assert!(validate(&text).is_err(), "{}", text);
            }
        }
    }
}
