//! Addresses that cannot be used.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::url::UrlProblem;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

const UNSENT: &str = "Nothing was sent.";

pub(super) fn empty(e: &Evidence) -> Option<Draft> {
    matches!(see::url(e)?, UrlProblem::Empty).then(|| {
        certain("No address was given.")
            .because(UNSENT)
            .hint("Type an address such as ws://localhost:8080/.")
            .hint("Check that the shell variable or template that should hold it is set.")
    })
}

pub(super) fn unknown_scheme(e: &Evidence) -> Option<Draft> {
    let UrlProblem::UnknownScheme { scheme } = see::url(e)? else { return None };
    let mut draft = certain(format!(
        "The scheme {} is not one that a WebSocket client can use.",
        words::said_in(scheme, 40)
    ))
    .because("A WebSocket address begins with ws:// or wss:// (RFC 6455 section 3).")
    .because(UNSENT)
    .hint("Check the spelling: ws:// is plain, wss:// is with TLS.");
    draft = match scheme.to_ascii_lowercase().as_str() {
        "mqtt" | "mqtts" => draft.hint(
            "Use the broker's WebSocket port with wss:// and subprotocol mqtt; its path is \
             often /mqtt.",
        ),
        "stomp" => draft.hint("Use wss:// and offer the subprotocol v12.stomp."),
        _ => draft.hint("Use a client of that protocol if the address is right as it is."),
    };
    use crate::core::url::Scheme;
    Some(
        draft
            .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss })
            .fix("Switch to ws://", Change::SetScheme { scheme: Scheme::Ws }),
    )
}

pub(super) fn bad_port(e: &Evidence) -> Option<Draft> {
    let UrlProblem::BadPort { port } = see::url(e)? else { return None };
    Some(
        certain("The port in the address is not a number from 1 to 65535.")
            .because(format!("It reads {}.", words::said_in(port, 40)))
            .because(UNSENT)
            .hint("Correct the port.")
            .hint("Remove it to use 443 for wss:// or 80 for ws://."),
    )
}

pub(super) fn empty_host(e: &Evidence) -> Option<Draft> {
    matches!(see::url(e)?, UrlProblem::EmptyHost).then(|| {
        certain("The address names no host.")
            .because("Between the scheme and the path stands nothing that could be one.")
            .because(UNSENT)
            .hint("Write it as ws://host:port/path.")
            .hint("Check that the variable for the host is set.")
    })
}

pub(super) fn ipv6_brackets(e: &Evidence) -> Option<Draft> {
    let problem = see::url(e)?;
    matches!(problem, UrlProblem::Ipv6Brackets { .. }).then_some(())?;
    let draft = certain("An IPv6 address must stand in square brackets.")
        .because("Without them its colons cannot be told from the one before the port.")
        .because(UNSENT)
        .hint("Write it as ws://[::1]:8080/.");
    Some(mended(draft, problem))
}

pub(super) fn placeholder(e: &Evidence) -> Option<Draft> {
    let UrlProblem::Placeholder { placeholder } = see::url(e)? else { return None };
    Some(
        certain(format!(
            "The address still holds the placeholder {}.",
            words::said_in(placeholder, 60)
        ))
        .because("A template was copied without its value being filled in.")
        .because(UNSENT)
        .hint("Fill in the value.")
        .hint("Choose the environment that defines it."),
    )
}

pub(super) fn bad_character(e: &Evidence) -> Option<Draft> {
    let problem = see::url(e)?;
    let UrlProblem::BadCharacter { character, position, .. } = problem else { return None };
    let draft = certain(format!(
        "The address holds {} at position {position}, which does not belong there.",
        words::name(character)
    ))
    .because(
        "Such characters come along when an address is copied from a document, a chat or a \
         terminal that broke the line.",
    )
    .because(UNSENT)
    .hint("Remove the character.")
    .hint("Encode it as %20 if a blank really belongs there.");
    Some(mended(draft, problem))
}

pub(super) fn fragment(e: &Evidence) -> Option<Draft> {
    let problem = see::url(e)?;
    matches!(problem, UrlProblem::Fragment { .. }).then_some(())?;
    let draft = certain(
        "A WebSocket address cannot have a #fragment; everything after # would not be sent.",
    )
    .because("A # inside a token or a name must be written as %23 (RFC 6455 section 3).")
    .because(UNSENT)
    .hint("Write # as %23 if it belongs to a value.")
    .hint("Remove it and what follows if it came from a page's address.");
    Some(mended(draft, problem))
}

pub(super) fn userinfo(e: &Evidence) -> Option<Draft> {
    matches!(see::url(e)?, UrlProblem::Userinfo).then_some(())?;
    Some(
        likely("The name or password in the address holds a reserved character.")
            .because(
                "An @ stands behind the first slash, so the part before it was read as host and \
                 port. It is not shown here, since it may be a password.",
            )
            .because(UNSENT)
            .hint("Put name and password into the Auth tab as Basic, and remove them from the address.")
            .hint("Encode reserved characters: / as %2F, @ as %40, # as %23, : as %3A."),
    )
}

fn mended(mut draft: Draft, problem: &UrlProblem) -> Draft {
    for (choice, (label, _)) in problem.mended().into_iter().enumerate() {
        let mut letters = label.chars();
        let label: String = letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default();
        draft = draft.fix(label, Change::MendUrl { choice });
    }
    draft
}
