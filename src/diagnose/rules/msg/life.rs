//! Ends at a certain age of the connection, whatever was said on it, and restarts.

use crate::core::change::Change;
use crate::core::evidence::{End, EndedBy, Evidence, SessionFacts};
use crate::core::finding::Confidence;
use crate::diagnose::dialect::{ended_by_peer, heard};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::ws::story;
use crate::diagnose::{see, words};

use super::dialect::severity;

/// Rules that a known age makes idle.
pub(super) const GENERAL: &[&str] =
    &["msg/idle-other", "msg/not-maintained", "ws/close-1000", "ws/close-1001", "ws/close-1006"];

/// Two ages this close are the same, in microseconds.
const SAME_US: u64 = 2_000_000;

/// How many earlier connections were ended by the other side at this age.
pub(super) fn as_old(e: &Evidence, open_us: u64, within_us: u64) -> usize {
    e.earlier
        .iter()
        .filter(|past| past.opened && past.open_us.abs_diff(open_us) <= within_us)
        .filter(|past| {
            matches!(past.ended_by, Some(EndedBy::Peer | EndedBy::PeerDropped | EndedBy::Reset))
        })
        .count()
}

fn age(e: &Evidence) -> Option<(&SessionFacts, &End, u64)> {
    let (session, end) = see::end(e)?;
    ended_by_peer(e).then(|| (session, end, see::open_us(session, end)))
}

/// Ended at about this age: known by the vendor's mark, or because it happened before.
fn at(e: &Evidence, seconds: u64, within_s: u64, marked: bool, what: &str) -> Option<Draft> {
    let (session, end, open) = age(e)?;
    (open.abs_diff(seconds * 1_000_000) <= within_s * 1_000_000).then_some(())?;
    let before = as_old(e, open, (within_s * 1_000_000).max(SAME_US));
    (marked || before > 0).then_some(())?;
    Some(
        likely(format!("The connection ended at the age of {}; {what}.", words::span(open)))
            .confidence(if marked { Confidence::Certain } else { Confidence::Likely })
            .because(match end.reason_received.trim() {
                "" => String::new(),
                reason => format!("Its reason is {}.", words::said(reason)),
            })
            .because(story(session, end))
            .because(if before > 0 {
                format!(
                    "{} ended at the same age.",
                    words::count(before as u64, "earlier connection")
                )
            } else {
                "The host or the answer's headers name the vendor.".to_owned()
            })
            .fix("Reconnect by itself, 5 attempts", Change::SetReconnect { attempts: 5 }),
    )
}

fn google(e: &Evidence) -> bool {
    e.request.host.ends_with(".run.app")
        || see::reply(e).is_some_and(|reply| {
            see::header_has(reply, "via", "google")
                || see::header_has(reply, "server", "google frontend")
        })
}

pub(super) fn thirty(e: &Evidence) -> Option<Draft> {
    let what =
        "a Google Cloud load balancer ends every connection then, unless it is told otherwise";
    let draft = at(e, 30, 2, google(e), what)?;
    Some(
        draft
            .hint("Ask the operator to raise the time-out of the backend service.")
            .hint("Try a heartbeat of 15 s: it helps only if the limit counts silence, not age."),
    )
}

pub(super) fn hour(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = age(e)?;
    let told = ["maximum duration", "session_expired", "session expired"];
    let says = |text: &str| told.iter().any(|words| text.to_lowercase().contains(words));
    let text = Some(end.reason_received.as_str())
        .filter(|reason| says(reason))
        .or_else(|| heard(session).find(|text| says(text)));
    let draft = match text {
        Some(text) => certain(format!(
            "The server says {}: the session reached its maximum age.",
            words::said_in(text, 100)
        ))
        .because(story(session, end))
        .fix("Reconnect by itself, 5 attempts", Change::SetReconnect { attempts: 5 }),
        None => {
            at(e, 3600, 5, google(e), "that is the longest that Cloud Run lets a request live")?
        }
    };
    Some(
        draft
            .hint("Reconnect before that age, and carry the state over.")
            .hint("Ask the operator for the request time-out, which may be set lower or higher."),
    )
}

pub(super) fn api_gateway(e: &Evidence) -> Option<Draft> {
    let marked = e.request.host.contains(".execute-api.");
    let draft = at(e, 7200, 60, marked, "AWS API Gateway ends every connection after 2 hours")?;
    Some(draft.hint("Reconnect every 110 minutes by plan, not by surprise."))
}

pub(super) fn day(e: &Evidence) -> Option<Draft> {
    let binance = e.request.host.ends_with("binance.com");
    let what = "some vendors end every connection after a day";
    let draft = at(e, 86_400, 600, binance, what)?;
    Some(draft.hint("Reconnect once a day at a time of your choice."))
}

/// Words of servers that go down on purpose.
const RESTARTS: &[&str] = &[
    "restart",
    "redeploy",
    "deploy",
    "shutting down",
    "shutdown",
    "shut down",
    "maintenance",
    "draining",
    "server_restart",
    "reloading",
];

pub(super) fn restarted(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = age(e)?;
    let reason = end.reason_received.to_lowercase();
    RESTARTS.iter().any(|words| reason.contains(words)).then_some(())?;
    Some(
        certain(format!(
            "The server says {}: it goes down on purpose.",
            words::said_in(&end.reason_received, 100)
        ))
        .severity(severity(e))
        .because(format!("The close code is {}.", end.code()))
        .because(story(session, end))
        .hint("Reconnect after a random wait of 5 to 30 s, so that not all come back at once.")
        .hint("Ask the operator to let old connections run out, if it happens at each deploy.")
        .fix("Reconnect by itself, 5 attempts", Change::SetReconnect { attempts: 5 }),
    )
}

/// An end this close to the end of the token's life goes with it, in microseconds.
const TOKEN_US: u64 = 60_000_000;

/// The token that was sent ended its life when the connection ended.
pub(super) fn token(e: &Evidence) -> Option<Draft> {
    let (session, end, _) = age(e)?;
    let ended = e.started.0.saturating_add(end.at_us);
    let token = e.request.tokens.iter().find(|token| {
        token.exp.is_some_and(|exp| exp.0 > e.started.0 && exp.0.abs_diff(ended) <= TOKEN_US)
    })?;
    let exp = token.exp?;
    let gap = words::span(exp.0.abs_diff(ended));
    let when = if exp.0 <= ended { format!("{gap} after") } else { format!("{gap} before") };
    Some(
        likely("The connection ended when its token did.")
            .severity(severity(e))
            .because(format!(
                "The token in {} is good until {exp}, and the connection ended {when} that.",
                words::name(&token.place)
            ))
            .because(match end.reason_received.trim() {
                "" => String::new(),
                reason => format!("Its reason is {}.", words::said(reason)),
            })
            .because(story(session, end))
            .hint("Get a new token, and connect again with it.")
            .hint("Reconnect before the token ends, if the server watches its life.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
    )
}
