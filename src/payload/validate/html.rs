//! Clear slips in HTML. Browsers accept everything; what is said here is what a person would want
//! to be told, and end tags that may be left out may be left out.

use super::{TOO_DEEP, short};
use crate::payload::html_elements::{Nesting, end_is_optional, is_void};
use crate::payload::markup::{DEEPEST, Dialect, Part, Pieces};
use crate::payload::problem::Problem;
use crate::payload::watch::Watch;

pub(super) fn validate(text: &str, mut watch: Watch<'_>) -> Result<(), Problem> {
    let mut nesting: Nesting<'_, usize> = Nesting::new();
    for piece in Pieces::new(text, Dialect::Html) {
        let at = piece.range.start;
        if !watch.goes_on(at) {
            return Ok(());
        }
        if !piece.closed {
            let message = match piece.part {
                Part::Comment => "this comment is not closed: --> is missing",
                Part::Start { .. } => "this tag is not closed: > or a closing quote is missing",
                _ => "this is not closed: > is missing",
            };
            return Err(Problem::at(text, at, message));
        }
        match piece.part {
            Part::Start { name, empty } => {
                nesting.before_start(name, |_| ());
                if Nesting::<usize>::opens(name, empty) {
                    if nesting.open.len() >= DEEPEST {
                        return Err(Problem::at(text, at, TOO_DEEP));
                    }
                    nesting.open.push((name, at));
                }
            }
            Part::End { name } if is_void(name) => {
                let message = format!("<{}> has no end tag", short(name));
                return Err(Problem::at(text, at, message));
            }
            Part::End { name } => {
                let Some(above) = nesting.closes(name) else {
                    // Browsers make an empty paragraph of it, which nobody means.
                    let message = format!("</{}> closes nothing", short(name));
                    return Err(Problem::at(text, at, message));
                };
                let closed = nesting.open.len() - above - 1;
                unclosed(text, &nesting.open[closed + 1..])?;
                nesting.open.truncate(closed);
            }
            _ => {}
        }
    }
    unclosed(text, &nesting.open)
}

/// The innermost of these elements that needs an end tag and has none.
fn unclosed(text: &str, open: &[(&str, usize)]) -> Result<(), Problem> {
    match open.iter().rev().find(|(name, _)| !end_is_optional(name)) {
        Some((name, at)) => Err(Problem::at(text, *at, format!("<{}> is not closed", short(name)))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::progress::Progress;

    fn validate(text: &str) -> Result<(), Problem> {
        super::validate(text, Watch::new(&Progress::default(), 0))
    }

    #[test]
    fn what_html_allows_is_no_problem() {
        for text in [
            "<!doctype html><html><head><title>x</title><body><p>one<p>two<br>a < b & c",
            "<ul><li>a<li>b</ul><table><tr><td>x<td>y<tr><td>z</table>",
            "<input disabled value=x><svg><path d='M0'/></svg>",
            "<script>if (a</b>c) '<div>'</script>",
            "text",
        ] {
            assert_eq!(validate(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn slips_are_placed_and_named() {
        for (text, line, column, message) in [
            ("<p>\n<div", 2, 1, "this tag is not closed: > or a closing quote is missing"),
            ("<a href=\"x>y</a>", 1, 1, "this tag is not closed: > or a closing quote is missing"),
            ("<!-- x", 1, 1, "this comment is not closed: --> is missing"),
            ("<div></span></div>", 1, 6, "</span> closes nothing"),
            ("<div>\n<span></div>", 2, 1, "<span> is not closed"),
            ("<p><div>x", 1, 4, "<div> is not closed"),
            ("a</br>", 1, 2, "<br> has no end tag"),
            ("<script>x", 1, 1, "<script> is not closed"),
        ] {
            let problem = validate(text).unwrap_err();
            let got = (problem.line, problem.column, problem.message.as_str());
            assert_eq!(got, (line, column, message), "{text:?}");
        }
    }
}
