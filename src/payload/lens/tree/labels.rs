//! What a row of the tree says: name, shape, and the beginning of the value, safe to draw.

use std::borrow::Cow;

use super::{Flavour, NodeId, Shape, Tree};
use crate::core::sanitize::{escape_line, truncate_to_width};

/// Bytes of a key or value that are looked at for a label.
const LOOKED_AT: usize = 4096;

/// The beginning of a text, on a character boundary.
pub(in super::super) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT.min(text.len()))]
}

/// The content of a string of JSON; as it stands if it is not one.
pub(super) fn unquoted(text: &str) -> Cow<'_, str> {
    if !text.starts_with('"') {
        return Cow::Borrowed(text);
    }
    match serde_json::from_str::<String>(text) {
        Ok(plain) => Cow::Owned(plain),
        Err(_) => {
            let inner = text.strip_prefix('"').unwrap_or(text);
            Cow::Borrowed(inner.strip_suffix('"').unwrap_or(inner))
        }
    }
}

impl Tree {
    /// The key without quotes and escapes; of an element, its name.
    #[must_use]
    pub fn key(&self, id: NodeId) -> Option<Cow<'_, str>> {
        let text = self.key_text(id)?;
        Some(match self.flavour {
            Flavour::Json => unquoted(text),
            Flavour::Markup => Cow::Borrowed(element_name(text)),
        })
    }

    /// What stands before the value, escaped: the key without quotes, `[3]` for an entry of an
    /// array, empty for a root. For an element its start tag without brackets.
    #[must_use]
    pub fn label(&self, id: NodeId) -> String {
        if let Some(text) = self.key_text(id) {
            let text = head(text);
            let plain = match self.flavour {
                Flavour::Json => unquoted(text),
                Flavour::Markup => Cow::Borrowed(text),
            };
            return escape_line(&plain).into_owned();
        }
        match (self.flavour, self.index(id)) {
            (Flavour::Json, Some(index)) => format!("[{index}]"),
            _ => String::new(),
        }
    }

    /// The beginning of the value in at most `cells` cells, escaped. Of what holds others it says
    /// how many: `{3 keys}`, `[120 items]`; of an element the text that it begins with.
    #[must_use]
    pub fn summary(&self, id: NodeId, cells: usize) -> String {
        let Some(node) = self.node(id) else {
            return String::new();
        };
        let cut = if node.cut { ", cut off" } else { "" };
        let text = match node.shape {
            Shape::Object => format!("{{{}{cut}}}", counted(node.count, "key")),
            Shape::Array => format!("[{}{cut}]", counted(node.count, "item")),
            Shape::Deep => "nested too deep to be opened".to_owned(),
            Shape::Element => {
                let text = element_text(self.value_text(id));
                escape_line(head(text.trim())).into_owned()
            }
            _ => {
                let text = self.value_text(id);
                let shown = escape_line(head(text));
                if shown.is_empty() && node.cut {
                    "(cut off)".to_owned()
                } else {
                    shown.into_owned()
                }
            }
        };
        truncate_to_width(&text, cells).into_owned()
    }

    /// The value as a person would paste it: a string without quotes and escapes, everything else
    /// as it stands.
    #[must_use]
    pub fn plain_value(&self, id: NodeId) -> Cow<'_, str> {
        let text = self.value_text(id);
        match self.shape(id) {
            Some(Shape::String) => unquoted(text),
            _ => Cow::Borrowed(text),
        }
    }
}

fn counted(count: u32, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The name at the beginning of a start tag.
pub(super) fn element_name(tag: &str) -> &str {
    let end = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
    &tag[..end]
}

/// The text right behind the start tag, up to the next tag.
fn element_text(element: &str) -> &str {
    let element = head(element);
    let (mut quote, mut after) = (None, None);
    for (at, byte) in element.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => {
                after = Some(at + 1);
                break;
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    let text = after.map_or("", |at| &element[at..]);
    &text[..text.find('<').unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::*;
    use crate::core::progress::Progress;

    #[test]
    fn labels_and_summaries_are_short_and_safe() {
        let text =
            r#"{"a\u001bb": "x\ny", "list": [1, {"only": "key"}], "long": "0123456789", "k": "#;
        let tree = parse(format!("{text}\"\u{1b}[2J\"}}"), &Progress::default()).unwrap();
        let seen: Vec<(String, String)> = (0..tree.len() as u32)
            .map(NodeId)
            .map(|id| (tree.label(id), tree.summary(id, 9)))
            .collect();
        let seen: Vec<(&str, &str)> =
            seen.iter().map(|(label, summary)| (label.as_str(), summary.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("", "{4 keys}"),
                ("a\\x1bb", "\"x\\ny\""),
                ("list", "[2 items]"),
                ("[0]", "1"),
                ("[1]", "{1 key}"),
                ("only", "\"key\""),
                ("long", "\"0123456…"),
                ("k", "\"\\x1b[2J\""),
            ]
        );
        assert_eq!(tree.plain_value(NodeId(1)), "x\ny");
        assert_eq!(tree.value_text(NodeId(1)), r#""x\ny""#);
        assert_eq!(tree.key(NodeId(1)).as_deref(), Some("a\u{1b}b"));
    }

    #[test]
    fn an_element_shows_the_text_it_begins_with() {
        assert_eq!(element_text("<a b='>' c=\">\">text<b/></a>"), "text");
        assert_eq!(element_text("<a"), "");
        assert_eq!(element_name("book id=\"1\""), "book");
        assert_eq!(element_name("br/"), "br");
    }
}
