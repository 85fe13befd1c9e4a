//! What the HTML standard says of elements, as far as laying out and checking need it.

/// Elements without content and end tag.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements next to which whitespace is not shown. `script` and `style` are not among them: they
/// may stand in the middle of a sentence.
const BLOCK: &[&str] = &[
    "address",
    "article",
    "aside",
    "base",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "meta",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "search",
];

/// Elements whose end tag may be left out.
const OPTIONAL_END: &[&str] = &[
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rp", "rt",
    "tbody", "td", "tfoot", "th", "thead", "tr", "caption",
];

fn is_in(list: &[&str], name: &str) -> bool {
    /// `blockquote`, `figcaption`: no list is searched for a longer name.
    const LONGEST: usize = 10;
    name.len() <= LONGEST && list.iter().any(|element| element.eq_ignore_ascii_case(name))
}

pub(super) fn is_void(name: &str) -> bool {
    is_in(VOID, name)
}

pub(super) fn is_block(name: &str) -> bool {
    is_in(BLOCK, name)
}

pub(super) fn end_is_optional(name: &str) -> bool {
    is_in(OPTIONAL_END, name)
}

/// Whether an open element ends where another starts: `<li>` ends at the next `<li>`.
fn ends_before(open: &str, starting: &str) -> bool {
    let rules: [(&[&str], &[&str]); 8] = [
        (&["li"], &["li"]),
        (&["dd", "dt"], &["dd", "dt"]),
        (&["option"], &["option", "optgroup"]),
        (&["optgroup"], &["optgroup"]),
        (&["td", "th"], &["td", "th", "tr", "tbody", "tfoot", "thead"]),
        (&["tr"], &["tr", "tbody", "tfoot", "thead"]),
        (&["tbody", "thead", "tfoot", "colgroup"], &["tbody", "tfoot", "thead"]),
        (&["head"], &["body"]),
    ];
    if open.eq_ignore_ascii_case("p") {
        return is_block(starting);
    }
    rules.iter().any(|(opens, starts)| is_in(opens, open) && is_in(starts, starting))
}

/// Elements looked at for the one an end tag closes. Bounds the work on hostile nesting.
const SEARCH: usize = 64;

/// The elements open at a place, each with what the caller wants to know of it.
#[derive(Debug)]
pub(super) struct Nesting<'a, T> {
    /// Outermost first.
    pub open: Vec<(&'a str, T)>,
}

impl<'a, T> Nesting<'a, T> {
    pub fn new() -> Self {
        Nesting { open: Vec::new() }
    }

    /// Closes what ends before this start tag; each closed element is handed over.
    pub fn before_start(&mut self, name: &str, mut closed: impl FnMut(T)) {
        while self.open.last().is_some_and(|(open, _)| ends_before(open, name)) {
            if let Some((_, data)) = self.open.pop() {
                closed(data);
            }
        }
    }

    /// Whether a start tag opens an element, rather than being all of it. A slash at its end means
    /// something only in foreign content, so it is ignored on HTML's own blocks.
    pub fn opens(name: &str, empty: bool) -> bool {
        !is_void(name) && (!empty || is_block(name))
    }

    /// How deep from the top the element is that this end tag closes; `None` for a stray one.
    pub fn closes(&self, name: &str) -> Option<usize> {
        self.open.iter().rev().take(SEARCH).position(|(open, _)| open.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_ends_are_supplied() {
        let mut nesting = Nesting::new();
        nesting.open = vec![("table", 1), ("tr", 2), ("td", 3)];
        let mut closed = Vec::new();
        nesting.before_start("TR", |data| closed.push(data));
        assert_eq!(closed, [3, 2]);
        assert_eq!(nesting.closes("Table"), Some(0));
        assert_eq!(nesting.closes("td"), None);
        nesting.before_start("p", |_| panic!("nothing ends here"));
    }
}
