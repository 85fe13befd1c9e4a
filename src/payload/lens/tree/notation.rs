//! A tree and its text made together, for forms that are no text: the decoder says what it meets,
//! and a text in JSON's likeness grows with nodes that point into it.

use super::{DEEPEST, Flavour, NONE, Shape, Tree};

/// Bytes of text that are made.
const MOST_TEXT: usize = 256 << 20;

/// Nodes that are made.
const MOST_NODES: usize = 4 << 20;

/// Levels that are indented; what lies deeper stands at the last of these.
const INDENTED: usize = 64;

/// What came was more than is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

#[derive(Debug)]
struct Level {
    node: u32,
    /// Entries are keys and values by turns.
    keyed: bool,
    /// The key was no scalar; its value comes next.
    value_due: bool,
    closer: String,
    entries: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Notation {
    text: String,
    tree: Tree,
    levels: Vec<Level>,
    roots: u32,
    /// The key of the value to come.
    key: Option<(u32, u32)>,
    /// What stands before the value to come, and closes behind it: tags of CBOR.
    prefix: String,
    closers: String,
}

impl Default for Notation {
    fn default() -> Self {
        Notation::new()
    }
}

impl Notation {
    /// An empty one.
    #[must_use]
    pub fn new() -> Notation {
        let tree = Tree {
            source: String::new(),
            nodes: Vec::new(),
            flavour: Flavour::Json,
            problem: None,
        };
        Notation {
            text: String::new(),
            tree,
            levels: Vec::new(),
            roots: 0,
            key: None,
            prefix: String::new(),
            closers: String::new(),
        }
    }

    /// Whether what comes next is a key.
    #[must_use]
    pub fn wants_key(&self) -> bool {
        let keyed = |level: &Level| level.keyed && !level.value_due;
        self.levels.last().is_some_and(keyed) && self.key.is_none()
    }

    /// Levels that are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// A name for the value to come, written as it is.
    pub fn key(&mut self, text: &str) {
        self.separate();
        let start = self.text.len();
        self.text.push_str(text);
        self.key = Some((start as u32, text.len() as u32));
        self.text.push_str(": ");
    }

    /// Puts the value to come in parentheses behind this: `tag(value)`.
    pub fn wrap(&mut self, name: &str) {
        self.prefix.push_str(name);
        self.prefix.push('(');
        self.closers.push(')');
    }

    /// A value, or a key where one is due, written as it is.
    ///
    /// # Errors
    /// There is no more room; what is there stays.
    pub fn scalar(&mut self, shape: Shape, text: &str) -> Result<(), Full> {
        if self.wants_key() {
            self.room(text.len())?;
            let text = format!("{}{text}{}", self.prefix, self.closers);
            (self.prefix, self.closers) = (String::new(), String::new());
            self.key(&text);
            return Ok(());
        }
        self.room(text.len())?;
        self.name_value();
        let start = self.start();
        self.text.push_str(text);
        self.text.push_str(&std::mem::take(&mut self.closers));
        let (key, parent) = (self.key.take(), self.parent());
        self.tree.push(parent, &mut self.roots, key, shape, (start, self.text.len()));
        Ok(())
    }

    /// An object or array; everything until [`Notation::end`] lies in it. Where a key is due it is
    /// a value with the name `(key)`, and the one after it is named `(value)`.
    ///
    /// # Errors
    /// As [`Notation::scalar`]; also nested too deep.
    pub fn begin(&mut self, shape: Shape, opener: &str, closer: &str) -> Result<(), Full> {
        if self.levels.len() >= DEEPEST {
            return Err(Full);
        }
        self.room(opener.len() + closer.len())?;
        if self.wants_key() {
            self.key("(key)");
            if let Some(level) = self.levels.last_mut() {
                level.value_due = true;
            }
        } else {
            self.name_value();
        }
        let start = self.start();
        self.text.push_str(opener);
        let (key, parent) = (self.key.take(), self.parent());
        let node = self.tree.push(parent, &mut self.roots, key, shape, (start, self.text.len()));
        let closer = format!("{closer}{}", std::mem::take(&mut self.closers));
        let keyed = shape == Shape::Object;
        let level = Level { node, keyed, value_due: false, closer, entries: 0 };
        self.levels.push(level);
        Ok(())
    }

    /// Ends the innermost object or array.
    pub fn end(&mut self) {
        let Some(level) = self.levels.pop() else {
            return;
        };
        if level.entries > 0 {
            self.line();
        }
        self.text.push_str(&level.closer);
        self.tree.close(level.node, self.text.len());
    }

    /// Ends everything that is open, marked as cut off, and hands over the tree.
    #[must_use]
    pub fn finish(mut self, problem: Option<String>) -> Tree {
        if self.key.is_some() {
            // The key stands alone.
            let _ = self.scalar(Shape::Other, "");
            self.cut(self.tree.nodes.len().wrapping_sub(1));
        }
        while let Some(level) = self.levels.last() {
            self.cut(level.node as usize);
            self.end();
        }
        self.tree.problem = problem;
        self.tree.source = self.text;
        self.tree.nodes.shrink_to_fit();
        self.tree
    }

    /// Names the value whose key was no scalar.
    fn name_value(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && std::mem::take(&mut level.value_due)
        {
            self.key("(value)");
        }
    }

    fn cut(&mut self, node: usize) {
        if let Some(node) = self.tree.nodes.get_mut(node) {
            node.cut = true;
        }
    }

    fn parent(&self) -> u32 {
        self.levels.last().map_or(NONE, |level| level.node)
    }

    fn room(&self, bytes: usize) -> Result<(), Full> {
        let full = self.text.len().saturating_add(bytes) > MOST_TEXT
            || self.tree.nodes.len() >= MOST_NODES;
        if full { Err(Full) } else { Ok(()) }
    }

    /// Where the value to come begins, its prefix written.
    fn start(&mut self) -> usize {
        if self.key.is_none() {
            self.separate();
        }
        let start = self.text.len();
        self.text.push_str(&std::mem::take(&mut self.prefix));
        start
    }

    /// A comma and a new line, as the place asks for.
    fn separate(&mut self) {
        match self.levels.last_mut() {
            Some(level) => {
                level.entries += 1;
                if level.entries > 1 {
                    self.text.push(',');
                }
                self.line();
            }
            None if !self.text.is_empty() => self.text.push('\n'),
            None => {}
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        for _ in 0..self.levels.len().min(INDENTED) {
            self.text.push_str("  ");
        }
    }
}

/// A string in JSON's quotes and escapes.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Bytes in quotes, as CBOR's diagnostic notation writes them (RFC 8949 section 8): `h'00ff'`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    format!("h'{}'", super::super::super::binary::to_hex(bytes, false))
}

/// The shortest decimal that reads back as the same number, always with a point or exponent.
#[must_use]
pub fn float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number < 0.0 { "-Infinity".to_owned() } else { "Infinity".to_owned() }
    } else {
        format!("{number:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Folds, NodeId};
    use super::*;

    #[test]
    fn text_and_nodes_grow_together() {
        let mut notation = Notation::new();
        notation.begin(Shape::Object, "{", "}").unwrap();
        notation.scalar(Shape::String, "\"a\"").unwrap();
        notation.wrap("1");
        notation.begin(Shape::Array, "[", "]").unwrap();
        notation.scalar(Shape::Number, "1").unwrap();
        notation.wrap("2");
        notation.scalar(Shape::Number, "3").unwrap();
        notation.end();
        notation.scalar(Shape::Number, "7").unwrap();
        notation.begin(Shape::Object, "{", "}").unwrap();
        notation.end();
        notation.end();
        notation.scalar(Shape::Null, "null").unwrap();
        let tree = notation.finish(None);
        let text = "{\n  \"a\": 1([\n    1,\n    2(3)\n  ]),\n  7: {}\n}\nnull";
        assert_eq!(tree.source(), text);
        let values: Vec<&str> = (0..6).map(|id| tree.value_text(NodeId(id))).collect();
        assert_eq!(values[1], "1([\n    1,\n    2(3)\n  ])");
        assert_eq!(values[2..], ["1", "2(3)", "{}", "null"]);
        assert_eq!(
            (tree.path(NodeId(3)), tree.path(NodeId(4))),
            ("$.a[1]".into(), "$[\"7\"]".into())
        );
        assert_eq!(tree.rows(&Folds::to_depth(&tree, 0)), 2);
    }

    #[test]
    fn what_is_cut_off_is_closed() {
        let mut notation = Notation::new();
        notation.begin(Shape::Object, "{", "}").unwrap();
        notation.begin(Shape::Array, "[", "]").unwrap();
        notation.end();
        notation.begin(Shape::Object, "{", "}").unwrap();
        notation.scalar(Shape::Number, "1").unwrap();
        let tree = notation.finish(Some("the end".to_owned()));
        assert_eq!(tree.source(), "{\n  (key): [],\n  (value): {\n    1: \n  }\n}");
        assert_eq!(tree.problem(), Some("the end"));
        assert_eq!(tree.summary(NodeId(2), 40), "{1 key, cut off}");
    }
}
