//! Rules of refused logins: 401 and 403.

mod forbidden;
mod key;
mod origin;
mod unauthorized;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("http/401-no-credentials", unauthorized::no_credentials),
    &FnRule::new("http/401-wrong-scheme", unauthorized::wrong_scheme),
    &FnRule::new("http/401-bearer-expired", unauthorized::bearer_expired)
        .over(&["http/401-bearer-invalid"]),
    &FnRule::new("http/401-bearer-invalid", unauthorized::bearer_invalid),
    &FnRule::new("http/401-basic-refused", unauthorized::basic_refused),
    &FnRule::new("http/401-digest", unauthorized::digest)
        .over(&["http/401-wrong-scheme", "http/401-no-credentials"]),
    &FnRule::new("http/401-negotiate", unauthorized::negotiate)
        .over(&["http/401-wrong-scheme", "http/401-no-credentials"]),
    &FnRule::new("http/401-query-token", unauthorized::other_place),
    &FnRule::general("http/401-bare", unauthorized::bare),
    &FnRule::new("http/401-api-key", key::api_key).over(&["http/401-no-credentials"]),
    &FnRule::new("http/401-signature-clock", key::clock).over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-signature-mismatch", key::mismatch).over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-key-unknown", key::unknown).over(&["http/401-vendor-code"]),
    &FnRule::new("http/401-key-locked", key::locked).over(&[
        "http/401-vendor-code",
        "http/429",
        "http/vendor-code",
    ]),
    &FnRule::new("http/401-vendor-code", key::vendor_code)
        .over(&["http/401-no-credentials", "http/401-wrong-scheme"]),
    &FnRule::new("http/403-origin", origin::not_allowed),
    &FnRule::new("http/403-origin-unwanted", origin::unwanted),
    &FnRule::new("http/403-host-not-allowed", origin::host).over(&["http/403-origin"]),
    &FnRule::new("http/403-waf", forbidden::firewall),
    &FnRule::new("http/403-scope", forbidden::scope),
    &FnRule::new("http/403-app-reject", forbidden::application),
    &FnRule::new("http/403-envoy-upgrade", forbidden::envoy),
    &FnRule::new("http/403-aws", forbidden::aws),
    &FnRule::new("http/403-csrf", forbidden::csrf),
    &FnRule::new("http/403-account", forbidden::account),
    &FnRule::general("http/403-bare", forbidden::bare),
];
