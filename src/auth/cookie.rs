//! Cookies pasted whole, as a browser's developer tools copy them (RFC 6265 section 4.2.1).

use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::headers::{describe, is_token_char};
use crate::core::request::AuthContribution;
use crate::core::secret::Secret;

/// Header names that are pasted along.
const PREFIXES: &[&str] = &["cookie:", "set-cookie:"];

/// Attributes of a `Set-Cookie` line (RFC 6265 section 4.1.1), which no client sends back.
const ATTRIBUTES: &[&str] = &[
    "path",
    "domain",
    "expires",
    "max-age",
    "samesite",
    "httponly",
    "secure",
    "partitioned",
    "priority",
];

#[derive(Debug)]
pub(super) struct Cookie;

impl Way for Cookie {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "cookie",
            label: "Cookies",
            summary: "Sends Cookie: NAME=VALUE; … as pasted, together with those of the jar.",
            group: Group::Token,
            fields: &[Field {
                placeholder: "session=…; csrf=…",
                help: "Pairs of name and value with a semicolon between them, as a browser's \
                       developer tools show them.",
                ..Field::secret("cookies", "Cookies")
            }],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        _: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (cookies, notes) = read(values.get("cookies"))?;
        if cookies.is_empty() {
            return Err(AuthProblem::Missing { label: "Cookies", way: self.label() });
        }
        Ok(AuthContribution { cookies, notes, ..AuthContribution::default() })
    }
}

type Pairs = Vec<(String, Secret)>;

/// The pairs in their order, and what was mended.
fn read(text: &str) -> Result<(Pairs, Vec<String>), AuthProblem> {
    let mut notes = Vec::new();
    let mut rest = text.trim();
    let is_set = rest.to_ascii_lowercase().starts_with("set-cookie:");
    let found = PREFIXES
        .iter()
        .find(|prefix| rest.get(..prefix.len()).is_some_and(|h| h.eq_ignore_ascii_case(prefix)));
    if let Some(prefix) = found {
        notes.push(format!(
            "the cookies began with “{}”, which is written by itself; left out",
            &rest[..prefix.len()]
        ));
        rest = rest[prefix.len()..].trim_start();
    }
    let mut pairs: Pairs = Vec::new();
    // Developer tools also copy one pair a line.
    for piece in rest.split([';', '\n', '\r']).map(str::trim).filter(|piece| !piece.is_empty()) {
        let (name, value) = match piece.split_once('=') {
            Some((name, value)) => (name.trim(), value.trim()),
            None => (piece, ""),
        };
        let is_attribute = ATTRIBUTES.iter().any(|known| name.eq_ignore_ascii_case(known));
        if (is_set && is_attribute && !pairs.is_empty()) || (is_attribute && !piece.contains('=')) {
            notes.push(format!("{name} is an attribute of a Set-Cookie line, left out"));
            continue;
        }
        if !piece.contains('=') {
            return Err(AuthProblem::Value {
                label: "Cookies",
                why: "holds a piece without “=”; each is written as NAME=VALUE".into(),
            });
        }
        only(name, "cookie's name", is_token_char)?;
        only(value, "cookie's value", |c| !c.is_control())?;
        if name.is_empty() {
            return Err(AuthProblem::Value {
                label: "Cookies",
                why: "holds a value without a name; each is written as NAME=VALUE".into(),
            });
        }
        if pairs.iter().any(|(known, _)| known == name) {
            notes.push(format!("the cookie {name} is there twice; servers differ in which counts"));
        }
        pairs.push((name.into(), value.into()));
    }
    Ok((pairs, notes))
}

fn only(text: &str, what: &'static str, good: fn(char) -> bool) -> Result<(), AuthProblem> {
    match text.chars().enumerate().find(|(_, c)| !good(*c)) {
        Some((at, c)) => Err(AuthProblem::Character {
            what,
            character: describe(c),
            position: at + 1,
            place: "a cookie",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_as_they_are_pasted() {
        for (text, expected, notes) in [
            ("a=b; c=d", "a=b c=d", 0),
            (" Cookie: a=b=;c=\"d e\" ", "a=b= c=\"d e\"", 1),
            ("cookie:a=b", "a=b", 1),
            ("a=1\r\nb=2\n", "a=1 b=2", 0),
            ("Set-Cookie: s=1; Path=/; HttpOnly; SameSite=Lax", "s=1", 4),
            ("s=1; HttpOnly; path=x", "s=1 path=x", 1),
            ("a=1; a=2", "a=1 a=2", 1),
            ("a=", "a=", 0),
        ] {
            let (pairs, told) = read(text).unwrap();
            let pairs: Vec<String> =
                pairs.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
            assert_eq!(
                (pairs.join(" "), told.len()),
                (expected.into(), notes),
                "{text:?} {told:?}"
            );
        }
    }

    #[test]
    fn what_is_no_cookie_is_refused_without_its_value() {
        for text in [
            "s3cret-value",
            "a=1; s3cret-value",
            "=s3cret-value",
            "a b=s3cret-value",
            "a=s3cret-\u{7}value",
        ] {
            let problem = read(text).unwrap_err().to_string();
            assert!(!problem.contains("s3cret"), "{problem}");
        }
        assert_eq!(read("Cookie: ;").unwrap().0, []);
    }
}
