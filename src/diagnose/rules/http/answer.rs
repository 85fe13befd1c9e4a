//! No answer, half of one, or one that is no HTTP.

use crate::core::evidence::{Evidence, FailureKind, HttpFacts, HttpProblem};
use crate::core::limits::MAX_REPLY_HEAD;
use crate::core::stage::Stage;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::auth::clock::offer;
use crate::diagnose::rules::tls::service;
use crate::diagnose::{see, words};

fn failed(e: &Evidence, wanted: HttpProblem) -> Option<&HttpFacts> {
    let (problem, http) = see::http(e)?;
    (problem == wanted).then_some(http)
}

pub(super) fn silent(e: &Evidence) -> Option<Draft> {
    see::timed_out(e, Stage::Http).then_some(())?;
    let received = e.http.as_ref().map_or(0, |http| http.received);
    Some(
        certain("The server accepted the connection but did not answer the request in time.")
            .because(format!(
                "The limit is {}; {} came back.",
                words::span(e.request.timeout_ms.saturating_mul(1000)),
                if received == 0 { "nothing".into() } else { words::bytes(received) }
            ))
            .because(words::trail(e))
            .hint("Check the port: a server of another protocol may be waiting for something else.")
            .hint("Read the server's log, and look at its load.")
            .hint("Raise the time limit if the server needs long to start."),
    )
}

pub(super) fn closed(e: &Evidence) -> Option<Draft> {
    let http = failed(e, HttpProblem::Eof)?;
    (http.received == 0 && see::alert(e).is_none()).then_some(())?;
    Some(
        likely("The server closed the connection without answering the request.")
            .because(
                "No byte came back. It may have crashed on the request, refuse it without a word, \
                 or speak another protocol.",
            )
            .because(words::trail(e))
            .hint("Read the server's log for this moment.")
            .hint("Try a plain GET of the same path with another tool.")
            .hint("Try without an Origin header and without subprotocols."),
    )
}

pub(super) fn reset(e: &Evidence) -> Option<Draft> {
    failed(e, HttpProblem::Reset)?;
    Some(
        likely("The connection was reset after the request was sent.")
            .because(
                "A firewall that dislikes the request does that, or a server that crashed or had \
                 not read all of it.",
            )
            .because(words::trail(e))
            .hint("Try without large or unusual headers.")
            .hint("Try from another network.")
            .hint("Read the server's log for this moment."),
    )
}

pub(super) fn partial(e: &Evidence) -> Option<Draft> {
    let http = failed(e, HttpProblem::Eof)?;
    (http.received > 0).then_some(())?;
    Some(
        certain("The answer broke off in the middle of its head.")
            .because(format!("{} came before the end.", words::bytes(http.received)))
            .because(words::trail(e))
            .hint("Try again.")
            .hint("Read the logs of the server and of the proxy before it."),
    )
}

pub(super) fn too_large(e: &Evidence) -> Option<Draft> {
    failed(e, HttpProblem::TooLarge)?;
    Some(
        certain(format!(
            "The head of the answer is larger than {}.",
            words::bytes(MAX_REPLY_HEAD as u64)
        ))
        .because(
            "Such a head is usually a loop that adds the same header again, or no HTTP at all.",
        )
        .hint("Look at the first lines of the answer in the Handshake tab.")
        .hint("Tell the server's author."),
    )
}

pub(super) fn malformed(e: &Evidence) -> Option<Draft> {
    failed(e, HttpProblem::Malformed)?;
    Some(
        certain("The answer begins as HTTP and then breaks its rules.")
            .because(format!("The error was {}.", words::said(see::text(e))))
            .hint("Look at the raw answer in the Handshake tab.")
            .hint("Tell the server's author, or check the proxy in between."),
    )
}

pub(super) fn not_http(e: &Evidence) -> Option<Draft> {
    let http = failed(e, HttpProblem::NotHttp)?;
    let bytes = see::unhex(http.first_bytes_hex.as_deref().unwrap_or_default());
    let port = e.request.port;
    let summary = match bytes.first() {
        Some(0x81 | 0x82 | 0x88 | 0x89) => {
            format!("Port {port} sent a WebSocket frame without an opening handshake.")
        }
        _ => match service(&bytes) {
            Some(name) => format!("Port {port} does not speak HTTP; it looks like {name}."),
            None => format!("Port {port} does not speak HTTP."),
        },
    };
    let seen = http.first_bytes_text.as_deref().or(http.first_bytes_hex.as_deref());
    Some(
        certain(summary)
            .because(format!(
                "The answer to the opening handshake begins with {}.",
                words::said_in(seen.unwrap_or_default(), 80)
            ))
            .because(words::trail(e))
            .hint("Check the port: this one belongs to another service."),
    )
}

/// Differences below this are of no account, in milliseconds.
const SKEW_MS: u64 = 120_000;

pub(super) fn clock_skew(e: &Evidence) -> Option<Draft> {
    let skew = see::reply(e)?.clock_skew_ms?;
    (skew.unsigned_abs() > SKEW_MS).then_some(())?;
    let side = if skew > 0 { "behind" } else { "ahead of" };
    // What was signed by the right time needs no other one.
    let timed = e.request.credential.signing.is_some() && e.request.credential.clock_offset_s == 0;
    let refused = see::status(e, &[401, 403]).is_some();
    let draft = certain(format!(
        "This machine's clock is {} {side} the server's.",
        words::span(skew.unsigned_abs().saturating_mul(1000))
    ))
    .warning()
    .because(
        "The Date header of the answer was compared with the clock. Signatures and tokens depend \
         on it; some are refused from 5 minutes on, others from 15.",
    )
    .hint("Set the clock, best by the network (NTP).");
    Some(if timed && refused { offer(e, skew / 1000, draft) } else { draft })
}

pub(super) fn interim(e: &Evidence) -> Option<Draft> {
    let interim = &see::reply(e)?.interim;
    let first = interim.first()?;
    Some(
        certain(format!("The server sent an interim answer ({first}) before its real one."))
            .info()
            .because(match interim.len() {
                1 => "Interim answers (1xx but for 101) are skipped, as RFC 9110 section 15.2 wants."
                    .to_owned(),
                n => format!("{n} of them came, and were skipped (RFC 9110 section 15.2)."),
            })
            .hint("Leave it at that, unless another client stumbles over it: some take it for a refusal."),
    )
}

/// An attempt that we ended while the server was still at it.
pub(super) fn hung_up(e: &Evidence) -> Option<Draft> {
    let failure = e.failure.as_ref().filter(|failure| failure.stage == Stage::Http)?;
    let cancelled = failure.kind == FailureKind::Cancelled;
    let http = e.http.as_ref().filter(|http| http.sent_us > 0 && http.reply.is_none())?;
    (cancelled || see::timed_out(e, Stage::Http)).then_some(())?;
    let end = e.stage(Stage::Http)?.ended_us?;
    let waited = words::span(end.saturating_sub(http.sent_us));
    Some(
        certain(format!("This side hung up first, {waited} after the request was sent."))
            .info()
            .because(
                "The server sees that as a client that went away: nginx writes 499 into its log, \
                 and AWS' load balancer 460.",
            )
            .hint("Look for these numbers in the log of the server or its proxy.")
            .hint("Raise the time limit to see whether an answer comes at all."),
    )
}
