//! Texts with placeholders, `{{name}}`, which ways that sign fill in.

use super::problem::AuthProblem;

/// Fills in each `{{name}}`. `value` gives what a name stands for, `None` if it is not known; blanks
/// around the name do not count. Braces that do not close stay text.
///
/// # Errors
/// [`AuthProblem::Placeholder`] for the first name that is not known, and whatever `value` finds.
pub(super) fn fill(
    label: &'static str,
    text: &str,
    known: &'static [&'static str],
    value: impl Fn(&str) -> Result<Option<String>, AuthProblem>,
) -> Result<String, AuthProblem> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest[start..].find("}}").map(|found| start + found) else { break };
        let name = rest[start + 2..end].trim();
        match value(name)? {
            Some(text) => {
                out.push_str(&rest[..start]);
                out.push_str(&text);
            }
            None => {
                let name: String = name.chars().take(40).collect();
                return Err(AuthProblem::Placeholder { label, name, known });
            }
        }
        rest = &rest[end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether a text is, or holds, what stands for a reference in a preview, `‹env:KEY›`: what is
/// computed from it means nothing yet.
pub(super) fn is_later(text: &str) -> bool {
    text.find('‹').is_some_and(|start| text[start..].contains('›'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_strange_ones_told() {
        let filled = |text: &str| {
            fill("Template", text, &["a", "b"], |name| {
                Ok(match name {
                    "a" => Some("1".into()),
                    "b" => Some("{{a}}".into()),
                    _ => None,
                })
            })
        };
        // What is filled in is not read again.
        assert_eq!(filled("x{{a}}-{{ b }}}y{{").unwrap(), "x1-{{a}}}y{{");
        let problem = filled("{{a}} {{sig}}").unwrap_err().to_string();
        assert_eq!(problem, "“Template” holds {{sig}}; it can hold {{a}}, {{b}}");
        assert!(is_later("Bearer ‹env:A›") && !is_later("› ‹"));
    }
}
