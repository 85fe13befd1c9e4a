//! Where a node stands, in words that other tools understand: JSONPath (RFC 9535), jq, XPath.

use std::fmt::Write as _;

use super::labels::unquoted;
use super::{Flavour, NodeId, Shape, Tree};

impl Tree {
    /// The node and all above it, outermost first.
    fn line(&self, id: NodeId) -> Vec<NodeId> {
        let mut line: Vec<NodeId> =
            std::iter::successors(Some(id), |node| self.parent(*node)).collect();
        line.reverse();
        line
    }

    /// The normalized kind of path that people write: `$.a[0]["odd key"]` (RFC 9535, with the
    /// shorthand for names that allow it); for markup an XPath, `/feed/entry[2]/title`. In a row
    /// of values that follow one another the path is the one within its value. Not escaped for a
    /// terminal: what cannot be seen stands as JSON escapes, except in markup.
    #[must_use]
    pub fn path(&self, id: NodeId) -> String {
        match self.flavour {
            Flavour::Json => self.steps("$", id, shorthand_of_jsonpath),
            Flavour::Markup => self.xpath(id),
        }
    }

    /// The path as jq takes it: `.a[0]["odd key"]`, `.` for a root; `None` for markup.
    #[must_use]
    pub fn jq_path(&self, id: NodeId) -> Option<String> {
        if self.flavour != Flavour::Json {
            return None;
        }
        let path = self.steps("", id, shorthand_of_jq);
        Some(if path.starts_with('.') { path } else { format!(".{path}") })
    }

    fn steps(&self, root: &str, id: NodeId, shorthand: fn(&str) -> bool) -> String {
        let mut out = root.to_owned();
        // Writing into a String cannot fail.
        for node in self.line(id) {
            if let Some(text) = self.key_text(node) {
                let name = unquoted(text);
                let _ = match shorthand(&name) {
                    true => write!(out, ".{name}"),
                    false => write!(out, "[{}]", quoted(&name)),
                };
            } else if let Some(index) = self.index(node) {
                let _ = write!(out, "[{index}]");
            }
        }
        out
    }

    fn xpath(&self, id: NodeId) -> String {
        let mut out = String::new();
        for node in self.line(id) {
            let step = match self.shape(node) {
                Some(Shape::Element) => self.key(node).unwrap_or_default().into_owned(),
                Some(Shape::Content) => "text()".to_owned(),
                _ => "node()".to_owned(),
            };
            let _ = write!(out, "/{step}");
            if let Some((place, count)) = self.place(node)
                && count > 1
            {
                let _ = write!(out, "[{place}]");
            }
        }
        out
    }

    /// The place of a node among its siblings of the same name, from 1, and how many they are.
    fn place(&self, id: NodeId) -> Option<(usize, usize)> {
        let same = |other: &NodeId| {
            self.shape(*other) == self.shape(id) && self.key(*other) == self.key(id)
        };
        let siblings: Vec<NodeId> = match self.parent(id) {
            Some(parent) => self.children(parent).filter(same).collect(),
            None => self.roots().filter(same).collect(),
        };
        let place = siblings.iter().position(|sibling| *sibling == id)?;
        Some((place + 1, siblings.len()))
    }
}

/// RFC 9535 section 2.5.1.1: a letter, `_` or anything beyond ASCII, then digits too.
fn shorthand_of_jsonpath(name: &str) -> bool {
    name.starts_with(|c: char| !c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || is_visible_beyond(c))
        && !name.is_empty()
}

/// jq's identifiers are ASCII.
fn shorthand_of_jq(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Letters of other scripts; joiners, marks and overrides are better quoted.
fn is_visible_beyond(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// A string of JSON in which everything that cannot be seen is an escape.
fn quoted(name: &str) -> String {
    let json = serde_json::Value::from(name).to_string();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() || is_visible_beyond(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::*;
    use crate::core::progress::Progress;

    #[test]
    fn paths_are_those_of_jsonpath_and_jq() {
        let text = r#"{"a":[1,{"odd key":[[2]]}],"9":0,"é":0,"q\"\u202e":0,"":0,"_x":0}"#;
        let tree = parse(text.to_owned(), &Progress::default()).unwrap();
        let seen: Vec<(String, String)> = (0..tree.len() as u32)
            .map(NodeId)
            .map(|id| (tree.path(id), tree.jq_path(id).unwrap()))
            .collect();
        let expected = [
            ("$", "."),
            ("$.a", ".a"),
            ("$.a[0]", ".a[0]"),
            ("$.a[1]", ".a[1]"),
            ("$.a[1][\"odd key\"]", ".a[1][\"odd key\"]"),
            ("$.a[1][\"odd key\"][0]", ".a[1][\"odd key\"][0]"),
            ("$.a[1][\"odd key\"][0][0]", ".a[1][\"odd key\"][0][0]"),
            ("$[\"9\"]", ".[\"9\"]"),
            ("$.é", ".[\"é\"]"),
            ("$[\"q\\\"\\u202e\"]", ".[\"q\\\"\\u202e\"]"),
            ("$[\"\"]", ".[\"\"]"),
            ("$._x", "._x"),
        ];
        let seen: Vec<(&str, &str)> = seen.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(seen, expected);
    }
}
