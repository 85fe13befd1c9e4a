//! 401 by what was sent and what the challenge asks for (RFC 9110 section 11).

use crate::core::evidence::{Evidence, ReplyFacts};
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

fn refused(e: &Evidence) -> Option<&ReplyFacts> {
    see::status(e, &[401])
}

/// What the server said, its challenge included.
fn says(reply: &ReplyFacts) -> String {
    let challenge = reply
        .header("www-authenticate")
        .map(|value| format!(" Its challenge is {}.", words::said_in(value, 120)))
        .unwrap_or_default();
    match reply.body.trim() {
        "" => format!("It answered {}.{challenge}", reply.status),
        body => format!("It answered {} and says {}.{challenge}", reply.status, words::said(body)),
    }
}

/// What went out, without its value.
fn sent(e: &Evidence) -> String {
    format!("Sent: {}.", words::names(&e.request.credentials, 4))
}

/// What the token that was sent says of itself, as far as a server may dislike it.
fn token(e: &Evidence) -> String {
    let Some(token) = e.request.tokens.first() else { return String::new() };
    let mut parts = Vec::new();
    if let Some(iss) = &token.iss {
        parts.push(format!("made by {}", words::said_in(iss, 80)));
    }
    if !token.aud.is_empty() {
        parts.push(format!("for {}", words::said_in(&token.aud.join(", "), 80)));
    }
    if let Some(exp) = token.exp {
        parts.push(format!("good until {}", words::second(exp)));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("The token in {} is a JWT, {}.", words::name(&token.place), parts.join(", "))
}

fn has(list: &[String], scheme: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

pub(super) fn no_credentials(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    (!see::has_credentials(e)).then_some(())?;
    let schemes = see::challenges(reply);
    let draft = if schemes.is_empty() {
        certain("The server wants a login, and no credentials were sent.")
    } else {
        certain(format!(
            "The server wants a login ({}), and no credentials were sent.",
            words::names(&schemes, 3)
        ))
    };
    Some(
        draft
            .because(says(reply))
            .hint(match schemes.first() {
                Some(scheme) => {
                    format!("Choose {} in the Auth tab and fill it in.", words::name(scheme))
                }
                None => "Choose the login in the Auth tab that the vendor documents.".into(),
            })
            .hint("Check whether the server wants the token in the query instead of a header."),
    )
}

pub(super) fn wrong_scheme(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let wanted = see::challenges(reply);
    let sent = see::sent_scheme(e)?;
    (!wanted.is_empty() && !has(&wanted, &sent)).then_some(())?;
    Some(
        certain(format!(
            "The server wants {}, but {} was sent.",
            words::names(&wanted, 3),
            words::name(&sent)
        ))
        .because(says(reply))
        .hint(format!("Choose {} in the Auth tab.", words::name(&wanted[0]))),
    )
}

pub(super) fn bearer_expired(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let described = see::challenge_param(reply, "error_description").unwrap_or_default();
    let told = described.to_lowercase().contains("expired")
        || see::holds(
            reply,
            &["token expired", "token has expired", "jwt expired", "token is expired"],
        )
        .is_some();
    let ended = see::expired_token(e);
    (see::has_credentials(e) && (told || ended.is_some())).then_some(())?;
    let draft = match ended {
        Some((_, exp)) => certain(format!(
            "The token has expired, {} ago.",
            words::span(see::server_now(e).0.saturating_sub(exp.0))
        )),
        None => certain("The token has expired."),
    };
    let draft = draft.because(says(reply)).because(match ended {
        Some((token, exp)) => format!(
            "The token in {} says itself that it was good until {}.",
            words::name(&token.place),
            words::second(exp)
        ),
        None => String::new(),
    });
    // A token of our own is made by this machine's clock.
    let own = ["jwt", "azure-web-pubsub"].contains(&e.request.auth.as_str());
    let skew = reply.clock_skew_ms.unwrap_or(0) / 1000;
    if own && skew > 60 {
        let draft = draft.hint("Set the clock, best by the network (NTP).");
        return Some(super::clock::offer(e, skew, draft));
    }
    Some(
        draft
            .hint("Get a new token and paste all of it.")
            .hint("Check this machine's clock if the token is new."),
    )
}

pub(super) fn bearer_invalid(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let told = see::challenge_param(reply, "error").as_deref() == Some("invalid_token")
        || see::holds(
            reply,
            &["invalid token", "invalid_token", "jwt malformed", "invalid signature"],
        )
        .is_some();
    (see::has_credentials(e) && told).then_some(())?;
    let why = see::challenge_param(reply, "error_description").unwrap_or_default();
    let whole = "Paste the whole token again; a cut one looks the same.";
    Some(
        certain(match why.trim().trim_end_matches('.') {
            "" => "The server does not accept this token.".to_owned(),
            why => format!("The server does not accept this token: {}.", words::said_in(why, 100)),
        })
        .because(says(reply))
        .because(sent(e))
        .because(token(e))
        .hint("Check that the token is for this environment, audience and issuer.")
        .hint(if e.request.auth == "oauth2" {
            "Check scope and audience in the Auth tab, and get a new token."
        } else {
            whole
        }),
    )
}

pub(super) fn basic_refused(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let basic = see::sent_scheme(e)?.eq_ignore_ascii_case("basic");
    (basic && has(&see::challenges(reply), "basic")).then_some(())?;
    let realm = see::challenge_param(reply, "realm")
        .map(|realm| format!(" for the realm {}", words::said_in(&realm, 60)))
        .unwrap_or_default();
    Some(
        certain(format!("The server refused name and password{realm}."))
            .because(says(reply))
            .hint("Check name and password, also for blanks at their ends.")
            .hint("Check letters outside ASCII: servers disagree on how to read them."),
    )
}

pub(super) fn negotiate(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let wanted = see::challenges(reply);
    let windows =
        |s: &String| ["negotiate", "ntlm", "kerberos"].contains(&s.to_ascii_lowercase().as_str());
    (!wanted.is_empty() && wanted.iter().all(windows)).then_some(())?;
    Some(
        certain(
            "The server wants a Windows login (Kerberos or NTLM), which wsdeck does not speak.",
        )
        .because(says(reply))
        .because(
            "Such a login takes two or three exchanges on one connection and the machine's \
                 own domain login.",
        )
        .hint("Ask the operator for a token, Basic or Digest on this path.")
        .hint("Put a helper proxy in front that does the login, such as cntlm or px.")
        .hint("Use a client certificate if the server takes one."),
    )
}

pub(super) fn other_place(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let in_header = e.request.credentials.iter().any(|place| place.starts_with("header "));
    let in_query = e.request.credentials.iter().any(|place| place.starts_with("query "));
    let silent = reply.header("www-authenticate").is_none() && reply.body.trim().is_empty();
    (in_header != in_query && silent).then_some(())?;
    let (here, there) = if in_header {
        ("a header", "a query parameter such as token or access_token, or a subprotocol")
    } else {
        ("the query", "the Authorization header")
    };
    Some(
        possible("The server may read the token at another place.")
            .because(format!("It was sent in {here}, and the refusal names no scheme."))
            .because(says(reply))
            .hint(format!("Check the vendor's documentation; the other usual place is {there}."))
            .hint("Check before trying: each try counts as a login, and some servers lock after a few."),
    )
}

/// Header lines that only an intermediary adds.
const INTERMEDIARIES: [&str; 4] = ["via", "x-cache", "cf-ray", "x-amz-cf-id"];

pub(super) fn stripped(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let dropped = e.redirects.iter().find(|redirect| !redirect.dropped.is_empty());
    let draft = if let Some(redirect) = dropped {
        likely("The credentials were left behind at a redirect.").because(format!(
            "The redirect from {} to {} was followed without {}, since credentials never go to \
             another host by themselves.",
            words::name(&redirect.from),
            words::name(&redirect.to),
            words::names(&redirect.dropped, 4)
        ))
    } else {
        let header = e.request.credentials.iter().any(|place| place.starts_with("header "));
        let by = INTERMEDIARIES.iter().find(|name| reply.header(name).is_some())?;
        (header && reply.body.trim().is_empty()).then_some(())?;
        possible("The Authorization header may have been lost on the way.").because(format!(
            "The answer came through an intermediary (header {by}), and some pass on no \
             credentials."
        ))
    };
    Some(
        draft
            .because(says(reply))
            .hint("Use the final address directly.")
            .hint("Check at the proxy or content network which headers it passes on."),
    )
}

pub(super) fn bare(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    Some(
        certain(match reply.body.trim() {
            "" => "The server refuses the login and does not say why.".to_owned(),
            body => format!("The server refuses the login: {}.", words::said_in(body, 100)),
        })
        .because(says(reply))
        .because(if see::has_credentials(e) { sent(e) } else { "Nothing was sent.".into() })
        .because(token(e))
        .hint("Check the credential, its end and its place.")
        .hint("Compare with the example in the vendor's documentation."),
    )
}
