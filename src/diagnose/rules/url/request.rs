//! Headers, subprotocols, files and credentials of the request.

use crate::core::change::{Change, TokenSlip};
use crate::core::evidence::{Evidence, OddAuthorization};
use crate::core::url::{Scheme, UrlProblem, host_is_local};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

pub(super) fn subprotocol(e: &Evidence) -> Option<Draft> {
    let UrlProblem::Subprotocol { name, why } = see::url(e)? else { return None };
    Some(
        certain(format!("{} is not a valid subprotocol name.", words::said_in(name, 60)))
            .because(format!(
                "{why}. A subprotocol is one token (RFC 6455 section 4.1): letters, digits and \
                 !#$%&'*+-.^_`|~ only, each name once.",
                why = capital(&words::name(why))
            ))
            .hint("Use only characters of a token.")
            .hint(
                "Encode a secret that must travel here the way its vendor documents, often as \
                 base64url without padding.",
            ),
    )
}

pub(super) fn header(e: &Evidence) -> Option<Draft> {
    let UrlProblem::Header { name, why } = see::url(e)? else { return None };
    Some(
        certain(format!("The header {} cannot be sent.", words::said_in(name, 60)))
            .because(format!(
                "{}. A header is one line; a line break in it would start another header.",
                capital(&words::name(why))
            ))
            .hint("Paste the value again as one line, without a line break at its end.")
            .hint("Check that the name has no blank and no colon."),
    )
}

pub(super) fn auth(e: &Evidence) -> Option<Draft> {
    let UrlProblem::Auth { why } = see::url(e)? else { return None };
    Some(
        certain("The authentication cannot be put on the request.")
            .because(format!("{}.", capital(words::name(why).trim_end_matches('.'))))
            .hint("Fill in the missing field in the Auth tab.")
            .hint("Choose “none” there to connect without."),
    )
}

pub(super) fn file(e: &Evidence) -> Option<Draft> {
    let UrlProblem::File { why } = see::url(e)? else { return None };
    Some(
        certain("A file that the request names cannot be used.")
            .because(format!("The reason is: {}.", words::name(why).trim_end_matches('.')))
            .hint("Check the path and the file's permissions in Settings.")
            .hint("Clear the field to connect without that file."),
    )
}

pub(super) fn reserved(e: &Evidence) -> Option<Draft> {
    let names = &e.request.overridden;
    let first = names.first()?;
    Some(
        certain("Headers of the handshake itself were replaced by your own.")
            .warning()
            .because(format!(
                "Sent as typed: {}. These belong to the opening handshake, and a value that does \
                 not fit breaks it.",
                words::names(names, 6)
            ))
            .hint("Switch the rows off unless a broken handshake is what you test.")
            .fix(
                format!("Switch the header {} off", words::name(first)),
                Change::DisableHeader { name: first.clone() },
            ),
    )
}

pub(super) fn credential_odd(e: &Evidence) -> Option<Draft> {
    // What a token says of its time is told by rules of their own.
    let told = |note: &&String| !e.request.tokens.is_empty() && note.contains(" is a JWT ");
    let notes: Vec<&String> =
        e.request.credential_notes.iter().filter(|note| !told(note)).collect();
    (!notes.is_empty()).then_some(())?;
    let is_slip = |words: &[&str]| notes.iter().any(|n| words.iter().any(|w| n.contains(w)));
    if !SLIPS.iter().any(|(words, _)| is_slip(words)) {
        // Remarks of a way that signs, on the address or the clock: nothing to be pasted again.
        return Some(
            likely("The way of authenticating has a remark on this request.")
                .info()
                .because(format!("It is this: {}.", words::names(&notes, 4)))
                .hint("Look at it first if the login is refused."),
        );
    }
    let draft = likely("Something about the credential looks wrong.")
        .warning()
        .because(format!("Noticed without showing it: {}.", words::names(&notes, 4)))
        .hint("Paste the value again, without quotes, prefix or line break.")
        .hint("Check the choice in the Auth tab: it adds prefixes such as Bearer itself.");
    let slips = SLIPS
        .iter()
        .filter(|(words, _)| notes.iter().any(|note| words.iter().any(|word| note.contains(word))));
    Some(slips.fold(draft, |draft, (_, slip)| mend(e, draft, *slip)))
}

/// Words of notes about slips that can be taken out.
const SLIPS: &[(&[&str], TokenSlip)] = &[
    (&["line break", "blanks"], TokenSlip::Blanks),
    (&["quotation marks"], TokenSlip::Quotes),
    (&["began with", "begins with"], TokenSlip::Prefix),
];

/// Offers to take a slip out of the Auth tab's field; a header that was typed is not touched.
fn mend(e: &Evidence, draft: Draft, slip: TokenSlip) -> Draft {
    if ["", "none"].contains(&e.request.auth.as_str()) {
        return draft;
    }
    let label = match slip {
        TokenSlip::Blanks => "Take blanks and line breaks out of the token",
        TokenSlip::Quotes => "Take the quotation marks off the token",
        TokenSlip::Prefix => "Take the word in front of the token away",
    };
    draft.fix(label, Change::MendToken { slip })
}

pub(super) fn credentials_in_clear(e: &Evidence) -> Option<Draft> {
    let places: Vec<&str> = e
        .request
        .credentials
        .iter()
        .map(String::as_str)
        .filter(|place| *place != "certificate")
        .collect();
    let sent = e.http.as_ref().is_some_and(|http| http.sent_us > 0);
    (sent && e.request.scheme == "ws" && !places.is_empty() && !host_is_local(&e.request.host))
        .then_some(())?;
    Some(
        certain(format!("Credentials went to {} in clear text.", words::host(e)))
            .warning()
            .because(format!(
                "ws:// is not encrypted, so everybody on the way can read them. Sent: {}.",
                words::names(&places, 4)
            ))
            .hint("Use wss:// for this host.")
            .hint("Replace the credential if the network is not your own.")
            .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss }),
    )
}

pub(super) fn authorization_odd(e: &Evidence) -> Option<Draft> {
    let odd = e.request.odd_authorization?;
    let scheme = see::sent_scheme(e).unwrap_or_else(|| "its scheme".into());
    let (what, why, hint) = match odd {
        OddAuthorization::SchemeTwice => (
            "it names its scheme twice",
            format!("It begins with {scheme} and then with the same word again."),
            "Remove one of the two words.",
        ),
        OddAuthorization::NameInside => (
            "it holds the header's own name",
            "Its value begins with “Authorization”, which is the name and no part of the value."
                .to_owned(),
            "Remove the name from the value.",
        ),
        OddAuthorization::Quoted => (
            "the credential stands in quotation marks",
            "Quotation marks are sent along, and most servers take them for a part of the \
             credential."
                .to_owned(),
            "Remove the quotation marks.",
        ),
        OddAuthorization::BasicInClear => (
            "Basic wants base64, and a name with a colon was sent",
            "Basic is followed by the base64 of name:password (RFC 7617 section 2).".to_owned(),
            "Choose Basic in the Auth tab, which encodes name and password.",
        ),
    };
    let refused = see::status(e, &[400, 401, 403]);
    let draft = likely(format!("The Authorization value looks wrong: {what}."))
        .because(why)
        .because(match refused {
            Some(reply) => format!("The server answered {}.", reply.status),
            None => String::new(),
        })
        .hint(hint)
        .hint("Fill in the Auth tab instead of the header: it writes the scheme by itself.");
    let draft = match odd {
        OddAuthorization::SchemeTwice | OddAuthorization::NameInside => {
            mend(e, draft, TokenSlip::Prefix)
        }
        OddAuthorization::Quoted => mend(e, draft, TokenSlip::Quotes),
        OddAuthorization::BasicInClear => draft,
    };
    Some(if refused.is_some() { draft } else { draft.warning() })
}

/// A request head from which on some servers refuse it, in bytes: many stop at 8 KiB, for one
/// line or for all of them.
const LARGE_HEAD: u64 = 6 * 1024;

pub(super) fn head_large(e: &Evidence) -> Option<Draft> {
    let size = e.request.head_bytes;
    let sent = e.http.as_ref().is_some_and(|http| http.sent_us > 0);
    (size >= LARGE_HEAD && sent).then_some(())?;
    Some(
        certain(format!("The request's head is large: {}.", words::bytes(size)))
            .warning()
            .because(format!(
                "Many servers and proxies refuse heads or header lines over 8 KiB (nginx, Apache, \
                 Tomcat, Jetty), so this one may pass here and fail elsewhere. Credentials in it: \
                 {}.",
                match e.request.credentials.as_slice() {
                    [] => "none".to_owned(),
                    list => words::names(list, 4),
                }
            ))
            .hint("Drop cookies that the server does not need.")
            .hint("Get a token with fewer roles or for one project."),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
