//! Colours of XML and HTML.

use memchr::{memchr, memchr2, memmem};

use super::{Class, LineState};
use crate::payload::markup::{Dialect, raw_element};

/// An HTML element whose content is not markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Raw {
    Script,
    Style,
    Textarea,
    Title,
}

impl Raw {
    fn from_name(name: &str) -> Option<Raw> {
        Some(match raw_element(name)? {
            "script" => Raw::Script,
            "style" => Raw::Style,
            "textarea" => Raw::Textarea,
            _ => Raw::Title,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Raw::Script => "script",
            Raw::Style => "style",
            Raw::Textarea => "textarea",
            Raw::Title => "title",
        }
    }
}

/// Where in a tag a line ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagState {
    /// What begins after the tag.
    raw: Option<Raw>,
    /// The quote of an attribute's value that is open.
    quote: Option<u8>,
    /// Whether a value is due: an `=` came before.
    value: bool,
}

pub(super) fn lex(
    text: &str,
    state: LineState,
    dialect: Dialect,
    each: &mut impl FnMut(usize, Class),
) -> LineState {
    let mut lexer = Lexer { text, at: 0, dialect, each };
    let mut state = state;
    while lexer.at < text.len() {
        state = match state {
            LineState::Normal | LineState::JsonString { .. } => lexer.content(),
            LineState::Tag(tag) => lexer.tag(tag),
            LineState::Comment => lexer.through(b"-->", Class::Comment, LineState::Comment),
            LineState::CData => lexer.through(b"]]>", Class::Text, LineState::CData),
            LineState::Instruction => {
                let end: &[u8] = if dialect == Dialect::Xml { b"?>" } else { b">" };
                lexer.through(end, Class::Tag, LineState::Instruction)
            }
            LineState::Declaration { brackets } => lexer.declaration(brackets),
            LineState::Raw(raw) => lexer.raw(raw),
        };
    }
    state
}

struct Lexer<'a, F> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    each: F,
}

impl<F: FnMut(usize, Class)> Lexer<'_, F> {
    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Ends a stretch `len` bytes on.
    fn take(&mut self, len: usize, class: Class) {
        self.at += len;
        (self.each)(self.at, class);
    }

    /// Through the end marker, or to the end of the text and still in `open`.
    fn through(&mut self, end: &[u8], class: Class, open: LineState) -> LineState {
        match memmem::find(self.rest(), end) {
            Some(found) => {
                self.take(found + end.len(), class);
                LineState::Normal
            }
            None => {
                self.take(self.rest().len(), class);
                open
            }
        }
    }

    fn content(&mut self) -> LineState {
        let rest = self.rest();
        match rest[0] {
            b'<' => self.open(),
            b'&' => {
                let len = entity(rest);
                let bare = if self.dialect == Dialect::Xml { Class::Error } else { Class::Text };
                self.take(len.max(1), if len > 0 { Class::Entity } else { bare });
                LineState::Normal
            }
            _ => {
                self.take(memchr2(b'<', b'&', rest).unwrap_or(rest.len()), Class::Text);
                LineState::Normal
            }
        }
    }

    /// What a `<` begins.
    fn open(&mut self) -> LineState {
        let rest = self.rest();
        // The opening marker is of its class even if the rest of it is on the next line.
        let (len, class, state) = if rest.starts_with(b"<!--") {
            (4, Class::Comment, LineState::Comment)
        } else if rest.starts_with(b"<![CDATA[") {
            (9, Class::Punctuation, LineState::CData)
        } else if rest.starts_with(b"<!") {
            (2, Class::Tag, LineState::Declaration { brackets: 0 })
        } else if rest.starts_with(b"<?") {
            (2, Class::Tag, LineState::Instruction)
        } else {
            return self.tag_name();
        };
        self.take(len, class);
        state
    }

    fn tag_name(&mut self) -> LineState {
        let end_tag = self.rest().get(1) == Some(&b'/');
        let mark = if end_tag { 2 } else { 1 };
        let name = &self.rest()[mark..];
        let len = name.iter().position(|b| is_break(*b)).unwrap_or(name.len());
        if len == 0 || (self.dialect == Dialect::Html && !name[0].is_ascii_alphabetic()) {
            let class = if self.dialect == Dialect::Xml { Class::Error } else { Class::Text };
            self.take(1, class);
            return LineState::Normal;
        }
        let start = self.at + mark;
        let name = &self.text[start..start + len];
        let raw = if end_tag || self.dialect == Dialect::Xml { None } else { Raw::from_name(name) };
        self.take(mark, Class::Punctuation);
        self.take(len, Class::Tag);
        LineState::Tag(TagState { raw, ..TagState::default() })
    }

    /// One step inside a tag.
    fn tag(&mut self, tag: TagState) -> LineState {
        let rest = self.rest();
        if let Some(quote) = tag.quote {
            return match memchr(quote, rest) {
                Some(found) => {
                    self.take(found + 1, Class::AttributeValue);
                    LineState::Tag(TagState { quote: None, value: false, ..tag })
                }
                None => {
                    self.take(rest.len(), Class::AttributeValue);
                    LineState::Tag(tag)
                }
            };
        }
        match rest[0] {
            b'>' => {
                self.take(1, Class::Punctuation);
                tag.raw.map_or(LineState::Normal, LineState::Raw)
            }
            b'<' => {
                // The tag before was not ended; what comes is likelier a tag than an attribute.
                (self.each)(self.at, Class::Error);
                LineState::Normal
            }
            b'/' | b'?' if !tag.value => {
                self.take(1, Class::Punctuation);
                LineState::Tag(tag)
            }
            b'=' => {
                self.take(1, Class::Punctuation);
                LineState::Tag(TagState { value: true, ..tag })
            }
            quote @ (b'"' | b'\'') if tag.value => {
                self.take(1, Class::AttributeValue);
                LineState::Tag(TagState { quote: Some(quote), ..tag })
            }
            b'"' | b'\'' => {
                self.take(1, Class::Error);
                LineState::Tag(tag)
            }
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => {
                let len = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
                self.take(len, Class::Text);
                LineState::Tag(tag)
            }
            _ if tag.value => {
                let stop = |b: &u8| b.is_ascii_whitespace() || *b == b'>';
                let len = rest.iter().position(stop).unwrap_or(rest.len());
                let class = match self.dialect {
                    Dialect::Xml => Class::Error,
                    Dialect::Html => Class::AttributeValue,
                };
                self.take(len, class);
                LineState::Tag(TagState { value: false, ..tag })
            }
            _ => {
                let len = rest[1..].iter().position(|b| is_break(*b)).map_or(rest.len(), |n| n + 1);
                self.take(len, Class::Attribute);
                LineState::Tag(tag)
            }
        }
    }

    fn declaration(&mut self, mut brackets: u8) -> LineState {
        for (i, byte) in self.rest().iter().enumerate() {
            match byte {
                b'[' => brackets = brackets.saturating_add(1),
                b']' => brackets = brackets.saturating_sub(1),
                b'>' if brackets == 0 => {
                    self.take(i + 1, Class::Tag);
                    return LineState::Normal;
                }
                _ => {}
            }
        }
        self.take(self.rest().len(), Class::Tag);
        LineState::Declaration { brackets }
    }

    /// Raw content up to the element's end tag.
    fn raw(&mut self, raw: Raw) -> LineState {
        let (rest, name) = (self.rest(), raw.name().as_bytes());
        let mut from = 0;
        while let Some(found) = memmem::find(&rest[from..], b"</") {
            let at = from + found;
            let after = &rest[at + 2..];
            if after.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
                && !after.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
            {
                self.take(at, Class::Text);
                return self.tag_name();
            }
            from = at + 2;
        }
        self.take(rest.len(), Class::Text);
        LineState::Raw(raw)
    }
}

/// Where a name in a tag ends.
fn is_break(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'>' | b'<' | b'/' | b'=' | b'"' | b'\'')
}

/// Length of the reference that a text begins with; 0 if it is a bare `&`.
fn entity(rest: &[u8]) -> usize {
    /// The longest name in HTML is shorter (`CounterClockwiseContourIntegral`).
    const LONGEST: usize = 40;
    let name = &rest[1..rest.len().min(LONGEST)];
    match name.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'#') {
        Some(len) if len > 0 && name[len] == b';' => len + 2,
        _ => 0,
    }
}
