//! JSON text as a tree, in one pass without recursion. Broken text gives what stands before the
//! fault; several values may follow one another.

use memchr::memchr2;

use super::super::super::convert::text_of;
use super::super::{Laid, LensProblem};
use super::{DEEPEST, Flavour, LONGEST, MOST_NODES, NONE, Shape, Tree};
use crate::core::progress::Progress;

/// Nodes between two looks at the progress.
const STRIDE: usize = 1 << 14;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Value,
    /// After `[`.
    ValueOrEnd,
    Key,
    /// After `{`.
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// The lens.
pub(in super::super) fn lay(payload: &[u8], progress: &Progress) -> Result<Laid, LensProblem> {
    let tree = parse(text_of(payload).into_owned(), progress)?;
    let note = tree.problem().unwrap_or_default().to_owned();
    Ok(Laid::Tree { tree, note })
}

/// The tree of a JSON text.
///
/// # Errors
/// Too long, cancelled, or no JSON value at its very beginning.
pub fn parse(source: String, progress: &Progress) -> Result<Tree, LensProblem> {
    if source.len() > LONGEST {
        let (size, most) = (source.len() as u64, LONGEST as u64);
        return Err(LensProblem::TooLarge { size, most });
    }
    progress.set_total(source.len() as u64);
    // An average node of real payloads takes a dozen bytes; growing doubles anyway.
    let nodes = Vec::with_capacity((source.len() / 12).min(MOST_NODES));
    let tree = Tree { source: String::new(), nodes, flavour: Flavour::Json, problem: None };
    let mut reader = Reader { text: &source, tree, at: 0, parent: NONE, roots: 0, key: None };
    let problem = reader.read(progress)?;
    let mut tree = reader.tree;
    if let (Some((message, at)), true) = (&problem, tree.nodes.is_empty()) {
        return Err(LensProblem::not("JSON", *message, Some(*at)));
    }
    tree.problem = problem.map(|(message, at)| format!("{message} (at byte {at})"));
    tree.nodes.shrink_to_fit();
    tree.source = source;
    Ok(tree)
}

/// A fault and where it stands.
type Fault = (&'static str, usize);

struct Reader<'a> {
    text: &'a str,
    tree: Tree,
    at: usize,
    /// The innermost open container.
    parent: u32,
    roots: u32,
    /// The key whose value is awaited.
    key: Option<(u32, u32)>,
}

impl Reader<'_> {
    fn read(&mut self, progress: &Progress) -> Result<Option<Fault>, LensProblem> {
        let bytes = self.text.as_bytes();
        if self.text.starts_with('\u{FEFF}') {
            self.at = '\u{FEFF}'.len_utf8();
        }
        let mut want = Want::Value;
        let mut odd = None;
        let mut steps = 0usize;
        let fault = loop {
            steps += 1;
            if steps.is_multiple_of(STRIDE) {
                progress.set_done(self.at as u64);
                if progress.is_cancelled() {
                    return Err(LensProblem::Cancelled);
                }
            }
            while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
                self.at += 1;
            }
            let Some(byte) = bytes.get(self.at).copied() else {
                break self.ended(want);
            };
            if self.tree.nodes.len() >= MOST_NODES {
                break Some(("only the first 16,777,216 nodes are shown", self.at));
            }
            want = match (want, byte) {
                (Want::ValueOrEnd, b']') | (Want::KeyOrEnd, b'}') => self.close(),
                (Want::CommaOrEnd, b']' | b'}') => {
                    let object = self.parent_is_object();
                    if object != (byte == b'}') {
                        let missing = if object { "a } is missing" } else { "a ] is missing" };
                        break Some((missing, self.at));
                    }
                    self.close()
                }
                (Want::CommaOrEnd, b',') => {
                    self.at += 1;
                    if self.parent_is_object() { Want::Key } else { Want::Value }
                }
                (Want::CommaOrEnd, _) => break Some(("a comma is missing", self.at)),
                (Want::Colon, b':') => {
                    self.at += 1;
                    Want::Value
                }
                (Want::Colon, _) => break Some(("a colon is missing", self.at)),
                (Want::Key | Want::KeyOrEnd, b'"') => {
                    let (start, (end, closed)) = (self.at, string_end(bytes, self.at + 1));
                    self.key = Some((start as u32, (end - start) as u32));
                    self.at = end;
                    if !closed {
                        break Some(("the text ends inside a key", end));
                    }
                    Want::Colon
                }
                (Want::Key | Want::KeyOrEnd, _) => {
                    break Some(("a key in quotes is missing", self.at));
                }
                (Want::Value | Want::ValueOrEnd, b'{' | b'[') => self.open(byte),
                (Want::Value | Want::ValueOrEnd, b'"') => {
                    let (end, closed) = string_end(bytes, self.at + 1);
                    self.leaf(Shape::String, end);
                    if !closed {
                        break Some(("the text ends inside a string", end));
                    }
                    self.after_value()
                }
                (Want::Value | Want::ValueOrEnd, b',' | b':' | b']' | b'}') => {
                    break Some(("a value is missing", self.at));
                }
                (Want::Value | Want::ValueOrEnd, _) => {
                    let end = literal_end(bytes, self.at);
                    let shape = literal(&bytes[self.at..end]);
                    if shape == Shape::Other {
                        odd = odd.or(Some(("this is no JSON value", self.at)));
                    }
                    self.leaf(shape, end);
                    self.after_value()
                }
            };
        };
        self.abandon();
        progress.set_done(self.text.len() as u64);
        Ok(odd.or(fault))
    }

    fn parent_is_object(&self) -> bool {
        self.tree.nodes.get(self.parent as usize).is_some_and(|node| node.shape == Shape::Object)
    }

    fn after_value(&self) -> Want {
        if self.parent == NONE { Want::Value } else { Want::CommaOrEnd }
    }

    /// The text is over; what is missing.
    fn ended(&self, want: Want) -> Option<Fault> {
        if self.parent == NONE {
            let nothing = self.roots == 0;
            return nothing.then_some(("there is no value", self.text.len()));
        }
        let message = match want {
            Want::Colon => "the text ends after a key",
            _ if self.parent_is_object() => "the text ends inside an object",
            _ => "the text ends inside an array",
        };
        Some((message, self.text.len()))
    }

    fn leaf(&mut self, shape: Shape, end: usize) {
        let key = self.key.take();
        self.tree.push(self.parent, &mut self.roots, key, shape, (self.at, end));
        self.at = end;
    }

    fn open(&mut self, byte: u8) -> Want {
        let depth = self.tree.nodes.get(self.parent as usize).map_or(0, |node| node.depth);
        if usize::from(depth) >= DEEPEST {
            let end = skip(self.text.as_bytes(), self.at);
            self.leaf(Shape::Deep, end);
            return self.after_value();
        }
        let (shape, want) = match byte {
            b'{' => (Shape::Object, Want::KeyOrEnd),
            _ => (Shape::Array, Want::ValueOrEnd),
        };
        let key = self.key.take();
        let range = (self.at, self.at + 1);
        self.parent = self.tree.push(self.parent, &mut self.roots, key, shape, range);
        self.at += 1;
        want
    }

    fn close(&mut self) -> Want {
        self.at += 1;
        self.parent = self.tree.close(self.parent, self.at);
        self.after_value()
    }

    /// Ends everything that is open where reading stopped; a key without a value is kept.
    fn abandon(&mut self) {
        if self.key.is_some() {
            self.leaf(Shape::Other, self.at);
            if let Some(node) = self.tree.nodes.last_mut() {
                node.cut = true;
            }
        }
        while self.parent != NONE {
            if let Some(node) = self.tree.nodes.get_mut(self.parent as usize) {
                node.cut = true;
            }
            self.parent = self.tree.close(self.parent, self.at);
        }
    }
}

/// The offset after the quote that ends a string, and whether there is one.
pub(in super::super) fn string_end(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return (at, true);
        }
        at += 1;
    }
    (bytes.len(), false)
}

fn literal_end(bytes: &[u8], from: usize) -> usize {
    let stop = |byte: &u8| {
        matches!(
            byte,
            b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b' ' | b'\n' | b'\r' | b'\t'
        )
    };
    bytes[from..].iter().position(stop).map_or(bytes.len(), |len| from + len)
}

fn literal(word: &[u8]) -> Shape {
    match word {
        b"true" | b"false" => Shape::Bool,
        b"null" => Shape::Null,
        [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => Shape::Number,
        _ => Shape::Other,
    }
}

/// The offset after the container that opens at `from`, or the end.
fn skip(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0usize, from);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(bytes, at).0,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
