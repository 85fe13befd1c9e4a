//! Rules of refused logins, 401 and 403, and of credentials that could not be got.

pub(in crate::diagnose::rules) mod clock;
mod difference;
mod digest;
mod forbidden;
mod key;
mod obtaining;
mod origin;
mod unauthorized;
mod way;

use crate::core::evidence::{Evidence, ReplyFacts};
use crate::diagnose::rule::{FnRule, Rule};
use crate::diagnose::{see, words};

/// A login that was refused.
fn refused(e: &Evidence) -> Option<&ReplyFacts> {
    see::status(e, &[401, 403])
}

fn says(reply: &ReplyFacts) -> String {
    match reply.body.trim() {
        "" => format!("It answered {} without a text.", reply.status),
        body => format!("It answered {} and says {}.", reply.status, words::said(body)),
    }
}

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("http/401-no-credentials", unauthorized::no_credentials).vendors(),
    &FnRule::new("http/401-wrong-scheme", unauthorized::wrong_scheme).vendors(),
    &FnRule::new("http/401-bearer-expired", unauthorized::bearer_expired)
        .vendors()
        .over(&["http/401-bearer-invalid", "url/token-expired"]),
    &FnRule::new("http/401-bearer-invalid", unauthorized::bearer_invalid).vendors(),
    &FnRule::new("http/401-basic-refused", unauthorized::basic_refused).vendors(),
    &FnRule::new("http/401-token-early", clock::token_early)
        .over(&["http/401-bearer-invalid", "url/token-not-yet-valid"]),
    &FnRule::new("http/401-wrong-audience", way::wrong_audience).vendors(),
    &FnRule::new("http/401-wrong-way", way::wrong_way),
    &FnRule::new("http/401-wrong-region", way::wrong_region).vendors(),
    &FnRule::new("http/401-kept-token", way::kept)
        .over(&["http/401-bearer-invalid", "http/401-bearer-expired"]),
    &FnRule::new("http/401-digest-refused", digest::refused)
        .over(&["http/401-digest", "http/401-wrong-scheme"]),
    &FnRule::new("http/401-digest", digest::wanted)
        .over(&["http/401-wrong-scheme", "http/401-no-credentials"]),
    &FnRule::new("http/401-negotiate", unauthorized::negotiate)
        .over(&["http/401-wrong-scheme", "http/401-no-credentials"]),
    &FnRule::new("http/401-query-token", unauthorized::other_place),
    &FnRule::new("http/401-stripped", unauthorized::stripped),
    &FnRule::general("http/401-bare", unauthorized::bare).vendors(),
    &FnRule::new("http/401-api-key", key::api_key).vendors().over(&["http/401-no-credentials"]),
    &FnRule::new("http/401-signature-clock", clock::signature)
        .vendors()
        .over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-signature-mismatch", key::mismatch)
        .vendors()
        .over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-key-unknown", key::unknown).vendors().over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-key-locked", key::locked).vendors().over(&[
        "http/401-vendor-code",
        "http/429",
        "http/vendor-code",
    ]),
    &FnRule::new("http/401-key-near-lock", key::near_lock),
    &FnRule::new("http/401-vendor-code", key::vendor_code)
        .vendors()
        .over(&["http/401-no-credentials", "http/401-wrong-scheme"]),
    &FnRule::new("http/403-origin", origin::not_allowed).vendors(),
    &FnRule::new("http/403-origin-unwanted", origin::unwanted).vendors(),
    &FnRule::new("http/403-host-not-allowed", origin::host).vendors().over(&["http/403-origin"]),
    // All of these are in the vendors' tables.
    &FnRule::new("http/403-waf", |_| None).vendors(),
    &FnRule::new("http/403-ip", forbidden::address).vendors(),
    &FnRule::new("http/403-scope", forbidden::scope).vendors(),
    &FnRule::new("http/403-app-reject", forbidden::application).vendors(),
    &FnRule::new("http/403-envoy-upgrade", forbidden::envoy).vendors(),
    &FnRule::new("http/403-aws", forbidden::aws).vendors(),
    &FnRule::new("http/403-csrf", forbidden::csrf).vendors(),
    &FnRule::new("http/403-account", forbidden::account).vendors(),
    &FnRule::general("http/403-bare", forbidden::bare).vendors(),
    &FnRule::new("http/credential-unreachable", obtaining::unreachable),
    &FnRule::new("http/credential-refused", obtaining::refused),
    &FnRule::new("http/credential-unusable", obtaining::unusable),
    &FnRule::new("http/credential-denied", obtaining::denied),
    &FnRule::new("http/credential-timeout", obtaining::timed_out),
    &FnRule::new("http/credential-none", obtaining::none_found),
];
