//! HTML, which must not be shown differently afterwards. Lines are broken only next to block-level
//! tags, where whitespace is not shown, and where there was a line break already. An element that
//! holds no block-level tag is left exactly as it is, and so are `pre` and raw text.

use super::{Layout, Watch};
use crate::core::progress::Progress;
use crate::payload::html_elements::{Nesting, is_block};
use crate::payload::markup::{DEEPEST, Dialect, Part, Pieces, raw_element};

/// What stands before a stretch that is kept.
#[derive(Clone, Copy)]
enum Gap<'a> {
    /// Whitespace in a place that is not touched.
    Kept(&'a str),
    /// Whitespace in running text, possibly none: may become other whitespace.
    Loose(&'a str),
    /// A place where whitespace is not shown.
    Break,
}

/// For each start tag in order: whether its element holds a block-level tag at any depth. `None`
/// if elements nest too deep.
fn holds_block(text: &str, mut watch: Watch<'_>) -> Option<Vec<bool>> {
    let mut holds: Vec<bool> = Vec::new();
    let mut nesting: Nesting<'_, usize> = Nesting::new();
    for piece in Pieces::new(text, Dialect::Html) {
        if !watch.goes_on(piece.range.end) {
            return None;
        }
        match piece.part {
            Part::Start { name, empty } => {
                nesting.before_start(name, |_| ());
                if is_block(name) {
                    // Those above one that is marked are marked already.
                    for (_, index) in nesting.open.iter().rev() {
                        if std::mem::replace(&mut holds[*index], true) {
                            break;
                        }
                    }
                }
                if Nesting::<usize>::opens(name, empty) {
                    if nesting.open.len() >= DEEPEST {
                        return None;
                    }
                    nesting.open.push((name, holds.len()));
                }
                holds.push(false);
            }
            Part::End { name } => {
                if let Some(above) = nesting.closes(name) {
                    nesting.open.truncate(nesting.open.len() - above - 1);
                }
            }
            _ => {}
        }
    }
    Some(holds)
}

const BLANKS: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];

/// What is open while the text is walked.
struct Walk<'a> {
    nesting: Nesting<'a, bool>,
    /// Open elements that are not touched.
    fixed: usize,
    /// Whether a block-level tag stands right before.
    after_block: bool,
    /// Whitespace seen and not yet handed on.
    gap: &'a str,
}

impl<'a> Walk<'a> {
    /// The gap before a stretch, given whether the stretch is a block-level tag.
    fn gap(&mut self, block: bool) -> Gap<'a> {
        let gap = std::mem::take(&mut self.gap);
        let after_block = std::mem::replace(&mut self.after_block, block);
        if self.fixed > 0 {
            Gap::Kept(gap)
        } else if block || after_block {
            Gap::Break
        } else {
            Gap::Loose(gap)
        }
    }

    /// Depth to indent to: elements that hold blocks and are open.
    fn depth(&self) -> usize {
        self.nesting.open.len() - self.fixed
    }

    fn close(&mut self, count: usize) {
        for _ in 0..count {
            if let Some((_, true)) = self.nesting.open.pop() {
                self.fixed -= 1;
            }
        }
    }
}

/// Calls `each` with every stretch to be kept, the gap before it and its depth. A text that nests
/// too deep is one stretch.
fn walk<'a>(text: &'a str, progress: &Progress, mut each: impl FnMut(Gap<'a>, &'a str, usize)) {
    let Some(holds) = holds_block(text, Watch::new(progress, 0)) else {
        // What was stopped gives nothing.
        if !progress.is_cancelled() {
            each(Gap::Kept(""), text, 0);
        }
        return;
    };
    let mut watch = Watch::new(progress, text.len() as u64);
    let mut starts = 0;
    let mut walk = Walk { nesting: Nesting::new(), fixed: 0, after_block: true, gap: "" };
    for piece in Pieces::new(text, Dialect::Html) {
        if !watch.goes_on(piece.range.end) {
            return;
        }
        let source = &text[piece.range];
        match piece.part {
            Part::Text => {
                let core = source.trim_start_matches(BLANKS);
                let lead = &source[..source.len() - core.len()];
                if core.is_empty() {
                    walk.gap = lead;
                    continue;
                }
                walk.gap = lead;
                let core = core.trim_end_matches(BLANKS);
                let gap = walk.gap(false);
                each(gap, core, walk.depth());
                walk.gap = &source[lead.len() + core.len()..];
            }
            Part::Start { name, empty } => {
                let mut ended = 0;
                walk.nesting.before_start(name, |fixed| ended += usize::from(fixed));
                walk.fixed -= ended;
                let gap = walk.gap(is_block(name));
                each(gap, source, walk.depth());
                let fixed = !holds.get(starts).copied().unwrap_or(false)
                    || raw_element(name).is_some()
                    || name.eq_ignore_ascii_case("pre");
                starts += 1;
                if Nesting::<bool>::opens(name, empty) {
                    walk.fixed += usize::from(fixed);
                    walk.nesting.open.push((name, fixed));
                }
            }
            Part::End { name } => {
                let closes = walk.nesting.closes(name);
                if let Some(above) = closes {
                    walk.close(above);
                }
                let own = usize::from(closes.is_some());
                let depth = match walk.nesting.open.last() {
                    Some((_, false)) => walk.depth() - own,
                    _ => walk.depth(),
                };
                let gap = walk.gap(is_block(name));
                each(gap, source, depth);
                walk.close(own);
            }
            Part::Declaration => {
                let gap = walk.gap(true);
                each(gap, source, walk.depth());
            }
            Part::Comment | Part::CData | Part::Instruction => {
                let gap = walk.gap(false);
                each(gap, source, walk.depth());
            }
        }
    }
    if walk.fixed > 0 {
        each(Gap::Kept(walk.gap), "", 0);
    }
}

pub(super) fn beautify(text: &str, progress: &Progress) -> String {
    let mut layout = Layout::for_input(text.len());
    walk(text, progress, |gap, source, depth| {
        match gap {
            Gap::Kept(blanks) => layout.out.push_str(blanks),
            Gap::Loose(blanks) if blanks.contains('\n') => layout.line(depth),
            Gap::Loose(blanks) => layout.out.push_str(blanks),
            Gap::Break => layout.line(depth),
        }
        layout.out.push_str(source);
    });
    layout.out
}

pub(super) fn minify(text: &str, progress: &Progress) -> String {
    let mut out = String::with_capacity(text.len());
    walk(text, progress, |gap, source, _| {
        match gap {
            Gap::Kept(blanks) => out.push_str(blanks),
            Gap::Loose("") | Gap::Break => {}
            Gap::Loose(_) => out.push(' '),
        }
        out.push_str(source);
    });
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn beautify(text: &str) -> String {
        super::beautify(text, &Progress::default())
    }

    fn minify(text: &str) -> String {
        super::minify(text, &Progress::default())
    }

    #[test]
    fn a_page_is_indented() {
        let text = "<!DOCTYPE html><html><head><title>A b</title><meta charset=utf-8></head><body>\
                    <div class=\"x\"><p>Hello <b>you</b> there</p><hr>loose <i>text</i><ul><li>one<li>two\n</ul></div>\
                    <pre> as\n  is </pre><script>if (a < b) {\n }</script></body></html>";
        let want = "\
<!DOCTYPE html>
<html>
  <head>
    <title>A b</title>
    <meta charset=utf-8>
  </head>
  <body>
    <div class=\"x\">
      <p>Hello <b>you</b> there</p>
      <hr>
      loose <i>text</i>
      <ul>
        <li>one
        <li>two
      </ul>
    </div>
    <pre> as\n  is </pre>
    <script>if (a < b) {\n }</script>
  </body>
</html>";
        assert_eq!(beautify(text), want);
        assert_eq!(beautify(want), want);
        assert_eq!(minify(want), text.replace("two\n", "two"));
    }

    #[test]
    fn whitespace_that_is_shown_stays() {
        for text in [
            "<a>x</a> <a>y</a>",
            "<a>x</a><a>y</a>",
            "<p>a <b> b </b>c</p>",
            "a <script>1</script> b",
            "<textarea>\n x </textarea>",
        ] {
            assert_eq!(beautify(text), text);
            assert_eq!(minify(text), text);
        }
        assert_eq!(minify("<i>a</i> \n <i>b</i>"), "<i>a</i> <i>b</i>");
    }

    #[test]
    fn broken_html_goes_as_far_as_it_goes() {
        for (text, want) in [
            ("<div><p>x", "<div>\n  <p>x"),
            ("</div></p>x", "</div>\n</p>\nx"),
            ("<div><span></div><p>", "<div><span></div>\n<p>"),
            ("<div", "<div"),
            ("", ""),
        ] {
            assert_eq!(beautify(text), want, "{text:?}");
        }
    }

    #[test]
    fn depth_cannot_exhaust_memory() {
        let deep = "<div>".repeat(DEEPEST);
        assert!(beautify(&deep).len() < deep.len() * 8 + (1 << 20));
        let deeper = "<div> ".repeat(DEEPEST + 1);
        assert_eq!(beautify(&deeper), deeper);
    }

    proptest! {
        #[test]
        fn layout_keeps_what_is_shown(parts in prop::collection::vec(prop::sample::select(vec![
            "<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<br>", "<hr>", "text", " ", "\n  ",
            "<!-- c -->", "<li>", "<ul>", "</ul>", "<pre>", "</pre>", "<script>", "</script>", "<td>", "<tr>",
            "<table>", "</table>", "<", "日", "<!DOCTYPE html>", "<path/>", "<div/>", "a\nb ", "<x", ">",
        ]), 0..30)) {
            let text = parts.concat();
            let laid_out = beautify(&text);
            prop_assert_eq!(minify(&laid_out), minify(&text));
            prop_assert_eq!(beautify(&laid_out), laid_out.clone());
            prop_assert_eq!(minify(&minify(&text)), minify(&text));
            let ink = |s: &str| s.chars().filter(|c| !BLANKS.contains(c)).collect::<String>();
            prop_assert_eq!(ink(&laid_out), ink(&text));
        }
    }
}
