//! The extensions of a 101 held against those offered (RFC 6455 section 9.1, RFC 7692 section 7.1).
//!
//! What was offered is read from the header that went out, so that an offer that the user typed
//! counts as it stands.

use crate::core::evidence::{DeflateFacts, ExtensionProblem};
use crate::core::headers::is_token_char;

const DEFLATE: &str = "permessage-deflate";
const SERVER_NO_CONTEXT: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT: &str = "client_no_context_takeover";
const SERVER_BITS: &str = "server_max_window_bits";
const CLIENT_BITS: &str = "client_max_window_bits";

/// What a reply's extensions come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Agreed {
    pub deflate: Option<DeflateFacts>,
    /// One of them was not offered.
    pub unoffered: bool,
    /// Why they cannot be used.
    pub problem: Option<ExtensionProblem>,
}

/// An extension with its parameters as they stand.
#[derive(Debug, PartialEq, Eq)]
struct Extension {
    name: String,
    params: Vec<(String, Option<String>)>,
}

/// What was agreed on, by the values of both headers; each empty if there was none.
pub(super) fn agree(offered: &str, reply: &str) -> Agreed {
    // An offer that we cannot read can still be agreed to; its names count as far as they go.
    let (offers, _) = read(offered);
    let (extensions, is_whole) = read(reply);
    let is_deflate = |extension: &&Extension| extension.name.eq_ignore_ascii_case(DEFLATE);
    let unoffered = extensions
        .iter()
        .any(|agreed| !offers.iter().any(|o| o.name.eq_ignore_ascii_case(&agreed.name)));
    if !is_whole {
        let problem = Some(ExtensionProblem::Syntax);
        return Agreed { deflate: None, unoffered, problem };
    }
    let mut deflates = extensions.iter().filter(is_deflate);
    let Some(deflate) = deflates.next() else {
        return Agreed { unoffered, ..Agreed::default() };
    };
    if deflates.next().is_some() {
        let problem = Some(ExtensionProblem::Doubled { extension: DEFLATE.to_owned() });
        return Agreed { deflate: None, unoffered, problem };
    }
    // A server takes one of several offers, the first ones preferred, and does not say which.
    let mut problem = None;
    for offer in offers.iter().filter(is_deflate) {
        match answers(offer, deflate) {
            Ok(facts) => return Agreed { deflate: Some(facts), unoffered, problem: None },
            Err(why) => problem = problem.or(Some(why)),
        }
    }
    Agreed { deflate: None, unoffered, problem }
}

/// The parameters that a reply sets, if it is a lawful answer to this offer (section 7.1).
fn answers(offer: &Extension, reply: &Extension) -> Result<DeflateFacts, ExtensionProblem> {
    let mut facts = DeflateFacts::default();
    for (index, (name, value)) in reply.params.iter().enumerate() {
        if reply.params[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(ExtensionProblem::Twice { name: name.clone() });
        }
        let flag = || match value {
            None => Ok(true),
            Some(value) => Err(bad_value(name, value)),
        };
        match name.as_str() {
            SERVER_NO_CONTEXT => facts.server_no_context_takeover = flag()?,
            CLIENT_NO_CONTEXT => facts.client_no_context_takeover = flag()?,
            SERVER_BITS => facts.server_max_window_bits = bits(name, value.as_deref())?,
            // Only a client that says that it can may be asked for it (section 7.1.2.2).
            CLIENT_BITS if param(offer, CLIENT_BITS).is_none() => {
                return Err(ExtensionProblem::NotOffered { name: name.clone() });
            }
            CLIENT_BITS => facts.client_max_window_bits = bits(name, value.as_deref())?,
            _ => return Err(ExtensionProblem::Unknown { name: name.clone() }),
        }
    }
    // What the offer demands of the server must be in the reply (sections 7.1.1.1 and 7.1.2.1).
    if param(offer, SERVER_NO_CONTEXT).is_some() && !facts.server_no_context_takeover {
        return Err(ExtensionProblem::Ignored { name: SERVER_NO_CONTEXT.to_owned() });
    }
    let most =
        param(offer, SERVER_BITS).flatten().and_then(|value| bits(SERVER_BITS, Some(value)).ok());
    if let Some(most) = most
        && facts.server_max_window_bits > most
    {
        return Err(match param(reply, SERVER_BITS) {
            Some(value) => bad_value(SERVER_BITS, value.unwrap_or_default()),
            None => ExtensionProblem::Ignored { name: SERVER_BITS.to_owned() },
        });
    }
    Ok(facts)
}

/// `Some(None)` for a parameter without a value.
fn param<'a>(extension: &'a Extension, name: &str) -> Option<Option<&'a str>> {
    extension.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_deref())
}

/// 8 to 15, without leading zeros.
fn bits(name: &str, value: Option<&str>) -> Result<u8, ExtensionProblem> {
    match value {
        None => Err(ExtensionProblem::NoValue { name: name.to_owned() }),
        Some("8") => Ok(8),
        Some("9") => Ok(9),
        Some(value) if value.len() == 2 && value.bytes().all(|b| b.is_ascii_digit()) => value
            .parse()
            .ok()
            .filter(|bits| (10..=15).contains(bits))
            .ok_or_else(|| bad_value(name, value)),
        Some(value) => Err(bad_value(name, value)),
    }
}

fn bad_value(name: &str, value: &str) -> ExtensionProblem {
    ExtensionProblem::BadValue { name: name.to_owned(), value: value.to_owned() }
}

/// Reads a list of extensions as far as it is one, and says whether all of it is.
fn read(value: &str) -> (Vec<Extension>, bool) {
    let mut out = Vec::new();
    for item in split(value, ',') {
        let mut parts = split(item, ';').into_iter();
        let name = parts.next().unwrap_or_default();
        // Empty items of a list mean nothing (RFC 9110 section 5.6.1).
        if item.is_empty() {
            continue;
        }
        let mut params = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
                None => (part, None),
            };
            if !is_token(name) || value.as_deref().is_some_and(|value| !is_token(value)) {
                return (out, false);
            }
            params.push((name.to_owned(), value));
        }
        if !is_token(name) {
            return (out, false);
        }
        out.push(Extension { name: name.to_owned(), params });
    }
    (out, true)
}

/// Parts between separators that do not stand in a quoted string, trimmed.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                out.push(text[from..at].trim());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(text[from..].trim());
    out
}

/// The content of a quoted string, which must be a token all the same (RFC 6455 section 9.1).
fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace('\\', ""),
        None => value.to_owned(),
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_char)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &str = "permessage-deflate; client_max_window_bits";

    fn facts(server_fresh: bool, client_fresh: bool, server: u8, client: u8) -> DeflateFacts {
        DeflateFacts {
            server_no_context_takeover: server_fresh,
            client_no_context_takeover: client_fresh,
            server_max_window_bits: server,
            client_max_window_bits: client,
        }
    }

    #[test]
    fn lawful_answers_are_taken() {
        for (reply, want) in [
            ("permessage-deflate", facts(false, false, 15, 15)),
            ("Permessage-Deflate ; server_no_context_takeover", facts(true, false, 15, 15)),
            (
                "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
                facts(false, true, 15, 9),
            ),
            ("permessage-deflate; server_max_window_bits=\"10\"", facts(false, false, 10, 15)),
            (", permessage-deflate;server_max_window_bits=8 ,", facts(false, false, 8, 15)),
        ] {
            let want = Agreed { deflate: Some(want), ..Agreed::default() };
            assert_eq!(agree(OURS, reply), want, "{reply}");
        }
        assert_eq!(agree(OURS, ""), Agreed::default());
    }

    #[test]
    fn each_bad_answer_is_named() {
        use ExtensionProblem as P;
        let named = |name: &str| name.to_owned();
        let bad = |name: &str, value: &str| bad_value(name, value);
        for (params, want) in [
            ("; foo", P::Unknown { name: named("foo") }),
            ("; foo=1", P::Unknown { name: named("foo") }),
            (
                "; server_no_context_takeover; server_no_context_takeover",
                P::Twice { name: named(SERVER_NO_CONTEXT) },
            ),
            ("; server_no_context_takeover=1", bad(SERVER_NO_CONTEXT, "1")),
            ("; server_max_window_bits", P::NoValue { name: named(SERVER_BITS) }),
            ("; client_max_window_bits", P::NoValue { name: named(CLIENT_BITS) }),
            ("; server_max_window_bits=7", bad(SERVER_BITS, "7")),
            ("; server_max_window_bits=16", bad(SERVER_BITS, "16")),
            ("; server_max_window_bits=08", bad(SERVER_BITS, "08")),
            ("; client_max_window_bits=+9", bad(CLIENT_BITS, "+9")),
            ("; server_max_window_bits=", P::Syntax),
            ("; a b", P::Syntax),
            ("; =1", P::Syntax),
            (";", P::Syntax),
            (", permessage-deflate", P::Doubled { extension: named(DEFLATE) }),
        ] {
            let agreed = agree(OURS, &format!("permessage-deflate{params}"));
            assert_eq!((agreed.deflate, agreed.problem), (None, Some(want)), "{params}");
        }
    }

    #[test]
    fn an_offer_that_was_typed_counts_as_it_stands() {
        let problem = |offer, reply| agree(offer, reply).problem;
        assert_eq!(
            problem("permessage-deflate", "permessage-deflate; client_max_window_bits=10"),
            Some(ExtensionProblem::NotOffered { name: CLIENT_BITS.to_owned() })
        );
        let demanding = "permessage-deflate; server_no_context_takeover; server_max_window_bits=10";
        assert_eq!(
            problem(demanding, "permessage-deflate; server_max_window_bits=10"),
            Some(ExtensionProblem::Ignored { name: SERVER_NO_CONTEXT.to_owned() })
        );
        assert_eq!(
            problem(demanding, "permessage-deflate; server_no_context_takeover"),
            Some(ExtensionProblem::Ignored { name: SERVER_BITS.to_owned() })
        );
        // The second of two offers may be the one that was taken.
        let two = format!("{demanding}, permessage-deflate");
        assert_eq!(agree(&two, "permessage-deflate").deflate, Some(DeflateFacts::default()));
        let other = agree("x-webkit-deflate-frame", "x-webkit-deflate-frame");
        assert_eq!(other, Agreed::default());
        assert!(agree("", "permessage-deflate").unoffered);
    }

    proptest! {
        #[test]
        fn nothing_upsets_the_reader(offer in "\\PC{0,60}", reply in "[a-z\",;=\\\\ ]{0,60}") {
            let _ = agree(&offer, &reply);
        }
    }
}
