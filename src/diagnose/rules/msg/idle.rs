//! Drops after the same silence, and whose limit that is.

use crate::core::change::Change;
use crate::core::evidence::{EndedBy, Evidence};
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, likely};
use crate::diagnose::rule::{Rule, Verdict};
use crate::diagnose::{see, words};

/// Rules that a known limit makes idle.
pub(super) const GENERAL: &[&str] =
    &["msg/idle-other", "ws/close-1006", "ws/close-1001", "msg/not-maintained"];

/// Two silences this close are the same, in microseconds.
const SAME_US: u64 = 2_000_000;
/// Shorter silences are no idle limit.
const SHORTEST_US: u64 = 5_000_000;

/// Silence before an end that the other side made.
fn silence(e: &Evidence) -> Option<u64> {
    let (_, end) = see::end(e)?;
    let theirs = matches!(end.by, EndedBy::PeerDropped | EndedBy::Reset)
        || (end.by == EndedBy::Peer && matches!(end.code(), 1000 | 1001 | 1005));
    (theirs && end.silence_us >= SHORTEST_US).then_some(end.silence_us)
}

/// How many earlier connections ended after the same silence.
fn earlier(e: &Evidence, silence_us: u64) -> usize {
    e.earlier
        .iter()
        .filter(|past| past.opened && past.silence_us.abs_diff(silence_us) <= SAME_US)
        .filter(|past| !matches!(past.ended_by, Some(EndedBy::Us | EndedBy::Cut)))
        .count()
}

/// A ping interval safely below this silence, in milliseconds: two thirds of it, at most the 20 s
/// that stay under the limits of all usual middleboxes.
fn below(silence_us: u64) -> u64 {
    (silence_us / 3_000 * 2).clamp(1_000, 20_000) / 1_000 * 1_000
}

fn ping(draft: Draft, e: &Evidence, silence_us: u64) -> Draft {
    let ms = below(silence_us);
    if e.request.heartbeat_ms != 0 && e.request.heartbeat_ms * 1_000 < silence_us {
        return draft.hint("Send a small message now and then: pings do not count here.");
    }
    draft
        .hint(format!("Set a heartbeat of {} s.", ms / 1_000))
        .fix(format!("Ping every {} s", ms / 1_000), Change::SetHeartbeat { ms })
}

fn story(e: &Evidence, silence_us: u64) -> String {
    let before = earlier(e, silence_us);
    let times = if before == 0 {
        "This is the only such end that is known.".to_owned()
    } else {
        format!(
            "{} ended after the same silence.",
            words::count(before as u64, "earlier connection")
        )
    };
    format!("Nothing had moved for {} when it was dropped. {times}", words::span(silence_us))
}

/// A silence of about `seconds`, with a pattern or with a vendor's mark in the answer.
fn limit(e: &Evidence, seconds: u64, marked: bool, whose: &str) -> Option<Draft> {
    let silence_us = silence(e)?;
    (silence_us.abs_diff(seconds * 1_000_000) <= SAME_US).then_some(())?;
    let pattern = earlier(e, silence_us) > 0;
    (pattern || marked).then_some(())?;
    let draft =
        likely(format!("Closed after {} of silence; {whose}.", words::span(seconds * 1_000_000)))
            .confidence(if marked { Confidence::Certain } else { Confidence::Likely })
            .because(story(e, silence_us))
            .because(if marked { "The answer's headers name the vendor." } else { "" });
    Some(ping(draft, e, silence_us).hint("Ask the operator to raise the idle limit."))
}

fn header(e: &Evidence, name: &str, text: &str) -> bool {
    see::reply(e).is_some_and(|reply| see::header_has(reply, name, text))
}

/// Thirty seconds of silence; the age of thirty seconds is another matter.
pub(super) fn thirty(e: &Evidence) -> Option<Draft> {
    limit(e, 30, false, "some proxies and balancers do that")
}

pub(super) fn heroku(e: &Evidence) -> Option<Draft> {
    let marked = header(e, "via", "heroku") || header(e, "server", "heroku");
    marked.then_some(())?;
    limit(e, 55, marked, "Heroku's router does that")
}

pub(super) fn sixty(e: &Evidence) -> Option<Draft> {
    limit(e, 60, false, "that is the default of nginx and of the AWS load balancer")
}

pub(super) fn cloudflare(e: &Evidence) -> Option<Draft> {
    let marked = header(e, "cf-ray", "") || header(e, "server", "cloudflare");
    limit(e, 100, marked, "Cloudflare does that")
}

pub(super) fn azure(e: &Evidence) -> Option<Draft> {
    limit(e, 240, false, "the Azure load balancer forgets such connections")
        .or_else(|| limit(e, 230, false, "Azure App Service does that"))
}

pub(super) fn envoy(e: &Evidence) -> Option<Draft> {
    limit(e, 300, header(e, "server", "envoy"), "that is Envoy's default")
}

pub(super) fn nlb(e: &Evidence) -> Option<Draft> {
    limit(e, 350, false, "the AWS network balancer forgets such connections")
}

pub(super) fn api_gateway(e: &Evidence) -> Option<Draft> {
    limit(e, 600, e.request.host.contains(".execute-api."), "AWS API Gateway does that")
}

/// The pattern itself, whoever makes it.
#[derive(Debug)]
pub(super) struct Other;

pub(super) static OTHER: Other = Other;

impl Rule for Other {
    fn id(&self) -> &'static str {
        "msg/idle-other"
    }

    fn check(&self, e: &Evidence) -> Verdict {
        let Some(silence_us) = silence(e) else { return Verdict::Clear };
        if earlier(e, silence_us) == 0 {
            return Verdict::NeedMore("a second drop after the same silence");
        }
        let draft = likely(format!(
            "Each time it was closed after {} of silence.",
            words::span(silence_us)
        ))
        .because(story(e, silence_us))
        .because("Something on the way, or the server, ends connections on which nothing moves.");
        Verdict::Hit(ping(draft, e, silence_us).finding(self.id()))
    }

    fn over(&self) -> &'static [&'static str] {
        &["ws/close-1006", "ws/close-1001", "msg/not-maintained"]
    }
}
