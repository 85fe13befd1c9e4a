//! XML. An element that holds text (or nothing but whitespace) is left exactly as it is with all it
//! contains; only the whitespace between the tags of the others is changed.

use super::{Layout, Watch};
use crate::core::progress::Progress;
use crate::payload::markup::{DEEPEST, Dialect, Part, Pieces};

/// For each start tag in order: whether its content must not be touched. `None` if nothing may be
/// touched at all: there is text outside of all elements, or they nest too deep.
fn untouchable(text: &str, mut watch: Watch<'_>) -> Option<Vec<bool>> {
    struct Open {
        index: usize,
        has_text: bool,
        has_markup: bool,
    }
    let mut fixed = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for piece in Pieces::new(text, Dialect::Xml) {
        if !watch.goes_on(piece.range.end) {
            return None;
        }
        let source = &text[piece.range.clone()];
        match piece.part {
            Part::Text if is_blank(source) => {}
            Part::Text | Part::CData => open.last_mut()?.has_text = true,
            Part::End { .. } => {
                if let Some(element) = open.pop() {
                    fixed[element.index] |= element.has_text || !element.has_markup;
                }
            }
            Part::Start { empty, .. } => {
                if let Some(parent) = open.last_mut() {
                    parent.has_markup = true;
                }
                // One entry for an empty tag as well, so that both passes count alike.
                fixed.push(source.contains("xml:space"));
                if !empty {
                    if open.len() >= DEEPEST {
                        return None;
                    }
                    open.push(Open { index: fixed.len() - 1, has_text: false, has_markup: false });
                }
            }
            Part::Comment | Part::Instruction | Part::Declaration => {
                if let Some(parent) = open.last_mut() {
                    parent.has_markup = true;
                }
            }
        }
    }
    // Cut off before their end.
    for element in open {
        fixed[element.index] |= element.has_text;
    }
    Some(fixed)
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Calls `each` with every stretch to be kept, the depth it stands at, and whether a line may be
/// broken before it.
fn walk<'a>(
    text: &'a str,
    fixed: &[bool],
    mut watch: Watch<'_>,
    mut each: impl FnMut(&'a str, usize, bool),
) {
    let mut starts = 0;
    let mut depth = 0usize;
    // Depth of the untouchable element we are in.
    let mut inside: Option<usize> = None;
    for piece in Pieces::new(text, Dialect::Xml) {
        if !watch.goes_on(piece.range.end) {
            return;
        }
        let source = &text[piece.range.clone()];
        let free = inside.is_none();
        match piece.part {
            Part::Text if free && is_blank(source) => {}
            Part::Start { empty, .. } => {
                each(source, depth, free);
                let fixed = fixed.get(starts).copied().unwrap_or(true);
                starts += 1;
                if !empty {
                    if free && fixed {
                        inside = Some(depth);
                    }
                    depth += 1;
                }
            }
            Part::End { .. } => {
                depth = depth.saturating_sub(1);
                each(source, depth, free);
                if inside == Some(depth) {
                    inside = None;
                }
            }
            _ => each(source, depth, free),
        }
    }
}

/// What must not be touched, found in the first pass; the watch is for the second one. `None` if
/// the text stays as it is.
fn prepared<'a>(text: &str, progress: &'a Progress, done: u64) -> Option<(Vec<bool>, Watch<'a>)> {
    let fixed = untouchable(text, Watch::new(progress, done))?;
    Some((fixed, Watch::new(progress, done + text.len() as u64)))
}

/// A text that is not touched; nothing if the work was stopped.
fn as_it_is(text: &str, progress: &Progress) -> String {
    if progress.is_cancelled() { String::new() } else { text.to_owned() }
}

pub(super) fn beautify(text: &str, progress: &Progress, done: u64) -> String {
    let Some((fixed, watch)) = prepared(text, progress, done) else {
        return as_it_is(text, progress);
    };
    let mut layout = Layout::for_input(text.len());
    walk(text, &fixed, watch, |source, depth, free| {
        if free {
            layout.line(depth);
        }
        layout.out.push_str(source);
    });
    layout.out
}

pub(super) fn minify(text: &str, progress: &Progress, done: u64) -> String {
    let Some((fixed, watch)) = prepared(text, progress, done) else {
        return as_it_is(text, progress);
    };
    let mut out = String::with_capacity(text.len());
    walk(text, &fixed, watch, |source, _, _| out.push_str(source));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn beautify(text: &str) -> String {
        super::beautify(text, &Progress::default(), 0)
    }

    fn minify(text: &str) -> String {
        super::minify(text, &Progress::default(), 0)
    }

    #[test]
    fn elements_are_indented_and_mixed_content_left_alone() {
        let text = "<?xml version='1.0'?><!DOCTYPE a><a x='1'  y=\"<\"><!-- c --><b>te xt</b><c/>\
                    <p>some <i>mixed</i>  <b/> text</p><d><e> </e></d><?pi x?><f><![CDATA[ < ]]></f></a>";
        let want = "<?xml version='1.0'?>\n<!DOCTYPE a>\n<a x='1'  y=\"<\">\n  <!-- c -->\n  <b>te xt</b>\n  <c/>\n  \
                    <p>some <i>mixed</i>  <b/> text</p>\n  <d>\n    <e> </e>\n  </d>\n  <?pi x?>\n  \
                    <f><![CDATA[ < ]]></f>\n</a>";
        assert_eq!(beautify(text), want);
        assert_eq!(beautify(want), want);
        assert_eq!(minify(want), text);
    }

    #[test]
    fn preserved_space_is_preserved() {
        let text = "<a><b xml:space=\"preserve\"> <c/> </b> <d/></a>";
        assert_eq!(beautify(text), "<a>\n  <b xml:space=\"preserve\"> <c/> </b>\n  <d/>\n</a>");
    }

    #[test]
    fn broken_xml_goes_as_far_as_it_goes() {
        for (text, want) in [
            ("<a><b><c/>", "<a>\n  <b>\n    <c/>"),
            ("<a><b>cut of", "<a>\n  <b>cut of"),
            ("</a></a><b/>", "</a>\n</a>\n<b/>"),
            ("<a><b x='", "<a>\n  <b x='"),
            ("text <a/>", "text <a/>"),
            ("", ""),
        ] {
            assert_eq!(beautify(text), want, "{text:?}");
        }
    }

    #[test]
    fn depth_cannot_exhaust_memory() {
        let deep = "<a>".repeat(DEEPEST);
        assert!(beautify(&deep).len() < deep.len() * 8 + (1 << 20));
        let deeper = "<a> ".repeat(DEEPEST + 1);
        assert_eq!(beautify(&deeper), deeper);
    }

    proptest! {
        #[test]
        fn layout_keeps_the_tokens(parts in prop::collection::vec(prop::sample::select(vec![
            "<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "text", " ", "\n  ", "<!-- c -->", "<![CDATA[x]]>",
            "&amp;", "<?pi?>", "<", "日", "<d xml:space='preserve'>", "</d>",
        ]), 0..30)) {
            let text = parts.concat();
            let laid_out = beautify(&text);
            prop_assert_eq!(minify(&laid_out), minify(&text));
            prop_assert_eq!(beautify(&laid_out), laid_out.clone());
            prop_assert_eq!(minify(&minify(&text)), minify(&text));
        }
    }
}
