//! What is known of credentials that go out, without the credentials.

use serde::{Deserialize, Serialize};

use crate::core::time::Micros;

/// Header and claims of a JWT (RFC 7519) that explain a refusal. Its signature, its subject and
/// every other claim stay out of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenFacts {
    /// Where it goes: `header Authorization`, `query token`, `cookie session`, `subprotocol`.
    pub place: String,
    /// Algorithm of the signature, as the header names it.
    pub alg: String,
    /// Not good from then on (section 4.1.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<Micros>,
    /// Not good before (section 4.1.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Micros>,
    /// When it was made (section 4.1.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<Micros>,
    /// Who made it (section 4.1.1), escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// For whom it is (section 4.1.3), escaped.
    pub aud: Vec<String>,
}

/// What is wrong with the form of an `Authorization` value (RFC 9110 section 11.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OddAuthorization {
    /// `Bearer Bearer …`.
    SchemeTwice,
    /// `Authorization: …` inside the value.
    NameInside,
    /// The credential stands in quotation marks.
    Quoted,
    /// `Basic name:password`, not in base64 (RFC 7617 section 2).
    BasicInClear,
}

impl OddAuthorization {
    /// The first thing that is wrong with a value.
    #[must_use]
    pub fn of(value: &str) -> Option<OddAuthorization> {
        let value = value.trim();
        let (word, rest) = value.split_once([' ', ':']).unwrap_or((value, ""));
        let rest = rest.trim();
        if word.eq_ignore_ascii_case("authorization") {
            return Some(OddAuthorization::NameInside);
        }
        let (next, more) = rest.split_once(' ').unwrap_or((rest, ""));
        if next.eq_ignore_ascii_case(word) && !more.trim().is_empty() {
            return Some(OddAuthorization::SchemeTwice);
        }
        let quoted = |text: &str| {
            text.len() > 2
                && ["\"", "'", "`"].iter().any(|q| text.starts_with(q) && text.ends_with(q))
        };
        if quoted(rest) || quoted(value) {
            return Some(OddAuthorization::Quoted);
        }
        (word.eq_ignore_ascii_case("basic") && rest.contains(':'))
            .then_some(OddAuthorization::BasicInClear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_are_told_from_good_ones() {
        use OddAuthorization::*;
        for (value, odd) in [
            ("Bearer abc", None),
            ("Bearer bearer abc", Some(SchemeTwice)),
            ("Authorization: Bearer abc", Some(NameInside)),
            ("Bearer \"abc\"", Some(Quoted)),
            ("'Bearer abc'", Some(Quoted)),
            ("Basic user:pass", Some(BasicInClear)),
            ("Basic dXNlcjpwYXNz", None),
            ("Digest username=\"a\", uri=\"/x:y\"", None),
            ("", None),
            ("Bearer", None),
        ] {
            assert_eq!(OddAuthorization::of(value), odd, "{value}");
        }
    }
}
