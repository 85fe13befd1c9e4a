//! Rules of the way through a proxy.

mod between;
mod connect;
mod fix;
mod reach;
mod socks;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("proxy/refused", reach::refused),
    &FnRule::new("proxy/unresolved", reach::unresolved),
    &FnRule::new("proxy/env-surprise", reach::env_surprise),
    &FnRule::new("proxy/unsupported", reach::unsupported),
    &FnRule::general("proxy/auth-407", connect::auth_407),
    &FnRule::new("proxy/auth-ntlm", connect::auth_ntlm),
    &FnRule::new("proxy/connect-403", connect::connect_403),
    &FnRule::new("proxy/connect-5xx", connect::connect_5xx),
    &FnRule::new("proxy/silent", connect::silent),
    &FnRule::new("proxy/closed", connect::closed),
    &FnRule::new("proxy/kind-mismatch", connect::kind_mismatch),
    &FnRule::new("proxy/tls-to-plain-proxy", reach::tls_to_plain),
    &FnRule::new("proxy/tls-failed", reach::tls_failed),
    &FnRule::new("proxy/socks-auth", socks::auth),
    &FnRule::new("proxy/socks-reply", socks::reply),
    &FnRule::new("proxy/plain-ws", between::plain_ws).over(&[
        "http/200-plain-endpoint",
        "http/501-505",
        "http/400-bare",
        "http/502",
        "http/503",
    ]),
    &FnRule::new("proxy/inspection-strips-upgrade", between::strips_upgrade).over(&[
        "http/200-plain-endpoint",
        "http/400-bare",
        "http/403-bare",
        "http/426-upgrade",
        "http/silent",
    ]),
    &FnRule::new("proxy/captive-portal", between::captive_portal).over(&[
        "http/redirect-login",
        "http/redirect-other-host",
        "http/other-status",
    ]),
];
