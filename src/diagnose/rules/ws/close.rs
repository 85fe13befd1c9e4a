//! Close codes 1000 to 1015 (RFC 6455 section 7.4.1). The server's reason comes before any guess.

use crate::core::close::may_be_sent;
use crate::core::evidence::{End, EndedBy, Evidence, IoProblem, SessionFacts, Violation};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

use super::deflate::switch_on;

use super::dropped::{last_words, story};

/// A close that the peer began, with its code.
pub(in crate::diagnose::rules) fn closed(e: &Evidence) -> Option<(&SessionFacts, &End, u16)> {
    let (session, end) = see::end(e)?;
    (end.close_received && end.by == EndedBy::Peer).then_some((session, end, end.code()))
}

/// The same, if the code is one of these.
fn code<'a>(e: &'a Evidence, wanted: &[u16]) -> Option<(&'a SessionFacts, &'a End, u16)> {
    closed(e).filter(|(_, _, code)| wanted.contains(code))
}

/// A summary that ends with the server's reason, if it gave one.
pub(in crate::diagnose::rules) fn with_reason(what: &str, end: &End) -> Draft {
    match end.reason_received.trim() {
        "" => certain(format!("{what}, without a reason.")),
        reason => certain(format!("{what}: {}.", words::said_in(reason, 120))),
    }
}

fn facts(draft: Draft, session: &SessionFacts, end: &End) -> Draft {
    draft
        .because(format!("The close code is {}.", end.code()))
        .because(story(session, end))
        .because(last_words(session))
}

pub(super) fn normal(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1000])?;
    let quick = session.received.messages() == 0 && see::open_us(session, end) < 5_000_000;
    Some(
        facts(
            with_reason("The server closed the connection normally (1000)", end).info(),
            session,
            end,
        )
        .hint(if quick {
            "Check whether a login or a first message is expected: it closed right away."
        } else {
            "Connect again if you are not done."
        }),
    )
}

pub(super) fn going_away(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1001])?;
    Some(
        facts(with_reason("The server goes away (1001)", end).warning(), session, end)
            .because("It shuts down, restarts, or ends connections of a certain age or silence.")
            .hint("Reconnect after a short wait.")
            .hint("Compare age and silence with those of the next end."),
    )
}

pub(super) fn protocol_error(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1002])?;
    Some(
        facts(
            with_reason("The server says that this client broke the protocol (1002)", end),
            session,
            end,
        )
        .hint("Offer the subprotocol that the server wants; some use this code when it is missing.")
        .hint("Save the log with its frames and report it if nothing special was sent."),
    )
}

pub(super) fn unsupported_data(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1003])?;
    let other = if session.sent.binary > session.sent.text { "text" } else { "binary" };
    Some(
        facts(
            with_reason("The server does not take this kind of message (1003)", end),
            session,
            end,
        )
        .hint(format!("Send it as {other}."))
        .hint("Check in the documentation which kind the protocol uses."),
    )
}

pub(super) fn no_status(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1005])?;
    Some(
        facts(certain("The server closed without giving a code.").info(), session, end)
            .because("1005 only names that; it is never sent.")
            .hint("Take it for a normal close, unless it came right away."),
    )
}

pub(super) fn invalid_payload(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1007])?;
    Some(
        facts(with_reason("The server could not read the last message (1007)", end), session, end)
            .because(format!("That message had {}.", words::bytes(session.last_message_sent_bytes)))
            .hint("Check its encoding, and its JSON against the documentation."),
    )
}

pub(super) fn policy(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1008])?;
    Some(
        facts(with_reason("The server closed over its rules (1008)", end), session, end)
            .because("A token that ended, a login that is missing, too many messages or a forbidden origin are usual.")
            .hint("Read the reason and the last message.")
            .hint("Renew the token if there is one.")
            .hint("Stop reconnecting by itself until the reason is clear."),
    )
}

pub(super) fn too_big(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1009])?;
    let size = words::bytes(session.last_message_sent_bytes);
    Some(
        facts(
            with_reason(
                &format!("The last message ({size}) is too big for the server (1009)"),
                end,
            ),
            session,
            end,
        )
        .hint("Send less at once, or split it as the protocol allows.")
        .hint("Ask the operator for the limit: 64 KiB and 1 MiB are usual defaults."),
    )
}

pub(super) fn extension(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1010])?;
    let draft = facts(with_reason("An extension is required (1010)", end), session, end)
        .because("The code is meant for clients; some servers send it all the same.")
        .hint("Check in the documentation which extension the server needs.");
    Some(switch_on(e, draft))
}

pub(super) fn internal(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = code(e, &[1011])?;
    let ping = end.reason_received.to_lowercase().contains("ping timeout");
    Some(facts(with_reason("The server met an error (1011)", end), session, end).hint(if ping {
        "Check the network: the server's pings were not answered in time."
    } else {
        "Read the server's log for this moment."
    }))
}

pub(super) fn try_later(e: &Evidence) -> Option<Draft> {
    let (session, end, code) = code(e, &[1012, 1013, 1014])?;
    let (what, hint) = match code {
        1012 => ("The server restarts (1012)", "Reconnect after a random wait of 5 to 30 s."),
        1013 => ("The server is overloaded (1013)", "Reconnect after a random wait of 5 to 30 s."),
        _ => {
            ("The gateway lost the server behind it (1014)", "Check the server behind the gateway.")
        }
    };
    Some(facts(with_reason(what, end), session, end).hint(hint))
}

pub(super) fn invalid_code(e: &Evidence) -> Option<Draft> {
    let (_, end) = see::end(e)?;
    let code = end.code_received.filter(|code| end.close_received && !may_be_sent(*code))?;
    Some(
        certain(format!("The server sent the close code {code}, which may not be sent."))
            .because("1004, 1005, 1006 and 1015 only name what happened, and codes below 1000 or above 4999 do not exist (RFC 6455 section 7.4).")
            .hint("Tell the server's author."),
    )
}

pub(super) fn one_byte(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (end.violation? == Violation::CloseOneByte).then_some(())?;
    Some(
        certain("The server's close frame is malformed: its payload is a single byte.")
            .because("A close frame is empty or begins with a code of two bytes (RFC 6455 section 5.5.1).")
            .because(story(session, end))
            .because(last_words(session))
            .hint("Tell the server's author."),
    )
}

pub(super) fn reason_not_utf8(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (end.violation? == Violation::CloseReasonNotUtf8).then_some(())?;
    Some(
        certain("The server's close reason is not valid text.")
            .because(format!(
                "The close code is {}, and the reason reads {} once what is no UTF-8 is replaced.",
                end.code(),
                words::said(&end.reason_received)
            ))
            .because("The reason must be UTF-8 (RFC 6455 section 5.5.1), so the close was answered with 1007.")
            .because(last_words(session))
            .hint("Tell the server's author.")
            .hint("Check that the server does not cut its reason within a letter: it has 123 bytes."),
    )
}

/// An end in the TLS layer, which programs without an error of their own call 1015.
pub(super) fn tls(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (end.problem? == IoProblem::Tls).then_some(())?;
    Some(
        certain("The TLS layer ended the open connection.")
            .because(format!("The error was {}.", words::said(&end.text)))
            .because("Programs show that as code 1015, which is never sent.")
            .because(story(session, end))
            .hint("Read the server's log for this moment: an alert says what it disliked.")
            .hint("Check for a proxy or filter that opens TLS on the way."),
    )
}
