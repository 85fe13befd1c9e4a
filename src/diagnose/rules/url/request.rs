//! Headers, subprotocols, files and credentials of the request.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
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
    let notes = &e.request.credential_notes;
    (!notes.is_empty()).then_some(())?;
    Some(
        likely("Something about the credential looks wrong.")
            .warning()
            .because(format!("Noticed without showing it: {}.", words::names(notes, 4)))
            .hint("Paste the value again, without quotes, prefix or line break.")
            .hint("Check the choice in the Auth tab: it adds prefixes such as Bearer itself."),
    )
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

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
