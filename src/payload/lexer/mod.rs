//! Texts cut into coloured stretches, a line at a time, so that only what is on the screen is
//! looked at. What a line needs to know of the lines before it fits in a [`LineState`]; a
//! [`LineStates`] keeps these for a whole text.
//!
//! A lexer never fails. What does not belong is [`Class::Error`], and the tokens of a line, laid
//! end to end, are the line.

mod json;
mod markup;
mod states;

use std::ops::Range;

use super::kind::Kind;
use super::markup::Dialect;

pub use markup::{Raw, TagState};
pub use states::LineStates;

/// What a stretch is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The key of a JSON object's member, quotes included.
    Key,
    /// Any other JSON string, quotes included.
    String,
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Brackets, commas, colons; `<`, `>`, `</`, `/>`, `=`.
    Punctuation,
    /// The name in a tag; declarations and processing instructions whole.
    Tag,
    /// The name of an attribute.
    Attribute,
    /// The value of an attribute, quotes included.
    AttributeValue,
    Comment,
    /// `&name;`, `&#1;`.
    Entity,
    /// Everything else, blanks included.
    Text,
    /// What cannot stand there.
    Error,
}

/// A stretch of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Bytes of the line.
    pub range: Range<usize>,
    pub class: Class,
}

/// What is still open at the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LineState {
    /// Nothing: where every text begins.
    #[default]
    Normal,
    /// A JSON string, which only a piece of a line can end in (see [`lex_piece`]); whether the
    /// next character is escaped.
    JsonString { escaped: bool },
    /// A tag.
    Tag(TagState),
    /// `<!-- …`
    Comment,
    /// `<![CDATA[ …`
    CData,
    /// `<? …`
    Instruction,
    /// `<! …`; how many brackets of an internal subset are open.
    Declaration { brackets: u8 },
    /// The content of an HTML element that is not markup.
    Raw(Raw),
}

/// The tokens of a whole line, with or without its line break, and the state after it. JSON
/// strings end with the line, so that one missing quote does not recolour the rest of a text.
pub fn lex_line(kind: Kind, line: &str, state: LineState) -> (Vec<Token>, LineState) {
    collect(kind, line, state, true)
}

/// As [`lex_line`], for a piece of a line too long to be looked at whole: a string that is open at
/// its end goes on in the next piece.
pub fn lex_piece(kind: Kind, piece: &str, state: LineState) -> (Vec<Token>, LineState) {
    collect(kind, piece, state, false)
}

/// The state after a line without its tokens.
pub fn advance(kind: Kind, line: &str, state: LineState) -> LineState {
    run(kind, line, state, true, &mut |_, _| ())
}

fn collect(kind: Kind, text: &str, state: LineState, whole: bool) -> (Vec<Token>, LineState) {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let state = run(kind, text, state, whole, &mut |end, class| {
        if end > at {
            match tokens.last_mut() {
                Some(last) if last.class == class => last.range.end = end,
                _ => tokens.push(Token { range: at..end, class }),
            }
            at = end;
        }
    });
    (tokens, state)
}

/// Runs the lexer of a kind; `each` hears of the end of every stretch, in order.
fn run(
    kind: Kind,
    text: &str,
    state: LineState,
    whole: bool,
    each: &mut impl FnMut(usize, Class),
) -> LineState {
    match kind {
        Kind::Json => json::lex(text, state, whole, each),
        Kind::Xml => markup::lex(text, state, Dialect::Xml, each),
        Kind::Html => markup::lex(text, state, Dialect::Html, each),
        Kind::Text | Kind::Binary => {
            each(text.len(), Class::Text);
            LineState::Normal
        }
    }
}

#[cfg(test)]
mod tests;
