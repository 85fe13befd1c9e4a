//! Compression (permessage-deflate, RFC 7692): what the opening handshake agreed on, and messages
//! that do not unpack.

use crate::core::change::Change;
use crate::core::evidence::{
    DeflateFault, DeflateProblem, Deviation, End, Evidence, ExtensionProblem,
};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

const NAME: &str = "permessage-deflate";

/// Traffic from which on it is worth a word that a server does not compress.
const MUCH: u64 = 1024 * 1024;

/// Largest limit that a fix proposes: 1 GiB.
const MOST: u64 = 1 << 30;

/// Compression was offered, by the setting or by a header of the user.
pub(in crate::diagnose::rules) fn is_offered(e: &Evidence) -> bool {
    e.request.extensions.iter().any(|item| {
        item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(NAME))
    })
}

/// Proposes to do without compression.
pub(in crate::diagnose::rules) fn switch_off(draft: Draft) -> Draft {
    draft.fix("Connect without compression", Change::SetCompression { on: false })
}

/// Proposes to offer compression, if it was not.
pub(super) fn switch_on(e: &Evidence, draft: Draft) -> Draft {
    if is_offered(e) {
        draft
    } else {
        draft.fix("Offer compression", Change::SetCompression { on: true })
    }
}

fn told(problem: &ExtensionProblem) -> String {
    use ExtensionProblem as P;
    let said = |text: &str| words::said_in(text, 40);
    match problem {
        P::Syntax => "the header is no list of extensions".into(),
        P::Doubled { extension } => format!("{} is there twice", said(extension)),
        P::Unknown { name } => format!("{} is no parameter of it", said(name)),
        P::Twice { name } => format!("{} is there twice", said(name)),
        P::NoValue { name } => format!("{} has no value", said(name)),
        P::BadValue { name, value } if name.ends_with("_bits") => {
            format!("{} is {}, and must be a number from 8 to 15", said(name), said(value))
        }
        P::BadValue { name, .. } => format!("{} has a value, and takes none", said(name)),
        P::NotOffered { name } => format!("{} was not offered", said(name)),
        P::Ignored { name } => format!("{} was demanded, and is missing", said(name)),
    }
}

pub(super) fn bad_parameter(e: &Evidence) -> Option<Draft> {
    let ws = e.websocket.as_ref()?;
    ws.deviations.contains(&Deviation::ExtensionBadParameter).then_some(())?;
    let fault = ws.extension_problem.as_ref().map(told);
    let answer = ws.extensions.as_deref().unwrap_or_default();
    let draft = certain(match fault {
        Some(fault) => format!("The server's compression settings are invalid: {fault}."),
        None => "The server's compression settings are invalid.".into(),
    })
    .because(format!("Its answer has the extension {}.", words::said_in(answer, 100)))
    .because("A client must refuse that (RFC 7692 section 7.1).")
    .hint("Connect without compression.")
    .hint("Tell the server's author.");
    Some(switch_off(draft))
}

pub(super) fn declined(e: &Evidence) -> Option<Draft> {
    let ws = e.websocket.as_ref().filter(|_| e.opened())?;
    (is_offered(e) && ws.extensions.is_none()).then_some(())?;
    // Most servers do not compress. That is worth a word to those who ask for it in so many words,
    // and where it costs something.
    let asked =
        e.request.overridden.iter().any(|n| n.eq_ignore_ascii_case("sec-websocket-extensions"));
    let much = e.session.as_ref().is_some_and(|s| s.received.bytes + s.sent.bytes >= MUCH);
    (asked || much).then_some(())?;
    Some(
        certain("The server does not compress messages.")
            .info()
            .because("permessage-deflate was offered, and the answer does not take it up.")
            .hint("Leave it at that, unless large messages are slow."),
    )
}

fn fault(e: &Evidence, problem: DeflateProblem) -> Option<(&End, DeflateFault)> {
    let (_, end) = see::end(e)?;
    let fault = end.deflate.filter(|fault| fault.problem == problem)?;
    Some((end, fault))
}

pub(super) fn corrupt(e: &Evidence) -> Option<Draft> {
    let (end, fault) = fault(e, DeflateProblem::Corrupt)?;
    let fresh = e.websocket.as_ref().and_then(|ws| ws.deflate);
    let fresh = fresh.is_some_and(|agreed| agreed.server_no_context_takeover);
    Some(switch_off(
        certain("A compressed message could not be unpacked.")
            .because(format!("The reader says {}.", words::said(&end.text)))
            .because(format!(
                "It gave up after {} of the message, which had unpacked to {}.",
                words::bytes(fault.wire),
                words::bytes(fault.unpacked)
            ))
            .because(if fresh {
                "The server agreed to pack each message by itself (server_no_context_takeover); \
                 one that goes on where the last one ended cannot be read."
            } else {
                "Messages are packed as one stream, so one that was changed, lost or sent in \
                 another order on the way makes all that follow it unreadable."
            })
            .hint("Connect without compression.")
            .hint("Check the proxy in between: it may change messages.")
            .hint("Update the server's WebSocket library."),
    ))
}

pub(super) fn bomb(e: &Evidence) -> Option<Draft> {
    let (_, fault) = fault(e, DeflateProblem::TooLarge)?;
    let limit = e.request.max_message;
    let ratio = fault.unpacked / fault.wire.max(1);
    let draft = certain(format!(
        "A compressed message unpacks to more than {}, the limit.",
        words::bytes(limit)
    ))
    .because(format!(
        "{} of it had unpacked to {}, which is {ratio} times as much.",
        words::bytes(fault.wire),
        words::bytes(fault.unpacked)
    ))
    .because(if ratio >= 100 {
        "Hardly any data that means something shrinks so much: it may be meant to fill memory."
    } else {
        "Ordinary data shrinks so much; the message is just large."
    })
    .because("Unpacking stopped there, and the connection was closed with 1009.")
    .hint("Raise the limit, if you trust the server.")
    .hint("Connect without compression, to see how large its messages are.");
    let wanted = limit.saturating_mul(4).checked_next_power_of_two().unwrap_or(MOST).min(MOST);
    let draft = if limit > 0 && wanted > limit {
        draft.fix(
            format!("Set the limit to {}", words::bytes(wanted)),
            Change::SetMaxMessage { bytes: wanted },
        )
    } else {
        draft
    };
    Some(switch_off(draft))
}
