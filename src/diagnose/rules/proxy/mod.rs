//! Rules of the way through a proxy.

mod connect;
mod reach;

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
];
