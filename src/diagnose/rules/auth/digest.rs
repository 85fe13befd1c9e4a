//! Digest (RFC 7616): asked for, or answered in a way that the server does not take.

use crate::core::challenge;
use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

use super::says;

/// Algorithms of RFC 7616 section 3.3 that an answer can be made with; each also with `-sess`.
const KNOWN: &[&str] = &["md5", "sha-256", "sha-512-256"];

fn is_known(algorithm: &str) -> bool {
    let lower = algorithm.to_ascii_lowercase();
    KNOWN.contains(&lower.strip_suffix("-sess").unwrap_or(&lower))
}

/// A refusal that asks for Digest and nothing else.
fn asked(e: &Evidence) -> Option<&ReplyFacts> {
    let reply = see::status(e, &[401])?;
    let wanted = see::challenges(reply);
    let only = wanted.len() == 1 && wanted[0].eq_ignore_ascii_case("digest");
    only.then_some(reply)
}

fn challenge(reply: &ReplyFacts) -> String {
    let value = reply.header("www-authenticate").unwrap_or_default();
    format!("Its challenge is {}.", words::said_in(value, 120))
}

/// What no client of RFC 7616 can answer.
fn unknown_algorithm(reply: &ReplyFacts) -> Option<String> {
    see::challenge_param(reply, "algorithm").filter(|algorithm| !is_known(algorithm))
}

pub(super) fn wanted(e: &Evidence) -> Option<Draft> {
    let reply = asked(e)?;
    let draft =
        certain("The server wants a Digest login.").because(says(reply)).because(challenge(reply));
    if let Some(algorithm) = unknown_algorithm(reply) {
        return Some(
            draft
                .because(format!(
                    "Its algorithm {} is none of those of RFC 7616 section 3.3.",
                    words::said_in(&algorithm, 40)
                ))
                .hint("Ask the operator for SHA-256, a token, or Basic over TLS."),
        );
    }
    let draft = draft
        .hint("Choose Digest in the Auth tab, and fill in name and password.")
        .hint("Ask the operator for a token or Basic over TLS otherwise.");
    Some(if e.request.auth == "digest" {
        draft
    } else {
        draft.fix("Choose Digest", Change::SetAuthKind { way: "digest".into() })
    })
}

/// The realm of the Digest among challenges.
fn realm<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut digests = values.flat_map(challenge::read).filter(|one| one.is("digest"));
    digests.find_map(|mut one| one.params.remove("realm"))
}

/// A digest was sent and refused.
pub(super) fn refused(e: &Evidence) -> Option<Draft> {
    let reply = asked(e)?;
    let sent = see::sent_scheme(e).is_some_and(|scheme| scheme.eq_ignore_ascii_case("digest"));
    sent.then_some(())?;
    if let Some(algorithm) = unknown_algorithm(reply) {
        return Some(
            certain(format!(
                "The server wants a digest by {}, which wsdeck does not know.",
                words::said_in(&algorithm, 40)
            ))
            .because(challenge(reply))
            .hint("Ask the operator for SHA-256, a token, or Basic over TLS."),
        );
    }
    let stale = see::challenge_param(reply, "stale")
        .is_some_and(|stale| stale.eq_ignore_ascii_case("true"));
    if stale {
        return Some(
            certain("The digest is right, but its nonce has become stale.")
                .because(challenge(reply))
                .because(
                    "The server says stale=true (RFC 7616 section 3.3): name and password fit.",
                )
                .hint("Connect again: a new challenge is got for each attempt.")
                .hint("Check whether requests go to several servers that do not share nonces."),
        );
    }
    let grant = e.request.credential.grant.as_ref();
    let used = grant.and_then(|grant| {
        let got = grant.more.iter().filter(|(name, _)| name == "challenge");
        realm(got.map(|(_, value)| value.as_str()))
    });
    let now = see::challenge_param(reply, "realm");
    if let (Some(used), Some(now)) = (&used, &now)
        && used != now
    {
        return Some(
            likely(format!(
                "The digest was made for the realm {}, and the server now asks for {}.",
                words::said_in(used, 60),
                words::said_in(now, 60)
            ))
            .because(challenge(reply))
            .because("The realm is a part of what is hashed, so the answer cannot fit.")
            .hint("Connect again: the new challenge is used then.")
            .hint("Check whether a proxy on the way asks for a login of its own."),
        );
    }
    let realm = now.map(|realm| format!(" for the realm {}", words::said_in(&realm, 60)));
    Some(
        certain(format!(
            "The server refused name and password{} (Digest).",
            realm.unwrap_or_default()
        ))
        .because(says(reply))
        .because(challenge(reply))
        .because(
            "The challenge is not stale, so it is name, password or the address that was hashed.",
        )
        .hint("Check name and password, also for blanks at their ends.")
        .hint("Check whether a proxy on the way changes the path or the query."),
    )
}
