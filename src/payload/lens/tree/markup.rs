//! XML and HTML as an outline: elements with what stands in their start tags, texts beside
//! elements, comments. An element that holds nothing but text is one node. Broken markup is read as
//! far as browsers and people read it.

use super::super::super::convert::text_of;
use super::super::super::html_elements::{Nesting, end_is_optional};
use super::super::super::kind::Kind;
use super::super::super::markup::{self, Dialect, Part, Pieces};
use super::super::{Laid, LensProblem};
use super::{DEEPEST, Flavour, LONGEST, MOST_NODES, NONE, Shape, Tree};
use crate::core::progress::Progress;
use crate::core::sanitize::escape_line;

/// Pieces between two looks at the progress.
const STRIDE: usize = 1 << 12;

/// The lens.
pub(in super::super) fn lay(
    payload: &[u8],
    kind: Kind,
    progress: &Progress,
) -> Result<Laid, LensProblem> {
    let dialect = if kind == Kind::Html { Dialect::Html } else { Dialect::Xml };
    let tree = parse(text_of(payload).into_owned(), dialect, progress)?;
    let note = tree.problem().unwrap_or_default().to_owned();
    Ok(Laid::Tree { tree, note })
}

/// The outline of a text.
///
/// # Errors
/// Too long, cancelled, or no markup in it at all.
pub fn parse(source: String, dialect: Dialect, progress: &Progress) -> Result<Tree, LensProblem> {
    if source.len() > LONGEST {
        let (size, most) = (source.len() as u64, LONGEST as u64);
        return Err(LensProblem::TooLarge { size, most });
    }
    progress.set_total(source.len() as u64);
    let tree =
        Tree { source: String::new(), nodes: Vec::new(), flavour: Flavour::Markup, problem: None };
    let mut outline = Outline {
        tree,
        roots: 0,
        parent: NONE,
        nesting: Nesting::new(),
        html: dialect == Dialect::Html,
        problem: None,
    };
    for (count, piece) in Pieces::new(&source, dialect).enumerate() {
        if count.is_multiple_of(STRIDE) {
            progress.set_done(piece.range.start as u64);
            if progress.is_cancelled() {
                return Err(LensProblem::Cancelled);
            }
        }
        if outline.tree.nodes.len() >= MOST_NODES {
            outline.say("only the first 16,777,216 nodes are shown".to_owned());
            break;
        }
        let (start, end) = (piece.range.start, piece.range.end);
        if !piece.closed {
            outline.say(format!("what begins at byte {start} is not closed"));
        }
        match piece.part {
            Part::Start { name, empty } => outline.start(&source, name, empty, (start, end)),
            Part::End { name } => outline.end(name, (start, end)),
            Part::Text | Part::CData => outline.leaf(&source, Shape::Content, (start, end)),
            Part::Comment | Part::Instruction | Part::Declaration => {
                outline.leaf(&source, Shape::Aside, (start, end));
            }
        }
    }
    outline.finish(source.len());
    let Outline { mut tree, problem, .. } = outline;
    if !tree.nodes.iter().any(|node| node.shape == Shape::Element) {
        return Err(LensProblem::not("XML or HTML", "there is no element", None));
    }
    tree.problem = problem;
    tree.nodes.shrink_to_fit();
    tree.source = source;
    Ok(tree)
}

struct Outline<'a> {
    tree: Tree,
    roots: u32,
    parent: u32,
    /// Open elements with their nodes; [`NONE`] for one that lies too deep.
    nesting: Nesting<'a, u32>,
    html: bool,
    problem: Option<String>,
}

impl<'a> Outline<'a> {
    /// Keeps the first problem.
    fn say(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    fn start(&mut self, source: &str, name: &'a str, empty: bool, (start, end): (usize, usize)) {
        if self.html {
            let mut closed = Vec::new();
            self.nesting.before_start(name, |node| closed.push(node));
            for node in closed {
                self.close(node, start);
            }
        }
        let tag = source.get(start + 1..end).unwrap_or_default();
        let tag = tag.strip_suffix('>').unwrap_or(tag);
        let tag = if empty { tag.strip_suffix('/').unwrap_or(tag) } else { tag }.trim_end();
        let key = Some((start as u32 + 1, tag.len() as u32));
        let depth = self.tree.nodes.get(self.parent as usize).map_or(0, |node| node.depth);
        let shape = if usize::from(depth) < DEEPEST { Shape::Element } else { Shape::Deep };
        let node = self.tree.push(self.parent, &mut self.roots, key, shape, (start, end));
        let opens = if self.html { Nesting::<u32>::opens(name, empty) } else { !empty };
        if !opens || self.nesting.open.len() >= markup::DEEPEST {
            return;
        }
        if shape == Shape::Element {
            self.parent = node;
            self.nesting.open.push((name, node));
        } else {
            self.nesting.open.push((name, NONE));
        }
    }

    fn end(&mut self, name: &str, (start, end): (usize, usize)) {
        let Some(above) = self.nesting.closes(name) else {
            self.say(format!("the end tag {} at byte {start} ends nothing", shown(name)));
            return;
        };
        for left in (0..=above).rev() {
            let Some((open, node)) = self.nesting.open.pop() else {
                return;
            };
            if left > 0 {
                if !(self.html && end_is_optional(open)) {
                    let open = shown(open);
                    self.say(format!("{open} is not closed before byte {start}"));
                }
                self.close(node, start);
            } else {
                self.close(node, end);
            }
        }
    }

    fn leaf(&mut self, source: &str, shape: Shape, (start, end): (usize, usize)) {
        let text = source.get(start..end).unwrap_or_default();
        let blank = text.len() - text.trim_start().len();
        let text = text.trim();
        if !text.is_empty() {
            let range = (start + blank, start + blank + text.len());
            self.tree.push(self.parent, &mut self.roots, None, shape, range);
        }
    }

    fn close(&mut self, node: u32, end: usize) {
        let Some(element) = self.tree.nodes.get_mut(node as usize) else {
            return;
        };
        // Text alone is shown beside the name of its element.
        if element.count == 1 && node as usize + 2 == self.tree.nodes.len() {
            let text = self.tree.nodes.last().is_some_and(|child| child.shape == Shape::Content);
            if text {
                self.tree.nodes.pop();
                if let Some(element) = self.tree.nodes.get_mut(node as usize) {
                    element.count = 0;
                }
            }
        }
        self.parent = self.tree.close(node, end);
    }

    fn finish(&mut self, end: usize) {
        while let Some((name, node)) = self.nesting.open.pop() {
            if !(self.html && end_is_optional(name)) {
                let name = shown(name);
                self.say(format!("the text ends inside {name}"));
            }
            self.close(node, end);
        }
    }
}

/// A name for a message.
fn shown(name: &str) -> String {
    escape_line(super::labels::head(name)).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::NodeId;
    use super::*;

    fn outline(text: &str, dialect: Dialect) -> (String, Option<String>) {
        let tree = parse(text.to_owned(), dialect, &Progress::default()).unwrap();
        let lines = (0..tree.len() as u32).map(NodeId).map(|id| {
            let line = format!("{} = {}", tree.label(id), tree.summary(id, 20));
            "  ".repeat(tree.depth(id)) + &line
        });
        (lines.collect::<Vec<_>>().join("\n"), tree.problem().map(str::to_owned))
    }

    #[test]
    fn xml_is_outlined() {
        let text = "<?xml version='1.0'?>\n<feed a='>'>\n <entry id=\"1\">one</entry><entry/>mixed<b>x</b></feed>";
        let (lines, problem) = outline(text, Dialect::Xml);
        assert_eq!(
            lines,
            " = <?xml version='1.0'…\nfeed a='>' = \n  entry id=\"1\" = one\n  entry = \n   = mixed\n  b = x"
        );
        assert_eq!(problem, None);
        let tree = parse(text.to_owned(), Dialect::Xml, &Progress::default()).unwrap();
        assert_eq!(tree.value_text(NodeId(2)), "<entry id=\"1\">one</entry>");
        assert_eq!(tree.path(NodeId(3)), "/feed/entry[2]");
        assert_eq!(tree.path(NodeId(4)), "/feed/text()");
        assert_eq!(tree.key(NodeId(2)).as_deref(), Some("entry"));
        assert_eq!(tree.jq_path(NodeId(2)), None);
    }

    #[test]
    fn html_may_leave_out_ends() {
        let (lines, problem) = outline("<ul><li>one<li>two<br></ul><p>x", Dialect::Html);
        assert_eq!(lines, "ul = \n  li = one\n  li = two\n     = two\n    br = \np = x");
        assert_eq!(problem, None);
    }

    #[test]
    fn faults_are_told() {
        for (text, problem) in [
            ("<a><b></a>", "b is not closed before byte 6"),
            ("<a></b></a>", "the end tag b at byte 3 ends nothing"),
            ("<a><b>", "the text ends inside b"),
            ("<a><!-- x", "what begins at byte 3 is not closed"),
        ] {
            assert_eq!(outline(text, Dialect::Xml).1.as_deref(), Some(problem), "{text}");
        }
        assert!(parse("no tags".to_owned(), Dialect::Xml, &Progress::default()).is_err());
    }

    #[test]
    fn nesting_has_a_bound() {
        let text = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
        let tree = parse(text, Dialect::Xml, &Progress::default()).unwrap();
        assert_eq!(tree.shape(NodeId(DEEPEST as u32 + 1)), Some(Shape::Deep));
    }

    proptest! {
        #[test]
        fn no_markup_panics(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<a>", "</a>", "<b c='d'/>", "<li>", "</", "<", ">", "x", "<!--", "-->", "é", "<p>", "</p>", " ",
            ]), 0..30),
            html: bool,
        ) {
            let dialect = if html { Dialect::Html } else { Dialect::Xml };
            if let Ok(tree) = parse(parts.concat(), dialect, &Progress::default()) {
                for id in (0..tree.len() as u32).map(NodeId) {
                    let _ = (tree.label(id), tree.summary(id, 20), tree.path(id));
                }
            }
        }
    }
}
