//! Signatures and tokens whose time does not fit the server's clock.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::finding::Confidence;
use crate::core::time::Micros;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

/// Texts about a signature whose time does not fit.
pub(super) const TEXTS: &[&str] =
    &["signature expired", "requesttimetooskewed", "signature not yet current"];

/// The least that is allowed anywhere, in milliseconds.
const TOLERANCE_MS: u64 = 300_000;

/// What AWS allows to either side, in seconds.
const AWS_TOLERANCE_S: i64 = 300;

/// Two clocks that differ by less are the same, in seconds.
const SAME_S: u64 = 60;

/// The times that a refusal tells.
struct Told {
    /// Of the signature, which is this machine's clock with the offset that was set.
    signed: Micros,
    server: Micros,
}

impl Told {
    /// What must be added to the signature's clock, in seconds.
    fn seconds(&self) -> i64 {
        let second = |at: Micros| i64::try_from(at.0 / 1_000_000).unwrap_or(i64::MAX);
        second(self.server).saturating_sub(second(self.signed))
    }

    /// `signature time:20261124T115000Z,server time:20261124T121000Z` of Huawei Cloud;
    /// `Signature expired: 20261124T115000Z is now earlier than 20261124T120500Z (20261124T121000Z
    /// - 5 min.)` and `Signature not yet current: … is still later than …` of AWS.
    fn of(reply: &ReplyFacts) -> Option<Told> {
        let body = &reply.body;
        let lower = body.to_ascii_lowercase();
        let after = |words: &str| {
            let at = lower.find(words)? + words.len();
            stamps(body.get(at..)?).next()
        };
        if let (Some(signed), Some(server)) = (after("signature time:"), after("server time:")) {
            return Some(Told { signed, server });
        }
        let at = lower.find("signature expired").or_else(|| lower.find("signature not yet"))?;
        let mut times = stamps(body.get(at..)?);
        let (signed, limit) = (times.next()?, times.next()?);
        let by = if limit > signed { AWS_TOLERANCE_S } else { -AWS_TOLERANCE_S };
        let server = times.next().unwrap_or(Micros(limit.0.saturating_add_signed(by * 1_000_000)));
        Some(Told { signed, server })
    }
}

/// Times of the form `20261124T115000Z` in a text.
fn stamps(text: &str) -> impl Iterator<Item = Micros> {
    let at = |start: usize| {
        let stamp = text.get(start..start + 16)?;
        let digits = stamp.bytes().filter(u8::is_ascii_digit).count();
        (digits == 14 && stamp.as_bytes()[8] == b'T' && stamp.ends_with('Z')).then_some(())?;
        let parsed = jiff::fmt::strtime::parse("%Y%m%dT%H%M%SZ", stamp).ok()?;
        let time = jiff::tz::TimeZone::UTC.to_timestamp(parsed.to_datetime().ok()?).ok()?;
        u64::try_from(time.as_microsecond()).ok().map(Micros)
    };
    (0..text.len().saturating_sub(15)).filter_map(at)
}

/// Seconds with their sign: `+1200`.
fn signed(seconds: i64) -> String {
    format!("{seconds:+}")
}

fn span(seconds: i64) -> String {
    words::span(seconds.unsigned_abs().saturating_mul(1_000_000))
}

/// Offers the server's time for this request, unless that was tried.
pub(in crate::diagnose::rules) fn offer(e: &Evidence, seconds: i64, draft: Draft) -> Draft {
    let tried = e.request.credential.clock_offset_s;
    if seconds == 0 {
        return draft;
    }
    if tried != 0 {
        return draft
            .because(format!(
                "{} s were added to this machine's clock for this attempt already, and that did \
                 not help.",
                signed(tried)
            ))
            .hint("Remove the clock offset from the request, and set the clock itself.");
    }
    draft.hint(format!("Add --clock-offset={seconds} if the clock cannot be set.")).fix(
        format!("Correct the clock by {} s for this request", signed(seconds)),
        Change::SetClockOffset { seconds },
    )
}

pub(super) fn signature(e: &Evidence) -> Option<Draft> {
    let reply = super::refused(e)?;
    see::holds(reply, TEXTS)?;
    let told = Told::of(reply);
    let by_date = reply
        .clock_skew_ms
        .filter(|skew| skew.unsigned_abs() > TOLERANCE_MS)
        .map(|skew| skew / 1000);
    let apart = told.as_ref().map(Told::seconds).filter(|s| s.unsigned_abs() > SAME_S).or(by_date);
    let Some(seconds) = apart else {
        return Some(
            certain("The server calls the signature too old.")
                .confidence(Confidence::Likely)
                .because(super::says(reply))
                .because(
                    "The clocks agree, so the signature itself is old, or the keys have ended.",
                )
                .hint("Sign anew for each attempt.")
                .hint("Get new temporary keys if theirs have ended."),
        );
    };
    let verdict = if seconds > 0 {
        format!(
            "This machine's clock is {} behind the server's, so the signature counts as too old.",
            span(seconds)
        )
    } else {
        format!(
            "This machine's clock is {} ahead of the server's, so the signature counts as not yet \
             valid.",
            span(seconds)
        )
    };
    let seen = match &told {
        Some(told) => format!(
            "By its answer the signature is of {} and the server's time was {}.",
            words::second(told.signed),
            words::second(told.server)
        ),
        None => "The Date header of the answer shows the server's clock.".into(),
    };
    let draft = certain(verdict)
        .because(super::says(reply))
        .because(seen)
        .hint("Set the clock, best by the network (NTP).");
    Some(offer(e, seconds, draft).hint("Get new temporary keys if theirs have ended.").exact())
}

/// By how much a token's beginning may lie ahead, in microseconds.
const LEEWAY_US: u64 = 60 * 1_000_000;

/// A token that was refused before it is good, by its claims and the server's clock.
pub(super) fn token_early(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401, 403])?;
    let now = see::server_now(e);
    let early = |at: Option<Micros>| at.filter(|at| at.0 > now.0.saturating_add(LEEWAY_US));
    let (token, claim, at) = e.request.tokens.iter().find_map(|token| {
        let nbf = early(token.nbf).map(|at| (token, "nbf", at));
        nbf.or_else(|| early(token.iat).map(|at| (token, "iat", at)))
    })?;
    let ahead = at.0.saturating_sub(now.0);
    let draft = certain(match claim {
        "nbf" => format!(
            "The token in {} is not valid before {}.",
            words::name(&token.place),
            words::second(at)
        ),
        _ => format!(
            "The token in {} was made in the server's future, at {}.",
            words::name(&token.place),
            words::second(at)
        ),
    })
    .confidence(if claim == "nbf" { Confidence::Certain } else { Confidence::Likely })
    .because(super::says(reply))
    .because(format!("That is {} from now by the server's clock.", words::span(ahead)));
    // A token of our own is made by this machine's clock.
    let own = ["jwt", "azure-web-pubsub"].contains(&e.request.auth.as_str());
    let skew = reply.clock_skew_ms.unwrap_or(0) / 1000;
    Some(if own && skew < 0 {
        offer(e, skew, draft.hint("Set the clock, best by the network (NTP)."))
    } else {
        draft
            .hint("Check the clock of the machine that makes the tokens, and this one's.")
            .hint("Wait until then, or get another token.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::fixtures::refused_login;

    #[test]
    fn the_servers_time_is_read_from_its_words() {
        for (text, seconds) in [
            (
                "signature expired, signature time:20261124T115000Z,server time:20261124T121000Z",
                1200,
            ),
            (
                "Signature expired: 20261124T115000Z is now earlier than 20261124T120500Z \
                 (20261124T121000Z - 5 min.)",
                1200,
            ),
            ("Signature expired: 20261124T115000Z is now earlier than 20261124T120500Z", 1200),
            (
                "Signature not yet current: 20261124T123000Z is still later than 20261124T121500Z \
                 (20261124T121000Z + 5 min.)",
                -1200,
            ),
            (
                "Signature not yet current: 20261124T123000Z is still later than 20261124T121500Z",
                -1200,
            ),
        ] {
            let reply = ReplyFacts { body: text.into(), ..ReplyFacts::default() };
            assert_eq!(Told::of(&reply).map(|told| told.seconds()), Some(seconds), "{text}");
        }
        for text in ["signature expired", "signature time:1,server time:2", "é20261340T000000Z"] {
            let reply = ReplyFacts { body: text.into(), ..ReplyFacts::default() };
            assert!(Told::of(&reply).is_none(), "{text}");
        }
    }

    #[test]
    fn the_offset_is_offered_once() {
        let text =
            "signature expired, signature time:20261124T115000Z,server time:20261124T121000Z";
        let mut e = refused_login(401, "SDK-HMAC-SHA256", &[], text);
        let finding = |e: &Evidence| {
            let all = crate::diagnose::diagnose(e);
            all.into_iter().find(|f| f.code == "http/401-signature-clock").unwrap()
        };
        let first = finding(&e);
        assert_eq!(first.fixes[0].change, Change::SetClockOffset { seconds: 1200 });
        assert!(first.hints[1].contains("--clock-offset=1200"), "{:?}", first.hints);
        e.request.credential.clock_offset_s = 60;
        let second = finding(&e);
        assert_eq!(second.fixes, []);
        assert!(second.explanation.contains("did not help"), "{}", second.explanation);
    }
}
