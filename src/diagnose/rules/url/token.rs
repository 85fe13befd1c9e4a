//! What the tokens that go out say of their own time.

use crate::core::evidence::{Evidence, TokenFacts};
use crate::core::time::Micros;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

/// A token that ends within this is told of while the connection is open, in microseconds.
const SOON_US: u64 = 10 * 60 * 1_000_000;

/// By how much a token's beginning may lie ahead: servers allow for clocks that differ.
const LEEWAY_US: u64 = 60 * 1_000_000;

/// Whose clock was taken.
fn by(e: &Evidence) -> &'static str {
    if see::reply(e).is_some_and(|reply| reply.clock_skew_ms.is_some()) {
        "by the server's clock"
    } else {
        "by this machine's clock"
    }
}

pub(super) fn expired(e: &Evidence) -> Option<Draft> {
    let now = see::server_now(e);
    let (token, exp) = see::expired_token(e)?;
    let ago = words::span(us(exp, now));
    Some(
        certain(format!("The token in {} expired {ago} ago.", words::name(&token.place)))
            .warning()
            .because(format!("Its claim exp is {}, {}.", words::second(exp), by(e)))
            .because(if e.opened() {
                "The server let it in all the same; others, or the next attempt, may not."
            } else {
                ""
            })
            .hint("Get a new token before the next attempt.")
            .hint("Check this machine's clock if the token is new."),
    )
}

pub(super) fn not_yet_valid(e: &Evidence) -> Option<Draft> {
    let now = see::server_now(e);
    let (token, nbf) =
        first(e, |token| token.nbf).filter(|(_, nbf)| nbf.0 > now.0.saturating_add(LEEWAY_US))?;
    Some(
        certain(format!(
            "The token in {} is not valid before {}.",
            words::name(&token.place),
            words::second(nbf)
        ))
        .warning()
        .because(format!("That is {} from now, {}.", words::span(us(now, nbf)), by(e)))
        .hint("Check the clock of the machine that makes the tokens, and this one's.")
        .hint("Wait until then, or get another token."),
    )
}

pub(super) fn ends_soon(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref().filter(|session| session.end.is_none())?;
    let now = Micros(see::server_now(e).0.saturating_add(session.opened_us));
    let (token, exp) =
        first(e, |token| token.exp).filter(|(_, exp)| *exp > now && exp.0 - now.0 <= SOON_US)?;
    Some(
        certain(format!(
            "The token in {} ends {} after this connection began.",
            words::name(&token.place),
            words::span(us(now, exp))
        ))
        .warning()
        .because(format!(
            "Its claim exp is {}. Some servers close an open connection then, and a reconnect \
             with the same token is refused.",
            words::second(exp)
        ))
        .hint("Get a new token before then.")
        .hint("Make the token anew for each reconnect."),
    )
}

/// The token for which this time is the earliest.
fn first(e: &Evidence, time: fn(&TokenFacts) -> Option<Micros>) -> Option<(&TokenFacts, Micros)> {
    let times = e.request.tokens.iter().filter_map(|token| Some((token, time(token)?)));
    times.min_by_key(|(_, at)| *at)
}

fn us(from: Micros, to: Micros) -> u64 {
    to.0.saturating_sub(from.0)
}
